"""Who uses the product, how often, and what.

`UsageCount` is what sources counted, record by record; `Event` what happened, one by one. `UserDay` and `FeatureDay` roll up
both and are what metrics read; they carry the knowing clock in days. A row is made of counts or of events, as its `origin`
says, and what both tell of a day adds up.
"""

from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from accounts.models.accounts import Account
from accounts.models.clocks import Version
from accounts.words import Words


class EndUser(Version):
    """A person at an account who uses the product. The same person at two accounts is two end users."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="end_users", db_index=False)
    external_id = models.CharField(max_length=255)
    name = models.CharField(max_length=255, blank=True)
    email = models.CharField(max_length=254, blank=True)
    first_seen_on = models.DateField(null=True)
    deactivated_on = models.DateField(null=True)
    internal = models.BooleanField(default=False)
    stakeholder_record = models.BigIntegerField(null=True)
    attributes = models.JSONField(default=dict)

    class Meta(Version.Meta):
        constraints = [
            *Version.Meta.constraints,
            models.UniqueConstraint(
                fields=["account", "source", "external_id"],
                condition=Q(superseded_at__isnull=True),
                name="one_end_user_per_account_and_id",
            ),
        ]
        # Asked as known then, which no partial index answers.
        indexes: ClassVar[list[Any]] = [
            *Version.Meta.indexes,
            models.Index(fields=["account"], name="end_users_of_account"),
            GinIndex(Words("name"), name="end_user_names"),
            models.Index(OpClass(Upper("email"), "text_pattern_ops"), name="end_user_emails"),
            models.Index(fields=["record"], name="end_users_by_record"),
            # They are few, and each reading of usage leaves them out.
            models.Index(fields=["record", "account"], condition=Q(internal=True), name="internal_end_users"),
            # The night looks for the few that are stakeholders too among all of each account.
            models.Index(fields=["account"], condition=Q(stakeholder_record__isnull=False), name="linked_end_users"),
        ]


class Feature(models.Model):
    """A named event of the product. Core features are those that a healthy customer uses."""

    name = models.CharField(max_length=255, unique=True)
    product_record = models.BigIntegerField(null=True, blank=True)
    core = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Grain(models.IntegerChoices):
    """How many days one count covers, beginning with its day."""

    DAY = 1, "day"
    WEEK = 7, "week"


class Origin(models.IntegerChoices):
    """What a day is rolled up from: each chain is made anew from its own truth alone."""

    COUNTED = 0, "counted"
    TRACKED = 1, "tracked"


class UsageCount(Version):
    """How often a named event happened at an account, or by one end user, in a day or a week that begins on `day`."""

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    end_user_record = models.BigIntegerField(null=True)
    feature = models.ForeignKey(
        Feature, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    day = models.DateField()
    grain = models.SmallIntegerField(choices=Grain.choices, default=Grain.DAY)
    count = models.IntegerField()

    class Meta(Version.Meta):
        constraints = [
            *Version.Meta.constraints,
            models.CheckConstraint(condition=Q(count__gte=0), name="usage_is_not_negative"),
        ]
        indexes: ClassVar[list[Any]] = [
            *Version.Meta.indexes,
            models.Index(fields=["account", "day"], name="usage_of_account"),
        ]


class KnownByDayQuerySet(models.QuerySet[Any]):
    def known(self, on: Any = None) -> Self:
        """The rows known at the end of the day `on`; without it, those known now."""
        if on is None:
            return self.filter(superseded_on__isnull=True)
        return self.filter(Q(superseded_on__isnull=True) | Q(superseded_on__gt=on), received_on__lte=on)


class UserDay(models.Model):
    """What one end user did in the days that begin on `day`. Month partitions; see `accounts.partitions`.

    `events` are those that count as use. Only tracked days tell of more, counted ones leave it null: logins, null as well
    where the source had never told of one, so that a session counts; sessions that began on the day with
    `session_seconds`, the length of each in the order in which they began; those of a single page; seconds of active time
    in them; and `roles`, the bits of the roles and core features that its events had, and of sequences that they completed.
    Beside the length of each session stand its pages, the feature that is its first page (0 without any), and its roles.
    """

    pk = models.CompositePrimaryKey("account", "day", "end_user_record", "grain", "origin", "received_on")
    account = models.ForeignKey(
        Account, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    end_user_record = models.BigIntegerField()
    day = models.DateField()
    received_on = models.DateField()
    superseded_on = models.DateField(null=True)
    events = models.BigIntegerField()
    grain = models.SmallIntegerField(choices=Grain.choices)
    origin = models.SmallIntegerField(choices=Origin.choices, default=Origin.COUNTED)
    receipt_assumed = models.BooleanField()
    logins = models.IntegerField(null=True)
    sessions = models.IntegerField(null=True)
    single_page_sessions = models.IntegerField(null=True)
    active_seconds = models.IntegerField(null=True)
    session_seconds = ArrayField(models.IntegerField(), null=True)
    roles = models.BigIntegerField(null=True)
    session_pages = ArrayField(models.IntegerField(), null=True)
    session_landings = ArrayField(models.BigIntegerField(), null=True)
    session_roles = ArrayField(models.BigIntegerField(), null=True)

    objects: ClassVar[Any] = KnownByDayQuerySet.as_manager()

    def __str__(self) -> str:
        return f"end user {self.end_user_record} on {self.day}"


class FeatureDay(models.Model):
    """How often one feature was used at an account in the days that begin on `day`. Month partitions."""

    pk = models.CompositePrimaryKey("account", "day", "feature", "grain", "origin", "received_on")
    account = models.ForeignKey(
        Account, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    feature = models.ForeignKey(
        Feature, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    day = models.DateField()
    received_on = models.DateField()
    superseded_on = models.DateField(null=True)
    uses = models.BigIntegerField()
    grain = models.SmallIntegerField(choices=Grain.choices)
    origin = models.SmallIntegerField(choices=Origin.choices, default=Origin.COUNTED)
    receipt_assumed = models.BooleanField()

    objects: ClassVar[Any] = KnownByDayQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.feature} on {self.day}"
