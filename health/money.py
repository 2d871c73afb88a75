"""What accounts pay a year, in the organization's one currency at the rates of the settings in force.

An amount without a rate is never taken for one of that currency: it is left out and named.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from health.metrics.cases import Cases
from health.metrics.licenses import ARR, IN_FORCE, NOT_CONVERTED, arr_before
from health.metrics.read import rows, summed
from health.metrics.rules import Rules
from health.scoring.scale import Floats


@dataclass(frozen=True)
class Yearly:
    """ARR of each account on a day, and so many days before at the same rates; what has no rate, by currency, and of which
    accounts it is."""

    currency: str
    now: Floats
    before: Floats
    left_out: tuple[tuple[str, int], ...] = ()
    unrated: frozenset[int] = frozenset()


def yearly(accounts: Sequence[int], day: dt.date, rules: Rules, *, before: int) -> Yearly:
    """The ARR of each account on `day`, and `before` days earlier."""
    if not accounts:
        return Yearly(rules.currency, np.zeros(0), np.zeros(0))
    cases, earlier = Cases.on(accounts, day), arr_before(before)
    found = summed({ARR, NOT_CONVERTED, earlier}, cases, cases.days, rules)
    unrated = _unrated(cases.of(np.flatnonzero(found[NOT_CONVERTED] > 0).tolist()), rules)
    amounts: Counter[str] = Counter()
    for _, currency, count in unrated:
        amounts[currency] += count
    return Yearly(
        rules.currency,
        found[ARR],
        found[earlier],
        tuple(sorted(amounts.items())),
        frozenset(account for account, _, _ in unrated),
    )


def yearly_on(cases: Cases, rules: Rules) -> list[float]:
    """The ARR of each case, at the rates of its day."""
    amounts: list[float] = summed({ARR}, cases, cases.days, rules)[ARR].tolist() if len(cases) else []
    return amounts


def _unrated(cases: Cases, rules: Rules) -> list[tuple[int, str, int]]:
    """Recurring amounts that have no rate on their day: account, currency, and how many."""
    without = "rate.rate is null and f.amount is not null and f.interval <> 'once'"
    found = rows(IN_FORCE, "f.currency, count(*)", without, cases, rules) if len(cases) else []
    return [(cases.accounts[case], currency, count) for case, currency, count in found]
