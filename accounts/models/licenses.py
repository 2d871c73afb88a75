"""What the customer buys and pays: products, licenses, renewals, invoices."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.models.accounts import Account
from accounts.models.clocks import Version


class Product(Version):
    name = models.CharField(max_length=255)


class License(Version):
    """A right to use a product over a span of days, both included, for a recurring or single amount."""

    class Interval(models.TextChoices):
        MONTH = "month", "A month"
        QUARTER = "quarter", "A quarter"
        HALF_YEAR = "half_year", "A half-year"
        YEAR = "year", "A year"
        ONCE = "once", "Once"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="licenses", db_index=False)
    product_record = models.BigIntegerField(null=True)
    name = models.CharField(max_length=255, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    canceled_on = models.DateField(null=True)
    seats = models.IntegerField(null=True)
    unlimited = models.BooleanField(default=False)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    interval = models.CharField(max_length=10, choices=Interval.choices, default=Interval.YEAR)

    class Meta(Version.Meta):
        constraints = [
            *Version.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="license_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(seats__isnull=True) | Q(seats__gte=0), name="license_seats_are_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | ~Q(currency=""), name="license_amount_has_a_currency"
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            *Version.Meta.indexes,
            models.Index(fields=["account"], name="licenses_of_account"),
        ]


class Renewal(Version):
    """The decision on a contract that is due: still undecided, renewed or lost."""

    class Outcome(models.TextChoices):
        UNDECIDED = "undecided", "Undecided"
        RENEWED = "renewed", "Renewed"
        LOST = "lost", "Lost"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="renewals", db_index=False)
    license_record = models.BigIntegerField(null=True)
    due_on = models.DateField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.UNDECIDED)
    decided_on = models.DateField(null=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    reason = models.CharField(max_length=255, blank=True)

    class Meta(Version.Meta):
        constraints = [
            *Version.Meta.constraints,
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | ~Q(currency=""), name="renewal_amount_has_a_currency"
            ),
            models.CheckConstraint(
                condition=Q(decided_on__isnull=True) | ~Q(outcome="undecided"),
                name="undecided_renewal_has_no_decision_day",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            *Version.Meta.indexes,
            models.Index(fields=["account", "due_on"], name="renewals_of_account"),
        ]


class Invoice(Version):
    """An amount asked for. It is overdue after `due_on` while neither paid nor voided."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="invoices", db_index=False)
    number = models.CharField(max_length=120, blank=True)
    issued_on = models.DateField()
    due_on = models.DateField()
    paid_on = models.DateField(null=True)
    voided_on = models.DateField(null=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)

    class Meta(Version.Meta):
        indexes: ClassVar[list[Any]] = [
            *Version.Meta.indexes,
            models.Index(fields=["account", "due_on"], name="invoices_of_account"),
        ]
