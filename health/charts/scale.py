"""Where axes end and labels stand."""

from collections.abc import Sequence

GRID = (0, 25, 50, 75)


def round_top(most: float) -> float:
    """The end of the axis: four equal steps of a round number above the highest week."""
    step = most / 4 or 1.0
    size = 10.0 ** (len(str(int(step))) - 1)
    round_ones = [size * times for times in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)]
    return 4 * next(one for one in round_ones if one >= step and (size > 1 or one == int(one)))


def kept_apart(places: Sequence[float], gap: float, lowest: float) -> list[float]:
    """Places from the top of a chart down, moved so that each is a gap from the one before and none lies too low."""
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + gap) if found else place)
    for number in range(len(found) - 1, -1, -1):
        below = found[number + 1] - gap if number + 1 < len(found) else lowest
        found[number] = min(found[number], below)
    return found
