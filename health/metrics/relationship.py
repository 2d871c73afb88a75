"""Facts about the people on the other side: who is in place, when we met, and what the CSM makes of it."""

import numpy as np

from health.metrics.known import DAY_ENDS, KNOWN, KNOWN_ON, day_of, days_back, its, number_of
from health.metrics.shapes import Column, Facts
from health.metrics.usage import IN_REACH, LAST

IN_TIME = f"f.at >= {days_back('{reach}')} and f.at < {DAY_ENDS} and {KNOWN}"

TOUCHPOINTS = Facts("touchpoints", f"join accounts_touchpoint f on f.account_id = c.account_id and {IN_TIME}")
# Kinds of touchpoint that somebody can fail to come to.
APPOINTMENTS = ("meeting", "call", "business_review", "training", "interview")
# Beyond this nobody asks how long ago the last one was.
LAST_TOUCHPOINT_REACH = 400

PULSES = Facts("pulses", f"join accounts_pulse f on f.account_id = c.account_id and {IN_TIME}")

# A stakeholder is in force from `since`, and on the day they leave no longer.
IN_FORCE = f"""f.account_id = c.account_id and {KNOWN}
    and (f.since is null or f.since <= c.day) and (f.left_on is null or f.left_on > c.day)"""
STAKEHOLDERS = Facts("stakeholders in force", f"join accounts_stakeholder f on {IN_FORCE}")

# Every day on which somebody was in touch, by each way: a touchpoint held, an answer, and product use by linked end users.
_LINKED = f"""select f.record, f.stakeholder_record from accounts_enduser f
    where f.account_id = c.account_id and f.stakeholder_record is not null and not f.internal and {KNOWN}"""
_MET = f"""select unnest(f.participants) as record, {day_of("f.at")} as day from accounts_touchpoint f
    where f.account_id = c.account_id and f.status = 'held' and {IN_TIME}"""
_ANSWERED = f"""select unnest(array[coalesce(f.stakeholder_record, asked.stakeholder_record), linked.stakeholder_record]), {day_of("f.at")}
    from surveys_response f {its("surveys_request", "asked", "f.request_record")}
    left join linked on linked.record = coalesce(f.end_user_record, asked.end_user_record)
    where f.account_id = c.account_id and {IN_TIME}"""
_USED = f"""select linked.stakeholder_record, {LAST}
    from accounts_userday f join linked on linked.record = f.end_user_record
    where f.account_id = c.account_id and f.end_user_record = any(array(select record from linked)) and f.events > 0
    and {IN_REACH} and {KNOWN_ON}"""

KEY_CONTACTS = Facts(
    "key contacts",
    f"""join lateral (
    with linked as materialized ({_LINKED}), in_touch as materialized ({_MET} union all {_ANSWERED} union all {_USED})
    select f.record, (select max(in_touch.day) from in_touch where in_touch.record = f.record) as last
    from accounts_stakeholder f where {IN_FORCE} and f.role = any(%(key_roles)s)
) f on true""",
    lambda rules: {"key_roles": list(rules.key_roles)},
)


def touchpoints_of(days: int, kind: str | None = None) -> Column:
    """Touchpoints held in the window, of one kind or of all."""
    of_kind = "" if kind is None else " and f.kind = %(argument)s"
    return Column(
        TOUCHPOINTS,
        f"count(*) filter (where f.status = 'held' and f.at >= {days_back(days)}{of_kind})",
        reach=days,
        argument=kind,
    )


def appointments(days: int, *statuses: str) -> Column:
    """Appointments of the window that ended so."""
    ended, kinds = (", ".join(f"'{word}'" for word in words) for words in (statuses, APPOINTMENTS))
    return Column(
        TOUCHPOINTS,
        f"count(*) filter (where f.status in ({ended}) and f.kind in ({kinds}) and f.at >= {days_back(days)})",
        reach=days,
    )


def last_touchpoint() -> Column:
    """The day of the last touchpoint held, as its number; NaN where there was none."""
    return Column(
        TOUCHPOINTS,
        number_of(f"max({day_of('f.at')}) filter (where f.status = 'held')"),
        reach=LAST_TOUCHPOINT_REACH,
        empty=np.nan,
        additive=False,
    )


def in_role(role: str) -> Column:
    """1 where a stakeholder of that role is in place."""
    return Column(STAKEHOLDERS, f"count(distinct f.role) filter (where f.role = '{role}')", additive=False)
