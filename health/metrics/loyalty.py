"""Loyalty: who stays, who comes back, and how it began."""

from typing import Any

import numpy as np

from health.metrics.adoption import OWN
from health.metrics.declare import MetricGroup, Nothing, metric
from health.metrics.newcomers import READABLE, first_week, new_users, returned
from health.metrics.shapes import Frame, Shape, alone
from health.metrics.usage import active_users
from health.scoring.path import Moves
from health.scoring.scale import Floats

OF_USERS: dict[str, Any] = {
    "group": MetricGroup.ADOPTION,
    "unit": "%",
    "scale_source": OWN,
    "nothing": Nothing.ZERO_ONCE_SEEN,
    "streams": ("usage",),
    "high": 100.0,
}
OF_TWO_WINDOWS = OF_USERS | {"window": 30, "needs_both_windows": True, "reach": 20.0}


def _stayed(window: int, lost: bool) -> Shape:
    """Users of the window before who are active in this one, or who are not. Who is in both is whoever is in each, less
    those who are in either."""
    now, before, either = active_users(window), active_users(window, until=window), active_users(2 * window)

    def part(frame: Frame) -> Floats:
        gone = frame[either] - frame[now]
        return gone if lost else frame[before] - gone

    def dead(frame: Frame) -> Floats:
        return np.where(frame[now] == 0, 100.0 if lost else 0.0, np.nan)

    return Shape((now, before, either), part, alone(before), times=100, dead=dead)


@metric(
    label="User retention",
    why="New users hide that old ones leave; this does not.",
    when="Products with many users at an account.",
    scale="20:0, 50:40, 75:70, 95:100",
    parts=("users who stayed", "users before"),
    **OF_TWO_WINDOWS,
)
def user_retention(window: int) -> Shape:
    """End users active in the window before who are active in this one too ÷ those active in the window before × 100."""
    return _stayed(window, lost=False)


@metric(
    label="User churn",
    why="Accounts are lost user by user before they are lost.",
    when="Instead of user retention, where losses are what is talked about.",
    scale="5:100, 25:70, 50:40, 80:0",
    parts=("users lost", "users before"),
    dead_value=100.0,
    **OF_TWO_WINDOWS,
)
def user_churn(window: int) -> Shape:
    """End users active in the window before who are not in this one ÷ those active in the window before × 100."""
    return _stayed(window, lost=True)


def _came_back(window: int, chance: int) -> Shape:
    back, new, active = returned(window, chance), new_users(window, chance), active_users(window)
    return Shape(
        (back, new, active),
        alone(back),
        alone(new),
        times=100,
        dead=lambda frame: np.where(frame[active] == 0, 0.0, np.nan),
    )


@metric(
    label="New users back within a week",
    why="Who does not come back within a week mostly never does.",
    when="Products that people find their own way into; needs counts by the day.",
    scale="0:0, 20:40, 50:70, 80:100",
    window=60,
    parts=("users who came back", "new users"),
    reach=25.0,
    **OF_USERS,
)
def user_return_rate_7(window: int) -> Shape:
    """End users first seen in the window, at least seven days ago, who were active again within seven days ÷ all those × 100."""
    return _came_back(window, 7)


@metric(
    label="New users back within a month",
    why="Who does not come back within a month has found another way.",
    when="Products for monthly work; needs counts by the day.",
    scale="0:0, 30:40, 60:70, 90:100",
    window=90,
    parts=("users who came back", "new users"),
    reach=25.0,
    **OF_USERS,
)
def user_return_rate_30(window: int) -> Shape:
    """End users first seen in the window, at least thirty days ago, who were active again within thirty days ÷ all those
    × 100."""
    return _came_back(window, 30)


@metric(
    label="First week",
    why="How an account begins says how it will go on.",
    when="New accounts; set in the settings what counts, and how much of it is a good first week.",
    scale="0:0, 30:40, 60:70, 100:100",
    moves=Moves.NO,
    parts=("times", "the target"),
    whole_parts=False,
    **OF_USERS,
)
def week1_engagement() -> Shape:
    """Uses in the account's first seven days, of the event that the settings name or of anything, ÷ the settings' target × 100,
    at most 100. Read from the seventh day of its life to the ninetieth."""
    done = first_week()

    def target(frame: Frame) -> Floats:
        return np.full(len(frame.lived), float(frame.rules.week1_target))

    return Shape(
        (done,),
        lambda frame: np.minimum(frame[done], target(frame)),
        target,
        times=100,
        n=alone(done),
        not_applicable=lambda frame: np.asarray(frame.lived > READABLE, dtype=np.float64),
    )
