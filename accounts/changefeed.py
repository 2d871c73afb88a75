"""What has changed since a place in the feed of one kind, with nothing ever written behind that place.

The feed is in the order of the transactions that wrote (`changed_in`). A page ends below the oldest one that still runs in
this database: whatever commits later has a higher number, and so lies ahead of every reader. A slow writer holds the feed up
while it writes, and is missed by nobody. Numbers are given out to all databases of a server together; what is seen to run in
another one cannot write here, and is not waited for.

Numbers of transactions begin anew where a dump is restored into another server. What a page finds there from the future is
put at the beginning of the feed, and a place from the future is refused, so that its reader begins again.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.core import signing
from django.db import connection, models

from accounts import tokens
from accounts.kinds import Kind
from accounts.models import Account, Token

# How long deletions are told, and so how long a place in the feed is good for.
TOLD: Final = dt.timedelta(days=90)
SALT: Final = "place in the feed of changes"


class Place(NamedTuple):
    """Between two changes: after the one of this transaction and row."""

    changed_in: int
    id: int


START: Final = Place(0, 0)


class BadPlace(Exception):
    """What was given is no place in this feed."""


class OldPlace(Exception):
    """Deletions since then may be told no more. One has to begin again."""


@dataclass(frozen=True)
class Page:
    """Rows by their id, in order, with whether they are gone; the place after them, and whether there is more."""

    rows: Sequence[tuple[int, bool]]
    end: Place
    has_more: bool


def written(place: Place, kind: Kind, now: dt.datetime) -> str:
    """The place as a cursor, which tells the reader nothing and nobody can make up."""
    return signing.dumps([kind.name, *place, int(now.timestamp())], salt=SALT)


def read(cursor: str, kind: Kind, now: dt.datetime) -> Place:
    """The place that a cursor names. Raises BadPlace and OldPlace."""
    try:
        name, changed_in, row_id, written_at = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError, UnicodeError) as error:
        raise BadPlace from error
    if name != kind.name:
        raise BadPlace
    if written_at < (now - TOLD).timestamp():
        raise OldPlace
    return Place(changed_in, row_id)


def page(kind: Kind, token: Token, after: Place, *, since: dt.datetime | None, limit: int, now: dt.datetime) -> Page:
    """What this token sees of the changes after a place, or of those since a time. Raises OldPlace."""
    model = kind.model or Account
    with connection.cursor() as cursor:
        cursor.execute(_BOUNDS)
        horizon, future = cursor.fetchone()
        if after.changed_in > future:
            raise OldPlace
        _settle_what_was_restored(cursor, model)
        condition, seen = _seen(kind, token)
        cursor.execute(
            _CHANGES.format(
                table=model._meta.db_table,
                gone="deleted_at" if kind.model is None else "superseded_at",
                last="true" if kind.model is None else _LAST.format(table=model._meta.db_table),
                seen=condition,
            ),
            {**seen, "after": after.changed_in, "id": after.id, "horizon": horizon, "since": since}
            | {"told": now - TOLD, "limit": limit + 1},
        )
        found = cursor.fetchall()
    rows = found[:limit]
    end = Place(rows[-1][2], rows[-1][0]) if len(found) > limit else max(after, Place(horizon, 0))
    return Page([(row_id, gone) for row_id, gone, _ in rows], end, len(found) > limit)


_BOUNDS = """
with now as (select pg_current_snapshot() as shot),
elsewhere as (select backend_xid from pg_stat_activity where datname <> current_database() and backend_xid is not null),
awaited as (
    select min(running.number::text::bigint) as oldest from now, pg_snapshot_xip(now.shot) as running (number)
    where running.number::xid not in (select backend_xid from elsewhere)
)
select coalesce(awaited.oldest, pg_snapshot_xmax(now.shot)::text::bigint), pg_snapshot_xmax(now.shot)::text::bigint
from now, awaited
"""

_CHANGES = """
select id, {gone} is not null, changed_in from {table} version
where (changed_in, id) > (%(after)s, %(id)s) and changed_in < %(horizon)s
  and (%(since)s::timestamptz is null or changed_at >= %(since)s)
  and ({gone} is null or (changed_at > %(told)s and {last})) and {seen}
order by changed_in, id limit %(limit)s
"""

# Of a record that is known no more, the version that was known last.
_LAST = """
not exists (select from {table} other where other.record = version.record and other.superseded_at is null)
and not exists (select from {table} other where other.record = version.record and other.superseded_at is not null
    and (other.changed_in, other.id) > (version.changed_in, version.id))
"""


def _seen(kind: Kind, token: Token) -> tuple[str, dict[str, Any]]:
    """The condition under which a token sees a row, with its parameters. What belongs to no account everybody sees."""
    if kind.model is None and token.whole_portfolio:
        return "visitors_of_id is null", {}
    if token.whole_portfolio or not (kind.model is None or kind.belongs_to_account):
        return "true", {}
    accounts = sorted(tokens.accounts_seen_by(token).values_list("id", flat=True))
    if kind.model is None:
        # Of one that was merged is told where it went.
        return "(id = any(%(accounts)s::bigint[]) or merged_into_id = any(%(accounts)s::bigint[]))", {
            "accounts": accounts
        }
    return "account_id = any(%(accounts)s::bigint[])", {"accounts": accounts}


def _settle_what_was_restored(cursor: Any, model: type[models.Model]) -> None:
    table = model._meta.db_table
    future = "changed_in >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
    cursor.execute(f"select exists (select from {table} where {future})")
    if cursor.fetchone()[0]:
        cursor.execute(f"update {table} set changed_in = 0 where {future}")
