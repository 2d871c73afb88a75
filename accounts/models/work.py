"""What a CSM does about an account: tasks to be done, notes to be remembered."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from accounts.models.accounts import Account
from accounts.words import Words


class TaskQuerySet(models.QuerySet["Task"]):
    def open(self) -> Self:
        return self.filter(done_at__isnull=True)


class Task(models.Model):
    """Something to do for an account, by somebody, perhaps by a day. `reason` says what it came from, if not from a mind."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="tasks", db_index=False)
    title = models.CharField(max_length=255)
    details = models.TextField(blank=True)
    reason = models.CharField(max_length=255, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tasks", db_index=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects: ClassVar[Any] = TaskQuerySet.as_manager()

    class Meta:
        ordering = [F("due_on").asc(nulls_last=True), "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="a_task_says_what_to_do"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(done_at__gte=F("created_at")),
                name="a_task_is_done_after_it_was_set",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["account", "due_on"], name="tasks_of_account"),
            GinIndex(Words("title"), name="task_titles"),
            models.Index(fields=["owner", "due_on"], condition=Q(done_at__isnull=True), name="open_tasks_of_owner"),
        ]

    def __str__(self) -> str:
        return self.title


class Note(models.Model):
    """What somebody wants remembered of an account. Shown in its timeline; no metric reads it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="notes", db_index=False)
    text = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="a_note_says_something")]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["account", "at"], name="notes_of_account")]

    def __str__(self) -> str:
        return self.text[:80]
