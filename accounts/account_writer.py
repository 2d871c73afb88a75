"""Writing accounts: the identity once, and what a source says of it as attribute values with history."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts import attributes
from accounts.attributes import Held
from accounts.fields import Ref
from accounts.identities import entries
from accounts.kinds import Problem
from accounts.models import Account, AttributeDefinition, AttributeValue, ExternalId, Source
from accounts.rows import Delivery, Row, pending
from accounts.versions import Ending, close, copy_in, mark_dirty, numbers

NOT_VALUES = {"external_ids"}


def write(delivery: Delivery, rows: list[Row]) -> None:
    """Make accounts that are new, and add a version of each attribute that differs from what this source said before."""
    further = entries({ref for row in rows for ref in further_ids(row, delivery.source)}, delivery.source)
    for row in rows:
        _check_further_ids(delivery, row, further)
    rows = pending(rows)
    _identify(delivery, rows)
    held = attributes.current([row.record for row in rows], delivery.source.pk)
    ended = attributes.ended([row.record for row in rows if row.entry and row.entry.deleted], delivery.source.pk)
    texts = {row.record: _texts(row) for row in rows}
    dictionary = attributes.definitions(_samples(texts))
    edits = _Edits()
    for row in rows:
        changed = bool(_new_ids(delivery, row, further))
        for name, text in texts[row.record].items():
            definition = dictionary[name]
            own = _set(
                delivery,
                row,
                definition,
                text,
                held.get((row.record, definition.pk), Held(ended=ended.get(row.record))),
            )
            edits.ends += own.ends
            edits.added += own.added
            changed = changed or bool(own.added)
        row.status = row.status or ("updated" if changed else "unchanged")
    close(AttributeValue, edits.ends, delivery.job_id)
    copy_in(AttributeValue, _COLUMNS, edits.added)
    _add_further_ids(delivery, rows, further)
    touched = [row.record for row in rows if row.status in {"created", "updated"}]
    attributes.refresh(touched, delivery.receipt.now)
    mark_dirty(touched, delivery.receipt.now)


_COLUMNS = (
    *("account_id", "definition_id", "source_id", "job_id", "occurred_at", "text", "number"),
    *("applied", "received_at", "receipt_assumed"),
)


@dataclass(slots=True)
class _Edits:
    """The versions that a batch ends and adds."""

    ends: list[Ending] = field(default_factory=list)
    added: list[tuple[Any, ...]] = field(default_factory=list)


def _set(delivery: Delivery, row: Row, definition: AttributeDefinition, text: str | None, held: Held) -> _Edits:
    """Close what this source said of the attribute until now and add what it says from now on, if that differs."""
    edits = _Edits()
    mine = held.mine
    if text == (mine.text if mine else None):
        return edits
    received_at, assumed = delivery.receipt.of(delivery.kind, {}, row)
    if mine is not None:
        received_at = max(received_at, mine.received_at)
        edits.ends.append(Ending(mine.pk, received_at))
    elif held.ended is not None:
        received_at = max(received_at, held.ended)
    applied = attributes.is_applied(definition, held, delivery.source.pk)
    edits.added.append(
        (row.record, definition.pk, delivery.source.pk, delivery.job_id, row.source_updated_at or received_at, text)
        + (attributes.number_of(text), applied, received_at, assumed)
    )
    other = held.applied
    if applied and other is not None and other.source_id != delivery.source.pk:
        # The dictionary's master speaks for the first time: what another source said is only seen from now on.
        at = max(received_at, other.received_at)
        edits.ends.append(Ending(other.pk, at))
        edits.added.append(
            (row.record, definition.pk, other.source_id, delivery.job_id, other.occurred_at, other.text)
            + (other.number, False, at, assumed)
        )
    return edits


def _identify(delivery: Delivery, rows: Sequence[Row]) -> None:
    """Give each row its account: the known one, revived if it was deleted, else a new one."""
    now = delivery.receipt.now
    fresh = iter(numbers(Account, sum(row.entry is None for row in rows)))
    new, revived = [], []
    for row in rows:
        row.record = row.entry.record if row.entry else next(fresh)
        row.account_id = row.record
        if row.entry is None:
            row.status = "created"
            new.append(Account(id=row.record, created_at=now, updated_at=now, job=delivery.job))
        elif row.entry.deleted:
            row.status = "created"
            revived.append(row.record)
    Account.objects.bulk_create(new)
    standing = set(Account.objects.filter(id__in=revived).values_list("id", flat=True))
    Account.objects.filter(id__in=standing, deleted_at__isnull=False).update(
        deleted_at=None, updated_at=now, job=delivery.job
    )
    # An id whose deletion came before its record has a number but no account yet.
    Account.objects.bulk_create(
        [
            Account(id=number, created_at=now, updated_at=now, job=delivery.job)
            for number in revived
            if number not in standing
        ]
    )


def _texts(row: Row) -> dict[str, str | None]:
    """What the row says, by attribute name. Blank text says as much as null."""
    said = {
        member.removeprefix(attributes.PREFIX): value or None
        for member, value in row.given.items()
        if member not in NOT_VALUES and member != "parent"
    }
    if "parent" in row.given and row.waits_for is None:
        parent = row.state.get("parent_record")
        said["parent"] = None if parent is None or parent == row.record else str(parent)
    return said


def _samples(texts: dict[int, dict[str, str | None]]) -> dict[str, list[str]]:
    samples: dict[str, list[str]] = defaultdict(list)
    for said in texts.values():
        for name, text in said.items():
            samples[name] += [text] if text is not None else []
    return samples


def further_ids(row: Row, source: Source) -> list[Ref]:
    """The other ids that an account is said to have, those of the sender itself without its name."""
    refs = (
        ref._replace(source=None) if ref.source == source.name else ref for ref in row.given.get("external_ids", ())
    )
    return [ref for ref in refs if ref != Ref("accounts", None, row.external_id)]


def _check_further_ids(delivery: Delivery, row: Row, known: dict[Ref, Any]) -> None:
    for ref in further_ids(row, delivery.source):
        entry = known.get(ref)
        if entry is None or entry.deleted:
            continue
        if row.entry is None or entry.record != row.entry.record:
            row.reject(Problem("external_ids", "id_taken", f"“{ref.external_id}” is an id of account {entry.record}."))
            return


def _new_ids(delivery: Delivery, row: Row, known: dict[Ref, Any]) -> list[Ref]:
    """The further ids of an account by which nobody has named it yet."""
    return [ref for ref in further_ids(row, delivery.source) if ref not in known or known[ref].deleted]


def _add_further_ids(delivery: Delivery, rows: Sequence[Row], known: dict[Ref, Any]) -> None:
    named = {ref: row.record for row in rows for ref in _new_ids(delivery, row, known)}
    if not named:
        return
    sources = dict(Source.objects.filter(name__in={ref.source for ref in named}).values_list("name", "id"))
    ExternalId.objects.bulk_create(
        [
            ExternalId(
                kind="accounts",
                source_id=sources[ref.source] if ref.source else delivery.source.pk,
                external_id=ref.external_id,
                record=record,
                account_id=record,
                named_by=delivery.job,
            )
            for ref, record in named.items()
        ],
        # An id that was deleted belongs to nobody, until an account is said to have it.
        update_conflicts=True,
        unique_fields=["kind", "source", "external_id"],
        update_fields=["record", "account", "source_updated_at", "digest", "deleted_at", "named_by"],
    )


def delete(delivery: Delivery, rows: list[Row]) -> None:
    """Take back what this source said of these accounts, but for those that it still knows by another id. One that nobody
    knows any more is gone with it."""
    now = delivery.receipt.now
    ids = [row.record for row in rows]
    others = ExternalId.objects.filter(kind="accounts", source=delivery.source, record__in=ids, deleted_at__isnull=True)
    still = others.exclude(external_id__in=[row.external_id for row in rows]).values("record")
    mine = AttributeValue.objects.known().filter(account_id__in=ids, source=delivery.source).exclude(account__in=still)
    close(
        AttributeValue,
        [Ending(pk, max(now, received_at)) for pk, received_at in mine.values_list("id", "received_at")],
        delivery.job_id,
    )
    retire(ids, [row.external_id for row in rows], delivery.source.pk, now)
    attributes.settle_masters(ids, now, delivery.job)
    mark_dirty(ids, now)


def retire(account_ids: Sequence[int], external_ids: Sequence[str], source_id: int, now: dt.datetime) -> None:
    """Mark as deleted those of the accounts that no other outside id names any more."""
    others = ExternalId.objects.filter(kind="accounts", record__in=account_ids, deleted_at__isnull=True).exclude(
        source_id=source_id, external_id__in=external_ids
    )
    named = set(others.values_list("record", flat=True))
    gone = [number for number in account_ids if number not in named]
    Account.objects.filter(id__in=gone).update(deleted_at=now, updated_at=now)
