"""Facts about who used the product, and the seats they could have."""

import numpy as np
from numpy.typing import NDArray

from accounts.models import Origin
from health.metrics.activity import Bitmaps, Last, Span
from health.metrics.cases import dates
from health.metrics.known import KNOWN, KNOWN_ON, day_of, known
from health.metrics.rules import RECENT_AT_MOST
from health.metrics.shapes import Column, Facts, Frame
from health.scoring.scale import Floats

# A count covers the days up to its last one. Windows are cut to the account's life.
COUNTED = Origin.COUNTED.value
LAST = "(f.day + f.grain - 1)"
IN_REACH = f"""f.day > %(first_day)s::date - {{reach}} - 6 and f.day <= %(last_day)s::date
    and f.day > c.day - {{reach}} - 6 and f.day <= c.day
    and {LAST} between greatest(c.day - {{reach}} + 1, c.born) and c.day"""

# Internal users, such as our own staff, never count. They are few: most are none by a look at a list.
OURSELVES = f"""(f.end_user_record in (select record from accounts_enduser where internal) and exists (
    select from accounts_enduser internal
    where internal.record = f.end_user_record and internal.internal and {known("internal")}
))"""
_ACTIVITY = Bitmaps("accounts_useractivity", "end_user_record", f"not {OURSELVES}")
USER_DAYS = Facts(
    "days of end users",
    f"""join accounts_userday f on f.account_id = c.account_id and f.events > 0 and {IN_REACH} and {KNOWN_ON}
    and not {OURSELVES}""",
    lambda rules: {"weekdays": sorted(rules.weekdays), "holidays": sorted(rules.holidays)},
    _ACTIVITY,
)
WORKING = "extract(isodow from f.day)::int = any(%(weekdays)s) and f.day <> all(%(holidays)s::date[])"
# Beyond this nobody asks how long ago a last use was.
LAST_USE_REACH = 400


def _last(grain: int, after: str) -> str:
    """The latest count of a grain that ends after a day. Looked for from the newest on, so that few rows are read."""
    return f"""select {LAST} as last from accounts_userday f
    where f.account_id = c.account_id and f.grain = {grain} and f.events > 0 and {KNOWN_ON} and not {OURSELVES}
    and f.day <= %(last_day)s::date and f.day > %(first_day)s::date - {LAST_USE_REACH} - 7
    and f.day <= c.day and f.day > {after} - 7 and {LAST} > {after} and {LAST} between c.born and c.day
    order by f.day desc limit 1"""


# Counts by the week matter only where they reach beyond those by the day.
LAST_USES = Facts(
    "last use",
    f"""left join lateral ({_last(1, f"(c.day - {LAST_USE_REACH})")}) by_day on true
left join lateral ({_last(7, f"coalesce(by_day.last, c.day - {LAST_USE_REACH})")}) by_week on true
cross join lateral (select by_day.last as by_day, by_week.last as by_week) f""",
    bitmaps=_ACTIVITY,
)

# Days of features that are counted count everybody. Where some end users are internal, what they did is taken off; what is
# tracked of them was never added.
BY_OURSELVES = f"""case when f.origin = {COUNTED} and c.account_id in (select account_id from accounts_enduser where internal) then (
        select coalesce(sum(own.count), 0) from accounts_usagecount own
        join accounts_enduser internal on internal.record = own.end_user_record and internal.internal
            and {known("internal")}
        where own.account_id = f.account_id and own.day = f.day and own.grain = f.grain
        and own.feature_id = f.feature_id and {day_of("own.received_at")} <= c.known_on
        and (own.superseded_at is null or {day_of("own.superseded_at")} > c.known_on)
    ) else 0 end"""

FEATURE_DAYS = Facts(
    "days of core features",
    f"""join accounts_featureday f on f.account_id = c.account_id and {IN_REACH} and {KNOWN_ON}
    and f.uses > {BY_OURSELVES}
    join accounts_feature feature on feature.id = f.feature_id and feature.name = any(%(core)s)""",
    lambda rules: {"core": list(rules.core_features)},
    Bitmaps(
        "accounts_featureactivity",
        "feature_id",
        "f.feature_id in (select id from accounts_feature where name = any(%(core)s))",
        # What they did is not known by the day.
        unsure="c.account_id in (select account_id from accounts_enduser where internal)",
    ),
)


def features_used(days: int) -> Column:
    """Distinct core features used in `days` days."""
    window = f"{LAST} > c.day - {days}"
    return Column(FEATURE_DAYS, f"count(distinct f.feature_id) filter (where {window})", reach=days, span=Span(days))


# What people did with features, record by record.
FEATURE_COUNTS = Facts(
    "counts of features",
    f"""join accounts_usagecount f on f.account_id = c.account_id and f.count > 0 and {IN_REACH} and {KNOWN}
    and not {OURSELVES} join accounts_feature feature on feature.id = f.feature_id""",
)


def active_users(days: int, until: int = 0) -> Column:
    """Distinct end users active in `days` days ending `until` days before the case's day."""
    window = f"{LAST} > c.day - {days + until}" + (f" and {LAST} <= c.day - {until}" if until else "")
    return Column(
        USER_DAYS,
        f"count(distinct f.end_user_record) filter (where {window})",
        reach=days + until,
        span=Span(days, until),
    )


# Who was counted and tracked on the same day was there once.
_TIMES = "count(distinct (f.end_user_record, f.day))"


def users_on_working_days(days: int) -> Column:
    """How many times an end user was active on a working day, of `days` days. Counts by the week do not tell."""
    return Column(
        USER_DAYS,
        f"{_TIMES} filter (where f.grain = 1 and f.day > c.day - {days} and {WORKING})",
        reach=days,
        span=Span(days, working=True),
    )


def users_on_last_working_days() -> Column:
    """The same, on the last five working days, at most fourteen days back."""
    return Column(
        USER_DAYS,
        f"{_TIMES} filter (where f.grain = 1 and f.day >= c.work_from and {WORKING})",
        reach=RECENT_AT_MOST,
        span=Span(RECENT_AT_MOST, working=True, recent=True),
    )


def _number(day: str) -> str:
    return f"max({day}) - date '0001-01-01' + 1"


def last_use() -> Column:
    """The last day of use, as its number; NaN where there was none."""
    return _last_use("greatest(f.by_day, f.by_week)", Last.EITHER, np.nan)


def _last_use(day: str, of: Last, nothing: float) -> Column:
    return Column(LAST_USES, _number(day), empty=nothing, additive=False, span=Span(LAST_USE_REACH, last=of))


LAST_BY_DAY = _last_use("f.by_day", Last.BY_DAY, -np.inf)
LAST_BY_WEEK = _last_use("f.by_week", Last.BY_WEEK, -np.inf)
# After so many days without a count by the day beside those by the week, usage comes by the week.
ONLY_WEEKS = 28


def only_by_week(frame: Frame) -> Floats:
    """1 where usage comes by the week, so that nothing can be said about days. It stays so when no more comes."""
    by_week = np.isfinite(frame[LAST_BY_WEEK])
    return np.asarray(by_week & (frame[LAST_BY_WEEK] - ONLY_WEEKS > frame[LAST_BY_DAY]), dtype=np.float64)


def working_days(frame: Frame, days: int) -> Floats:
    """Working days in the window, cut to the account's life."""
    return _working_days_between(frame, dates(frame.days) - (days - 1))


def last_working_days(frame: Frame) -> Floats:
    """How many of the last five working days the account has lived."""
    first = {day: frame.rules.work_from(day) for day in set(frame.days)}
    return _working_days_between(frame, dates([first[day] for day in frame.days]))


def _working_days_between(frame: Frame, starts: NDArray[np.datetime64]) -> Floats:
    rules = frame.rules
    mask = [weekday in rules.weekdays for weekday in range(1, 8)]
    holidays = np.asarray(sorted(rules.holidays), dtype="datetime64[D]")
    starts = np.maximum(starts, dates(frame.born))
    ends = dates(frame.days) + 1
    return np.busday_count(np.minimum(starts, ends), ends, weekmask=mask, holidays=holidays).astype(np.float64)
