"""Cards and readings for these tests: small ones by hand, and any at all for Hypothesis."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from health.scoring.card import Band, Card, Comparison, Group, Guard, Measure, Missing, State
from health.scoring.judge import Before, Readings, Verdict, judge
from health.scoring.publish import refusals
from health.scoring.scale import Scale

# For tests that draw whole cards, which takes a while on a machine that has other things to do.
unhurried = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)

EVERY_STATE = list(State)
WITH_VALUE = [state for state in State if not state.is_missing]
WITHOUT_VALUE = [state for state in State if state.is_missing]


def reading(*slots: float | State) -> Readings:
    """One case: a number is a fresh reading, a state a missing one."""
    values = [np.nan if isinstance(slot, State) else slot for slot in slots]
    states = [slot if isinstance(slot, State) else State.FRESH for slot in slots]
    return Readings(np.array([values], dtype=np.float64), np.array([states], dtype=np.int16))


def held(readings: Readings, slot: int, state: State) -> Readings:
    """The same readings with one that has its value, but is not fresh."""
    states = readings.states.copy()
    states[:, slot] = state
    return replace(readings, states=states)


def measure(key: str, *, slot: int = 0, group: int = 0, weight: float = 1.0, scale: str = "0:0, 100:100") -> Measure:
    return Measure(key=key, slot=slot, group=group, weight=weight, scale=Scale.parse(scale))


def card_of(*measures: Measure, groups: Sequence[float] = (100,), guards: Sequence[Guard] = ()) -> Card:
    """A card of these measures, with a group for each weight."""
    named = tuple(Group(key=f"group {index}", weight=weight) for index, weight in enumerate(groups))
    return Card(named, measures, tuple(guards))


def side_by_side(*weights: float, missing: Missing = Missing.IGNORE, points: float = 0.0) -> Card:
    """Measures a, b, c … of one group, whose readings are their points."""
    return card_of(
        *(
            replace(measure(name, slot=slot, weight=weight), missing=missing, points_when_missing=points)
            for slot, (name, weight) in enumerate(zip("abcdefghijkl", weights, strict=False))
        )
    )


def alone(card: Card, readings: Readings, before: Before | None = None) -> Verdict:
    return judge(card, readings, before or Before.nothing(card, len(readings)))


def had(card: Card, band: Band, *, guards: Sequence[bool] = (), green: float = -1, yellow: float = -1) -> Before:
    """One case that had this band, under the card's own edges where nothing else is said."""
    nothing = Before.nothing(card, 1)
    return Before(
        np.array([band], dtype=np.int8),
        np.array([guards], dtype=np.bool_) if guards else nothing.guards,
        np.array([green]) if green >= 0 else nothing.green,
        np.array([yellow]) if yellow >= 0 else nothing.yellow,
    )


tenths = st.integers(0, 1000).map(lambda number: number / 10)
bands = st.sampled_from(list(Band))


@st.composite
def scales(draw: st.DrawFn, *, rising: bool = False) -> Scale:
    """Any scale: rising, falling, with humps, flat; or one that never falls."""
    values = draw(st.lists(st.integers(-1000, 1000), min_size=2, max_size=5, unique=True))
    points = draw(st.lists(tenths, min_size=len(values), max_size=len(values)))
    return Scale(tuple(value / 10 for value in sorted(values)), tuple(sorted(points) if rising else points))


@st.composite
def guards(draw: st.DrawFn, slots: int, key: str) -> Guard:
    comparison = draw(st.sampled_from(list(Comparison)))
    value = float(draw(st.integers(-100, 100)))
    further = draw(st.none() | st.integers(0, 20))
    release = None
    if further is not None and comparison in {Comparison.BELOW, Comparison.AT_MOST}:
        release = value + further
    if further is not None and comparison in {Comparison.ABOVE, Comparison.AT_LEAST}:
        release = value - further
    cap = draw(st.sampled_from([Band.RED, Band.YELLOW]))
    slot = draw(st.integers(0, slots - 1))
    return Guard(key=key, slot=slot, comparison=comparison, value=value, release=release, cap=cap)


@st.composite
def cards(draw: st.DrawFn, *, rules: Sequence[Missing] = tuple(Missing), keys: Sequence[str] = "abcdef") -> Card:
    """Any card that can be published."""
    weight = st.integers(0, 50).map(lambda number: number / 10)
    some = st.integers(1, 50).map(lambda number: number / 10)
    groups = draw(st.integers(1, 3))
    names = draw(st.permutations(keys))[: draw(st.integers(groups, len(keys)))]
    slots = count()
    # The first measures are one of each group and weigh something, so that the card can be published.
    measures = tuple(
        Measure(
            key=name,
            slot=next(slots),
            group=index if index < groups else draw(st.integers(0, groups - 1)),
            weight=draw(some if index < groups else weight),
            scale=draw(scales()),
            missing=draw(st.sampled_from(rules)),
            points_when_missing=draw(tenths),
        )
        for index, name in enumerate(names)
    )
    weighed = tuple(Group(key=f"group {index}", weight=draw(weight if index else some)) for index in range(groups))
    margin = draw(st.integers(0, 50))
    yellow = draw(st.integers(margin + 1, 998 - margin))
    green = draw(st.integers(yellow + 1, 1000 - margin))
    card = Card(
        weighed,
        measures,
        tuple(draw(guards(len(measures), f"guard {index}")) for index in range(draw(st.integers(0, 2)))),
        green=green / 10,
        yellow=yellow / 10,
        margin=margin / 10,
        min_coverage=draw(st.sampled_from([0.0, 0.25, 0.5, 0.8])),
    )
    assert refusals(card) == []
    return card


@st.composite
def readings_of(draw: st.DrawFn, card: Card, *, cases: int = 1, states: Sequence[State] = tuple(State)) -> Readings:
    """Any readings for a card, in the given states."""
    shape = (cases, len(card.measures))
    size = shape[0] * shape[1]
    values = draw(st.lists(st.floats(-120, 120), min_size=size, max_size=size))
    drawn = draw(st.lists(st.sampled_from(states), min_size=size, max_size=size))
    return Readings(np.array(values).reshape(shape), np.array(drawn, dtype=np.int16).reshape(shape))


@st.composite
def befores(draw: st.DrawFn, card: Card) -> Before:
    """Anything that may have been before one case."""
    held_before = draw(st.lists(st.booleans(), min_size=len(card.guards), max_size=len(card.guards)))
    return Before(
        np.array([draw(bands)], dtype=np.int8),
        np.array([held_before], dtype=np.bool_).reshape(1, len(card.guards)),
        np.array([draw(st.sampled_from([card.green, 71.5]))]),
        np.array([draw(st.sampled_from([card.yellow, 38.5]))]),
    )
