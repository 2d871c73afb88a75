"""The audit log in words: of each write to the configuration, what it was about and what it changed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, JSONField, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from accounts.models import User
from health.models import AuditEntry, LineUp, Scorecard, ScorecardVersion

# What the entry says elsewhere, or what says nothing.
LEFT_OUT = {"id", "version_id", "line_up_id", "scorecard_id", "group_id", "based_on_id", "slot"}
# The entry has its own moment.
LEFT_OUT |= {"created_at", "date_joined", "published_at", "retired_at"}
DID = {"insert": "added", "update": "changed", "delete": "deleted"}


@dataclass(frozen=True)
class Change:
    """One member of what was written: its value before and after, None where there was none."""

    member: str
    before: Any
    after: Any

    @property
    def in_words(self) -> str:
        return f"{said(self.before)} → {said(self.after)}"


def said(value: Any) -> str:
    if value is None or value in ("", []):
        return "nothing"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def changes_of(entry: AuditEntry) -> list[Change]:
    """What an entry changed: all that an added row came with, and all that a deleted one took along."""
    if entry.pgh_label == "update":
        pairs = dict(entry.pgh_diff or {})
    elif entry.pgh_label == "insert":
        pairs = {name: (None, value) for name, value in entry.pgh_data.items()}
    else:
        pairs = {name: (value, None) for name, value in entry.pgh_data.items()}
    return [
        change
        for name, (before, after) in pairs.items()
        if name not in LEFT_OUT
        for change in _apart(name, before, after)
    ]


def _apart(name: str, before: Any, after: Any) -> Iterator[Change]:
    """A change, or of a document one for each member that is another one."""
    if isinstance(before, dict) or isinstance(after, dict):
        old, new = before or {}, after or {}
        for member in {**old, **new}:
            yield from _apart(member, old.get(member), new.get(member))
    elif before != after and (before or after or before is False or after is False or 0 in (before, after)):
        yield Change(name, before, after)


@dataclass(frozen=True)
class Told:
    """An entry with who wrote it and what it was about."""

    who: str
    what: str


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


def told(entries: Iterable[AuditEntry]) -> Iterator[Told]:
    """Every entry with its names, by four queries for them all."""
    entries = list(entries)
    users = User.objects.in_bulk({entry.who_id for entry in entries if entry.who_id})
    versions = ScorecardVersion.objects.select_related("scorecard").in_bulk(_numbers(entries, "version_id"))
    scorecards = Scorecard.objects.in_bulk(_numbers(entries, "scorecard_id"))
    line_ups = LineUp.objects.in_bulk(_numbers(entries, "line_up_id"))
    for entry in entries:
        data = entry.pgh_data
        within = (
            versions.get(data.get("version_id"))
            or line_ups.get(data.get("line_up_id"))
            or scorecards.get(data.get("scorecard_id"))
        )
        noun = apps.get_model(entry.pgh_obj_model)._meta.verbose_name
        name = next((data[key] for key in ("metric", "email", "label", "name", "number") if data.get(key)), None)
        name = name or scorecards.get(data.get("scorecard_id"), "")
        place = f" ({within})" if within else ""
        yield Told(str(users.get(entry.who_id, "")), f"{noun} {name}{place} {DID[entry.pgh_label]}")


def _numbers(entries: Iterable[AuditEntry], name: str) -> set[int]:
    return {entry.pgh_data[name] for entry in entries if entry.pgh_data.get(name)}
