"""Events as a client library sends them, and the days that they come to, told twice: as rolled up, and as a slow reading of
the definitions tells it."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from accounts import events, intake, rolling
from accounts.models import Account, EndUser, ExternalId, Feature, FeatureDay, Origin, Source, UserDay
from tests.accounts.build import company

UTC = dt.UTC
_numbers = count()

Told = dict[tuple[str, str, str], tuple[Any, ...]]


def source(**values: Any) -> Source:
    found, _ = Source.objects.get_or_create(name="product")
    for name, value in values.items():
        setattr(found, name, value)
    found.save()
    return found


def moment(text: str) -> dt.datetime:
    """Such as `2026-03-02 10:00`, in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=UTC)


def event(kind: str, at: str | dt.datetime, user: str | None = "ann", **more: Any) -> dict[str, Any]:
    when = moment(at) if isinstance(at, str) else at
    sent = {"type": kind, "timestamp": when.isoformat(), "messageId": f"message-{next(_numbers)}", **more}
    return sent | ({"userId": user} if user else {})


def track(
    at: str | dt.datetime, user: str | None = "ann", name: str = "Report Exported", **more: Any
) -> dict[str, Any]:
    return event("track", at, user, event=name, **more)


def page(at: str | dt.datetime, user: str | None = "ann", name: str = "Pricing", **more: Any) -> dict[str, Any]:
    return event("page", at, user, name=name, **more)


def group(at: str | dt.datetime, user: str = "ann", account: str = "A-1", **more: Any) -> dict[str, Any]:
    return event("group", at, user, groupId=account, **more)


def identify(at: str | dt.datetime, user: str = "ann", **more: Any) -> dict[str, Any]:
    return event("identify", at, user, **more)


def keep(*sent: Any, at: str | dt.datetime = "2026-03-20 12:00", browser: bool = False, sent_at: Any = None) -> int:
    """Keep events received at a moment; how many were new."""
    when = moment(at) if isinstance(at, str) else at
    terms = events.Terms(source(), when, sent_at, browser=browser)
    return intake.keep(events.read(sent, terms), terms)


def roll(at: str | dt.datetime = "2026-03-20 12:00") -> int:
    return rolling.roll_up(moment(at) if isinstance(at, str) else at)


def send(*sent: Any, at: str | dt.datetime = "2026-03-20 12:00", browser: bool = False) -> None:
    """Keep events and roll them up at once."""
    keep(*sent, at=at, browser=browser)
    roll(at)


def accounts(*names: str) -> None:
    """Accounts that the product names by these ids."""
    company(*names)
    for name in names:
        known = ExternalId.objects.get(kind="accounts", source__name="crm", external_id=name)
        ExternalId.objects.get_or_create(
            kind="accounts",
            source=source(),
            external_id=name,
            defaults={"record": known.record, "account_id": known.record},
        )


def user_days(on: dt.date | None = None) -> Told:
    """Account, user, day → events, logins (0 where the source tells of none), sessions, of a single page, active seconds, lengths in order."""
    names = _accounts()
    users = dict(EndUser.objects.known().values_list("record", "external_id"))
    rows = UserDay.objects.known(on).filter(origin=Origin.TRACKED)
    return {
        (names[row.account_id], users[row.end_user_record], str(row.day)): (
            row.events, row.logins or 0, row.sessions, row.single_page_sessions, row.active_seconds, tuple(row.session_seconds),
        )
        for row in rows
    }  # fmt: skip


def feature_days(on: dt.date | None = None) -> dict[tuple[str, str, str], int]:
    """Account, feature, day → uses."""
    names, features = _accounts(), dict(Feature.objects.values_list("id", "name"))
    rows = FeatureDay.objects.known(on).filter(origin=Origin.TRACKED)
    return {(names[row.account_id], features[row.feature_id], str(row.day)): row.uses for row in rows}


def _accounts() -> dict[int, str]:
    ids = ExternalId.objects.filter(kind="accounts", deleted_at=None).values_list("record", "external_id")
    return {account.pk: "visitors" for account in Account.objects.filter(visitors_of__isnull=False)} | dict(ids)


@dataclass
class _Day:
    events: int = 0
    sessions: int = 0
    single: int = 0
    active: int = 0
    lengths: list[int] = field(default_factory=list)


def expected(sent: Iterable[dict[str, Any]], zone: str = "UTC") -> Told:
    """The days of users, by the definitions: of events of users with an account, from the first to the last."""
    days: dict[tuple[str, str, str], _Day] = {}
    for (account, user), uses in _by_user(sent).items():
        for session in _sessions(uses):
            began = days.setdefault((account, user, _day(session[0][0], zone)), _Day())
            began.sessions += 1
            began.single += sum(kind == "page" for _, _, kind in session) == 1
            began.active += _active(session)
            began.lengths.append(
                max(_second(at) + max(stated, 0) for at, stated, _ in session) - _second(session[0][0])
            )
            for at, _, _ in session:
                days.setdefault((account, user, _day(at, zone)), _Day()).events += 1
    return {key: (day.events, 0, day.sessions, day.single, day.active, tuple(day.lengths)) for key, day in days.items()}


Use = tuple[dt.datetime, int, str]


def _by_user(sent: Iterable[dict[str, Any]]) -> dict[tuple[str, str], list[Use]]:
    ordered = sorted(sent, key=lambda one: (one["timestamp"], one["type"] != "group"))
    found: dict[tuple[str, str], list[Use]] = {}
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in ordered:
        if one["type"] == "group":
            groups.setdefault(one["userId"], []).append((one["timestamp"], one["groupId"]))
    for one in ordered:
        stated = groups.get(one["userId"], [])
        if one["type"] not in ("track", "page") or not stated:
            continue
        account = [name for at, name in stated if at <= one["timestamp"]][-1:] or [stated[0][1]]
        use = (dt.datetime.fromisoformat(one["timestamp"]), one.get("properties", {}).get("duration", -1), one["type"])
        found.setdefault((account[0], one["userId"]), []).append(use)
    return found


def _sessions(uses: Sequence[Use]) -> list[list[Use]]:
    found: list[list[Use]] = []
    for use in sorted(uses):
        if found and use[0] - found[-1][-1][0] < dt.timedelta(minutes=30):
            found[-1].append(use)
        else:
            found.append([use])
    return found


def _active(session: Sequence[Use]) -> int:
    total = 0
    for number, (at, stated, _) in enumerate(session):
        if stated >= 0:
            total += stated
        elif number + 1 < len(session):
            total += min(_second(session[number + 1][0]) - _second(at), 300)
    return total


def _second(at: dt.datetime) -> int:
    return int(at.timestamp() // 1)


def _day(at: dt.datetime, zone: str) -> str:
    return str(at.astimezone(ZoneInfo(zone)).date())
