"""That two accounts turned out to be one."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models.accounts import Account


class Merge(models.Model):
    """`loser` was merged into `survivor`. `counts` says how many of what moved; `noted` is what an undo cannot tell from the
    facts themselves (`accounts/merging.py`)."""

    loser = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="merges")
    survivor = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="merges_into")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    counts = models.JSONField(default=dict)
    noted = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = "merge of accounts"
        verbose_name_plural = "merges of accounts"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["loser"], condition=Q(undone_at__isnull=True), name="an_account_is_merged_once"
            ),
            models.CheckConstraint(condition=~Q(loser=F("survivor")), name="no_account_is_merged_into_itself"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(undone_at__gte=F("at")), name="a_merge_is_undone_after_it"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loser} into {self.survivor}"
