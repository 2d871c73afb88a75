"""What accounts pay a year, in the organization's one currency at the rates of the settings in force.

An amount without a rate is never taken for one of that currency: it is left out and named.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from health.metrics.cases import Cases
from health.metrics.licenses import ARR, IN_FORCE, arr_before
from health.metrics.read import rows, summed
from health.metrics.rules import Rules


@dataclass(frozen=True)
class Yearly:
    """ARR by account on a day, and so many days before at the same rates; what has no rate, by currency."""

    currency: str
    now: Mapping[int, float]
    before: Mapping[int, float]
    left_out: tuple[tuple[str, int], ...] = ()


def yearly(accounts: Sequence[int], day: dt.date, rules: Rules, *, before: int) -> Yearly:
    """The ARR of each account on `day`, and `before` days earlier."""
    if not accounts:
        return Yearly(rules.currency, {}, {})
    cases, earlier = Cases.on(accounts, day), arr_before(before)
    found = summed({ARR, earlier}, cases, cases.days, rules)
    now, then = (dict(zip(accounts, found[column].tolist(), strict=True)) for column in (ARR, earlier))
    return Yearly(rules.currency, now, then, left_out(cases, rules))


def yearly_on(cases: Cases, rules: Rules) -> list[float]:
    """The ARR of each case, at the rates of its day."""
    amounts: list[float] = summed({ARR}, cases, cases.days, rules)[ARR].tolist() if len(cases) else []
    return amounts


def left_out(cases: Cases, rules: Rules) -> tuple[tuple[str, int], ...]:
    """How many recurring amounts have no rate on their day, by currency."""
    unrated = "rate.rate is null and f.amount is not null and f.interval <> 'once'"
    amounts: Counter[str] = Counter()
    for _, currency, count in rows(IN_FORCE, "f.currency, count(*)", unrated, cases, rules):
        amounts[currency] += count
    return tuple(sorted(amounts.items()))
