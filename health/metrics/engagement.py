"""Engagement: whether we are in touch with the people who decide."""

import numpy as np

from accounts.models import Touchpoint
from health.metrics.adoption import OWN
from health.metrics.cases import day_numbers
from health.metrics.declare import Above, MetricGroup, Nothing, metric
from health.metrics.known import day_of, days_back, number_of
from health.metrics.relationship import (
    KEY_CONTACTS,
    PULSES,
    appointments,
    in_role,
    last_touchpoint,
    touchpoints_of,
)
from health.metrics.shapes import Column, Frame, Shape, alone
from health.scoring.path import Moves
from health.scoring.scale import Floats


def _one(frame: Frame) -> Floats:
    return np.ones(len(frame.lived))


@metric(
    label="Stakeholder engagement",
    group=MetricGroup.ENGAGEMENT,
    unit="%",
    why="Renewals are decided by a few people; those nobody has heard from decide without us.",
    when="Accounts whose key contacts are recorded with their roles.",
    scale="0:0, 25:40, 60:70, 100:100",
    scale_source=OWN,
    nothing=Nothing.ZERO_ONCE_SEEN,
    streams=("stakeholders", "touchpoints", "survey-responses?", "usage?"),
    window=30,
    high=100.0,
    parts=("key contacts with an interaction", "key contacts"),
)
def stakeholder_engagement(window: int) -> Shape:
    """Key contacts with an interaction in the window (a touchpoint held, an answer, product use) ÷ key contacts × 100."""
    everybody = Column(KEY_CONTACTS, "count(*)", reach=window)
    heard = Column(KEY_CONTACTS, f"count(*) filter (where f.last > c.day - {window})", reach=window)
    return Shape((heard, everybody), alone(heard), alone(everybody), times=100)


@metric(
    label="Touchpoints",
    group=MetricGroup.ENGAGEMENT,
    unit="touchpoints",
    why="A relationship that is not kept up cools down unnoticed.",
    when="Accounts that somebody looks after in person; with a kind, such as touchpoints:training, for one habit.",
    scale="0:0, 1:40, 2:70, 4:100",
    scale_source=OWN,
    nothing=Nothing.ZERO_ONCE_SEEN,
    streams=("touchpoints",),
    window=30,
    moves=Moves.TIME,
    step=1.0,
    argument="kind",
    choices=tuple(Touchpoint.Kind.values),
    decimals=0,
    reach=6.0,
)
def touchpoints(window: int, argument: str | None = None) -> Shape:
    """Touchpoints held in the window, of one kind or of all."""
    held = touchpoints_of(window, argument)
    return Shape((held,), alone(held))


@metric(
    label="Days since last touchpoint",
    group=MetricGroup.ENGAGEMENT,
    unit="days",
    why="Nobody leaves a vendor they spoke to yesterday without a word.",
    when="Accounts that somebody looks after in person.",
    scale="7:100, 30:70, 60:40, 120:0",
    scale_source=OWN,
    nothing=Nothing.SINCE_THE_BEGINNING,
    streams=("touchpoints",),
    above=Above.WORST,
    moves=Moves.TIME,
    step=1.0,
    min_days=0,
    decimals=0,
)
def days_since_touchpoint() -> Shape:
    """Days since the last touchpoint held; those of the account's life where there was none."""
    last = last_touchpoint()

    def since(frame: Frame) -> Floats:
        found = frame[last]
        return np.where(np.isnan(found), np.maximum(frame.lived - 1, 0.0), day_numbers(frame.days) - found)

    return Shape((last,), since, n=_one)


@metric(
    label="Meeting attendance",
    group=MetricGroup.ENGAGEMENT,
    unit="%",
    why="Customers who stop coming have stopped believing that it is worth their time.",
    when="Accounts with regular appointments, where canceled and missed ones are recorded too.",
    scale="30:0, 60:40, 80:70, 100:100",
    scale_source=OWN,
    nothing=Nothing.MISSING,
    opinion=False,
    streams=("touchpoints",),
    window=90,
    high=100.0,
    parts=("appointments held", "appointments"),
    reach=25.0,
)
def meeting_attendance(window: int) -> Shape:
    """Meetings, calls, business reviews, trainings and interviews held ÷ (held + canceled by the customer + no-show) × 100.
    Those that we canceled do not count."""
    held = appointments(window, "held")
    made = appointments(window, "held", "canceled_by_customer", "no_show")
    return Shape((held, made), alone(held), alone(made), times=100)


@metric(
    label="Champion",
    group=MetricGroup.ENGAGEMENT,
    unit="yes or no",
    why="Somebody inside has to want the product; when that person leaves, the account is at risk.",
    when="Accounts whose contacts are recorded with their roles.",
    scale="0:0, 1:100",
    scale_source="Yes or no",
    nothing=Nothing.ZERO_ONCE_SEEN,
    streams=("stakeholders",),
    above=Above.SHARE,
    high=1.0,
    step=1.0,
    min_days=0,
    decimals=0,
)
def champion() -> Shape:
    """1 when a champion is in place at the end of the day, else 0."""
    there = in_role("champion")
    return Shape((there,), alone(there))


@metric(
    label="Executive sponsor",
    group=MetricGroup.ENGAGEMENT,
    unit="yes or no",
    why="Budgets are defended by executives; without one of them the product is a cost.",
    when="Large accounts whose contacts are recorded with their roles.",
    scale="0:0, 1:100",
    scale_source="Yes or no",
    nothing=Nothing.ZERO_ONCE_SEEN,
    streams=("stakeholders",),
    above=Above.SHARE,
    high=1.0,
    step=1.0,
    min_days=0,
    decimals=0,
)
def executive_sponsor() -> Shape:
    """1 when an executive sponsor is in place at the end of the day, else 0."""
    there = in_role("executive_sponsor")
    return Shape((there,), alone(there))


@metric(
    label="Pulse",
    group=MetricGroup.ENGAGEMENT,
    unit="of 5",
    why="The person who talks to the customer knows what no number shows.",
    when="Accounts with a CSM who rates them regularly.",
    scale="1:0, 2.5:40, 3.5:70, 5:100",
    scale_source="Verdant's own starting point: 3 is neither good nor bad, 4 is good",
    nothing=Nothing.MISSING,
    opinion=True,
    streams=("pulses",),
    window=90,
    above=Above.MEDIAN,
    moves=Moves.NO,
    low=1.0,
    high=5.0,
    step=1.0,
    decimals=0,
)
def pulse(window: int) -> Shape:
    """The CSM's latest rating in the window, 1 to 5."""
    inside = f"filter (where f.at >= {days_back(window)})"
    latest = Column(PULSES, f"(array_agg(f.rating order by f.at desc, f.record desc) {inside})[1]", reach=window)
    count = Column(PULSES, f"count(*) {inside}", reach=window)
    last = Column(PULSES, number_of(f"max({day_of('f.at')}) {inside}"), reach=window, empty=np.nan, additive=False)
    return Shape(
        (latest, count, last),
        alone(latest),
        n=lambda frame: np.minimum(frame[count], 1.0),
        newest=lambda frame: day_numbers(frame.days) - frame[last],
    )
