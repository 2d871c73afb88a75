"""Rolling usage counts up into what metrics read: users by day and features by day.

For each key that a change touches, the whole chain of what was known on which day is computed anew from the counts. So a
replaced, deleted, late or undone count leaves exactly what the counts say, and running twice changes nothing.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from accounts import calendar
from accounts.kinds import Arrival, Change
from accounts.partitions import ensure_months

Key = tuple[int, dt.date, int, int]  # account, day, end user or feature, grain


def roll_up(changes: Sequence[Change], arrival: Arrival) -> None:
    """Bring UserDay and FeatureDay up to the changed counts."""
    states = [state for change in changes for state in (change.before, change.after) if state is not None]
    rebuild(states)


def rebuild(states: Iterable[dict[str, Any]]) -> None:
    """Compute the days of these counts anew: mappings with account_id, end_user_record, feature_id, day and grain."""
    users: set[Key] = set()
    features: set[Key] = set()
    for state in states:
        account, day, grain = state["account_id"], state["day"], state["grain"]
        features.add((account, day, state["feature_id"], grain))
        if state["end_user_record"] is not None:
            users.add((account, day, state["end_user_record"], grain))
    _rebuild("accounts_userday", "end_user_record", "events", users)
    _rebuild("accounts_featureday", "feature_id", "uses", features)


def _rebuild(table: str, who: str, amount: str, keys: set[Key]) -> None:
    if not keys:
        return
    ensure_months(table, {day for _, day, _, _ in keys})
    accounts, days, whos, grains = (list(column) for column in zip(*sorted(keys), strict=True))
    arguments = {"accounts": accounts, "days": days, "whos": whos, "grains": grains, "zone": str(calendar.zone())}
    touched = "unnest(%(accounts)s::bigint[], %(days)s::date[], %(whos)s::bigint[], %(grains)s::int2[])"
    with connection.cursor() as cursor:
        cursor.execute(
            f"delete from {table} rolled using {touched} touched(account_id, day, who, grain) "
            f"where rolled.account_id = touched.account_id and rolled.day = touched.day "
            f"and rolled.{who} = touched.who and rolled.grain = touched.grain "
            "and rolled.day between %(first)s and %(last)s",
            {**arguments, "first": min(days), "last": max(days)},
        )
        cursor.execute(_CHAIN.format(table=table, who=who, amount=amount, touched=touched), arguments)


# What was known changes on the days on which a count was received or superseded. On each of them the state is the sum of
# the counts known at its end; it holds until the next such day. A day on which no count is known any more has no row.
_CHAIN = """
with counts as materialized (
    select account_id, day, grain, {who} as who, count, receipt_assumed,
           (received_at at time zone %(zone)s)::date as received_on,
           (superseded_at at time zone %(zone)s)::date as superseded_on
    from accounts_usagecount
    join {touched} touched(account_id, day, who, grain) using (account_id, day, grain)
    where {who} = touched.who
),
lasting as (select * from counts where superseded_on is null or superseded_on > received_on),
moments as (
    select account_id, day, grain, who, received_on as moment from lasting
    union
    select account_id, day, grain, who, superseded_on from lasting where superseded_on is not null
),
states as (
    select moments.*, sum(count) as amount, count(count) as known, coalesce(bool_or(receipt_assumed), false) as assumed,
           lead(moment) over (
               partition by moments.account_id, moments.day, moments.grain, moments.who order by moment
           ) as until
    from moments
    left join lasting
      on (lasting.account_id, lasting.day, lasting.grain, lasting.who)
       = (moments.account_id, moments.day, moments.grain, moments.who)
     and received_on <= moment and (superseded_on is null or superseded_on > moment)
    group by moments.account_id, moments.day, moments.grain, moments.who, moment
)
insert into {table} (account_id, day, {who}, grain, received_on, superseded_on, {amount}, receipt_assumed)
select account_id, day, who, grain, moment, until, amount, assumed from states where known > 0
"""
