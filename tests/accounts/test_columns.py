"""Whole columns by binary COPY are what the same rows one by one would be."""

import datetime as dt
from typing import Any

import numpy as np
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from accounts import columns

WIDE = {
    "int2": st.integers(-(2**15), 2**15 - 1),
    "int4": st.integers(-(2**31), 2**31 - 1),
    "int8": st.integers(-(2**63), 2**63 - 1),
    "float8": st.floats(),
}


@pytest.fixture
def table(db: None) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "create temporary table wide (number int8, day date, at timestamptz, score float8, few int2[], many float8[], "
            "seal bytea) on commit drop"
        )
    return "wide"


def rows_of(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def test_columns_of_every_kind_are_written_as_they_are(table: str) -> None:
    day, at = dt.date(1969, 7, 20), dt.datetime(1969, 7, 20, 20, 17, 40, 123456, dt.UTC)
    columns.write(
        table,
        [
            columns.numbers("number", "int8", np.array([1, 0, -3]), absent=np.array([False, True, False])),
            columns.days("day", day, 3),
            columns.moments("at", at, 3),
            columns.numbers("score", "float8", np.array([0.1, 2.5, np.nan]), absent=np.array([False, True, True])),
            columns.arrays("few", "int2", np.array([[1, -2], [3, 4], [5, 6]])),
            columns.arrays("many", "float8", np.array([[np.nan], [1e300], [-0.5]])),
            columns.raw("seal", [b"ab", b"\0\xff", b"cd"]),
        ],
    )
    found = rows_of("select number, day, at, score, few, many::text, seal from wide order by few")
    assert [(*row[:6], bytes(row[6])) for row in found] == [
        (1, day, at, 0.1, [1, -2], "{NaN}", b"ab"),
        (None, day, at, None, [3, 4], "{1e+300}", b"\0\xff"),
        (-3, day, at, None, [5, 6], "{-0.5}", b"cd"),
    ]


def test_arrays_without_items_and_tables_without_rows_are_written(table: str) -> None:
    columns.write(table, [columns.arrays("few", "int2", np.zeros((2, 0)))])
    columns.write(table, [columns.numbers("number", "int8", np.zeros(0))])
    assert rows_of("select few from wide") == [([],), ([],)]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", list(WIDE))
def test_a_column_that_is_fetched_is_what_was_there(kind: str) -> None:
    @given(st.lists(WIDE[kind]))
    def same(values: list[Any]) -> None:
        (found,) = columns.fetch(f"select value from unnest(%(values)s::{kind}[]) value", {"values": values}, (kind,))
        assert found.tolist() == pytest.approx(values, rel=0, abs=0, nan_ok=True)

    same()


@pytest.mark.django_db
def test_a_column_of_arrays_comes_as_rows_of_items() -> None:
    query = "select number, array[number * 10, number * 10 + 1]::int2[] from generate_series(1, %(most)s) number"
    numbers, pairs = columns.fetch(query, {"most": 3}, ("int4", "int2"))
    assert numbers.tolist() == [1, 2, 3]
    assert pairs.tolist() == [[10, 11], [20, 21], [30, 31]]
    assert [len(one) for one in columns.fetch(query, {"most": 0}, ("int4", "int2"))] == [0, 0]
