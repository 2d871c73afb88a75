"""The account, and everything outside systems say about it: attributes with history and a dictionary."""

import uuid
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models.clocks import Fact, notes_its_change, this_transaction
from accounts.models.people import Sees, User
from accounts.words import Words

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


NONE: Final = 0  # records are numbered from 1


class AccountQuerySet(models.QuerySet["Account"]):
    def existing(self) -> Self:
        """The customers that there are. Where visitors are kept is none of them: it is never listed and never scored."""
        return self.filter(deleted_at__isnull=True, visitors_of__isnull=True)

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """The accounts that `user` may see: their own, those of their team, or all."""
        return self.existing().filter(seen_by(user))


def seen_by(user: "User | AnonymousUser") -> Q:
    """Which accounts `user` may see, as a condition on their owner."""
    if not isinstance(user, User) or not user.is_active:
        return Q(pk=NONE)
    if user.sees_every_account:
        return Q()
    if user.scope == Sees.TEAM and user.team_id is not None:
        return Q(owner=user) | Q(owner__team=user.team_id)
    return Q(owner=user)


class Account(models.Model):
    """A customer's identity. The other columns are current values for pages; no metric reads them."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=255, blank=True)
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="children")
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="accounts")
    stage = models.CharField(max_length=255, blank=True)
    tier = models.CharField(max_length=255, blank=True)
    region = models.CharField(max_length=255, blank=True)
    job = models.ForeignKey("accounts.Job", on_delete=models.SET_NULL, null=True, related_name="+", db_constraint=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    changed_in = models.BigIntegerField(db_default=this_transaction(), editable=False)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)
    dirty_since = models.DateTimeField(
        null=True,
        db_default=Now(),
        help_text="The first change of a fact that no score has seen yet, be it that it came.",
    )
    deleted_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        related_name="merged",
        db_index=False,
        help_text="The account that it turned out to be. It is gone itself, and its own scores stay under it.",
    )
    visitors_of = models.OneToOneField(
        "accounts.Source",
        on_delete=models.CASCADE,
        null=True,
        related_name="visitors",
        help_text="No customer: where the anonymous visitors of this source are kept.",
    )
    demo = models.BooleanField(default=False, db_default=False, help_text="Made up for the demonstration.")

    objects: ClassVar[Any] = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="no_account_is_its_own_parent"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(deleted_at__isnull=False), name="what_is_merged_is_gone"
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["dirty_since"], condition=Q(dirty_since__isnull=False), name="dirty_accounts"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="merged_accounts"),
            GinIndex(Words("name"), name="account_names"),
            models.Index(fields=["changed_in", "id"], name="account_changes"),
        ]
        triggers: ClassVar[list[Any]] = [notes_its_change("updated_at")]

    def __str__(self) -> str:
        return self.name or f"account {self.pk}"


class AttributeDefinition(models.Model):
    """A word of the attribute dictionary. One that a source brought by itself waits until somebody accepts it."""

    class Type(models.TextChoices):
        TEXT = "text", "Text"
        NUMBER = "number", "Number"
        YES_NO = "yes_no", "Yes or no"
        DATE = "date", "Date"
        RANKED = "ranked", "Ranked choice"
        USER = "user", "User of Verdant"
        ACCOUNT = "account", "Account"

    name = models.CharField(max_length=80, unique=True)
    label = models.CharField(max_length=120, blank=True)
    type = models.CharField(max_length=10, choices=Type.choices, default=Type.TEXT)
    unit = models.CharField(max_length=30, blank=True)
    ranks = models.JSONField(default=list, blank=True, help_text="The values of a ranked choice, lowest first.")
    personal = models.BooleanField(default=False, help_text="Holds personal data.")
    accepted = models.BooleanField(default=False, help_text="Shown in lists and filters.")
    master = models.ForeignKey(
        "accounts.Source",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The one source whose values apply. Blank: for each account the source that set it first.",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.label or self.name


class AttributeValue(Fact):
    """What one source says of one attribute of one account. Of several sources one applies; the others are kept as seen.

    `text` is the value as it came (null: cleared); `number` its number where it has one (yes is 1, no is 0).
    """

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="attribute_values", db_index=False)
    definition = models.ForeignKey(AttributeDefinition, on_delete=models.PROTECT, related_name="+")
    occurred_at = models.DateTimeField()
    text = models.TextField(null=True)
    number = models.FloatField(null=True)
    applied = models.BooleanField()

    class Meta(Fact.Meta):
        constraints = [
            *Fact.Meta.constraints,
            models.UniqueConstraint(
                fields=["account", "definition", "source"],
                condition=Q(superseded_at__isnull=True),
                name="one_current_value_per_attribute_and_source",
            ),
            models.UniqueConstraint(
                fields=["account", "definition"],
                condition=Q(superseded_at__isnull=True, applied=True),
                name="one_applied_value_per_attribute",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["account", "definition"], name="attribute_history"),
            models.Index(fields=["job"], condition=Q(job__isnull=False), name="attributevalue_of_job"),
            models.Index(
                fields=["closed_by"], condition=Q(closed_by__isnull=False), name="attributevalue_closed_by_job"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.definition}: {self.text}"
