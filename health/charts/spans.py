"""How far back charts reach."""

import datetime as dt
import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Min

from accounts.models import Account, UserDay
from health.models import Snapshot

DAY = dt.timedelta(days=1)
LONGEST = 3650
# Up to so many days a table has a row for each, beyond that one for each week.
DAILY = 180
READ = 400


class Span(enum.StrEnum):
    """A span as the address says it."""

    QUARTER = "90d"
    HALF = "180d"
    YEAR = "1y"
    ALL = "all"

    @property
    def label(self) -> str:
        return "All" if self is Span.ALL else f"{self[:-1]}\N{NO-BREAK SPACE}{self[-1]}"

    @property
    def days(self) -> int:
        return {Span.QUARTER: 90, Span.HALF: 180, Span.YEAR: 365}.get(self, LONGEST)

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Span":
        """What the address asks for; whatever is none is ignored."""
        return next((span for span in cls if span == query.get("range")), cls.HALF)


@dataclass(frozen=True)
class Period:
    """The days that charts show, both ends included."""

    span: Span
    first: dt.date
    last: dt.date
    spans: tuple[Span, ...] = tuple(Span)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def says(self) -> str:
        return f"since {self.first:%b} {self.first.year}" if self.span is Span.ALL else self.span.label

    def __contains__(self, day: dt.date) -> bool:
        return self.first <= day <= self.last

    def __iter__(self) -> Iterator[dt.date]:
        return (self.first + number * DAY for number in range(self.days))

    def place(self, day: dt.date) -> float:
        """Where a day lies, from 0 to 100."""
        return 100 * (day - self.first).days / max(self.days - 1, 1)

    @property
    def is_daily(self) -> bool:
        return self.days <= DAILY

    @property
    def read_days(self) -> list[dt.date]:
        """The days of which a chart says its values, earliest first: each, of long spans the last of each week."""
        step = 1 if self.days <= READ else 7
        return [self.last - number * DAY for number in range(0, self.days, step)][::-1]

    @property
    def table_days(self) -> list[dt.date]:
        """The days of a table, newest first: each, or the last of each week."""
        step = 1 if self.is_daily else 7
        return [self.last - number * DAY for number in range(0, self.days, step)]


def period(account: Account, span: Span, last: dt.date) -> Period:
    """The days of a span that ends with `last`. All is since the first score or the first use."""
    if span is not Span.ALL:
        return Period(span, last - (span.days - 1) * DAY, last)
    scored = Snapshot.objects.filter(account=account).aggregate(first=Min("day"))["first"]
    used = UserDay.objects.known().filter(account=account).aggregate(first=Min("day"))["first"]
    first = min(day for day in (scored, used, last) if day is not None)
    return Period(span, max(first, last - LONGEST * DAY), last)
