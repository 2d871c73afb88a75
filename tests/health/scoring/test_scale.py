"""Section 2: readings become points."""

import math

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from health.scoring.scale import BadScale, Floats, Scale
from tests.health.scoring.cards import scales, unhurried

USUAL = Scale.parse("0:0, 31:40, 50:70, 80:100")
HUMP = Scale.parse("0:0, 50:100, 100:0")


@pytest.mark.parametrize(
    ("value", "points"), [(0, 0), (15.5, 20), (31, 40), (40.5, 55), (50, 70), (65, 85), (80, 100), (-5, 0), (300, 100)]
)
def test_between_anchors_points_are_linear_and_outside_clamped(value: float, points: float) -> None:
    assert USUAL.at(np.array(value)) == pytest.approx(points)


def test_falling_points_mean_that_lower_is_better() -> None:
    days = Scale.parse("0:100, 10:0")
    np.testing.assert_array_equal(days.at(np.array([0.0, 2.5, 10.0, 99.0])), [100, 75, 0, 0])


def test_a_hump_is_more_anchors() -> None:
    np.testing.assert_array_equal(HUMP.at(np.array([25.0, 50.0, 75.0])), [50, 100, 50])


def test_a_metric_of_yes_or_no_reads_0_or_1() -> None:
    np.testing.assert_array_equal(Scale.parse("0:20, 1:90").at(np.array([0.0, 1.0])), [20, 90])


def test_no_reading_has_no_points() -> None:
    assert np.isnan(USUAL.at(np.array([np.nan]))).all()


@unhurried
@given(scales())
def test_points_are_exact_at_the_anchors(scale: Scale) -> None:
    np.testing.assert_array_equal(scale.at(np.array(scale.values)), scale.points)


@unhurried
@given(scales(), st.data())
def test_between_two_anchors_points_only_rise_or_only_fall(scale: Scale, data: st.DataObject) -> None:
    span = data.draw(st.integers(0, len(scale.values) - 2))
    left, right = scale.values[span : span + 2]
    inside = sorted(data.draw(st.lists(st.floats(left, right), min_size=2, max_size=20)))
    steps = np.diff(scale.at(np.array([left, *inside, right])))
    assert (steps >= 0).all() or (steps <= 0).all()


@unhurried
@given(scales(rising=True), st.lists(st.floats(-200, 200), min_size=2))
def test_on_a_rising_scale_more_is_never_worse(scale: Scale, values: list[float]) -> None:
    assert (np.diff(scale.at(np.sort(values))) >= 0).all()


@unhurried
@given(scales(), st.floats())
def test_points_lie_between_0_and_100_whatever_is_read(scale: Scale, value: float) -> None:
    points = float(scale.at(np.array(value)))
    assert math.isnan(points) if math.isnan(value) else 0 <= points <= 100


def test_points_of_many_readings_are_those_of_each() -> None:
    values = np.random.default_rng(7).uniform(-10, 90, (40, 5))
    one_by_one = [[float(USUAL.at(np.array(value))) for value in row] for row in values]
    np.testing.assert_array_equal(USUAL.at(values), one_by_one)


# As text


def test_a_scale_is_written_as_anchors() -> None:
    assert str(Scale((0, 31, 50.5, 80), (0, 40, 70, 100))) == "0:0, 31:40, 50.5:70, 80:100"


@unhurried
@given(scales())
def test_a_scale_comes_back_from_its_text(scale: Scale) -> None:
    assert Scale.parse(str(scale)) == scale


@unhurried
@given(st.lists(st.floats(-1e15, 1e15), min_size=2, max_size=5, unique=True))
@example([1e-7, 0.1 + 0.2, 1e14 / 3])
def test_a_scale_comes_back_from_its_text_to_the_last_digit(values: list[float]) -> None:
    scale = Scale(tuple(sorted(values)), (33.3,) * len(values))
    assert Scale.parse(str(scale)) == scale


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "A scale needs at least two anchors, such as 0:0, 100:100."),
        ("50:70", "A scale needs at least two anchors, such as 0:0, 100:100."),
        ("0:0, 50", "“50” is not an anchor; write a value, a colon and its points, such as 40:70."),
        ("0:0, many:100", "“many:100” is not an anchor; write a value, a colon and its points, such as 40:70."),
        ("0:0, 1:2:3", "“1:2:3” is not an anchor; write a value, a colon and its points, such as 40:70."),
        ("0:0, 50:70,", "There is a comma with no anchor beside it."),
        ("0:0, 50:70, 50:80", "The values of a scale rise from anchor to anchor, but 50 comes after 50."),
        ("0:0, 50.5:70, 2:80", "The values of a scale rise from anchor to anchor, but 2 comes after 50.5."),
        ("0:0, 50:101", "Points lie between 0 and 100, and 101 does not."),
        ("0:-1, 50:10", "Points lie between 0 and 100, and -1 does not."),
        ("0:0, inf:100", "The anchors of a scale are plain numbers, and “inf” is none."),
        ("0:0, 10:nan", "The anchors of a scale are plain numbers, and “nan” is none."),
        ("-1e308:0, 1e308:10", "The values of this scale are too far apart to calculate with."),
    ],
)
def test_a_scale_that_cannot_be_is_refused_in_a_sentence(text: str, says: str) -> None:
    with pytest.raises(BadScale) as refused:
        Scale.parse(text)
    assert str(refused.value) == says


def test_a_scale_has_as_many_points_as_values() -> None:
    with pytest.raises(BadScale, match="as many points as values"):
        Scale((0, 1, 2), (0, 100))


# The way back


@pytest.mark.parametrize(
    ("scale", "present", "wanted", "found"),
    [
        (USUAL, 20, 70, 50),
        (USUAL, 60, 70, 60),
        (USUAL, 500, 70, 500),
        (USUAL, 20, 0, 20),
        (HUMP, 90, 50, 75),
        (HUMP, 10, 50, 25),
        (Scale.parse("0:100, 10:0"), 8, 60, 4),
        (Scale.parse("0:0, 10:90"), 8, 91, None),
        (Scale.parse("0:30, 10:30"), 8, 30, 8),
    ],
)
def test_the_inverse_is_the_nearest_reading_with_enough_points(
    scale: Scale, present: float, wanted: float, found: float | None
) -> None:
    assert scale.nearest(present, wanted) == (None if found is None else pytest.approx(found))


def test_the_inverse_stays_within_what_the_metric_can_read() -> None:
    assert USUAL.nearest(20, 70, high=49) is None
    assert HUMP.nearest(90, 50, high=60) == 60
    assert HUMP.nearest(10, 50, low=30) == 30


def test_a_step_beyond_the_last_anchor_is_possible_where_none_before_it_suffices() -> None:
    """Of 3 people none but all 3 are over 80 %."""
    assert USUAL.nearest(33.3, 100, high=100, unit=100 / 3) == pytest.approx(100)


def test_whole_steps_are_rounded_on_the_side_that_gets_there() -> None:
    assert USUAL.nearest(20, 70, unit=3) == 51
    assert Scale.parse("0:100, 10:0").nearest(9, 55, unit=1) == 4
    assert HUMP.nearest(0, 100, unit=20) is None


def readings_between(low: float, high: float, unit: float, scale: Scale) -> Floats:
    """Every step there is, or so many readings that no other is far away."""
    possible = np.arange(-400, 401) * unit if unit else np.linspace(low, high, 4001)
    every = np.concatenate([possible, scale.values if not unit else []]).astype(np.float64)
    return every[(every >= low) & (every <= high)]


limits = st.tuples(st.integers(-1200, 1200), st.integers(-1200, 1200)).map(
    lambda ends: (min(ends) / 10, max(ends) / 10)
)


@unhurried
@given(scales(), st.floats(-120, 120), st.floats(0, 100), limits, st.sampled_from([0.0, 0.5, 7.0, 100 / 3]))
def test_no_other_reading_with_enough_points_is_nearer(
    scale: Scale, present: float, wanted: float, ends: tuple[float, float], unit: float
) -> None:
    low, high = ends
    found = scale.nearest(present, wanted, low, high, unit)
    possible = readings_between(low, high, unit, scale)
    # What is enough by a hair may be enough or not.
    enough = possible[scale.at(possible) >= wanted + 1e-7]
    if found is None:
        assert not len(enough)
        return
    assert low <= found <= high
    assert float(scale.at(np.array(found))) >= wanted - 1e-6
    assert not len(enough) or abs(found - present) <= np.abs(enough - present).min() + 1e-7
    assert found == present or not unit or found / unit == pytest.approx(round(found / unit), abs=1e-6)


@unhurried
@given(scales(), limits, st.sampled_from([0.0, 0.5, 7.0, 100 / 3]))
def test_the_best_possible_points_are_those_of_the_best_possible_reading(
    scale: Scale, ends: tuple[float, float], unit: float
) -> None:
    low, high = ends
    possible = readings_between(low, high, unit, scale)
    assume(len(possible))
    best = scale.best(low, high, unit)
    assert best >= scale.at(possible).max() - 1e-9
    assert unit == 0 or best == pytest.approx(scale.at(possible).max(), abs=1e-6)
    assert scale.nearest(ends[0], best, low, high, unit) is not None


def test_where_no_step_is_possible_nothing_is_best() -> None:
    assert USUAL.best(1, 2, unit=10) == -math.inf
    assert USUAL.best(2, 1) == -math.inf
