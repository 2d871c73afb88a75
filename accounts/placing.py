"""Placing the users of events at accounts: as end users, through the same way in as every record."""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection

from accounts import arrays, kinds
from accounts.checking import columns_of
from accounts.ingest import ingest
from accounts.models import Event, Source
from accounts.rows import Delivery, Receipt

if TYPE_CHECKING:
    from accounts.people import Chunk

# Events of a user without an account wait for so long.
WAITS = dt.timedelta(days=30)


class Placed(NamedTuple):
    """A membership whose account is known."""

    person: int
    since: dt.datetime
    group: str | None
    account: int


def accounts_named(source: Source, groups: Collection[str]) -> dict[str, int]:
    """How the events of a source name accounts → the accounts, of those that are known."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, [(source.accounts_of or source).pk, arrays.texts(list(groups))])
        return dict(cursor.fetchall())


def place(source: Source, memberships: Sequence[Placed], now: dt.datetime) -> None:
    """Make end users of these members, where they are none yet, and let their events count there."""
    if not memberships:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, external_id from accounts_eventperson where id = any(%s::bigint[])",
            [arrays.plain({one.person for one in memberships})],
        )
        names = dict(cursor.fetchall())
    said = _said_by_now(source, names.values())
    # Who moves from account to account does so one after the other.
    for turn in turns(memberships):
        _send(
            "end-users",
            source,
            [
                {
                    "external_id": names[one.person],
                    **_account(source, one),
                    **_user(source, said.get(names[one.person])),
                }
                for one in turn
            ],
            now,
        )
        with connection.cursor() as cursor:
            cursor.execute(
                _PLACE,
                {
                    "source": source.pk,
                    "persons": arrays.plain(one.person for one in turn),
                    "sinces": arrays.plain(one.since for one in turn),
                    "accounts": arrays.plain(one.account for one in turn),
                    "names": arrays.texts([names[one.person] for one in turn]),
                    "counts_from": now - WAITS,
                },
            )


def join(source: Source, now: dt.datetime) -> list[Placed]:
    """Place users who wait and whose account has become known, by its id or because the user came as a record."""
    with connection.cursor() as cursor:
        cursor.execute(_NOW_KNOWN, {"source": source.pk, "accounts_of": (source.accounts_of or source).pk})
        named = [Placed(*row) for row in cursor.fetchall()]
        place(source, named, now)
        cursor.execute(
            _NOW_RECORDS, {"source": source.pk, "since": dt.datetime.min.replace(tzinfo=dt.UTC), "from": now - WAITS}
        )
        return named + [Placed(*row) for row in cursor.fetchall()]


def describe_users(chunk: "Chunk") -> None:
    """Apply what identify events of the chunk say of users who have an account."""
    with connection.cursor() as cursor:
        cursor.execute(_IDENTIFIED, chunk.given)
        said = _merged(cursor.fetchall())
    records = [{"external_id": name, **_user(chunk.source, traits)} for name, traits in said.items()]
    _send("end-users", chunk.source, [record for record in records if len(record) > 1], chunk.now)


def describe_accounts(chunk: "Chunk") -> None:
    """Make the accounts that group events name, or say of them what they say, as far as the source may."""
    source = chunk.source
    if source.accounts_of is not None or not (source.makes_accounts or source.accepted_traits):
        return
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS, chunk.given)
        said = _merged(cursor.fetchall())
    known = accounts_named(source, said.keys())
    records: list[dict[str, Any]] = []
    for name, traits in said.items():
        record: dict[str, Any] = {"external_id": name}
        if source.makes_accounts and _text(traits.get("name")):
            record["name"] = _text(traits.get("name"))
        if attributes := _attributes(source, traits):
            record["attributes"] = attributes
        if (name not in known and source.makes_accounts) or (name in known and len(record) > 1):
            records.append(record)
    _send("accounts", source, records, chunk.now)


def _send(kind: str, source: Source, records: Sequence[Mapping[str, Any]], now: dt.datetime) -> None:
    if records:
        ingest(Delivery(kinds.get(kind), source, Receipt(now)), columns_of(records), len(records))


def turns(memberships: Sequence[Placed]) -> Iterable[list[Placed]]:
    """Memberships of distinct people at a time; those of one person in the order of time."""
    left = sorted(memberships, key=lambda one: (one.person, one.since))
    while left:
        turn = {one.person: one for one in reversed(left)}
        yield list(turn.values())
        left = [one for one in left if turn[one.person] is not one]


def _account(source: Source, one: Placed) -> dict[str, Any]:
    if one.group is None:
        return {}
    named = {"external_id": one.group}
    return {"account": named | ({"source": source.accounts_of.name} if source.accounts_of is not None else {})}


def _said_by_now(source: Source, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(_SAID, [arrays.texts(list(names)), source.pk])
        return _merged(cursor.fetchall())


def _merged(said: Iterable[tuple[str, Any]]) -> dict[str, dict[str, Any]]:
    """Whose → traits; what is said later stands over what was said before."""
    merged: dict[str, dict[str, Any]] = {}
    for name, traits in said:
        merged[name] = merged.get(name, {}) | (json.loads(traits) if traits else {})
    return merged


def _user(source: Source, traits: Mapping[str, Any] | None) -> dict[str, Any]:
    """What traits say of a user, as a record has it."""
    traits = traits or {}
    parts = (_text(traits.get("firstName")), _text(traits.get("lastName")))
    name, email = _text(traits.get("name")) or " ".join(filter(None, parts)), _text(traits.get("email"))
    record: dict[str, Any] = {}
    if name:
        record["name"] = name
    if email and len(email) <= 254:
        record["email"] = email
    if traits.get("internal") is True or email.rpartition("@")[2].lower() in {
        one.lower() for one in source.internal_domains
    }:
        record["internal"] = True
    if attributes := _attributes(source, traits):
        record["attributes"] = attributes
    return record


def _attributes(source: Source, traits: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: traits[name] for name in source.accepted_traits if isinstance(traits.get(name), str | int | float | bool)
    }


def _text(value: Any) -> str:
    return value.strip()[:255] if isinstance(value, str) else ""


_NOW_KNOWN = """
select m.person_id, m.since, m.group_id, known.record
from accounts_eventperson p join accounts_eventmembership m on m.person_id = p.id and m.account_id is null
join accounts_externalid known on known.kind = 'accounts' and known.source_id = %(accounts_of)s
    and known.external_id = m.group_id and known.deleted_at is null
where p.source_id = %(source)s and p.waits
"""

_NOW_RECORDS = """
insert into accounts_eventmembership (person_id, since, account_id, end_user_record, counts_from)
select p.id, %(since)s, known.account_id, known.record, %(from)s
from accounts_eventperson p join accounts_externalid known on known.kind = 'end-users' and known.source_id = %(source)s
    and known.external_id = p.external_id and known.deleted_at is null and known.account_id is not null
where p.source_id = %(source)s and p.waits and not p.anonymous
and not exists (select from accounts_eventmembership m where m.person_id = p.id)
returning person_id, since, group_id, account_id
"""

_NAMED = """
select external_id, record from accounts_externalid
where kind = 'accounts' and source_id = %s and external_id = any(%s::text[]) and deleted_at is null
"""

_PLACE = """
update accounts_eventmembership member
set account_id = found.account_id, end_user_record = found.record, counts_from = %(counts_from)s
from (
    select placed.person, placed.since, placed.account_id, known.record
    from unnest(%(persons)s::bigint[], %(sinces)s::timestamptz[], %(accounts)s::bigint[], %(names)s::text[])
        placed(person, since, account_id, name)
    join accounts_enduser known on known.account_id = placed.account_id and known.source_id = %(source)s
        and known.external_id = placed.name and known.superseded_at is null
) found
where member.person_id = found.person and member.since = found.since
"""

_SAID = f"""
select e.user_id, e.traits from unnest(%s::text[]) named(name)
join accounts_event e on e.source_id = %s and e.user_id = named.name
where e.type = {Event.Type.IDENTIFY} and e.traits is not null order by e.user_id, e.at
"""

_IN_CHUNK = "e.received_on = %(received_on)s and e.delivery_id = any(%(deliveries)s::bigint[])"

_IDENTIFIED = f"""
select e.user_id, e.traits from accounts_event e
where {_IN_CHUNK} and e.type = {Event.Type.IDENTIFY} and e.traits is not null and exists (
    select from accounts_externalid known where known.kind = 'end-users' and known.source_id = %(source)s
    and known.external_id = e.user_id and known.account_id is not null and known.deleted_at is null
)
order by e.user_id, e.at
"""

_GROUPS = f"""
select e.group_id, e.traits from accounts_event e
where {_IN_CHUNK} and e.type = {Event.Type.GROUP} and e.delivery_id <> all(%(browsers)s::bigint[])
order by e.group_id, e.at
"""
