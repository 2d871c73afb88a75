"""Two clocks: when something happened, and when Verdant learned it.

Nothing is overwritten. A record that comes in is a *version*: it is known from `received_at` until `superseded_at`, when a
later version replaced it or a deletion or an undo closed it. Reading "as known then" is one predicate, `known(at)`, and
serves history, late data, back-tests, deletions and the undo of an import alike.
"""

import datetime as dt
from typing import Any, ClassVar, Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q


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


class Version(Fact):
    """One version of a record. `record` is the number that all versions of it share and that others refer to."""

    id = models.BigAutoField(primary_key=True)
    record = models.BigIntegerField()

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
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.record}"
