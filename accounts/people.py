"""Whom events are about, and from when on they count at which account.

A user belongs to the account that a group event, an event's own `groupId` or a configured trait names, from the time of that
event on; to the first one from the beginning, since no earlier event says otherwise. What is rolled up stays where it was
counted: a statement that comes late holds for what comes after.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import connection

from accounts import arrays, calendar, kinds, placing
from accounts.models import Account, EndUser, Event, EventMembership, Source
from accounts.placing import Placed
from accounts.versions import copy_in, numbers

BEGINNING = dt.datetime.min.replace(tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Deliveries of one source on one day of receipt, which are rolled up together. `tells_logins`: some event of the source
    was a login."""

    source: Source
    received_on: dt.date
    deliveries: Sequence[int]
    browsers: Sequence[int]
    now: dt.datetime
    tells_logins: bool

    @classmethod
    def none(cls, source: Source, now: dt.datetime) -> "Chunk":
        """Nothing new, of today."""
        return cls(source, calendar.day_of(now), (), (), now, tells_logins(source))

    @property
    def given(self) -> dict[str, Any]:
        return {
            "source": self.source.pk,
            "received_on": self.received_on,
            "deliveries": arrays.plain(self.deliveries),
            "browsers": arrays.plain(self.browsers),
        }


def tells_logins(source: Source) -> bool:
    """Whether some event of the source was a login. Where none was, a session counts."""
    return source.event_tallies.filter(logins__gt=0).exists()


CHUNK = "accounts_event e where e.received_on = %(received_on)s and e.delivery_id = any(%(deliveries)s::bigint[])"
# Both say who a visitor is.
_LINKS = (
    f"e.type in ({Event.Type.IDENTIFY}, {Event.Type.ALIAS}) and e.user_id is not null and e.anonymous_id is not null"
)


def enter(chunk: Chunk) -> list[Placed]:
    """Give everybody whom the events name a row; those who are anonymous a place among the visitors, and the others one at
    the account that they are stated to belong to. Returns the new places of users."""
    with connection.cursor() as cursor:
        cursor.execute(_ENTER, chunk.given)
        cursor.execute(_FOLLOW, chunk.given)
        cursor.execute(_KNOWN_END_USERS, chunk.given | {"beginning": BEGINNING})
    _admit_visitors(chunk)
    placing.describe_accounts(chunk)
    placed = _join(chunk)
    placing.describe_users(chunk)
    return placed


def _join(chunk: Chunk) -> list[Placed]:
    """Add the memberships that events of the chunk state, and place those whose account is known."""
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENTS, chunk.given)
        statements = cursor.fetchall()
    if not statements:
        return []
    known = placing.accounts_named(chunk.source, {group for _, _, group, *_ in statements})
    new: list[EventMembership] = []
    for _, of_person in groupby(statements, key=lambda row: row[0]):
        new += _stated(list(of_person), known)
    EventMembership.objects.bulk_create(new)
    placed = [
        Placed(one.person_id, one.since, str(one.group_id), known[str(one.group_id)])
        for one in new
        if one.group_id in known
    ]
    placing.place(chunk.source, placed, chunk.now)
    return placed


def _stated(statements: Sequence[tuple[Any, ...]], known: Mapping[str, int]) -> Iterable[EventMembership]:
    """The memberships that follow from what is stated of one person, in the order of time. A key that anybody can read
    makes a member of who has been none, of an account that there is."""
    person, _, _, _, latest, since, seen_until = statements[0]
    found: list[EventMembership] = []
    for _, at, group, browser, *_ in statements:
        if browser and (since is not None or group not in known):
            continue
        if since is None:
            since = BEGINNING
        elif group == latest:
            continue
        else:
            since = max(at, since + MICROSECOND, (seen_until or BEGINNING) + MICROSECOND)
        latest = group
        found.append(EventMembership(person_id=person, since=since, group_id=group))
    return found


def _admit_visitors(chunk: Chunk) -> None:
    """Make end users of new anonymous visitors, at the account where this source's visitors are kept."""
    with connection.cursor() as cursor:
        cursor.execute(_NEW_VISITORS, chunk.given)
        new = cursor.fetchall()
    if not new:
        return
    account = visitors_of(chunk.source, chunk.now)
    fresh = numbers(EndUser, len(new))
    kind = kinds.get("end-users")
    columns = {name: value for name, value in kind.blank.items() if name != "first_seen_on"} | {
        "account_id": account.pk
    }
    copy_in(
        EndUser,
        ("id", "record", "source_id", "received_at", "receipt_assumed", "external_id", "first_seen_on", *columns),
        [
            (number, number, chunk.source.pk, chunk.now, False, external_id, first_seen, *columns.values())
            for number, (_, external_id, first_seen) in zip(fresh, new, strict=True)
        ],
    )
    EventMembership.objects.bulk_create(
        EventMembership(
            person_id=person, since=BEGINNING, account=account, end_user_record=number, counts_from=BEGINNING
        )
        for number, (person, _, _) in zip(fresh, new, strict=True)
    )


def visitors_of(source: Source, now: dt.datetime) -> Account:
    """Where the anonymous visitors of a source are kept: no customer, never listed and never scored."""
    account: Account
    account, _ = Account.objects.get_or_create(
        visitors_of=source, defaults={"name": f"Visitors of {source}"[:255], "created_at": now, "updated_at": now}
    )
    return account


_ENTER = f"""
insert into accounts_eventperson (source_id, anonymous, external_id, waits, session_stated, session_pages)
select %(source)s, anonymous, external_id, false, false, 0
from (
    select user_id is null as anonymous, coalesce(user_id, anonymous_id) as external_id from {CHUNK}
    union
    select true, anonymous_id from {CHUNK} and {_LINKS}
) sent
where not exists (
    select from accounts_eventperson known
    where known.source_id = %(source)s and known.anonymous = sent.anonymous and known.external_id = sent.external_id
)
on conflict do nothing
"""

# What a visitor did until then stays a visitor's.
_FOLLOW = f"""
update accounts_eventperson visitor
set follows_id = linked.person, follows_since = greatest(linked.at, visitor.seen_until)
from (
    select distinct on (e.anonymous_id) e.anonymous_id, e.at, (
        select id from accounts_eventperson p
        where p.source_id = %(source)s and not p.anonymous and p.external_id = e.user_id
    ) as person
    from {CHUNK} and {_LINKS} order by e.anonymous_id, e.at
) linked
where visitor.source_id = %(source)s and visitor.anonymous and visitor.external_id = linked.anonymous_id
and visitor.follows_id is null
"""

# End users of this source that came as records belong where those say, unless events say otherwise.
_KNOWN_END_USERS = f"""
insert into accounts_eventmembership (person_id, since, account_id, end_user_record, counts_from)
select p.id, %(beginning)s, known.account_id, known.record, %(beginning)s
from (select distinct user_id from {CHUNK} and user_id is not null) sent
join accounts_eventperson p on p.source_id = %(source)s and not p.anonymous and p.external_id = sent.user_id
join accounts_externalid known on known.kind = 'end-users' and known.source_id = %(source)s
    and known.external_id = sent.user_id and known.deleted_at is null and known.account_id is not null
where p.seen_until is null and not exists (select from accounts_eventmembership m where m.person_id = p.id)
"""

_NEW_VISITORS = f"""
select p.id, p.external_id, min(e.at)::date
from accounts_eventperson p join (select * from {CHUNK}) e on e.anonymous_id = p.external_id
where p.source_id = %(source)s and p.anonymous and e.user_id is null
and (p.follows_id is null or e.at <= p.follows_since)
and not exists (select from accounts_eventmembership m where m.person_id = p.id)
group by p.id, p.external_id
"""

# All statements about those of whom anything new is stated.
_STATEMENTS = f"""
select person, at, group_id, browser, latest, since, seen_until
from (
    select p.id as person, e.at, e.group_id, e.delivery_id = any(%(browsers)s::bigint[]) as browser,
        last.group_id as latest, last.since, p.seen_until,
        bool_or(last.group_id is distinct from e.group_id) over (partition by p.id) as news
    from (select * from {CHUNK} and group_id is not null and user_id is not null) e
    join accounts_eventperson p on p.source_id = %(source)s and not p.anonymous and p.external_id = e.user_id
    left join lateral (
        select group_id, since from accounts_eventmembership m where m.person_id = p.id order by since desc limit 1
    ) last on true
) stated
where news order by person, at, group_id
"""
