"""What lists show of accounts, worked out ahead."""

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Account
from health.models.snapshots import BandChoice

FOREVER = dt.date(9999, 12, 31)


class ListRow(models.Model):
    """What lists show of an account besides its score, and sort and add up by: one row to read, in the place of all its
    licenses, renewals, touchpoints and days of use. It says what it said when it was made for as long as no fact of the account changes
    and until the day on which time alone changes it; after that nobody reads it."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="list_row")
    until = models.DateField(db_index=True, help_text="The first day on which it says nothing any more.")
    override_band = models.SmallIntegerField(null=True, choices=BandChoice.choices)
    renewal_on = models.DateField(null=True)
    touched_at = models.DateTimeField(null=True)
    used_on = models.DateField(null=True)
    began_on = models.DateField(null=True)
    seats = models.BigIntegerField(null=True)
    arr = models.DecimalField(max_digits=40, decimal_places=16, null=True)
    arr_converted = models.DecimalField(max_digits=40, decimal_places=16, null=True)
    unrated = models.IntegerField(null=True)
    currencies = ArrayField(models.TextField(), null=True)

    def __str__(self) -> str:
        return f"account {self.account_id}, until {self.until}"
