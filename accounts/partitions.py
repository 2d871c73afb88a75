"""Month partitions of the tables that grow by day. They are made when a row needs them."""

import datetime as dt
from collections.abc import Iterable

from django.db import connection


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
            after = (first + dt.timedelta(days=32)).replace(day=1)
            cursor.execute(
                f"create table if not exists {name} partition of {table} for values from ('{first}') to ('{after}')"
            )
