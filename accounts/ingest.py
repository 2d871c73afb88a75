"""The one way in: any batch of records of one kind from one source, whatever door it came through.

Each record is checked on its own; one bad record never costs the others. The batch then goes in as sets, within one
transaction that holds the stream, so that two deliveries of a stream never interleave:

1. `checking.check`: columns of raw values become rows, each with its problems.
2. Records of one id within the batch are applied in the order of `source_updated_at`, then of position, in *waves*.
3. A wave looks up which ids are known, leaves what is unchanged or stale, resolves references, keeps what refers to the
   unknown, lays what was sent over what was known, and writes what differs as versions.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from accounts import account_writer, unmatched, version_writer
from accounts.account_writer import further_ids
from accounts.checking import Columns, check
from accounts.fields import Ref, source_zone
from accounts.identities import entries, recognize, remember
from accounts.kinds import Kind, Problem
from accounts.models import Account, Source, Stream
from accounts.rows import Delivery, Entry, Row, Status, pending
from accounts.versions import MERGES_NOTHING, numbers

EPOCH = dt.datetime.min.replace(tzinfo=dt.UTC)


class NotApplied(Exception):
    """Rolls a batch back that goes in whole or not at all."""


def ingest(
    delivery: Delivery,
    columns: Columns,
    size: int,
    *,
    all_or_none: bool = False,
    known_at: Sequence[dt.datetime | None] = (),
) -> list[Row]:
    """Take in a batch of `size` records, given as columns of raw values. Returns one row for each, in order.

    `known_at`, where given, holds for each record when it is assumed to have been learned.
    """
    zone = source_zone.set(ZoneInfo(delivery.source.time_zone) if delivery.source.time_zone else None)
    try:
        rows = check(delivery.kind, columns, size)
    finally:
        source_zone.reset(zone)
    for row, moment in zip(rows, known_at, strict=False):
        row.known_at = moment
    try:
        with transaction.atomic():
            hold_stream(delivery)
            for wave in _waves(delivery, pending(rows)):
                _settle(delivery, wave)
            if all_or_none and any(row.status == "rejected" for row in rows):
                raise NotApplied
    except NotApplied:
        for row in rows:
            row.status = "rejected" if row.status == "rejected" else "not_applied"
    return rows


def hold_stream(delivery: Delivery) -> None:
    """Wait for other deliveries of this stream, or of a common kind for those of any source; and for accounts being merged."""
    stream, _ = Stream.objects.get_or_create(source=delivery.source, kind=delivery.kind.name)
    held = delivery.kind.name if delivery.kind.common else f"stream {stream.pk}"
    with connection.cursor() as cursor:
        cursor.execute(f"select {MERGES_NOTHING}, pg_advisory_xact_lock(hashtextextended(%s, 0))", [held])


def _waves(delivery: Delivery, rows: list[Row]) -> Iterator[list[Row]]:
    """Sets of rows about distinct records; the rows about one record in the order in which they are to be applied."""
    by_id: dict[str, list[Row]] = {}
    for row in rows:
        by_id.setdefault(row.external_id, []).append(row)
    if len(by_id) < len(rows):
        turns = {external_id: _in_time(same) for external_id, same in by_id.items()}
        rows = [next(turns[row.external_id]) for row in rows]
    elif delivery.kind.model is not None:
        yield rows
        return
    while rows:
        touched: set[Any] = set()
        wave: list[Row] = []
        later: list[Row] = []
        for row, names in zip(rows, _names(delivery, rows), strict=True):
            (wave if touched.isdisjoint(names) else later).append(row)
            touched |= names
        yield wave
        rows = later


def _in_time(rows: list[Row]) -> Iterator[Row]:
    """Rows in the order of their times. One without a time keeps its place among them."""
    timed = [row for row in rows if row.source_updated_at is not None]
    ordered = iter(sorted(timed, key=lambda row: row.source_updated_at or EPOCH))
    return (row if row.source_updated_at is None else next(ordered) for row in rows)


def _names(delivery: Delivery, rows: list[Row]) -> Iterator[set[Any]]:
    """By what each row names its record: its id; of an account every id that it is said to have, and its number."""
    if delivery.kind.model is not None:
        yield from ({row.external_id} for row in rows)
        return
    refs = [{Ref("accounts", None, row.external_id), *further_ids(row, delivery.source)} for row in rows]
    known = entries(set().union(*refs), delivery.source)
    for named in refs:
        yield named | {known[ref].record for ref in named if ref in known}


def _settle(delivery: Delivery, wave: list[Row]) -> None:
    recognize(delivery, wave)
    if not delivery.joining:
        unmatched.merge_waiting(delivery, wave)
        for row in pending(wave):
            row.status = _known_already(row)
    writer = account_writer if delivery.kind.model is None else version_writer
    news = pending(wave)
    _delete(delivery, writer, [row for row in news if row.deleted])
    _resolve(delivery, pending(wave))
    unmatched.keep(delivery, [row for row in wave if row.waits_for is not None])
    writer.write(delivery, pending(wave))
    remember(delivery, [row for row in wave if row.applied])
    unmatched.release(delivery, [row for row in news if row.applied and row.waits_for is None])


def _known_already(row: Row) -> Status | None:
    entry = row.entry
    if entry is None:
        return None
    if entry.digest == row.digest and not row.merged:
        return "unchanged"
    if row.source_updated_at and entry.source_updated_at and row.source_updated_at <= entry.source_updated_at:
        return "stale"
    return None


def _delete(delivery: Delivery, writer: Any, rows: list[Row]) -> None:
    """Close what a deleted record was. A deletion of the unknown is remembered too, since its record may yet come late."""
    fresh = iter(numbers(delivery.kind.model or Account, sum(row.entry is None for row in rows)))
    for row in rows:
        row.record = row.entry.record if row.entry else next(fresh)
        row.account_id = row.entry.account_id if row.entry else None
        row.status = "unchanged" if row.entry is None or row.entry.deleted else "updated"
    writer.delete(delivery, [row for row in rows if row.status == "updated"])


def _resolve(delivery: Delivery, rows: list[Row]) -> None:
    """Put records in the place of references, and find each row's account. Rows that refer to the unknown wait."""
    kind = delivery.kind
    refs: dict[int, list[tuple[str, Ref]]] = {}
    single, several = tuple(kind.references), tuple(kind.reference_lists)
    for row in rows:
        refs[row.position] = [(member, row.given[member]) for member in single if row.given.get(member)]
        for member in several:
            refs[row.position] += [(member, ref) for ref in row.given.get(member, ())]
    known = entries({ref for named in refs.values() for _, ref in named}, delivery.source)
    known_sources = set(Source.objects.values_list("name", flat=True)) | {None}
    for row in rows:
        _resolve_row(kind, row, refs[row.position], known, known_sources)


def _resolve_row(
    kind: Kind, row: Row, named: list[tuple[str, Ref]], known: Mapping[Ref, Entry], sources: set[Any]
) -> None:
    for member, ref in named:
        if ref.source not in sources:
            row.reject(Problem(member, "unknown_source", f"There is no source “{ref.source}”."))
            return
    accounts: dict[str, int] = {}
    for member, ref in named:
        if kind.model is None and member in kind.reference_lists:
            continue  # further ids of an account need not mean anything yet
        entry = known.get(ref)
        if entry is None or entry.deleted:
            row.waits_for = ref
            # An account does not wait for its parent; the link alone does.
            if kind.model is not None:
                row.status = "unmatched"
            return
        if member in kind.reference_lists:
            continue
        row.state[kind.columns[member]] = entry.record if member != "account" else entry.account_id
        if entry.account_id is not None and ref.kind != "accounts":
            accounts[member] = entry.account_id
    for member in kind.reference_lists if kind.model is not None else ():
        if member in row.given:
            row.state[member] = [known[ref].record for ref in row.given[member]]
    if kind.belongs_to_account:
        _place(kind, row, accounts)


def _place(kind: Kind, row: Row, accounts: Mapping[str, int]) -> None:
    """Find the account: named, else known by a record that is named, else as before."""
    named = row.state.pop("account_id", None)
    through = next((accounts[member] for member in kind.account_from if member in accounts), None)
    row.account_id = named or through or (row.entry.account_id if row.entry else None)
    for member, account_id in accounts.items():
        if member != "account" and account_id != row.account_id and row.account_id is not None:
            row.reject(Problem(member, "account_mismatch", "It belongs to another account than the record."))
            return
