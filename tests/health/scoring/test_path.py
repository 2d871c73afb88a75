"""Section 6: the path to green, or to yellow."""

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from health.scoring.card import Band, Card, Comparison, Guard, Measure, Missing, State
from health.scoring.judge import Before, Readings, Verdict, judge, remembered, rounded
from health.scoring.path import Domain, Move, Moves, Path, path
from health.scoring.scale import Floats, Scale
from tests.health.scoring.cards import (
    WITH_VALUE,
    alone,
    befores,
    card_of,
    cards,
    had,
    held,
    measure,
    reading,
    readings_of,
    side_by_side,
    unhurried,
)  # fmt: skip

PERCENT = Domain(low=0, high=100)
UNKNOWN, RED, YELLOW, GREEN = Band


def find(
    card: Card,
    readings: Readings,
    domains: Mapping[str, Domain] | None = None,
    *,
    to: Band = GREEN,
    before: Before | None = None,
) -> Path:
    everything = {one.key: PERCENT for one in card.measures}
    return path(card, readings, before or Before.nothing(card, 1), to, everything if domains is None else domains)


def applied(readings: Readings, *moves: tuple[Measure, float]) -> Readings:
    values, states = readings.values.copy(), readings.states.copy()
    for one, value in moves:
        values[0, one.slot], states[0, one.slot] = value, State.FRESH
    return Readings(values, states)


def tomorrow(card: Card, readings: Readings, before: Before, then: Readings) -> Verdict:
    return judge(card, then, remembered(card, judge(card, readings, before), before))


def the(found: Path, key: str) -> Move | None:
    return next(move for one, move in found.alone if one.key == key)


# Where to


def test_the_target_is_the_edge_that_would_apply_tomorrow_given_the_band_of_today() -> None:
    card = side_by_side(1)
    assert find(card, reading(50)).target == 72
    assert find(card, reading(20)).target == 72
    assert find(card, reading(20), to=YELLOW).target == 42
    assert find(card, reading(69), before=had(card, GREEN)).target == 68
    # The edge has moved since yesterday, but not between today and tomorrow.
    assert find(card, reading(50), before=had(card, YELLOW, green=60)).target == 72


def test_green_is_to_be_reached_over_both_edges() -> None:
    card = replace(side_by_side(1), green=50, yellow=49.5, margin=2)
    assert find(card, reading(20)).target == 52
    assert find(replace(card, green=51, yellow=50.9), reading(20)).target == 53


# One alone


def test_the_path_is_in_natural_units_whole_people_on_the_side_that_gets_there() -> None:
    """31 → 39 of 50 seats active: 8 more people."""
    card = card_of(measure("license_utilization", scale="0:0, 80:75, 100:100"))
    found = the(
        find(card, reading(62), {"license_utilization": Domain(low=0, high=100, unit=2)}), "license_utilization"
    )
    assert found is not None
    assert (found.present, found.reading) == (62, 78)
    assert round((found.reading - 62) / 2) == 8


def test_on_a_falling_scale_the_path_leads_down_to_whole_tickets() -> None:
    card = card_of(measure("tickets", scale="0:100, 10:0"))
    found = the(find(card, reading(9), {"tickets": Domain(low=0, unit=1)}), "tickets")
    assert found is not None
    assert found.reading == 2


def test_on_a_hump_the_path_leads_to_the_nearer_side() -> None:
    card = card_of(measure("use", scale="0:0, 50:100, 100:0"))
    over, under = the(find(card, reading(90)), "use"), the(find(card, reading(10)), "use")
    assert over is not None
    assert under is not None
    assert [over.reading, under.reading] == pytest.approx([64, 36])


def test_a_measure_cannot_do_it_alone_when_even_its_best_reading_leaves_the_rounded_score_under_the_target() -> None:
    card = side_by_side(1, 1)
    assert the(find(card, reading(43, 43)), "a") is None
    # 71.95 is shown as 72.0.
    almost = the(find(card, reading(43.9, 50)), "b")
    assert almost is not None
    assert almost.reading == 100
    assert almost.score == pytest.approx(71.95)


def test_only_what_can_be_moved_is_on_the_path() -> None:
    card = side_by_side(1, 1, 1, 0)
    domains = {"a": PERCENT, "b": replace(PERCENT, moves=Moves.NO), "d": PERCENT}
    assert [one.key for one, _ in find(card, reading(50, 50, 50, 50), domains).alone] == ["a"]
    waiting = {"a": replace(PERCENT, moves=Moves.TIME)}
    assert [one.key for one, _ in find(card, reading(50, 50, 50, 50), waiting).alone] == ["a"]


def test_a_reading_is_brought_no_farther_than_people_can_bring_it() -> None:
    card = side_by_side(1)
    near = {"a": replace(PERCENT, reach=20.0)}
    assert the(find(card, reading(60), near), "a") is not None
    found = find(card, reading(40), near)
    assert the(found, "a") is None
    assert [move.reading for move in found.together] == [60]
    assert not found.reaches


def test_one_unit_is_never_too_far() -> None:
    """Of four answers, the opinion of one is a step of 25."""
    card = side_by_side(1)
    (move,) = find(card, reading(50), {"a": replace(PERCENT, unit=25.0, reach=10.0)}).together
    assert move.reading == 75


def test_counts_as_points_starts_from_these_points() -> None:
    card = side_by_side(1, 1, missing=Missing.COUNT, points=30)
    found = the(find(card, reading(State.NEVER, 60)), "a")
    assert found is not None
    assert found.present is None
    assert found.reading == pytest.approx(84)
    assert found.gain == pytest.approx(27)


def test_redistributed_weight_counts_on_the_path() -> None:
    card = side_by_side(1, 1, 2)
    found = the(find(card, reading(50, 50, State.FAILED)), "a")
    assert found is not None
    assert found.reading == pytest.approx(94)


# Together


def test_the_smallest_set_takes_what_can_give_most_first_and_trims_the_last_one() -> None:
    card = side_by_side(2, 3, 1)
    found = find(card, reading(50, 50, 20))
    assert [move.measure.key for move in found.together] == ["b", "a"]
    assert found.together[0].reading == 100
    assert found.together[-1].score == pytest.approx(72)
    assert found.reaches


def test_ties_go_to_the_heavier_measure_then_to_the_key() -> None:
    card = replace(side_by_side(1, 1, 2), green=90, margin=5)
    assert [move.measure.key for move in find(card, reading(0, 0, 50)).together] == ["c", "a", "b"]


def test_if_nothing_reachable_does_it_that_is_what_the_path_says() -> None:
    card = side_by_side(1, 3)
    found = find(card, reading(10, 10), {"a": PERCENT})
    assert not found.reaches
    assert [(move.measure.key, move.reading) for move in found.together] == [("a", 100)]
    assert not find(card, reading(10, 10), {}).reaches


def test_a_score_that_is_there_needs_no_move() -> None:
    found = find(side_by_side(1), reading(80))
    assert (found.short, found.reaches, found.alone, found.together) == (0, True, (), ())


# Guards


def cap(slot: int, value: float, *, comparison: str = "<", release: float | None = None, to: Band = YELLOW) -> Guard:
    return Guard(key="g", slot=slot, comparison=Comparison(comparison), value=value, release=release, cap=to)


def test_guards_that_would_hold_with_those_readings_are_named() -> None:
    card = replace(side_by_side(1, 1), guards=(cap(0, 60), cap(1, 60)))
    found = find(card, reading(50, 50))
    a, b = the(found, "a"), the(found, "b")
    assert a is not None
    assert b is not None
    assert (a.guards, b.guards) == ((1,), (0,))
    assert found.guards == found.together[-1].guards == (1,)


def test_where_the_score_is_there_and_only_a_guard_is_not_only_the_guard_is_named() -> None:
    card = replace(side_by_side(1, 1), guards=(cap(0, 99),))
    found = find(card, reading(80, State.NEVER))
    assert found.reaches
    assert found.guards == (0,)
    assert (found.alone, found.together, found.unread) == ((), (), ())


def test_a_guard_that_leaves_the_band_wanted_is_not_in_the_way() -> None:
    card = replace(side_by_side(1), guards=(cap(0, 99),))
    assert find(card, reading(20), to=YELLOW).guards == ()
    assert find(card, reading(20), to=GREEN).guards == (0,)


def test_a_guard_that_holds_today_lets_go_only_at_its_second_value() -> None:
    card = replace(side_by_side(1), guards=(cap(0, 70, release=75),))
    assert find(card, reading(50)).guards == (0,)
    assert find(replace(card, guards=(cap(0, 70, release=71),)), reading(50)).guards == ()


# Without a reading


def test_measures_without_a_reading_are_listed_apart_with_the_one_that_they_need() -> None:
    card = card_of(measure("a"), measure("nps", slot=1, scale="-50:0, 0:40, 30:70, 70:100"))
    (answer,) = find(card, reading(60, State.NONE), {"nps": Domain(low=-100, high=100, unit=1)}).unread
    assert (answer.measure.key, answer.at_least) == ("nps", True)
    assert answer.reading == 49
    assert alone(card, reading(60, answer.reading)).score[0] >= 72 > alone(card, reading(60, 48)).score[0]


def test_an_answer_on_a_falling_scale_is_at_most_so_much() -> None:
    card = card_of(measure("a"), measure("ces", slot=1, scale="0:100, 10:0"))
    (answer,) = find(card, reading(60, State.NONE)).unread
    assert answer.reading is not None
    assert not answer.at_least
    assert answer.reading == pytest.approx(1.6)


def test_an_answer_may_not_help_or_need_not_be_any() -> None:
    card = replace(card_of(measure("a", weight=3), measure("b", slot=1)), min_coverage=0.2)
    (cannot,) = find(card, reading(50, State.NONE)).unread
    assert (cannot.reading, cannot.any_does) == (None, False)
    high = card_of(measure("a"), measure("b", slot=1, scale="0:90, 100:100"))
    (any_does,) = find(high, reading(60, State.NONE)).unread
    assert (any_does.reading, any_does.any_does) == (None, True)


def test_an_unknown_account_is_told_which_readings_to_get_instead() -> None:
    card = replace(side_by_side(1, 3, 2, 1, 0), min_coverage=0.8)
    required = replace(card.measures[3], missing=Missing.REQUIRE)
    card = replace(card, measures=(*card.measures[:3], required, card.measures[4]))
    found = find(card, reading(50, State.NEVER, State.NONE, State.FAILED, State.NONE))
    assert [one.key for one in found.wanted] == ["d", "b", "c"]
    assert math.isnan(found.short)
    assert (found.alone, found.together, found.unread) == ((), (), ())


def test_silence_that_counts_and_readings_that_are_held_too_long_are_told_apart_when_asking_for_readings() -> None:
    card = side_by_side(3, 2, 5)
    card = replace(card, measures=(replace(card.measures[0], missing=Missing.COUNT), *card.measures[1:]))
    readings = held(reading(State.NEVER, State.FAILED, 50), 2, State.HELD_TOO_LONG)
    assert [one.key for one in find(card, readings).wanted] == ["c"]


def test_an_account_without_any_reading_needs_one_even_where_no_coverage_is_asked_for() -> None:
    card = replace(side_by_side(1, 2), min_coverage=0)
    assert [one.key for one in find(card, reading(State.NONE, State.NONE)).wanted] == ["b"]


@unhurried
@given(st.data())
def test_with_the_readings_that_it_was_told_to_get_an_account_is_known(data: st.DataObject) -> None:
    card = data.draw(cards())
    readings = data.draw(readings_of(card))
    assume(alone(card, readings).scored[0] == UNKNOWN)
    wanted = find(card, readings).wanted
    assert wanted
    values = [data.draw(st.floats(-100, 100)) for _ in wanted]
    got = applied(readings, *zip(wanted, values, strict=True))
    assert alone(card, got).scored[0] != UNKNOWN
    assert alone(card, applied(readings, *list(zip(wanted, values, strict=True))[:-1])).scored[0] == UNKNOWN


# Any path at all

ends = st.tuples(st.integers(-120, 120), st.integers(-120, 120)).filter(lambda pair: pair[0] != pair[1])


@st.composite
def domains_of(draw: st.DrawFn, card: Card) -> dict[str, Domain]:
    """What the readings of a card can be; an end is always one of the steps."""
    domains = {}
    for one in card.measures:
        unit = draw(st.sampled_from([0.0, 1.0, 2.5, 100 / 3]))
        low, high = sorted(draw(ends))
        steps = (round(low / unit) * unit, round(high / unit) * unit) if unit else (low, high)
        domains[one.key] = Domain(low=steps[0], high=steps[1], unit=unit, moves=draw(st.sampled_from(list(Moves))))
    return domains


@st.composite
def situations(draw: st.DrawFn) -> tuple[Card, Readings, Before, Band, dict[str, Domain], Path]:
    """A case whose band is known and which is not where it should be."""
    card = draw(cards())
    readings = draw(readings_of(card, states=[*WITH_VALUE, *WITH_VALUE, State.NEVER, State.FAILED]))
    before, to, domains = draw(befores(card)), draw(st.sampled_from([GREEN, YELLOW])), draw(domains_of(card))
    found = path(card, readings, before, to, domains)
    assume(not found.wanted and found.short > 0)
    return card, readings, before, to, domains, found


def possible(scale: Scale, domain: Domain) -> Floats:
    """Readings among which the best is."""
    if not domain.unit:
        return np.clip([*scale.values, domain.low, domain.high], domain.low, domain.high)
    steps = range(round(domain.low / domain.unit), round(domain.high / domain.unit) + 1)
    return np.array([step * domain.unit for step in steps])


@unhurried
@given(situations())
def test_a_path_of_one_move_applied_gives_the_band(
    situation: tuple[Card, Readings, Before, Band, dict[str, Domain], Path],
) -> None:
    card, readings, before, to, domains, found = situation
    for one, move in found.alone:
        domain = domains[one.key]
        if move is None:
            for value in possible(one.scale, domain):
                assert tomorrow(card, readings, before, applied(readings, (one, value))).scored[0] < to
            continue
        after = tomorrow(card, readings, before, applied(readings, (one, move.reading)))
        assert after.scored[0] >= to
        assert after.score[0] == pytest.approx(move.score)
        assert domain.low - 1e-6 <= move.reading <= domain.high + 1e-6
        steps = move.reading / domain.unit if domain.unit else 0
        assert steps == pytest.approx(round(steps), abs=1e-6)
        assert after.computed[0] >= to or move.guards


@unhurried
@given(situations())
def test_a_path_of_several_moves_applied_gives_the_band_and_fewer_would_not(
    situation: tuple[Card, Readings, Before, Band, dict[str, Domain], Path],
) -> None:
    card, readings, before, to, domains, found = situation
    together = [(move.measure, move.reading) for move in found.together]
    after = tomorrow(card, readings, before, applied(readings, *together))
    assert (after.scored[0] >= to) == found.reaches
    assert (after.computed[0] >= to) == (found.reaches and not found.guards)
    best = [
        (one, max(possible(one.scale, domains[one.key]), key=lambda value: float(one.scale.at(np.array(value)))))
        for one, _ in found.alone
    ]
    fewer = len(together) - 1 if found.reaches else len(best)
    for some in combinations(best, max(fewer, 0)):
        assert tomorrow(card, readings, before, applied(readings, *some)).scored[0] < to


@unhurried
@given(situations())
def test_the_last_move_goes_only_as_far_as_needed(
    situation: tuple[Card, Readings, Before, Band, dict[str, Domain], Path],
) -> None:
    """To the target and not beyond, where every reading between the present one and the best is possible."""
    *_, domains, found = situation
    if found.reaches:
        last = found.together[-1]
        domain = domains[last.measure.key]
        if not domain.unit and last.present is not None and domain.low <= last.present <= domain.high:
            assert last.score <= found.target + 1e-6


@unhurried
@given(situations())
def test_an_answer_once_given_gives_the_band(
    situation: tuple[Card, Readings, Before, Band, dict[str, Domain], Path],
) -> None:
    card, readings, before, to, domains, found = situation
    for answer in found.unread:
        for value in possible(answer.measure.scale, domains[answer.measure.key]):
            enough = tomorrow(card, readings, before, applied(readings, (answer.measure, value))).scored[0] >= to
            if answer.any_does:
                assert enough
            elif answer.reading is None:
                assert not enough
        if answer.reading is not None:
            after = tomorrow(card, readings, before, applied(readings, (answer.measure, answer.reading)))
            assert after.scored[0] >= to


@unhurried
@given(situations())
def test_the_path_is_short_by_what_the_page_shows(
    situation: tuple[Card, Readings, Before, Band, dict[str, Domain], Path],
) -> None:
    card, readings, before, _, _, found = situation
    shown = float(rounded(judge(card, readings, before).score)[0])
    assert found.short == round(found.target - shown, 1)
