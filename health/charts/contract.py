"""What an account has bought, as known now, and how many licenses that made on each day."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from accounts import calendar
from accounts.models import Account, License, Renewal
from health.charts.spans import DAY, Period
from health.metrics.cases import Cases
from health.metrics.licenses import SEATS, UNLIMITED
from health.metrics.read import summed
from health.metrics.rules import Rules


@dataclass(frozen=True)
class Contract:
    """Licenses by when they begin, and renewals."""

    licenses: tuple[License, ...]
    renewals: tuple[Renewal, ...]
    grace: int

    @classmethod
    def of(cls, account: Account, rules: Rules) -> "Contract":
        licenses = License.objects.known().filter(account=account).order_by("starts_on", "record")
        return cls(tuple(licenses), tuple(Renewal.objects.known().filter(account=account)), rules.grace_days)

    def turns(self) -> Iterator[dt.date]:
        """Every day on which the licenses in force may become others."""
        for one in self.licenses:
            yield one.starts_on
            if one.canceled_on is not None:
                yield one.canceled_on
            if one.ends_on is not None:
                yield from (one.ends_on + DAY, one.ends_on + (self.grace + 1) * DAY)
        for renewal in self.renewals:
            if renewal.outcome != Renewal.Outcome.UNDECIDED:
                yield decided_on(renewal)


def decided_on(renewal: Renewal) -> dt.date:
    """A decision on no stated day was made when it was due, or earlier, when we learned of it."""
    day: dt.date = renewal.decided_on or min(renewal.due_on, calendar.day_of(renewal.received_at))
    return day


@dataclass(frozen=True)
class Step:
    """From a day on: the licenses in force, None where none counts any, or where one of them is unlimited."""

    day: dt.date
    seats: int | None
    unlimited: bool


def steps(account: Account, period: Period, contract: Contract, rules: Rules) -> tuple[Step, ...]:
    """How many licenses there were, as the metrics count them, in one query for all days on which that may change."""
    days = sorted({period.first, *(day for day in contract.turns() if day in period)})
    if not contract.licenses:
        return ()
    found = summed([SEATS, UNLIMITED], Cases([account.pk] * len(days), days), days, rules)
    each = (
        Step(day, None if without or not seats else int(seats), bool(without))
        for day, seats, without in zip(days, found[SEATS].tolist(), found[UNLIMITED].tolist(), strict=True)
    )
    return tuple(_changes(tuple(each)))


def _changes(found: Sequence[Step]) -> Iterator[Step]:
    """The steps that differ from the one before."""
    before = None
    for step in found:
        if before is None or (step.seats, step.unlimited) != (before.seats, before.unlimited):
            yield step
        before = step
