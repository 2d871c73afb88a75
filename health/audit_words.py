"""Entries of the audit log in words: who wrote, what it was about, and what that changed, in the words of the pages."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db.models import DateTimeField, Field, Model
from django.utils.formats import date_format
from django.utils.timezone import localtime

from accounts.models import Account, Source, Team, User
from health import rules, words
from health.models import AuditEntry, LineUp, Scorecard, ScorecardVersion, Settings

# What the entry says elsewhere, or what says nothing.
LEFT_OUT = {"id", "version_id", "line_up_id", "scorecard_id", "group_id", "based_on_id", "author_id", "slot"}
# The entry has its own moment.
LEFT_OUT |= {"created_at", "date_joined", "published_at", "retired_at"}
# Of a row that comes or goes: what its name says, and where it stands.
SAID_BY_NAME = {"metric", "number", "position"}
DID = {"insert": "added", "update": "changed", "delete": "deleted"}
# What a column names.
NAMED: dict[str, type[Model]] = {
    "version_id": ScorecardVersion, "scorecard_id": Scorecard, "line_up_id": LineUp, "team_id": Team,
    "master_id": Source, "source_id": Source, "user_id": User, "by_id": User, "undone_by_id": User,
    "loser_id": Account, "survivor_id": Account,
}  # fmt: skip

Names = Mapping[tuple[type[Model], int], str]


@dataclass(frozen=True)
class Change:
    """One member of what was written, in words: its value before and after, None where there was no row."""

    member: str
    before: str | None
    after: str | None

    @property
    def in_words(self) -> str:
        """`1 → 3`, and the value alone of what came or went."""
        return " → ".join(value or "nothing" for value in (self.before, self.after) if value is not None)


@dataclass(frozen=True)
class Told:
    """An entry in words: who wrote it, what it was about, and what that changed."""

    who: str
    what: str
    changes: tuple[Change, ...]


def told(entries: Iterable[AuditEntry]) -> Iterator[Told]:
    """Every entry in words, by a query for each kind of thing that they name."""
    entries = list(entries)
    names = _names(entries)
    for entry in entries:
        data = entry.pgh_data
        of = {name: names.get((model, data.get(name) or 0), "") for name, model in NAMED.items()}
        within = of["version_id"] or of["line_up_id"] or of["scorecard_id"]
        noun = apps.get_model(entry.pgh_obj_model)._meta.verbose_name
        name = words.called(data["metric"], data.get("window")) if data.get("metric") else None
        name = name or next((data[key] for key in ("email", "label", "name", "number") if data.get(key)), None)
        place = f" ({within})" if within else ""
        what = f"{noun} {name or of['scorecard_id'] or of['loser_id']}{place} {DID[entry.pgh_label]}"
        yield Told(names.get((User, entry.who_id or 0), ""), what, tuple(_changes_of(entry, names)))


def _names(entries: Iterable[AuditEntry]) -> Names:
    wanted: dict[type[Model], set[int]] = {model: set() for model in NAMED.values()}
    for entry in entries:
        wanted[User] |= {entry.who_id} if entry.who_id else set()
        for name, model in NAMED.items():
            values = (entry.pgh_data.get(name), *(entry.pgh_diff or {}).get(name, ()))
            wanted[model] |= {value for value in values if value}
    versions = ScorecardVersion.objects.select_related("scorecard")
    return {
        (model, pk): str(one)
        for model, numbers in wanted.items()
        for pk, one in (versions if model is ScorecardVersion else model._default_manager).in_bulk(numbers).items()
    }


# --- What changed ----------------------------------------------------------------------------------------------------


def _changes_of(entry: AuditEntry, names: Names) -> Iterator[Change]:
    """What an entry changed: all that an added row came with, and all that a deleted one took along."""
    speaker = _Speaker(apps.get_model(entry.pgh_obj_model), entry.pgh_data, names)
    if entry.pgh_label == "update":
        for name, (old, new) in (entry.pgh_diff or {}).items():
            yield from speaker.changes(name, old, new) if name not in LEFT_OUT else ()
        return
    for name, value in entry.pgh_data.items():
        for change in speaker.changes(name, None, value) if name not in LEFT_OUT | SAID_BY_NAME else ():
            if change.after:
                gone = entry.pgh_label == "delete"
                yield Change(change.member, change.after, None) if gone else Change(change.member, None, change.after)


@dataclass(frozen=True)
class _Speaker:
    """Says the columns of one row."""

    model: type[Model]
    row: Mapping[str, Any]
    names: Names

    def changes(self, name: str, old: Any, new: Any) -> Iterator[Change]:
        """A column that has another value, or of a document each setting that has one."""
        if self.model is Settings and name == "document":
            old, new = old or {}, new or {}
            for member in {**old, **new}:
                if old.get(member) != new.get(member):
                    said = [rules.told(member, one[member]) if member in one else "" for one in (old, new)]
                    yield Change(rules.label(member), *said)
            return
        field = self.model._meta.get_field(name)
        assert isinstance(field, Field)
        before, after = self.said(field, old), self.said(field, new)
        if before != after:
            yield Change(str(field.verbose_name), before, after)

    def said(self, field: "Field[Any, Any]", value: Any) -> str:
        """A value as people say it; empty where there is none."""
        if value is None or value in ("", []):
            return ""
        if field.related_model is not None:
            return self.names.get((field.related_model, value), str(value))
        if field.name == "metric":
            return words.called(value, self.row.get("window"))
        if field.name == "scale":
            return words.scale(self.row["metric"], value)
        if isinstance(field, DateTimeField):
            return date_format(localtime(dt.datetime.fromisoformat(value)), "DATETIME_FORMAT")
        choices = dict((field.base_field if isinstance(field, ArrayField) else field).flatchoices)
        several = value if isinstance(value, list) else [value]
        return ", ".join(_plainly(choices.get(one, one) if choices else one) for one in several)


def _plainly(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
