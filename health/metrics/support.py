"""Support: how much customers ask, how fast they are helped, and what still waits.

Everything is read from the course of tickets, event by event, so that a day in the past reads as it was.
"""

import numpy as np

from health.metrics.adoption import OWN
from health.metrics.declare import Above, MetricGroup, Nothing, metric
from health.metrics.known import DAY_ENDS, KNOWN, days_back
from health.metrics.shapes import Column, Facts, Shape, alone
from health.scoring.path import Moves

# Where a source tells the events themselves, they count; else they are derived from how its tickets stand.
STREAMS = ("tickets", "ticket-events?")


def _day(moment: str) -> str:
    """The organization's day of a moment."""
    return f"(({moment}) at time zone %(zone)s)::date"


def _hours(since: str, until: str) -> str:
    """Calendar hours from one moment to another; none where the first comes later."""
    return f"greatest(extract(epoch from {until} - {since}) / 3600, 0)"


# One row a ticket, as it stands at the end of the day. A ticket whose opening nobody told began with its first event, but
# was opened on no day. Solved and reopened at the same moment: what was told later holds.
TICKETS = Facts(
    "tickets",
    f"""join lateral (
    select
        f.ticket_record,
        min(f.at) began_at,
        min(f.at) filter (where f.kind = 'opened') opened_at,
        min(f.at) filter (where f.kind = 'replied') replied_at,
        f.first_solved_at,
        count(*) filter (where f.kind = 'replied' and f.at <= f.first_solved_at) replies,
        bool_and(not f.derived) told,
        min(f.at) filter (where f.kind = 'reopened' and f.at > f.first_solved_at) first_reopened_at,
        max(f.at) filter (where f.kind = 'solved') solved_at,
        coalesce(
            row(max(f.at) filter (where f.kind = 'reopened'), max(f.record) filter (where f.kind = 'reopened'))
            > row(max(f.at) filter (where f.kind = 'solved'), max(f.record) filter (where f.kind = 'solved')),
            f.first_solved_at is null
        ) is_open,
        min(f.at) filter (where f.kind = 'escalated' and (f.calmed_at is null or f.at > f.calmed_at)) escalated_at
    from (
        select f.*,
            min(f.at) filter (where f.kind = 'solved') over ticket first_solved_at,
            max(f.at) filter (where f.kind = 'de_escalated') over ticket calmed_at
        from support_ticketevent f
        where f.account_id = c.account_id and f.at < {DAY_ENDS} and f.kind not in ('category', 'priority') and {KNOWN}
        window ticket as (partition by f.ticket_record)
    ) f
    group by f.ticket_record, f.first_solved_at
) f on true""",
    lambda rules: {"reopen_days": rules.reopen_days},
)

OPEN = Column(TICKETS, "count(*) filter (where f.is_open)")
ESCALATED = Column(TICKETS, "count(*) filter (where f.is_open and f.escalated_at is not null)")


def opened(window: int) -> Column:
    """Tickets opened in the window."""
    return Column(TICKETS, f"count(*) filter (where f.opened_at >= {days_back(window)})")


def _median_hours(window: int, until: str) -> Column:
    """Median hours from opening until something, of the tickets opened in the window."""
    return Column(
        TICKETS,
        f"percentile_cont(0.5) within group (order by {_hours('f.opened_at', until)}) "
        f"filter (where f.opened_at >= {days_back(window)})",
        empty=np.nan,
        additive=False,
    )


@metric(
    label="Tickets opened",
    group=MetricGroup.SUPPORT,
    unit="tickets",
    why="Many questions mean that something does not work, or is not understood.",
    when="Every account with a help desk; compare an account with itself, since large ones ask more.",
    scale="0:100, 5:70, 15:40, 40:0",
    scale_source=OWN,
    nothing=Nothing.ZERO,
    streams=STREAMS,
    window=30,
    moves=Moves.TIME,
    step=1.0,
    decimals=0,
    reach=5.0,
)
def ticket_volume(window: int) -> Shape:
    """Tickets opened in the window."""
    count = opened(window)
    return Shape((count,), alone(count))


@metric(
    label="Open tickets",
    group=MetricGroup.SUPPORT,
    unit="tickets",
    why="What waits for an answer weighs on the customer every day.",
    when="Every account with a help desk.",
    scale="0:100, 3:70, 8:40, 20:0",
    scale_source=OWN,
    nothing=Nothing.ZERO,
    streams=STREAMS,
    step=1.0,
    min_days=0,
    decimals=0,
    reach=5.0,
)
def open_tickets() -> Shape:
    """Tickets open at the end of the day: not solved, or reopened after their last solution."""
    return Shape((OPEN,), alone(OPEN))


@metric(
    label="Escalated tickets",
    group=MetricGroup.SUPPORT,
    unit="tickets",
    why="An escalation is a customer who has run out of patience.",
    when="Every account with a help desk that knows escalations.",
    scale="0:100, 1:40, 3:0",
    scale_source=OWN,
    nothing=Nothing.ZERO,
    streams=STREAMS,
    step=1.0,
    min_days=0,
    decimals=0,
    reach=3.0,
)
def escalated_tickets() -> Shape:
    """Open tickets whose escalation still stands at the end of the day."""
    return Shape((ESCALATED,), alone(ESCALATED))


@metric(
    label="Oldest open ticket",
    group=MetricGroup.SUPPORT,
    unit="days",
    why="One question that nobody answers can cost more than ten that are.",
    when="Every account with a help desk.",
    scale="0:100, 7:70, 21:40, 60:0",
    scale_source=OWN,
    nothing=Nothing.ZERO,
    streams=STREAMS,
    above=Above.WORST,
    moves=Moves.TIME,
    step=1.0,
    min_days=0,
    decimals=0,
)
def oldest_open_ticket() -> Shape:
    """Days since the oldest open ticket was opened; 0 where none is open."""
    began = _day("coalesce(f.opened_at, f.began_at)")
    age = Column(TICKETS, f"max(c.day - {began}) filter (where f.is_open)", additive=False)
    return Shape((age, OPEN), alone(age), n=alone(OPEN))


@metric(
    label="Oldest escalated ticket",
    group=MetricGroup.SUPPORT,
    unit="days",
    why="An escalation that goes on tells the customer that it changed nothing.",
    when="Every account with a help desk that knows escalations.",
    scale="0:100, 3:70, 7:40, 21:0",
    scale_source=OWN,
    nothing=Nothing.ZERO,
    streams=STREAMS,
    above=Above.WORST,
    moves=Moves.TIME,
    step=1.0,
    min_days=0,
    decimals=0,
)
def oldest_escalated_ticket() -> Shape:
    """Days since the earliest escalation that still stands, of open tickets; 0 where there is none."""
    age = Column(TICKETS, f"max(c.day - {_day('f.escalated_at')}) filter (where f.is_open)", additive=False)
    return Shape((age, ESCALATED), alone(age), n=alone(ESCALATED))


@metric(
    label="First response time",
    group=MetricGroup.SUPPORT,
    unit="hours",
    why="A quick first answer says that somebody cares, long before the problem is solved.",
    when="Every account with a help desk.",
    scale="1:100, 8:70, 24:40, 72:0",
    scale_source=OWN,
    nothing=Nothing.MISSING,
    opinion=False,
    streams=STREAMS,
    window=30,
    reach=8.0,
)
def first_response_time(window: int) -> Shape:
    """Median hours from opening to the first public reply, of tickets opened in the window. One solved without a reply
    enters with the hours to its solution, one that still waits with those it has waited."""
    hours = _median_hours(window, f"coalesce(f.replied_at, f.first_solved_at, {DAY_ENDS})")
    count = opened(window)
    return Shape((hours, count), alone(hours), n=alone(count))


@metric(
    label="Resolution time",
    group=MetricGroup.SUPPORT,
    unit="hours",
    why="How long a customer has to live with a problem.",
    when="Every account with a help desk.",
    scale="4:100, 24:70, 72:40, 240:0",
    scale_source=OWN,
    nothing=Nothing.MISSING,
    opinion=False,
    streams=STREAMS,
    window=30,
    reach=24.0,
)
def resolution_time(window: int) -> Shape:
    """Median hours from opening to the last solution, of tickets opened in the window; an open one enters with its age."""
    hours = _median_hours(window, f"(case when f.is_open then {DAY_ENDS} else f.solved_at end)")
    count = opened(window)
    return Shape((hours, count), alone(hours), n=alone(count))


@metric(
    label="First-contact resolution",
    group=MetricGroup.SUPPORT,
    unit="%",
    why="Customers whose question one answer settles have little to complain about.",
    when="Help desks that send the events of their tickets: only those tell how many replies it took.",
    scale="0:0, 40:40, 70:70, 90:100",
    scale_source="about 70 % is the average usually quoted for contact centers; the rest is Verdant's own starting point",
    nothing=Nothing.MISSING,
    opinion=False,
    streams=STREAMS,
    window=90,
    high=100.0,
    parts=("tickets solved by one reply", "tickets solved"),
    reach=20.0,
)
def first_contact_resolution(window: int) -> Shape:
    """Tickets solved by one reply and not reopened within seven days ÷ tickets solved × 100. A ticket counts by its first
    solution, in the window and at least seven days ago."""
    solved = f"f.told and f.first_solved_at >= {days_back(window)} and {_day('f.first_solved_at')} <= c.day - %(reopen_days)s"
    again = f"{_day('f.first_reopened_at')} <= {_day('f.first_solved_at')} + %(reopen_days)s"
    at_once = Column(TICKETS, f"count(*) filter (where {solved} and f.replies = 1 and ({again}) is not true)")
    count = Column(TICKETS, f"count(*) filter (where {solved})")
    return Shape((at_once, count), alone(at_once), alone(count), times=100)
