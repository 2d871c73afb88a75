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
    ids, updated, deleted = (_values(checked.pop(member, None), size) for member in APART)
    names = tuple(checked)
    # With no cell left out, as in most files, a row takes the names as they are.
    is_full = not any(ABSENT in values for values, _ in checked.values())
    cells = zip(*(values for values, _ in checked.values()), strict=True) if checked else [()] * size
    words = zip(*(words for _, words in checked.values()), strict=True) if checked else [()] * size
    rows = []
    for position, (own, said) in enumerate(zip(cells, words, strict=True)):
        pairs = zip(names, own, strict=True)
        given = dict(pairs) if is_full else {name: cell for name, cell in pairs if cell is not ABSENT}
        gone = deleted[position] is True
        digest = blake2b(("".join(said) + ("gone" if gone else "")).encode(), digest_size=16).digest()
        rows.append(Row(position, ids[position], updated[position] or None, gone, given, digest))
    _reject(rows, problems)
    return rows


# These do not describe the record, so the digest of a payload leaves them out.
APART = ("external_id", "source_updated_at", "deleted")


def _values(column: "_Column | None", size: int) -> Sequence[Any]:
    return column[0] if column else [ABSENT] * size


def _reject(rows: list[Row], problems: dict[int, list[Problem]]) -> None:
    for row in rows:
        if row.external_id.__class__ is not str:
            row.external_id = ""
            problems.setdefault(row.position, [Problem("external_id", "required", "A record needs its external_id.")])
    for position, found in problems.items():
        for problem in found:
            rows[position].reject(problem)


class _Refused(Bad):
    pass


_Column = tuple[Sequence[Any], Sequence[str]]  # checked values, and each in words for the digest
_Cell = tuple[Any, str]
NOTHING: _Cell = (ABSENT, "")


def _check_column(kind: Kind, member: str, values: Sequence[Any], problems: dict[int, list[Problem]]) -> _Column:
    """The checked values; where one is refused, ABSENT and an entry in `problems`."""
    judged = _Judged(kind, member)
    # Only text is remembered: to a dict 1, 1.0 and True are one key.
    cells = [
        judged[value] if value.__class__ is str else NOTHING if value is ABSENT else judged.judge(value)
        for value in values
    ]
    if judged.has_refused:
        for position, (value, _) in enumerate(cells):
            if value.__class__ is _Refused:
                problems.setdefault(position, []).append(Problem(member, value.code, value.message))
                cells[position] = NOTHING
    return [value for value, _ in cells], [words for _, words in cells]


class _Judged(dict[str, _Cell]):
    """What the texts of one member stand for, each distinct one judged once."""

    def __init__(self, kind: Kind, member: str) -> None:
        super().__init__()
        self.kind, self.member, self.field = kind, member, kind.fields.get(member)
        self.is_apart = member in APART
        self.has_refused = False

    def __missing__(self, text: str) -> _Cell:
        self[text] = cell = self.judge(text)
        return cell

    def judge(self, value: Any) -> _Cell:
        try:
            if isinstance(value, Bad):
                outcome: Any = self._refuse(value.code, value.message)
            elif self.field is not None:
                outcome = self.field.run_validation(value)
            elif self.kind.model is None and self.member.startswith(attributes.PREFIX):
                outcome = attributes.checked(self.member, value)
            else:
                outcome = self._refuse("unknown", f"{self.kind.name} have no member “{self.member[:80]}”.")
        except serializers.ValidationError as error:
            outcome = self._refuse(*_first(error.detail))
        # No repr has a line break, so the words of a row can be told apart.
        return outcome, "" if self.is_apart else f"{(self.member, outcome)!r}\n"

    def _refuse(self, code: str, message: str) -> _Refused:
        self.has_refused = True
        return _Refused(code, message[:MESSAGE_AT_MOST])


def _first(detail: Any) -> tuple[str, str]:
    while isinstance(detail, list | dict):
        detail = next(iter(detail.values() if isinstance(detail, dict) else detail))
    return str(detail.code), str(detail)
