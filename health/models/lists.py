"""What lists show of accounts, worked out ahead."""

import datetime as dt
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Account, User
from health.models.snapshots import BandChoice

FOREVER = dt.date(9999, 12, 31)


class ListRow(models.Model):
    """All that lists find, sort and count an account by: one row to read, in the place of the account, its latest score, and all
    its licenses, renewals, touchpoints and days of use. What it says stands for as long as no fact of the account changes and
    until the day on which time alone changes it; after that nobody reads it. Each account has one from the first time that
    its facts are looked at."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="list_row")
    until = models.DateField(db_index=True, help_text="The first day on which it says nothing any more.")

    # Of the account.
    name = models.CharField(max_length=255, db_default="")
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    stage = models.CharField(max_length=255, db_default="")
    tier = models.CharField(max_length=255, db_default="")
    region = models.CharField(max_length=255, db_default="")

    # Of its latest score.
    day = models.DateField(null=True)
    band = models.SmallIntegerField(null=True)
    band_order = models.SmallIntegerField(null=True)
    score = models.FloatField(null=True)
    coverage = models.FloatField(null=True)
    moved_7 = models.FloatField(null=True)
    moved_30 = models.FloatField(null=True)
    lowered = models.BooleanField(db_default=False)

    # Of its facts.
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

    class Meta:
        # The usual order. Each night moves every row, and every index with it, so there is none for the others.
        indexes: ClassVar[list[Any]] = [models.Index(fields=["band_order", "score"], name="list_rows_worst_first")]

    def __str__(self) -> str:
        return f"account {self.account_id}, until {self.until}"
