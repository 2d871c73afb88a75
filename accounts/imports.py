"""Importing a file: read, mapped, taken in chunk by chunk, each chunk in a transaction of its own.

What is in is in: an import that was killed is run again and goes on, since rows that are known already change nothing.
"""

import datetime as dt
import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from django.db import Error, transaction
from django.utils import timezone

from accounts import attributes, jobs, mapping, sources, unmatched
from accounts.csvfile import Chunk, CsvFile, Rejected, write_rejected
from accounts.ingest import ingest
from accounts.kinds import Kind
from accounts.models import Job, Source, User
from accounts.records import RecordSerializer
from accounts.rows import Delivery, Receipt

ROWS_AT_ONCE = 10_000
REJECTIONS_SHOWN = 100
REASON_AT_MOST = 300

Known = Literal["now", "occurred"] | dt.date | None


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be imported, and how. `known` None: as it occurred for a stream's first import, now for later ones.
    `complete_through`: the last day of which the file tells everything. `time_zone`: that of the source's times that come without one, kept with the source from then on.
    """

    kind: Kind
    path: Path
    source: str
    mapping: Path | None = None
    known: Known = None
    occurred: dt.date | None = None
    complete_through: dt.date | None = None
    time_zone: str = ""
    rejected: Path | None = None
    user: User | None = None


@dataclass
class Report:
    """What became of the rows, so far."""

    job: Job
    size: int
    unused: tuple[str, ...] = ()
    counts: Counter[str] = field(default_factory=Counter)
    rejections: list[dict[str, Any]] = field(default_factory=list)
    read: int = 0
    joined: int = 0

    @property
    def rows(self) -> int:
        return self.counts.total()


def members_of(kind: Kind) -> tuple[str, ...]:
    """What a mapping may fill."""
    custom = (f"{attributes.PREFIX}*",) if kind.model is None else ()
    return (*RecordSerializer().fields, *kind.members, *custom)


def open_file(order: Order) -> tuple[CsvFile, mapping.Bound]:
    """The file and its mapping, ready to read. Raises Unreadable and BadMapping."""
    members = members_of(order.kind)
    wanted = mapping.load(order.mapping, members) if order.mapping else None
    file = CsvFile(
        order.path, delimiter=wanted.delimiter if wanted else None, encoding=wanted.encoding if wanted else None
    )
    used = wanted or mapping.identity(file.table.header, members)
    if not any(mapped.member == "external_id" for mapped in used.fields):
        raise mapping.BadMapping(
            f"{used.name}: nothing gives the external_id, by which a record is known again. "
            "Name a column external_id or id, or map one to it."
        )
    return file, mapping.bind(used, file.table.header)


def run(
    order: Order,
    *,
    dry_run: bool = False,
    progress: Callable[[Report], None] = lambda report: None,
    clock: Callable[[], dt.datetime] = timezone.now,
) -> Report:
    """Import a file. A dry run takes everything in and then takes everything back, and so reports what would happen.

    Raises Unreadable and BadMapping before anything is taken in; Unreadable also in the middle of a broken file, and
    then what came before it is in.
    """
    file, bound = open_file(order)
    with transaction.atomic() if dry_run else nullcontext():
        work = _begin(order, file, bound, clock())
        with jobs.running(work.job), _uncollected():
            try:
                for chunk in file.chunks(ROWS_AT_ONCE):
                    _take(work, chunk, clock())
                    progress(work.report)
                    gc.collect(1)
                _complete(work, clock())
            except BaseException as error:
                # The database may be what failed; then the job is seen to have stopped.
                with suppress(Error):
                    if not dry_run:
                        jobs.finish(work.job, Job.State.FAILED, clock(), f"{error or type(error).__name__}")
                raise
        if dry_run:
            transaction.set_rollback(True)
    return work.report


@dataclass(frozen=True)
class _Work:
    """An import on its way."""

    order: Order
    file: CsvFile
    bound: mapping.Bound
    source: Source
    job: Job
    receipt: Receipt
    report: Report


def _begin(order: Order, file: CsvFile, bound: mapping.Bound, now: dt.datetime) -> _Work:
    source = sources.named(order.source, order.time_zone)
    job = Job.objects.create(
        name=f"Import {order.kind.name} from {order.path.name}",
        source=source,
        kind=order.kind.name,
        requested_by=order.user,
        total=file.table.size,
        started_at=now,
    )
    known = order.known or ("now" if sources.has_delivered(source, order.kind) else "occurred")
    report = Report(job=job, size=file.table.size, unused=bound.unused)
    return _Work(order, file, bound, source, job, Receipt(now, known, order.occurred), report)


def _complete(work: _Work, now: dt.datetime) -> None:
    report = work.report
    report.joined = unmatched.join_waiting(now)
    sources.record_sync(
        work.source,
        work.order.kind,
        work.receipt,
        work.job,
        rows=report.rows,
        rejected=report.counts["rejected"],
        complete_through=work.order.complete_through,
    )
    jobs.finish(work.job, Job.State.DONE, now)


def _take(work: _Work, chunk: Chunk, now: dt.datetime) -> None:
    """Take in a chunk and note how far the job is, in one transaction. Rejected rows go to their file after it."""
    report = work.report
    with transaction.atomic():
        delivery = Delivery(work.order.kind, work.source, replace(work.receipt, now=now), work.job)
        rows = ingest(delivery, work.bound.columns(chunk.rows), len(chunk.rows)) if chunk.rows else []
        rejected = [
            Rejected(chunk.rows[row.position], chunk.lines[row.position], problem.field, problem.message)
            for row in rows
            if row.status == "rejected"
            for problem in row.problems[:1]
        ]
        rejected += [Rejected(fault.cells, fault.line, "", fault.message) for fault in chunk.faults]
        rejected.sort(key=lambda row: row.line)
        report.counts.update(row.status for row in rows if row.status)
        report.counts["rejected"] += len(chunk.faults)
        report.read = chunk.read
        _note(work, rejected)
    target = work.order.rejected
    if rejected and target:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_rejected(target, work.file.table.header, rejected, delimiter=work.file.table.delimiter)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles, but when called. It would look through the rows of a chunk again and again, and they
    have none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _note(work: _Work, rejected: Sequence[Rejected]) -> None:
    report, job = work.report, work.job
    room = REJECTIONS_SHOWN - len(report.rejections)
    report.rejections += [
        {"line": row.line, "field": row.field, "reason": row.reason[:REASON_AT_MOST]} for row in rejected[:room]
    ]
    job.done, job.counts, job.rejections = report.read, dict(+report.counts), report.rejections
    if report.rejections and work.order.rejected:
        job.rejected_file = str(work.order.rejected)
    job.save(update_fields=["done", "counts", "rejections", "rejected_file"])


def summary(report: Report) -> Iterator[str]:
    """The report in sentences."""
    if not report.rows:
        yield "No rows: the file has a header only."
    for status in ("created", "updated", "unchanged", "unmatched", "stale", "rejected"):
        if count := report.counts[status]:
            yield f"{count:>12,} {status}"
    if report.joined:
        yield f"{report.joined:>12,} that had waited are joined"
    if report.unused:
        yield f"Columns that nothing takes: {', '.join(report.unused)}."
