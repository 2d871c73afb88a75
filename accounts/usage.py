"""Rolling usage counts up into what metrics read: users by day and features by day.

Each key has a chain of what was known of it on which day. New counts of a key that nothing is known of yet, or that was
learned on the same day, are simply added. For any other change the whole chain is computed anew from the counts. So a
replaced, deleted, late or undone count leaves exactly what the counts say.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from django.db import connection

from accounts import activity, arrays, calendar
from accounts.activity import Key
from accounts.kinds import Arrival, Change
from accounts.models import Origin
from accounts.partitions import ensure_months

COUNTED = Origin.COUNTED.value


class Table(NamedTuple):
    """A table of roll-ups: what it counts by, where it keeps the sum, and the bitmaps that are derived from it."""

    name: str
    who: str
    amount: str
    bitmaps: activity.Bitmaps


USERS = Table("accounts_userday", "end_user_record", "events", activity.USERS)
FEATURES = Table("accounts_featureday", "feature_id", "uses", activity.FEATURES)


@dataclass(slots=True)
class _Touched:
    """What a batch does to a table: the sums that it adds by key and day of receipt, and keys to be computed anew."""

    added: dict[tuple[Key, dt.date], list[int]] = field(default_factory=dict)
    anew: set[Key] = field(default_factory=set)

    def add(self, key: Key, received_on: dt.date, count: int, assumed: bool) -> None:
        sums = self.added.get((key, received_on))
        if sums is None:
            self.added[key, received_on] = [count, assumed]
        else:
            sums[0] += count
            sums[1] |= assumed


def roll_up(changes: Sequence[Change], arrival: Arrival) -> None:
    """Bring UserDay and FeatureDay up to the changed counts."""
    users, features = _Touched(), _Touched()
    day_of = cache(calendar.day_of)
    for change in changes:
        if change.before is not None or change.after is None:
            states = [state for state in (change.before, change.after) if state is not None]
            users.anew |= _keys(USERS, states)
            features.anew |= _keys(FEATURES, states)
            continue
        state, received_on = change.after, day_of(change.received_at)
        account, day, user, grain = state["account_id"], state["day"], state["end_user_record"], state["grain"]
        features.add((account, day, state["feature_id"], grain), received_on, state["count"], change.assumed)
        if user is not None:
            users.add((account, day, user, grain), received_on, state["count"], change.assumed)
    for table, touched in ((USERS, users), (FEATURES, features)):
        _rebuild(table, touched.anew | _add(table, touched))


def rebuild(states: Collection[dict[str, Any]]) -> None:
    """Compute the days of these counts anew: mappings with account_id, end_user_record, feature_id, day and grain."""
    for table in (USERS, FEATURES):
        _rebuild(table, _keys(table, states))


def _keys(table: Table, states: Iterable[dict[str, Any]]) -> set[Key]:
    return {
        (state["account_id"], state["day"], state[table.who], state["grain"])
        for state in states
        if state[table.who] is not None
    }


def _columns(keys: Iterable[Key]) -> dict[str, Any]:
    accounts, days, whos, grains = zip(*keys, strict=True)
    return {
        "accounts": arrays.plain(accounts),
        "days": arrays.plain(days),
        "whos": arrays.plain(whos),
        "grains": arrays.plain(grains),
        # Constants, by which whole months are left out.
        "first": min(days),
        "last": max(days),
        "zone": str(calendar.zone()),
    }


def _add(table: Table, touched: _Touched) -> set[Key]:
    """Add new counts to chains of at most one link, of their own day. Returns the other keys, to be computed anew."""
    added = touched.added.items()
    if not added:
        return set()
    ensure_months(table.name, {key[1] for (key, _), _ in added})
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD.format_map(table._asdict()),
            {
                **_columns(key for (key, _), _ in added),
                "received": arrays.plain(received_on for (_, received_on), _ in added),
                "amounts": arrays.plain(amount for _, (amount, _) in added),
                "assumed": arrays.plain(bool(assumed) for _, (_, assumed) in added),
            },
        )
        chains = set(cursor.fetchall())
    marked = ((key, received_on, amount) for (key, received_on), (amount, _) in added if key not in chains)
    activity.mark(table.bitmaps, marked)
    return chains


def _rebuild(table: Table, keys: set[Key]) -> None:
    if not keys:
        return
    ensure_months(table.name, {day for _, day, _, _ in keys})
    columns = _columns(keys)
    with connection.cursor() as cursor:
        cursor.execute(_FORGET.format_map(table._asdict()), columns)
        cursor.execute(_CHAIN.format_map(table._asdict()), columns)
    activity.anew(table.bitmaps, keys)


# The keys of a batch are looked up one by one, each in a subquery of its own that `limit` or `offset` keeps apart. Left to
# join, the planner goes by statistics that cannot know the days just loaded, and compares every row with every key.
_TOUCHED = """
unnest(%(accounts)s::bigint[], %(days)s::date[], %(whos)s::bigint[], %(grains)s::int2[])
touched(account_id, day, who, grain)
"""

_OF_KEY = f"""
rolled.account_id = touched.account_id and rolled.day = touched.day and rolled.{{who}} = touched.who
and rolled.grain = touched.grain and rolled.origin = {COUNTED} and rolled.day between %(first)s and %(last)s
"""

_ADD = f"""
with touched as materialized (
    select *, count(*) over (partition by account_id, day, who, grain) as links
    from unnest(%(accounts)s::bigint[], %(days)s::date[], %(whos)s::bigint[], %(grains)s::int2[],
                %(received)s::date[], %(amounts)s::bigint[], %(assumed)s::bool[])
         added(account_id, day, who, grain, received_on, amount, assumed)
),
sorted as materialized (
    select touched.*, links > 1 or other.differs is not null as is_chain
    from touched
    left join lateral (
        select true as differs from {{name}} rolled
        where {_OF_KEY} and (rolled.received_on <> touched.received_on or rolled.superseded_on is not null)
        limit 1
    ) other on true
),
raised as (
    insert into {{name}} as rolled (account_id, day, {{who}}, grain, origin, received_on, {{amount}}, receipt_assumed)
    select account_id, day, who, grain, {COUNTED}, received_on, amount, assumed from sorted where not is_chain
    order by account_id, day, who, grain
    on conflict (account_id, day, {{who}}, grain, origin, received_on) do update
    set {{amount}} = rolled.{{amount}} + excluded.{{amount}},
        receipt_assumed = rolled.receipt_assumed or excluded.receipt_assumed
)
select distinct account_id, day, who, grain from sorted where is_chain
"""

_FORGET = f"""
delete from {{name}} gone
using {_TOUCHED}
cross join lateral (select tableoid, ctid from {{name}} rolled where {_OF_KEY} offset 0) found
where (gone.tableoid, gone.ctid) = (found.tableoid, found.ctid) and gone.day between %(first)s and %(last)s
"""

# What was known changes on the days on which a count was received or superseded. On each of them the state is the sum of
# the counts known at its end; it holds until the next such day. A day on which no count is known any more has no row.
_CHAIN = f"""
with lasting as materialized (
    select touched.*, count, receipt_assumed::int as assumed, received_on, superseded_on
    from {_TOUCHED}
    cross join lateral (
        select count, receipt_assumed,
               (received_at at time zone %(zone)s)::date as received_on,
               (superseded_at at time zone %(zone)s)::date as superseded_on
        from accounts_usagecount known
        where known.account_id = touched.account_id and known.day = touched.day and known.grain = touched.grain
          and known.{{who}} = touched.who
        offset 0
    ) counts
    where superseded_on is null or superseded_on > received_on
),
steps as (
    select account_id, day, grain, who, received_on as moment, count, 1 as known, assumed from lasting
    union all
    select account_id, day, grain, who, superseded_on, -count, -1, -assumed from lasting where superseded_on is not null
),
moments as (
    select account_id, day, grain, who, moment,
           sum(count) as count, sum(known) as known, sum(assumed) as assumed
    from steps group by account_id, day, grain, who, moment
),
states as (
    select account_id, day, grain, who, moment, lead(moment) over chain as until,
           sum(count) over chain as amount, sum(known) over chain as known, sum(assumed) over chain > 0 as assumed
    from moments
    window chain as (partition by account_id, day, grain, who order by moment)
)
insert into {{name}} (account_id, day, {{who}}, grain, origin, received_on, superseded_on, {{amount}}, receipt_assumed)
select account_id, day, who, grain, {COUNTED}, moment, until, amount, assumed from states where known > 0
"""
