"""What a scorecard version has to be before it is published. A draft may be anything."""

import math
from collections import Counter
from collections.abc import Iterator

from health.scoring.card import Band, Card, Comparison, Guard, Missing
from health.scoring.scale import plain


def refusals(card: Card) -> list[str]:
    """Everything that keeps a card from being published, each as a sentence; empty when nothing does."""
    guards = (sentence for guard in card.guards for sentence in _guard(guard))
    return [*_weights(card), *_twice(card), *_edges(card), *_missing(card), *guards]


def _weights(card: Card) -> Iterator[str]:
    weights = [(group.key, group.weight) for group in card.groups]
    weights += [(measure.key, measure.weight) for measure in card.measures]
    for key, weight in weights:
        if not (math.isfinite(weight) and weight >= 0):
            yield f"{key} weighs {plain(weight)}, but a weight is a number from 0 up."
    if not any(group.weight > 0 for group in card.groups):
        yield "No group weighs anything, so there would be no score."
    for index, group in enumerate(card.groups):
        if group.weight > 0 and not any(measure.weight > 0 for measure in card.measures if measure.group == index):
            yield f"The group {group.key} weighs {plain(group.weight)}, but no measure in it weighs anything."


def _twice(card: Card) -> Iterator[str]:
    for key, times in Counter(measure.key for measure in card.measures).items():
        if times > 1:
            yield f"{key} is on the scorecard {times} times; a metric with its window can be there once."


def _edges(card: Card) -> Iterator[str]:
    numbers = {"Green": card.green, "Yellow": card.yellow, "The margin": card.margin}
    if not all(map(math.isfinite, numbers.values())):
        yield "Green, yellow and the margin need a number each."
        return
    for name, number in numbers.items():
        if number != round(number, 1):
            yield f"{name} is at {plain(number)}, but the score has one decimal, so this has no more."
    green, yellow, margin = map(plain, numbers.values())
    if card.margin < 0:
        yield f"The margin is {margin}, but it is a number from 0 up."
    if card.yellow >= card.green:
        yield f"Yellow begins at {yellow} and green at {green}, but yellow has to begin first."
    if card.yellow <= card.margin:
        yield f"Yellow begins at {yellow}, within the margin of {margin}: nobody who is yellow could turn red."
    if round(card.green + card.margin, 9) > 100:
        yield f"Green begins at {green}, within the margin of {margin} under 100: nobody who is yellow could turn green."


def _missing(card: Card) -> Iterator[str]:
    if not 0 <= card.min_coverage <= 1:
        yield f"The minimum coverage is {plain(100 * card.min_coverage)} %, but lies between 0 and 100 %."
    for measure in card.measures:
        if measure.missing == Missing.COUNT and not 0 <= measure.points_when_missing <= 100:
            points = plain(measure.points_when_missing)
            yield f"Without a reading {measure.key} counts as {points} points, but points lie between 0 and 100."


def _guard(guard: Guard) -> Iterator[str]:
    if guard.cap not in {Band.RED, Band.YELLOW}:
        yield f"The guard {guard.key} holds nothing down; it needs “at most yellow” or “at most red”."
    if guard.comparison == Comparison.MISSING:
        return
    if not math.isfinite(guard.value):
        yield f"The guard {guard.key} needs a number to compare with."
    elif guard.release is not None and not _lets_go_later(guard, guard.release):
        value, release = plain(guard.value), plain(guard.release)
        yield f"The guard {guard.key} ({guard.comparison} {value}) cannot hold until {release}."


def _lets_go_later(guard: Guard, release: float) -> bool:
    """Whether a guard that holds also holds from its value up to its release."""
    if guard.comparison in {Comparison.BELOW, Comparison.AT_MOST}:
        return guard.value <= release < math.inf
    if guard.comparison in {Comparison.ABOVE, Comparison.AT_LEAST}:
        return -math.inf < release <= guard.value
    return False
