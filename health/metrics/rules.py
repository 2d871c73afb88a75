"""Everything besides a scorecard that can move a reading: the contents of a settings version."""

import datetime as dt
from dataclasses import dataclass

RECENT_WORKING_DAYS = 5
RECENT_AT_MOST = 14


@dataclass(frozen=True, kw_only=True)
class Rules:
    """See the catalog's conventions for what each of these decides."""

    hold_days: int = 7
    weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    holidays: frozenset[dt.date] = frozenset()
    key_roles: tuple[str, ...] = ("champion", "executive_sponsor", "decision_maker", "admin")
    core_features: tuple[str, ...] = ()
    grace_days: int = 30
    response_days: int = 7
    reopen_days: int = 7
    currency: str = "USD"
    # (currency, valid from, units of the reporting currency for one of it)
    rates: tuple[tuple[str, dt.date, float], ...] = ()

    def is_working(self, day: dt.date) -> bool:
        return day.isoweekday() in self.weekdays and day not in self.holidays

    def work_from(self, day: dt.date) -> dt.date:
        """The earliest of the last five working days up to `day`, looking at most fourteen days back."""
        back = [day - dt.timedelta(days=days) for days in range(RECENT_AT_MOST)]
        working = [one for one in back if self.is_working(one)][:RECENT_WORKING_DAYS]
        return working[-1] if working else day
