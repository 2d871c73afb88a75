"""From columns of raw values to rows with their problems: each cell checked by its field, each distinct text once."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from rest_framework import serializers

from accounts import attributes
from accounts.cells import ABSENT, Bad
from accounts.kinds import Kind, Problem
from accounts.rows import Row

Columns = Mapping[str, Sequence[Any]]

MESSAGE_AT_MOST = 300


def columns_of(records: Sequence[Any]) -> dict[str, list[Any]]:
    """Records as they come in JSON, as columns. `attributes` of an account become columns of their own."""
    names: dict[str, None] = {"external_id": None}
    flat = [_flat(record) for record in records]
    for record in flat:
        names.update(dict.fromkeys(record))
    return {name: [record.get(name, ABSENT) for record in flat] for name in names}


def _flat(record: Any) -> dict[str, Any]:
    if not isinstance(record, Mapping):
        return {"external_id": Bad("invalid", "A record is an object with external_id and members.")}
    return {str(name): value for name, value in record.items()}


def check(kind: Kind, columns: Columns, size: int) -> list[Row]:
    """Rows of a batch, in its order. A row with problems is rejected already."""
    columns = attributes.spread(columns, size) if kind.model is None else columns
    problems: dict[int, list[Problem]] = {}
    checked = {member: _check_column(kind, member, columns[member], problems) for member in sorted(columns)}
    ids = checked.pop("external_id", [ABSENT] * size)
    updated = checked.pop("source_updated_at", [None] * size)
    deleted = checked.pop("deleted", [False] * size)
    names = tuple(checked)
    rows = []
    for position, cells in enumerate(zip(*checked.values(), strict=True) if checked else [()] * size):
        given = {name: cell for name, cell in zip(names, cells, strict=True) if cell is not ABSENT}
        gone = deleted[position] is True
        row = Row(position, ids[position], updated[position] or None, gone, given)
        row.digest = blake2b(repr((gone, given)).encode("utf-8", "replace"), digest_size=16).digest()
        if ids[position] is ABSENT and position not in problems:
            problems[position] = [Problem("external_id", "required", "A record needs its external_id.")]
        for problem in problems.get(position, ()):
            row.reject(problem)
        if row.status == "rejected" and not isinstance(row.external_id, str):
            row.external_id = ""
        rows.append(row)
    return rows


def _check_column(kind: Kind, member: str, values: Sequence[Any], problems: dict[int, list[Problem]]) -> list[Any]:
    """The checked values; where one is refused, ABSENT and an entry in `problems`."""
    known: dict[str, Any] = {}
    checked: list[Any] = []
    for position, value in enumerate(values):
        if value is ABSENT:
            checked.append(ABSENT)
            continue
        # Only text is remembered: to a dict 1, 1.0 and True are one key.
        is_text = value.__class__ is str
        outcome = known.get(value) if is_text else None
        if outcome is None:
            outcome = _check_cell(kind, member, value)
            if is_text:
                known[value] = outcome
        if outcome.__class__ is _Refused:
            problems.setdefault(position, []).append(Problem(member, outcome.code, outcome.message))
            outcome = ABSENT
        checked.append(None if outcome is _NULL else outcome)
    return checked


class _Refused(Bad):
    pass


_NULL = object()


def _check_cell(kind: Kind, member: str, value: Any) -> Any:
    if isinstance(value, Bad):
        return _Refused(value.code, value.message)
    try:
        field = kind.fields.get(member)
        if field is not None:
            outcome = field.run_validation(value)
        elif kind.model is None and member.startswith(attributes.PREFIX):
            outcome = attributes.checked(member, value)
        else:
            return _Refused("unknown", f"{kind.name} have no member “{member[:80]}”.")
    except serializers.ValidationError as error:
        code, message = _first(error.detail)
        return _Refused(code, message[:MESSAGE_AT_MOST])
    return _NULL if outcome is None else outcome


def _first(detail: Any) -> tuple[str, str]:
    while isinstance(detail, list | dict):
        detail = next(iter(detail.values() if isinstance(detail, dict) else detail))
    return str(detail.code), str(detail)
