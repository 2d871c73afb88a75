"""Sources and their streams, and how far each stream is complete."""

import datetime as dt

from django.db.models import Max, Min

from accounts.kinds import Kind
from accounts.models import AttributeValue, Job, Source, Stream, StreamSync
from accounts.rows import Receipt


class BadName(Exception):
    """A source cannot have this name."""


def named(name: str) -> Source:
    """The source of that name, made if it is new. Raises BadName."""
    if not name or len(name) > 60 or not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        raise BadName(f"A source's name has 1 to 60 letters, digits, hyphens and underscores; “{name[:80]}” does not.")
    return Source.objects.get_or_create(name=name)[0]


def has_delivered(source: Source, kind: Kind) -> bool:
    """Whether this stream has finished a delivery before."""
    return StreamSync.objects.known().filter(stream__source=source, stream__kind=kind.name).exists()


def record_sync(source: Source, kind: Kind, receipt: Receipt, job: Job, *, rows: int, rejected: int) -> StreamSync:
    """Note a finished delivery. One whose receipt was assumed brings assumed completeness, from its first fact to its
    last, or through the day that it named; any other is complete through the moment it began."""
    stream, _ = Stream.objects.get_or_create(source=source, kind=kind.name)
    sync = StreamSync(stream=stream, source=source, job=job, at=receipt.now, rows=rows, rejected=rejected)
    sync.complete_through = sync.received_at = job.started_at
    if receipt.known != "now":
        first, last = _span(source, kind, job)
        sync.receipt_assumed = first is not None
        sync.complete_from = first
        sync.complete_through = last or job.started_at
        sync.received_at = first or job.started_at
    sync.save()
    return sync


def _span(source: Source, kind: Kind, job: Job) -> tuple[dt.datetime | None, dt.datetime | None]:
    """When the first and the last of a job's facts of assumed receipt were known."""
    facts = AttributeValue if kind.model is None else kind.model
    ends = facts.objects.filter(source=source, job=job, receipt_assumed=True).aggregate(
        first=Min("received_at"), last=Max("received_at")
    )
    return ends["first"], ends["last"]
