"""Why it is this score, and what would change it: from a stored snapshot alone, with the version it was judged by.

Nothing is read anew. Every number that a page shows is here, so that a person can recompute the score by hand, and
`verify` does so by machine.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from accounts.models import Account
from health import words
from health.guards import GuardLine, guard_lines
from health.inputs import ONLY, Check, Inputs, inputs_of, some_number, verify
from health.metrics.declare import Metric
from health.models import LineUpEntry, Override, Run, ScorecardVersion, Settings, Snapshot
from health.scoring import parts as scoring_parts
from health.scoring.card import Band, Card, Missing, State, outweighing
from health.scoring.judge import Verdict, edges, margin_decides, remembered, targets, whole_percent
from health.scoring.parts import largest_remainder
from health.scoring.scale import Scale
from health.way import Way, way_to
from health.words import as_shown


@dataclass(frozen=True)
class MeasureLine:
    """One measure: what was read, the points that gives, its weight, what it adds to the score and keeps from it.

    Weights are in percent of the score. `adds` and `lost` are rounded so that they add up to their group's; `exact` is
    what it adds before that. `nominal_share` and `share` are the weights as parts of 1, unrounded. `reason` says why a reading does not count, or since when it is held.
    """

    key: str
    label: str
    metric: Metric
    reading: str
    over: str
    value: float | None
    n: int
    age: int
    state: State
    reason: str
    scale: Scale
    points: float | None
    silence_counts: bool
    nominal: float
    effective: float
    nominal_share: float
    share: float
    outweighs: bool
    adds: float
    exact: float
    lost: float
    guarded: bool
    required: bool
    goes_to: str
    gives: str

    @property
    def tag(self) -> str:
        """The reason in a word or two: `too few`."""
        return self.reason.partition(": ")[0]

    @property
    def detail(self) -> str:
        """What else there is to say of the reason: `1, and 3 are needed`. Of a held reading, all of it."""
        return self.reason if self.is_held else self.reason.partition(": ")[2]

    @property
    def is_held(self) -> bool:
        return self.state in (State.HELD, State.HELD_TOO_LONG)


@dataclass(frozen=True)
class GroupLine:
    """Measures that are weighted together, and what they add up to."""

    label: str
    points: float | None
    effective: float
    adds: float
    lost: float
    measures: tuple[MeasureLine, ...]


@dataclass(frozen=True)
class Edges:
    """Where green and yellow begin: as published, as they stood for this case, and as they will tomorrow."""

    green: float
    yellow: float
    green_now: float
    yellow_now: float
    green_next: float
    yellow_next: float
    margin: float
    margin_decides: bool
    held: str


@dataclass(frozen=True)
class Explanation:
    """A snapshot, explained. `score` is as stored, `shown` rounded once."""

    account: Account
    inputs: Inputs
    day: dt.date
    known_at: dt.datetime
    which: int
    score: float | None
    shown: float | None
    scored: Band
    computed: Band
    effective: Band
    coverage: float
    coverage_percent: int
    needed_percent: int
    scorecard: ScorecardVersion
    why: str
    settings: int
    edges: Edges
    groups: tuple[GroupLine, ...]
    guards: tuple[GuardLine, ...]
    override: Override | None
    green: Way
    yellow: Way
    check: Check

    @property
    def measures(self) -> tuple[MeasureLine, ...]:
        return tuple(line for group in self.groups for line in group.measures)

    @property
    def by_lost(self) -> tuple[MeasureLine, ...]:
        """The measures that keep most from the score first."""
        return tuple(sorted(self.measures, key=lambda line: -line.lost))

    @property
    def is_unknown(self) -> bool:
        """Whether the score, if there is one, gives no band."""
        return self.scored == Band.UNKNOWN

    @property
    def read(self) -> int:
        """How many measures count in the score."""
        return sum(line.points is not None and line.effective > 0 for line in self.measures)

    @property
    def lost(self) -> float | None:
        return None if self.shown is None else round(100 - self.shown, 1)

    @property
    def heaviest(self) -> float:
        """The most that one measure weighs: what the bars share as their scale."""
        return max((line.effective for line in self.measures), default=0.0)

    @property
    def holding(self) -> tuple[GuardLine, ...]:
        return tuple(line for line in self.guards if line.holds)

    @property
    def idle(self) -> tuple[GuardLine, ...]:
        return tuple(line for line in self.guards if not line.holds)

    @property
    def capping(self) -> tuple[GuardLine, ...]:
        """The guards for which the band is worse than the score alone gives."""
        return tuple(line for line in self.guards if line.changes)

    @property
    def would_apply(self) -> tuple[str, ...]:
        """The guards that the way leaves in force, beside those whose lifting is where it begins."""
        capping = {line.label for line in self.capping}
        return tuple(label for label in self.way.guards if label not in capping)

    @property
    def settled(self) -> bool:
        return self.which == Run.Pass.SETTLED

    @property
    def lacking(self) -> tuple[MeasureLine, ...]:
        """Required measures without a reading."""
        return tuple(line for line in self.measures if line.required and line.state.is_missing)

    @property
    def way(self) -> Way:
        """The next band up: green, but where the score is red and green is out of reach, yellow."""
        return self.yellow if self.scored == Band.RED and not self.green.reaches else self.green


def explained(account: Account, day: dt.date | None = None) -> Explanation | None:
    """Explain the snapshot of `day`, or the latest one. None where there is none."""
    stored = Snapshot.objects.filter(account=account)
    snapshot = (stored.filter(day=day) if day else stored.order_by("-day")).first()
    return None if snapshot is None else explanation_of(account, snapshot)


def explanation_of(account: Account, snapshot: Snapshot) -> Explanation:
    """Everything there is to say of a snapshot."""
    inputs = inputs_of(snapshot)
    verdict, version = inputs.verdict, inputs.version
    entries = LineUpEntry.objects.filter(line_up=snapshot.line_up_id, scorecard=version.scorecard_id)
    score = snapshot.score
    return Explanation(
        account=account,
        inputs=inputs,
        day=snapshot.day,
        known_at=snapshot.known_at,
        which=snapshot.which,
        score=score,
        shown=None if score is None else as_shown(score),
        scored=Band(snapshot.scored),
        computed=Band(snapshot.computed),
        effective=Band(snapshot.effective),
        coverage=snapshot.coverage,
        coverage_percent=_percent(snapshot.coverage),
        needed_percent=_percent(inputs.card.min_coverage),
        scorecard=version,
        why=" or ".join(entry.segment for entry in entries if entry.segment),
        settings=Settings.objects.values_list("number", flat=True).get(pk=snapshot.settings_id),
        edges=_edges(inputs),
        groups=_groups(inputs, verdict),
        guards=guard_lines(inputs, verdict),
        override=inputs.override,
        green=way_to(inputs, Band.GREEN),
        yellow=way_to(inputs, Band.YELLOW),
        check=verify(snapshot, inputs),
    )


def nearest_day(account: Account, day: dt.date) -> dt.date | None:
    """The day of the latest snapshot before `day`, else of the first one after it."""
    stored = Snapshot.objects.filter(account=account).values_list("day", flat=True)
    before = stored.filter(day__lt=day).order_by("-day").first()
    return before or stored.filter(day__gt=day).order_by("day").first()


def _percent(coverage: float) -> int:
    return int(whole_percent(np.asarray(coverage)))


# --- Bands -----------------------------------------------------------------------------------------------------------


def _edges(inputs: Inputs) -> Edges:
    card, verdict = inputs.card, inputs.verdict
    green, yellow = edges(card, inputs.before)
    green_next, yellow_next = targets(card, remembered(card, verdict, inputs.before))
    decides = bool(margin_decides(card, verdict)[ONLY])
    now = {Band.GREEN: float(green[ONLY]), Band.YELLOW: float(yellow[ONLY])}
    return Edges(
        green=card.green,
        yellow=card.yellow,
        green_now=now[Band.GREEN],
        yellow_now=now[Band.YELLOW],
        green_next=float(green_next[ONLY]),
        yellow_next=float(yellow_next[ONLY]),
        margin=card.margin,
        margin_decides=decides,
        held=_held(card, Band(int(verdict.scored[ONLY])), as_shown(float(verdict.score[ONLY])), now) if decides else "",
    )


def _held(card: Card, band: Band, score: float, now: dict[Band, float]) -> str:
    """`still yellow: green from 72.0`."""
    plainly = Band.GREEN if score >= card.green else Band.YELLOW if score >= card.yellow else Band.RED
    if plainly > band:
        better = Band(band + 1)
        return f"still {words.band(band)}: {words.band(better)} from {now[better]:.1f}"
    return f"still {words.band(band)}: {words.band(band - 1)} under {now[band]:.1f}"


# --- Groups and measures ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Shares:
    """Per measure, in the order of the card: what is printed, which adds up measure by measure and group by group."""

    groups: tuple[float, ...]
    measures: tuple[float, ...]

    @classmethod
    def of(cls, card: Card, exact: Sequence[float], whole: float, decimals: int = 1) -> "_Shares":
        by_group: list[list[int]] = [[] for _ in card.groups]
        for index, measure in enumerate(card.measures):
            by_group[measure.group].append(index)
        sums = largest_remainder([sum(exact[index] for index in own) for own in by_group], whole, decimals)
        printed = [0.0] * len(exact)
        for own, total in zip(by_group, sums, strict=True):
            for index, share in zip(
                own, largest_remainder([exact[index] for index in own], total, decimals), strict=True
            ):
                printed[index] = share
        return cls(tuple(sums), tuple(printed))


def _groups(inputs: Inputs, verdict: Verdict) -> tuple[GroupLine, ...]:
    card = inputs.card
    points, effective = verdict.points[ONLY], verdict.effective[ONLY]
    exact = scoring_parts.contributions(effective, points)
    score = float(verdict.score[ONLY])
    shown = 0.0 if math.isnan(score) else as_shown(score)
    scored = not math.isnan(score)
    adds = _Shares.of(card, exact.tolist(), shown)
    lost = _Shares.of(card, scoring_parts.lost(effective, points).tolist(), 100 - shown if scored else 0.0)
    weights = _Shares.of(card, (100 * effective).tolist(), 100.0 if scored else 0.0, decimals=2)
    lines = _measures(inputs, adds, lost, weights, exact.tolist())
    groups = []
    for index, group in enumerate(inputs.parts.groups):
        own = [place for place, measure in enumerate(card.measures) if measure.group == index]
        weight = float(effective[own].sum())
        groups.append(
            GroupLine(
                label=group.label,
                points=float(exact[own].sum()) / weight if weight > 0 else None,
                effective=weights.groups[index],
                adds=adds.groups[index],
                lost=lost.groups[index],
                measures=tuple(lines[place] for place in own),
            )
        )
    return tuple(group for group in groups if group.measures)


def _measures(
    inputs: Inputs, adds: _Shares, lost: _Shares, weights: _Shares, exact: Sequence[float]
) -> list[MeasureLine]:
    card, verdict = inputs.card, inputs.verdict
    heavier = outweighing(card, verdict.effective)[ONLY]
    guarded = {guard.slot for guard in card.guards}
    lines = []
    for index, measure in enumerate(card.measures):
        slot, asked = measure.slot, inputs.asked[measure.slot]
        value, n, age, state = inputs.at(slot)
        points = some_number(float(verdict.points[ONLY, index]))
        lines.append(
            MeasureLine(
                key=measure.key,
                label=words.name(asked),
                metric=asked.metric,
                reading=words.amount(asked.metric, value),
                over=words.over(asked.metric, value, n),
                value=some_number(value),
                n=n,
                age=age,
                state=state,
                reason=words.reason(asked, state, n, age, inputs.snapshot.day),
                scale=measure.scale,
                points=points,
                silence_counts=state.is_missing and points is not None,
                nominal=round(100 * float(card.nominal[index]), 2),
                effective=weights.measures[index],
                nominal_share=float(card.nominal[index]),
                share=float(verdict.effective[ONLY, index]),
                outweighs=bool(heavier[index]),
                adds=adds.measures[index],
                exact=exact[index],
                lost=lost.measures[index],
                guarded=slot in guarded,
                required=measure.missing == Missing.REQUIRE,
                goes_to=_goes_to(inputs, index) if points is None else "",
                gives=_goes_to(inputs, index, most=1) if points is None else "",
            )
        )
    return lines


def _goes_to(inputs: Inputs, index: int, most: int = 4) -> str:
    """Where the weight of a measure without points went; at most so many that took it are named."""
    card, effective = inputs.card, inputs.verdict.effective[ONLY]
    weight = 100 * float(card.nominal[index])
    if weight == 0 or not effective.any():
        return ""
    own = card.measures[index].group
    takers = [
        words.name(inputs.asked[measure.slot])
        for place, measure in enumerate(card.measures)
        if measure.group == own and effective[place] > 0
    ]
    to = "the other groups" if not takers else " and ".join(takers) if len(takers) <= most else f"{len(takers)} others"
    return f"{weight:.2f} goes to {to}"
