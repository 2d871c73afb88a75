"""Rolling events up into the days of users and of features, each once, whatever is killed meanwhile.

Deliveries wait in a queue. A chunk of them is taken, rolled up, and noted as seen in one transaction, by one roller at a
time. Where the events of a person come in the order of time, which is nearly always, they add to what is known, and the last
session goes on from where it stood. Any others make the days anew that they touch.

A queue rather than a mark in the order of transactions: that would stand still behind every long transaction of the server,
such as an import, and would not survive a restore into another server.
"""

import datetime as dt

from django.db import connection, transaction

from accounts import arrays, people, placing, steps
from accounts.meanings import ANY, Meanings
from accounts.models import Source
from accounts.people import Chunk
from accounts.placing import Placed
from accounts.sources import note_live
from accounts.trail import number_of, of_chunk, of_people

EVENTS_AT_ONCE = 20_000
DELIVERIES_AT_ONCE = 5_000
# How far back events can be that still wait, and how far ahead.
LONG_AGO, SOON = dt.timedelta(days=500), dt.timedelta(days=2)


def roll_up(now: dt.datetime) -> int:
    """Roll up whatever is kept and not rolled up yet. Returns how many events that were."""
    total = 0
    while (count := _roll_chunk(now)) is not None:
        total += count
    return total


def _roll_chunk(now: dt.datetime) -> int | None:
    """Take deliveries and roll them up. None where there are none, or where somebody else does it."""
    with transaction.atomic():
        chunk = _take(now) if _have_turn() else None
        if chunk is None:
            return None
        with connection.cursor() as cursor:
            cursor.execute(_FEATURES, chunk.given)
        meanings = Meanings.in_force()
        # Those of the chunk still stand in the queue, and are not among these.
        _count_waiting(chunk, people.enter(chunk), meanings)
        with connection.cursor() as cursor:
            cursor.execute(_LEAVE_QUEUE, chunk.given)
        trail = of_chunk(chunk)
        # The stream must be there before it is noted of which accounts it has told.
        note_live(chunk.source, "usage", now, len(trail))
        steps.roll(chunk, trail, meanings)
        return len(trail)


def join_waiting(now: dt.datetime) -> int:
    """Count the events of users whose account has become known since. Returns how many users that were."""
    found = 0
    for source in Source.objects.filter(pk__in=_waiting_sources()):
        with transaction.atomic():
            if not _have_turn():
                return found
            placed = placing.join(source, now)
            _count_waiting(Chunk.none(source, now), placed, Meanings.in_force())
            found += len(placed)
    return found


def _count_waiting(chunk: Chunk, placed: list[Placed], meanings: Meanings) -> None:
    """Count what waited in memberships that are placed now."""
    for turn in placing.turns(placed):
        with connection.cursor() as cursor:
            cursor.execute(
                _WAITED,
                {
                    "persons": arrays.plain(one.person for one in turn),
                    "sinces": arrays.plain(one.since for one in turn),
                    "first": chunk.now - LONG_AGO,
                    "last": chunk.now + SOON,
                },
            )
            spans = {person: (number_of(begin), number_of(end)) for person, begin, end in cursor.fetchall()}
            if spans:
                steps.roll(chunk, of_people(chunk.source.pk, spans), meanings)
                cursor.execute(_WAIT_NO_MORE, [arrays.plain(spans)])


def _have_turn() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(hashtextextended('roll up events', 0))")
        return bool(cursor.fetchone()[0])


def _take(now: dt.datetime) -> Chunk | None:
    """The next deliveries: of one source, received on one day."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, {"deliveries": DELIVERIES_AT_ONCE, "events": EVENTS_AT_ONCE})
        found = cursor.fetchall()
        if not found:
            return None
        _, number, day, _ = found[0]
        deliveries = [row[0] for row in found]
        given = {"source": number, "received_on": day, "deliveries": arrays.plain(deliveries)}
        cursor.execute(_TALLY, given)
        cursor.execute(_TALLY_LOGINS, given | {"any": list(ANY)})
    browsers = [delivery for delivery, _, _, browser in found if browser]
    source = Source.objects.select_related("accounts_of").get(pk=number)
    return Chunk(source, day, deliveries, browsers, now, people.tells_logins(source))


def _waiting_sources() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("select distinct source_id from accounts_eventperson where waits")
        return [source for (source,) in cursor.fetchall()]


_NEXT = """
with first as (select source_id, received_on from accounts_eventdelivery order by id limit 1),
next as (
    select queued.* from accounts_eventdelivery queued join first using (source_id, received_on)
    order by queued.id limit %(deliveries)s
)
select id, source_id, received_on, browser
from (select *, sum(events) over (order by id) - events as before from next) counted
where before < %(events)s order by id
"""

_TALLY = """
insert into accounts_eventtally as known (source_id, day, events, repeated, refused, traits_dropped)
select %(source)s, %(received_on)s, sum(events), sum(repeated), sum(refused), sum(traits_dropped)
from accounts_eventdelivery where id = any(%(deliveries)s::bigint[])
on conflict (source_id, day) do update set
    events = known.events + excluded.events, repeated = known.repeated + excluded.repeated,
    refused = known.refused + excluded.refused, traits_dropped = known.traits_dropped + excluded.traits_dropped
"""

# Of any kind of event there is a name as well, in the order of the kinds.
_TALLY_LOGINS = f"""
update accounts_eventtally tally set logins = tally.logins + told.logins
from (
    select count(*) as logins from {people.CHUNK} and exists (
        select from accounts_eventmeaning m where m.login and m.name in (e.name, (%(any)s::text[])[e.type])
    )
) told
where tally.source_id = %(source)s and tally.day = %(received_on)s and told.logins > 0
"""

_LEAVE_QUEUE = "delete from accounts_eventdelivery where id = any(%(deliveries)s::bigint[])"

_FEATURES = f"""
insert into accounts_feature (name, core)
select distinct name, false from {people.CHUNK} and name is not null
and not exists (select from accounts_feature known where known.name = e.name)
on conflict do nothing
"""

_WAITED = """
select m.person_id, greatest(m.since, %(first)s), coalesce(
    (select min(next.since) from accounts_eventmembership next where next.person_id = m.person_id and next.since > m.since),
    %(last)s
)
from unnest(%(persons)s::bigint[], %(sinces)s::timestamptz[]) placed(person, since)
join accounts_eventmembership m on m.person_id = placed.person and m.since = placed.since and m.account_id is not null
join accounts_eventperson p on p.id = m.person_id and p.waits
"""

_WAIT_NO_MORE = """
update accounts_eventperson person set waits = exists (
    select from accounts_eventmembership m where m.person_id = person.id and m.account_id is null
) where id = any(%s::bigint[])
"""
