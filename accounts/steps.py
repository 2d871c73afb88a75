"""One step of rolling up: a trail of events that were not counted before, onto what is known of their people."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.db import connection

from accounts import arrays, calendar
from accounts.anew import make_anew
from accounts.columns import fetch
from accounts.days import add_features, add_users
from accounts.meanings import Meanings
from accounts.models import Account, Source
from accounts.partitions import kept_since
from accounts.people import Chunk
from accounts.sequences import NEVER, Ints, Sequences
from accounts.sessions import GAP, Bools, Open, Sessions, sessions
from accounts.sources import note_delivery
from accounts.trail import Trail, countable, day_number, in_order, moment, parts, uses
from accounts.versions import mark_dirty

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far people's events are rolled up: `person` in order, when the latest was, the end user of the open session, and
    that session."""

    person: Ints
    seen: Ints
    user: Ints
    open: Open

    @classmethod
    def of(cls, persons: Ints) -> "Standing":
        columns = fetch(_STANDING, {"persons": arrays.plain(persons.tolist())}, _STANDING_TYPES)
        person, seen, user, began, last, stated, ends, *held = (
            np.maximum(one.astype(np.int64), NEVER) for one in columns
        )
        return cls(person, seen, user, Open(began, last, stated > 0, ends, *held))


def roll(chunk: Chunk, trail: Trail, meanings: Meanings) -> None:
    """Add events to the days of users and features."""
    counts = countable(trail, meanings, chunk.received_on)
    counted = trail.where(counts & (trail.user > 0))
    standing = Standing.of(np.unique(counted.person))
    _note_seen(trail, waiting=np.unique(trail.person[counts & (trail.user == 0)]))
    if not len(counted):
        return
    add_features(uses(counted.where(~_internal(counted.user))), chunk.received_on)
    late = _out_of_order(counted, standing, meanings)[np.searchsorted(standing.person, counted.person)]
    _go_on(chunk, counted.where(~late), standing, meanings)
    if late.any():
        _go_back(chunk, counted.where(late), standing, meanings)
    _tell(chunk, counted)


def _out_of_order(counted: Trail, standing: Standing, meanings: Meanings) -> Bools:
    """Of each person whether something is no later than what was rolled up before, or belongs to several end users whose
    sessions may be open at once."""
    used = counted.where(meanings.of(counted.feature, counted.type).use)
    place = np.searchsorted(standing.person, used.person)
    late = np.zeros(len(standing.person), dtype=np.bool_)
    first_user = np.zeros(len(standing.person), dtype=np.int64)
    first_user[place] = used.user
    late[place[used.user != first_user[place]]] = True
    other = (used.user != standing.user[place]) & (used.at - standing.open.last[place] < GAP)
    late[place[other | (used.at <= standing.open.last[place])]] = True
    # What comes after what is told of events that are no use as well.
    ordered = counted.where(meanings.of(counted.feature, counted.type).roles & meanings.sequences.members != 0)
    place = np.searchsorted(standing.person, ordered.person)
    late[place[ordered.at <= standing.seen[place]]] = True
    return late


def _go_on(chunk: Chunk, trail: Trail, standing: Standing, meanings: Meanings) -> None:
    """Add what came in the order of time."""
    used = in_order(trail.where(meanings.of(trail.feature, trail.type).use))
    heads = np.ones(len(used), dtype=np.bool_)
    heads[1:] = used.user[1:] != used.user[:-1]
    place = np.searchsorted(standing.person, used.person[heads])
    before = standing.open
    held = sessions(
        used.events(meanings),
        meanings.sequences,
        Open(
            before.began[place],
            np.where(standing.user[place] == used.user[heads], before.last[place], NEVER),
            before.stated[place],
            before.ends[place],
            before.pages[place],
            before.landing[place],
            before.roles[place],
        ),
    )
    add_users(parts(chunk, trail, meanings, used, held), chunk.received_on, meanings.sequences)
    _stand(used, held)


def _go_back(chunk: Chunk, trail: Trail, standing: Standing, meanings: Meanings) -> None:
    """Make anew what came in another order; where events are no longer kept, only add."""
    first = kept_from(chunk.source, chunk.received_on)
    lost = trail.day < day_number(first)
    if lost.any():
        old = trail.where(lost)
        used = in_order(old.where(meanings.of(old.feature, old.type).use))
        held = sessions(used.events(meanings), meanings.sequences)
        add_users(parts(chunk, old, meanings, used, held), chunk.received_on, Sequences.none())
    if lost.all():
        return
    for view in make_anew(chunk, trail.where(~lost), meanings, first):
        _stand(view.used, view.sessions, standing)


def kept_from(source: Source, today: dt.date) -> dt.date:
    """The first day of which all events of a source are kept. An event can come a day before its time."""
    first = kept_since(today, settings.RAW_EVENTS_DAYS)
    return dt.date.min if calendar.day_of(source.created_at) >= first else first + DAY


def _stand(used: Trail, held: Sessions, standing: Standing | None = None) -> None:
    """Note the session of each person that may go on: the last one, unless one is known that goes further."""
    if not len(held.first):
        return
    person = used.person[held.first]
    order = np.lexsort((held.last, person))
    tails = np.ones(len(order), dtype=np.bool_)
    tails[:-1] = person[order][1:] != person[order][:-1]
    last = order[tails]
    if standing is not None:
        last = last[held.last[last] >= standing.open.last[np.searchsorted(standing.person, person[last])]]
    began = held.began[last].tolist()
    with connection.cursor() as cursor:
        cursor.execute(
            _STAND,
            [
                arrays.plain(person[last].tolist()),
                arrays.plain(used.user[held.first[last]].tolist()),
                arrays.plain(map(moment, began)),
                arrays.plain(map(moment, held.last[last].tolist())),
                arrays.plain(map(moment, held.ends[last].tolist())),
                arrays.plain(held.stated[last].tolist()),
                arrays.plain(held.pages[last].tolist()),
                arrays.plain(held.landing[last].tolist()),
                arrays.plain(held.roles[last].tolist()),
            ],
        )


def _note_seen(trail: Trail, waiting: Ints) -> None:
    """Note how far the events of people have come, and who waits for an account."""
    person, whose = np.unique(trail.person, return_inverse=True)
    last = np.full(len(person), NEVER)
    np.maximum.at(last, whose, trail.at)
    with connection.cursor() as cursor:
        cursor.execute(
            _SEEN,
            [
                arrays.plain(person.tolist()),
                arrays.plain(map(moment, last.tolist())),
                arrays.plain(np.isin(person, waiting).tolist()),
            ],
        )


def _internal(users: Ints) -> Bools:
    """Which events are of our own people."""
    with connection.cursor() as cursor:
        cursor.execute(_INTERNAL, [arrays.plain(np.unique(users).tolist())])
        return np.isin(users, [record for (record,) in cursor.fetchall()])


def _tell(chunk: Chunk, counted: Trail) -> None:
    """Let scores know of which accounts there is news."""
    customers = set(np.unique(counted.account).tolist())
    customers -= set(Account.objects.filter(visitors_of=chunk.source).values_list("pk", flat=True))
    if customers:
        mark_dirty(customers, chunk.now)
        note_delivery(chunk.source.pk, "usage", dict.fromkeys(sorted(customers), chunk.now))


_STANDING_TYPES = (
    "int8", "timestamptz", "int8", "timestamptz", "timestamptz", "int2", "timestamptz", "int4", "int8", "int8",
)  # fmt: skip
_STANDING = """
select p.id, coalesce(p.seen_until, '-infinity'), coalesce(p.session_of, 0), coalesce(p.session_began, '-infinity'), coalesce(p.session_last, '-infinity'),
    p.session_stated::int::int2, coalesce(p.session_ends, '-infinity'), p.session_pages,
    p.session_landing, p.session_roles
from unnest(%(persons)s::bigint[]) asked(person) join accounts_eventperson p on p.id = asked.person order by p.id
"""

_STAND = """
update accounts_eventperson person set session_of = stands.of, session_began = stands.began, session_last = stands.last,
    session_ends = stands.ends, session_stated = stands.stated, session_pages = stands.pages,
    session_landing = stands.landing, session_roles = stands.roles
from unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::bool[], %s::int[],
    %s::bigint[], %s::bigint[]
) stands(person, of, began, last, ends, stated, pages, landing, roles)
where person.id = stands.person
"""

_SEEN = """
update accounts_eventperson person
set seen_until = greatest(person.seen_until, seen.until), waits = person.waits or seen.waits
from unnest(%s::bigint[], %s::timestamptz[], %s::bool[]) seen(person, until, waits)
where person.id = seen.person
"""

_INTERNAL = """
select record from accounts_enduser where record = any(%s::bigint[]) and internal and superseded_at is null
"""
