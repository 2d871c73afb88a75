"""Section 6: contributions, and what moved a score between two days."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from health.scoring.card import Card, Missing, State
from health.scoring.judge import Readings, rounded
from health.scoring.parts import (
    Cause,
    Change,
    Standing,
    change,
    contributions,
    largest_remainder,
    lost,
    shown_contributions,
    shown_lost,
    standing,
    step,
)  # fmt: skip
from tests.health.scoring.cards import WITH_VALUE, alone, cards, held, reading, readings_of, side_by_side, unhurried

# Largest remainder


@pytest.mark.parametrize(
    ("parts", "whole", "shown"),
    [
        ([1 / 3, 1 / 3, 1 / 3], 1.0, [0.4, 0.3, 0.3]),
        ([26.96, 23.98], 50.9, [26.9, 24.0]),
        ([-0.26, 0.26], 0.0, [-0.3, 0.3]),
        ([-1.04, -1.04], -2.1, [-1.0, -1.1]),
        ([27.0, 0.0, 24.0], 51.0, [27.0, 0.0, 24.0]),
        ([0.1 + 0.2], 0.3, [0.3]),
        ([], 0.0, []),
    ],
)
def test_what_rounding_leaves_over_goes_to_the_largest_remainders(
    parts: list[float], whole: float, shown: list[float]
) -> None:
    assert largest_remainder(parts, whole) == shown


@unhurried
@given(st.lists(st.floats(-100, 100), min_size=1, max_size=12), st.integers(-3, 3))
def test_rounded_parts_add_up_to_the_whole(parts: list[float], off: int) -> None:
    """Also where the whole is a few units away from the sum of the parts."""
    whole = round(math.fsum(parts), 1) + off / 10
    assert round(sum(largest_remainder(parts, whole)), 6) == round(whole, 1)


@unhurried
@given(st.lists(st.floats(-100, 100), min_size=1, max_size=12))
def test_no_part_is_rounded_by_a_whole_unit(parts: list[float]) -> None:
    shown = largest_remainder(parts, float(rounded(np.array(math.fsum(parts)))))
    assert all(abs(one - other) < 0.1 + 1e-8 for one, other in zip(parts, shown, strict=True))


# Contributions


@unhurried
@given(st.data())
def test_contributions_add_up_to_the_score_and_with_what_is_lost_to_100(data: st.DataObject) -> None:
    card = data.draw(cards())
    verdict = alone(card, data.draw(readings_of(card, cases=3)))
    scored = ~np.isnan(verdict.score)
    parts = contributions(verdict.effective, verdict.points).sum(axis=1)
    missing = lost(verdict.effective, verdict.points).sum(axis=1)
    np.testing.assert_allclose(parts[scored], verdict.score[scored], atol=1e-10)
    np.testing.assert_allclose((parts + missing)[scored], 100)
    assert not parts[~scored].any()
    assert not missing[~scored].any()


@unhurried
@given(st.data())
def test_shown_contributions_add_up_to_the_shown_score(data: st.DataObject) -> None:
    card = data.draw(cards())
    verdict = alone(card, data.draw(readings_of(card)))
    shown = shown_contributions(verdict.effective[0], verdict.points[0])
    missing = shown_lost(verdict.effective[0], verdict.points[0])
    if np.isnan(verdict.score[0]):
        assert not any(shown + missing)
        return
    assert round(sum(shown), 6) == rounded(verdict.score)[0]
    assert round(sum(shown) + sum(missing), 6) == 100


# Change between two days


def causes(found: Change | None) -> Counter[Cause]:
    assert found is not None
    return Counter(part.cause for part in found.parts)


def between(card: Card, before: Readings, after: Readings) -> Change | None:
    """Two days of which nothing was learned late, under one configuration."""
    earlier, later = standing(card, before), standing(card, after)
    return change(earlier, earlier, later, later)


def test_another_reading_is_behavior() -> None:
    found = between(side_by_side(1, 1), reading(50, 50), reading(70, 50))
    assert found is not None
    assert (found.value, found.shown) == (10, 10)
    assert [(part.cause, part.measures, part.shown) for part in found.parts] == [(Cause.BEHAVIOR, ("a",), 10)]


def test_coming_or_going_is_coverage_alone() -> None:
    """Even of a measure whose reading is far from the others: it takes its own points at the end where it has none."""
    found = between(side_by_side(1, 1), reading(50, State.NEVER), reading(50, 90))
    assert found is not None
    assert [(part.cause, part.measures, part.shown) for part in found.parts] == [(Cause.COVERAGE, ("b",), 20)]
    back = between(side_by_side(1, 1), reading(50, 90), reading(50, State.NEVER))
    assert back is not None
    assert [(part.cause, part.measures, part.shown) for part in back.parts] == [(Cause.COVERAGE, ("b",), -20)]


def test_coverage_is_one_line_that_names_the_measures_that_came_or_went() -> None:
    found = between(side_by_side(1, 1, 1, 1), reading(50, 10, State.NEVER, 80), reading(60, State.STALE, 70, 80))
    assert causes(found) == {Cause.BEHAVIOR: 1, Cause.COVERAGE: 1}
    assert found is not None
    assert found.parts[-1].measures == ("b", "c")


def test_what_arrived_late_is_told_apart_from_behavior() -> None:
    card = side_by_side(1, 1)
    made, known = standing(card, reading(50, 50)), standing(card, reading(60, 50))
    later = standing(card, reading(60, 90))
    found = change(made, known, later, later)
    assert causes(found) == {Cause.LATE_DATA: 1, Cause.BEHAVIOR: 1}
    assert found is not None
    assert [part.shown for part in found.parts] == [5, 20]


def test_another_configuration_is_told_apart_by_measure() -> None:
    """Also one that only the other scorecard has."""
    one, other = side_by_side(1, 1), side_by_side(1, 3, 1)
    before = standing(one, reading(50, 50))
    under_old, under_new = standing(one, reading(50, 70)), standing(other, reading(50, 70, 20))
    found = change(before, before, under_old, under_new)
    assert found is not None
    assert causes(found) == {Cause.BEHAVIOR: 1, Cause.CONFIGURATION: 3}
    assert sum(part.shown for part in found.parts) == pytest.approx(found.shown)
    assert {part.measures for part in found.parts} == {("a",), ("b",), ("c",)}


def test_where_one_of_the_days_has_no_score_there_is_no_difference() -> None:
    card = side_by_side(1)
    some, none = standing(card, reading(50)), standing(card, reading(State.FAILED))
    assert change(none, some, some, some) is None
    assert change(some, some, some, none) is None


def test_a_standing_in_between_without_a_score_is_passed_over() -> None:
    card = side_by_side(1)
    none = standing(card, reading(State.FAILED))
    earlier, later = standing(card, reading(50)), standing(card, reading(70))
    assert causes(change(earlier, none, later, later)) == {Cause.BEHAVIOR: 1}
    assert causes(change(earlier, earlier, none, later)) == {Cause.CONFIGURATION: 1}


def test_what_did_not_move_is_no_part() -> None:
    found = between(side_by_side(1, 1), reading(50, 50), reading(50, 50))
    assert found is not None
    assert (found.value, found.shown, found.parts) == (0, 0, ())


@st.composite
def standings(draw: st.DrawFn, card: Card) -> Standing:
    return standing(card, draw(readings_of(card)))


@unhurried
@given(st.data())
def test_the_parts_of_a_change_add_up_exactly_before_rounding_and_as_shown(data: st.DataObject) -> None:
    card = data.draw(cards())
    other = data.draw(cards(keys="defghi"))
    stages: Sequence[Standing] = [data.draw(standings(card)) for _ in range(3)] + [data.draw(standings(other))]
    earlier, *_, later = stages
    assume(not math.isnan(earlier.score) and not math.isnan(later.score))
    found = change(*stages)
    assert found is not None
    assert found.value == later.score - earlier.score
    assert math.fsum(part.value for part in found.parts) == pytest.approx(found.value, abs=1e-9)
    shown = [float(rounded(np.array(stage.score))) for stage in (earlier, later)]
    assert found.shown == round(shown[1] - shown[0], 1)
    assert round(sum(part.shown for part in found.parts), 6) == found.shown
    assert all(abs(part.value - part.shown) < 0.1 + 1e-8 for part in found.parts)


@unhurried
@given(st.data())
def test_a_step_adds_up_measure_by_measure_as_the_formula_says(data: st.DataObject) -> None:
    card = data.draw(cards())
    before, after = data.draw(standings(card)), data.draw(standings(card))
    assume(not math.isnan(before.score) and not math.isnan(after.score))
    keys, by_points, by_weight = step(before, after)
    assert by_points.sum() + by_weight.sum() == pytest.approx(after.score - before.score, abs=1e-9)
    center = (before.score + after.score) / 2
    for index, key in enumerate(keys):
        own = before.keys.index(key)
        p, p2 = (one.points[own] for one in (before, after))
        e, e2 = (one.effective[own] for one in (before, after))
        p, p2 = (p2 if np.isnan(p) else p), (p if np.isnan(p2) else p2)
        if not np.isnan(p):
            assert by_points[index] == pytest.approx((p2 - p) * (e + e2) / 2)
            assert by_weight[index] == pytest.approx((e2 - e) * ((p + p2) / 2 - center))


@unhurried
@given(st.data())
def test_the_way_back_is_the_same_change_with_the_other_sign(data: st.DataObject) -> None:
    card = data.draw(cards())
    before, after = data.draw(standings(card)), data.draw(standings(card))
    assume(not math.isnan(before.score) and not math.isnan(after.score))
    _, *there = step(before, after)
    _, *back = step(after, before)
    for one, other in zip(there, back, strict=True):
        np.testing.assert_allclose(one, -other, atol=1e-9)


@unhurried
@given(st.data())
def test_with_the_same_measures_present_nothing_is_coverage(data: st.DataObject) -> None:
    card = data.draw(cards(rules=[Missing.IGNORE]))
    before = data.draw(readings_of(card))
    after = replace(before, values=data.draw(readings_of(card)).values)
    found = between(card, before, after)
    assert found is None or Cause.COVERAGE not in causes(found)


@unhurried
@given(st.data())
def test_a_source_that_falls_silent_moves_no_score(data: st.DataObject) -> None:
    """A dead source makes nobody healthier."""
    card = data.draw(cards())
    before = data.draw(readings_of(card, states=WITH_VALUE))
    after = held(before, data.draw(st.integers(0, len(card.measures) - 1)), State.HELD_TOO_LONG)
    found = between(card, before, after)
    assert found is not None
    assert (found.value, found.parts) == (0, ())
