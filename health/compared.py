"""What a reading is compared with: the account's own of a month and of a year before, and those of the other accounts on the
same scorecard. All of it stands on today's scale."""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from health import words
from health.inputs import Inputs, inputs_of
from health.models import Snapshot, Spread
from health.scoring.card import Measure
from health.spreads import spreads

MONTH, YEAR = 30, 365
# So many others fit between percentiles, one or none in each.
EXACTLY = 100


@dataclass(frozen=True)
class Other:
    """Another reading: in words, and the points that it would have now."""

    reading: str
    points: float


@dataclass(frozen=True)
class Peers:
    """The accounts on the same scorecard version that have a reading, and how many of the `others` read lower and higher: up
    to a hundred exactly, else to the percent."""

    median: Other
    accounts: int
    others: int
    lower: int
    higher: int

    @property
    def said(self) -> str:
        """`4 of 18 others read lower, 14 higher`; of very many in percent."""
        if self.others <= EXACTLY:
            return f"{self.lower} of {self.others} others read lower, {self.higher} higher"
        lower, higher = (round(100 * some / self.others) for some in (self.lower, self.higher))
        return f"{lower}{words.NBSP}% of the others read lower, {higher}{words.NBSP}% higher"


@dataclass(frozen=True)
class Compared:
    """One measure beside others; None where there is nothing to compare with."""

    month: Other | None
    year: Other | None
    peers: Peers | None


def compared(inputs: Inputs) -> dict[str, Compared]:
    """Measure → what its reading is compared with."""
    day, account = inputs.snapshot.day, inputs.snapshot.account_id
    days = {span: day - dt.timedelta(days=span) for span in (MONTH, YEAR)}
    stored = {one.day: one for one in Snapshot.objects.filter(account=account, day__in=days.values())}
    then = {span: dict(_readings(inputs, stored[on])) for span, on in days.items() if on in stored}
    spread = spreads(day, inputs.version.pk)
    return {
        measure.key: Compared(
            month=_other(inputs, measure, then.get(MONTH, {}).get(measure.key)),
            year=_other(inputs, measure, then.get(YEAR, {}).get(measure.key)),
            peers=_peers(inputs, measure, spread),
        )
        for measure in inputs.card.measures
    }


def _readings(now: Inputs, then: Snapshot) -> Iterator[tuple[str, float]]:
    """What each measure read then, on whatever version."""
    inputs = inputs_of(then, like=now)
    for measure in inputs.card.measures:
        value, _, _, state = inputs.at(measure.slot)
        if not state.is_missing:
            yield measure.key, value


def _other(inputs: Inputs, measure: Measure, value: float | None) -> Other | None:
    if value is None:
        return None
    points = float(measure.scale.at(np.asarray(value)))
    return Other(words.amount(inputs.asked[measure.slot].metric, value), points)


def _peers(inputs: Inputs, measure: Measure, spread: Mapping[int, Spread]) -> Peers | None:
    of = spread.get(measure.slot)
    if of is None:
        return None
    value, _, _, state = inputs.at(measure.slot)
    steps = of.percentiles
    median = _other(inputs, measure, steps[len(steps) // 2])
    assert median is not None
    others = of.accounts - 1
    if state.is_missing:
        return Peers(median, of.accounts, others, 0, 0)
    return Peers(median, of.accounts, others, *lower_and_higher(steps, value, others))


def lower_and_higher(steps: Sequence[float], value: float, others: int) -> tuple[int, int]:
    """How many of the others read less and how many more, given the percentiles of all, ours among them.

    These lie on lines between readings, up to rounding. With k lower ones the first as high as ours stands at 100 k / others
    percent, so that as many percentiles, rounded up, are below it; likewise above.
    """
    near = 1e-9 * max(1.0, abs(value))
    below, above = bisect_left(steps, value - near), len(steps) - bisect_right(steps, value + near)
    return below * others // 100, above * others // 100
