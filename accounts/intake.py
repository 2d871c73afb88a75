"""Keeping events: durable, and each once, by one statement of the request that brought them."""

import datetime as dt
from collections.abc import Sequence
from itertools import repeat
from typing import Any

from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from psycopg.errors import CheckViolation

from accounts import arrays, calendar
from accounts.events import Found, Refusal, Row, Terms
from accounts.models import RefusedEvent
from accounts.partitions import ensure_months

REFUSED_KEPT = 100
# How long a digest is remembered, in days.
SEEN_DAYS = 8
# The roller is called about once a second, and then finds what came meanwhile.
CALL_EACH = 1


def keep(found: Found, terms: Terms) -> int:
    """Keep the events that were made out. Returns how many were new: an event that came before is not kept again.

    A messageId counts once also where two requests bring it at the same moment: the second waits for the first, in the
    order of digests, so that no two wait for each other.
    """
    given = _columns(found, terms)
    try:
        return _keep(found, terms, given)
    except IntegrityError as error:
        if not isinstance(error.__cause__, CheckViolation):
            raise
        # The first event of a month for which nobody has made room yet.
        with transaction.atomic():
            ensure_months("accounts_event", {given["received_on"]})
        return _keep(found, terms, given)


def _keep(found: Found, terms: Terms, given: dict[str, Any]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        _note(found.refused, terms)
        cursor.execute(_KEEP, given)
        return int(cursor.rowcount)


def _columns(found: Found, terms: Terms) -> dict[str, Any]:
    rows = list({row.message: row for row in found.rows}.values())
    messages, types, ats, names, users, visitors, groups, paths, seconds, traits = (
        zip(*rows, strict=True) if rows else repeat((), len(Row._fields))
    )
    return {
        "source": terms.source.pk,
        "received_at": terms.received_at,
        "received_on": calendar.day_of(terms.received_at),
        "browser": terms.browser,
        "sent": len(found.rows),
        "refused": len(found.refused),
        "dropped": found.dropped,
        "messages": arrays.plain(messages),
        "types": arrays.plain(map(int, types)),
        "ats": arrays.plain(ats),
        "names": arrays.texts(names),
        "users": arrays.texts(users),
        "visitors": arrays.texts(visitors),
        "groups": arrays.texts(groups),
        "paths": arrays.texts(paths),
        "seconds": arrays.plain(seconds),
        "traits": arrays.texts(traits),
    }


def call_roller() -> None:
    """Let a worker roll up what was kept, unless one has just been called. Without Redis the timetable does."""
    from accounts.tasks import roll_up_events

    if cache.add("events-roller-called", 1, timeout=CALL_EACH):
        roll_up_events.apply_async(countdown=CALL_EACH, retry=False)


def forget_seen(today: dt.date) -> None:
    """Let go of digests that are older than a client still sends."""
    with connection.cursor() as cursor:
        cursor.execute("delete from accounts_seen where seen_on < %s", [today - dt.timedelta(days=SEEN_DAYS)])


def _note(refused: Sequence[Refusal], terms: Terms) -> None:
    if not refused:
        return
    RefusedEvent.objects.bulk_create(
        RefusedEvent(
            source=terms.source, received_at=terms.received_at, type=one.type, code=one.code, message=one.message
        )
        for one in refused[-REFUSED_KEPT:]
    )
    kept = RefusedEvent.objects.filter(source=terms.source).order_by("-id").values("id")[:REFUSED_KEPT]
    RefusedEvent.objects.filter(source=terms.source).exclude(id__in=list(kept.values_list("id", flat=True))).delete()


_KEEP = """
with sent as materialized (
    select * from unnest(
        %(messages)s::uuid[], %(types)s::int2[], %(ats)s::timestamptz[], %(names)s::text[], %(users)s::text[],
        %(visitors)s::text[], %(groups)s::text[], %(paths)s::text[], %(seconds)s::int[], %(traits)s::text[]
    ) with ordinality
    sent(message, type, at, name, user_id, anonymous_id, group_id, path, seconds, traits, position)
),
fresh as (
    insert into accounts_seen (source_id, message, seen_on)
    select %(source)s, message, %(received_on)s from sent order by message
    on conflict do nothing returning message
),
delivery as (
    insert into accounts_eventdelivery (
        source_id, received_at, received_on, browser, events, repeated, refused, traits_dropped
    )
    select %(source)s, %(received_at)s, %(received_on)s, %(browser)s, count(*), %(sent)s - count(*), %(refused)s, %(dropped)s
    from fresh returning id
)
insert into accounts_event (
    delivery_id, source_id, received_at, received_on, position, type, at,
    name, user_id, anonymous_id, group_id, path, seconds, traits
)
select delivery.id, %(source)s, %(received_at)s, %(received_on)s, position, type, at,
    nullif(name, ''), nullif(user_id, ''), nullif(anonymous_id, ''), nullif(group_id, ''), nullif(path, ''),
    nullif(seconds, -1), nullif(traits, '')::jsonb
from sent join fresh using (message) cross join delivery
"""
