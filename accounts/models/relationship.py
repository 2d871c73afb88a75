"""The people on the other side, and what passes between them and us."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from accounts.models.accounts import Account
from accounts.models.clocks import Version
from accounts.words import Words


class Stakeholder(Version):
    """A person who matters at the account, in force from `since` (null: always) until `left_on`."""

    class StakeholderRole(models.TextChoices):
        CHAMPION = "champion", "Champion"
        EXECUTIVE_SPONSOR = "executive_sponsor", "Executive sponsor"
        DECISION_MAKER = "decision_maker", "Decision maker"
        ADMIN = "admin", "Admin"
        INFLUENCER = "influencer", "Influencer"
        USER = "user", "User"
        OTHER = "other", "Other"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="stakeholders", db_index=False)
    name = models.CharField(max_length=255)
    email = models.CharField(max_length=254, blank=True)
    title = models.CharField(max_length=255, blank=True)
    role = models.CharField(max_length=20, choices=StakeholderRole.choices, default=StakeholderRole.OTHER)
    since = models.DateField(null=True)
    left_on = models.DateField(null=True)

    class Meta(Version.Meta):
        indexes: ClassVar[list[Any]] = [
            *Version.Meta.indexes,
            models.Index(fields=["account"], name="stakeholders_of_account"),
            GinIndex(Words("name"), name="stakeholder_names"),
            models.Index(OpClass(Upper("email"), "text_pattern_ops"), name="stakeholder_emails"),
        ]


class Touchpoint(Version):
    """A meeting, call, message or event between the customer and us. `participants` are records of stakeholders."""

    class Kind(models.TextChoices):
        MEETING = "meeting", "Meeting"
        CALL = "call", "Call"
        EMAIL = "email", "E-mail"
        BUSINESS_REVIEW = "business_review", "Business review"
        TRAINING = "training", "Training"
        EVENT = "event", "Event"
        WEBINAR = "webinar", "Webinar"
        INTERVIEW = "interview", "Interview"
        REVIEW = "review", "Review"
        REFERRAL = "referral", "Referral"

    class Status(models.TextChoices):
        HELD = "held", "Held"
        PLANNED = "planned", "Planned"
        CANCELED_BY_CUSTOMER = "canceled_by_customer", "Canceled by the customer"
        CANCELED_BY_US = "canceled_by_us", "Canceled by us"
        NO_SHOW = "no_show", "No-show"

    class Direction(models.TextChoices):
        INBOUND = "inbound", "From the customer"
        OUTBOUND = "outbound", "From us"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="touchpoints", db_index=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.MEETING)
    status = models.CharField(max_length=24, choices=Status.choices, default=Status.HELD)
    direction = models.CharField(max_length=10, choices=Direction.choices, blank=True)
    reason = models.CharField(max_length=255, blank=True)
    subject = models.CharField(max_length=255, blank=True)
    notes = models.TextField(blank=True)
    participants = ArrayField(models.BigIntegerField(), default=list)

    class Meta(Version.Meta):
        indexes: ClassVar[list[Any]] = [
            *Version.Meta.indexes,
            models.Index(fields=["account", "at"], name="touchpoints_of_account"),
        ]


class Pulse(Version):
    """The CSM's own rating of the account, 1 (worst) to 5."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="pulses", db_index=False)
    at = models.DateTimeField()
    rating = models.SmallIntegerField()
    comment = models.TextField(blank=True)
    author = models.CharField(max_length=254, blank=True)

    class Meta(Version.Meta):
        constraints = [
            *Version.Meta.constraints,
            models.CheckConstraint(condition=Q(rating__range=(1, 5)), name="pulse_is_one_to_five"),
        ]
        indexes: ClassVar[list[Any]] = [
            *Version.Meta.indexes,
            models.Index(fields=["account", "at"], name="pulses_of_account"),
        ]


class Objective(Version):
    """An outcome that the customer wants, and how it stands."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        ON_TRACK = "on_track", "On track"
        AT_RISK = "at_risk", "At risk"
        ACHIEVED = "achieved", "Achieved"
        MISSED = "missed", "Missed"
        DROPPED = "dropped", "Dropped"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="objectives", db_index=False)
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    set_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    achieved_on = models.DateField(null=True)

    class Meta(Version.Meta):
        indexes: ClassVar[list[Any]] = [
            *Version.Meta.indexes,
            models.Index(fields=["account"], name="objectives_of_account"),
        ]
