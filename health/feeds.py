"""Whether data arrives: streams and their last delivery, jobs, records that wait for another."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Count, Min, OuterRef, QuerySet, Subquery, Sum

from accounts.jobs import is_running
from accounts.models import Job, Stream, StreamSync, Unmatched
from accounts.sources import OWN
from health.metrics.streams import SHORTEST_LAG, SYNCS_FOR_INTERVAL

JOBS = 30
WAITING = 50


def streams() -> QuerySet[Stream]:
    """Every stream with its last delivery that still stands: an undone import takes its own back.

    What users log by hand is never delivered, and so never late.
    """
    last = StreamSync.objects.known().filter(stream=OuterRef("pk")).order_by("-at")
    total = StreamSync.objects.known().filter(stream=OuterRef("pk")).order_by().values("stream")
    return (
        Stream.objects.exclude(source__name=OWN)
        .select_related("source")
        .annotate(
            synced_at=Subquery(last.values("at")[:1]),
            complete_through=Subquery(last.values("complete_through")[:1]),
            last_rows=Subquery(last.values("rows")[:1]),
            last_rejected=Subquery(last.values("rejected")[:1]),
            total_rows=Subquery(total.annotate(total=Sum("rows")).values("total")),
        )
    )


def jobs() -> QuerySet[Job]:
    """The latest jobs, newest first."""
    return Job.objects.select_related("source", "requested_by").order_by("-pk")[:JOBS]


def stopped(found: Iterable[Job]) -> set[int]:
    """Those that count as running while no process runs them any more: it was killed, or its machine went down."""
    return {job.pk for job in found if job.state == Job.State.RUNNING and not is_running(job)}


def waiting() -> list[dict[str, Any]]:
    """Records that wait, counted by what they wait for, most first."""
    rows = (
        Unmatched.objects.values("kind", "source__name", "waits_kind", "waits_source__name", "waits_external_id")
        .annotate(count=Count("pk"), since=Min("kept_at"), until=Min("expires_at"))
        .order_by("-count", "waits_external_id")[:WAITING]
    )
    return [dict(row) for row in rows]


def rejected_file(job: Job) -> Path | None:
    """The file of rejected rows, where it lies on this machine."""
    path = Path(job.rejected_file)
    return path if job.rejected_file and path.is_file() else None


def took(job: Job) -> dt.timedelta | None:
    """How long a job ran, once it has ended."""
    return job.finished_at - job.started_at if job.finished_at else None


@dataclass(frozen=True)
class Late:
    """A stream that should have delivered by now: what it tells of ends at `through`."""

    kind: str
    source: str
    through: dt.datetime


def late() -> tuple[Late, ...]:
    """The streams whose last delivery is older than they may be late, as the metrics judge it; longest first."""
    with connection.cursor() as cursor:
        cursor.execute(_LATE, {"deliveries": SYNCS_FOR_INTERVAL, "shortest": SHORTEST_LAG.total_seconds(), "own": OWN})
        return tuple(Late(kind, source, through) for kind, source, through in cursor.fetchall())


# As late as a stream says, else twice its usual interval between the last deliveries, at least 36 hours.
_LATE = """
select stream.kind, coalesce(nullif(source.label, ''), source.name), last.through
from accounts_stream stream join accounts_source source on source.id = stream.source_id
join lateral (
    select max(sync.at) as through, percentile_cont(0.5) within group (order by sync.gap) as usual from (
        select complete_through as at, complete_through - lead(complete_through) over (order by complete_through desc) as gap
        from accounts_streamsync where stream_id = stream.id and superseded_at is null
        order by complete_through desc limit %(deliveries)s
    ) sync
) last on last.through is not null
where source.name <> %(own)s and last.through + coalesce(
    make_interval(hours => stream.lag_hours), greatest(make_interval(secs => %(shortest)s), 2 * coalesce(last.usual, interval '0'))
) < now()
order by last.through, stream.id
"""
