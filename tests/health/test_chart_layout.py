"""What is drawn of long lines and of many events: fewer points that say the same, labels that never cover each other."""

import datetime as dt
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from health.charts.lane import APART, RADIUS, Event, Mark, lane
from health.charts.spans import Period, Span
from health.charts.thin import thinned

FIRST = dt.date(2026, 1, 1)
LABELS = ("Renewed", "+40 licenses", "160 → 200 licenses", "Scorecard 7", "Override ended", "Held at red")

scores = st.lists(st.none() | st.floats(0, 100), min_size=1, max_size=900)


@given(scores, st.sets(st.integers(0, 899), max_size=40), st.integers(60, 400))
def test_a_thinned_line_keeps_its_ends_its_turns_and_its_extremes(
    values: list[float | None], turns: set[int], most: int
) -> None:
    keep = {turn for turn in turns if turn < len(values)}
    places = thinned(values, keep, most)
    assert len(places) <= most
    assert places == sorted(set(places))
    assert {0, len(values) - 1} | keep <= set(places)
    known = [value for value in values if value is not None]
    drawn = [values[place] for place in places if values[place] is not None]
    if known:
        assert (min(known), max(known)) == (min(drawn), max(drawn))  # type: ignore[type-var]


@given(scores, st.sets(st.integers(0, 899)), st.integers(4, 20))
def test_a_thinned_line_never_has_more_points_than_there_is_room_for(
    values: list[float | None], turns: set[int], most: int
) -> None:
    assert len(thinned(values, {turn for turn in turns if turn < len(values)}, most)) <= most


def test_a_short_line_stays_as_it_is_and_a_long_one_keeps_its_gaps() -> None:
    assert thinned([3.0, None, 4.0]) == [0, 1, 2]
    values = [50.0] * 300 + [None] * 30 + [50.0] * 500
    assert {299, 300, 329, 330} <= set(thinned(values))


def test_every_stretch_of_a_long_line_is_seen() -> None:
    places = thinned([float(number % 7) for number in range(2000)])
    assert max(after - before for before, after in pairwise(places)) < 20


events = st.lists(
    st.builds(
        lambda day, label: Event(FIRST + dt.timedelta(days=day), label, label),
        st.integers(0, 364),
        st.sampled_from(LABELS),
    ),
    max_size=40,
)


@given(events, st.sampled_from([226.0, 430.0, 620.0]))
def test_no_mark_or_label_of_the_lane_covers_another(happened: list[Event], width: float) -> None:
    period = Period(Span.YEAR, FIRST, FIRST + dt.timedelta(days=364))
    marks = lane(happened, lambda day: period.place(day) * width / 100, width)
    assert sorted(happened, key=str) == sorted((event for mark in marks for event in mark.events), key=str)
    for row in (0, 1):
        there = [mark for mark in marks if mark.row == row]
        assert all(before.right + APART <= after.left for before, after in pairwise(there))
    if len(marks) > 1:
        assert all(mark.left >= -RADIUS and mark.right <= width + RADIUS for mark in marks)


def labels_of(days: list[int], width: float = 430.0) -> list[Mark]:
    happened = [Event(FIRST + dt.timedelta(days=day), "Scorecard 7", "") for day in days]
    return list(lane(happened, lambda day: (day - FIRST).days * width / 364, width))


def test_labels_drop_to_the_second_row_and_then_to_a_count() -> None:
    assert [(mark.label, mark.row) for mark in labels_of([10, 200])] == [("Scorecard 7", 0), ("Scorecard 7", 0)]
    assert [(mark.label, mark.row) for mark in labels_of([10, 40])] == [("Scorecard 7", 0), ("Scorecard 7", 1)]
    assert [mark.label for mark in labels_of([30, 33, 36, 39, 42])] == ["2 events", "3 events"]


def test_many_events_share_marks_only_with_their_neighbors() -> None:
    marks = labels_of([number * 18 for number in range(20)], 620.0)
    assert len(marks) >= 10
    assert max(len(mark.events) for mark in marks) <= 3


def test_an_event_of_the_first_day_has_its_label() -> None:
    assert [mark.label for mark in labels_of([0, 300])] == ["Scorecard 7", "Scorecard 7"]


def test_a_label_at_the_right_end_stands_before_its_mark() -> None:
    (mark,) = labels_of([364])
    assert (mark.label, mark.before) == ("Scorecard 7", True)


def test_events_of_one_day_share_a_mark_that_names_the_first() -> None:
    (mark,) = labels_of([100, 100, 100])
    assert mark.label == "Scorecard 7 +2"
