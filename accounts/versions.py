"""Writing versions: close the ones known until now, add the next, in bulk and in one place."""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models

from accounts import arrays
from accounts.arrays import numbers_in
from accounts.models import Account

# Whoever writes facts takes this lock first, and shares it; whoever merges two accounts has it alone. So nobody looks up an
# account and writes to it after it was merged.
MERGES_NOTHING = "pg_advisory_xact_lock_shared(hashtextextended('merge accounts', 0))"
MERGES = "pg_advisory_xact_lock(hashtextextended('merge accounts', 0))"

# What a version that stands again, or elsewhere, does not have from the one before it.
NOT_COPIED = {"id", "closed_by_id", "received_at", "superseded_at", "receipt_assumed", "changed_in", "changed_at"}


class Ending(NamedTuple):
    """The version with this id is known until `at`."""

    id: int
    at: dt.datetime


def numbers(model: type[models.Model], how_many: int) -> list[int]:
    """Fresh primary keys of `model`, from its own sequence."""
    if not how_many:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval((select pg_get_serial_sequence(%s, 'id'))::regclass) from generate_series(1, %s)",
            [model._meta.db_table, how_many],
        )
        return [number for (number,) in cursor.fetchall()]


def copied(model: type[models.Model]) -> list[str]:
    """The columns that say what a version says, whenever it was known."""
    columns = (str(column.column) for column in model._meta.concrete_fields)
    return [name for name in columns if name not in NOT_COPIED]


def copy_in(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Add `rows` by COPY. Lists become arrays, values of JSON columns JSON."""
    if not rows:
        return
    json_columns = {column.column for column in model._meta.concrete_fields if isinstance(column, models.JSONField)}
    as_json = [position for position, name in enumerate(columns) if name in json_columns]
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor, cursor.copy(f'copy "{model._meta.db_table}" ({names}) from stdin') as copy:
        for row in _with_json(rows, as_json) if as_json else rows:
            copy.write_row(row)


def _with_json(rows: Iterable[Sequence[Any]], positions: Sequence[int]) -> Iterable[Sequence[Any]]:
    for row in rows:
        cells = list(row)
        for position in positions:
            cells[position] = json.dumps(cells[position], cls=DjangoJSONEncoder)
        yield cells


def close(model: type[models.Model], endings: Sequence[Ending], job_id: int | None) -> None:
    """End these versions, by this job."""
    if not endings:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f'update "{model._meta.db_table}" fact set superseded_at = ended.at, closed_by_id = %s '
            "from unnest(%s::bigint[], %s::timestamptz[]) ended(id, at) where fact.id = ended.id",
            [job_id, arrays.plain(ending.id for ending in endings), arrays.plain(ending.at for ending in endings)],
        )


def mark_dirty(account_ids: Collection[int], now: dt.datetime) -> None:
    """Note that facts of these accounts changed since they were last looked at."""
    with connection.cursor() as cursor:
        # Whoever takes the note away has the accounts to itself meanwhile, and passes over those that are locked here.
        cursor.execute(
            "select from accounts_account where id = any(%s::bigint[]) order by id for key share",
            [arrays.plain(account_ids)],
        )
    Account.objects.filter(id__in=numbers_in(account_ids), dirty_since__isnull=True).update(dirty_since=now)
