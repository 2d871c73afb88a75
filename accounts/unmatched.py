"""Records that came before what they refer to. They are kept and joined when that arrives, so order does not matter."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db import transaction

from accounts import kinds
from accounts.arrays import texts_in
from accounts.checking import check, columns_of
from accounts.fields import Ref, Reference, References
from accounts.kinds import Kind, Problem
from accounts.models import Job, Source, Unmatched
from accounts.rows import Delivery, Receipt, Row

KEPT = dt.timedelta(days=90)
MOST_PER_SOURCE = 1_000_000
JOINED_AT_ONCE = 5_000


def payload_of(kind: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a record said, as it would be sent again."""
    payload = {}
    for member, value in given.items():
        field = kind.fields.get(member)
        if isinstance(field, Reference) and value is not None:
            value = field.to_payload(value)
        elif isinstance(field, References):
            child = field.child
            assert isinstance(child, Reference)
            value = [child.to_payload(ref) for ref in value]
        elif isinstance(value, dt.date):
            value = value.isoformat()
        elif isinstance(value, Decimal):
            value = str(value)
        payload[member] = value
    return payload


def merge_waiting(delivery: Delivery, rows: Sequence[Row]) -> None:
    """Lay each row over what already waits under its id, as if the two had been sent one after the other."""
    by_id = {row.external_id: row for row in rows if row.status is None}
    waiting = _of(delivery, list(by_id))
    if not waiting:
        return
    kept = check(
        delivery.kind, columns_of([{**item.payload, "external_id": item.external_id} for item in waiting]), len(waiting)
    )
    for item, earlier in zip(waiting, kept, strict=True):
        row = by_id[item.external_id]
        # Of an account only the link waits; what became of the rest says whether the row is news.
        row.merged = delivery.kind.model is not None
        if row.merged and _is_stale(row, item, earlier):
            row.status = "stale"
        elif earlier.status is None and not row.deleted:
            row.given = {**earlier.given, **row.given}


def _is_stale(row: Row, item: Unmatched, earlier: Row) -> bool:
    updated, known = row.source_updated_at, item.source_updated_at
    if updated is None or known is None or updated > known:
        return False
    return updated < known or row.deleted or row.given != earlier.given


def keep(delivery: Delivery, rows: Sequence[Row]) -> None:
    """Keep rows that wait. Of an account only the link to its parent waits."""
    rows = [row for row in rows if row.status in (None, "unmatched") and row.waits_for is not None]
    if not rows:
        return
    now = delivery.receipt.now
    room = MOST_PER_SOURCE - Unmatched.objects.filter(source=delivery.source).count()
    for row in rows[max(room, 0) :]:
        row.reject(
            Problem("external_id", "too_many_unmatched", f"{MOST_PER_SOURCE:,} records of this source wait already.")
        )
    sources = dict(Source.objects.values_list("name", "id"))
    Unmatched.objects.bulk_create(
        [
            Unmatched(
                source=delivery.source,
                kind=delivery.kind.name,
                external_id=row.external_id,
                payload=payload_of(delivery.kind, _waiting_part(delivery.kind, row)),
                source_updated_at=row.source_updated_at,
                waits_kind=row.waits_for.kind,
                waits_source_id=sources[row.waits_for.source] if row.waits_for.source else delivery.source.pk,
                waits_external_id=row.waits_for.external_id,
                known_at=_assumed(delivery, row),
                job=delivery.job,
                kept_at=now,
                expires_at=now + KEPT,
            )
            for row in rows[: max(room, 0)]
            if row.waits_for is not None
        ],
        update_conflicts=True,
        unique_fields=["source", "kind", "external_id"],
        update_fields=[
            *("payload", "source_updated_at", "waits_kind", "waits_source", "waits_external_id"),
            *("known_at", "job", "kept_at", "expires_at"),
        ],
    )


def _waiting_part(kind: Kind, row: Row) -> dict[str, Any]:
    return row.given if kind.model is not None else {"parent": row.given["parent"]}


def _assumed(delivery: Delivery, row: Row) -> dt.datetime | None:
    kind = delivery.kind
    said = {kind.columns[member]: value for member, value in row.given.items() if member in kind.columns}
    received_at, assumed = delivery.receipt.of(kind, {**(kind.blank if kind.model else {}), **said}, row)
    return received_at if assumed else None


def release(delivery: Delivery, rows: Sequence[Row]) -> None:
    """Forget that these records waited: they are applied. An account's link waits on unless the link was sent again."""
    ids = [row.external_id for row in rows if delivery.kind.model is not None or "parent" in row.given or row.deleted]
    if ids:
        Unmatched.objects.filter(
            source=delivery.source, kind=delivery.kind.name, external_id__in=texts_in(ids)
        ).delete()


def _of(delivery: Delivery, external_ids: Sequence[str]) -> list[Unmatched]:
    waiting = Unmatched.objects.filter(
        source=delivery.source, kind=delivery.kind.name, external_id__in=texts_in(external_ids)
    )
    return list(waiting.filter(expires_at__gt=delivery.receipt.now))


def join_waiting(now: dt.datetime) -> int:
    """Apply every record whose missing one has arrived. Returns how many were applied. May run at any time, twice, or never
    to the end: each group of records is a transaction of its own."""
    joined = 0
    while found := _joinable(now):
        settled = 0
        for (source_id, kind_name, job_id), group in groupby(found, key=_group):
            ids = [item.pk for item in group]
            rows = _join(kinds.get(kind_name), Source.objects.get(pk=source_id), job_id or None, ids, now)
            settled += sum(row.status != "unmatched" for row in rows)
            joined += sum(row.applied for row in rows)
        if not settled:
            break
    return joined


def join_batch(delivery: Delivery, rows: Sequence[Row]) -> None:
    """Apply what waits for a record of its own batch, such as an account that came together with its parent."""
    came = {row.external_id for row in rows if row.applied}

    def came_too(ref: Ref) -> bool:
        is_ours = ref.kind == delivery.kind.name and ref.source in (None, delivery.source.name)
        return is_ours and ref.external_id in came

    ids = [row.external_id for row in rows if row.applied and row.waits_for is not None and came_too(row.waits_for)]
    if waiting := _of(delivery, ids) if ids else []:
        _join(delivery.kind, delivery.source, None, [item.pk for item in waiting], delivery.receipt.now)


def _group(item: Unmatched) -> tuple[int, str, int]:
    return item.source_id, item.kind, item.job_id or 0


def _joinable(now: dt.datetime) -> list[Unmatched]:
    return list(
        Unmatched.objects.raw(
            "select waiting.* from accounts_unmatched waiting join accounts_externalid known "
            "on (known.kind, known.source_id, known.external_id) "
            "= (waiting.waits_kind, waiting.waits_source_id, waiting.waits_external_id) "
            "where known.deleted_at is null and waiting.expires_at > %s "
            "order by waiting.source_id, waiting.kind, waiting.job_id nulls first, waiting.id limit %s",
            [now, JOINED_AT_ONCE],
        )
    )


def _join(kind: Kind, source: Source, job_id: int | None, ids: Sequence[int], now: dt.datetime) -> list[Row]:
    from accounts.ingest import hold_stream, ingest

    job = Job.objects.get(pk=job_id) if job_id else None
    delivery = Delivery(kind, source, Receipt(now), job, joining=True)
    with transaction.atomic():
        # Read again under the lock: a delivery may just have laid something newer over one of them.
        hold_stream(delivery)
        items = list(Unmatched.objects.filter(pk__in=ids, job=job).order_by("id"))
        rows = ingest(
            delivery,
            columns_of([_as_sent(item) for item in items]),
            len(items),
            known_at=[item.known_at for item in items],
        )
        rejected = [item.pk for item, row in zip(items, rows, strict=True) if row.status == "rejected"]
        Unmatched.objects.filter(pk__in=rejected).update(expires_at=now)
    return rows


def _as_sent(item: Unmatched) -> dict[str, Any]:
    record = {**item.payload, "external_id": item.external_id}
    return record | ({"source_updated_at": item.source_updated_at} if item.source_updated_at else {})
