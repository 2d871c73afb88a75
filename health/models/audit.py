"""What is logged of the configuration that lives in `accounts`: the log is kept here, the tables stay as they are."""

from typing import Any, ClassVar

import pghistory.models
from django.db import models
from pghistory import ProxyField

from accounts.models import AttributeDefinition, Merge, Source, Team, Token, User
from health.models.documents import audited


class AuditedUser(User):
    class Meta:
        proxy = True
        verbose_name = "user"


class AuditedTeam(Team):
    class Meta:
        proxy = True
        verbose_name = "team"


class AuditedSource(Source):
    class Meta:
        proxy = True
        verbose_name = "source"


class AuditedAttribute(AttributeDefinition):
    class Meta:
        proxy = True
        verbose_name = "attribute"


class AuditedToken(Token):
    class Meta:
        proxy = True
        verbose_name = "token"


class AuditedMerge(Merge):
    class Meta:
        proxy = True
        verbose_name = "merge"


# A password's hash is nobody's to read, and a sign-in changes no configuration.
audited(AuditedUser, exclude=("password", "last_login"))
audited(AuditedTeam)
audited(AuditedSource)
audited(AuditedAttribute)
audited(AuditedToken, exclude=("digest", "last_used_at"))
audited(AuditedMerge, exclude=("noted", "counts"))


class AuditEntry(pghistory.models.Events):
    """One write to the configuration."""

    who = ProxyField(
        "pgh_context__user", models.ForeignKey(User, on_delete=models.DO_NOTHING, null=True, related_name="+")
    )

    class Meta:
        proxy = True
        verbose_name = "audit entry"
        verbose_name_plural = "audit log"
        default_manager_name: ClassVar[Any] = "no_objects"
