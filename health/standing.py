"""Where an account stands, for its page: the judgment of a day, what moved, what stands above it now; or why there is none."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from django.utils import timezone

from accounts.models import Account
from health import configuration, customers, overrides, words
from health.book import today
from health.changes import Line
from health.compared import Compared, compared
from health.customers import Life
from health.explain import Explanation, explained, nearest_day
from health.metrics.cases import Cases
from health.models import Latest, Override, Run, Snapshot
from health.scoring.card import Band

DAYS = 90
# A movement of less is not explained in the first sentence.
WORTH_A_WORD = 1.0
# Bands that came and went more often in a month are no story.
MOST_TURNS = 3
COUNTED = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


@dataclass(frozen=True)
class Point:
    """One day of the course of a score. A day without a score has a snapshot all the same."""

    day: dt.date
    score: float | None
    band: Band


@dataclass(frozen=True)
class Course:
    """The snapshots of the last days up to one, earliest first."""

    last: dt.date
    points: tuple[Point, ...]

    @property
    def turns(self) -> tuple[Point, ...]:
        """Where the band became another one."""
        return tuple(after for before, after in pairwise(self.points) if before.band != after.band)

    def turned_since(self, day: dt.date) -> list[tuple[Point, Point]]:
        """The pairs of days between which the band became another one, from those that end after `day`."""
        return [(one, then) for one, then in pairwise(self.points) if one.band != then.band and then.day > day]

    def moved(self, days: int) -> float | None:
        """How far the score moved since so many days before, as shown; None where one of the two days has none."""
        by_day = {point.day: point.score for point in self.points}
        then, now = by_day.get(self.last - dt.timedelta(days=days)), by_day.get(self.last)
        return None if then is None or now is None else words.movement(then, now)

    @property
    def week(self) -> float | None:
        return self.moved(7)

    @property
    def month(self) -> float | None:
        return self.moved(30)


@dataclass(frozen=True)
class NotScored:
    """Why there is no score, and what to do."""

    what: str
    says: str


@dataclass(frozen=True)
class Standing:
    """Either an explanation with what belongs to it, or the reason why there is none; of one that churned the latest
    judgment alone.

    `override` is the one in force now where the latest day is shown, else that of the day.
    """

    explanation: Explanation | None = None
    latest: Latest | None = None
    override: Override | None = None
    course: Course | None = None
    compared: Mapping[str, Compared] = field(default_factory=dict)
    not_scored: NotScored | None = None
    instead_of: dt.date | None = None

    @property
    def is_latest(self) -> bool:
        return self.explanation is not None and self.latest is not None and self.explanation.day >= self.latest.day

    @property
    def preview(self) -> Latest | None:
        """What the score would be with today's facts, beside the latest day."""
        return self.latest if self.is_latest and self.latest and self.latest.preview_at else None

    @property
    def distance(self) -> str:
        """How far the score is from the edges that apply tomorrow: `19.6 to green, 14.4 above red`."""
        assert self.explanation is not None
        return distance(self.explanation)

    def summary(self, moved_by: Sequence[Line] = ()) -> str:
        """How the account is, in one sentence or two; `moved_by`: what moved it most in the last month."""
        assert self.explanation is not None
        return summary(self.explanation, self.band, self.course, moved_by, self.override)

    @property
    def band(self) -> Band:
        assert self.explanation is not None
        return Band(self.override.band) if self.override else self.explanation.computed


def standing(account: Account, day: dt.date | None = None) -> Standing:
    """How the account stands on `day`, else on the latest day. A day without a judgment gives way to the nearest one."""
    latest = Latest.objects.filter(account=account).first()
    if day is None and latest is not None and latest.churned:
        return Standing(latest=latest)
    explanation, instead_of = explained(account, day), None
    if explanation is None and day is not None:
        nearest = nearest_day(account, day)
        explanation, instead_of = (explained(account, nearest) if nearest else None), day
    if explanation is None:
        return Standing(not_scored=why_not(account), instead_of=instead_of)
    is_latest = latest is not None and explanation.day >= latest.day
    now = overrides.in_force([account.pk], timezone.now()).get(account.pk) if is_latest else explanation.override
    return Standing(
        explanation, latest, now, course(account, explanation.day), compared(explanation.inputs), instead_of=instead_of
    )


def distance(it: Explanation) -> str:
    if it.shown is None or it.scored == Band.UNKNOWN:
        return ""
    edges = it.edges
    if edges.held:
        return edges.held
    to_green, to_yellow = (round(edge - it.shown, 1) for edge in (edges.green_next, edges.yellow_next))
    if it.scored == Band.GREEN:
        return f"{-to_green:.1f} above yellow"
    return (
        f"{to_yellow:.1f} to yellow"
        if it.scored == Band.RED
        else f"{to_green:.1f} to green, {-to_yellow:.1f} above red"
    )


def summary(
    it: Explanation,
    band: Band,
    course: Course | None,
    moved_by: Sequence[Line] = (),
    override: Override | None = None,
) -> str:
    """What a colleague would say: movement and what made it, or where the most is lost; and how far it is to green."""
    month = course.month if course else None
    sentences = [_held(it, override, month) if override else _moved(it, band, course, month)]
    for line in it.capping[:1]:
        now = f", now {line.reading}" if line.reading else ""
        sentences.append(f"A guard makes it {words.band(it.computed)}: {line.cause}{now}.")
    lost = sorted((line for line in it.measures if line.lost > 0), key=lambda line: -line.lost)[:2]
    if moved_by and month is not None and abs(month) >= WORTH_A_WORD:
        named = " and ".join(f"{line.named} ({words.number(line.shown, signed=True)})" for line in moved_by)
        is_most = sum(line.shown for line in moved_by) / month >= 0.5
        sentences.append(f"{'Most of it' if is_most else 'Largest'}: {named}.")
    elif lost and it.scored != Band.UNKNOWN:
        named = " and ".join(f"{line.label} ({line.lost:.1f})" for line in lost)
        sentences.append(f"Most is lost by {named}.")
    steps = len(it.way.steps)
    if it.way.reaches and steps:
        how = "One step leads" if steps == 1 else f"{COUNTED[steps] if steps < len(COUNTED) else steps} steps lead"
        # Where a guard would hold it down all the same, they lead to a score and to no band.
        there = f"{it.way.target:.1f}, but a guard would still apply" if it.way.guards else words.band(it.way.to)
        sentences.append(f"{how} to {there}.")
    elif it.way.stops_at is not None:
        sentences.append(f"Nothing within reach leads to {words.band(it.way.to)}: {it.way.stops_at:.1f} at most.")
    return " ".join(sentences)


def _moved(it: Explanation, band: Band, course: Course | None, month: float | None) -> str:
    word = words.band(band)
    if it.shown is None:
        return f"No score, {word}: nothing could be read."
    if it.scored == Band.UNKNOWN:
        if it.coverage_percent >= it.needed_percent:
            return f"{it.shown:.1f}, but the band is {word}: a required measure has no reading."
        return (
            f"{it.shown:.1f}, but the band is {word}: {it.coverage_percent}{words.NBSP}% of the weight has readings, "
            f"and {it.needed_percent}{words.NBSP}% are needed."
        )
    if not month:
        return f"{word.capitalize()} with {it.shown:.1f}{'' if month is None else ', as 30 days ago'}."
    return f"{'Up' if month > 0 else 'Down'} {abs(month):.1f} in 30 days, {_turned(band, course)}."


def _held(it: Explanation, override: Override, month: float | None) -> str:
    """Who holds the band and until when comes first: the score alone does not say why the account is red."""
    last, shown = override.last_day, "" if it.shown is None else f" {it.shown:.1f}"
    held = f"Held at {words.band(Band(override.band))} by {override.author} until {last:%b} {last.day}"
    said = f"{held}; computed {words.band(it.computed)}{shown}."
    if not month:
        return said
    return f"{said} {'Up' if month > 0 else 'Down'} {abs(month):.1f} in 30 days."


def _turned(band: Band, course: Course | None) -> str:
    """`green to yellow on Nov 4, to red on Nov 20`, or `still red` where the band has been the same all month."""
    turns = [] if course is None else course.turned_since(course.last - dt.timedelta(days=30))
    if not turns:
        return f"still {words.band(band)}"
    before, last = turns[0][0], turns[-1][1]
    if last.band != band or before.band == band or len(turns) > MOST_TURNS:
        return f"{words.band(band)} now"
    told = (f"to {words.band(after.band)} on {after.day:%b} {after.day.day}" for _, after in turns)
    return f"{words.band(before.band)} {', '.join(told)}"


def course(account: Account, last: dt.date) -> Course:
    """The course of the score in the days up to `last`."""
    found = Snapshot.objects.filter(account=account, day__gt=last - dt.timedelta(days=DAYS), day__lte=last)
    points = found.order_by("day").values_list("day", "score", "effective")
    return Course(last, tuple(Point(day, score, Band(band)) for day, score, band in points))


def why_not(account: Account) -> NotScored:
    """Why an account without any snapshot has none."""
    try:
        rules = configuration.in_force(today()).rules
    except configuration.NothingInForce:
        return NotScored("Not scored: no scorecard is published.", "An admin publishes one, and the next night scores.")
    (life,) = customers.lives(Cases.on([account.pk], today()), rules)
    if life is Life.CHURNED:
        return NotScored(
            "Churned.", "Only customers are scored. A license in force, or the status customer, brings it back."
        )
    if life is Life.OTHER:
        return NotScored("Not a customer.", "Only customers are scored; it is from the day its status says customer.")
    if not Run.objects.exists():
        return NotScored(
            "Not scored yet.", "The first night scores it. `python manage.py recompute` does so at once for yesterday."
        )
    return NotScored("Not scored yet.", "It is new here: the coming night scores it for today.")
