"""What stands beside an account in a list besides its own columns: the course of its score, why it moved, what is next."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Task
from health.book import today
from health.causes import MainCause, main_causes
from health.listing import Choice
from health.lost import Loss, losses
from health.models import Snapshot
from health.rollup import Family, families

COURSE_DAYS, MOVED_DAYS = 90, 30


@dataclass(frozen=True)
class Glance:
    """`course`: the scores of the last ninety days, None where a day has none. `task`: the earliest that is open.
    `family`: the account with all that belongs to it, and `loss`: what was lost with it, where that is asked for."""

    course: tuple[float | None, ...] = ()
    cause: MainCause | None = None
    task: Task | None = None
    family: Family | None = None
    loss: Loss | None = None


def glances(accounts: Sequence[int], choice: Choice) -> dict[int, Glance]:
    """Account → what stands beside it, in the same few queries for a page of any length."""
    courses, causes, tasks = _courses(accounts), main_causes(accounts, MOVED_DAYS), _tasks(accounts)
    shown = {column.key for column in choice.columns}
    found = families(accounts, choice.user, choice.rules) if "family" in shown else {}
    lost = losses(accounts, choice.rules) if shown & {"lost_arr", "reason"} else {}
    return {
        one: Glance(courses.get(one, ()), causes.get(one), tasks.get(one), found.get(one), lost.get(one))
        for one in accounts
    }


def _courses(accounts: Sequence[int]) -> dict[int, tuple[float | None, ...]]:
    last = today() - dt.timedelta(days=1)
    first = last - dt.timedelta(days=COURSE_DAYS - 1)
    rows = Snapshot.objects.filter(account__in=accounts, day__gte=first, day__lte=last)
    scores = {(account, day): score for account, day, score in rows.values_list("account_id", "day", "score")}
    days = [first + dt.timedelta(days=number) for number in range(COURSE_DAYS)]
    return {account: tuple(scores.get((account, day)) for day in days) for account in {key[0] for key in scores}}


def _tasks(accounts: Sequence[int]) -> dict[int, Task]:
    found: dict[int, Task] = {}
    for task in Task.objects.open().filter(account__in=accounts):
        found.setdefault(task.account_id, task)
    return found
