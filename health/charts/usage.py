"""How many people used the product, day by day, as the metrics count them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from accounts.models import Account
from health.charts.contract import Step
from health.charts.spans import Period
from health.metrics.cases import Cases
from health.metrics.read import listed
from health.metrics.rules import Rules
from health.metrics.shapes import Facts
from health.metrics.usage import LAST, USER_DAYS

WEEK, MONTH = 7, 30

# Who is active on a day counts in the windows that end on it and on the days after it, until they have moved on, or until
# the same person is active again and counts from there. So each day of use is a step up and a step down.
STEPS = Facts(
    "steps of active users",
    f"""cross join lateral (
    with active as materialized (
        select last, grain, lead(last) over (partition by end_user_record order by last) as next
        from (select distinct f.end_user_record, {LAST} as last, f.grain from (select) here {USER_DAYS.sql}) used
    ),
    steps as (
        select last as day, (grain = 1)::int as daily, 1 as weekly, 1 as monthly from active
        union all select last + 1, -(grain = 1)::int, 0, 0 from active
        union all select least(last + {WEEK}, next), 0, -1, 0 from active
        union all select least(last + {MONTH}, next), 0, 0, -1 from active
    )
    select day, sum(daily) as daily, sum(weekly) as weekly, sum(monthly) as monthly from steps group by day
) f""",
    USER_DAYS.parameters,
)


@dataclass(frozen=True)
class Day:
    """How many were active on a day, in the seven and in the thirty days that end with it."""

    day: dt.date
    daily: int
    weekly: int
    monthly: int


@dataclass(frozen=True)
class Users:
    """Each day of the period. Where usage comes by the week, single days say nothing."""

    period: Period
    days: tuple[Day, ...]

    @property
    def any(self) -> bool:
        return any(day.monthly for day in self.days)

    @property
    def by_day(self) -> bool:
        return any(day.daily for day in self.days)

    @property
    def last(self) -> Day:
        return self.days[-1]

    def rows(self) -> list[Day]:
        """The days of the table, newest first: every one, for of each week the same day would be a Sunday's."""
        if self.by_day:
            return list(reversed(self.days))
        by_day = {day.day: day for day in self.days}
        return [by_day[day] for day in self.period.table_days]


def users(account: Account, period: Period, born: dt.date, rules: Rules) -> Users:
    """People with use, by one query for all days; internal ones never count, late facts do."""
    cases = Cases.on([account.pk], period.last)
    found = listed(
        STEPS, "f.day, f.daily, f.weekly, f.monthly", "order by f.day", cases,
        born=[born], rules=rules, reach=period.days + MONTH - 1, argument=None,
    )  # fmt: skip
    counts = np.zeros((period.days, 3), dtype=np.int64)
    for day, *change in found:
        place = max((day - period.first).days, 0)
        if place < period.days:
            counts[place] += np.asarray(change, dtype=np.int64)
    return Users(
        period, tuple(Day(day, *row) for day, row in zip(period, np.cumsum(counts, axis=0).tolist(), strict=True))
    )  # fmt: skip


@dataclass(frozen=True)
class Seats:
    """Licenses beside the people who are active in thirty days."""

    users: Users
    steps: tuple[Step, ...]
    known: bool

    @property
    def period(self) -> Period:
        return self.users.period

    @property
    def last(self) -> Step | None:
        return self.steps[-1] if self.steps else None

    @property
    def most(self) -> int:
        return max([1, *(step.seats or 0 for step in self.steps), *(day.monthly for day in self.users.days)])

    @property
    def counted(self) -> bool:
        """Whether some license counts, in these days."""
        return any(step.seats is not None or step.unlimited for step in self.steps)

    def rows(self) -> list[tuple[Day, Step | None]]:
        """The days of the table, newest first."""
        return [(day, self.on(day.day)) for day in self.users.rows()]

    def on(self, day: dt.date) -> Step | None:
        return next((step for step in reversed(self.steps) if step.day <= day), None)


def runs(steps: Sequence[Step], period: Period) -> list[tuple[dt.date, dt.date, int]]:
    """Spans of days with as many licenses: first day, the day on which the next span begins, how many."""
    ends = [*(step.day for step in steps[1:]), period.last]
    return [(step.day, end, step.seats) for step, end in zip(steps, ends, strict=False) if step.seats is not None]
