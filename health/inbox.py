"""What has been told, as the page of alerts shows it: by day, one account with all that was told of it, worst band first."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from django.db.models import Case, Count, QuerySet, Value, When

from accounts import calendar
from accounts.models import Account, Stream, Task, User
from health import worklist
from health.book import WORST_FIRST, listed
from health.causes import Turn, turns
from health.metrics.rules import Rules
from health.models import Alert, Override

Kind = Alert.Kind
OF_OVERRIDES = (Kind.OVERRIDE_ENDS, Kind.MOVED_UNDER_OVERRIDE)
# After the bands: accounts without one, and streams, which are no account's alone.
NO_BAND, NO_ACCOUNT = len(WORST_FIRST), len(WORST_FIRST) + 1


@dataclass(frozen=True)
class Told:
    """One alert with why: what the score did on its day, or the override that it is about; `task` answers it already.
    `guards` are those of the same day that lower the band of which it tells."""

    alert: Alert
    turn: Turn | None = None
    override: Override | None = None
    task: Task | None = None
    guards: tuple[Alert, ...] = ()

    @property
    def alerts(self) -> tuple[Alert, ...]:
        return (self.alert, *self.guards)

    @property
    def unseen(self) -> list[Alert]:
        return [alert for alert in self.alerts if alert.seen_at is None]

    @property
    def told_on(self) -> dt.date | None:
        """The day on which it was told, where that is another one than its own."""
        on = calendar.day_of(self.alert.raised_at)
        return on if on != self.alert.day else None

    @property
    def title(self) -> str:
        """What a task that answers it begins with."""
        says = ", ".join([self.alert.says.rstrip("."), *(rule(alert) for alert in self.guards)])
        return f"Follow up: {says[:1].lower()}{says[1:]}"[:255]

    @property
    def reason(self) -> str:
        return reason(self.alert)


@dataclass(frozen=True)
class About:
    """One account, with what lists show of it, or one stream; and all that a day told of it, newest first."""

    account: Account | None
    stream: Stream | None
    told: tuple[Told, ...]

    @property
    def unseen(self) -> bool:
        return any(one.unseen for one in self.told)

    @property
    def place(self) -> int:
        """By the band of now, which an override may have changed since the night."""
        if self.account is None:
            return NO_ACCOUNT
        order: int | None = self.account.band_order  # type: ignore[attr-defined]  # what lists show of it
        return NO_BAND if order is None else order


@dataclass(frozen=True)
class Day:
    day: dt.date
    abouts: tuple[About, ...]

    @property
    def accounts(self) -> int:
        return sum(about.account is not None for about in self.abouts)

    @property
    def alerts(self) -> int:
        return sum(len(one.alerts) for about in self.abouts for one in about.told)


def reason(alert: Alert) -> str:
    """Where a task comes from that answers an alert."""
    return f"{alert.says.rstrip('.')}, {alert.day:%b} {alert.day.day}"[:255]


def rule(alert: Alert) -> str:
    """`days since last use over 30 d`: the guard of an alert, without what it caps, as in a sentence."""
    says = alert.cause.rpartition(": ")[0] or alert.cause
    return says if says[1:2].isupper() else f"{says[:1].lower()}{says[1:]}"


def unseen(user: User) -> dict[str, int]:
    """Kind → how many alerts of it nobody has seen."""
    found = worklist.alerts(user).filter(seen_at=None).order_by().values_list("kind")
    return dict(found.annotate(count=Count("pk")))


def in_order(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """Newest day first; in it the worst band first, and what is told of one account together."""
    bands = [When(account__latest__effective=band, then=Value(place)) for place, band in enumerate(WORST_FIRST)]
    churned = When(account__latest__churned=True, then=Value(NO_BAND))
    streams = When(account=None, then=Value(NO_ACCOUNT))
    place = Case(streams, churned, *bands, default=Value(NO_BAND))
    return alerts.annotate(place=place).order_by(
        "-day", "place", "account__name", "account_id", "stream_id", "-raised_at", "-pk"
    )  # fmt: skip


def days(alerts: Sequence[Alert], rules: Rules) -> list[Day]:
    """Alerts, in their order, as days and accounts."""
    about = {one.account_id for one in alerts if one.account_id}
    accounts = listed(Account.objects.all(), rules).in_bulk(about)
    return [
        Day(day, _abouts(of_day, accounts))
        for day, of_day in groupby(_with_causes(alerts), key=lambda one: one.alert.day)
    ]


def _abouts(told: Iterable[Told], accounts: Mapping[int, Account]) -> tuple[About, ...]:
    found = [_about(tuple(of_one), accounts) for _, of_one in groupby(told, key=_whom)]
    return tuple(sorted(found, key=lambda about: about.place))


def _whom(told: Told) -> tuple[int | None, int | None]:
    return told.alert.account_id, told.alert.stream_id


def _about(told: tuple[Told, ...], accounts: Mapping[int, Account]) -> About:
    first = told[0].alert
    return About(accounts.get(first.account_id or 0), first.stream, _together(told))


def _together(told: tuple[Told, ...]) -> tuple[Told, ...]:
    """What a day told of one account; a band that a guard lowered and that guard are one thing."""
    lowered = next((one for one in told if one.turn and one.turn.is_lowered), None)
    guards = [one for one in told if one.alert.kind == Kind.GUARD_HOLDS]
    if lowered is None or not guards:
        return told
    task = lowered.task or next((one.task for one in guards if one.task), None)
    whole = replace(lowered, task=task, guards=tuple(one.alert for one in guards))
    return tuple(whole if one is lowered else one for one in told if one not in guards)


def _with_causes(alerts: Iterable[Alert]) -> list[Told]:
    changed = {one.pk: (one.account_id or 0, one.day) for one in alerts if one.kind == Kind.BAND_CHANGED}
    moved = turns(set(changed.values()))
    numbers = [int(one.cause) for one in alerts if one.kind in OF_OVERRIDES]
    overrides = Override.objects.select_related("author").in_bulk(numbers) if numbers else {}
    tasks = _answers(alerts)
    return [
        Told(
            alert,
            moved.get(changed[alert.pk]) if alert.pk in changed and alert.ended_at is None else None,
            overrides.get(int(alert.cause)) if alert.kind in OF_OVERRIDES else None,
            tasks.get((alert.account_id or 0, reason(alert))),
        )
        for alert in alerts
    ]


def _answers(alerts: Iterable[Alert]) -> dict[tuple[int, str], Task]:
    """Account and reason → the open task that was made of an alert."""
    about = {one.account_id for one in alerts if one.account_id}
    found = Task.objects.open().filter(account__in=about, reason__in={reason(one) for one in alerts})
    return {(task.account_id, task.reason): task for task in found}
