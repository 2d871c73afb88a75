"""How long usage is kept. Events: by whole months of receipt, and their digests. Days of users and of features: by whole months, with
the counts that they are made of and the bitmaps made of them. What was read of them stays in the scores."""

import datetime as dt

from django.conf import settings
from django.db import connection

from accounts import calendar, intake
from accounts.models.activity import BLOCK_DAYS
from accounts.partitions import keep_days, keep_months, kept_from

TABLES = ("accounts_userday", "accounts_featureday")
AT_ONCE = 50_000


def keep(now: dt.datetime) -> list[str]:
    """Make room for the month to come, and let go of what is older than what is kept. Returns the months let go."""
    today, months = calendar.day_of(now), settings.USAGE_MONTHS
    intake.forget_seen(today)
    dropped = keep_days("accounts_event", today, settings.RAW_EVENTS_DAYS)
    dropped += [name for table in TABLES for name in keep_months(table, today, months)]
    if months:
        first = kept_from(today, months)
        while _forget("accounts_usagecount", "day < %s", first):
            pass
        block = (first.toordinal() - 1) // BLOCK_DAYS
        for table in ("accounts_useractivity", "accounts_featureactivity"):
            while _forget(table, "block < %s", block):
                pass
    return dropped


def _forget(table: str, where: str, value: dt.date | int) -> int:
    """Delete some rows, a transaction of its own each time, so that nobody waits for all of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"delete from {table} where ctid = any(array(select ctid from {table} where {where} limit {AT_ONCE}))",
            [value],
        )
        return int(cursor.rowcount)
