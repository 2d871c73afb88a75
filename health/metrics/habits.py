"""Habits: how often people log in, and how long they stay. Read of what client libraries track."""

from typing import Any

import numpy as np

from health.metrics.adoption import OWN
from health.metrics.declare import MetricGroup, Nothing, metric
from health.metrics.shapes import Frame, Shape, alone
from health.metrics.tracked import active_minutes, logins, median_minutes, of_tracked, sessions, tracked_users
from health.scoring.scale import Floats

OF_HABITS: dict[str, Any] = {
    "group": MetricGroup.ADOPTION,
    "scale_source": OWN,
    "nothing": Nothing.ZERO_ONCE_SEEN,
    "streams": ("usage",),
    "whole_parts": False,
}


@metric(
    label="Time per login",
    unit="minutes",
    why="Somebody who stays gets work done; somebody who only looks in does it elsewhere.",
    when="Products that people work in; for those that save time, less may be better: turn the scale.",
    scale="0:0, 3:40, 10:70, 30:100",
    window=7,
    parts=("active minutes", "logins"),
    reach=15.0,
    **OF_HABITS,
)
def time_per_login(window: int) -> Shape:
    """Active minutes in the window ÷ logins. Where a source tells of no logins, a session counts as one."""
    minutes, times = active_minutes(window), logins(window)
    return of_tracked(window, (minutes, times), alone(minutes), alone(times))


@metric(
    label="Session duration",
    unit="minutes",
    why="Sessions that grow shorter come before users who stay away.",
    when="Products that people work in; compare an account with itself.",
    scale="0:0, 2:40, 8:70, 25:100",
    window=28,
    parts=("minutes", "sessions"),
    reach=10.0,
    **OF_HABITS,
)
def session_duration(window: int) -> Shape:
    """Median minutes of the sessions that began in the window, each from its first event to the end of its last."""
    median, count = median_minutes(window), sessions(window)
    return of_tracked(window, (median, count), alone(median), n=alone(count))


@metric(
    label="Time in product",
    unit="minutes",
    why="Time is the one thing that nobody gives to a product they do not need.",
    when="Products that people work in; compare an account with itself.",
    scale="0:0, 15:40, 60:70, 240:100",
    window=28,
    parts=("active minutes", "active users and weeks"),
    reach=120.0,
    **OF_HABITS,
)
def time_in_product(window: int) -> Shape:
    """Active minutes in the window ÷ active end users who are tracked ÷ weeks of the window, those of the account's life."""
    minutes, users = active_minutes(window), tracked_users(window)

    def user_weeks(frame: Frame) -> Floats:
        return frame[users] * np.minimum(frame.lived, window) / 7

    return of_tracked(window, (minutes, users), alone(minutes), user_weeks, n=alone(users))


@metric(
    label="Logins per user",
    unit="logins",
    why="A login is a decision to use the product; the more of them, the more it is a habit.",
    when="Products that people log in to; beside the number of users.",
    scale="0:0, 2:40, 8:70, 20:100",
    window=30,
    parts=("logins", "active users"),
    reach=8.0,
    **OF_HABITS,
)
def logins_per_user(window: int) -> Shape:
    """Logins in the window ÷ active end users who are tracked. Where a source tells of no logins, a session counts as one."""
    times, users = logins(window), tracked_users(window)
    return of_tracked(window, (times, users), alone(times), alone(users))
