"""Single events made out: how large one is, and which part of an address is kept."""

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import events
from accounts.events import LARGEST, Terms
from accounts.models import Source

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
TERMS = Terms(source=Source(name="product"), received_at=NOW)

# What grows most when it is written as JSON: truth values, control characters, halves of pairs, small numbers.
CELLS = st.sampled_from([False, True, None, 0, 1.5e-300, 10**30, "", "\x01" * 50, "é" * 50, "\ud800" * 50, "a" * 50])
VALUES = st.recursive(CELLS, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner), max_leaves=20)


def read(event: dict[str, Any]) -> events.Found:
    return events.read([{"type": "track", "event": "E", "userId": "U-1", **event}], TERMS, large=True)


@given(VALUES, st.integers(1, 2_000))
def test_an_event_is_refused_exactly_when_its_json_is_too_large(value: Any, times: int) -> None:
    event = {"type": "track", "event": "E", "userId": "U-1", "properties": {"all": [value] * times}}
    found = events.read([event], TERMS, large=True)
    assert [one.code for one in found.refused] == ["too_large"] * (len(json.dumps(event)) > LARGEST)


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("https://app.acme.example/reports/7?user=ada@acme.example#top", "/reports/7"),
        ("https://ada:secret@app.acme.example:8443/a/b", "/a/b"),
        ("//app.acme.example/a", "/a"),
        ("/reports/7?user=ada", "/reports/7"),
        ("https://app.acme.example", ""),
        ("https://app.acme.example?user=ada@acme.example", ""),
        ("https://[half/a", "/a"),
        ("reports:7/8", "7/8"),
        ("?user=ada", ""),
        ("/" + "a" * 600, "/" + "a" * 499),
    ],
)
def test_of_an_address_the_path_alone_is_kept(address: str, path: str) -> None:
    assert read({"properties": {"url": address}}).rows[0].path == path
