"""How readings are spread over the accounts of a scorecard, counted once a night, so that no page reads all accounts."""

import datetime as dt

from django.db import connection

from health.models import Spread
from health.scoring.card import State

# A median of fewer is as good as a name.
FEWEST_ACCOUNTS = 5


def keep(day: dt.date) -> None:
    """Count the snapshots of a day, in the place of what was counted before, within the caller's transaction."""
    Spread.objects.filter(day=day).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into health_spread (day, version_id, slot, accounts, percentiles) "
            "select day, version_id, place - 1, count(*), percentile_cont(array(select percent / 100.0::float8 "
            "from generate_series(0, 100) percent)) within group (order by reading) "
            "from health_snapshot, unnest(readings) with ordinality of_slot(reading, place) "
            "where day = %s and reading is not null and details[3 * place] < %s group by day, version_id, place",
            [day, State.NOT_CONNECTED],
        )


def spreads(day: dt.date, version: int) -> dict[int, Spread]:
    """Slot → how its readings were spread on the day, where there are enough accounts to compare with."""
    found = Spread.objects.filter(day=day, version_id=version, accounts__gte=FEWEST_ACCOUNTS)
    return {spread.slot: spread for spread in found}
