"""Month partitions of the tables that grow by day: made when a row needs them, and ahead of that; dropped as a whole once their
days are no longer kept."""

import datetime as dt
import re
from collections.abc import Iterable

import structlog
from django.db import OperationalError, connection, transaction

log = structlog.get_logger(__name__)

# Dropping a month waits for whoever reads the table, and lets everybody else wait meanwhile: not for long.
PATIENCE = "3s"


def ensure_months(table: str, days: Iterable[dt.date]) -> None:
    """Make the partitions of `table` that rows of `days` need. Runs inside the caller's transaction."""
    firsts = {day.replace(day=1) for day in days}
    wanted = {f"{table}_{first:%Y_%m}": first for first in firsts}
    with connection.cursor() as cursor:
        cursor.execute("select name from unnest(%s::text[]) name where to_regclass(name) is null", [list(wanted)])
        missing = sorted(name for (name,) in cursor.fetchall())
        if missing:
            # Two writers may need the same month at the same moment.
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [table])
        for name in missing:
            first = wanted[name]
            cursor.execute(
                f"create table if not exists {name} partition of {table} for values from ('{first}') to ('{_next(first)}')"
            )


def keep_months(table: str, today: dt.date, months: int) -> list[str]:
    """Make the partitions of this month and the next, and drop those that ended so many whole months before this one; none
    where `months` is 0. Returns the names of what was dropped."""
    with transaction.atomic():
        ensure_months(table, {today, _next(today)})
    return drop_before(table, kept_from(today, months)) if months else []


def keep_days(table: str, today: dt.date, days: int) -> list[str]:
    """Make the partitions of this month and the next, and drop those of whose days all are so many days ago."""
    with transaction.atomic():
        ensure_months(table, {today, _next(today)})
    return drop_before(table, kept_since(today, days))


def drop_before(table: str, first: dt.date) -> list[str]:
    """Drop the months that begin before a day. Returns the names of what was dropped."""
    return [name for name, begins in _partitions(table) if begins < first and _drop(name)]


def kept_since(today: dt.date, days: int) -> dt.date:
    """The first day of the month in which the day lies that is so many days ago."""
    return (today - dt.timedelta(days=days)).replace(day=1)


def kept_from(today: dt.date, months: int) -> dt.date:
    """The first day of the months that are kept, this one besides."""
    count = today.year * 12 + today.month - 1 - months
    return dt.date(count // 12, count % 12 + 1, 1)


def _next(day: dt.date) -> dt.date:
    """The first day of the month after."""
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def _partitions(table: str) -> list[tuple[str, dt.date]]:
    """The partitions of a table with the first day of each, earliest first."""
    with connection.cursor() as cursor:
        cursor.execute("select relid::text from pg_partition_tree(%s) where isleaf", [table])
        names = [name for (name,) in cursor.fetchall()]
    found = [(name, month) for name in names if (month := re.search(r"_(\d{4})_(\d{2})$", name))]
    return sorted((name, dt.date(int(month[1]), int(month[2]), 1)) for name, month in found)


def _drop(name: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"set local lock_timeout = '{PATIENCE}'")
            cursor.execute(f"drop table {name}")
    except OperationalError:
        log.info("month_in_use", table=name)
        return False
    log.info("month_dropped", table=name)
    return True
