"""Handing over what is recorded of one account to another one, and back.

A fact that is handed over is a new version of its record, at the other account, learned now; the version before it is closed.
So whatever was known of either account at any moment before can still be read as it was. Nothing is copied twice and nothing
is noted beside the facts: what was handed over since a moment is what has a version at the account it came from that was
closed since then. That goes back as it is known by now; what is new since then stays.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models

from accounts import activity, arrays, calendar, days, kinds, usage
from accounts.kinds import Kind
from accounts.models import AttributeValue, EndUser, Origin, UsageCount, UserDay
from accounts.versions import copied

DAYS_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Way:
    """From one account to another, learned at a moment. `since`, where given: only what came the other way since then."""

    origin: int
    target: int
    at: dt.datetime
    since: dt.datetime | None = None

    def given(self, **more: Any) -> dict[str, Any]:
        return {"origin": self.origin, "target": self.target, "at": self.at, "since": self.since, **more}


def execute(query: str, given: dict[str, Any]) -> int:
    """How many rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return int(cursor.rowcount)


def facts_of_accounts() -> list[tuple[Kind, type[models.Model]]]:
    """The kinds of record that belong to an account, with their tables."""
    return [(kind, kind.model) for kind in kinds.every() if kind.model is not None and kind.belongs_to_account]


# --- Records ---------------------------------------------------------------------------------------------------------


def records(model: type[models.Model], way: Way) -> int:
    """Hand over the current versions of a table. Returns how many."""
    named = [name for name in copied(model) if name != "account_id"]
    columns = ", ".join(f'"{name}"' for name in named)
    goes = _CAME if way.since else _GOES_AS_END_USER if model is EndUser else _GOES
    table = model._meta.db_table
    return execute(_HAND_OVER.format(table=table, columns=columns, goes=goes.format(table=table)), way.given())


# All are closed before the first stands elsewhere: by their order nobody is at one account twice.
_HAND_OVER = """
with closed as (
    update {table} fact set superseded_at = greatest(%(at)s, received_at) where superseded_at is null and {goes}
    returning id as handed_over, superseded_at as handed_over_at, account_id as came_from, {columns}
)
insert into {table} (account_id, received_at, receipt_assumed, {columns})
select case came_from when %(origin)s then %(target)s else %(origin)s end, handed_over_at, false, {columns}
from closed order by handed_over
"""

_GOES = "account_id = %(origin)s"

_CAME = """account_id in (%(origin)s, %(target)s) and exists (
    select from {table} gone where gone.record = fact.record and gone.account_id in (%(origin)s, %(target)s)
    and gone.account_id <> fact.account_id and gone.superseded_at >= %(since)s
)"""

# A person who moved from one of the two accounts to the other is at both. Where the source means them now, they are at the
# target; as who they were before, they are kept at the origin.
_TWIN = """exists (
    select from {table} twin where twin.account_id = {at} and twin.source_id = fact.source_id
    and twin.external_id = fact.external_id and twin.superseded_at is null
)"""
_MEANT = """exists (
    select from accounts_externalid known where known.kind = 'end-users' and known.source_id = fact.source_id
    and known.external_id = fact.external_id and known.record = fact.record
)"""
_GOES_AS_END_USER = (
    f"(account_id = %(origin)s and ({_MEANT} or not {_TWIN.replace('{at}', '%(target)s')}) "
    f"or account_id = %(target)s and not {_MEANT} and {_TWIN.replace('{at}', '%(origin)s')})"
)


def ids(kind: Kind, model: type[models.Model], way: Way) -> None:
    """Let the ids of what was handed over belong to the other account, also those of what had been deleted before."""
    those = _BACK if way.since else "select record from {table} where account_id = %(origin)s"
    execute(
        "update accounts_externalid set account_id = %(target)s where kind = %(kind)s and account_id = %(origin)s "
        f"and record in ({those.format(table=model._meta.db_table)})",
        way.given(kind=kind.name),
    )


# What is back at the target, and what it had deleted before.
_BACK = """
select record from {table} where account_id = %(target)s and superseded_at is null
union (
    select record from {table} where account_id = %(target)s
    except select record from {table} where account_id = %(origin)s and (superseded_at is null or superseded_at >= %(since)s)
)
"""


def memberships(way: Way) -> None:
    """Let the events of people count at the other account, from the next one that is rolled up."""
    mine = f"and end_user_record in ({_BACK.format(table=EndUser._meta.db_table)})" if way.since else ""
    execute(
        f"update accounts_eventmembership set account_id = %(target)s where account_id = %(origin)s {mine}", way.given()
    )


# --- Attributes ------------------------------------------------------------------------------------------------------

# They say where that account itself stands, and not what the customer is like.
ITS_OWN = ("parent", "status")


def attributes(way: Way) -> list[int]:
    """Add what sources say of the one account where they say nothing of the other. Returns the new values."""
    columns = ", ".join(name for name in copied(AttributeValue) if name not in {"account_id", "applied"})
    with connection.cursor() as cursor:
        cursor.execute(_FILL.format(columns=columns), way.given(its_own=list(ITS_OWN)))
        return [number for (number,) in cursor.fetchall()]


_FILL = """
insert into accounts_attributevalue (account_id, received_at, receipt_assumed, applied, {columns})
select %(target)s, greatest(%(at)s, received_at), false, applied and not exists (
    select from accounts_attributevalue other where other.account_id = %(target)s
    and other.definition_id = value.definition_id and other.superseded_at is null and other.applied
), {columns}
from accounts_attributevalue value
where account_id = %(origin)s and superseded_at is null
and definition_id not in (select id from accounts_attributedefinition where name = any(%(its_own)s))
and not exists (
    select from accounts_attributevalue other where other.account_id = %(target)s
    and other.definition_id = value.definition_id and other.source_id = value.source_id and other.superseded_at is null
)
returning id
"""


def parents(way: Way, instead: int | None) -> list[int]:
    """Let what names the one account as its parent name the other one; the other one itself names `instead`. Returns the
    accounts of which that changed."""
    came = _NAMED_BEFORE if way.since else ""
    columns = [name for name in copied(AttributeValue) if name not in {"text", "number"}]
    with connection.cursor() as cursor:
        cursor.execute(
            _RENAME.format(columns=", ".join(columns), came=came),
            way.given(instead=instead, its_own=way.target if way.since is None else way.origin),
        )
        return [account for (account,) in cursor.fetchall()]


# `its_own` is who survives: beneath the other one it names its parent instead.
_RENAME = """
with named as (
    select value.id, case
        when %(since)s::timestamptz is not null then %(target)s
        when value.account_id = %(its_own)s then %(instead)s::bigint else %(target)s
    end as parent
    from accounts_attributevalue value join accounts_attributedefinition definition on definition.id = definition_id
    where definition.name = 'parent' and superseded_at is null and text is not distinct from
        (case when %(since)s::timestamptz is not null and value.account_id = %(its_own)s
        then %(instead)s::bigint else %(origin)s end)::text {came}
),
closed as (
    update accounts_attributevalue value set superseded_at = greatest(%(at)s, received_at)
    from named where value.id = named.id returning value.id as place, named.parent, superseded_at as learned_at, {columns}
)
insert into accounts_attributevalue (received_at, receipt_assumed, text, number, {columns})
select learned_at, false, parent::text, parent, {columns} from closed order by place returning account_id
"""

_NAMED_BEFORE = """and exists (
    select from accounts_attributevalue before where before.account_id = value.account_id
    and before.definition_id = value.definition_id and before.source_id = value.source_id
    and before.text = %(target)s::text and before.superseded_at >= %(since)s
)"""


# --- Days of use -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LearnedThatDay:
    """Days of users and uses of features that were learned on the very day on which they were handed over. Nobody could have
    known them at the end of a day before, so nothing of them stays behind: [day, end user] and [day, feature, uses]."""

    users: list[list[Any]] = field(default_factory=list)
    features: list[list[Any]] = field(default_factory=list)


def usage_days(way: Way, then: LearnedThatDay | None = None) -> LearnedThatDay:
    """Hand over the days of users and of features: those that are counted by making them anew from the counts, which have
    been handed over; those that are tracked as they are. `then`: what this said when they were handed over."""
    _counted(way)
    learned = LearnedThatDay(_of_users(way, then), _of_features(way, then))
    for bitmaps in (activity.USERS, activity.FEATURES):
        activity.anew_of(bitmaps, [way.origin, way.target])
    return learned


def _counted(way: Way) -> None:
    columns = ("account_id", "end_user_record", "feature_id", "day", "grain")
    with connection.chunked_cursor() as found:
        found.execute(_COUNTED.format(columns=", ".join(columns)), way.given())
        while batch := found.fetchmany(DAYS_AT_ONCE):
            usage.rebuild([dict(zip(columns, row, strict=True)) for row in batch])


_COUNTED = f"""
select distinct {{columns}} from {UsageCount._meta.db_table}
where account_id in (%(origin)s, %(target)s) and record in (
    select record from {UsageCount._meta.db_table} where account_id in (%(origin)s, %(target)s)
    and superseded_at >= coalesce(%(since)s::timestamptz, %(at)s)
)
"""


def _of_users(way: Way, then: LearnedThatDay | None) -> list[list[Any]]:
    days_then, users_then = zip(*then.users, strict=True) if then and then.users else ((), ())
    came = _USED_BEFORE if way.since else ""
    given = way.given(on=calendar.day_of(way.at), days=arrays.plain(days_then), users=arrays.plain(users_then))
    with connection.cursor() as cursor:
        cursor.execute(_USERS.format(came=came), given)
        return [[day.isoformat(), user] for day, user in cursor.fetchall()]


# Whatever a day of a user tells of.
_KEYS = {"account_id", "day", "end_user_record", "grain", "origin", "received_on", "superseded_on", "receipt_assumed"}
_OF_USER = ", ".join(one.attname for one in UserDay._meta.concrete_fields if one.attname not in _KEYS)
_USERS = f"""
with learned as (
    delete from accounts_userday rolled where account_id = %(origin)s and origin = {Origin.TRACKED}
    and superseded_on is null and received_on >= %(on)s {{came}}
    returning day, end_user_record, grain, origin, received_on, receipt_assumed, {_OF_USER}
),
ended as (
    update accounts_userday rolled set superseded_on = %(on)s where account_id = %(origin)s and origin = {Origin.TRACKED}
    and superseded_on is null and received_on < %(on)s {{came}}
    returning day, end_user_record, grain, origin, superseded_on, receipt_assumed, {_OF_USER}
),
handed_over as (
    insert into accounts_userday
        (account_id, day, end_user_record, grain, origin, received_on, receipt_assumed, {_OF_USER})
    select %(target)s, gone.* from (select * from learned union all select * from ended) gone
)
select day, end_user_record from learned order by 1, 2
"""
_USED_BEFORE = """and (exists (
    select from accounts_userday before where before.account_id = %(target)s and before.day = rolled.day
    and before.end_user_record = rolled.end_user_record and before.grain = rolled.grain and before.origin = rolled.origin
) or (rolled.day, rolled.end_user_record) in (select * from unnest(%(days)s::date[], %(users)s::bigint[])))"""


def _of_features(way: Way, then: LearnedThatDay | None) -> list[list[Any]]:
    """What features add up to at the target. Back, what was added then is taken off again; what came since stays."""
    on = calendar.day_of(way.at)
    if way.since is None:
        learned, ended = _uses(_LEARNED, way), _uses(_ENDED, way)
        days.add_features(_at(way.target, learned | ended), on)
        return [[day.isoformat(), feature, uses] for (day, feature), uses in learned.items()]
    uses = _uses(_LAST, way)
    uses |= {(dt.date.fromisoformat(day), feature): count for day, feature, count in (then.features if then else ())}
    days.add_features(_at(way.target, uses), on)
    days.add_features({key: -count for key, count in _at(way.origin, uses).items()}, on)
    execute(_NOTHING_LEFT, way.given())
    return []


def _uses(query: str, way: Way) -> dict[tuple[dt.date, int], int]:
    with connection.cursor() as cursor:
        cursor.execute(query, way.given(on=calendar.day_of(way.at)))
        return {(day, feature): uses for day, feature, uses in cursor.fetchall()}


def _at(account: int, uses: dict[tuple[dt.date, int], int]) -> dict[days.Key, int]:
    return {(account, day, feature): count for (day, feature), count in uses.items()}


_TRACKED_NOW = f"account_id = %(origin)s and origin = {Origin.TRACKED} and superseded_on is null"
_LEARNED = f"""
delete from accounts_featureday where {_TRACKED_NOW} and received_on >= %(on)s returning day, feature_id, uses
"""
_ENDED = f"update accounts_featureday set superseded_on = %(on)s where {_TRACKED_NOW} returning day, feature_id, uses"
_LAST = f"""
select distinct on (day, feature_id) day, feature_id, uses from accounts_featureday
where account_id = %(target)s and origin = {Origin.TRACKED} order by day, feature_id, received_on desc
"""
_NOTHING_LEFT = f"delete from accounts_featureday where {_TRACKED_NOW} and uses = 0"
