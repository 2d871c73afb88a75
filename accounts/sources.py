"""Sources and their streams, and how far each stream is complete."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django.db import connection
from django.db.models import F, Max, Min, Value
from django.db.models.functions import Greatest, Least

from accounts import calendar
from accounts.kinds import Kind
from accounts.models import AccountStream, AttributeValue, Job, Source, Stream, StreamSync
from accounts.models.clocks import this_transaction
from accounts.rows import Receipt

# What is logged by hand comes from Verdant itself. That is never silent, and no import may come in its name.
OWN = "verdant"


class BadSource(Exception):
    """There can be no such source; the message says why."""


def named(name: str, time_zone: str = "") -> Source:
    """The source of that name, made if it is new. `time_zone`, where given, is from now on its own. Raises BadSource."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,60}", name):
        raise BadSource(
            f"A source's name has 1 to 60 letters, digits, hyphens and underscores; “{name[:80]}” does not."
        )
    if name == OWN:
        raise BadSource(f"“{OWN}” is what Verdant calls itself. Name the system that the records come from.")
    if time_zone and time_zone not in available_timezones():
        raise BadSource(f"“{time_zone[:80]}” is not a time zone like Europe/Berlin.")
    source, _ = Source.objects.get_or_create(name=name)
    if time_zone and source.time_zone != time_zone:
        source.time_zone = time_zone
        source.save(update_fields=["time_zone"])
    return source


def own() -> Source:
    """Verdant as the source of what its users log by hand."""
    source, _ = Source.objects.get_or_create(name=OWN, defaults={"label": "Verdant"})
    return source


def has_delivered(source: Source, kind: Kind) -> bool:
    """Whether this stream has finished a delivery before."""
    return StreamSync.objects.known().filter(stream__source=source, stream__kind=kind.name).exists()


def record_sync(
    source: Source,
    kind: Kind,
    receipt: Receipt,
    job: Job,
    *,
    rows: int,
    rejected: int,
    complete_through: dt.date | None = None,
) -> StreamSync:
    """Note a finished delivery.

    It is complete through the day that it names, else through the moment it began. One whose receipt was assumed is so
    from its first fact on; if it brought what happens rather than what lasts, it is complete only through its last fact.
    """
    stream, _ = Stream.objects.get_or_create(source=source, kind=kind.name)
    sync = StreamSync(stream=stream, source=source, job=job, at=receipt.now, rows=rows, rejected=rejected)
    sync.complete_through = sync.received_at = job.started_at
    if receipt.known != "now":
        first, last = _span(source, kind, job=job)
        sync.receipt_assumed = first is not None
        sync.complete_from = first
        sync.received_at = first or job.started_at
        if last is not None and not kind.lasting:
            sync.complete_through = last
    if complete_through is not None:
        sync.complete_through = min(calendar.end_of(complete_through), job.started_at)
    sync.save()
    return sync


def note_live(source: Source, kind: str, now: dt.datetime, rows: int, rejected: int = 0) -> None:
    """Note that a source that sends by itself is heard: as one delivery for each hour, complete through now.

    Who sends what happens as it happens says with each record that whatever there was until then has come. Nothing else is
    claimed: a source that has fallen silent is found by the usual distance of its deliveries.
    """
    stream, _ = Stream.objects.get_or_create(source=source, kind=kind)
    hour = now.replace(minute=0, second=0, microsecond=0)
    known = StreamSync.objects.filter(stream=stream, at__gte=hour, job=None, receipt_assumed=False)
    through = Greatest("complete_through", Value(now))
    if not known.update(complete_through=through, rows=F("rows") + rows, rejected=F("rejected") + rejected):
        moments = {"at": now, "received_at": now, "complete_through": now}
        StreamSync.objects.create(stream=stream, source=source, rows=rows, rejected=rejected, **moments)


def note_history(source: Source, kind: Kind, now: dt.datetime, rows: int, rejected: int = 0) -> None:
    """Note what this transaction took in of a source that sends its history by itself: as one delivery for each hour.

    As one by a file, it is complete from its first fact on, and through its last where it brought what happens.
    """
    # What is said of accounts does not note its change; they do.
    changed = "account__changed_in" if kind.model is None else "changed_in"
    first, last = _span(source, kind, **{changed: this_transaction()})
    if first is None or last is None:
        return
    stream, _ = Stream.objects.get_or_create(source=source, kind=kind.name)
    hour = now.replace(minute=0, second=0, microsecond=0)
    known = StreamSync.objects.filter(stream=stream, at__gte=hour, job=None, receipt_assumed=True)
    through = now if kind.lasting else last
    widened = {
        "received_at": Least("received_at", Value(first)),
        "complete_from": Least("complete_from", Value(first)),
        "complete_through": Greatest("complete_through", Value(through)),
    }
    if not known.update(rows=F("rows") + rows, rejected=F("rejected") + rejected, **widened):
        moments = {"at": now, "received_at": first, "complete_from": first, "complete_through": through}
        StreamSync.objects.create(
            stream=stream, source=source, rows=rows, rejected=rejected, receipt_assumed=True, **moments
        )


def _span(source: Source, kind: Kind, **written: Any) -> tuple[dt.datetime | None, dt.datetime | None]:
    """When the first and the last of those facts of assumed receipt were known that a job or a transaction wrote."""
    facts = AttributeValue if kind.model is None else kind.model
    ends = facts.objects.filter(source=source, receipt_assumed=True, **written).aggregate(
        first=Min("received_at"), last=Max("received_at")
    )
    return ends["first"], ends["last"]


def note_delivery(source_id: int, kind: str, first_received: Mapping[int, dt.datetime]) -> None:
    """Note that this stream has delivered records of these accounts: account → when the first of them was learned."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into accounts_accountstream as known (account_id, stream_id, first_received_at) "
            "select sent.account_id, stream.id, sent.at from accounts_stream stream, "
            "unnest(%s::bigint[], %s::timestamptz[]) sent(account_id, at) "
            "where stream.source_id = %s and stream.kind = %s "
            "on conflict (account_id, stream_id) do update set first_received_at = excluded.first_received_at "
            "where excluded.first_received_at < known.first_received_at",
            [list(first_received), list(first_received.values()), source_id, kind],
        )


def forget_delivery(source: Source, kind: Kind, account_id: int) -> None:
    """Let the stream have delivered nothing of the account, where nothing else stands that came by it."""
    assert kind.model is not None
    standing = kind.model.objects.known().filter(source=source, account=account_id)
    if not standing.exists():
        AccountStream.objects.filter(stream__source=source, stream__kind=kind.name, account=account_id).delete()
