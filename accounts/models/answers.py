"""What was answered to a request that may come again."""

from typing import Any, ClassVar

from django.db import models


class StoredAnswer(models.Model):
    """The answer to a request with an Idempotency-Key, to be given again to the same request."""

    token = models.ForeignKey("accounts.Token", on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64, help_text="Of the request's address and body.")
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["token", "key"], name="one_answer_per_token_and_key"),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["at"], name="answers_by_age")]

    def __str__(self) -> str:
        return f"{self.key}: {self.status}"
