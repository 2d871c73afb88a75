"""What was judged: one snapshot per account and day with everything that went into it, and what changed by it."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from accounts.models import Account

# A smallint holds no more; what is counted beyond is shown as "over 32,000".
MOST = 32_767


class BandChoice(models.IntegerChoices):
    """A worse band is a smaller number; unknown is no place on that line."""

    UNKNOWN = 0, "Unknown"
    RED = 1, "Red"
    YELLOW = 2, "Yellow"
    GREEN = 3, "Green"


class Run(models.Model):
    """One pass of one day over all accounts. What had been received by `known_at` counts, whenever the work is done."""

    class Pass(models.IntegerChoices):
        PROVISIONAL = 1, "Provisional"
        SETTLED = 2, "Settled"

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        STOPPED = "stopped", "Stopped"

    day = models.DateField()
    which = models.SmallIntegerField(choices=Pass.choices, db_column="pass")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    known_at = models.DateTimeField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    accounts = models.IntegerField(default=0, help_text="Accounts scored so far.")
    seconds = models.FloatField(default=0, help_text="Working time of all workers.")
    metrics = models.JSONField(default=dict, help_text="Seconds, rows, and accounts that failed, by what was read.")
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-day", "-which"]
        constraints = [models.UniqueConstraint(fields=["day", "which"], name="one_run_per_day_and_pass")]

    def __str__(self) -> str:
        return f"{self.day}, {self.get_which_display().lower()}"


class Snapshot(models.Model):
    """A case as it was judged. Points, weights and contributions follow from readings and version by arithmetic.

    `readings` is by slot of the version; `details` holds n, age in days and state of each slot, one after the other.
    `before_version` is that of the snapshot from which `band_before` comes. Month partitions; see `accounts.partitions`.
    """

    pk = models.CompositePrimaryKey("account", "day")
    account = models.ForeignKey(
        Account, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    day = models.DateField()
    known_at = models.DateTimeField()
    version_id = models.BigIntegerField()
    settings_id = models.BigIntegerField()
    line_up_id = models.BigIntegerField()
    before_version_id = models.BigIntegerField(null=True)
    override_id = models.BigIntegerField(null=True)
    score = models.FloatField(null=True)
    coverage = models.FloatField()
    guards_before = models.IntegerField()
    guards = models.IntegerField()
    which = models.SmallIntegerField(choices=Run.Pass.choices, db_column="pass")
    band_before = models.SmallIntegerField(choices=BandChoice.choices)
    scored = models.SmallIntegerField(choices=BandChoice.choices)
    computed = models.SmallIntegerField(choices=BandChoice.choices)
    effective = models.SmallIntegerField(choices=BandChoice.choices)
    readings = ArrayField(models.FloatField(null=True))
    details = ArrayField(models.SmallIntegerField())
    digest = models.BinaryField(max_length=16)

    class Meta:
        # All accounts on a few days: of a month partition the pages of those nights, for next to no room.
        indexes = [BrinIndex(fields=["day"], name="snapshots_of_a_day", pages_per_range=32, autosummarize=True)]

    def __str__(self) -> str:
        return f"account {self.account_id} on {self.day}"


class Spread(models.Model):
    """How the readings in a slot are spread over the accounts of a scorecard version on a day: from the lowest to the
    highest, by the percent. Rewritten with its run; it is what one account's reading is compared with."""

    pk = models.CompositePrimaryKey("day", "version_id", "slot")
    day = models.DateField()
    version_id = models.BigIntegerField()
    slot = models.SmallIntegerField()
    accounts = models.IntegerField(help_text="How many have a reading.")
    percentiles = ArrayField(models.FloatField(), size=101)

    def __str__(self) -> str:
        return f"slot {self.slot} of version {self.version_id} on {self.day}"


class Latest(models.Model):
    """The newest judgment of each account, narrow and apart from names: what lists show and sort by.

    The preview is what the score would be with today's facts; it is neither a snapshot nor a transition.
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="latest")
    day = models.DateField()
    version_id = models.BigIntegerField()
    score = models.FloatField(null=True)
    coverage = models.FloatField()
    scored = models.SmallIntegerField(choices=BandChoice.choices)
    computed = models.SmallIntegerField(choices=BandChoice.choices)
    effective = models.SmallIntegerField(choices=BandChoice.choices)
    score_7 = models.FloatField(null=True, help_text="The score seven days before.")
    score_30 = models.FloatField(null=True, help_text="The score thirty days before.")
    churned = models.BooleanField(default=False)
    preview_at = models.DateTimeField(null=True)
    preview_score = models.FloatField(null=True)
    preview_coverage = models.FloatField(null=True)
    preview_band = models.SmallIntegerField(choices=BandChoice.choices, null=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["account"], condition=Q(churned=True), name="churned_accounts")
        ]

    def __str__(self) -> str:
        return f"account {self.account_id}: {self.get_effective_display()}"


class Transition(models.Model):
    """A change of the effective band, or the beginning or end of an override. Rewritten with its day."""

    class Kind(models.TextChoices):
        BAND = "band", "Band"
        OVERRIDE_BEGAN = "override_began", "Override began"
        OVERRIDE_ENDED = "override_ended", "Override ended"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="transitions", db_index=False)
    day = models.DateField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    before = models.SmallIntegerField(choices=BandChoice.choices)
    after = models.SmallIntegerField(choices=BandChoice.choices)

    class Meta:
        ordering = ["-day", "account_id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "day", "kind"], name="one_transition_per_account_day_and_kind")
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} on {self.day}: {self.before} → {self.after}"


class Override(models.Model):
    """A person's band, beside the computed one, from the moment it is set to the end of its last day."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="overrides")
    band = models.SmallIntegerField(choices=BandChoice.choices)
    reason = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    last_day = models.DateField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-set_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(ended_at__isnull=True), name="one_active_override_per_account"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="an_override_has_a_reason"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("set_at")),
                name="an_override_ends_after_it_was_set",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_band_display()} until {self.last_day}"
