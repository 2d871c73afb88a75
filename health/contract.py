"""What an account has bought, when that is decided again, and whether it is paid for."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, OuterRef

from accounts.models import Account, Invoice, License, Product, Renewal
from health.book import TIMES_A_YEAR, in_force, today
from health.metrics.rules import Rules

FEW = 10


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Licensed:
    """A license with its product's name, and whether it counts on a day."""

    license: License
    product: str
    in_force: bool

    @property
    def in_grace(self) -> bool:
        """Whether it has ended and counts on while its renewal is undecided."""
        return self.in_force and ends_on(self.license) < today()


@dataclass(frozen=True)
class Invoices:
    """All of them, the latest first. `overdue`: the day it was to be paid has passed, and neither has it been nor has the
    invoice been voided."""

    listed: tuple[Invoice, ...]
    overdue: tuple[Invoice, ...]

    @property
    def last_paid(self) -> Invoice | None:
        paid = [each for each in self.listed if each.paid_on]
        return max(paid, key=lambda each: (each.paid_on, each.issued_on), default=None)

    @property
    def next_due(self) -> Invoice | None:
        """The earliest that is open and not overdue yet."""
        late = {each.record for each in self.overdue}
        still = [each for each in self.listed if not each.paid_on and not each.voided_on and each.record not in late]
        return min(still, key=lambda each: each.due_on, default=None)


def licenses(account: Account, rules: Rules) -> list[Licensed]:
    """Those in force first, the latest first."""
    counting = in_force(today(), rules).filter(pk=OuterRef("pk"))
    found = list(License.objects.known().filter(account=account).annotate(counts=Exists(counting)))
    names = dict(
        Product.objects.known()
        .filter(record__in={each.product_record for each in found if each.product_record})
        .values_list("record", "name")
    )
    listed = [Licensed(each, names.get(each.product_record, ""), each.counts) for each in found]
    return sorted(
        listed, key=lambda each: (not each.in_force, -each.license.starts_on.toordinal(), each.license.record)
    )


def ends_on(one: License) -> dt.date:
    """Its last day; far ahead where nothing ends it."""
    return min(one.ends_on or dt.date.max, (one.canceled_on or dt.date.max) - dt.timedelta(days=1))


def arr(licensed: Iterable[Licensed]) -> list[Money]:
    """A year's worth of what is in force, in each currency it is paid in."""
    sums: dict[str, Decimal] = {}
    for each in licensed:
        times = TIMES_A_YEAR[each.license.interval]
        if each.in_force and each.license.amount is not None and times:
            currency = each.license.currency
            sums[currency] = sums.get(currency, Decimal()) + each.license.amount * times
    return [Money(amount, currency) for currency, amount in sorted(sums.items())]


def seats(licensed: Iterable[Licensed]) -> int | None:
    """How many people the licenses in force are for; None when none of them says."""
    counted = [each.license.seats for each in licensed if each.in_force and each.license.seats is not None]
    return sum(counted) if counted else None


def renewals(account: Account) -> list[Renewal]:
    """Undecided ones first, soonest first; then what was decided, latest first."""
    found = list(Renewal.objects.known().filter(account=account).order_by("due_on", "record"))
    undecided = [each for each in found if each.outcome == Renewal.Outcome.UNDECIDED]
    return undecided + [each for each in reversed(found) if each.outcome != Renewal.Outcome.UNDECIDED][:FEW]


def invoices(account: Account) -> Invoices:
    found = tuple(Invoice.objects.known().filter(account=account).order_by("-issued_on", "-record"))
    late = [each for each in found if not each.paid_on and not each.voided_on and each.due_on < today()]
    return Invoices(found, tuple(sorted(late, key=lambda each: each.due_on)))
