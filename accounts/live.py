"""The latest events one by one, and what became of each: for whoever builds tracking into a product and wonders."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts import calendar
from accounts.models import Account, Event, Source
from accounts.placing import WAITS
from accounts.trail import COUNTED_DAYS

SHOWN = 100
# Partitions are read from the newest on, a few of them at most.
LOOK_BACK = dt.timedelta(days=31)
ABOUT_PEOPLE = (Event.Type.IDENTIFY, Event.Type.GROUP, Event.Type.ALIAS)


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """An event as it came, and what became of it in a few words."""

    received_at: dt.datetime
    at: dt.datetime
    type: str
    name: str
    person: str
    anonymous: bool
    group: str
    account: str
    became: str


def of_source(source: Source, now: dt.datetime) -> list[LiveEvent]:
    """The latest events of a source, newest first."""
    return _read(_OF_SOURCE, {"source": source.pk}, now)


def of_account(account: Account, now: dt.datetime) -> list[LiveEvent]:
    """The latest events that were counted at an account, newest first."""
    return _read(_OF_ACCOUNT, {"account": account.pk}, now)


def _read(latest: str, given: dict[str, Any], now: dt.datetime) -> list[LiveEvent]:
    with connection.cursor() as cursor:
        cursor.execute(
            latest + _WHAT_BECAME,
            {"account": None, **given, "since": calendar.day_of(now - LOOK_BACK), "shown": SHOWN},
        )
        return [
            LiveEvent(
                received_at, at, Event.Type(kind).label, name or "", person, anonymous, group or "", account or "",
                _became(Event.Type(kind), at, received_at, now, bool(account), *fate),
            )
            for received_at, at, kind, name, person, anonymous, group, account, *fate in cursor.fetchall()
        ]  # fmt: skip


def _became(
    kind: Event.Type, at: dt.datetime, received_at: dt.datetime, now: dt.datetime, placed: bool, *fate: bool
) -> str:
    queued, ignored = fate
    if queued:
        return "about to be rolled up"
    if kind in ABOUT_PEOPLE:
        return "read"
    if ignored:
        return "ignored"
    if at < received_at - dt.timedelta(days=COUNTED_DAYS):
        return "too old to count"
    if placed:
        return "counted"
    return "waiting for an account" if received_at > now - WAITS else "waited too long"


_OF_SOURCE = """
with latest as materialized (
    select * from accounts_event where source_id = %(source)s and received_on >= %(since)s
    order by received_on desc, delivery_id desc, position desc limit %(shown)s
)
"""

_OF_ACCOUNT = """
with latest as materialized (
    select e.* from (
        select distinct p.source_id, p.external_id
        from accounts_eventmembership m join accounts_eventperson p on p.id = m.person_id
        where m.account_id = %(account)s and not p.anonymous
    ) member
    cross join lateral (
        select * from accounts_event e where e.source_id = member.source_id and e.user_id = member.external_id
        and e.received_on >= %(since)s order by e.at desc limit %(shown)s
    ) e
    order by e.received_on desc, e.delivery_id desc, e.position desc limit %(shown)s
)
"""

_WHAT_BECAME = """
select e.received_at, e.at, e.type, e.name, coalesce(e.user_id, e.anonymous_id), e.user_id is null, e.group_id, account.name,
    exists (select from accounts_eventdelivery queued where queued.id = e.delivery_id),
    exists (select from accounts_eventmeaning meaning where meaning.ignored and meaning.name = e.name)
from latest e
left join accounts_eventperson p on p.source_id = e.source_id and p.anonymous = (e.user_id is null)
    and p.external_id = coalesce(e.user_id, e.anonymous_id)
left join lateral (
    select m.account_id from accounts_eventmembership m
    where m.person_id = case when e.at > p.follows_since then p.follows_id else p.id end and m.since <= e.at
    order by m.since desc limit 1
) held on true
left join accounts_account account on account.id = held.account_id
where %(account)s::bigint is null or held.account_id = %(account)s
order by e.received_on desc, e.delivery_id desc, e.position desc
"""
