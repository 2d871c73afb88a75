"""Adoption: how many of those who could use the product do, how often, and how much of it."""

import numpy as np

from health.metrics.cases import day_numbers
from health.metrics.declare import Above, MetricGroup, Nothing, metric
from health.metrics.licenses import SEATS, UNLIMITED
from health.metrics.shapes import Frame, Shape, alone, divided
from health.metrics.usage import (
    LAST_BY_DAY,
    LAST_BY_WEEK,
    active_users,
    features_used,
    last_use,
    last_working_days,
    only_by_week,
    users_on_last_working_days,
    users_on_working_days,
    working_days,
)
from health.scoring.path import Moves
from health.scoring.scale import Floats

OWN = "Verdant's own starting point; move it to what your accounts show"


def _seats(frame: Frame) -> Floats:
    """Seats to divide by; none where some license is unlimited."""
    return np.where(frame[UNLIMITED] > 0, 0.0, frame[SEATS])


@metric(
    label="License utilization",
    group=MetricGroup.ADOPTION,
    unit="%",
    why="Licenses that nobody uses are the first to go at renewal.",
    when="Products sold by the license.",
    scale="0:0, 31:40, 50:70, 80:100",
    scale_source=OWN,
    nothing=Nothing.ZERO_ONCE_SEEN,
    streams=("usage", "licenses"),
    window=30,
    high=100.0,
    parts=("active users", "licenses"),
    reach=40.0,
)
def license_utilization(window: int) -> Shape:
    """Active end users in the window ÷ seats of licenses in force × 100."""
    active = active_users(window)
    return Shape((active, SEATS, UNLIMITED), alone(active), _seats, times=100)


@metric(
    label="Weekly adoption",
    group=MetricGroup.ADOPTION,
    unit="%",
    why="A weekly habit is hard to give up.",
    when="Products meant for weekly use, sold by the license.",
    scale="0:0, 20:40, 40:70, 70:100",
    scale_source=OWN,
    nothing=Nothing.ZERO_ONCE_SEEN,
    streams=("usage", "licenses"),
    window=7,
    high=100.0,
    parts=("active users", "licenses"),
    reach=30.0,
)
def weekly_adoption(window: int) -> Shape:
    """Active end users in the last seven days ÷ seats of licenses in force × 100."""
    active = active_users(window)
    return Shape((active, SEATS, UNLIMITED), alone(active), _seats, times=100)


@metric(
    label="Daily active users",
    group=MetricGroup.ADOPTION,
    unit="users",
    why="How many people start their working day with the product.",
    when="Products meant for daily use; compare an account with itself.",
    scale="0:0, 3:40, 10:70, 30:100",
    scale_source=OWN,
    nothing=Nothing.ZERO_ONCE_SEEN,
    streams=("usage",),
    window=7,
    reach=20.0,
)
def daily_active_users(window: int) -> Shape:
    """Mean of the end users active on each of the last five working days, at most 14 days back."""
    active = users_on_last_working_days()

    def mean(frame: Frame) -> Floats:
        return divided(frame[active], last_working_days(frame))

    return Shape((active, LAST_BY_DAY, LAST_BY_WEEK), mean, n=last_working_days, not_applicable=only_by_week)


@metric(
    label="Weekly active users",
    group=MetricGroup.ADOPTION,
    unit="users",
    why="How many people the product reaches in a week.",
    when="Products meant for weekly use; compare an account with itself.",
    scale="0:0, 5:40, 15:70, 40:100",
    scale_source=OWN,
    nothing=Nothing.ZERO_ONCE_SEEN,
    streams=("usage",),
    window=7,
    step=1.0,
    reach=20.0,
)
def weekly_active_users(window: int) -> Shape:
    """Distinct end users active in the last seven days."""
    active = active_users(window)
    return Shape((active,), alone(active))


@metric(
    label="Monthly active users",
    group=MetricGroup.ADOPTION,
    unit="users",
    why="How many people the product reaches at all.",
    when="Every product; compare an account with itself.",
    scale="0:0, 5:40, 20:70, 50:100",
    scale_source=OWN,
    nothing=Nothing.ZERO_ONCE_SEEN,
    streams=("usage",),
    window=30,
    step=1.0,
    reach=20.0,
)
def monthly_active_users(window: int) -> Shape:
    """Distinct end users active in the last thirty days."""
    active = active_users(window)
    return Shape((active,), alone(active))


@metric(
    label="Stickiness",
    group=MetricGroup.ADOPTION,
    unit="%",
    why="Of those who use the product at all, how many do on any working day.",
    when="Products meant for daily use.",
    scale="0:0, 10:40, 20:70, 50:100",
    scale_source="20 % is the mark usually quoted for business software",
    nothing=Nothing.ZERO_ONCE_SEEN,
    streams=("usage",),
    window=30,
    high=100.0,
    parts=("users on a working day", "users in the window"),
    whole_parts=False,
    reach=10.0,
)
def stickiness(window: int) -> Shape:
    """Mean of the end users active on each working day of the window ÷ distinct end users in the window × 100."""
    by_day, active = users_on_working_days(window), active_users(window)

    def mean(frame: Frame) -> Floats:
        return divided(frame[by_day], working_days(frame, window))

    return Shape(
        (by_day, active, LAST_BY_DAY, LAST_BY_WEEK),
        mean,
        alone(active),
        times=100,
        dead=lambda frame: np.where(frame[active] == 0, 0.0, np.nan),
        not_applicable=only_by_week,
    )


@metric(
    label="Core features used",
    group=MetricGroup.ADOPTION,
    unit="%",
    why="The more of the product is part of their work, the harder it is to replace.",
    when="Products with several features that a healthy customer uses; name them in the settings.",
    scale="0:0, 25:40, 50:70, 100:100",
    scale_source=OWN,
    nothing=Nothing.ZERO_ONCE_SEEN,
    streams=("usage",),
    window=30,
    high=100.0,
    parts=("features used", "core features"),
    reach=40.0,
)
def feature_breadth(window: int) -> Shape:
    """Core features used in the window ÷ core features × 100."""
    used = features_used(window)
    return Shape(
        (used,), alone(used), lambda frame: np.full(len(frame.lived), float(len(frame.rules.core_features))), times=100
    )


@metric(
    label="Days since last use",
    group=MetricGroup.ADOPTION,
    unit="days",
    why="Silence is the plainest sign there is.",
    when="Every product.",
    scale="1:100, 7:70, 21:40, 45:0",
    scale_source=OWN,
    nothing=Nothing.SINCE_THE_BEGINNING,
    streams=("usage",),
    above=Above.WORST,
    moves=Moves.TIME,
    step=1.0,
    min_days=0,
    decimals=0,
)
def days_since_last_use() -> Shape:
    """Days since the last day on which any end user used the product; those of the account's life where none ever did."""
    last = last_use()

    def since(frame: Frame) -> Floats:
        found = frame[last]
        return np.where(np.isnan(found), np.maximum(frame.lived - 1, 0.0), day_numbers(frame.days) - found)

    return Shape((last,), since, n=lambda frame: np.ones(len(frame.lived)))


@metric(
    label="Usage trend",
    group=MetricGroup.ADOPTION,
    unit="%",
    why="A fall shows long before the level does.",
    when="Every product, beside a measure of the level.",
    scale="-60:0, -20:40, 0:70, 30:100",
    scale_source=OWN,
    nothing=Nothing.ZERO_ONCE_SEEN,
    streams=("usage",),
    window=28,
    above=Above.MEDIAN,
    low=-100.0,
    dead_value=-100.0,
    needs_both_windows=True,
    parts=("active users", "active users before"),
    reach=25.0,
)
def usage_trend(window: int) -> Shape:
    """Active end users in the window against those in the window before it, in percent."""
    now, before = active_users(window), active_users(window, until=window)
    return Shape(
        (now, before),
        lambda frame: frame[now] - frame[before],
        alone(before),
        times=100,
        n=alone(before),
        dead=lambda frame: np.where(frame[now] == 0, -100.0, np.nan),
    )
