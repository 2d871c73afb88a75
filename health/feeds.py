"""Whether data arrives: streams and their last delivery, jobs, records that wait for another."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db.models import Count, Min, OuterRef, QuerySet, Subquery, Sum

from accounts.jobs import is_running
from accounts.models import Job, Stream, StreamSync, Unmatched
from accounts.sources import OWN

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
