"""Section 4: score → coverage → margin → guards → override."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from health.scoring.card import Band, Comparison, Guard, Measure, Missing, State
from health.scoring.judge import (
    LOOKS_BACK_DAYS,
    Before,
    Overrules,
    Readings,
    edges,
    judge,
    margin_decides,
    overridden,
    remembered,
    targets,
)  # fmt: skip
from tests.health.scoring.cards import (
    WITH_VALUE,
    WITHOUT_VALUE,
    alone,
    bands,
    befores,
    card_of,
    cards,
    had,
    held,
    measure,
    reading,
    readings_of,
    side_by_side,
    tenths,
    unhurried,
)  # fmt: skip

# One measure whose reading is the score; green from 70, yellow from 40, margin 2.
CARD = side_by_side(1)
UNKNOWN, RED, YELLOW, GREEN = Band


def scored(score: float | State, before: Band = UNKNOWN, *, green: float = 70, yellow: float = 40) -> Band:
    return Band(judge(CARD, reading(score), had(CARD, before, green=green, yellow=yellow)).scored[0])


# Scored


def test_without_a_score_the_band_is_unknown() -> None:
    assert scored(State.NEVER) == UNKNOWN


@pytest.mark.parametrize(("weights", "known"), [((50, 50), True), ((49.99, 50.01), False), ((49.996, 50.004), True)])
def test_under_the_least_coverage_the_band_is_unknown_compared_to_four_decimals(
    weights: tuple[float, float], known: bool
) -> None:
    verdict = alone(side_by_side(*weights), reading(80, State.NEVER))
    assert (verdict.scored[0] != UNKNOWN) == known


def test_a_score_that_exists_is_kept_where_the_band_is_unknown() -> None:
    verdict = alone(side_by_side(1, 2), reading(80, State.NEVER))
    assert verdict.scored[0] == UNKNOWN
    assert verdict.score[0] == 80


@pytest.mark.parametrize("state", WITHOUT_VALUE)
def test_a_missing_required_reading_makes_the_band_unknown_for_every_reason(state: State) -> None:
    card = card_of(measure("a", weight=9), replace(measure("b", slot=1), missing=Missing.REQUIRE))
    assert alone(card, reading(80, state)).scored[0] == UNKNOWN
    assert alone(card, reading(80, 80)).scored[0] == GREEN


@pytest.mark.parametrize("state", WITH_VALUE)
def test_a_required_reading_that_is_held_is_there(state: State) -> None:
    card = card_of(measure("a", weight=9), replace(measure("b", slot=1), missing=Missing.REQUIRE))
    assert alone(card, held(reading(80, 80), 1, state)).scored[0] == GREEN


@pytest.mark.parametrize(
    ("before", "score", "band"),
    [
        (UNKNOWN, 70, GREEN), (UNKNOWN, 69.9, YELLOW), (UNKNOWN, 40, YELLOW), (UNKNOWN, 39.9, RED),
        (GREEN, 68, GREEN), (GREEN, 67.9, YELLOW), (GREEN, 38, YELLOW), (GREEN, 37.9, RED),
        (YELLOW, 72, GREEN), (YELLOW, 71.9, YELLOW), (YELLOW, 38, YELLOW), (YELLOW, 37.9, RED),
        (RED, 72, GREEN), (RED, 71.9, YELLOW), (RED, 42, YELLOW), (RED, 41.9, RED),
    ],
)  # fmt: skip
def test_the_margin_moves_each_edge_away_from_the_band_before(before: Band, score: float, band: Band) -> None:
    assert scored(score, before) == band


@pytest.mark.parametrize(("score", "band"), [(69.95, GREEN), (69.94, YELLOW), (39.95, YELLOW), (39.94, RED)])
def test_bands_compare_the_rounded_number_so_that_70_is_never_shown_in_yellow(score: float, band: Band) -> None:
    assert scored(score) == band


def test_there_is_no_margin_at_an_edge_that_has_moved_since() -> None:
    assert scored(71, YELLOW, green=65) == GREEN
    assert scored(39, YELLOW, green=65) == YELLOW
    assert scored(71, YELLOW, yellow=45) == YELLOW
    assert scored(39, YELLOW, yellow=45) == RED


def test_publishing_an_identical_draft_flips_nobody() -> None:
    assert scored(71, YELLOW, green=70, yellow=40) == scored(71, YELLOW) == YELLOW


def test_green_needs_both_edges() -> None:
    """Where an edge has moved, yellow may begin above green."""
    card = replace(CARD, green=50, yellow=49)
    before = had(card, RED, green=70)
    assert [edge.tolist() for edge in edges(card, before)] == [[50], [51]]
    assert [edge.tolist() for edge in targets(card, before)] == [[51], [51]]
    assert judge(card, reading(50.5), before).scored[0] == RED
    assert judge(card, reading(51), before).scored[0] == GREEN


def test_an_edge_with_its_margin_is_reached_by_the_score_that_shows_it() -> None:
    """2.1 + 0.2 is more than 2.3 in floating point."""
    card = replace(CARD, yellow=2.1, margin=0.2)
    assert 2.1 + 0.2 > 2.3
    assert edges(card, had(card, RED))[1][0] == 2.3
    assert judge(card, reading(2.3), had(card, RED)).scored[0] == YELLOW


@unhurried
@given(st.sampled_from([("green", GREEN, YELLOW), ("yellow", YELLOW, RED)]), st.lists(st.floats(-1.9, 1.9), min_size=2))
def test_a_score_that_stays_within_the_margin_never_changes_its_band(
    edge: tuple[str, Band, Band], steps: Sequence[float]
) -> None:
    name, *both = edge
    before = Before.nothing(CARD, 1)
    seen = []
    for step in steps:
        readings = reading(getattr(CARD, name) + step)
        verdict = judge(CARD, readings, before)
        before = remembered(CARD, verdict, before)
        seen.append(verdict.scored[0])
    assert len(set(seen)) == 1
    assert seen[0] in both


@unhurried
@given(st.data(), tenths, tenths)
def test_with_the_same_before_a_higher_score_never_has_a_worse_band(
    data: st.DataObject, one: float, other: float
) -> None:
    before = data.draw(befores(CARD))
    lower, higher = (judge(CARD, reading(score), before).scored[0] for score in sorted([one, other]))
    assert lower <= higher


@unhurried
@given(st.data())
def test_a_better_band_before_never_makes_a_worse_one(data: st.DataObject) -> None:
    card = data.draw(cards())
    readings = data.draw(readings_of(card))
    after = [judge(card, readings, had(card, band)).scored[0] for band in (RED, YELLOW, GREEN)]
    assert after == sorted(after)


def test_a_guard_an_override_or_a_night_of_unknown_leaves_no_trace_in_later_bands() -> None:
    card = card_of(measure("a"), guards=[Guard(key="g", slot=0, comparison=Comparison.ABOVE, value=0, cap=RED)])
    green = had(card, GREEN)
    verdict = judge(card, reading(69), green)
    assert (verdict.scored[0], verdict.computed[0]) == (GREEN, RED)
    assert remembered(card, verdict, green).bands[0] == GREEN
    unknown = judge(card, reading(State.FAILED), green)
    assert unknown.scored[0] == UNKNOWN
    assert remembered(card, unknown, green).bands[0] == GREEN


def test_a_night_of_unknown_remembers_the_edges_of_the_band_before_it() -> None:
    before = had(CARD, YELLOW, green=65)
    after = remembered(CARD, judge(CARD, reading(State.FAILED), before), before)
    assert after.green[0] == 65
    assert judge(CARD, reading(71), after).scored[0] == GREEN
    assert remembered(CARD, judge(CARD, reading(60), before), before).green[0] == 70


def test_the_page_says_where_the_margin_decides() -> None:
    decides = [
        bool(margin_decides(CARD, judge(CARD, reading(score), had(CARD, before)))[0])
        for score, before in [(71, YELLOW), (72, YELLOW), (69, GREEN), (69, YELLOW), (71, UNKNOWN), (41, RED)]
    ]
    assert decides == [True, False, True, False, False, True]
    assert edges(CARD, had(CARD, YELLOW))[0][0] == 72.0


def test_the_band_before_is_looked_back_to_for_thirty_days() -> None:
    assert LOOKS_BACK_DAYS == 30


# Computed


def guarded(comparison: str, value: float, *, release: float | None = None, cap: Band = YELLOW) -> Guard:
    return Guard(key="g", slot=1, comparison=Comparison(comparison), value=value, release=release, cap=cap)


def under(
    guard: Guard, read: float | State, *, score: float = 90, held_before: bool = False
) -> tuple[Band, bool, bool]:
    """The computed band, whether the guard holds, and whether it was not judged."""
    card = card_of(measure("a"), guards=[guard])
    verdict = judge(card, reading(score, read), had(card, UNKNOWN, guards=[held_before]))
    return Band(verdict.computed[0]), bool(verdict.guards[0, 0]), bool(verdict.not_judged[0, 0])


@pytest.mark.parametrize(
    ("comparison", "holds_at"),
    [("<", [6]), ("<=", [6, 7]), ("=", [7]), (">=", [7, 8]), (">", [8])],
)
def test_a_guard_holds_where_its_reading_compares_so(comparison: str, holds_at: list[int]) -> None:
    assert [value for value in (6, 7, 8) if under(guarded(comparison, 7), value)[1]] == holds_at


@pytest.mark.parametrize(("comparison", "holds"), [("<", False), ("<=", True), ("=", True), (">=", True), (">", False)])
def test_a_guard_takes_57_of_100_for_57_percent(comparison: str, holds: bool) -> None:
    assert 57 / 100 * 100 != 57
    assert under(guarded(comparison, 57), 57 / 100 * 100)[1] == holds


@pytest.mark.parametrize("state", WITHOUT_VALUE)
def test_a_guard_without_a_reading_does_not_hold_and_is_not_judged(state: State) -> None:
    assert under(guarded("<", 7), state) == (GREEN, False, True)


@pytest.mark.parametrize("state", WITHOUT_VALUE)
def test_a_guard_may_ask_whether_a_reading_is_missing(state: State) -> None:
    assert under(guarded("is missing", 0), state) == (YELLOW, True, False)
    assert under(guarded("is missing", 0), 3) == (GREEN, False, False)


@pytest.mark.parametrize("state", WITH_VALUE)
def test_a_held_reading_still_counts_in_guards(state: State) -> None:
    card = card_of(measure("a"), guards=[guarded(">", 7)])
    assert alone(card, held(reading(90, 8), 1, state)).guards[0, 0]


@pytest.mark.parametrize(
    ("comparison", "value", "release", "read", "before", "holds"),
    [
        ("<", 20, 22, 19.9, False, True), ("<", 20, 22, 20, False, False), ("<", 20, 22, 20, True, True),
        ("<", 20, 22, 21.9, True, True), ("<", 20, 22, 22, True, False), (">", 7, 5, 6, True, True),
        (">", 7, 5, 5, True, False), (">", 7, 5, 6, False, False), ("<=", 20, 22, 22, True, True),
        (">=", 7, 5, 5, True, True), ("<", 20, None, 20, True, False),
    ],
)  # fmt: skip
def test_a_guard_that_held_lets_go_at_its_second_value(
    comparison: str, value: float, *, release: float | None, read: float, before: bool, holds: bool
) -> None:
    assert under(guarded(comparison, value, release=release), read, held_before=before)[1] == holds


@pytest.mark.parametrize(
    ("score", "cap", "band"),
    [
        (90, YELLOW, YELLOW), (50, YELLOW, YELLOW), (10, YELLOW, RED), (90, RED, RED), (50, RED, RED), (10, RED, RED),
    ],
)  # fmt: skip
def test_a_guard_caps_the_band_and_is_named_also_where_it_changes_nothing(score: float, cap: Band, band: Band) -> None:
    assert under(guarded(">", 7, cap=cap), 8, score=score) == (band, True, False)


def test_unknown_stays_unknown_except_that_at_most_red_makes_it_red() -> None:
    card = card_of(measure("a"), guards=[guarded(">", 7), guarded(">", 9, cap=RED)])
    assert alone(card, reading(State.FAILED, 8)).computed[0] == UNKNOWN
    assert alone(card, reading(State.FAILED, 10)).computed[0] == RED
    assert alone(card, reading(State.FAILED, 10)).scored[0] == UNKNOWN


@unhurried
@given(st.data())
def test_a_guard_never_changes_the_score_or_the_scored_band_and_never_raises_the_computed_one(
    data: st.DataObject,
) -> None:
    card = data.draw(cards())
    readings, before = data.draw(readings_of(card)), data.draw(befores(card))
    verdict = judge(card, readings, before)
    bare = judge(replace(card, guards=()), readings, before)
    assert verdict.score.tobytes() == bare.score.tobytes()
    assert verdict.scored[0] == bare.scored[0] == bare.computed[0]
    assert verdict.computed[0] <= verdict.scored[0] or (verdict.scored[0] == UNKNOWN and verdict.computed[0] == RED)
    if not verdict.guards.any():
        assert verdict.computed[0] == verdict.scored[0]


# Effective


@pytest.mark.parametrize(
    ("score", "computed", "override", "effective", "overrules"),
    [
        (GREEN, GREEN, UNKNOWN, GREEN, Overrules.NOTHING),
        (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, Overrules.NOTHING),
        (GREEN, GREEN, GREEN, GREEN, Overrules.NOTHING),
        (GREEN, GREEN, RED, RED, Overrules.SCORE),
        (RED, RED, GREEN, GREEN, Overrules.SCORE),
        (GREEN, YELLOW, GREEN, GREEN, Overrules.GUARDS),
        (UNKNOWN, RED, YELLOW, YELLOW, Overrules.GUARDS),
        (UNKNOWN, UNKNOWN, YELLOW, YELLOW, Overrules.UNKNOWN),
    ],
)
def test_an_override_stands_above_score_guards_and_unknown_and_says_what_it_overrules(
    score: Band, computed: Band, override: Band, effective: Band, overrules: Overrules
) -> None:
    found = overridden(*(np.array([band], dtype=np.int8) for band in (score, computed, override)))
    assert [numbers[0] for numbers in found] == [effective, overrules]


@unhurried
@given(st.lists(st.tuples(bands, bands), min_size=1))
def test_without_an_override_the_computed_band_is_back_by_itself(pairs: list[tuple[Band, Band]]) -> None:
    score, computed = np.array(pairs, dtype=np.int8).T
    effective, overrules = overridden(score, computed, np.zeros_like(computed))
    np.testing.assert_array_equal(effective, computed)
    assert not overrules.any()


# The same inputs


@unhurried
@given(st.data())
def test_scoring_stored_readings_again_gives_the_same_score_and_bands_to_the_digit(data: st.DataObject) -> None:
    card = data.draw(cards())
    readings, before = data.draw(readings_of(card)), data.draw(befores(card))
    first = judge(card, readings, before)
    stored = Readings(
        np.array([[float(repr(float(value))) for value in readings.values[0]]]),
        np.array([[int(state) for state in readings.states[0]]], dtype=np.int16),
    )
    again = judge(card, stored, before)
    for name in ("score", "coverage", "scored", "computed", "guards"):
        assert getattr(first, name).tobytes() == getattr(again, name).tobytes()


@unhurried
@given(st.data())
def test_a_measure_that_weighs_nothing_moves_nothing(data: st.DataObject) -> None:
    card = data.draw(cards(rules=[Missing.IGNORE, Missing.COUNT]))
    assume(len(card.measures) < 12)
    readings = data.draw(readings_of(card))
    shown: Measure = replace(measure("shown", slot=0), weight=0.0)
    other = replace(card, measures=(*card.measures, shown))
    assert alone(card, readings).score.tobytes() == alone(other, readings).score.tobytes()
    assert alone(card, readings).scored[0] == alone(other, readings).scored[0]
