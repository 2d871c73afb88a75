"""On which days somebody used the product, or a feature was used: one bit a day, in blocks of 64 days.

Derived from `UserDay` and `FeatureDay` as known now, and made anew from them at any time. A distinct count over a window of
days reads one or two rows a person instead of one for each day.
"""

from django.db import models

from accounts.models.accounts import Account

# Blocks are counted from the first day of the calendar, so that none is negative.
BLOCK_DAYS = 64


class Activity(models.Model):
    """Bit n stands for the n-th day of the block: of `days`, where it was counted by the day; of `weeks`, where a count by
    the week ends on it. `changed_on` is the last day on which anything about the block was learned."""

    account = models.ForeignKey(
        Account, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    block = models.IntegerField()
    days = models.BigIntegerField()
    weeks = models.BigIntegerField()
    changed_on = models.DateField()

    class Meta:
        abstract = True


class UserActivity(Activity):
    pk = models.CompositePrimaryKey("account", "block", "end_user_record")
    end_user_record = models.BigIntegerField()

    def __str__(self) -> str:
        return f"end user {self.end_user_record} in block {self.block}"


class FeatureActivity(Activity):
    pk = models.CompositePrimaryKey("account", "block", "feature_id")
    feature_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"feature {self.feature_id} in block {self.block}"
