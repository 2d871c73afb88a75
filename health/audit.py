"""The audit log: its entries found by what they are about, and put together for who reads them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, JSONField, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from accounts.models import User
from health.audit_words import DID, LEFT_OUT, Told, told
from health.models import AuditEntry, LineUp, Scorecard, ScorecardVersion

__all__ = ["DID", "Row", "kinds", "of_scorecard", "rows", "saying", "telling"]

DOCUMENTS = {ScorecardVersion._meta.label: "version_id", LineUp._meta.label: "line_up_id"}


def kinds() -> list[tuple[str, str]]:
    """Model → its noun, of all that is logged."""
    logged = {event.pgh_tracked_model for event in apps.get_models() if hasattr(event, "pgh_tracked_model")}
    named = ((model._meta.label, str(model._meta.verbose_name)) for model in logged)
    return sorted(((label, noun[:1].upper() + noun[1:]) for label, noun in named), key=lambda kind: kind[1])


def telling(entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    """Those that changed anything but what is left out."""
    names = Value(sorted(LEFT_OUT), ArrayField(TextField()))
    left = Func(F("pgh_diff"), names, template="(%(expressions)s)", arg_joiner=" - ", output_field=JSONField())
    changed = entries.annotate(left=left)
    return changed.exclude(pgh_label="update", left=Value({}, JSONField())).exclude(pgh_label="update", left=None)


def of_scorecard(entries: QuerySet[AuditEntry], scorecard: int) -> QuerySet[AuditEntry]:
    """Those of a scorecard, its versions and their parts."""
    versions = list(ScorecardVersion.objects.filter(scorecard=scorecard).values_list("pk", flat=True))
    own = Q(pgh_obj_model=Scorecard._meta.label, pgh_obj_id=str(scorecard))
    return entries.filter(own | Q(pgh_data__scorecard_id=scorecard) | Q(pgh_data__version_id__in=versions))


def saying(entries: QuerySet[AuditEntry], words: str) -> QuerySet[AuditEntry]:
    """Those in which all the words stand, be it in what was written, what it is, or who wrote it."""
    entries = entries.annotate(text=Cast("pgh_data", TextField()))
    for word in words.split():
        nouns = [label for label, noun in kinds() if word.lower() in noun.lower()]
        users = list(
            User.objects.filter(Q(name__icontains=word) | Q(email__icontains=word)).values_list("pk", flat=True)
        )
        entries = entries.filter(Q(text__icontains=word) | Q(pgh_obj_model__in=nouns) | Q(who__in=users))
    return entries


@dataclass(frozen=True)
class Row:
    """Entries that stand together: one, or a version with all the parts that it was made with, the latest first."""

    entries: tuple[AuditEntry, ...]
    told: tuple[Told, ...]

    @property
    def parts(self) -> str:
        """What was added, counted: `4 guards, 16 measures, 6 groups`."""
        models = [apps.get_model(entry.pgh_obj_model)._meta for entry in self.entries]
        counts = Counter(model for model in models if model.label not in DOCUMENTS)
        return ", ".join(
            f"{count} {model.verbose_name if count == 1 else model.verbose_name_plural}"
            for model, count in counts.items()
        )


def rows(entries: Iterable[AuditEntry]) -> Iterator[Row]:
    """The entries of a page; those that were added to one version by one hand, one after the other, in one row."""
    entries = list(entries)
    pairs = list(zip(entries, told(entries), strict=True))
    for key, group in groupby(pairs, key=lambda pair: _added_to(pair[0])):
        run = list(group)
        for together in [run] if key else [[pair] for pair in run]:
            found, said = zip(*together, strict=True)
            yield Row(found, said)


def _added_to(entry: AuditEntry) -> tuple[Any, ...] | None:
    """The version that something was added to, and by whom; None of any other write."""
    if entry.pgh_label != "insert":
        return None
    if entry.pgh_obj_model in DOCUMENTS:
        return entry.who_id, DOCUMENTS[entry.pgh_obj_model], int(str(entry.pgh_obj_id))
    within = next((name for name in DOCUMENTS.values() if entry.pgh_data.get(name)), None)
    return (entry.who_id, within, entry.pgh_data[within]) if within else None
