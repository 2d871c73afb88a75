"""Days of the organization: a day begins and ends at midnight in `ORGANIZATION_TIME_ZONE` and may have 23 to 25 hours."""

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings

MICROSECOND = dt.timedelta(microseconds=1)


def zone() -> ZoneInfo:
    return ZoneInfo(settings.ORGANIZATION_TIME_ZONE)


def start_of(day: dt.date) -> dt.datetime:
    return _midnight(day, zone())


# Every count of a file asks for the beginning or the end of one of its few days.
@lru_cache(maxsize=4_000)
def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.min, zone)


@lru_cache(maxsize=4_000)
def _last_moment(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return _midnight(day + dt.timedelta(days=1), zone) - MICROSECOND


def end_of(day: dt.date) -> dt.datetime:
    """The last microsecond of `day`."""
    return _last_moment(day, zone())


def day_of(moment: dt.datetime) -> dt.date:
    return moment.astimezone(zone()).date()
