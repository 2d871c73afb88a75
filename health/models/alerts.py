"""What somebody is told of an account or of a source: one alert for each cause, for as long as the cause lasts."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Account, Stream


class Alert(models.Model):
    """Raised once when a cause begins, ended when it is over. `cause` tells apart what one account may be alerted of at a
    time: a guard's identity, an override's number, the day of a transition."""

    class Kind(models.TextChoices):
        BAND_CHANGED = "band_changed", "Band changed"
        GUARD_HOLDS = "guard_holds", "Guard applies"
        MOVED_UNDER_OVERRIDE = "moved_under_override", "Moved under your override"
        OVERRIDE_ENDS = "override_ends", "Override about to end"
        SOURCE_SILENT = "source_silent", "Source is silent"

    kind = models.CharField(max_length=24, choices=Kind.choices)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="alerts", db_index=False)
    stream = models.ForeignKey(Stream, on_delete=models.CASCADE, null=True, related_name="alerts")
    cause = models.CharField(max_length=200, blank=True)
    says = models.CharField(max_length=500)
    day = models.DateField(help_text="The day whose judgment, or whose silence, raised it.")
    raised_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-raised_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "account", "stream", "cause"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="one_alert_per_cause",
            ),
            models.CheckConstraint(
                condition=Q(account__isnull=True) ^ Q(stream__isnull=True),
                name="an_alert_is_about_an_account_or_a_stream",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("raised_at")),
                name="an_alert_ends_after_it_began",
            ),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["account", "raised_at"], name="alerts_of_account")]

    def __str__(self) -> str:
        return self.says
