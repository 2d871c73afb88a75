"""Section 1, as far as states go, and section 3: weights, score, coverage, rounding."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from health.scoring.card import Card, Missing, State, effective_weights, outweighing
from health.scoring.judge import Before, Readings, judge, measure_points, rounded, whole, whole_percent
from tests.health.scoring.cards import (
    EVERY_STATE,
    WITH_VALUE,
    WITHOUT_VALUE,
    alone,
    card_of,
    cards,
    held,
    measure,
    reading,
    readings_of,
    scales,
    side_by_side,
    unhurried,
)  # fmt: skip

# Readings and their states


@pytest.mark.parametrize("state", WITH_VALUE)
def test_a_reading_counts_in_the_score_whether_fresh_or_held_however_long(state: State) -> None:
    card = side_by_side(1, 1)
    assert alone(card, held(reading(20, 80), 0, state)).score[0] == 50


@pytest.mark.parametrize("state", WITHOUT_VALUE)
def test_a_missing_reading_does_not_count_whatever_its_value(state: State) -> None:
    card = side_by_side(1, 1)
    assert alone(card, held(reading(20, 80), 0, state)).score[0] == 80


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_reading_that_is_no_finite_number_has_failed(value: float) -> None:
    readings = reading(value, 80)
    assert readings.states.tolist() == [[State.FAILED, State.FRESH]]
    assert alone(side_by_side(1, 1), readings).coverage[0] == 0.5


@pytest.mark.parametrize("state", WITHOUT_VALUE)
def test_counts_as_points_only_for_never_and_none(state: State) -> None:
    card = side_by_side(1, 1, missing=Missing.COUNT, points=10)
    counts = state in {State.NEVER, State.NONE}
    verdict = alone(card, reading(state, 80))
    assert verdict.score[0] == (45 if counts else 80)
    assert verdict.coverage[0] == (1.0 if counts else 0.5)


# Effective weights


def test_a_missing_weight_goes_first_to_the_present_measures_of_its_group() -> None:
    card = card_of(
        measure("a", slot=0, weight=2), measure("b", slot=1, weight=1), measure("c", slot=2, weight=1),
        measure("d", slot=3, group=1), groups=(60, 40),
    )  # fmt: skip
    verdict = alone(card, reading(State.NEVER, 0, 0, 0))
    np.testing.assert_allclose(verdict.effective[0], [0, 0.3, 0.3, 0.4])


def test_the_weight_of_an_absent_group_goes_to_the_other_groups() -> None:
    card = card_of(*(measure(key, slot=slot, group=slot) for slot, key in enumerate("abc")), groups=(50, 30, 20))
    verdict = alone(card, reading(State.NEVER, 0, 0))
    np.testing.assert_allclose(verdict.effective[0], [0, 0.6, 0.4])


def test_weight_0_means_shown_but_not_scored() -> None:
    card = card_of(measure("a", slot=0, weight=0), measure("b", slot=1), measure("c", slot=2, group=1), groups=(1, 0))
    verdict = alone(card, reading(10, 80, 30))
    assert verdict.points[0].tolist() == [10, 80, 30]
    assert verdict.effective[0].tolist() == [0, 1, 0]
    assert verdict.score[0] == 80
    assert alone(card, reading(State.NEVER, 80, State.NEVER)).coverage[0] == 1


def test_with_nothing_present_there_is_no_score_and_coverage_is_0() -> None:
    verdict = alone(side_by_side(1, 1, 0), reading(State.NEVER, State.FAILED, 50))
    assert np.isnan(verdict.score[0])
    assert verdict.coverage[0] == 0
    assert verdict.effective[0].tolist() == [0, 0, 0]


def test_a_measure_over_three_times_its_nominal_weight_is_pointed_out() -> None:
    card = side_by_side(1, 2, 1)
    assert card.nominal.tolist() == [0.25, 0.5, 0.25]
    assert outweighing(card, alone(card, reading(50, State.NEVER, State.NEVER)).effective).tolist() == [
        [True, False, False]
    ]
    thirds = side_by_side(1, 1, 1)
    exactly_three_times = alone(thirds, reading(50, State.NEVER, State.NEVER)).effective
    assert not outweighing(thirds, exactly_three_times).any()


@unhurried
@given(st.data())
def test_effective_weights_add_up_to_one_where_there_is_a_score(data: st.DataObject) -> None:
    card = data.draw(cards())
    verdict = alone(card, data.draw(readings_of(card, cases=3)))
    sums = verdict.effective.sum(axis=1)
    np.testing.assert_allclose(sums, np.where(np.isnan(verdict.score), 0, 1), atol=1e-12)
    assert (verdict.effective >= 0).all()


# Score


@unhurried
@given(st.data())
def test_a_score_lies_between_0_and_100_and_within_the_points_of_its_measures(data: st.DataObject) -> None:
    card = data.draw(cards())
    verdict = alone(card, data.draw(readings_of(card)))
    present = verdict.points[verdict.effective > 0]
    if len(present):
        assert 0 <= verdict.score[0] <= 100
        assert present.min() - 1e-9 <= verdict.score[0] <= present.max() + 1e-9
    else:
        assert np.isnan(verdict.score[0])


@unhurried
@given(st.data())
def test_raising_a_reading_on_a_rising_scale_never_lowers_the_score(data: st.DataObject) -> None:
    card = data.draw(cards())
    index = data.draw(st.integers(0, len(card.measures) - 1))
    raised = replace(card.measures[index], scale=data.draw(scales(rising=True)))
    card = replace(card, measures=(*card.measures[:index], raised, *card.measures[index + 1 :]))
    readings = held(data.draw(readings_of(card)), index, State.FRESH)
    more = readings.values.copy()
    more[0, index] += data.draw(st.floats(0, 50))
    before, after = alone(card, readings), alone(card, Readings(more, readings.states))
    assert after.score[0] >= before.score[0] or np.isnan(before.score[0])


@unhurried
@given(st.data())
def test_the_order_of_measures_and_groups_does_not_matter(data: st.DataObject) -> None:
    card = data.draw(cards())
    readings = data.draw(readings_of(card, cases=3))
    groups = data.draw(st.permutations(range(len(card.groups))))
    moved = [replace(one, group=groups.index(one.group)) for one in data.draw(st.permutations(card.measures))]
    other = replace(card, measures=tuple(moved), groups=tuple(card.groups[group] for group in groups))
    _same(alone(card, readings), alone(other, readings))


@unhurried
@given(st.data(), st.sampled_from([0.01, 0.3, 7.0, 1e6]))
def test_scaling_all_weights_changes_nothing(data: st.DataObject, factor: float) -> None:
    card = data.draw(cards())
    readings = data.draw(readings_of(card, cases=3))
    measures = tuple(replace(one, weight=one.weight * factor) for one in card.measures)
    _same(alone(card, readings), alone(replace(card, measures=measures), readings))
    groups = tuple(replace(one, weight=one.weight * factor) for one in card.groups)
    _same(alone(card, readings), alone(replace(card, groups=groups), readings))


def _same(one: object, other: object) -> None:
    for name in ("score", "coverage"):
        np.testing.assert_array_equal(rounded(getattr(one, name)), rounded(getattr(other, name)))
    for name in ("scored", "computed"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@unhurried
@given(st.data())
def test_many_cases_are_judged_as_each_alone_to_the_last_bit(data: st.DataObject) -> None:
    card = data.draw(cards())
    readings = data.draw(readings_of(card, cases=5))
    together = judge(card, readings, Before.nothing(card, 5))
    for case in range(5):
        one = alone(card, Readings(readings.values[case : case + 1], readings.states[case : case + 1]))
        for name in ("points", "effective", "score", "coverage", "scored", "computed", "guards", "not_judged"):
            assert getattr(one, name)[0].tobytes() == getattr(together, name)[case].tobytes(), name


@pytest.mark.parametrize("layout", ["C", "F"])
def test_a_hundred_thousand_cases_are_judged_as_a_few(layout: str) -> None:
    random = np.random.default_rng(11)
    card = side_by_side(*range(1, 13))
    values = np.asarray(random.uniform(-10, 110, (100_000, 12)), order="F" if layout == "F" else "C")
    readings = Readings(values, random.choice(EVERY_STATE, values.shape).astype(np.int16))
    whole_lot = alone(card, readings)
    few = alone(card, Readings(values[-7:], readings.states[-7:]))
    assert whole_lot.score[-7:].tobytes() == few.score.tobytes()
    assert whole_lot.scored[-7:].tobytes() == few.scored.tobytes()


def test_no_case_is_judged_as_none() -> None:
    card = side_by_side(1, 1)
    none = Readings(np.empty((0, 2)), np.empty((0, 2), dtype=np.int16))
    assert alone(card, none).score.shape == (0,)
    assert effective_weights(card, ~np.isnan(measure_points(card, none))).shape == (0, 2)


# Coverage


def test_coverage_is_the_share_of_the_weight_that_was_freshly_read() -> None:
    card = card_of(measure("a", slot=0, weight=2), measure("b", slot=1), measure("c", slot=2, group=1), groups=(60, 40))
    assert alone(card, reading(1, State.NEVER, State.NEVER)).coverage[0] == pytest.approx(0.4)
    assert alone(card, reading(State.NEVER, State.NEVER, 1)).coverage[0] == pytest.approx(0.4)
    assert alone(card, reading(1, 1, 1)).coverage[0] == pytest.approx(1)


@pytest.mark.parametrize(("state", "covers"), [(State.FRESH, 1), (State.HELD, 1), (State.HELD_TOO_LONG, 0)])
def test_a_held_reading_covers_until_it_is_held_too_long(state: State, covers: float) -> None:
    assert alone(side_by_side(1), held(reading(50), 0, state)).coverage[0] == covers


def test_coverage_is_shown_as_the_floor_in_percent_of_what_is_compared() -> None:
    shown = whole_percent(np.array([0.29, 0.57, 0.499, 0.49994, 0.49996, 1.0, 0.0]))
    assert shown.tolist() == [29, 57, 49, 49, 50, 100, 0]


@unhurried
@given(st.data())
def test_what_is_read_never_covers_less(data: st.DataObject) -> None:
    card: Card = data.draw(cards())
    readings = data.draw(readings_of(card))
    index = data.draw(st.integers(0, len(card.measures) - 1))
    assert alone(card, held(readings, index, State.FRESH)).coverage[0] >= alone(card, readings).coverage[0]


# Rounding


@pytest.mark.parametrize(
    ("score", "shown"),
    [(69.95, 70.0), (69.949, 69.9), (69.94999999999999, 70.0), (0.05, 0.1), (50.25, 50.3), (100.0, 100.0), (0.0, 0.0)],
)
def test_a_score_is_rounded_once_half_up(score: float, shown: float) -> None:
    assert rounded(np.array(score)) == shown


def test_rounding_does_not_depend_on_the_order_of_adding() -> None:
    sums = {sum(parts) for parts in permutations([25.31, 6.26, 23.77, 14.61])}
    assert len(sums) > 1
    assert {float(rounded(np.array(one))) for one in sums} == {70.0}


def test_where_a_whole_number_is_shown_it_is_the_floor() -> None:
    assert whole(np.array([69.94, 69.96, 70.94, 71.96])).tolist() == [69, 70, 70, 72]


@unhurried
@given(st.integers(0, 1000))
def test_rounding_a_rounded_number_changes_nothing(tenths: int) -> None:
    assert rounded(np.array(tenths / 10)) == tenths / 10
