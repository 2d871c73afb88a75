"""What keeps a scorecard version from being published."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given

from health.scoring.card import Band, Card, Comparison, Guard, Missing
from health.scoring.publish import refusals
from tests.health.scoring.cards import card_of, cards, measure, unhurried

CARD = card_of(measure("nps[180]"), measure("arr", slot=1, group=1), groups=(60, 40))


def counting(points: float) -> Card:
    return replace(
        CARD, measures=(replace(CARD.measures[0], missing=Missing.COUNT, points_when_missing=points), CARD.measures[1])
    )


def guarded(comparison: Comparison, value: float, release: float | None = None, cap: Band = Band.RED) -> Card:
    return replace(
        CARD, guards=(Guard(key="arr", slot=1, comparison=comparison, value=value, release=release, cap=cap),)
    )


REFUSED: dict[str, tuple[Callable[[], Card], str]] = {
    "some group weighs something": (
        lambda: card_of(measure("a"), groups=(0,)),
        "No group weighs anything, so there would be no score.",
    ),
    "there is a group": (lambda: card_of(groups=()), "No group weighs anything, so there would be no score."),
    "each group that weighs something has a measure that does": (
        lambda: card_of(measure("a"), measure("b", group=1, weight=0), groups=(1, 40)),
        "The group group 1 weighs 40, but no measure in it weighs anything.",
    ),
    "no weight is negative": (
        lambda: card_of(measure("a"), measure("b", weight=-2.5)),
        "b weighs -2.5, but a weight is a number from 0 up.",
    ),
    "a weight is a number": (
        lambda: card_of(measure("a"), groups=(float("inf"),)),
        "group 0 weighs inf, but a weight is a number from 0 up.",
    ),
    "a metric with its window is there once": (
        lambda: card_of(measure("nps[180]"), measure("nps[180]", slot=1)),
        "nps[180] is on the scorecard 2 times; a metric with its window can be there once.",
    ),
    "yellow begins under green": (
        lambda: replace(CARD, green=40),
        "Yellow begins at 40 and green at 40, but yellow has to begin first.",
    ),
    "the margin is under yellow": (
        lambda: replace(CARD, yellow=2),
        "Yellow begins at 2, within the margin of 2: nobody who is yellow could turn red.",
    ),
    "green is at most 100 less the margin": (
        lambda: replace(CARD, green=98.1),
        "Green begins at 98.1, within the margin of 2 under 100: nobody who is yellow could turn green.",
    ),
    "the margin is not negative": (
        lambda: replace(CARD, margin=-0.5),
        "The margin is -0.5, but it is a number from 0 up.",
    ),
    "edges have at most one decimal": (
        lambda: replace(CARD, green=70.25),
        "Green is at 70.25, but the score has one decimal, so this has no more.",
    ),
    "the margin has at most one decimal": (
        lambda: replace(CARD, margin=1.55),
        "The margin is at 1.55, but the score has one decimal, so this has no more.",
    ),
    "edges are numbers": (
        lambda: replace(CARD, green=float("nan")),
        "Green, yellow and the margin need a number each.",
    ),
    "coverage is a share": (
        lambda: replace(CARD, min_coverage=1.2),
        "The minimum coverage is 120 %, but lies between 0 and 100 %.",
    ),
    "silence counts as points": (
        lambda: counting(101),
        "Without a reading nps[180] counts as 101 points, but points lie between 0 and 100.",
    ),
    "a guard holds something down": (
        lambda: guarded(Comparison.ABOVE, 7, cap=Band.GREEN),
        "The guard arr holds nothing down; it needs “at most yellow” or “at most red”.",
    ),
    "a guard compares with a number": (
        lambda: guarded(Comparison.ABOVE, float("nan")),
        "The guard arr needs a number to compare with.",
    ),
    "under 20 does not hold until 18": (
        lambda: guarded(Comparison.BELOW, 20, 18),
        "The guard arr (< 20) cannot hold until 18.",
    ),
    "over 7 does not hold until 9": (
        lambda: guarded(Comparison.ABOVE, 7, 9),
        "The guard arr (> 7) cannot hold until 9.",
    ),
    "equal to 1 does not hold until 2": (
        lambda: guarded(Comparison.EQUAL, 1, 2),
        "The guard arr (= 1) cannot hold until 2.",
    ),
}


@pytest.mark.parametrize("rule", REFUSED)
def test_what_cannot_be_published_is_refused_in_a_sentence(rule: str) -> None:
    build, says = REFUSED[rule]
    assert says in refusals(build())


@pytest.mark.parametrize(
    "card",
    [
        CARD,
        replace(CARD, margin=0),
        replace(CARD, yellow=2.1, green=98),
        replace(CARD, yellow=0.4, green=99.7, margin=0.3),
        card_of(measure("a"), measure("b", group=1, weight=0), groups=(1, 0)),
        counting(0),
        guarded(Comparison.BELOW, 20, 22),
        guarded(Comparison.ABOVE, 7, 5),
        guarded(Comparison.MISSING, float("nan")),
    ],
)
def test_what_can_be_published_is_not_refused(card: Card) -> None:
    assert refusals(card) == []


def test_every_refusal_is_said_at_once() -> None:
    assert len(refusals(replace(card_of(measure("a"), measure("a"), groups=(0,)), green=30))) == 3


@unhurried
@given(cards())
def test_a_card_of_these_tests_can_be_published(card: Card) -> None:
    assert refusals(card) == []
