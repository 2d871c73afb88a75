"""Which outside id means which record, and the last payload of it that was applied."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import connection

from accounts import arrays
from accounts.fields import Ref
from accounts.models import ExternalId, Source
from accounts.rows import Delivery, Entry, Row
from accounts.versions import copy_in

# One look-up for each id, by `limit`: for the thousands of a batch the planner would rather read the table from end to end,
# and does so anew for the next batch.
_MEANING = "record, account_id, source_updated_at, digest, deleted_at is not null"
_LOOKED_UP = """
select * from accounts_externalid known where known.kind = wanted.kind and known.source_id = wanted.source_id
and known.external_id = wanted.external_id limit 1
"""


def entries(refs: Iterable[Ref], source: Source) -> dict[Ref, Entry]:
    """What these references mean, by one query. Those of unknown sources or ids are left out."""
    wanted = set(refs)
    names = {ref.source for ref in wanted if ref.source is not None}
    source_ids: dict[str | None, int] = (
        dict(Source.objects.filter(name__in=names).values_list("name", "id")) if names else {}
    )
    source_ids[None] = source.pk
    keys = [(ref.kind, source_ids[ref.source], ref.external_id) for ref in wanted if ref.source in source_ids]
    if not keys:
        return {}
    kinds, known_sources, external_ids = zip(*keys, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"select wanted.*, {_MEANING} from unnest(%s::text[], %s::bigint[], %s::text[]) wanted(kind, source_id, external_id) "
            f"cross join lateral ({_LOOKED_UP}) known",
            [arrays.texts(kinds), arrays.plain(known_sources), arrays.texts(external_ids)],
        )
        found = {
            (kind, source_id, external_id): Entry(record, account, updated, digest, deleted)
            for kind, source_id, external_id, record, account, updated, digest, deleted in cursor.fetchall()
        }
    return {
        ref: entry
        for ref in wanted
        if (entry := found.get((ref.kind, source_ids.get(ref.source), ref.external_id))) is not None
    }


def recognize(delivery: Delivery, rows: Sequence[Row]) -> None:
    """Tell each row what its id is known to mean."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select position, {_MEANING} from (select %s kind, %s source_id, external_id, position "
            "from unnest(%s::text[]) with ordinality sent(external_id, position)) wanted "
            f"cross join lateral ({_LOOKED_UP}) known",
            [delivery.kind.name, delivery.source.pk, arrays.texts([row.external_id for row in rows])],
        )
        for position, *meaning in cursor.fetchall():
            rows[position - 1].entry = Entry(*meaning)


def remember(delivery: Delivery, rows: Sequence[Row]) -> None:
    """Keep what the ids of applied rows mean, and when and as what their sender last described them."""
    now = delivery.receipt.now
    kind, source_id = delivery.kind.name, delivery.source.pk
    copy_in(
        ExternalId,
        ("kind", "source_id", "external_id", "record", "account_id", "source_updated_at", "digest", "deleted_at"),
        [
            (kind, source_id, row.external_id, row.record, row.account_id)
            + (row.source_updated_at, row.digest, now if row.deleted else None)
            for row in rows
            if row.entry is None
        ],
    )
    _update(delivery, [row for row in rows if row.entry is not None and _differs(delivery, row, row.entry)], now)


def _differs(delivery: Delivery, row: Row, entry: Entry) -> bool:
    if delivery.joining and delivery.kind.model is None:
        return False  # the link of an account that has been applied already
    if row.status != "unchanged" or row.digest != entry.digest:
        return True
    updated, known = row.source_updated_at, entry.source_updated_at
    return updated is not None and (known is None or updated > known)


def _update(delivery: Delivery, rows: Sequence[Row], now: dt.datetime) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "update accounts_externalid known set record = coalesce(sent.record, known.record), "
            "account_id = coalesce(sent.account_id, known.account_id), digest = sent.digest, "
            "source_updated_at = coalesce(sent.updated, known.source_updated_at), "
            "deleted_at = case when sent.gone then %s::timestamptz end "
            "from unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bytea[], %s::timestamptz[], %s::bool[]) "
            "sent(external_id, record, account_id, digest, updated, gone) "
            "where known.kind = %s and known.source_id = %s and known.external_id = sent.external_id",
            [
                now,
                arrays.texts([row.external_id for row in rows]),
                arrays.plain(row.record or None for row in rows),
                arrays.plain(row.account_id for row in rows),
                arrays.digests(row.digest for row in rows),
                arrays.plain(row.source_updated_at for row in rows),
                arrays.plain(row.deleted for row in rows),
                delivery.kind.name,
                delivery.source.pk,
            ],
        )
