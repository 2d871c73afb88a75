"""What is to be done, over all accounts that somebody sees: tasks by when they are due, overrides that end, alerts."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import Account, Task, User
from accounts.models.people import Sees
from health.alerts import AHEAD_DAYS
from health.book import listed
from health.metrics.rules import Rules
from health.models import Alert, Override

RECENTLY = dt.timedelta(days=7)
MOST = 300
MOST_DONE = 30


@dataclass(frozen=True)
class Counts:
    """What stands beside the menu."""

    tasks: int
    late: int
    alerts: int


def counts(user: User, today: dt.date) -> Counts:
    """By one query: the user's own open tasks, those of them that are late, and the unseen alerts of what they see."""
    open_tasks = tasks_of(user, "mine").filter(done_at=None)
    late, unseen = open_tasks.filter(due_on__lt=today), alerts(user).filter(seen_at=None)
    me = User.objects.filter(pk=user.pk)
    return Counts(*me.values_list(_many(open_tasks), _many(late), _many(unseen)).get())


def _many(rows: QuerySet[Any]) -> Coalesce:
    """How many there are, inside another query."""
    together = rows.order_by().annotate(together=Value(1)).values("together")
    return Coalesce(Subquery(together.annotate(many=Count("pk")).values("many")), 0)


# --- Tasks -----------------------------------------------------------------------------------------------------------


def scopes(user: User) -> list[tuple[str, str]]:
    """Whose tasks the user can look at."""
    found = [("mine", "Mine")]
    if user.team_id is not None and user.scope != Sees.OWN:
        found.append(("team", "My team’s"))
    if user.scope != Sees.OWN:
        found.append(("all", "All"))
    return found


def tasks_of(user: User, whose: str) -> QuerySet[Task]:
    """Tasks of accounts that the user sees: their own, those of their team's people, or all of them."""
    seen = Task.objects.filter(account__in=Account.objects.visible_to(user))
    if whose == "team":
        seen = seen.filter(owner__team=user.team_id)
    elif whose == "mine":
        seen = seen.filter(owner=user)
    found: QuerySet[Task] = seen.select_related("account", "owner")
    return found


def open_at(account: Account) -> QuerySet[Task]:
    """The open tasks of an account, soonest first."""
    found: QuerySet[Task] = account.tasks.open().select_related("owner", "account")
    return found


def for_others(user: User, whose: str) -> int:
    """How many tasks are open besides, of all that the user can look at."""
    if whose == "all" or user.scope == Sees.OWN:
        return 0
    return tasks_of(user, "all").filter(done_at=None).count()


@dataclass(frozen=True)
class Part:
    """The tasks of one stretch of time."""

    label: str
    tasks: tuple[Task, ...]

    @property
    def is_pressing(self) -> bool:
        return self.label in {"Late", "Today"}


def parts(tasks: Iterable[Task], today: dt.date) -> list[Part]:
    """Late, today, this week, later, without a day; those without any task are left out."""
    week_ends = today + dt.timedelta(days=6 - today.weekday())
    named: dict[str, list[Task]] = {"Late": [], "Today": [], "This week": [], "Later": [], "No date": []}
    for task in tasks:
        named[_part_of(task.due_on, today, week_ends)].append(task)
    return [Part(label, tuple(found)) for label, found in named.items() if found]


def _part_of(due: dt.date | None, today: dt.date, week_ends: dt.date) -> str:
    if due is None:
        return "No date"
    if due < today:
        return "Late"
    if due == today:
        return "Today"
    return "This week" if due <= week_ends else "Later"


def done_recently(tasks: QuerySet[Task], now: dt.datetime) -> list[Task]:
    return list(tasks.filter(done_at__gte=now - RECENTLY).order_by("-done_at")[:MOST_DONE])


def ending(user: User, today: dt.date) -> list[Override]:
    """Overrides in force that end within days, soonest first."""
    found = Override.objects.filter(
        account__in=Account.objects.visible_to(user),
        ended_at=None,
        last_day__range=(today, today + dt.timedelta(days=AHEAD_DAYS)),
    )
    return list(found.select_related("account", "author").order_by("last_day", "pk"))


def accounts_of(tasks: Iterable[Task], rules: Rules) -> dict[int, Account]:
    """The accounts of tasks with what the list shows of them, by one query."""
    return listed(Account.objects.all(), rules).in_bulk({task.account_id for task in tasks})


# --- Alerts ----------------------------------------------------------------------------------------------------------


def alerts(user: User) -> QuerySet[Alert]:
    """Of accounts that the user sees; of silent sources everybody's, since those make everybody's scores old."""
    seen = Account.objects.visible_to(user).filter(pk=OuterRef("account"))
    return Alert.objects.filter(Q(account__isnull=True) | Exists(seen))
