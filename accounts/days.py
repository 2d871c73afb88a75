"""Writing days that are rolled up from events: beside those of counts, in chains of their own.

What is learned of a day on which something of it was learned before changes its link; what is learned later ends that link
and begins the next, so that what was known then stays known.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from accounts import activity, arrays
from accounts.models import Grain, Origin
from accounts.partitions import ensure_months
from accounts.sequences import Sequences

Key = tuple[int, dt.date, int]  # account, day, end user or feature


@dataclass(slots=True)
class UserPart:
    """What events add to a user's day, as `UserDay` has it; `logins` is None where the source tells of none. `goes_on`: the first of its sessions is the last one known, which has gone on."""

    events: int = 0
    logins: int | None = 0
    sessions: int = 0
    single_page_sessions: int = 0
    active_seconds: int = 0
    session_seconds: list[int] = field(default_factory=list)
    session_pages: list[int] = field(default_factory=list)
    session_landings: list[int] = field(default_factory=list)
    session_roles: list[int] = field(default_factory=list)
    goes_on: bool = False
    roles: int = 0


def add_users(parts: Mapping[Key, UserPart], received_on: dt.date, sequences: Sequences) -> None:
    """Add to the days of users what was learned on a day; it completes those of the sequences that had begun."""
    _write_users(parts, received_on, sequences, anew=False)


def replace_users(parts: Mapping[Key, UserPart], received_on: dt.date) -> None:
    """Put these days in the place of what was known of them."""
    _write_users(parts, received_on, Sequences.none(), anew=True)


def _write_users(parts: Mapping[Key, UserPart], received_on: dt.date, sequences: Sequences, *, anew: bool) -> None:
    if not parts:
        return
    rows = list(parts.values())
    given = {
        "anew": anew,
        "events": arrays.plain(part.events for part in rows),
        "logins": arrays.plain(part.logins for part in rows),
        "sessions": arrays.plain(part.sessions for part in rows),
        "singles": arrays.plain(part.single_page_sessions for part in rows),
        "actives": arrays.plain(part.active_seconds for part in rows),
        "lengths": _lists(part.session_seconds for part in rows),
        "pages": _lists(part.session_pages for part in rows),
        "landings": _lists(part.session_landings for part in rows),
        "of_sessions": _lists(part.session_roles for part in rows),
        "begins": arrays.plain(sequences.begins.tolist()),
        "ends": arrays.plain(sequences.ends.tolist()),
        "bits": arrays.plain(sequences.bit.tolist()),
        "go_on": arrays.plain(part.goes_on for part in rows),
        "roles": arrays.plain(part.roles for part in rows),
    }
    _write(activity.USERS, _USERS, list(parts), given | {"received_on": received_on})


def _lists(lists: Iterable[list[int]]) -> str:
    """An array of arrays, each as text: PostgreSQL's own have all one length."""
    return "{" + ",".join(['"' + arrays.plain(one) + '"' for one in lists]) + "}"


def add_features(uses: Mapping[Key, int], received_on: dt.date) -> None:
    """Add to the days of features what was learned on a day."""
    if uses:
        given = {"uses": arrays.plain(uses.values()), "received_on": received_on}
        _write(activity.FEATURES, _FEATURES, list(uses), given)


def _write(bitmaps: activity.Bitmaps, query: str, keys: list[Key], given: dict[str, Any]) -> None:
    days = {day for _, day, _ in keys}
    ensure_months(bitmaps.rolled_up, days)
    given |= {
        "accounts": arrays.plain(account for account, _, _ in keys),
        "days": arrays.plain(day for _, day, _ in keys),
        "whos": arrays.plain(who for _, _, who in keys),
        # Constants, by which whole months are left out.
        "first": min(days),
        "last": max(days),
    }
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        news = [
            ((account, day, who, Grain.DAY.value), learned, amount) for account, day, who, learned, amount in cursor
        ]
    activity.mark(bitmaps, news)


# The link known now is looked up key by key, as in `accounts.usage`.
_KNOWN = f"""
left join lateral (
    select * from {{table}} rolled
    where rolled.account_id = added.account_id and rolled.day = added.day and rolled.{{who}} = added.who
    and rolled.grain = {Grain.DAY} and rolled.origin = {Origin.TRACKED} and rolled.superseded_on is null
    and rolled.day between %(first)s and %(last)s
    limit 1
) known on true
"""

_ENDED = f"""
ended as (
    update {{table}} rolled set superseded_on = linked.learned_on from linked
    where rolled.account_id = linked.account_id and rolled.day = linked.day and rolled.{{who}} = linked.who
    and rolled.grain = {Grain.DAY} and rolled.origin = {Origin.TRACKED} and rolled.received_on = linked.since
    and linked.since < linked.learned_on and rolled.day between %(first)s and %(last)s
)
"""

_USERS = f"""
with linked as materialized (
    select added.account_id, added.day, added.who, known.received_on as since,
        greatest(%(received_on)s::date, known.received_on) as learned_on, known.events > 0 as was_active,
        added.events + coalesce(kept.events, 0) as events,
        (select sum(one) from unnest(array[added.logins, kept.logins]) one) as logins,
        added.sessions + coalesce(kept.sessions, 0) as sessions,
        added.singles + coalesce(kept.single_page_sessions, 0) as singles,
        added.active + coalesce(kept.active_seconds, 0) as active,
        coalesce(kept.session_seconds[:kept.sessions - go_on::int], array[]::int[]) || lengths::int[] as lengths,
        coalesce(kept.session_pages[:kept.sessions - go_on::int], array[]::int[]) || pages::int[] as pages,
        coalesce(kept.session_landings[:kept.sessions - go_on::int], array[]::bigint[]) || landings::bigint[] as landings,
        coalesce(kept.session_roles[:kept.sessions - go_on::int], array[]::bigint[]) || of_sessions::bigint[] as of_sessions,
        added.roles | coalesce(kept.roles, 0) | coalesce((
            select bit_or(bit) from unnest(%(begins)s::bigint[], %(ends)s::bigint[], %(bits)s::bigint[])
                sequence(begins, ends, bit)
            where kept.roles & begins <> 0 and added.roles & ends <> 0
        ), 0) as roles
    from unnest(%(accounts)s::bigint[], %(days)s::date[], %(whos)s::bigint[], %(events)s::bigint[], %(logins)s::int[],
        %(sessions)s::int[], %(singles)s::int[], %(actives)s::int[], %(lengths)s::text[], %(pages)s::text[],
        %(landings)s::text[], %(of_sessions)s::text[], %(go_on)s::bool[], %(roles)s::bigint[]
    ) added(account_id, day, who, events, logins, sessions, singles, active, lengths, pages, landings, of_sessions, go_on, roles)
    {_KNOWN}
    left join lateral (select known.*) kept on not %(anew)s
),
{_ENDED},
written as (
    insert into {{table}} as rolled (account_id, day, end_user_record, grain, origin, received_on, receipt_assumed,
        events, logins, sessions, single_page_sessions, active_seconds, session_seconds,
        session_pages, session_landings, session_roles, roles)
    select account_id, day, who, {Grain.DAY}, {Origin.TRACKED}, learned_on, false,
        events, logins, sessions, singles, active, lengths, pages, landings, of_sessions, roles
    from linked order by account_id, day, who
    on conflict (account_id, day, end_user_record, grain, origin, received_on) do update set
        events = excluded.events, logins = excluded.logins, sessions = excluded.sessions,
        single_page_sessions = excluded.single_page_sessions, active_seconds = excluded.active_seconds,
        session_seconds = excluded.session_seconds, session_pages = excluded.session_pages,
        session_landings = excluded.session_landings, session_roles = excluded.session_roles, roles = excluded.roles
)
select account_id, day, who, learned_on, events from linked
where since is null or since < learned_on or (events > 0) <> was_active
""".format(table="accounts_userday", who="end_user_record")

_FEATURES = f"""
with linked as materialized (
    select added.account_id, added.day, added.who, known.received_on as since,
        greatest(%(received_on)s::date, known.received_on) as learned_on, added.uses + coalesce(known.uses, 0) as uses
    from unnest(%(accounts)s::bigint[], %(days)s::date[], %(whos)s::bigint[], %(uses)s::bigint[])
        added(account_id, day, who, uses)
    {_KNOWN}
),
{_ENDED},
written as (
    insert into {{table}} as rolled (account_id, day, feature_id, grain, origin, received_on, receipt_assumed, uses)
    select account_id, day, who, {Grain.DAY}, {Origin.TRACKED}, learned_on, false, uses
    from linked order by account_id, day, who
    on conflict (account_id, day, feature_id, grain, origin, received_on) do update set uses = excluded.uses
)
select account_id, day, who, learned_on, uses from linked where since is null or since < learned_on
""".format(table="accounts_featureday", who="feature_id")
