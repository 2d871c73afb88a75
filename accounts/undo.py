"""Taking an import back: what it opened is closed, what it closed stands again.

What was really known for a while stays in history as known for that while. What was only assumed to have been known,
because history was loaded later, was never known: its interval becomes empty, and no look back finds it.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models, transaction

from accounts import attributes, jobs, kinds, usage
from accounts.kinds import Kind
from accounts.models import (
    Account,
    AttributeValue,
    EndUser,
    ExternalId,
    Job,
    Merge,
    StreamSync,
    Unmatched,
    UsageCount,
    Version,
)
from accounts.versions import MERGES_NOTHING, copied, mark_dirty

DAYS_AT_ONCE = 50_000


class CannotUndo(Exception):
    """The import cannot be taken back; the message says why and what to do first."""


@dataclass
class Undone:
    """How many versions were closed and how many stand again, by what they are."""

    closed: dict[str, int] = field(default_factory=dict)
    restored: dict[str, int] = field(default_factory=dict)


def undo(job: Job, now: dt.datetime) -> Undone:
    """Take the job back. Raises CannotUndo."""
    if jobs.is_running(job):
        raise CannotUndo(f"Job {job.pk} is still running. Stop it first.")
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job.pk)
        if job.state == Job.State.UNDONE:
            raise CannotUndo(f"Job {job.pk} has been undone already.")
        kind = kinds.get(job.kind)
        _hold(job)
        _refuse_if_merged_since(job)
        _refuse_if_built_upon(job, kind)
        undone = Undone()
        with connection.chunked_cursor() as days:
            _find_usage(days, job)
            with _table_by_table():
                for model in _models():
                    _take_back(model, job, now, undone)
                _settle_ids(job, kind, now)
                _settle_streams(job, kind)
            _settle_accounts(job, now)
            _settle_usage(days)
        Unmatched.objects.filter(job=job).delete()
        job.state = Job.State.UNDONE
        job.save(update_fields=["state"])
    return undone


@contextmanager
def _table_by_table() -> Iterator[None]:
    """Have PostgreSQL read tables whole and side by side. Its statistics do not know yet what a job has just brought; it
    takes thousands of rows for one, and goes through another table anew for each of them."""
    with connection.cursor() as cursor:
        cursor.execute("set local enable_nestloop = off")
        yield
        cursor.execute("set local enable_nestloop = on")


def _models() -> list[type[models.Model]]:
    return [*(kind.model for kind in kinds.every() if kind.model is not None), AttributeValue, StreamSync]


def _key(model: type[models.Model]) -> tuple[str, ...]:
    """What tells the facts of a table apart, whatever their version."""
    if issubclass(model, Version):
        return ("record",)
    return ("account_id", "definition_id", "source_id") if model is AttributeValue else ("id",)


def _hold(job: Job) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"select {MERGES_NOTHING}")
        for stream_id in job.source.streams.order_by("id").values_list("id", flat=True) if job.source else ():
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"stream {stream_id}"])
        for kind in kinds.every():
            if kind.common:
                cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [kind.name])


def _take_back(model: type[models.Model], job: Job, now: dt.datetime, undone: Undone) -> None:
    """Close what the job opened, and let what it closed stand again."""
    table, key = f'"{model._meta.db_table}"', ", ".join(_key(model))
    columns = ", ".join(f'"{name}"' for name in copied(model))
    values = ", ".join(_MAY_APPLY if name == "applied" else f'base."{name}"' for name in copied(model))
    base = "base.closed_by_id = %(job)s and base.job_id is distinct from %(job)s"
    same = " and ".join(f"other.{name} = base.{name}" for name in _key(model))
    arguments: dict[str, Any] = {"job": job.pk, "now": now, "started": job.started_at}
    with connection.cursor() as cursor:
        cursor.execute(
            f"update {table} set closed_by_id = %(job)s, superseded_at = "
            "case when receipt_assumed then 'infinity' else greatest(%(now)s, received_at) end "
            "where job_id = %(job)s and superseded_at is null",
            arguments,
        )
        closed = cursor.rowcount
        # What was never known becomes empty. Its time falls to the version that it followed.
        cursor.execute(
            f"update {table} standing set superseded_at = nullif(until, 'infinity'), "
            "closed_by_id = case when until < 'infinity' then closed_by_id end from ("
            f"select base.id, max(other.superseded_at) as until from {table} base join {table} other on {same} "
            f"where {base} and other.job_id = %(job)s and other.receipt_assumed and other.id > base.id "
            f"and other.received_at >= base.superseded_at and not exists (select from {table} between_them "
            f"where {same.replace('base.', 'between_them.')} and between_them.id > base.id "
            "and between_them.id < other.id and between_them.job_id is distinct from %(job)s) "
            "group by base.id) extended where standing.id = extended.id",
            arguments,
        )
        restored = cursor.rowcount
        # What ended before the job began, with nothing after it, has only been assumed to end.
        cursor.execute(
            f"update {table} base set superseded_at = null, closed_by_id = null where {base} "
            f"and base.superseded_at < %(started)s and not exists (select from {table} other where {same} "
            "and other.id > base.id)",
            arguments,
        )
        restored += cursor.rowcount
        cursor.execute(
            f"update {table} set superseded_at = received_at, closed_by_id = %(job)s "
            "where job_id = %(job)s and receipt_assumed and superseded_at > received_at",
            arguments,
        )
        # What the job closed stands again, as what it was, unless somebody else has had the last word since.
        cursor.execute(
            f"insert into {table} ({columns}, received_at, receipt_assumed) "
            f"select distinct on ({', '.join(f'base.{name}' for name in _key(model))}) {values}, "
            f"greatest(%(now)s, base.superseded_at), false from {table} base "
            f"join ({_NEWEST.format(table=table, key=key)}) newest using ({key}) "
            f"where {base} and newest.superseded_at is not null and newest.closed_by_id = %(job)s "
            f"order by {', '.join(f'base.{name}' for name in _key(model))}, base.id desc",
            arguments,
        )
        restored += cursor.rowcount
    if closed:
        undone.closed[str(model._meta.verbose_name_plural)] = closed
    if restored:
        undone.restored[str(model._meta.verbose_name_plural)] = restored


# The last version of each record that the job touched, leaving out those of imports that have been undone.
_NEWEST = """
select distinct on ({key}) {key}, job_id, closed_by_id, superseded_at from {table} version
where ({key}) in (select {key} from {table} where job_id = %(job)s or closed_by_id = %(job)s)
  and not exists (select from accounts_job where id = version.job_id and state = 'undone')
order by {key}, version.id desc
"""

# Of several sources' values of one attribute one applies; another may by now.
_MAY_APPLY = """
base.applied and not exists (
    select from accounts_attributevalue other where other.account_id = base.account_id
    and other.definition_id = base.definition_id and other.superseded_at is null and other.applied
)
"""


def _settle_ids(job: Job, kind: Kind, now: dt.datetime) -> None:
    """Let the ids mean what they meant. The next payload of each is compared with the state, not with one undone."""
    model = AttributeValue if kind.model is None else kind.model
    column = "account_id" if kind.model is None else "record"
    table = model._meta.db_table
    standing = (
        "exists (select from accounts_account where id = known.record and job_id is distinct from %(job)s)"
        if kind.model is None
        else f'exists (select from "{table}" fact where fact.record = known.record and superseded_at is null)'
    )
    arguments: dict[str, Any] = {"job": job.pk, "now": now, "kind": kind.name, "source": job.source_id}
    touched = f'select {column} from "{table}" where job_id = %(job)s or closed_by_id = %(job)s'
    if kind.model is None:
        touched += " union select id from accounts_account where job_id = %(job)s"
    with connection.cursor() as cursor:
        if kind.model is EndUser:
            # The id of somebody who had moved names the end user at the old account again.
            cursor.execute(
                "update accounts_externalid known set record = person.record, account_id = person.account_id "
                "from accounts_enduser person where known.kind = %(kind)s and known.source_id = %(source)s "
                f"and known.record in ({touched}) and not {standing} and person.superseded_at is null "
                "and person.source_id = known.source_id and person.external_id = known.external_id",
                arguments,
            )
        cursor.execute(
            "update accounts_externalid known set digest = null, source_updated_at = null, "
            f"deleted_at = case when not {standing} then coalesce(deleted_at, %(now)s) end "
            f"where kind = %(kind)s and source_id = %(source)s and record in ({touched})",
            arguments,
        )
        # Further ids that the job named mean nothing again, unless their own source has used them since.
        cursor.execute(
            "update accounts_externalid set deleted_at = %(now)s, named_by_id = null "
            "where kind = 'accounts' and named_by_id = %(job)s and digest is null",
            arguments,
        )


def _settle_accounts(job: Job, now: dt.datetime) -> None:
    """Accounts that the job made are gone, those it deleted are back, and the values of the others apply again."""
    values = AttributeValue.objects.filter(models.Q(job=job) | models.Q(closed_by=job))
    touched = sorted(set(values.values_list("account_id", flat=True)))
    named = ExternalId.objects.filter(kind="accounts", deleted_at__isnull=True, record=models.OuterRef("pk"))
    own = Account.objects.filter(models.Q(job=job) | models.Q(id__in=touched))
    gone_or_back = set(own.values_list("id", flat=True))
    own.filter(models.Exists(named)).update(deleted_at=None)
    own.filter(~models.Exists(named), deleted_at__isnull=True).update(deleted_at=now, updated_at=now)
    attributes.settle_masters(touched, now)
    for kind in kinds.every():
        if kind.model is not None and kind.belongs_to_account:
            changed = kind.model.objects.filter(models.Q(job=job) | models.Q(closed_by=job))
            touched += changed.values_list("account_id", flat=True).distinct()
    mark_dirty(gone_or_back.union(touched), now)


DAY_COLUMNS = ("account_id", "end_user_record", "feature_id", "day", "grain")


def _find_usage(days: Any, job: Job) -> None:
    """The days of the counts that the job touched. They are found before it is taken back, for a count that stands again
    names it no more, and read afterwards: a cursor of the server shows what was when it was opened."""
    columns = ", ".join(DAY_COLUMNS)
    days.execute(
        f'select distinct {columns} from "{UsageCount._meta.db_table}" where job_id = %s or closed_by_id = %s',
        [job.pk, job.pk],
    )


def _settle_usage(days: Any) -> None:
    while batch := days.fetchmany(DAYS_AT_ONCE):
        usage.rebuild([dict(zip(DAY_COLUMNS, row, strict=True)) for row in batch])


def _settle_streams(job: Job, kind: Kind) -> None:
    """Let the stream have delivered only for the accounts of which something else than this job's records came by it."""
    if kind.model is None or not kind.belongs_to_account:
        return
    table = f'"{kind.model._meta.db_table}"'
    with connection.cursor() as cursor:
        cursor.execute(
            "with touched as ("
            f"select distinct account_id from {table} where job_id = %(job)s), others as ("
            f"select account_id, min(received_at) as first from {table} fact join touched using (account_id) "
            "where source_id = %(source)s and job_id is distinct from %(job)s "
            "and (superseded_at is null or superseded_at > received_at) "
            # What was derived from other records did not come by this stream, and has no outside id.
            "and exists (select from accounts_externalid known where known.kind = %(kind)s and known.record = fact.record) "
            "and not exists (select from accounts_job where id = fact.job_id and state = 'undone') group by account_id), "
            "gone as (delete from accounts_accountstream entry using touched, accounts_stream stream "
            "where stream.id = entry.stream_id and entry.account_id = touched.account_id and stream.kind = %(kind)s "
            "and stream.source_id = %(source)s and not exists (select from others where account_id = entry.account_id)) "
            "update accounts_accountstream entry set first_received_at = others.first from others, accounts_stream stream "
            "where stream.id = entry.stream_id and entry.account_id = others.account_id and stream.kind = %(kind)s "
            "and stream.source_id = %(source)s",
            {"job": job.pk, "kind": kind.name, "source": job.source_id},
        )


def _refuse_if_merged_since(job: Job) -> None:
    """What stands again would stand at an account that has been merged since, or that has been two accounts again since."""
    since = job.started_at
    merged = Merge.objects.filter(at__gte=since, undone_at=None).values("loser")
    parted = Merge.objects.filter(at__lt=since, undone_at__gte=since).values("survivor")
    own = models.Q(job=job) | models.Q(closed_by=job)
    for model in _models() if merged.exists() or parted.exists() else ():
        of_accounts = any(column.name == "account" for column in model._meta.fields)
        if of_accounts and model._default_manager.filter(own, account__in=merged.union(parted)).exists():
            raise CannotUndo(
                f"Accounts that job {job.pk} wrote to have been merged since, or a merge of them has been undone."
            )


def _refuse_if_built_upon(job: Job, kind: Kind) -> None:
    """Other deliveries may have changed what this job made, or brought facts about it."""
    others = sorted({*_built_upon(job, kind), *_changed_since(job)})
    if others:
        names = ", ".join(f"{number}" if number else "records that came by themselves" for number in others)
        raise CannotUndo(f"Later imports build upon what job {job.pk} made. Undo these first: {names}.")


def _changed_since(job: Job) -> Iterable[int]:
    """The imports that have had the last word since on a record of this one."""
    for model in _models():
        newest = _NEWEST.format(table=f'"{model._meta.db_table}"', key=", ".join(_key(model)))
        with connection.cursor() as cursor:
            cursor.execute(
                f"select distinct later.id from ({newest}) newest join accounts_job later "
                "on later.id in (newest.job_id, newest.closed_by_id) where later.id <> %(job)s and later.state <> 'undone' "
                f"and ({', '.join(f'newest.{name}' for name in _key(model))}) in ("
                f'select {", ".join(_key(model))} from "{model._meta.db_table}" where job_id = %(job)s)',
                {"job": job.pk},
            )
            yield from (number for (number,) in cursor.fetchall())


def _built_upon(job: Job, kind: Kind) -> Iterable[int]:
    made: models.QuerySet[Any, Any]
    if kind.model is None:
        made = Account.objects.filter(job=job, deleted_at__isnull=True).values("id")
    else:
        before = kind.model.objects.filter(closed_by=job).exclude(job=job).values("record")
        made = kind.model.objects.known().filter(job=job).exclude(record__in=before).values("record")
    for other in kinds.every():
        for column in _columns_naming(other, kind):
            assert other.model is not None
            facts = other.model.objects.known().filter(**{f"{column}__in": made})
            found = facts.exclude(job=job).values_list("job_id", flat=True) | facts.filter(job=None).values_list(
                "job_id", flat=True
            )
            yield from (number or 0 for number in found.distinct())


def _columns_naming(kind: Kind, target: Kind) -> Sequence[str]:
    if kind.model is None:
        return ()
    return [kind.columns[member] for member, reference in kind.references.items() if reference.kind == target.name]
