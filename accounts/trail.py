"""Events as columns of numbers, each with the end user and the account at which it counts."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from accounts import arrays, calendar
from accounts.columns import DAY_ZERO, MOMENT_ZERO, fetch
from accounts.days import Key, UserPart
from accounts.meanings import Meanings
from accounts.models import Event
from accounts.people import CHUNK, Chunk
from accounts.sequences import Ints, completed
from accounts.sessions import Bools, Events, Sessions

# Older ones are kept, but no measure looks back so far.
COUNTED_DAYS = 400
_TYPES = ("int8", "timestamptz", "timestamptz", "date", "int2", "int8", "int4")


@dataclass(frozen=True, slots=True)
class Trail:
    """Events in columns. `person` is whose they are, `user` the record of the end user and `account` where they count, both
    0 while that is not known. Moments and days are as `accounts.columns` has them; `stated` is −1 where nothing is."""

    person: Ints
    at: Ints
    received: Ints
    day: Ints
    type: Ints
    feature: Ints
    stated: Ints
    user: Ints
    account: Ints

    def __len__(self) -> int:
        return len(self.person)

    def where(self, which: Any) -> "Trail":
        """Some of the events, by a mask or by positions in an order."""
        return Trail(*(getattr(self, column.name)[which] for column in fields(self)))

    @property
    def page(self) -> Ints:
        """The feature that a page or screen is, 0 of other events."""
        return np.where((self.type == Event.Type.PAGE) | (self.type == Event.Type.SCREEN), self.feature, 0)

    def events(self, meanings: Meanings) -> Events:
        """As `accounts.sessions` takes them, of trails in that order."""
        return Events(self.user, self.at, self.stated, self.page, meanings.of(self.feature, self.type).roles)


def in_order(trail: Trail) -> Trail:
    return trail.where(np.lexsort((trail.stated, trail.at, trail.user)))


def of_chunk(chunk: Chunk) -> Trail:
    """All events of a chunk."""
    return _placed(fetch(_OF_CHUNK, chunk.given | {"zone": str(calendar.zone())}, _TYPES))


def of_people(source_id: int, spans: Mapping[int, tuple[int, int]]) -> Trail:
    """What these people did: person → from when on and until when (exclusive). Of what is still in the queue nothing."""
    given = {
        "source": source_id,
        "zone": str(calendar.zone()),
        "persons": arrays.plain(spans),
        "begins": arrays.plain(moment(begin) for begin, _ in spans.values()),
        "ends": arrays.plain(moment(end) for _, end in spans.values()),
    }
    return _placed(fetch(_OF_PEOPLE, given, _TYPES))


def _placed(columns: list[Any]) -> Trail:
    """Tell each event whose membership held at its time, and leave those that waited too long."""
    person, at, received, day, kind, feature, stated = (column.astype(np.int64) for column in columns)
    given = {"persons": arrays.plain(np.unique(person).tolist())}
    members, since, accounts, users, counts_from = (
        column.astype(np.int64)
        for column in fetch(_MEMBERSHIPS, given, ("int8", "timestamptz", "int8", "int8", "timestamptz"))
    )
    whose, when = np.concatenate([members, person]), np.concatenate([since, at])
    is_event = np.arange(len(whose)) >= len(members)
    order = np.lexsort((is_event, when, whose))
    last = np.maximum.accumulate(np.where(is_event[order], -1, np.arange(len(order))))
    held = np.full(len(whose), -1)
    held[order] = np.where(last >= 0, order[np.maximum(last, 0)], -1)
    held = held[len(members) :]
    known = held >= 0
    if len(members):
        known &= (members[held] == person) & (received >= counts_from[held])
        user, account = (np.where(known, column[held], 0) for column in (users, accounts))
    else:
        user = account = np.zeros(len(person), dtype=np.int64)
    return Trail(person, at, received, day, kind, feature, stated, user, account)


def moment(number: int) -> dt.datetime:
    return MOMENT_ZERO + dt.timedelta(microseconds=number)


def number_of(at: dt.datetime) -> int:
    return (at - MOMENT_ZERO) // dt.timedelta(microseconds=1)


def date(day: int) -> dt.date:
    return DAY_ZERO + dt.timedelta(days=day)


def day_number(day: dt.date) -> int:
    return (day - DAY_ZERO).days


def parts(chunk: Chunk, trail: Trail, meanings: Meanings, used: Trail, sessions: Sessions) -> dict[Key, UserPart]:
    """What events and the sessions of those that were use add to the days of users; only what has an account."""
    found: dict[Key, UserPart] = {}
    no_logins = 0 if chunk.tells_logins else None
    for account, user, day, events, logins, roles in _sums(trail, meanings):
        found[account, date(day), user] = UserPart(
            events=events, logins=logins if chunk.tells_logins else None, roles=roles
        )
    first = sessions.first
    began_on = _days_of(sessions, used)
    single = (sessions.pages == 1).astype(np.int64) - (sessions.goes_on & (sessions.pages_before == 1))
    columns = (
        used.account[first],
        used.user[first],
        began_on,
        sessions.goes_on,
        single,
        sessions.active,
        sessions.length,
        sessions.pages,
        sessions.landing,
        sessions.roles,
    )
    for account, user, day, goes_on, alone, active, length, pages, landing, roles in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        part = found.setdefault((account, date(day), user), UserPart(logins=no_logins))
        part.sessions += not goes_on
        part.goes_on |= goes_on
        part.single_page_sessions += alone
        part.active_seconds += active
        part.session_seconds.append(length)
        part.session_pages.append(pages)
        part.session_landings.append(landing)
        part.session_roles.append(roles)
    return found


def uses(trail: Trail) -> dict[Key, int]:
    """How often each feature was used at each account, by day."""
    if not len(trail):
        return {}
    rows, counts = np.unique(np.stack([trail.account, trail.day, trail.feature]), axis=1, return_counts=True)
    return {
        (account, date(day), feature): count
        for account, day, feature, count in zip(*rows.tolist(), counts.tolist(), strict=True)
    }


def _days_of(sessions: Sessions, used: Trail) -> Ints:
    """The days on which sessions began. Of those that were open before, that is no day of an event here."""
    days = used.day[sessions.first].copy()
    for position in np.flatnonzero(sessions.goes_on).tolist():
        days[position] = day_number(calendar.day_of(moment(int(sessions.began[position]))))
    return days


def _sums(trail: Trail, meanings: Meanings) -> Iterator[tuple[int, int, int, int, int, int]]:
    """Account, user, day; events that are use, logins, roles with the sequences that are completed."""
    if not len(trail):
        return
    meant = meanings.of(trail.feature, trail.type)
    order = np.lexsort((trail.day, trail.user))
    user, day, account = trail.user[order], trail.day[order], trail.account[order]
    heads = np.ones(len(order), dtype=np.bool_)
    heads[1:] = (user[1:] != user[:-1]) | (day[1:] != day[:-1])
    first, roles = np.flatnonzero(heads), meant.roles[order]
    nothing = np.zeros(len(first), dtype=np.int64)
    done = completed(meanings.sequences, roles, trail.at[order], np.cumsum(heads) - 1, nothing)
    yield from zip(
        account[first].tolist(),
        user[first].tolist(),
        day[first].tolist(),
        np.add.reduceat(meant.use[order].astype(np.int64), first).tolist(),
        np.add.reduceat(meant.login[order].astype(np.int64), first).tolist(),
        (np.bitwise_or.reduceat(roles, first) | done).tolist(),
        strict=True,
    )


def countable(trail: Trail, meanings: Meanings, today: dt.date) -> Bools:
    """What happened in days that measures look back to, and is more than words about somebody."""
    mask: Bools = (trail.feature > 0) & (trail.day > day_number(today) - COUNTED_DAYS)
    return mask & ~meanings.of(trail.feature, trail.type).ignored


_COLUMNS = """e.at, e.received_at, (e.at at time zone %(zone)s)::date, e.type,
    coalesce((select id from accounts_feature f where f.name = e.name), 0), coalesce(e.seconds, -1)"""

_OF_CHUNK = f"""
select case when e.at > p.follows_since then p.follows_id else p.id end, {_COLUMNS}
from (select *, coalesce(user_id, anonymous_id) as who, user_id is null as anonymous from {CHUNK}) e
join accounts_eventperson p on p.source_id = %(source)s and p.anonymous = e.anonymous and p.external_id = e.who
"""

_NOT_QUEUED = "not exists (select from accounts_eventdelivery queued where queued.id = e.delivery_id)"
_HERE = "e.source_id = %(source)s and e.at >= asked.begins and e.at < asked.ends"

# A user's own events, and those of visitors from when on they follow the user; a visitor's until then.
_OF_PEOPLE = f"""
select asked.person, {_COLUMNS}
from unnest(%(persons)s::bigint[], %(begins)s::timestamptz[], %(ends)s::timestamptz[]) asked(person, begins, ends)
join accounts_eventperson p on p.id = asked.person
cross join lateral (
    select e.* from accounts_event e
    where not p.anonymous and {_HERE} and e.user_id = p.external_id and {_NOT_QUEUED}
    union all
    select e.* from accounts_event e
    where p.anonymous and {_HERE} and e.user_id is null and e.anonymous_id = p.external_id and {_NOT_QUEUED}
    and (p.follows_since is null or e.at <= p.follows_since)
    union all
    select e.* from accounts_eventperson visitor join accounts_event e on e.anonymous_id = visitor.external_id
    where visitor.follows_id = p.id and {_HERE} and e.user_id is null and {_NOT_QUEUED}
    and e.at > visitor.follows_since
) e
"""

_MEMBERSHIPS = """
select m.person_id, m.since, coalesce(m.account_id, 0), coalesce(m.end_user_record, 0), coalesce(m.counts_from, m.since)
from unnest(%(persons)s::bigint[]) asked(person) join accounts_eventmembership m on m.person_id = asked.person
order by m.person_id, m.since
"""
