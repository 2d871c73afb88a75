"""What is said beside the measures of a score: from when one counts that is too young yet, of what never happened since when
the days are counted, and what somebody can do so that a measure is read."""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from health.charts.account import Charts
from health.explain import Explanation, MeasureLine
from health.facts import Touches
from health.scoring.card import State
from health.scoring.judge import whole_percent


class Do(enum.StrEnum):
    """What helps to get a measure read: it is logged by hand, or a source has to bring it."""

    TOUCHPOINT = "touchpoint"
    PULSE = "pulse"
    SOURCE = "source"
    NOTHING = ""


BY_HAND = {"touchpoints": Do.TOUCHPOINT, "pulses": Do.PULSE}


@dataclass(frozen=True)
class Unread:
    """A measure without a reading, and what can be done about it. `from_day`: it counts by itself from then on."""

    line: MeasureLine
    do: Do
    from_day: dt.date | None = None


@dataclass(frozen=True)
class Wait:
    """From `day` on measures count that are too young until then, and coverage suffices by their weights alone."""

    day: dt.date
    percent: int
    lines: tuple[MeasureLine, ...]


@dataclass(frozen=True)
class Remarks:
    """Measure → the day from which it counts; metric → the day from which days are counted because nothing ever happened.
    `unread`: those whose reading would give an unknown account its band, then those about which somebody can do something.
    `wait`: when it gets a band by waiting alone."""

    counts_from: Mapping[str, dt.date] = field(default_factory=dict)
    since: Mapping[str, dt.date] = field(default_factory=dict)
    unread: tuple[Unread, ...] = ()
    wait: Wait | None = None


def remarks(it: Explanation, charts: Charts, touches: Touches) -> Remarks:
    counts = _counts_from(it, charts)
    never = {"days_since_touchpoint": not touches.by(it.day), "days_since_last_use": not charts.told}
    read = {asked.metric.key: it.inputs.at(slot) for slot, asked in enumerate(it.inputs.asked)}
    since = {
        key: it.day - dt.timedelta(days=round(value))
        for key, (value, _, _, state) in read.items()
        if never.get(key) and not state.is_missing
    }
    if not it.is_unknown:
        return Remarks(counts, since)
    return Remarks(counts, since, _unread(it, counts), _wait(it, counts))


def _counts_from(it: Explanation, charts: Charts) -> dict[str, dt.date]:
    young = {line.key for line in it.measures if line.state == State.TOO_YOUNG}
    needed = {one.key: it.inputs.asked[one.slot].days_needed for one in it.inputs.card.measures if one.key in young}
    return {key: charts.born + dt.timedelta(days=days - 1) for key, days in needed.items()}


def _wait(it: Explanation, counts: Mapping[str, dt.date]) -> Wait | None:
    """The first day on which the young measures that count by then bring coverage to what is needed."""
    card = it.inputs.card
    weights = {measure.key: float(weight) for measure, weight in zip(card.measures, card.nominal, strict=True)}
    for day in sorted(set(counts.values())):
        young = tuple(line for line in it.measures if line.key in counts and counts[line.key] <= day)
        percent = int(whole_percent(np.asarray(it.coverage + sum(weights[line.key] for line in young))))
        if percent >= it.needed_percent and all(line in young for line in it.lacking):
            return Wait(day, percent, tuple(line for line in young if weights[line.key] > 0))
    return None


def _unread(it: Explanation, counts: Mapping[str, dt.date]) -> tuple[Unread, ...]:
    lines = {line.key: line for line in it.measures}
    wanted = [Unread(lines[key], _do(lines[key]), counts.get(key)) for key in it.green.to_be_read]
    others = [Unread(line, _do(line)) for key, line in lines.items() if key not in it.green.to_be_read]
    mendable = [one for one in others if one.line.points is None and one.line.nominal > 0 and one.do]
    return (*wanted, *mendable)


def _do(line: MeasureLine) -> Do:
    """Waiting is all there is to it while an account is too young; what is logged by hand is a person's to mend."""
    if line.state == State.TOO_YOUNG or not line.state.is_missing:
        return Do.NOTHING
    for kind, do in BY_HAND.items():
        if kind in line.metric.streams:
            return do
    return Do.SOURCE if line.state in (State.NOT_CONNECTED, State.NEVER) else Do.NOTHING
