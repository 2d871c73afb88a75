"""Scorecards: a draft is edited, published with a note, and never changes again.

`card_of` and `asked_of` turn a version into what arithmetic and engine take: the first says how readings are scored, the
second which readings those are, one a slot.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from health import words
from health.configuration import Refused, begin, publishing_refusals, put_in_force, take_turns
from health.metrics import declare
from health.metrics.declare import Metric, MetricGroup, Nothing
from health.metrics.read import Asked
from health.models import Document, Group, Guard, LineUpEntry, Measure, Scorecard, ScorecardVersion
from health.scoring import card as scoring
from health.scoring import publish as scoring_publish
from health.scoring.card import Band, Card, Comparison, Missing
from health.scoring.scale import BadScale, Scale

# Stands in for a scale that cannot be read, so that everything else about a draft can be judged as well.
ANY_SCALE = Scale((0.0, 1.0), (0.0, 100.0))


@dataclass(frozen=True)
class Parts:
    """What a version is made of, in order."""

    groups: tuple[Group, ...]
    measures: tuple[Measure, ...]
    guards: tuple[Guard, ...]

    @property
    def readings(self) -> tuple[Measure | Guard, ...]:
        return (*self.measures, *self.guards)


def parts_of(version: ScorecardVersion) -> Parts:
    return Parts(
        tuple(version.groups.all()),
        tuple(version.measures.select_related("group")),
        tuple(version.guards.all()),
    )


# --- For arithmetic and engine ---------------------------------------------------------------------------------------


def card_of(version: ScorecardVersion, parts: Parts | None = None) -> Card:
    """The version as arithmetic takes it. Raises BadScale where a draft has a scale that cannot be read."""
    parts = parts or parts_of(version)
    slots = slots_of(parts)
    places = {group.pk: index for index, group in enumerate(parts.groups)}
    return Card(
        groups=tuple(scoring.Group(key=group.key, weight=group.weight) for group in parts.groups),
        measures=tuple(
            scoring.Measure(
                key=key_of(measure),
                slot=slots[_limits(measure)],
                group=places[measure.group_id],
                weight=measure.weight,
                scale=Scale.parse(measure.scale),
                missing=Missing(measure.missing),
                points_when_missing=measure.points_when_missing or 0.0,
            )
            for measure in parts.measures
        ),
        guards=tuple(
            scoring.Guard(
                key=key_of(guard),
                slot=slots[_limits(guard)],
                comparison=Comparison(guard.comparison),
                value=0.0 if guard.value is None else guard.value,
                release=guard.release,
                cap=Band(guard.cap),
            )
            for guard in parts.guards
        ),
        green=float(version.green),
        yellow=float(version.yellow),
        margin=float(version.margin),
        min_coverage=float(version.min_coverage),
    )


def asked_of(version: ScorecardVersion, parts: Parts | None = None) -> tuple[Asked, ...]:
    """What the engine has to read for the version; the place of each is its slot. Raises LookupError."""
    return tuple(map(_asked, slots_of(parts or parts_of(version))))


Limits = tuple[str, int | None, int | None, int | None, int | None]


def slots_of(parts: Parts) -> dict[Limits, int]:
    """One slot for each distinct reading, in order: measures, then guards.

    A guard shares the slot of a measure where it reads the same; with a least n or an age of its own it has its own.
    """
    slots: dict[Limits, int] = {}
    for reading in parts.readings:
        slots.setdefault(_limits(reading), len(slots))
    return slots


def _limits(reading: Measure | Guard) -> Limits:
    min_days = reading.min_days if isinstance(reading, Measure) else None
    return reading.metric, window_of(reading), reading.min_n, reading.max_age_days, min_days


def _asked(limits: Limits) -> Asked:
    name, window, min_n, max_age_days, min_days = limits
    metric, argument = declare.get(name)
    return Asked(
        metric=metric, window=window, argument=argument, min_n=min_n, max_age_days=max_age_days, min_days=min_days
    )


def window_of(reading: Measure | Guard) -> int | None:
    """Its window, or the usual one of the metric where it says none."""
    metric = _metric(reading.metric)
    return metric.window if reading.window is None and metric else reading.window


def key_of(reading: Measure | Guard) -> str:
    window = window_of(reading)
    return reading.metric if window is None else f"{reading.metric}[{window}]"


def name_of(reading: Measure | Guard) -> str:
    """What people call it: `Usage trend, 90 d`."""
    return words.called(reading.metric, window_of(reading))


def guard_in_words(guard: Guard) -> str:
    """`Oldest escalated ticket over 7 d: at most yellow`."""
    asked = words.asked_for(guard.metric, guard.window)
    return words.guard(guard, asked) if asked else str(guard)


def _metric(name: str) -> Metric | None:
    try:
        return declare.get(name)[0]
    except LookupError:
        return None


def shares(parts: Parts) -> dict[int, float]:
    """Measure → what it counts for of the whole score, in percent, when every measure has a reading."""
    of_group = {group.pk: group.weight for group in parts.groups}
    total = sum(weight for pk, weight in of_group.items() if _weight_in(parts.measures, pk) > 0)
    return {
        measure.pk: 100
        * of_group[measure.group_id]
        / total
        * measure.weight
        / _weight_in(parts.measures, measure.group_id)
        if total > 0 and measure.weight > 0
        else 0.0
        for measure in parts.measures
    }


def _weight_in(measures: Iterable[Measure], group_id: int) -> float:
    return sum(measure.weight for measure in measures if measure.group_id == group_id)


# --- Verbs -----------------------------------------------------------------------------------------------------------


def new_draft(scorecard: Scorecard, *, based_on: ScorecardVersion | None = None) -> ScorecardVersion:
    """A draft like `based_on`, else like the published version, else with the usual groups and nothing in them.

    Raises Refused where the scorecard has a draft already.
    """
    with transaction.atomic():
        source = based_on or scorecard.versions.filter(state=Document.State.PUBLISHED).first()
        draft = ScorecardVersion(scorecard=scorecard, based_on=source)
        if source is not None:
            draft.green, draft.yellow, draft.margin = source.green, source.yellow, source.margin
            draft.min_coverage = source.min_coverage
        begin(draft)
        if source is None:
            Group.objects.bulk_create(_usual_groups(draft))
        else:
            _copy(parts_of(source), draft)
        return draft


def start_again_from(version: ScorecardVersion) -> ScorecardVersion:
    """A draft like an earlier version. Raises Refused."""
    return new_draft(version.scorecard, based_on=version)


def publish(draft: ScorecardVersion, *, author: User | None, note: str, now: dt.datetime | None = None) -> None:
    """Put the draft in force, in the place of what was published. Raises Refused with everything that speaks against it.

    Windows left blank become what they stand for, and every reading gets its slot: from now on the version says it all.
    """
    with transaction.atomic():
        take_turns()
        draft.refresh_from_db()
        parts = parts_of(draft)
        sentences = [*publishing_refusals(draft, note), *refusals(draft, parts)]
        if sentences:
            raise Refused(*sentences)
        slots = slots_of(parts)
        for reading in parts.readings:
            reading.slot, reading.window = slots[_limits(reading)], window_of(reading)
        Measure.objects.bulk_update(parts.measures, ["slot", "window"])
        Guard.objects.bulk_update(parts.guards, ["slot", "window"])
        put_in_force(draft, author=author, note=note, now=now)


def retire(version: ScorecardVersion, *, now: dt.datetime | None = None) -> None:
    """Take a published version out of force without another one in its place. Raises Refused."""
    with transaction.atomic():
        take_turns()
        version.refresh_from_db()
        if version.state != Document.State.PUBLISHED:
            raise Refused(f"{version} is not published.")
        if LineUpEntry.objects.filter(scorecard=version.scorecard, line_up__state=Document.State.PUBLISHED).exists():
            raise Refused(f"{version.scorecard} is in the line-up. Publish a line-up without it first.")
        version.state, version.retired_at = Document.State.RETIRED, now or timezone.now()
        version.save(update_fields=["state", "retired_at"])


def _usual_groups(draft: ScorecardVersion) -> list[Group]:
    return [
        Group(version=draft, key=group.value, label=group.value.title(), position=position)
        for position, group in enumerate(MetricGroup)
    ]


def _copy(parts: Parts, draft: ScorecardVersion) -> None:
    groups = [
        Group(version=draft, key=one.key, label=one.label, weight=one.weight, position=one.position)
        for one in parts.groups
    ]
    Group.objects.bulk_create(groups)
    at = {old.pk: new for old, new in zip(parts.groups, groups, strict=True)}
    for reading in parts.readings:
        if isinstance(reading, Measure):
            reading.group = at[reading.group_id]
        reading.pk, reading.version, reading.slot = None, draft, None
    Measure.objects.bulk_create(parts.measures)
    Guard.objects.bulk_create(parts.guards)


# --- What keeps a draft from being published -------------------------------------------------------------------------


def refusals(draft: ScorecardVersion, parts: Parts | None = None) -> list[str]:
    """Everything that keeps a draft from being published, each as a sentence."""
    parts = parts or parts_of(draft)
    readable = tuple(_readable(measure) for measure in parts.measures)
    sentences = [sentence for reading in parts.readings for sentence in reading_refusals(reading)]
    return [*sentences, *scoring_publish.refusals(_named(card_of(draft, replace(parts, measures=readable)), parts))]


def _named(card: Card, parts: Parts) -> Card:
    """The card with what people call its parts in the place of their keys, which stay where two would be called the same."""
    names = {key_of(reading): name_of(reading) for reading in parts.readings}
    times = Counter(names.values())
    names = {key: name if times[name] == 1 else f"{name} ({key})" for key, name in names.items()}
    return replace(
        card,
        groups=tuple(replace(one, key=group.label) for one, group in zip(card.groups, parts.groups, strict=True)),
        measures=tuple(replace(one, key=names[one.key]) for one in card.measures),
        guards=tuple(replace(one, key=names[one.key]) for one in card.guards),
    )


def _readable(measure: Measure) -> Measure:
    try:
        Scale.parse(measure.scale)
    except BadScale:
        return Measure(
            pk=measure.pk, version=measure.version, group=measure.group, metric=measure.metric, window=measure.window,
            min_n=measure.min_n, max_age_days=measure.max_age_days, min_days=measure.min_days, weight=measure.weight,
            missing=measure.missing, points_when_missing=measure.points_when_missing, scale=str(ANY_SCALE),
        )  # fmt: skip
    return measure


def reading_refusals(reading: Measure | Guard) -> Iterator[str]:
    """What is wrong with one measure or guard by itself."""
    name = f"The guard on {name_of(reading)}" if isinstance(reading, Guard) else name_of(reading)
    try:
        metric, _ = declare.get(reading.metric)
    except LookupError as error:
        yield str(error.args[0])
    else:
        yield from _out_of_place(name, reading, metric)
    if reading.window == 0:
        yield f"{name}: a window has at least one day."
    if isinstance(reading, Measure):
        yield from _measure_refusals(reading)


def _out_of_place(name: str, reading: Measure | Guard, metric: Metric) -> Iterator[str]:
    """Silence that is a value cannot be too thin or too old."""
    if reading.window is not None and metric.window is None:
        yield f"{name}: {metric.label} takes no window."
    if reading.min_n is not None and metric.nothing != Nothing.MISSING:
        yield f"{name}: {metric.label} is no sample and takes no least n."
    if reading.max_age_days is not None and not metric.is_opinion:
        yield f"{name}: {metric.label} is no opinion and cannot be too old."


def _measure_refusals(measure: Measure) -> Iterator[str]:
    try:
        Scale.parse(measure.scale)
    except BadScale as error:
        yield f"{name_of(measure)}: {error}"
    if measure.missing == Missing.COUNT and measure.points_when_missing is None:
        yield f"{name_of(measure)}: say as how many points silence counts."


# --- What changes ----------------------------------------------------------------------------------------------------

EDGES = {"green": "Green from", "yellow": "Yellow from", "margin": "Margin", "min_coverage": "Least coverage"}


def differences(before: ScorecardVersion, after: ScorecardVersion) -> list[str]:
    """What changes from one version to the other, in words."""
    old, new = parts_of(before), parts_of(after)
    changes = [
        f"{words} {float(getattr(before, name)):g} → {float(getattr(after, name)):g}."
        for name, words in EDGES.items()
        if getattr(before, name) != getattr(after, name)
    ]
    changes += _changes("group", _groups(old), _groups(new))
    changes += _changes("measure", _measures(old), _measures(new))
    changes += _changes("guard", _guards(old), _guards(new))
    return changes


# Key of a part → its name, under "name", and what else is said of it.
Said = dict[str, dict[str, str]]


def _changes(noun: str, old: Said, new: Said) -> Iterator[str]:
    for key, facts in new.items():
        if key not in old:
            details = ", ".join(f"{fact} {value}" for fact, value in facts.items() if value and fact != "name")
            yield f"Adds the {noun} {facts['name']}{f' ({details})' if details else ''}."
    for key, facts in old.items():
        if key not in new:
            yield f"Drops the {noun} {facts['name']}."
    for key, facts in new.items():
        changed = [
            f"{fact} {old[key][fact] or 'none'} → {value or 'none'}"
            for fact, value in facts.items()
            if key in old and old[key][fact] != value
        ]
        if changed:
            yield f"{old[key]['name']}: {'; '.join(changed)}."


def _groups(parts: Parts) -> Said:
    weighed = {group.pk for group in parts.groups if group.weight > 0} | {one.group_id for one in parts.measures}
    return {
        group.key: {"name": group.label, "weight": f"{group.weight:g}"} for group in parts.groups if group.pk in weighed
    }


def _measures(parts: Parts) -> Said:
    return {
        key_of(one): {
            "name": name_of(one),
            "group": one.group.label,
            "weight": f"{one.weight:g}",
            "scale": words.scale(one.metric, one.scale),
            "without a reading": one.get_missing_display().lower(),
            "points of silence": _number(one.points_when_missing if one.missing == Missing.COUNT else None),
            "least n": _number(one.min_n),
            "oldest, days": _number(one.max_age_days),
            "youngest, days": _number(one.min_days),
        }
        for one in parts.measures
    }


def _guards(parts: Parts) -> Said:
    return {
        str(one): {
            "name": guard_in_words(one),
            "least n": _number(one.min_n),
            "oldest, days": _number(one.max_age_days),
        }
        for one in parts.guards
    }


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
