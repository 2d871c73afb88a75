"""The way to a better band, in natural units: the fewest steps, what does it alone, and what stands in the way."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.models import Task
from health import words
from health.acts import act
from health.inputs import ONLY, Inputs, some_number
from health.scoring.card import Band
from health.scoring.path import Move, Path, path
from health.words import as_shown

# Where none is left there is no oldest one: the step that closes the last lifts a guard on its age.
COUNTED = {"oldest_open_ticket": "open_tickets", "oldest_escalated_ticket": "escalated_tickets"}


@dataclass(frozen=True)
class Step:
    """One thing to do on the way to a band: the act, what would have to be read, what that gains, where the score then stands."""

    act: str
    label: str
    says: str
    gain: float
    score: float

    @property
    def why_task(self) -> str:
        return f"{self._about}{self.says}), +{self.gain:.1f} to {self.score:.1f}"

    @property
    def _about(self) -> str:
        """What a task of this measure has for its reason, whatever the readings of its day were."""
        return f"Path: {self.label} ("

    def task_of(self, tasks: Iterable[Task]) -> Task | None:
        """That of the tasks which was made of this step."""
        return next((task for task in tasks if task.reason.startswith(self._about)), None)


@dataclass(frozen=True)
class Way:
    """The way to a band that begins at `edge`, and tomorrow for this account at `target`. `alone` does it by itself; `to_be_read` are the measures that an unknown account needs read."""

    to: Band
    edge: float
    target: float
    short: float | None
    steps: tuple[Step, ...]
    reaches: bool
    alone: tuple[Step, ...]
    guards: tuple[str, ...]
    unread: tuple[str, ...]
    to_be_read: tuple[str, ...]

    @property
    def is_there(self) -> bool:
        """The score is there; only guards, if anything, are in the way."""
        return self.short == 0

    @property
    def others_alone(self) -> tuple[Step, ...]:
        """What does it alone, beside what stands as the only step."""
        return tuple(step for step in self.alone if self.steps != (step,))

    @property
    def stops_at(self) -> float | None:
        """The score that all of its steps together come to; None without a step."""
        return self.steps[-1].score if self.steps else None

    @property
    def word(self) -> str:
        return words.band(self.to)


def way_to(inputs: Inputs, to: Band) -> Way:
    """What would have to be read for the score to reach a band."""
    domains = {
        measure.key: words.domain(inputs.asked[measure.slot].metric, int(inputs.n[ONLY, measure.slot]))
        for measure in inputs.card.measures
    }
    found = path(inputs.card, inputs.readings, inputs.before, to, domains)
    return Way(
        to=to,
        edge=inputs.card.green if to == Band.GREEN else inputs.card.yellow,
        target=found.target,
        short=some_number(found.short),
        steps=_steps(inputs, found.together),
        reaches=found.reaches,
        alone=tuple(_step(inputs, move, inputs.snapshot.score or 0.0) for _, move in found.alone if move is not None),
        guards=_guards(inputs, found),
        unread=_unread(inputs, found),
        to_be_read=tuple(measure.key for measure in found.wanted),
    )


def _guards(inputs: Inputs, found: Path) -> tuple[str, ...]:
    """The guards that would still hold at the end of the way."""
    closed = {inputs.asked[move.measure.slot].metric.key for move in found.together if move.reading == 0}
    left = ((inputs.parts.guards[index], inputs.asked[inputs.card.guards[index].slot]) for index in found.guards)
    return tuple(words.guard(rule, asked) for rule, asked in left if COUNTED.get(asked.metric.key) not in closed)


def _steps(inputs: Inputs, moves: Sequence[Move]) -> tuple[Step, ...]:
    """Moves one after the other; the gains shown are the differences of the scores shown."""
    steps, score = [], inputs.snapshot.score or 0.0
    for move in moves:
        steps.append(_step(inputs, move, score))
        score = move.score
    return tuple(steps)


def _step(inputs: Inputs, move: Move, score: float) -> Step:
    slot = move.measure.slot
    asked, n = inputs.asked[slot], int(inputs.n[ONLY, slot])
    return Step(
        act=act(asked, move.present, move.reading, n),
        label=words.name(asked),
        says=words.moved(asked.metric, move.present, move.reading, n),
        gain=words.movement(score, move.score),
        score=as_shown(move.score),
    )


def _unread(inputs: Inputs, found: Path) -> tuple[str, ...]:
    """What measures without a reading would have to read for that alone to do it: `NPS at least +37`."""
    said = []
    for answer in found.unread:
        asked = inputs.asked[answer.measure.slot]
        if answer.any_does:
            said.append(f"{words.name(asked)} whatever it says")
        elif answer.reading is not None:
            bound = words.at_least_as_far(asked.metric, answer.reading, -math.inf if answer.at_least else math.inf)
            least = "at least" if answer.at_least else "at most"
            said.append(f"{words.name(asked)} {least} {words.amount(asked.metric, bound)}")
    return tuple(said)
