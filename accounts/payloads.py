"""Records as the interface gives them: in the words in which they are sent, with references by outside ids."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from accounts import attributes
from accounts.arrays import numbers_in
from accounts.fields import GrainField
from accounts.kinds import Kind
from accounts.models import Account, AttributeValue, ExternalId, Feature, Source, Version

Payload = dict[str, Any]
Names = Mapping[tuple[str, int], Sequence[ExternalId]]


def payloads(kind: Kind, rows: Sequence[tuple[int, bool]]) -> list[Payload]:
    """The rows of a page of changes, in order. Of those that are gone only the ids and the time."""
    if kind.model is None:
        return _accounts(rows)
    found = kind.model.objects.in_bulk([row_id for row_id, _ in rows])
    versions: list[Version] = [found[row_id] for row_id, _ in rows if row_id in found]
    names = _names(kind, versions)
    sources = dict(Source.objects.values_list("id", "name"))
    words = _words(kind, versions)
    gone = {row_id for row_id, is_gone in rows if is_gone}
    return [
        _heading(kind, version, names, sources, version.pk in gone)
        | ({} if version.pk in gone else _members(kind, version, names, words))
        for version in versions
    ]


def _heading(kind: Kind, version: Version, names: Names, sources: Mapping[int, str], gone: bool) -> Payload:
    own = _of_source(names.get((kind.name, version.record), ()), version.source_id)
    external_id = own.external_id if own else getattr(version, "external_id", None)
    return {
        "id": version.record,
        "source": sources[version.source_id],
        "external_id": external_id,
        "updated_at": version.changed_at.isoformat(),
        "deleted": gone,
    }


def _members(kind: Kind, version: Version, names: Names, words: Mapping[int, str]) -> Payload:
    payload: Payload = {}
    for member, column in kind.columns.items():
        value = getattr(version, column)
        if member == "account":
            payload[member] = _ref(names, "accounts", value, version.source_id)
        elif member in kind.references:
            payload[member] = _ref(names, kind.references[member].kind, value, version.source_id)
        elif member in kind.reference_lists:
            named = kind.reference_lists[member].child.kind  # type: ignore[attr-defined]
            payload[member] = [_ref(names, named, record, version.source_id) for record in value]
        elif member in kind.dictionary:
            payload[member] = words.get(value)
        else:
            payload[member] = _plain(kind, member, value)
    return payload


def _plain(kind: Kind, member: str, value: Any) -> Any:
    field = kind.fields[member]
    if isinstance(field, GrainField):
        return "week" if value == 7 else "day"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return None if value == "" and field.allow_null else value


def _names(kind: Kind, versions: Iterable[Version]) -> Names:
    """(kind, record) → the ids by which sources know each record that the versions are or refer to. By one query."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for version in versions:
        wanted[kind.name].add(version.record)
        for member, reference in kind.references.items():
            wanted[reference.kind].add(getattr(version, kind.columns[member]) or 0)
        for member, references in kind.reference_lists.items():
            wanted[references.child.kind].update(getattr(version, member))  # type: ignore[attr-defined]
    return _ids(wanted)


def _ids(wanted: Mapping[str, set[int]]) -> Names:
    records = set().union(*wanted.values())
    names: dict[tuple[str, int], list[ExternalId]] = defaultdict(list)
    known = ExternalId.objects.filter(record__in=numbers_in(records), kind__in=list(wanted)).select_related("source")
    for name in known.order_by("source_id", "external_id"):
        names[name.kind, name.record].append(name)
    return names


def _of_source(names: Sequence[ExternalId], source_id: int) -> ExternalId | None:
    own = [name for name in names if name.source_id == source_id]
    return next((name for name in own if name.deleted_at is None), own[0] if own else None)


def _ref(names: Names, kind: str, record: int | None, source_id: int) -> Payload | None:
    """The record by an id that can be sent as it is: one of the same source, else of another."""
    known = names.get((kind, record or 0), ())
    name = _of_source(known, source_id) or next((name for name in known if name.deleted_at is None), None)
    return {"source": name.source.name, "external_id": name.external_id} if name else None


def _words(kind: Kind, versions: Iterable[Version]) -> Mapping[int, str]:
    numbers = {getattr(version, column) for version in versions for column in kind.dictionary.values()}
    return dict(Feature.objects.filter(id__in=numbers).values_list("id", "name")) if numbers else {}


def _accounts(rows: Sequence[tuple[int, bool]]) -> list[Payload]:
    ids = [row_id for row_id, _ in rows]
    found = Account.objects.select_related("owner", "merged_into").in_bulk(ids)
    accounts = [(found[row_id], gone) for row_id, gone in rows if row_id in found]
    parents = {account.parent_id for account, _ in accounts if account.parent_id}
    names = _ids({"accounts": {*ids, *parents}})
    values: dict[int, Payload] = defaultdict(dict)
    applied = AttributeValue.objects.known().filter(account_id__in=numbers_in(ids), applied=True)
    told = applied.exclude(definition__name__in=attributes.BUILT_IN).order_by("definition__name")
    for account_id, name, text in told.values_list("account_id", "definition__name", "text"):
        values[account_id][name] = text
    return [_account(account, gone, names, values[account.pk]) for account, gone in accounts]


def _account(account: Account, gone: bool, names: Names, values: Payload) -> Payload:
    known = names.get(("accounts", account.pk), ())
    heading = {
        "id": str(account.public_id),
        "external_ids": [
            {"source": name.source.name, "external_id": name.external_id}
            for name in known
            if gone or name.deleted_at is None
        ],
        "updated_at": account.changed_at.isoformat(),
        "deleted": gone,
        "merged_into": str(account.merged_into.public_id) if account.merged_into else None,
    }
    if gone:
        return heading
    parent = next((name for name in names.get(("accounts", account.parent_id or 0), ()) if not name.deleted_at), None)
    return heading | {
        "name": account.name or None,
        "parent": {"source": parent.source.name, "external_id": parent.external_id} if parent else None,
        "owner": account.owner.email if account.owner else None,
        "stage": account.stage or None,
        "tier": account.tier or None,
        "region": account.region or None,
        "attributes": values,
    }
