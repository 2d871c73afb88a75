"""Whole columns to and from PostgreSQL in its binary formats: fixed widths, which numpy reads and writes without a loop over
rows."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

# What PostgreSQL's binary format begins and ends with: https://www.postgresql.org/docs/current/sql-copy.html
_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TAIL = b"\xff\xff"
# How many dimensions there are, whether any item is null, the type; then of each dimension its length and lower bound.
_ARRAY_HEAD, _DIMENSION = 12, 8
# The number of a type as its arrays name it, and the type as numpy has it.
_TYPES = {"float8": (701, ">f8"), "int8": (20, ">i8"), "int4": (23, ">i4"), "int2": (21, ">i2")}
# Moments are microseconds and days are days since the first day of 2000; an infinite one is as far as there are numbers.
_TYPES |= {"timestamptz": (1184, ">i8"), "date": (1082, ">i4")}
DAY_ZERO = dt.date(2000, 1, 1)
MOMENT_ZERO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


# --- From PostgreSQL -------------------------------------------------------------------------------------------------


def fetch(query: str, parameters: Mapping[str, Any] | Sequence[Any], types: Sequence[str]) -> list[NDArray[Any]]:
    """The columns of a query whose cells are never null, each of one of the types int2, int4, int8, float8,
    timestamptz and date, in the order of the query. A column may hold arrays of such, all of one length and without nulls: then it is rows × items."""
    names = [f"cell{position}" for position in range(len(types))]
    # One row of arrays as they are sent: row by row, reading a result in Python costs more than computing it.
    sent = ", ".join(f"array_send(array_agg({name}))" for name in names)
    with connection.cursor() as cursor:
        cursor.execute(f"select {sent} from ({query}) found({', '.join(names)})", parameters)
        return [_array(cell, name) for cell, name in zip(cursor.fetchone(), types, strict=True)]


def _array(sent: bytes | None, kind: str) -> NDArray[Any]:
    """An array, in the machine's own order of bytes, in which everything else computes."""
    dtype = _TYPES[kind][1]
    if sent is None:
        return np.zeros(0, dtype=dtype[1:])
    dimensions = int.from_bytes(sent[:4])
    head = _ARRAY_HEAD + _DIMENSION * dimensions
    lengths = np.frombuffer(sent[_ARRAY_HEAD:head], dtype=">i4")[::2]
    items = np.frombuffer(sent, dtype=np.dtype([("width", ">i4"), ("item", dtype)]), offset=head)
    return items["item"].astype(dtype[1:]).reshape(lengths.tolist())


# --- To PostgreSQL ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cells:
    """A column to be written: bytes of one width a row, and where there are none."""

    name: str
    raw: NDArray[np.uint8]
    absent: NDArray[np.bool_] | None = None


def numbers(name: str, kind: str, values: NDArray[Any], absent: NDArray[np.bool_] | None = None) -> Cells:
    """Numbers of one of the types int2, int4, int8 and float8; `absent` says where to write null."""
    return Cells(name, _bytes(values[:, None], _TYPES[kind][1]), absent)


def days(name: str, value: dt.date, rows: int) -> Cells:
    """The same day in each row."""
    return Cells(name, np.repeat(_bytes(np.array([[(value - DAY_ZERO).days]]), ">i4"), rows, axis=0))


def moments(name: str, value: dt.datetime, rows: int) -> Cells:
    """The same moment in each row."""
    microseconds = (value - MOMENT_ZERO) // dt.timedelta(microseconds=1)
    return Cells(name, np.repeat(_bytes(np.array([[microseconds]]), ">i8"), rows, axis=0))


def raw(name: str, values: Sequence[bytes]) -> Cells:
    """Strings of bytes, each as long as the others."""
    return Cells(name, np.frombuffer(b"".join(values), dtype=np.uint8).reshape(len(values), -1))


def arrays(name: str, kind: str, values: NDArray[Any]) -> Cells:
    """rows × items: an array of numbers in each row."""
    number, dtype = _TYPES[kind]
    rows, items = values.shape
    head = np.array([[1, 0, number, items, 1]] if items else [[0, 0, number]])
    cells = np.empty((rows, items), dtype=np.dtype([("width", ">i4"), ("cell", dtype)]))
    cells["width"], cells["cell"] = np.dtype(dtype).itemsize, values
    body = cells.view(np.uint8).reshape(rows, -1)
    return Cells(name, np.concatenate([np.repeat(_bytes(head, ">i4"), rows, axis=0), body], axis=1))


def write(table: str, columns: Sequence[Cells]) -> None:
    """Add rows, given as columns. Those with the same cells missing are of one width, and are written together."""
    names = ", ".join(f'"{column.name}"' for column in columns)
    with connection.cursor() as cursor, cursor.copy(f'copy "{table}" ({names}) from stdin (format binary)') as copy:
        copy.write(_HEAD)
        for chunk in _alike(columns):
            copy.write(chunk)
        copy.write(_TAIL)


def _alike(columns: Sequence[Cells]) -> Iterator[bytes]:
    rows = len(columns[0].raw)
    missing = np.zeros((rows, len(columns)), dtype=np.bool_)
    for position, column in enumerate(columns):
        if column.absent is not None:
            missing[:, position] = column.absent
    count = _bytes(np.array([[len(columns)]]), ">i2")
    alike = missing @ (1 << np.arange(len(columns)))
    for number in np.unique(alike):
        which = np.flatnonzero(alike == number)
        pattern = missing[which[0]]
        parts = [np.repeat(count, len(which), axis=0)]
        for column, gone in zip(columns, pattern, strict=True):
            width = np.array([[-1 if gone else column.raw.shape[1]]])
            parts.append(np.repeat(_bytes(width, ">i4"), len(which), axis=0))
            if not gone:
                parts.append(column.raw[which])
        yield np.concatenate(parts, axis=1).tobytes()


def _bytes(values: NDArray[Any], dtype: str) -> NDArray[np.uint8]:
    """rows × bytes: each row of numbers as PostgreSQL writes them."""
    return np.ascontiguousarray(values, dtype=dtype).view(np.uint8)
