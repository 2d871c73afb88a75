"""A mapping turns the columns of a file into the members of a record.

[fields]
external_id = "user_id"                                            # a column as it is
external_id = { columns = ["user_id", "week"], join = ":" }        # made from several
first_seen_on = { column = "signup_date", format = "%Y-%m-%d" }
at = { column = "created", format = "%d/%m/%Y %H:%M", time_zone = "Europe/Berlin" }
arr = { column = "arr_usd", number = "1.234,56" }                  # the number 1234.56 as this file writes it
outcome = { column = "outcome", values = { churned = "lost", renewed = "renewed" } }
notes = { column = "notes", empty = "clear" }                      # an empty cell clears; else it leaves
grain = { constant = "week" }
account = { column = "school_id", source = "crm" }                 # known by another source's id
account = { column = "school_id", source = { column = "system" } } # ... which a column names
account = { column = "user_id", of = "end-users", take = "account" }  # the account of that end user
"attributes.contract_type" = "contract_type"

[options]
delimiter = ";"
encoding = "latin-1"
"""

import tomllib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from accounts import conversions
from accounts.cells import ABSENT, LookUp

SETTINGS: Final = (
    "column", "columns", "join", "constant", "empty", "format", "time_zone", "values", "number", "source", "of", "take",
)  # fmt: skip
OPTIONS: Final = ("delimiter", "encoding")
# A column of ever new values would otherwise remember them all.
MOST_REMEMBERED: Final = 50_000
# A message lists no more names than somebody would read.
MOST_NAMES: Final = 40


class BadMapping(Exception):
    """The mapping cannot be used. The message names the file, the field and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedField:
    """One member of a record and where its value comes from: columns, or a constant when there are none."""

    member: str
    columns: tuple[str, ...] = ()
    join: str = ""
    constant: object = None
    clears: bool = False
    convert: conversions.Converter | None = None
    source: str | None = None
    source_column: str | None = None
    of: str | None = None
    take: str = ""

    @property
    def all_columns(self) -> tuple[str, ...]:
        return self.columns + ((self.source_column,) if self.source_column else ())


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which columns make which members, and how the file is to be read where it cannot tell."""

    fields: tuple[MappedField, ...]
    name: str = "the header"
    delimiter: str | None = None
    encoding: str | None = None


def load(path: Path, members: Collection[str]) -> Mapping:
    """Read a mapping file for records with these members; "attributes.*" means any attribute. Raises BadMapping."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise BadMapping(f"There is no mapping file {path}.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadMapping(f"{path.name} cannot be read as TOML in UTF-8: {error}") from None
    try:
        _only(document, ("fields", "options"), "a mapping file has")
        options = _table(document.get("options", {}), "options")
        _only(options, OPTIONS, "options are")
        for name, value in options.items():
            _text(value, name)
        fields = _flat(_table(document.get("fields", {}), "fields"))
        if not fields:
            raise ValueError('needs a table [fields] with at least one line such as external_id = "id"')
        mapped = tuple(_mapped(member, given, members) for member, given in fields.items())
    except ValueError as error:
        raise BadMapping(f"{path.name}: {error}.") from None
    return Mapping(mapped, path.name, **options)


def _flat(fields: dict[str, Any]) -> dict[str, Any]:
    """One flat table: TOML makes a table of `attributes.tier = …` and a plain key of `"attributes.tier" = …`."""
    nested = _table(fields.pop("attributes", {}), "attributes")
    return fields | {f"attributes.{name}": given for name, given in nested.items()}


def _mapped(member: str, given: object, members: Collection[str]) -> MappedField:
    if not _is_member(member, members):
        raise ValueError(f"{member} is not a member of this kind{_instead(member, members)}")
    settings = {"column": given} if isinstance(given, str) else _table(given, member)
    try:
        return _field(member, settings)
    except ValueError as error:
        raise ValueError(f"{member}: {error}") from None


def _field(member: str, settings: dict[str, Any]) -> MappedField:
    _only(settings, SETTINGS, "a field has")
    _agree(settings)
    if "constant" in settings:
        if not isinstance(settings["constant"], str | int | float | date):
            raise ValueError("constant is a text, a number, true, false or a date")
        return MappedField(member=member, constant=settings["constant"])
    if settings.get("empty", "leave") not in {"leave", "clear"}:
        raise ValueError(f'empty is "leave" or "clear", not {settings["empty"]!r}')
    source = settings.get("source")
    if isinstance(source, dict):
        _only(source, ("column",), "source has")
        source_column, source = _text(source.get("column"), "source.column"), None
    else:
        source_column, source = None, None if source is None else _text(source, "source")
    return MappedField(
        member=member,
        columns=_columns(settings),
        join=settings.get("join", ""),
        clears=settings.get("empty") == "clear",
        convert=_converter(settings),
        source=source,
        source_column=source_column,
        of=_text(settings["of"], "of") if "of" in settings else None,
        take=_text(settings.get("take", member), "take"),
    )


def _agree(settings: dict[str, Any]) -> None:
    """Refuse settings that contradict each other or would do nothing."""
    origins = [name for name in ("column", "columns", "constant") if name in settings]
    if len(origins) != 1:
        raise ValueError(f"takes one of column, columns and constant, not {' and '.join(origins) or 'none'}")
    if "constant" in settings and len(settings) > 1:
        raise ValueError(f"constant stands alone; leave out {', '.join(sorted(settings.keys() - {'constant'}))}")
    for name, needed in (("join", "columns"), ("time_zone", "format"), ("take", "of")):
        if name in settings and needed not in settings:
            raise ValueError(f"{name} needs {needed}")
    ways = [name for name in ("format", "values", "number", "source", "of") if name in settings]
    if len(ways) > 1 and ways != ["source", "of"]:
        raise ValueError(f"takes one of format, values, number and a reference (source, of), not {' and '.join(ways)}")


def _columns(settings: dict[str, Any]) -> tuple[str, ...]:
    columns = settings.get("columns", [settings.get("column")])
    if not isinstance(columns, list) or not columns:
        raise ValueError('columns is a list such as ["user_id", "week"]')
    if not isinstance(settings.get("join", ""), str):
        raise ValueError('join is the text between the columns, such as ":"')
    return tuple(_text(column, "column") for column in columns)


def _converter(settings: dict[str, Any]) -> conversions.Converter | None:
    if "number" in settings:
        return conversions.number(_text(settings["number"], "number"))
    if "format" in settings:
        zone = _text(settings["time_zone"], "time_zone") if "time_zone" in settings else None
        return conversions.moment(_text(settings["format"], "format"), zone)
    if "values" in settings:
        values = _table(settings["values"], "values")
        if not values or not all(isinstance(value, str | int | float | date) for value in values.values()):
            raise ValueError('values is a table such as { churned = "lost", renewed = "renewed" }')
        return conversions.choice(values)
    return None


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is a text in quotes, not {value!r}")
    return value


def _table(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{name} is a table in braces, not {value!r}")
    return value


def _only(table: dict[str, Any], allowed: Sequence[str], owner: str) -> None:
    for name in table:
        if name not in allowed:
            raise ValueError(f"{owner} {', '.join(allowed)}, not {name}")


def _is_member(name: str, members: Collection[str]) -> bool:
    return name in members or ("attributes.*" in members and name.startswith("attributes.") and name != "attributes.")


def _instead(name: str, names: Collection[str]) -> str:
    close = get_close_matches(name, names, n=3, cutoff=0.5)
    if close:
        return f" (perhaps {' or '.join(close)})"
    known = sorted(names)
    return f", which has {', '.join(known[:MOST_NAMES])}{' and more' if len(known) > MOST_NAMES else ''}"


def identity(header: Sequence[str], members: Collection[str]) -> Mapping:
    """Map columns to the members that they are named after; case, spaces and hyphens do not matter.

    `account.source` names the source whose id `account` (or `account.external_id`) is. Where no column is named
    external_id, one named id is taken for it. Raises BadMapping when two columns claim the same member.
    """
    columns: dict[str, str] = {}
    sources: dict[str, str] = {}
    for column in header:
        name = column.strip().lower().replace(" ", "_").replace("-", "_")
        base, _, part = name.rpartition(".")
        if _is_member(name, members):
            claimed, member = columns, name
        elif part in {"source", "external_id"} and base in members:
            claimed, member = (sources if part == "source" else columns), base
        else:
            continue
        if member in claimed:
            raise BadMapping(
                f"The columns {claimed[member]} and {column} both name {name}; choose one in a mapping file."
            )
        claimed[member] = column
    plain_id = next((column for column in header if column.strip().lower() == "id"), None)
    if plain_id is not None:
        columns.setdefault("external_id", plain_id)
    return Mapping(
        tuple(
            MappedField(member=member, columns=(column,), source_column=sources.get(member))
            for member, column in columns.items()
        )
    )


def bind(mapping: Mapping, header: Sequence[str]) -> "Bound":
    """Tie a mapping to the header of a file. Raises BadMapping for columns that the file does not have."""
    missing = [
        f"{mapped.member}: column {column} is not in the header{_instead(column, header)}"
        for mapped in mapping.fields
        for column in mapped.all_columns
        if column not in header
    ]
    if missing:
        raise BadMapping(f"{mapping.name}: {'; '.join(missing)}.")
    return Bound(mapping, header)


class Bound:
    """A mapping and the header it was made for. `unused` are the columns that nothing takes."""

    def __init__(self, mapping: Mapping, header: Sequence[str]) -> None:
        used = {column for mapped in mapping.fields for column in mapped.all_columns}
        self.unused = tuple(name for name in header if name not in used)
        self._makers = {mapped.member: _maker(mapped, header) for mapped in mapping.fields}

    def columns(self, rows: Sequence[Sequence[str]]) -> dict[str, list[object]]:
        """For each member one value a row.

        A value is the text as it came, ABSENT, None to clear, what a conversion made of it, Bad, a LookUp, or
        {"source": …, "external_id": …} for a reference to another source's id.
        """
        return {member: make(rows) for member, make in self._makers.items()}


Rows = Sequence[Sequence[str]]
Maker = Callable[[Rows], list[object]]


def _maker(mapped: MappedField, header: Sequence[str]) -> Maker:
    if not mapped.columns:
        return lambda rows: [mapped.constant] * len(rows)
    texts = _texts([header.index(column) for column in mapped.columns], mapped.join)
    empty = None if mapped.clears else ABSENT
    if mapped.convert:
        remembered = _Remembered(mapped.convert, empty)
        return lambda rows: [remembered[text] for text in texts(rows)]
    if not (mapped.of or mapped.source or mapped.source_column):
        return lambda rows: [text or empty for text in texts(rows)]
    sources = _texts([header.index(mapped.source_column)], "") if mapped.source_column else None
    reference = _look_up(mapped) if mapped.of else _reference

    def references(rows: Rows) -> list[object]:
        named = sources(rows) if sources else [mapped.source or ""] * len(rows)
        return [reference(text, source) if text else empty for text, source in zip(texts(rows), named, strict=True)]

    return references


def _texts(indexes: list[int], join: str) -> Callable[[Rows], Iterable[str]]:
    """The text of some columns. An empty part keeps its place, so no two rows become one by it; all empty is empty."""
    if len(indexes) == 1:
        return lambda rows: map(itemgetter(indexes[0]), rows)
    parts = itemgetter(*indexes)
    return lambda rows: [join.join(cells) if any(cells) else "" for cells in map(parts, rows)]


def _reference(text: str, source: str) -> object:
    return {"source": source, "external_id": text} if source else text


def _look_up(mapped: MappedField) -> Callable[[str, str], object]:
    kind, take = mapped.of or "", mapped.take
    remembered = _Remembered(lambda key: LookUp(kind, key[1] or None, key[0], take), ABSENT)
    return lambda text, source: remembered[text, source]


class _Remembered(dict[Any, object]):
    """What each cell became, since most columns repeat a few texts."""

    def __init__(self, convert: Callable[[Any], object], empty: object) -> None:
        super().__init__()
        self._convert = convert
        self._empty = empty

    def __missing__(self, text: Any) -> object:
        value = self._convert(text)
        if value is ABSENT:
            value = self._empty
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        self[text] = value
        return value
