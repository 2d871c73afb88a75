"""Journeys through the product: who leaves at once, who gets where they should, and who gives up on the way."""

from typing import Any

import numpy as np

from health.metrics.adoption import OWN
from health.metrics.declare import MetricGroup, Nothing, metric
from health.metrics.paths import GOAL, PAIR, begun, bounced, done, visits
from health.metrics.shapes import Frame, Part, Shape, alone
from health.metrics.tracked import of_tracked
from health.scoring.scale import Floats

OF_JOURNEYS: dict[str, Any] = {
    "group": MetricGroup.ADOPTION,
    "unit": "%",
    "streams": ("usage",),
    "window": 30,
    "high": 100.0,
    "reach": 15.0,
}


@metric(
    label="Bounce rate",
    why="Who leaves after one page has not found what they came for.",
    when="Products and sites whose pages are tracked; with a page, of the sessions that began on it.",
    scale="20:100, 50:70, 75:40, 95:0",
    scale_source="under 50 % is the usual mark for websites",
    nothing=Nothing.MISSING,
    opinion=False,
    parts=("sessions of one page", "sessions"),
    argument="page",
    **OF_JOURNEYS,
)
def bounce_rate(window: int, argument: str | None = None) -> Shape:
    """Sessions of a single page ÷ sessions × 100, of those that began in the window; with a page, of those whose first page it
    was."""
    single, every = bounced(window, argument), visits(window, argument)
    return Shape((single, every), alone(single), alone(every), times=100)


@metric(
    label="Conversion rate",
    why="A way that leads nowhere is taken by fewer and fewer.",
    when="Goals that the settings name; with a goal, for that one alone.",
    scale="0:0, 5:40, 20:70, 50:100",
    scale_source=OWN,
    nothing=Nothing.ZERO_ONCE_SEEN,
    parts=("reached", "exposed"),
    argument="goal",
    **OF_JOURNEYS,
)
def conversion_rate(window: int, argument: str | None = None) -> Shape:
    """People exposed to a goal in the window, or sessions as the goal says, that reached it afterwards ÷ those exposed × 100,
    of a goal or of all goals. Counted are those whose exposure is as many days ago as the goal says."""
    reached, exposed = done(window, GOAL, argument), begun(window, GOAL, argument)
    return of_tracked(
        window, (reached, exposed), alone(reached), alone(exposed), times=100, not_applicable=_no_goal(argument)
    )


@metric(
    label="Abandonment rate",
    why="What was begun was wanted; where it is given up, something is in the way.",
    when="Pairs of a beginning and an end that the settings name; with a pair, for that one alone.",
    scale="10:100, 40:70, 70:40, 95:0",
    scale_source=OWN,
    nothing=Nothing.MISSING,
    opinion=False,
    parts=("not finished", "begun"),
    argument="pair",
    **OF_JOURNEYS,
)
def abandonment_rate(window: int, argument: str | None = None) -> Shape:
    """People who began a pair in the window, or sessions as the pair says, and had not finished it by the end of the day ÷ those
    who began × 100, of a pair or of all pairs. Counted are those who began as many days ago as the pair says."""
    finished, started = done(window, PAIR, argument), begun(window, PAIR, argument)
    return Shape((finished, started), lambda frame: frame[started] - frame[finished], alone(started), times=100)


def _no_goal(name: str | None) -> Part:
    """1 where the settings name no such goal."""

    def none(frame: Frame) -> Floats:
        known = [goal for goal, *_ in frame.rules.goals]
        return np.full(len(frame.lived), float(not known if name is None else name not in known))

    return none
