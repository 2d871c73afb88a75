"""Use of features: how often what the product is for is done, and by how many."""

from typing import Any

import numpy as np

from health.metrics.adoption import OWN
from health.metrics.declare import MetricGroup, Nothing, metric
from health.metrics.features import known_users, users_of, uses, uses_counted, uses_tracked
from health.metrics.shapes import Frame, Part, Shape, alone
from health.metrics.tracked import logins, of_tracked
from health.metrics.usage import active_users
from health.scoring.scale import Floats

OF_FEATURES: dict[str, Any] = {
    "group": MetricGroup.ADOPTION,
    "scale_source": OWN,
    "nothing": Nothing.ZERO_ONCE_SEEN,
    "streams": ("usage",),
}


def _needs_core(feature: str | None) -> Part:
    """1 where no feature is asked for and the settings name no core features."""

    def needs(frame: Frame) -> Floats:
        return np.full(len(frame.lived), float(feature is None and not frame.rules.core_features))

    return needs


@metric(
    label="Feature adoption",
    unit="uses per login",
    why="Logins without use of what the product is for are visits, not work.",
    when="Products whose core features are named in the settings; with a feature, for that one alone.",
    scale="0:0, 0.5:40, 1.5:70, 4:100",
    window=7,
    parts=("uses", "logins"),
    whole_parts=False,
    argument="feature",
    decimals=2,
    reach=1.0,
    **OF_FEATURES,
)
def feature_adoption(window: int, argument: str | None = None) -> Shape:
    """Uses of a feature, or of all core features, in the window ÷ logins. Where a source tells of no logins, a session counts
    as one."""
    done, times = uses(window, argument), logins(window)
    return of_tracked(window, (done, times), alone(done), alone(times), not_applicable=_needs_core(argument))


@metric(
    label="Feature usage",
    unit="%",
    why="A feature that few know of keeps nobody.",
    when="A feature that everybody should use; name it in the settings, so that tracked events tell by whom. Without one, the core features.",
    scale="0:0, 10:40, 40:70, 80:100",
    window=30,
    high=100.0,
    parts=("users of it", "known users"),
    argument="feature",
    reach=30.0,
    **OF_FEATURES,
)
def feature_usage(window: int, argument: str | None = None) -> Shape:
    """Known end users who used a feature, or any core feature, in the window ÷ known end users × 100. Known are those who
    are neither internal nor deactivated. Nothing is read where it was used and nobody tells by whom."""
    users, everybody, done = users_of(window, argument, there=True), known_users(), uses(window, argument)

    def some(frame: Frame) -> Floats:
        return np.where((frame[users] == 0) & (frame[done] > 0), np.nan, frame[users])

    return Shape(
        (users, everybody, done), some, alone(everybody), times=100, n=alone(everybody),
        not_applicable=_needs_core(argument),
    )  # fmt: skip


@metric(
    label="Feature uses per user",
    unit="uses",
    why="One use is a try; many are part of the work.",
    when="A feature that is used again and again; name it in the settings, so that tracked events tell by whom.",
    scale="0:0, 2:40, 8:70, 30:100",
    window=30,
    parts=("uses", "users of it"),
    whole_parts=False,
    argument="feature",
    reach=15.0,
    **OF_FEATURES,
)
def feature_uses_per_user(window: int, argument: str | None = None) -> Shape:
    """Uses of a feature, or of all core features, by end users in the window ÷ end users who used it."""
    counted, tracked = uses_counted(window, argument), uses_tracked(window, argument)
    users, active = users_of(window, argument, there=False), active_users(window)
    return Shape(
        (counted, tracked, users, active), lambda frame: frame[counted] + frame[tracked], alone(users),
        dead=lambda frame: np.where(frame[active] == 0, 0.0, np.nan), not_applicable=_needs_core(argument),
    )  # fmt: skip


OF_EVENTS = OF_FEATURES | {
    "unit": "times",
    "window": 30,
    "argument": "event",
    "needs_argument": True,
}


@metric(
    label="Event count",
    why="Some events are the value itself: a report sent, an order placed.",
    when="An event that stands for what the customer bought; by the name that it is sent or counted with.",
    scale="0:0, 5:40, 20:70, 100:100",
    decimals=0,
    reach=50.0,
    step=1.0,
    **OF_EVENTS,
)
def event_count(window: int, argument: str) -> Shape:
    """How often a named event happened in the window."""
    done = uses(window, argument)
    return Shape((done,), alone(done))


@metric(
    label="Event count per user",
    why="A large account does everything more often; by user, accounts of any size compare.",
    when="An event that stands for what the customer bought, across accounts of different sizes.",
    scale="0:0, 1:40, 4:70, 20:100",
    parts=("times", "active users"),
    whole_parts=False,
    reach=10.0,
    **OF_EVENTS,
)
def event_count_per_user(window: int, argument: str) -> Shape:
    """How often a named event happened in the window ÷ active end users."""
    done, active = uses(window, argument), active_users(window)
    return Shape(
        (done, active), alone(done), alone(active), dead=lambda frame: np.where(frame[active] == 0, 0.0, np.nan)
    )
