"""Keys by which other programs come in."""

import re
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q


class Scope(models.TextChoices):
    """What a token may do."""

    CRM_WRITE = "crm:write", "Write accounts, contracts and relationships"
    USAGE_WRITE = "usage:write", "Write usage, end users and events"
    SURVEYS_WRITE = "surveys:write", "Write surveys and answers"
    SUPPORT_WRITE = "support:write", "Write tickets"
    HISTORY_WRITE = "history:write", "Write history with an assumed receipt"
    HEALTH_READ = "health:read", "Read records and scores"
    CONFIG_READ = "config:read", "Read metrics and scorecards"
    CONFIG_WRITE = "config:write", "Write scorecards"


SENDING = [Scope.CRM_WRITE, Scope.USAGE_WRITE, Scope.SURVEYS_WRITE, Scope.SUPPORT_WRITE, Scope.HISTORY_WRITE]


def check_origins(origins: list[str]) -> None:
    for origin in origins:
        if not re.fullmatch(r"https?://[a-z0-9.:\[\]-]+", origin):
            raise ValidationError(f"“{origin}” is no origin like https://app.example.com, without a path.")


class Token(models.Model):
    """A key of one program. Of its secret only the digest is kept; `prefix` tells keys apart on pages.

    A *server* key is secret. A *browser* key stands in the source of web pages: it may only send tracking events, from
    pages of its origins.
    """

    class Kind(models.TextChoices):
        SERVER = "server", "Server: secret"
        BROWSER = "browser", "Browser: public, tracking only"

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.SERVER)
    prefix = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    source = models.ForeignKey(
        "accounts.Source",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tokens",
        help_text="What it sends belongs to this source. Blank: it sends nothing.",
    )
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices), default=list)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tokens",
        help_text="Whom it acts for: it sees the accounts that they see.",
    )
    whole_portfolio = models.BooleanField(default=False, help_text="It sees all accounts, whoever it acts for.")
    allowed_origins = ArrayField(
        models.CharField(max_length=255),
        default=list,
        blank=True,
        validators=[check_origins],
        help_text="Of a browser key: from which pages it may send, such as https://app.example.com; with commas between.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Blank: it holds until it is revoked.")
    revoked_at = models.DateTimeField(null=True, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(source__isnull=False) | ~Q(scopes__overlap=SENDING),
                name="who_sends_has_a_source",
                violation_error_message="A token that sends belongs to a source.",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(whole_portfolio=True) | ~Q(scopes__contains=[Scope.HEALTH_READ]),
                name="who_reads_sees_a_portfolio",
                violation_error_message="A token that reads acts for a user, or sees the whole portfolio.",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | ~Q(scopes__contains=[Scope.CONFIG_WRITE]),
                name="who_configures_is_somebody",
                violation_error_message="A token that writes scorecards acts for a user, who is their author.",
            ),
            models.CheckConstraint(
                condition=Q(kind="server") | Q(source__isnull=False, scopes=[Scope.USAGE_WRITE]),
                name="a_browser_key_only_tracks",
                violation_error_message="A browser key belongs to a source and has the one scope usage:write.",
            ),
            models.CheckConstraint(
                condition=Q(kind="server", allowed_origins=[]) | Q(kind="browser") & ~Q(allowed_origins=[]),
                name="a_browser_key_has_origins_and_a_server_key_none",
                violation_error_message="A browser key names the origins of its pages; a server key has none.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
