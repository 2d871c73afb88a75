"""What we send out, and how it is met: messages to people, and the reach of what is said in public."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from accounts.models.accounts import Account
from accounts.models.clocks import Version


class Message(Version):
    """One message to one person, by a channel and perhaps of a campaign, with what that person did with it."""

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        IN_APP = "in_app", "In the product"
        PUSH = "push", "Push"
        SMS = "sms", "Text message"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="messages", db_index=False)
    stakeholder_record = models.BigIntegerField(null=True)
    end_user_record = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    campaign = models.CharField(max_length=255, blank=True)
    delivered_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    clicked_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)

    class Meta(Version.Meta):
        indexes: ClassVar[list[Any]] = [
            *Version.Meta.indexes,
            models.Index(fields=["account", "delivered_at"], name="messages_of_account"),
        ]


class Reach(Version):
    """How many people something reached on a platform in a day, and how many of them did something about it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="reach", db_index=False)
    platform = models.CharField(max_length=120)
    day = models.DateField()
    reach = models.BigIntegerField()
    interactions = models.BigIntegerField()

    class Meta(Version.Meta):
        constraints = [
            *Version.Meta.constraints,
            models.CheckConstraint(condition=Q(reach__gte=0, interactions__gte=0), name="reach_is_not_negative"),
        ]
        indexes: ClassVar[list[Any]] = [
            *Version.Meta.indexes,
            models.Index(fields=["account", "day"], name="reach_of_account"),
        ]
