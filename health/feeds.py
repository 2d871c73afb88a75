"""Whether data arrives: streams and their last delivery, refused events, jobs, records that wait for another."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import Count, Min, OuterRef, QuerySet, Subquery, Sum

from accounts import calendar
from accounts.jobs import is_running
from accounts.models import EventTally, Job, RefusedEvent, Source, Stream, StreamSync, Unmatched
from accounts.sources import OWN
from health.lateness import Effect, Pace

JOBS = 30
WAITING = 50
REFUSED = dt.timedelta(days=7)


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


@dataclass(frozen=True)
class Line:
    """One stream with how it delivers, where anything is known of that, and what rests on it."""

    stream: Any
    pace: Pace | None
    effect: Effect | None


@dataclass(frozen=True)
class Refusals:
    """Events of a source that were refused: how many were tallied, and how many of the latest for each reason, most first."""

    tallied: int
    reasons: tuple[tuple[str, int], ...]

    @property
    def explained(self) -> int:
        return sum(count for _, count in self.reasons)

    @property
    def events(self) -> int:
        """What has just come is not tallied yet."""
        return max(self.tallied, self.explained)


def refusals(today: dt.date) -> dict[int, Refusals]:
    """Source → its events that were refused in the last seven days, where there are any."""
    since = today - REFUSED + dt.timedelta(days=1)
    refused = EventTally.objects.filter(day__gte=since, refused__gt=0)
    tallied = dict(refused.values_list("source").annotate(Sum("refused")))
    latest = RefusedEvent.objects.filter(received_at__gte=calendar.start_of(since)).values_list("source", "code")
    reasons: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for source, code, count in latest.annotate(count=Count("pk")).order_by("-count", "code"):
        reasons[source].append((code, count))
    sources = tallied.keys() | reasons.keys()
    return {source: Refusals(tallied.get(source, 0), tuple(reasons[source])) for source in sources}


@dataclass(frozen=True)
class Block:
    """One source with its streams. `usual` is what is usual of all of them, where that is the same."""

    source: Source
    lines: tuple[Line, ...]
    refusals: Refusals | None

    @property
    def late(self) -> int:
        return sum(line.pace is not None and line.pace.is_late for line in self.lines)

    @property
    def usual(self) -> str:
        said = {line.pace.words if line.pace else "" for line in self.lines}
        return said.pop() if len(said) == 1 else ""


def by_source(
    streams: Iterable[Stream],
    paces: Mapping[int, Pace],
    effects: Mapping[int, Effect],
    refused: Mapping[int, Refusals],
) -> tuple[Block, ...]:
    """Sources with streams that are late first."""
    found: dict[Source, list[Line]] = {}
    for stream in streams:
        line = Line(stream, paces.get(stream.pk), effects.get(stream.pk))
        found.setdefault(stream.source, []).append(line)
    blocks = [Block(source, tuple(lines), refused.get(source.pk)) for source, lines in found.items()]
    return tuple(sorted(blocks, key=lambda block: (not block.late, str(block.source).casefold())))


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


def waiting_in_all(rows: Sequence[Mapping[str, Any]]) -> int:
    """How many records wait, of which `rows` count those that most wait for."""
    return sum(row["count"] for row in rows) if len(rows) < WAITING else Unmatched.objects.count()


def rejected_file(job: Job) -> Path | None:
    """The file of rejected rows, where it lies on this machine."""
    path = Path(job.rejected_file)
    return path if job.rejected_file and path.is_file() else None


def took(job: Job) -> dt.timedelta | None:
    """How long a job ran, once it has ended."""
    return job.finished_at - job.started_at if job.finished_at else None
