"""What customers ask: tickets, and the course each one took."""

from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from accounts.models import Account, Version
from accounts.words import Words


class Ticket(Version):
    """A request for help, as its source last described it. Metrics read its events, never this row."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        PENDING = "pending", "Pending"
        SOLVED = "solved", "Solved"

    class Priority(models.TextChoices):
        LOW = "low", "Low"
        NORMAL = "normal", "Normal"
        HIGH = "high", "High"
        URGENT = "urgent", "Urgent"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="tickets", db_index=False)
    stakeholder_record = models.BigIntegerField(null=True)
    end_user_record = models.BigIntegerField(null=True)
    subject = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    priority = models.CharField(max_length=10, choices=Priority.choices, default=Priority.NORMAL)
    category = models.CharField(max_length=120, blank=True)
    escalated = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    first_replied_at = models.DateTimeField(null=True)
    solved_at = models.DateTimeField(null=True)

    class Meta(Version.Meta):
        indexes: ClassVar[list[Any]] = [
            *Version.Meta.indexes,
            models.Index(fields=["account", "opened_at"], name="tickets_of_account"),
            GinIndex(Words("subject"), name="ticket_subjects"),
        ]


class TicketEvent(Version):
    """One step in a ticket's course. Where a source sends only the present state, steps are derived by comparison."""

    class Kind(models.TextChoices):
        OPENED = "opened", "Opened"
        REPLIED = "replied", "Replied"
        ESCALATED = "escalated", "Escalated"
        DE_ESCALATED = "de_escalated", "De-escalated"
        SOLVED = "solved", "Solved"
        REOPENED = "reopened", "Reopened"
        CATEGORY = "category", "Category"
        PRIORITY = "priority", "Priority"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    ticket_record = models.BigIntegerField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    at = models.DateTimeField()
    value = models.CharField(max_length=120, blank=True)
    derived = models.BooleanField(default=False, db_default=False)

    class Meta(Version.Meta):
        indexes: ClassVar[list[Any]] = [
            *Version.Meta.indexes,
            models.Index(fields=["account", "at"], name="ticket_events_of_account"),
            models.Index(fields=["ticket_record", "at"], name="ticket_events_of_ticket"),
        ]
