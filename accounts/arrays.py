"""Columns of values as PostgreSQL writes arrays.

psycopg dumps a list value by value in Python; for the long columns that come in together that costs more than the query
itself. Here a column becomes one text in a few steps over the whole of it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models.expressions import RawSQL


def plain(values: Iterable[Any]) -> str:
    """An array of values whose text needs no quotes: numbers, truth values, days; None is null."""
    return "{" + ",".join(map(str, values)).replace("None", "null") + "}"


def texts(values: Sequence[str]) -> str:
    """An array of any texts. PostgreSQL's text has no NUL, so that can stand between them for a moment."""
    if not values:
        return "{}"
    joined = "\0".join(values).replace("\\", "\\\\").replace('"', '\\"').replace("\0", '","')
    return f'{{"{joined}"}}'


def digests(values: Iterable[bytes]) -> str:
    """An array of bytea."""
    return "{" + ",".join(['"\\\\x' + value.hex() + '"' for value in values]) + "}"


def numbers_in(values: Iterable[int]) -> RawSQL:
    """What follows `__in=`: Django would make a parameter of each number."""
    return RawSQL("select unnest(%s::bigint[])", [plain(values)])


def texts_in(values: Sequence[str]) -> RawSQL:
    return RawSQL("select unnest(%s::text[])", [texts(values)])
