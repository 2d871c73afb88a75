"""What accounts pay a year, in the organization's one currency at the rates of the settings in force.

An amount without a rate is never taken for one of that currency: it is left out and named.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from accounts.arrays import plain
from health.metrics.cases import Cases
from health.metrics.licenses import ARR, IN_FORCE, arr_before
from health.metrics.read import rows, summed
from health.metrics.rules import Rules
from health.scoring.scale import Floats

# Of so many accounts it takes longer to look for each than to look at all licenses.
MANY: Final = 2_000


@dataclass(frozen=True)
class Yearly:
    """ARR of each account today, and so many days before at the same rates; what has no rate, by currency, and of which
    accounts it is."""

    currency: str
    now: Floats
    before: Floats
    left_out: tuple[tuple[str, int], ...]
    unrated: frozenset[int]


def yearly_before(accounts: Sequence[int], now: Floats, day: dt.date, rules: Rules, *, days: int) -> Floats:
    """The ARR of each account so many days before `day`, at the rates of `day`, of which the ARR is `now`. It is read where a
    license turned since; everywhere else it is the same."""
    turned = _turned(accounts, day, rules, days)
    which = [place for place, account in enumerate(accounts) if account in turned]
    before = now.copy()
    if which:
        cases, earlier = Cases.on([accounts[place] for place in which], day), arr_before(days)
        before[which] = summed({earlier}, cases, cases.days, rules)[earlier]
    return before


def _turned(accounts: Sequence[int], day: dt.date, rules: Rules, days: int) -> set[int]:
    """The accounts, those asked for among them, of which a license began, ended, was canceled or was in its grace within so
    many days."""
    turned = (
        "select account_id from accounts_license where superseded_at is null "
        "and (starts_on > %(first)s and starts_on <= %(day)s or canceled_on > %(first)s and canceled_on <= %(day)s "
        "or ends_on >= %(first)s::date - %(grace)s and ends_on < %(day)s)"
    )
    given: dict[str, Any] = {"first": day - dt.timedelta(days=days), "day": day, "grace": rules.grace_days}
    if len(accounts) < MANY:
        turned, given["accounts"] = f"{turned} and account_id = any(%(accounts)s::bigint[])", plain(accounts)
    with connection.cursor() as cursor:
        cursor.execute(turned, given)
        return {account for (account,) in cursor.fetchall()}


def left_out(accounts: Sequence[int], day: dt.date, rules: Rules) -> tuple[tuple[str, int], ...]:
    """The currencies of recurring amounts that have no rate, each with how many of the accounts' amounts are in it."""
    cases, amounts = Cases.on(accounts, day), Counter[str]()
    without = "rate.rate is null and f.amount is not null and f.interval <> 'once'"
    for _, currency, count in rows(IN_FORCE, "f.currency, count(*)", without, cases, rules) if accounts else ():
        amounts[currency] += count
    return tuple(sorted(amounts.items()))


def yearly_on(cases: Cases, rules: Rules) -> list[float]:
    """The ARR of each case, at the rates of its day."""
    amounts: list[float] = summed({ARR}, cases, cases.days, rules)[ARR].tolist() if len(cases) else []
    return amounts
