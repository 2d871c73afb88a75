"""How readings are spread over the accounts of a scorecard, counted once a night, so that no page reads all accounts."""

import datetime as dt

from django.db import connection

from health.models import Spread
from health.scoring.card import State

# A median of fewer is as good as a name.
FEWEST_ACCOUNTS = 5
PERCENTS = [percent / 100 for percent in range(101)]


def keep(day: dt.date) -> None:
    """Count the snapshots of a day, in the place of what was counted before, within the caller's transaction."""
    Spread.objects.filter(day=day).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "select version_id, max(cardinality(readings)) from health_snapshot where day = %s group by version_id",
            [day],
        )
        for version, slots in cursor.fetchall():
            if slots:
                cursor.execute(_of_version(slots), {"day": day, "version": version, "percents": PERCENTS})


def _of_version(slots: int) -> str:
    """SQL that counts the readings of a version, slot by slot side by side: one after the other in rows, they would have to be
    sorted as a whole."""
    columns, told = [], []
    for slot in range(slots):
        reading, state = f"readings[{slot + 1}]", f"details[{3 * slot + 3}]"
        counts = f"filter (where {reading} is not null and {state} < {State.NOT_CONNECTED.value})"
        spread = f"percentile_cont(%(percents)s::float8[]) within group (order by {reading})"
        columns.append(f"count(*) {counts} as n{slot}, {spread} {counts} as p{slot}")
        told.append(f"({slot}, n{slot}, p{slot})")
    return (
        "insert into health_spread (day, version_id, slot, accounts, percentiles) "
        "select %(day)s, %(version)s, slot, accounts, percentiles "
        f"from (select {', '.join(columns)} from health_snapshot "
        "where day = %(day)s and version_id = %(version)s) counted "
        f"cross join lateral (values {', '.join(told)}) told(slot, accounts, percentiles) where accounts > 0"
    )


def spreads(day: dt.date, version: int) -> dict[int, Spread]:
    """Slot → how its readings were spread on the day, where there are enough accounts to compare with."""
    found = Spread.objects.filter(day=day, version_id=version, accounts__gte=FEWEST_ACCOUNTS)
    return {spread.slot: spread for spread in found}
