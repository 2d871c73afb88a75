"""Writing records of every kind that is kept as versions."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Max

from accounts.arrays import numbers_in, texts_in
from accounts.kinds import Arrival, Change, Problem, State
from accounts.models import EndUser, Feature
from accounts.rows import Delivery, Row, pending
from accounts.sources import note_delivery
from accounts.versions import Ending, close, copy_in, mark_dirty, numbers


@dataclass(frozen=True, slots=True)
class Current:
    """The version of a record that is known now."""

    id: int
    received_at: Any
    state: State


def write(delivery: Delivery, rows: list[Row]) -> None:
    """Lay what was sent over what is known, refuse what breaks a rule, and add a version where something differs."""
    if delivery.kind.model is EndUser:
        _follow_moves(delivery, rows)
    known = _current(delivery, [row.entry.record for row in rows if row.entry])
    ended = _ended(delivery, [row.entry.record for row in rows if row.entry and row.entry.record not in known])
    _spell(delivery, rows)
    for row in rows:
        before = known.get(row.entry.record) if row.entry else None
        _overlay(delivery, row, before)
    rows = pending(rows)
    for position, problem in delivery.kind.check([row.state for row in rows]):
        rows[position].reject(problem)
    changes, ends = [], []
    fresh = iter(numbers(delivery.kind.model, len(rows)))  # type: ignore[arg-type]
    added = []
    for row in pending(rows):
        before = known.get(row.entry.record) if row.entry else None
        row.status = "created" if before is None else "unchanged" if before.state == row.state else "updated"
        number = next(fresh)
        row.record = row.entry.record if row.entry else number
        if row.status == "unchanged":
            continue
        received_at, assumed = delivery.receipt.of(delivery.kind, row.state, row)
        if before is not None:
            # What is known never goes back in time: a version is learned no earlier than the one before it.
            received_at = max(received_at, before.received_at)
            ends.append(Ending(before.id, received_at))
        elif row.record in ended:
            received_at = max(received_at, ended[row.record])
        changed_at = row.source_updated_at or received_at
        was = before.state if before else None
        changes.append(Change(row.record, was, row.state, changed_at, received_at, assumed))
        added.append((number, row))
    _store(delivery, ends, added, changes)


def _store(delivery: Delivery, ends: list[Ending], added: list[tuple[int, Row]], changes: list[Change]) -> None:
    model = delivery.kind.model
    assert model is not None
    close(model, ends, delivery.job_id)
    columns = tuple(delivery.kind.blank)
    source_id, job_id = delivery.source.pk, delivery.job_id
    named = ("external_id",) if model is EndUser else ()
    copy_in(
        model,
        ("id", "record", "source_id", "job_id", "received_at", "receipt_assumed", *columns, *named),
        [
            (number, row.record, source_id, job_id, change.received_at, change.assumed)
            + tuple(map(row.state.__getitem__, columns))
            + ((row.external_id,) if named else ())
            for (number, row), change in zip(added, changes, strict=True)
        ],
    )
    _follow_up(delivery, changes)


def _follow_up(delivery: Delivery, changes: list[Change]) -> None:
    if not changes:
        return
    if delivery.kind.belongs_to_account:
        states = [state for change in changes for state in (change.before, change.after) if state is not None]
        mark_dirty({state["account_id"] for state in states}, delivery.receipt.now)
        first: dict[int, dt.datetime] = {}
        for change in changes:
            if change.after is not None:
                account_id = change.after["account_id"]
                first[account_id] = min(change.received_at, first.get(account_id, change.received_at))
        note_delivery(delivery.source.pk, delivery.kind.name, first)
    delivery.kind.after(changes, Arrival(delivery.source.pk, delivery.job_id))


def delete(delivery: Delivery, rows: list[Row]) -> None:
    """Close the current versions of these rows' records."""
    assert delivery.kind.model is not None
    by_record = {row.record: row for row in rows}
    if delivery.kind.model is EndUser:
        by_record |= _at_earlier_accounts(delivery, rows)
    changes, ends = [], []
    for record, before in _current(delivery, list(by_record)).items():
        at = max(delivery.receipt.now, before.received_at)
        ends.append(Ending(before.id, at))
        changes.append(Change(record, before.state, None, by_record[record].source_updated_at or at, at, False))
    close(delivery.kind.model, ends, delivery.job_id)
    _follow_up(delivery, changes)


def _current(delivery: Delivery, records: Sequence[int]) -> dict[int, Current]:
    model = delivery.kind.model
    if not records or model is None:
        return {}
    columns = tuple(delivery.kind.blank)
    found = model.objects.known().filter(record__in=numbers_in(records))
    return {
        record: Current(pk, received_at, dict(zip(columns, values, strict=True)))
        for pk, record, received_at, *values in found.values_list("id", "record", "received_at", *columns)
    }


def _ended(delivery: Delivery, records: Sequence[int]) -> dict[int, dt.datetime]:
    """Until when records were known that are known no more. They cannot have been known again before."""
    model = delivery.kind.model
    if not records or model is None:
        return {}
    # What an undo took back for good was known for no time at all.
    versions = model.objects.filter(record__in=list(records)).exclude(superseded_at=F("received_at"))
    return dict(versions.values("record").annotate(until=Max("superseded_at")).values_list("record", "until"))


def _overlay(delivery: Delivery, row: Row, before: Current | None) -> None:
    kind = delivery.kind
    state = dict(before.state if before else kind.blank)
    for member, value in row.given.items():
        column = kind.columns[member]
        if column in row.state:
            state[column] = row.state[column]
        elif member != "account":
            state[column] = kind.blank[column] if value is None else value
    if kind.belongs_to_account:
        state["account_id"] = row.account_id
    row.state = state
    for member in kind.needs:
        if state[kind.columns[member]] in (None, ""):
            row.reject(Problem(member, "required", f"A {kind.singular} needs {member}."))


def _at_earlier_accounts(delivery: Delivery, rows: Sequence[Row]) -> dict[int, Row]:
    """Somebody who moved from account to account and is gone is gone from all of them."""
    by_id = {row.external_id: row for row in rows}
    found = EndUser.objects.known().filter(source=delivery.source, external_id__in=list(by_id))
    return {record: by_id[external_id] for record, external_id in found.values_list("record", "external_id")}


def _follow_moves(delivery: Delivery, rows: list[Row]) -> None:
    """A person who moved to another account is another end user there; the one at the old account stays."""
    moved = [row for row in rows if row.entry and row.account_id != row.entry.account_id]
    if not moved:
        return
    found = EndUser.objects.known().filter(
        account__in={row.account_id for row in moved},
        source=delivery.source,
        external_id__in=texts_in([row.external_id for row in moved]),
    )
    at_account = {
        (account_id, external_id): record
        for account_id, external_id, record in found.values_list("account_id", "external_id", "record")
    }
    fresh = iter(numbers(EndUser, len(moved)))
    for row in moved:
        assert row.entry is not None
        record = at_account.get((row.account_id or 0, row.external_id)) or next(fresh)
        row.entry = row.entry.moved_to(record, row.account_id)


def _spell(delivery: Delivery, rows: list[Row]) -> None:
    """Put the numbers of dictionary words in their place. A word seen for the first time is entered."""
    for member, column in delivery.kind.dictionary.items():
        words = {row.given[member] for row in rows if member in row.given}
        if not words:
            continue
        known = dict(Feature.objects.filter(name__in=words).values_list("name", "id"))
        if missing := sorted(words - known.keys()):
            Feature.objects.bulk_create([Feature(name=word) for word in missing], ignore_conflicts=True)
            known |= dict(Feature.objects.filter(name__in=missing).values_list("name", "id"))
        for row in rows:
            if member in row.given:
                row.state[column] = known[row.given[member]]
