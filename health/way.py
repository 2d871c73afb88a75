"""The way to a better band, in natural units: the fewest steps, what does it alone, and what stands in the way."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from health import words
from health.inputs import ONLY, Inputs, some_number
from health.scoring.card import Band
from health.scoring.path import Move, Moves, Path, path
from health.words import as_shown


@dataclass(frozen=True)
class Step:
    """One thing to do on the way to a band: what would have to be read, what that gains, where the score then stands."""

    label: str
    says: str
    gain: float
    score: float
    needs_time: bool

    @property
    def as_task(self) -> str:
        """What somebody would write down to do."""
        return f"{self.label}: {self.says}"

    @property
    def why_task(self) -> str:
        return f"Path: +{self.gain:.1f} to {self.score:.1f}"


@dataclass(frozen=True)
class Way:
    """The way to a band that begins at `edge`, and tomorrow for this account at `target`. `alone` does it by itself; `cannot` does not even at its best; `immovable` nobody can move."""

    to: Band
    edge: float
    target: float
    short: float | None
    steps: tuple[Step, ...]
    reaches: bool
    alone: tuple[Step, ...]
    cannot: tuple[str, ...]
    immovable: tuple[str, ...]
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
    def word(self) -> str:
        return words.band(self.to)


def way_to(inputs: Inputs, to: Band) -> Way:
    """What would have to be read for the score to reach a band."""
    domains = {
        measure.key: words.domain(inputs.asked[measure.slot].metric, int(inputs.n[ONLY, measure.slot]))
        for measure in inputs.card.measures
    }
    found = path(inputs.card, inputs.readings, inputs.before, to, domains)
    labels = {measure.key: words.name(inputs.asked[measure.slot]) for measure in inputs.card.measures}
    effective = inputs.verdict.effective[ONLY]
    return Way(
        to=to,
        edge=inputs.card.green if to == Band.GREEN else inputs.card.yellow,
        target=found.target,
        short=some_number(found.short),
        steps=_steps(inputs, found.together),
        reaches=found.reaches,
        alone=tuple(_step(inputs, move, inputs.snapshot.score or 0.0) for _, move in found.alone if move is not None),
        cannot=tuple(labels[measure.key] for measure, move in found.alone if move is None),
        immovable=tuple(
            labels[measure.key]
            for index, measure in enumerate(inputs.card.measures)
            if effective[index] > 0 and domains[measure.key].moves == Moves.NO
        ),
        guards=tuple(
            words.guard(inputs.parts.guards[index], inputs.asked[inputs.card.guards[index].slot])
            for index in found.guards
        ),
        unread=_unread(inputs, found),
        to_be_read=tuple(labels[measure.key] for measure in found.wanted),
    )


def _steps(inputs: Inputs, moves: Sequence[Move]) -> tuple[Step, ...]:
    """Moves one after the other; the gains shown are the differences of the scores shown."""
    steps, score = [], inputs.snapshot.score or 0.0
    for move in moves:
        steps.append(_step(inputs, move, score))
        score = move.score
    return tuple(steps)


def _step(inputs: Inputs, move: Move, score: float) -> Step:
    slot = move.measure.slot
    asked = inputs.asked[slot]
    return Step(
        label=words.name(asked),
        says=words.moved(asked.metric, move.present, move.reading, int(inputs.n[ONLY, slot])),
        gain=round(as_shown(move.score) - as_shown(score), 1),
        score=as_shown(move.score),
        needs_time=asked.metric.moves == Moves.TIME,
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
