"""What scorecards, settings and line-up have in common as they change: draft, publish with author and note, retire.

A day is judged by what was in force at its end: published on D counts for D. Days before the first publication are judged
by what was published first, so that history loaded later has a score.
"""

import datetime as dt
from dataclasses import dataclass
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from numpy import intp
from numpy.typing import NDArray

from accounts import calendar, meanings
from accounts.models import User
from health import rules, segments
from health.metrics.cases import Cases
from health.metrics.rules import Rules
from health.models import Document, LineUp, LineUpEntry, Scorecard, ScorecardVersion, Settings
from health.segments import BadSegment, Segment

Kind = TypeVar("Kind", bound=Document)


class Refused(Exception):
    """Something that cannot be done; `sentences` say why, all at once."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


class NothingInForce(Exception):
    """Nothing was ever published, so that no day can be judged."""

    def __init__(self) -> None:
        super().__init__("No scorecard has been published yet. `python manage.py ready` publishes the ready-made ones.")


# --- What is in force ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """One scorecard of the line-up, in the version in force, and the segment it is for."""

    version: ScorecardVersion
    segment: Segment

    @property
    def why(self) -> str:
        """Why an account has this scorecard."""
        return str(self.segment) or "no earlier scorecard of the line-up is for it"


@dataclass(frozen=True)
class InForce:
    """All the judgment that a day is scored with."""

    line_up: LineUp
    settings: Settings
    rules: Rules
    places: tuple[Place, ...]

    @property
    def versions(self) -> tuple[ScorecardVersion, ...]:
        """Each once, in the order of the line-up."""
        return tuple({place.version.pk: place.version for place in self.places}.values())

    def choose(self, cases: Cases) -> NDArray[intp]:
        """Per case the index of its place: the first whose segment it is in, with its attributes at the end of the day."""
        return segments.first_of([place.segment for place in self.places], cases)


def in_force(day: dt.date) -> InForce:
    """The line-up, settings and scorecard versions in force at the end of `day`. Raises NothingInForce."""
    end = calendar.end_of(day)
    line_up = _latest(LineUp.objects.all(), end)
    settings = _latest(Settings.objects.all(), end)
    entries = list(line_up.entries.all())
    of_scorecard: dict[int, list[ScorecardVersion]] = {entry.scorecard_id: [] for entry in entries}
    found = ScorecardVersion.objects.filter(scorecard__in=of_scorecard, published_at__isnull=False)
    for version in found.select_related("scorecard").order_by("published_at"):
        of_scorecard[version.scorecard_id].append(version)
    places = tuple(
        Place(_last_until(of_scorecard[entry.scorecard_id], end), Segment.parse(entry.segment)) for entry in entries
    )
    return InForce(line_up, settings, rules.rules_of(settings.document), places)


def rules_on(day: dt.date) -> Rules:
    """The rules of the settings in force at the end of `day`, the usual ones where none are."""
    try:
        return rules.rules_of(_latest(Settings.objects.all(), calendar.end_of(day)).document)
    except NothingInForce:
        return Rules()


def _latest(documents: QuerySet[Kind], end: dt.datetime) -> Kind:
    published = documents.filter(published_at__isnull=False).order_by("published_at")
    found = published.filter(published_at__lte=end).last() or published.first()
    if found is None:
        raise NothingInForce
    return found


def _last_until(versions: list[ScorecardVersion], end: dt.datetime) -> ScorecardVersion:
    """The last one published by `end`, else the first of all; `versions` are in the order of publication."""
    if not versions:
        raise NothingInForce
    by_then = [version for version in versions if version.published_at is not None and version.published_at <= end]
    return by_then[-1] if by_then else versions[0]


# --- Any document ----------------------------------------------------------------------------------------------------


def take_turns() -> None:
    """One change of the configuration at a time, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('configuration', 0))")


def siblings(document: Kind) -> QuerySet[Kind]:
    """The versions of the same thing."""
    everything: QuerySet[Kind] = type(document)._default_manager.all()
    if isinstance(document, ScorecardVersion):
        return everything.filter(scorecard=document.scorecard_id)
    return everything


def begin(draft: Kind) -> Kind:
    """Save a new draft under the next number. Raises Refused where there is one already."""
    take_turns()
    others = siblings(draft)
    existing = others.filter(state=Document.State.DRAFT).first()
    if existing is not None:
        raise Refused(f"There is a draft already: {existing}. Publish or discard it first.")
    draft.number = (others.aggregate(last=Max("number"))["last"] or 0) + 1
    draft.save()
    return draft


def put_in_force(draft: Kind, *, author: User | None, note: str, now: dt.datetime | None) -> None:
    """Publish the draft in the place of what was published; the caller has seen to it that it can be."""
    published = siblings(draft).filter(state=Document.State.PUBLISHED).first()
    now = now or timezone.now()
    if published is not None:
        published.state, published.retired_at = Document.State.RETIRED, now
        published.save(update_fields=["state", "retired_at"])
    draft.state, draft.author, draft.note, draft.published_at = Document.State.PUBLISHED, author, note.strip(), now
    draft.save()


def publishing_refusals(draft: Document, note: str) -> list[str]:
    """What keeps any draft from being published. The caller holds the turn."""
    sentences = []
    if not siblings(draft).filter(pk=draft.pk, state=Document.State.DRAFT).exists():
        sentences.append(f"{draft} is no draft (any more).")
    if not note.strip():
        sentences.append("A note is missing: say what changes, and why.")
    return sentences


def discard(draft: Document) -> None:
    """Delete a draft. Raises Refused for anything that was ever published."""
    with transaction.atomic():
        take_turns()
        if not siblings(draft).filter(pk=draft.pk, state=Document.State.DRAFT).exists():
            raise Refused(f"{draft} was published and stays.")
        draft.delete()


# --- Settings --------------------------------------------------------------------------------------------------------


def new_settings(based_on: Settings | None = None) -> Settings:
    """A draft like `based_on`, else like the published settings, else with the defaults. Raises Refused."""
    with transaction.atomic():
        source = based_on or Settings.objects.filter(state=Document.State.PUBLISHED).first()
        document = source.document if source else rules.document_of(Rules())
        return begin(Settings(document=document, based_on=source))


def settings_refusals(draft: Settings) -> list[str]:
    try:
        found = rules.rules_of(draft.document)
    except rules.BadRules as error:
        return list(error.sentences)
    return meanings.refusals(found.event_roles, found.core_features, found.sequences)


def publish_settings(draft: Settings, *, author: User | None, note: str, now: dt.datetime | None = None) -> None:
    """Put the draft in force. Raises Refused with everything that speaks against it."""
    with transaction.atomic():
        take_turns()
        draft.refresh_from_db()
        sentences = [*publishing_refusals(draft, note), *settings_refusals(draft)]
        if sentences:
            raise Refused(*sentences)
        # Nothing is left to a default: those may change with the code.
        found = rules.rules_of(draft.document)
        draft.document = rules.document_of(found)
        put_in_force(draft, author=author, note=note, now=now)
        meanings.publish(found.event_roles, found.core_features, found.sequences)
        # Amounts may be converted at other rates now. Rows are locked in the order in which the night locks them.
        with connection.cursor() as cursor:
            cursor.execute(
                "with kept as materialized (select account_id from health_listrow order by account_id for update) "
                "update health_listrow said set until = %s from kept where said.account_id = kept.account_id",
                [dt.date.min],
            )


def settings_differences(before: Settings, after: Settings) -> list[str]:
    """What changes, in words. Raises BadRules."""
    return rules.differences(rules.rules_of(before.document), rules.rules_of(after.document))


# --- Line-up ---------------------------------------------------------------------------------------------------------


def new_line_up(based_on: LineUp | None = None) -> LineUp:
    """A draft like `based_on`, else like the published line-up, else empty. Raises Refused."""
    with transaction.atomic():
        source = based_on or LineUp.objects.filter(state=Document.State.PUBLISHED).first()
        draft = begin(LineUp(based_on=source))
        copied = source.entries.all() if source else []
        LineUpEntry.objects.bulk_create(
            LineUpEntry(line_up=draft, scorecard_id=one.scorecard_id, segment=one.segment, position=one.position)
            for one in copied
        )
        return draft


def line_up_refusals(draft: LineUp) -> list[str]:
    entries = list(draft.entries.select_related("scorecard"))
    if not entries:
        return ["The line-up is empty: no account would get a scorecard."]
    live = set(ScorecardVersion.objects.filter(state=Document.State.PUBLISHED).values_list("scorecard_id", flat=True))
    sentences = []
    for entry in entries:
        if entry.scorecard_id not in live:
            sentences.append(f"{entry.scorecard} has no published version.")
        if not entry.segment.strip() and entry is not entries[-1]:
            sentences.append(
                f"{entry.scorecard} is for everybody, so those after it are for nobody. Give it a segment."
            )
        sentences += segment_refusals(entry)
    if entries[-1].segment.strip():
        sentences.append(f"{entries[-1].scorecard} comes last, so it is for everybody else: leave its segment blank.")
    return list(dict.fromkeys(sentences))


def segment_refusals(entry: LineUpEntry) -> list[str]:
    try:
        sentences = segments.refusals(Segment.parse(entry.segment))
    except BadSegment as error:
        sentences = [str(error)]
    return [f"{entry.scorecard}: {sentence}" for sentence in sentences]


def publish_line_up(draft: LineUp, *, author: User | None, note: str, now: dt.datetime | None = None) -> None:
    """Put the draft in force. Raises Refused with everything that speaks against it."""
    with transaction.atomic():
        take_turns()
        draft.refresh_from_db()
        sentences = [*publishing_refusals(draft, note), *line_up_refusals(draft)]
        if sentences:
            raise Refused(*sentences)
        put_in_force(draft, author=author, note=note, now=now)


def line_up_differences(before: LineUp, after: LineUp) -> list[str]:
    """What changes, in words."""
    old, new = (
        [(entry.scorecard, entry.segment.strip()) for entry in one.entries.select_related("scorecard")]
        for one in (before, after)
    )
    changes = [f"Adds {_entry(one)}." for one in new if one not in old]
    changes += [f"Drops {_entry(one)}." for one in old if one not in new]
    if not changes and old != new:
        changes = [f"Another order: {', then '.join(map(_entry, new))}."]
    return changes


def _entry(entry: tuple[Scorecard, str]) -> str:
    scorecard, segment = entry
    return f"{scorecard} for {segment or 'everybody else'}"
