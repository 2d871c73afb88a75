"""The rows behind one account on one day, as known at one moment."""

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

Row = Any
DAY = dt.timedelta(days=1)


def ask(sql: str, *given: Any) -> list[Row]:
    """Rows by their columns' names."""
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        names = [column.name for column in cursor.description]
        return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def day_of(moment: dt.datetime) -> dt.date:
    return moment.astimezone(ZoneInfo(settings.ORGANIZATION_TIME_ZONE)).date()


def start_of(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(settings.ORGANIZATION_TIME_ZONE))


@dataclass(frozen=True)
class Case:
    """An account on a day. `known_at` is the moment by which a fact must have been received to count."""

    account: int
    day: dt.date
    known_at: dt.datetime
    settings: dict[str, Any]
    read: dict[str, list[Row]] = field(default_factory=dict, repr=False)

    def on(self, day: dt.date) -> "Case":
        return Case(self.account, day, self.known_at, self.settings)

    @property
    def ends(self) -> dt.datetime:
        return start_of(self.day + DAY)

    def is_known(self, row: Row) -> bool:
        return row.received_at <= self.known_at and (row.superseded_at is None or row.superseded_at > self.known_at)

    def known(self, table: str) -> list[Row]:
        """The versions of the account's records that were known."""
        if table not in self.read:
            rows = ask(f"select * from {table} where account_id = %s", self.account)
            self.read[table] = [row for row in rows if self.is_known(row)]
        return self.read[table]

    def happened(self, table: str, window: int = 10_000) -> list[Row]:
        """What happened in the window, known then. A window does not reach before the account's life."""
        return [row for row in self.known(table) if self.in_window(day_of(row.at), window)]

    def in_window(self, day: dt.date, window: int) -> bool:
        return max(self.day - (window - 1) * DAY, self.born) <= day <= self.day

    @cached_property
    def born(self) -> dt.date:
        """The start of its first license; without one, when it was first mentioned."""
        begun = [row.starts_on for row in self.known("accounts_license") if row.starts_on <= self.day]
        if not begun:
            mentions = ask(
                "select created_at as at from accounts_account where id = %s union all "
                "select first_received_at from accounts_accountstream where account_id = %s",
                self.account, self.account,
            )  # fmt: skip
            begun = [day_of(min(row.at for row in mentions))]
        first: dt.date = min(*begun, self.day)
        return first

    @property
    def lived(self) -> int:
        return (self.day - self.born).days + 1

    # --- Usage ---

    @cached_property
    def internal(self) -> set[int]:
        return {row.record for row in self.known("accounts_enduser") if row.internal}

    @cached_property
    def user_days(self) -> list[Row]:
        """What end users did, each with the last day that the count covers."""
        known_on, internal = day_of(self.known_at), self.internal
        rows = ask("select * from accounts_userday where account_id = %s and events > 0", self.account)
        found = []
        for row in rows:
            row.last = row.day + (row.grain - 1) * DAY
            is_known = row.received_on <= known_on and (row.superseded_on is None or row.superseded_on > known_on)
            if is_known and row.end_user_record not in internal and self.born <= row.last <= self.day:
                found.append(row)
        return found

    def active(self, days: int, until: int = 0) -> set[int]:
        """The end users active in `days` days that end `until` days before."""
        first, last = self.day - (days + until) * DAY, self.day - until * DAY
        return {row.end_user_record for row in self.user_days if first < row.last <= last}

    def is_working(self, day: dt.date) -> bool:
        return day.isoweekday() in self.settings["weekdays"] and day.isoformat() not in self.settings["holidays"]

    # --- Money ---

    def rate(self, currency: str, day: dt.date) -> float | None:
        """Units of the organization's currency for one of this, on the day."""
        if currency == self.settings["currency"]:
            return 1.0
        rates = [(begins, rate) for name, begins, rate in self.settings["rates"] if name == currency]
        begun = [one for one in rates if dt.date.fromisoformat(one[0]) <= day]
        return max(begun)[1] if begun else None

    def in_force(self, day: dt.date) -> list[Row]:
        """The licenses in force on a day."""
        known = self.known("accounts_license")
        return [one for one in known if self._runs(one, day) and not self._replaced(one, known, day)]

    def _runs(self, one: Row, day: dt.date) -> bool:
        if one.starts_on > day or (one.canceled_on is not None and one.canceled_on <= day):
            return False
        if one.ends_on is None or one.ends_on >= day:
            return True
        grace = self.settings["grace_days"]
        return one.ends_on + grace * DAY >= day and not any(
            self._decides(renewal, one, grace) and self._decided_on(renewal) <= day
            for renewal in self.known("accounts_renewal")
        )

    @staticmethod
    def _decides(renewal: Row, one: Row, grace: int) -> bool:
        if renewal.outcome == "undecided":
            return False
        if renewal.license_record is not None:
            return bool(renewal.license_record == one.record)
        return bool(abs((renewal.due_on - one.ends_on).days) <= grace)

    @staticmethod
    def _decided_on(renewal: Row) -> dt.date:
        decided: dt.date = renewal.decided_on or min(renewal.due_on, day_of(renewal.received_at))
        return decided

    @staticmethod
    def _replaced(one: Row, known: list[Row], day: dt.date) -> bool:
        return any(
            other.record != one.record
            and other.product_record == one.product_record
            and one.ends_on is not None
            and one.ends_on <= other.starts_on <= day
            and (other.starts_on, other.record) > (one.starts_on, one.record)
            for other in known
        )

    def arr(self, day: dt.date) -> tuple[float, int, int]:
        """ARR of a day at the rates of the case's, with the numbers of amounts converted and left out."""
        times = {"month": 12, "quarter": 4, "half_year": 2, "year": 1}
        total, converted, left_out = 0.0, 0, 0
        for one in self.in_force(day):
            if one.amount is None or one.interval == "once":
                continue
            rate = self.rate(one.currency, self.day)
            if rate is None:
                left_out += 1
            else:
                converted += 1
                total += float(one.amount) * times[one.interval] * rate
        return total, converted, left_out

    # --- Tickets ---

    def tickets(self) -> list[Row]:
        """Each ticket's course to the end of the day, read event by event."""
        courses: dict[int, list[Row]] = {}
        for event in self.known("support_ticketevent"):
            if event.at < self.ends and event.kind not in ("category", "priority"):
                courses.setdefault(event.ticket_record, []).append(event)
        return [_ticket(sorted(course, key=lambda event: (event.at, event.record))) for course in courses.values()]


def _ticket(course: list[Row]) -> Row:
    def when(kind: str) -> list[dt.datetime]:
        return [event.at for event in course if event.kind == kind]

    ticket = SimpleNamespace(began=course[0].at, opened=None, is_open=True, escalated=None)
    if when("opened"):
        ticket.opened = when("opened")[0]
    for event in course:
        if event.kind == "solved":
            ticket.is_open = False
        elif event.kind == "reopened":
            ticket.is_open = True
        elif event.kind == "escalated" and ticket.escalated is None:
            ticket.escalated = event.at
        elif event.kind == "de_escalated":
            ticket.escalated = None
    ticket.replied = when("replied")[0] if when("replied") else None
    ticket.solved = when("solved")[0] if when("solved") else None
    ticket.solved_last = when("solved")[-1] if when("solved") else None
    ticket.told = not any(event.derived for event in course)
    ticket.replies = sum(ticket.solved is not None and at <= ticket.solved for at in when("replied"))
    after = [at for at in when("reopened") if ticket.solved is not None and at > ticket.solved]
    ticket.reopened = after[0] if after else None
    return ticket
