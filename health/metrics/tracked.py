"""Facts about what was tracked of end users: how often they logged in, their sessions, and how long they were active.

An account of which nothing was ever tracked has none of these: nothing is read of it, never 0.
"""

from typing import Any

import numpy as np

from accounts.models import Origin
from health.metrics.known import KNOWN_ON
from health.metrics.shapes import Column, Facts, Frame, Part, Shape
from health.metrics.usage import IN_REACH, LAST_USE_REACH, OURSELVES, active_users
from health.scoring.scale import Floats

TRACKED = Origin.TRACKED.value
OF_CASE = f"""f.account_id = c.account_id and f.origin = {TRACKED} and {IN_REACH} and {KNOWN_ON}
    and not {OURSELVES}"""

TRACKED_DAYS = Facts("tracked days of end users", f"join accounts_userday f on {OF_CASE}")
SESSIONS = Facts(
    "sessions",
    f"""join accounts_userday f on {OF_CASE}
    cross join lateral unnest(f.session_seconds) with ordinality session(seconds, nth)""",
)
# Looked for from the newest on, and only where somebody who is tracked belongs.
TRACKED_AT_ALL = Facts(
    "whether anything was tracked",
    f"""join lateral (
    select f.day from accounts_userday f
    where f.account_id = c.account_id and f.origin = {TRACKED} and {KNOWN_ON} and f.day between c.born and c.day
    and f.day <= %(last_day)s::date and f.day > %(first_day)s::date - {LAST_USE_REACH}
    and exists (select from accounts_eventmembership member where member.account_id = c.account_id)
    order by f.day desc limit 1
) f on true""",
)
_AT_ALL = Column(TRACKED_AT_ALL, "count(*)")

# Where the source of an event never told of a login, a session counts.
LOGINS = "coalesce(f.logins, f.sessions)"


def _summed(what: str, days: int) -> Column:
    return Column(TRACKED_DAYS, f"sum({what}) filter (where f.day > c.day - {days})", reach=days)


def logins(days: int) -> Column:
    """Logins of the window; sessions where the source tells of no logins."""
    return _summed(LOGINS, days)


def active_minutes(days: int) -> Column:
    """Minutes of active time in sessions that began in the window."""
    return _summed("f.active_seconds / 60.0", days)


def tracked_users(days: int) -> Column:
    """Distinct end users who were active in the window, of those who are tracked."""
    return Column(
        TRACKED_DAYS,
        f"count(distinct f.end_user_record) filter (where f.events > 0 and f.day > c.day - {days})",
        reach=days,
    )


def sessions(days: int) -> Column:
    """Sessions that began in the window."""
    return Column(SESSIONS, f"count(*) filter (where f.day > c.day - {days})", reach=days)


def median_minutes(days: int) -> Column:
    """The median length of sessions that began in the window; NaN without any."""
    return Column(
        SESSIONS,
        f"percentile_cont(0.5) within group (order by session.seconds / 60.0) filter (where f.day > c.day - {days})",
        reach=days,
        empty=np.nan,
        additive=False,
    )


def of_tracked(window: int, columns: tuple[Column, ...], part: Part, of: Part | None = None, **more: Any) -> Shape:
    """A shape of what is tracked: dead where something once was and nobody is active any more."""
    active = active_users(window)

    def dead(frame: Frame) -> Floats:
        return np.where((frame[active] == 0) & (frame[_AT_ALL] > 0), 0.0, np.nan)

    return Shape((*columns, active, _AT_ALL), part, of, dead=dead, **more)
