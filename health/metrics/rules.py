"""Everything besides a scorecard that can move a reading: the contents of a settings version."""

import datetime as dt
from dataclasses import dataclass

RECENT_WORKING_DAYS = 5
RECENT_AT_MOST = 14


# Events of Segment's specification that mean something by their name: https://segment.com/docs/connections/spec/
STANDARD_ROLES = (
    ("Application Backgrounded", "background"),
    ("Application Crashed", "background"),
    ("Application Installed", "background"),
    ("Application Updated", "background"),
    ("Checkout Started", "checkout started"),
    ("Email Bounced", "background"),
    ("Email Delivered", "background"),
    ("Email Link Clicked", "background"),
    ("Email Marked as Spam", "background"),
    ("Email Opened", "background"),
    ("Experiment Viewed", "background"),
    ("Install Attributed", "background"),
    ("Invite Sent", "invitation"),
    ("Order Completed", "order completed"),
    ("Push Notification Bounced", "background"),
    ("Push Notification Received", "background"),
    ("Signed In", "login"),
    ("Signed Up", "sign-up"),
    ("Trial Ended", "background"),
    ("Trial Started", "trial started"),
    ("Unsubscribed", "background"),
)


Path = tuple[str, str, str, str, int]
PEOPLE, SESSIONS = "people", "sessions"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """See the catalog's conventions for what each of these decides."""

    hold_days: int = 7
    weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    holidays: frozenset[dt.date] = frozenset()
    key_roles: tuple[str, ...] = ("champion", "executive_sponsor", "decision_maker", "admin")
    core_features: tuple[str, ...] = ()
    # (name of an event, or any track, page or screen; role). See `accounts.meanings` for roles that decide what counts.
    event_roles: tuple[tuple[str, str], ...] = STANDARD_ROLES
    # (name, role that begins it, role that ends it, people or sessions, days until it is judged): what should be reached,
    # and what should be finished.
    goals: tuple[Path, ...] = ()
    pairs: tuple[Path, ...] = ()
    grace_days: int = 30
    response_days: int = 7
    reopen_days: int = 7
    # The event that counts in an account's first week, any use where it is empty, and how often is a good week.
    week1_event: str = ""
    week1_target: int = 20
    currency: str = "USD"
    # (currency, valid from, units of the reporting currency for one of it)
    rates: tuple[tuple[str, dt.date, float], ...] = ()

    @property
    def sequences(self) -> tuple[tuple[str, str], ...]:
        """The roles of goals and pairs, as the roller has to tell of them."""
        return tuple(dict.fromkeys((begins, ends) for _, begins, ends, _, _ in (*self.goals, *self.pairs)))

    def is_working(self, day: dt.date) -> bool:
        return day.isoweekday() in self.weekdays and day not in self.holidays

    def work_from(self, day: dt.date) -> dt.date:
        """The earliest of the last five working days up to `day`, looking at most fourteen days back."""
        back = [day - dt.timedelta(days=days) for days in range(RECENT_AT_MOST)]
        working = [one for one in back if self.is_working(one)][:RECENT_WORKING_DAYS]
        return working[-1] if working else day
