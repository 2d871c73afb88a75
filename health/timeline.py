"""What happened at an account, in one list, newest first: what people did and said, and what followed from it."""

import datetime as dt
import enum
import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts import calendar
from accounts.models import Account, License, Note, Pulse, Renewal, Stakeholder, Task, Touchpoint
from health.models import Alert, Override, Transition
from health.names import named
from health.templatetags.verdant import whole_money
from health.tickets import escalations
from health.words import band
from surveys.models import Response, Survey

# As many in a piece, and as many at first on a page that shows other things as well.
SIZE, FEW = 15, 8
TOUCH_ICONS = {Touchpoint.Kind.CALL.value: "phone", Touchpoint.Kind.EMAIL.value: "mail"}
NOTHING_LATER = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)


class Show(enum.StrEnum):
    """What the list is narrowed to."""

    ALL = "all"
    TOUCH = "touch"
    NOTES = "notes"
    SYSTEM = "system"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Something that happened. Of what is only known by its day, `at` is the day's beginning.
    `bands` are those before and after a change of band."""

    at: dt.datetime
    icon: str
    title: str
    says: str = ""
    who: str = ""
    bands: tuple[str, str] | None = None


@dataclass(frozen=True)
class Cursor:
    """Where a list goes on: with what is no later than `at`, without so many of that very moment, already shown."""

    at: dt.datetime
    skip: int = 0

    def __str__(self) -> str:
        return f"{self.at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S.%fZ}~{self.skip}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """What an address says; None for whatever is no cursor."""
        moment, _, skip = text.partition("~")
        try:
            at, number = dt.datetime.fromisoformat(moment), int(skip or 0)
        except ValueError:
            return None
        return cls(at, number) if at.tzinfo is not None and 0 <= number < 10_000 else None


@dataclass(frozen=True)
class Timeline:
    """One piece of the list, and where the next one begins. `goes_on` after an earlier piece."""

    show: Show
    entries: tuple[Entry, ...]
    older: Cursor | None
    goes_on: bool
    choices: tuple[Show, ...] = tuple(Show)


@dataclass(frozen=True)
class _Slice:
    """What a source is asked for: no more than `size` of what is no later than `until`. Plans may lie ahead of us."""

    account: Account
    until: dt.datetime
    plans_until: dt.datetime
    size: int

    def of(self, rows: QuerySet[Any], field: str, until: object = None) -> QuerySet[Any]:
        """The newest of the rows of which `field` is a moment or a day."""
        return rows.filter(**{f"{field}__lte": until or self.until}).order_by(f"-{field}", "-pk")[: self.size]

    def by_day(self, rows: QuerySet[Any], field: str) -> QuerySet[Any]:
        return self.of(rows, field, calendar.day_of(self.until))


def timeline(account: Account, show: Show = Show.ALL, before: Cursor | None = None, size: int = SIZE) -> Timeline:
    """The newest entries, or those that follow the cursor. One query a source, and one for the names of who took part."""
    skip = before.skip if before else 0
    now = timezone.now()
    until = min(before.at, now) if before else now
    wanted = _Slice(account, until, before.at if before else NOTHING_LATER, size + skip + 1)
    merged = heapq.merge(*(source(wanted) for source in SOURCES[show]), key=lambda entry: entry.at, reverse=True)
    found = list(islice(merged, skip, skip + size + 1))
    shown = found[:size]
    older = _older(shown, before) if len(found) > size else None
    return Timeline(show, tuple(shown), older, before is not None)


def _older(shown: list[Entry], before: Cursor | None) -> Cursor:
    last = shown[-1].at
    again = before.skip if before and before.at == last else 0
    return Cursor(last, again + sum(entry.at == last for entry in shown))


def _sorted(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _day(day: dt.date) -> dt.datetime:
    return calendar.start_of(day)


# --- What people did and said ----------------------------------------------------------------------------------------


def _touchpoints(wanted: _Slice) -> Iterator[Entry]:
    rows = list(wanted.of(Touchpoint.objects.known().filter(account=wanted.account), "at", wanted.plans_until))
    present = {record for row in rows for record in row.participants}
    people = Stakeholder.objects.known().filter(record__in=present, account=wanted.account)
    names = dict(people.values_list("record", "name"))
    for row in rows:
        state = "" if row.status == Touchpoint.Status.HELD else f", {row.get_status_display().lower()}"
        yield Entry(
            at=row.at,
            icon=TOUCH_ICONS.get(row.kind, "users"),
            title=(row.subject or row.get_kind_display()) + state,
            says=row.notes or row.reason,
            who=", ".join(names[record] for record in row.participants if record in names),
        )


def _notes(wanted: _Slice) -> Iterator[Entry]:
    for row in wanted.of(Note.objects.filter(account=wanted.account).select_related("author"), "at"):
        yield Entry(at=row.at, icon="note", title="Note", says=row.text, who=str(row.author or ""))


def _tasks(wanted: _Slice) -> Iterator[Entry]:
    done = Task.objects.filter(account=wanted.account, done_at__isnull=False).select_related("done_by")
    for row in wanted.of(done, "done_at"):
        yield Entry(
            at=row.done_at, icon="checkbox", title=f"Done: {row.title}", says=row.reason, who=str(row.done_by or "")
        )


def _pulses(wanted: _Slice) -> Iterator[Entry]:
    rows = Pulse.objects.known().filter(account=wanted.account).annotate(who=named("author"))
    for row in wanted.of(rows, "at"):
        yield Entry(at=row.at, icon="heartbeat", title=f"Pulse {row.rating} of 5", says=row.comment, who=row.who)


def _answers(wanted: _Slice) -> Iterator[Entry]:
    asked = Survey.objects.known().filter(record=OuterRef("survey_record"))
    person = Stakeholder.objects.known().filter(record=OuterRef("stakeholder_record"), account=OuterRef("account"))
    rows = Response.objects.known().filter(account=wanted.account).annotate(
        kind=Subquery(asked.values("kind")[:1]), person=Subquery(person.values("name")[:1])
    )  # fmt: skip
    for row in wanted.of(rows, "at"):
        name = Survey.Kind(row.kind).label if row.kind else "Survey"
        yield Entry(
            at=row.at, icon="message", title=f"{name} answer: {row.value:g}", says=row.comment, who=row.person or ""
        )


# --- What followed ---------------------------------------------------------------------------------------------------


def _alerts(wanted: _Slice) -> Iterator[Entry]:
    """By the day that they are about, as on their own page. A change of band is told by itself."""
    rows = Alert.objects.filter(account=wanted.account).exclude(kind=Alert.Kind.BAND_CHANGED)
    for row in wanted.by_day(rows, "day"):
        on = calendar.day_of(row.raised_at)
        told = f" Told {on:%b} {on.day}." if on != row.day else ""
        yield Entry(at=_day(row.day), icon="bell", title=row.get_kind_display(), says=f"{row.says}{told}")


def _bands(wanted: _Slice) -> Iterator[Entry]:
    rows = Transition.objects.filter(account=wanted.account, kind=Transition.Kind.BAND)
    for row in wanted.by_day(rows, "day"):
        yield Entry(at=_day(row.day), icon="arrows-exchange", title="Band", bands=(band(row.before), band(row.after)))


def _overrides(wanted: _Slice) -> list[Entry]:
    rows = Override.objects.filter(account=wanted.account, set_at__lte=wanted.until).select_related("author")
    found = []
    for row in rows.order_by("-set_at")[: wanted.size]:
        word = row.get_band_display().lower()
        begun = Entry(at=row.set_at, icon="hand-stop", title=f"Held at {word}", says=row.reason, who=str(row.author))
        found.append(begun)
        if row.ended_at is not None and row.ended_at <= wanted.until:
            found.append(replace(begun, at=row.ended_at, title=f"No longer held at {word}", says=""))
    return _sorted(found)


def _escalations(wanted: _Slice) -> Iterator[Entry]:
    for row in wanted.of(escalations(wanted.account), "at"):
        yield Entry(at=row.at, icon="alert-circle", title="Ticket escalated", says=row.subject or "")


def _begun(wanted: _Slice) -> Iterator[Entry]:
    for row in wanted.by_day(License.objects.known().filter(account=wanted.account), "starts_on"):
        yield Entry(at=_day(row.starts_on), icon="file-text", title="License began", says=_license(row))


def _canceled(wanted: _Slice) -> Iterator[Entry]:
    for row in wanted.by_day(License.objects.known().filter(account=wanted.account), "canceled_on"):
        yield Entry(at=_day(row.canceled_on), icon="file-text", title="License canceled", says=_license(row))


def _license(row: License) -> str:
    count = "" if row.seats is None else f"{row.seats:,} license{'' if row.seats == 1 else 's'}"
    many = "unlimited licenses" if row.unlimited else count
    amount = (
        "" if row.amount is None else f"{whole_money(row.amount, row.currency)} {row.get_interval_display().lower()}"
    )
    return ", ".join(part for part in (row.name, many, amount) if part)


def _decided(wanted: _Slice) -> Iterator[Entry]:
    rows = Renewal.objects.known().filter(account=wanted.account).exclude(outcome=Renewal.Outcome.UNDECIDED)
    for row in wanted.by_day(rows.filter(decided_on__isnull=False), "decided_on"):
        title = "Renewed" if row.outcome == Renewal.Outcome.RENEWED else "Renewal lost"
        yield Entry(at=_day(row.decided_on), icon="file-text", title=title, says=row.reason)


def _left(wanted: _Slice) -> Iterator[Entry]:
    for row in wanted.by_day(Stakeholder.objects.known().filter(account=wanted.account), "left_on"):
        role = row.get_role_display()
        says = f"{role}, {row.title}" if row.title else role
        yield Entry(at=_day(row.left_on), icon="user-x", title=f"{row.name} left", says=says)


Source = Callable[[_Slice], Iterable[Entry]]
_TOUCH: tuple[Source, ...] = (_touchpoints, _answers)
_NOTES: tuple[Source, ...] = (_notes, _tasks, _pulses)
_SYSTEM: tuple[Source, ...] = (_alerts, _bands, _overrides, _escalations, _begun, _canceled, _decided, _left)
SOURCES = {Show.ALL: _TOUCH + _NOTES + _SYSTEM, Show.TOUCH: _TOUCH, Show.NOTES: _NOTES, Show.SYSTEM: _SYSTEM}
