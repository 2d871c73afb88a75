"""The facts behind a reading: what a metric counted, one by one, as known when it was read.

Each metric says how the facts that it sums up are listed. They come by the same joins as its columns do, so that what a
page lists is what was counted: the first column of a listing says how much a row adds to the reading's n.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from accounts.models import Account
from health.evidence import answers, contract, outreach, people, tickets, tracked, usage
from health.evidence.shapes import Lists
from health.metrics.cases import Cases
from health.metrics.read import Asked, births, listed
from health.metrics.rules import Rules

MOST = 500
LISTINGS: dict[str, Lists] = {
    **usage.LISTINGS,
    **tracked.LISTINGS,
    **people.LISTINGS,
    **answers.LISTINGS,
    **outreach.LISTINGS,
    **tickets.LISTINGS,
    **contract.LISTINGS,
}


@dataclass(frozen=True)
class Table:
    """A listing as read."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    adds: bool
    n: float
    contract: bool

    @property
    def first_rows(self) -> tuple[tuple[Any, ...], ...]:
        return self.rows[:MOST]


@dataclass(frozen=True)
class Evidence:
    """The facts of one reading, and how many it counted."""

    day: dt.date
    tables: tuple[Table, ...]

    @property
    def n(self) -> int:
        return int(sum(table.n for table in self.tables if table.adds))


def evidence(account: Account, asked: Asked, day: dt.date, known_at: dt.datetime | None, rules: Rules) -> Evidence:
    """The facts behind a reading as of `day`, with what was known at `known_at`."""
    cases = Cases.on([account.pk], day, known_at)
    born = births(cases, rules)
    tables = []
    for one in LISTINGS[asked.metric.key](asked.window or asked.metric.window or 0, asked.argument):
        rows = listed(
            one.facts, one.what, one.tail, cases, born=born, rules=rules, reach=one.reach, argument=asked.argument
        )
        counted = sum(float(row[0] or 0) for row in rows)
        tables.append(Table(one.title, one.heads, tuple(row[1:] for row in rows), one.adds, counted, one.contract))
    return Evidence(day, tuple(tables))


def as_of(asked: Asked, day: dt.date, age: int) -> dt.date:
    """The day as of which a reading of `day` was read: an opinion's own, else the last one that was complete."""
    return day if asked.metric.is_opinion else day - dt.timedelta(days=age)
