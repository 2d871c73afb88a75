"""Bodies: what is unpacked, what is JSON, and what in it is refused, each with its type of problem."""

import gzip
import json
import zlib
from contextlib import suppress
from typing import Any

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from accounts.problems import Refused
from accounts.strictjson import body_of, parse, problem_in, read


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        parse(data)
    return refused.value.problem.name


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "not-json"),
        (b"   ", "not-json"),
        (b"{", "not-json"),
        (b"{'a': 1}", "not-json"),
        (b'{"a": 1,}', "not-json"),
        (b'{"a": 1} {"b": 2}', "not-json"),
        (b'{"a": 01}', "not-json"),
        (b'{"a": +1}', "not-json"),
        (b'"a\nb"', "not-json"),
        (b'"a\x00b"', "not-json"),
        (b'{"a": "\xff"}', "not-json"),
        (b'\xef\xbb\xbf{"a": 1}', "not-json"),
        ('{"a": 1}'.encode("utf-16"), "not-json"),
        (b'"\xed\xa0\x80"', "not-json"),
        (b"NaN", "bad-number"),
        (b'{"a": [NaN]}', "bad-number"),
        (b"Infinity", "bad-number"),
        (b"-Infinity", "bad-number"),
        (b"1e999", "bad-number"),
        (b"-1e999", "bad-number"),
        (b"1" * 41, "bad-number"),
        (b"1" * 5000, "bad-number"),
        (b'{"a": 1, "a": 1}', "duplicate-member"),
        (b'{"a": {"b": 1, "c": 2, "b": 3}}', "duplicate-member"),
        (b'{"a": 1, "\\u0061": 2}', "duplicate-member"),
        (b"[" * 21 + b"]" * 21, "too-deep"),
        (b'{"a":' * 21 + b"1" + b"}" * 21, "too-deep"),
        (b"[" * 100_000, "too-deep"),
        (b"[" * 100_000 + b"]" * 100_000, "too-deep"),
        (b'"\\u0000"', "bad-text"),
        (b'{"\\u0000": 1}', "bad-text"),
        (b'"\\ud800"', "bad-text"),
        (b'["\\udc00\\ud800"]', "bad-text"),
        (b"[" * 20 + b'"\\ud800"' + b"]" * 20, "bad-text"),
    ],
)
def test_what_cannot_be_kept_or_means_two_things_is_refused(data: bytes, problem: str) -> None:
    assert refusal(data) == problem


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b" null ", None),
        (b'{"a": [1, 2.5, true, "\\ud83d\\ude00", "\xc3\xa9"]}', {"a": [1, 2.5, True, "😀", "é"]}),
        (b"1" * 40, int("1" * 40)),
        (b'[{"a": 1}, {"a": 2}]', [{"a": 1}, {"a": 2}]),
        (b"[" * 20 + b"]" * 20, json.loads("[" * 20 + "]" * 20)),
        (b'"\\\\u0000"', "\\u0000"),
    ],
)
def test_what_is_in_order_is_taken_as_it_is(data: bytes, value: Any) -> None:
    assert parse(data) == value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), inner),
    max_leaves=15,
)  # fmt: skip


@given(JSON, st.booleans())
def test_what_is_written_properly_is_read_as_it_was(value: Any, ascii_only: bool) -> None:
    assert parse(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=200))
def test_whatever_bytes_come_they_are_read_or_refused(data: bytes) -> None:
    with suppress(Refused):
        json.dumps(parse(data), allow_nan=False)


def test_parts_of_a_body_can_be_judged_one_by_one() -> None:
    good, bad, deep = read(b'["good", {"name": "\\ud800"}, [[[1]]]]')
    found = [problem_in(part, 2) for part in (good, bad, deep)]
    assert [problem and problem.name for problem in found] == [None, "bad-text", "too-deep"]


def test_a_member_twice_among_very_many_is_found_soon() -> None:
    members = ",".join(f'"{number}":0' for number in range(200_000))
    assert refusal(f'{{{members},"199999":1}}'.encode()) == "duplicate-member"


def unpacked_body(data: bytes, coding: str, largest: int = 1000) -> bytes:
    request = RequestFactory().post("/", data, content_type="application/json", headers={"Content-Encoding": coding})
    return body_of(request, largest)


def body_refusal(data: bytes, coding: str, largest: int = 1000) -> str:
    with pytest.raises(Refused) as refused:
        unpacked_body(data, coding, largest)
    return refused.value.problem.name


def test_gzip_is_unpacked_also_of_several_members() -> None:
    assert unpacked_body(b"[1]", "") == b"[1]"
    assert unpacked_body(b"[1]", "identity") == b"[1]"
    assert unpacked_body(gzip.compress(b"[1]"), "gzip") == b"[1]"
    assert unpacked_body(gzip.compress(b"[1,") + gzip.compress(b"2]"), "GZIP") == b"[1,2]"
    assert unpacked_body(gzip.compress(b"a" * 1000), "gzip") == b"a" * 1000


@pytest.mark.parametrize(
    ("data", "coding", "problem"),
    [
        (b"a" * 1001, "identity", "too-large"),
        (gzip.compress(b"a" * 1001), "gzip", "too-large"),
        (gzip.compress(b"a" * 600) * 2, "gzip", "too-large"),
        (gzip.compress(b"a" * 50_000_000), "gzip", "too-large"),
        (gzip.compress(bytes(range(256)) * 4)[:40], "gzip", "bad-compression"),
        (gzip.compress(b"[1]") + b"rest", "gzip", "bad-compression"),
        (b"[1]", "gzip", "bad-compression"),
        (zlib.compress(b"[1]"), "gzip", "bad-compression"),
        (b"[1]", "br", "media-type"),
        (b"[1]", "gzip, gzip", "media-type"),
        (b"[1]", "../gzip", "media-type"),
    ],
)
def test_a_body_that_is_too_large_or_not_what_it_says_is_refused(data: bytes, coding: str, problem: str) -> None:
    assert body_refusal(data, coding, 1000 if len(data) < 10_000 else 100_000) == problem
