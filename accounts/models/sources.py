"""Where facts come from, how far each stream of them reaches, and which outside id means which record."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models.clocks import Fact


class Source(models.Model):
    """A system that sends facts: a CRM, a help desk, a product. External ids are unique within it."""

    name = models.SlugField(max_length=60, unique=True)
    label = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(
        max_length=60, blank=True, help_text="The zone of times that come without one. Blank: such times are rejected."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # What its tracking events may do.
    accounts_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The source whose account ids its events name. Blank: they are its own.",
    )
    account_trait = models.CharField(
        max_length=80, blank=True, help_text="The trait of a user that names the account, such as company_id."
    )
    makes_accounts = models.BooleanField(
        default=False, help_text="A group event of a server key makes the account that it names, where there is none."
    )
    accepted_traits = ArrayField(
        models.CharField(max_length=80),
        default=list,
        blank=True,
        help_text="Traits that become attributes, of the account or of the end user; with commas between.",
    )
    internal_domains = ArrayField(
        models.CharField(max_length=255),
        default=list,
        blank=True,
        help_text="Whoever has an e-mail address of these domains is one of us and never counts; with commas between.",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.label or self.name


class Stream(models.Model):
    """One kind of record from one source."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="streams")
    kind = models.CharField(max_length=40)
    lag_hours = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="How late it may be before it counts as silent. Blank: twice its usual interval, at least 36 hours.",
    )

    class Meta:
        ordering = ["source__name", "kind"]
        constraints = [models.UniqueConstraint(fields=["source", "kind"], name="one_stream_per_source_and_kind")]

    def __str__(self) -> str:
        return f"{self.kind} from {self.source}"


class StreamSync(Fact):
    """One finished delivery of a stream: it was complete from `complete_from` (null: always) to `complete_through`.

    Completeness is a fact with two clocks of its own: an undone import takes its completeness back.
    """

    stream = models.ForeignKey(Stream, on_delete=models.CASCADE, related_name="syncs")
    at = models.DateTimeField(help_text="When it really ran.")
    complete_from = models.DateTimeField(null=True)
    complete_through = models.DateTimeField()
    rows = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)

    class Meta(Fact.Meta):
        constraints = [
            *Fact.Meta.constraints,
            models.UniqueConstraint(fields=["stream", "at"], name="one_sync_per_stream_and_moment"),
        ]

    def __str__(self) -> str:
        return f"{self.stream} at {self.at:%Y-%m-%d %H:%M}"


class AccountStream(models.Model):
    """That a stream has delivered a record of an account, and when the first of them was learned."""

    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="streams", db_index=False)
    stream = models.ForeignKey(Stream, on_delete=models.CASCADE, related_name="+")
    first_received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "stream"], name="one_entry_per_account_and_stream")]

    def __str__(self) -> str:
        return f"{self.stream} knows account {self.account_id}"


class ExternalId(models.Model):
    """What an id of a source means here. `digest` and `source_updated_at` are those of the last payload applied."""

    pk = models.CompositePrimaryKey("kind", "source", "external_id")
    kind = models.CharField(max_length=40)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    external_id = models.CharField(max_length=255)
    record = models.BigIntegerField()
    account = models.ForeignKey(
        "accounts.Account", on_delete=models.CASCADE, related_name="+", null=True, db_index=False, db_constraint=False
    )
    source_updated_at = models.DateTimeField(null=True)
    digest = models.BinaryField(max_length=16, null=True)
    deleted_at = models.DateTimeField(null=True)
    named_by = models.ForeignKey(
        "accounts.Job",
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        db_index=False,
        db_constraint=False,
        help_text="The job that named it as a further id of an account.",
    )

    class Meta:
        indexes: ClassVar[list[Any]] = [
            # With the kind as a key, a search for (kind, source, id) may be led here by statistics of an emptied table.
            models.Index(fields=["record"], include=["kind"], name="external_ids_of_a_record"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id}"


class Unmatched(models.Model):
    """A good record that refers to one not known yet. It is kept, and joined when that one arrives."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="unmatched")
    kind = models.CharField(max_length=40)
    external_id = models.CharField(max_length=255)
    payload = models.JSONField()
    source_updated_at = models.DateTimeField(null=True)
    waits_kind = models.CharField(max_length=40)
    waits_source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
    waits_external_id = models.CharField(max_length=255)
    known_at = models.DateTimeField(null=True, help_text="The assumed receipt; blank: known when it is joined.")
    job = models.ForeignKey("accounts.Job", on_delete=models.SET_NULL, null=True, related_name="+")
    kept_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "unmatched records"
        constraints = [
            models.UniqueConstraint(fields=["source", "kind", "external_id"], name="one_unmatched_record_per_id"),
            models.CheckConstraint(
                condition=Q(expires_at__gte=models.F("kept_at")), name="unmatched_expires_no_sooner"
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["waits_kind", "waits_source", "waits_external_id"], name="unmatched_by_what_it_waits_for"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id} waits for {self.waits_kind} {self.waits_external_id}"
