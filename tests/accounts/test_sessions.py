"""Sessions and active time as the catalog's conventions have them."""

from typing import Any

import numpy as np
import pytest

from accounts.sequences import Sequences, completed
from accounts.sessions import SECOND, Events, Open, order, sessions

MINUTE = 60 * SECOND


def told(*events: tuple[float, int, bool], before: Open | None = None) -> list[tuple[Any, ...]]:
    """Of events of one user (minute, stated seconds, page?): whether the session goes on, its length, active time, pages."""
    at = np.asarray([int(minute * MINUTE) for minute, _, _ in events])
    stated, page = (np.asarray([event[n] for event in events]) for n in (1, 2))
    user = np.zeros(len(events), dtype=np.int64)
    right = order(user, at, stated)
    found = sessions(
        Events(user, at[right], stated[right], page[right].astype(np.int64), user), Sequences.none(), before
    )
    columns = (found.goes_on, found.length, found.active, found.pages)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@pytest.mark.parametrize(
    ("events", "wanted"),
    [
        ([(0, -1, True)], [(False, 0, 0, 1)]),
        # gaps under 30 minutes, each of at most 5
        ([(0, -1, True), (4, -1, False), (33.9, -1, True)], [(False, 2034, 540, 2)]),
        ([(0, -1, True), (30, -1, True)], [(False, 0, 0, 1), (False, 0, 0, 1)]),
        # what the sender states instead of the gap, also of the last event
        ([(0, 900, True), (20, -1, False)], [(False, 1200, 900, 1)]),
        ([(0, -1, True), (1, 120, False)], [(False, 180, 180, 1)]),
        # at one moment, in any order
        ([(0, 60, True), (0, -1, True), (2, -1, True)], [(False, 120, 60, 3)]),
        ([(0, -1, True), (0, 60, True), (2, -1, True)], [(False, 120, 60, 3)]),
    ],
)
def test_events_make_sessions(events: list[tuple[float, int, bool]], wanted: list[tuple[Any, ...]]) -> None:
    assert told(*events) == wanted


def test_a_gap_is_told_apart_to_the_microsecond() -> None:
    almost = 30 - 1 / (60 * SECOND)
    assert len(told((0, -1, True), (almost, -1, True))) == 1


def test_the_open_session_goes_on() -> None:
    def open_at(minute: int, *, stated: bool = False) -> Open:
        return Open(*(np.asarray([one]) for one in (0, minute * MINUTE, stated, minute * MINUTE, 1, 7, 0)))

    assert told((40, -1, True), before=open_at(20)) == [(True, 2400, 300, 2)]
    assert told((40, -1, True), before=open_at(20, stated=True)) == [(True, 2400, 0, 2)]
    assert told((50, -1, True), before=open_at(20)) == [(False, 0, 0, 1)]


def test_there_are_no_sessions_without_events() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    none = Open(nothing, nothing, nothing.astype(bool), nothing, nothing, nothing, nothing)
    assert not len(sessions(Events(nothing, nothing, nothing, nothing, nothing), Sequences.none(), none).first)


SEEN, BOUGHT, BOUGHT_LATER = 1, 2, 4
SEQUENCES = Sequences(*(np.asarray([one]) for one in (SEEN, BOUGHT, BOUGHT_LATER)))


@pytest.mark.parametrize(
    ("events", "before", "wanted"),
    [
        ([(0, SEEN), (1, BOUGHT)], 0, BOUGHT_LATER),
        ([(1, SEEN), (0, BOUGHT)], 0, 0),
        ([(1, BOUGHT), (0, SEEN)], 0, BOUGHT_LATER),
        ([(0, SEEN | BOUGHT)], 0, 0),
        ([(0, SEEN), (0, BOUGHT)], 0, 0),
        ([(0, BOUGHT)], SEEN, BOUGHT_LATER),
        ([(0, SEEN)], BOUGHT, 0),
        ([(0, BOUGHT), (1, SEEN), (2, BOUGHT)], 0, BOUGHT_LATER),
        ([], SEEN, 0),
    ],
)
def test_a_sequence_is_completed_by_what_comes_later(events: list[tuple[int, int]], before: int, wanted: int) -> None:
    at, roles = (np.asarray([event[n] for event in events], dtype=np.int64) for n in (0, 1))
    group = np.zeros(len(events), dtype=np.int64)
    assert completed(SEQUENCES, roles, at, group, np.asarray([before])).tolist() == [wanted]


def test_a_session_has_its_first_page_and_what_was_done_in_it() -> None:
    at = np.asarray([0, 1, 2, 60, 61]) * MINUTE
    page, roles = np.asarray([0, 8, 9, 0, 0]), np.asarray([SEEN, 0, BOUGHT, BOUGHT, SEEN])
    user, unstated = np.zeros(5, dtype=np.int64), np.full(5, -1)
    events = Events(user, at, unstated, page, roles)
    found = sessions(events, SEQUENCES)
    assert found.landing.tolist() == [8, 0]
    assert found.roles.tolist() == [SEEN | BOUGHT | BOUGHT_LATER, SEEN | BOUGHT]
    before = Open(*(np.asarray([one]) for one in (0, -MINUTE, False, 0, 1, 7, SEEN)))
    found = sessions(Events(user, at, unstated, page, np.asarray([BOUGHT, 0, 0, BOUGHT, 0])), SEQUENCES, before)
    assert found.landing.tolist() == [7, 0]
    assert found.roles.tolist() == [SEEN | BOUGHT | BOUGHT_LATER, BOUGHT]
