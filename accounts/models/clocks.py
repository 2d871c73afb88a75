"""Two clocks: when something happened, and when Verdant learned it.

Nothing is overwritten. A record that comes in is a *version*: it is known from `received_at` until `superseded_at`, when a
later version replaced it or a deletion or an undo closed it. Reading "as known then" is one predicate, `known(at)`, and
serves history, late data, back-tests, deletions and the undo of an import alike.
"""

import datetime as dt
from typing import Any, ClassVar, Self

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now


class KnownQuerySet(models.QuerySet[Any]):
    def known(self, at: dt.datetime | None = None) -> Self:
        """The versions known at `at`; without it, those known now."""
        if at is None:
            return self.filter(superseded_at__isnull=True)
        return self.filter(Q(superseded_at__isnull=True) | Q(superseded_at__gt=at), received_at__lte=at)


class Fact(models.Model):
    """The knowing clock of a row, and where the row came from: `job` opened it, `closed_by` superseded or deleted it.

    `receipt_assumed` marks history that was loaded later: `received_at` is then when it would have been known.
    """

    source = models.ForeignKey("accounts.Source", on_delete=models.PROTECT, related_name="+", db_index=False)
    job = models.ForeignKey(
        "accounts.Job", on_delete=models.SET_NULL, related_name="+", db_index=False, null=True, db_constraint=False
    )
    closed_by = models.ForeignKey(
        "accounts.Job", on_delete=models.SET_NULL, related_name="+", db_index=False, null=True, db_constraint=False
    )
    received_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)
    receipt_assumed = models.BooleanField(default=False)

    objects: ClassVar[Any] = KnownQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(superseded_at__isnull=True) | Q(superseded_at__gte=F("received_at")),
                name="%(class)s_superseded_after_received",
            ),
        ]


def this_transaction() -> Func:
    """The number of the transaction that writes. Who reads the feed of changes goes by it (`accounts/changefeed.py`)."""
    return Func(
        function="pg_current_xact_id",
        template="(%(function)s()::text::bigint)",
        output_field=models.BigIntegerField(),
    )


def notes_its_change(column: str) -> pgtrigger.Trigger:
    """A row whose `column` changes is changed by this transaction, whoever wrote it and by whichever way."""
    return pgtrigger.Trigger(
        name="notes_its_change",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf(column),  # type: ignore[no-untyped-call]
        condition=pgtrigger.Q(**{f"old__{column}__df": pgtrigger.F(f"new__{column}")}),
        func="new.changed_in := pg_current_xact_id()::text::bigint; new.changed_at := now(); return new;",
    )


class Version(Fact):
    """One version of a record. `record` is the number that all versions of it share and that others refer to.

    `changed_in` is the transaction that wrote or closed it and `changed_at` when that began, whatever its receipt.
    """

    id = models.BigAutoField(primary_key=True)
    record = models.BigIntegerField()
    changed_in = models.BigIntegerField(db_default=this_transaction(), editable=False)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(Fact.Meta):
        abstract = True
        constraints = [
            *Fact.Meta.constraints,
            models.UniqueConstraint(
                fields=["record"], condition=Q(superseded_at__isnull=True), name="one_current_%(class)s_per_record"
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["record"], condition=Q(superseded_at__isnull=False), name="%(class)s_earlier_versions"
            ),
            models.Index(fields=["closed_by"], condition=Q(closed_by__isnull=False), name="%(class)s_closed_by_job"),
            # Rows of a job lie together, so this index costs next to nothing.
            BrinIndex(fields=["job"], autosummarize=True, name="%(class)s_of_job"),
            models.Index(fields=["changed_in", "id"], name="%(class)s_changes"),
        ]
        triggers: ClassVar[list[Any]] = [notes_its_change("superseded_at")]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.record}"
