"""Outcomes: whether customers get what they bought the product for."""

from health.metrics.adoption import OWN
from health.metrics.declare import MetricGroup, Nothing, metric
from health.metrics.known import KNOWN
from health.metrics.shapes import Column, Facts, Shape, alone

# An objective is open until it ends. One that ended on no stated day did so when it was due, else when we learned of it.
OBJECTIVES = Facts(
    "objectives",
    f"""join lateral (
    select f.name, f.status, f.due_on,
        case when f.status in ('achieved', 'missed')
            then coalesce(f.achieved_on, f.due_on, (f.received_at at time zone %(zone)s)::date) end ended_on
    from accounts_objective f
    where f.account_id = c.account_id and {KNOWN} and f.status <> 'dropped'
    and (f.set_on is null or f.set_on <= c.day)
) f on true""",
)


@metric(
    label="Objectives on track",
    group=MetricGroup.OUTCOMES,
    unit="%",
    why="Customers stay for what they achieve, not for what they use.",
    when="Accounts with which objectives were agreed.",
    scale="0:0, 40:40, 70:70, 100:100",
    scale_source=OWN,
    nothing=Nothing.MISSING,
    opinion=False,
    streams=("objectives",),
    window=90,
    high=100.0,
    parts=("objectives achieved or on track", "objectives open or due"),
    reach=34.0,
)
def objectives_on_track(window: int) -> Shape:
    """Objectives achieved or on track ÷ objectives open at the end of the day, or due or achieved in the window × 100.
    Dropped ones do not count."""
    counts = (
        f"(f.ended_on is null or f.ended_on > c.day - {window} or f.due_on > c.day - {window} and f.due_on <= c.day)"
    )
    good = Column(OBJECTIVES, f"count(*) filter (where f.status in ('achieved', 'on_track') and {counts})")
    count = Column(OBJECTIVES, f"count(*) filter (where {counts})")
    return Shape((good, count), alone(good), alone(count), times=100)
