"""What the night is measured against: the readings of the same twelve measures from the same facts, written by hand for
DuckDB, a columnar database that reads Parquet files with every core it is given. It computes values, n and ages of the
accounts on one day, as known at one moment. It stores nothing, explains nothing, and knows only what occurs in the crowd.
"""

import datetime as dt
from pathlib import Path

import duckdb
import numpy as np
from django.db import connection
from numpy.typing import NDArray

from accounts import calendar
from health.metrics.rules import Rules

THREADS = 2

_KNOWN = "received_at timestamp, superseded_at timestamp"
_KNOWN_ON = "received_on date, superseded_on date"
_TABLES = {
    "accounts_userday": f"account_id int, day date, end_user_record int, grain int, events int, {_KNOWN_ON}",
    "accounts_featureday": f"account_id int, day date, feature_id int, grain int, uses int, {_KNOWN_ON}",
    "accounts_feature": "id int, name text",
    "accounts_enduser": f"account_id int, record int, internal bool, stakeholder_record int, {_KNOWN}",
    "accounts_license": f"account_id int, record int, starts_on date, ends_on date, canceled_on date, seats int, "
    f"amount double, {_KNOWN}",
    "accounts_invoice": f"account_id int, issued_on date, due_on date, paid_on date, voided_on date, amount double, {_KNOWN}",
    "accounts_stakeholder": f"account_id int, record int, role text, since date, left_on date, {_KNOWN}",
    "accounts_touchpoint": f'account_id int, "at" timestamp, status text, participants text, {_KNOWN}',
    "surveys_survey": "record int, kind text, minimum double, maximum double",
    "surveys_response": f'account_id int, record int, survey_record int, end_user_record int, "at" timestamp, value double, {_KNOWN}',
    "support_ticketevent": f'account_id int, record int, ticket_record int, kind text, "at" timestamp, {_KNOWN}',
}


def export(folder: Path) -> None:
    """Write the tables as Parquet files, moments as the organization's clock shows them."""
    with duckdb.connect() as duck:
        for table, columns in _TABLES.items():
            lines = folder / f"{table}.csv"
            cells = [column.split() for column in columns.split(", ")]
            names = ", ".join(
                f"{name} at time zone '{calendar.zone()}' as {name}" if kind == "timestamp" else name
                for name, kind in cells
            )
            with connection.cursor() as cursor, lines.open("wb") as file:
                cursor.execute("set datestyle to iso")
                with cursor.copy(
                    f"copy (select {names} from {table} order by {cells[0][0]}) to stdout (format csv)"
                ) as copy:
                    file.writelines(copy)
            duck.execute(f"create or replace table one ({columns})")
            duck.execute(f"copy one from '{lines}' (format csv, nullstr '')")
            duck.execute(f"copy one to '{folder / table}.parquet' (format parquet)")
            lines.unlink()


def readings(folder: Path, day: dt.date, known_at: dt.datetime, rules: Rules) -> dict[str, NDArray[np.float64]]:
    """Metric → values of all accounts in order of their ids, NaN where there is none; and `… n`, `… age` beside them."""
    given = {
        "day": day, "moment": known_at.astimezone(calendar.zone()).replace(tzinfo=None), "known_on": calendar.day_of(known_at),
        "core": list(rules.core_features), "roles": list(rules.key_roles), "weekdays": sorted(rules.weekdays),
    }  # fmt: skip
    query = _QUERY.replace("{from}", str(folder))
    used = {name: value for name, value in given.items() if f"${name}" in query}
    with duckdb.connect(config={"threads": THREADS}) as duck:
        found = duck.execute(query, used).fetchnumpy()
    return {name: np.ma.filled(column.astype(np.float64), np.nan) for name, column in found.items()}


def _fact(table: str, alias: str = "f") -> str:
    return f"read_parquet('{{from}}/{table}.parquet') {alias}"


_K = "received_at <= $moment and (superseded_at is null or superseded_at > $moment)"
_K_ON = "received_on <= $known_on and (superseded_on is null or superseded_on > $known_on)"
_QUERY = f"""
with
internal as materialized (select record from {_fact("accounts_enduser")} where internal and {_K}),
users as materialized (
    select account_id, end_user_record,
        max(day + grain - 1) as last,
        max(day + grain - 1) filter (where day + grain - 1 <= $day - 28) as before,
        count(*) filter (where grain = 1 and day > $day - 30 and list_contains($weekdays, isodow(day))) as working
    from {_fact("accounts_userday")}
    where day > $day - 400 and day <= $day and events > 0 and {_K_ON}
        and end_user_record not in (select record from internal)
    group by 1, 2
),
usage as (
    select account_id, max(last) as last, sum(working) as working,
        count(*) filter (where last > $day - 30) as month, count(*) filter (where last > $day - 7) as week,
        count(*) filter (where last > $day - 28) as now, count(*) filter (where before > $day - 56) as before
    from users group by 1
),
features as (
    select account_id, count(distinct feature_id) as used
    from {_fact("accounts_featureday")}
    where day > $day - 30 and day <= $day and uses > 0 and {_K_ON}
        and feature_id in (select id from {_fact("accounts_feature")} where list_contains($core, name))
    group by 1
),
license as materialized (
    select account_id, record, starts_on, ends_on, seats, amount from {_fact("accounts_license")}
    where {_K} and starts_on <= $day and (canceled_on is null or canceled_on > $day)
        and (ends_on is null or ends_on + 30 >= $day)
),
contract as (
    select account_id, sum(seats) as seats, sum(amount) as arr, min(starts_on) as born from license f
    where not exists (
        select 1 from license later where later.account_id = f.account_id and later.record <> f.record
        and later.starts_on >= f.ends_on
    ) group by 1
),
invoices as (
    select account_id, sum(amount) as past_due from {_fact("accounts_invoice")}
    where {_K} and issued_on <= $day and due_on < $day and (paid_on is null or paid_on > $day)
        and (voided_on is null or voided_on > $day) group by 1
),
linked as materialized (
    select record, stakeholder_record as person from {_fact("accounts_enduser")}
    where stakeholder_record is not null and not internal and {_K}
),
met as materialized (
    select account_id, "at", participants from {_fact("accounts_touchpoint")}
    where status = 'held' and "at" < $day + 1 and "at" >= $day - 400 and {_K}
),
touch as (select account_id, max("at")::date as last from met group by 1),
said as materialized (
    select account_id, f.record, end_user_record, "at", value, kind,
        row_number() over (
            partition by account_id, kind, end_user_record order by "at" desc, f.record desc
        ) = 1 as latest, value >= minimum + 0.75 * (maximum - minimum) as good
    from {_fact("surveys_response")} join {_fact("surveys_survey", "s")} on s.record = f.survey_record
    where "at" < $day + 1 and "at" >= $day - 179 and {_K}
        and (end_user_record is null or end_user_record not in (select record from internal))
),
in_touch as (
    select unnest(string_split(trim(participants, '{{}}'), ','))::int as person, max("at")::date as last from met group by 1
    union all
    select person, max("at")::date from said join linked on linked.record = end_user_record group by 1
    union all
    select person, max(last) from users join linked on linked.record = end_user_record group by 1
),
heard as (select person, max(last) as last from in_touch group by 1),
people as (
    select account_id, count(*) as key, count(*) filter (where last > $day - 30) as engaged
    from {_fact("accounts_stakeholder")} left join heard on person = record
    where {_K} and (since is null or since <= $day) and (left_on is null or left_on > $day) and list_contains($roles, role)
    group by 1
),
answers as (
    select account_id,
        count(*) filter (where kind = 'nps') as votes,
        count(*) filter (where kind = 'nps' and value >= 9) - count(*) filter (where kind = 'nps' and value <= 6) as balance,
        max("at") filter (where kind = 'nps')::date as voted,
        count(*) filter (where kind = 'csat' and "at" >= $day - 89) as rated,
        count(*) filter (where kind = 'csat' and "at" >= $day - 89 and good) as satisfied,
        max("at") filter (where kind = 'csat' and "at" >= $day - 89)::date as rated_on
    from said where latest group by 1
),
tickets as (
    select account_id, ticket_record,
        max(("at", record)) filter (where kind = 'solved') as solved, max(("at", record)) filter (where kind = 'reopened') as reopened
    from {_fact("support_ticketevent")} where "at" < $day + 1 and kind not in ('category', 'priority') and {_K} group by 1, 2
),
waiting as (select account_id, count(*) as open from tickets where solved is null or reopened > solved group by 1)
select
    100 * coalesce(month, 0) / seats as license_utilization, seats as "license_utilization n",
    100 * coalesce(week, 0) / seats as weekly_adoption, seats as "weekly_adoption n",
    case when coalesce(month, 0) = 0 then 0 else 100 * working
        / (select count(*) from range($day - 29, $day + 1, interval 1 day) on_day(d) where list_contains($weekdays, isodow(d)))
        / month end as stickiness, coalesce(month, 0) as "stickiness n",
    100 * coalesce(used, 0) / len($core) as feature_breadth, len($core) as "feature_breadth n",
    coalesce($day - usage.last, $day - born) as days_since_last_use,
    case when before > 0 then 100 * (now - before) / before when coalesce(now, 0) = 0 then -100 end as usage_trend,
    coalesce(before, 0) as "usage_trend n",
    coalesce($day - touch.last, $day - born) as days_since_touchpoint,
    100 * coalesce(engaged, 0) / key as stakeholder_engagement, key as "stakeholder_engagement n",
    100 * balance / nullif(votes, 0) as nps, coalesce(votes, 0) as "nps n", $day - voted as "nps age",
    100 * satisfied / nullif(rated, 0) as csat, coalesce(rated, 0) as "csat n", $day - rated_on as "csat age",
    coalesce(open, 0) as open_tickets, coalesce(open, 0) as "open_tickets n",
    100 * coalesce(past_due, 0) / arr as overdue_invoices
from contract
left join usage using (account_id) left join features using (account_id) left join invoices using (account_id)
left join touch using (account_id) left join people using (account_id) left join answers using (account_id)
left join waiting using (account_id)
order by account_id
"""
