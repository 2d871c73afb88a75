"""What customers say: surveys, who was asked, and what they answered."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.models import Account, Version


class Survey(Version):
    """A question with a scale. `high_is_good` is false where a low answer is the good one, as in some effort scores."""

    class Kind(models.TextChoices):
        NPS = "nps", "NPS"
        CSAT = "csat", "CSAT"
        CES = "ces", "CES"

    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=4, choices=Kind.choices)
    question = models.TextField(blank=True)
    minimum = models.FloatField()
    maximum = models.FloatField()
    high_is_good = models.BooleanField(default=True)

    class Meta(Version.Meta):
        constraints = [
            *Version.Meta.constraints,
            models.CheckConstraint(condition=Q(maximum__gt=F("minimum")), name="survey_scale_is_not_empty"),
            models.CheckConstraint(
                condition=~Q(kind="nps") | Q(minimum=0, maximum=10, high_is_good=True), name="nps_is_asked_from_0_to_10"
            ),
        ]


class Request(Version):
    """One person asked to answer one survey."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="survey_requests", db_index=False)
    survey_record = models.BigIntegerField()
    stakeholder_record = models.BigIntegerField(null=True)
    end_user_record = models.BigIntegerField(null=True)
    sent_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta(Version.Meta):
        indexes: ClassVar[list[Any]] = [
            *Version.Meta.indexes,
            models.Index(fields=["account", "sent_at"], name="survey_requests_of_account"),
        ]


class Response(Version):
    """One answer, on the scale of its survey, perhaps about one ticket or touchpoint."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="survey_responses", db_index=False)
    survey_record = models.BigIntegerField()
    request_record = models.BigIntegerField(null=True)
    stakeholder_record = models.BigIntegerField(null=True)
    end_user_record = models.BigIntegerField(null=True)
    ticket_record = models.BigIntegerField(null=True)
    touchpoint_record = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    value = models.FloatField()
    comment = models.TextField(blank=True)

    class Meta(Version.Meta):
        indexes: ClassVar[list[Any]] = [
            *Version.Meta.indexes,
            models.Index(fields=["account", "at"], name="survey_responses_of_account"),
        ]


class OptOut(Version):
    """A person who no longer wants to hear from us by a channel. One known as no stakeholder or end user counts as well."""

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        PUSH = "push", "Push"
        APP_UNINSTALLED = "app_uninstalled", "App uninstalled"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="opt_outs", db_index=False)
    stakeholder_record = models.BigIntegerField(null=True)
    end_user_record = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=20, choices=Channel.choices, default=Channel.EMAIL)
    at = models.DateTimeField()

    class Meta(Version.Meta):
        indexes: ClassVar[list[Any]] = [
            *Version.Meta.indexes,
            models.Index(fields=["account", "at"], name="opt_outs_of_account"),
        ]
