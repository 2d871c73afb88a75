"""What wants attention beside the scores: silence, a pulse that says otherwise, overrides that end, tasks, late sources."""

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Abs, Coalesce, TruncDate
from django.utils import timezone

from accounts import calendar
from accounts.arrays import numbers_in
from accounts.models import Account, Pulse, StreamSync, Task
from health import lateness
from health.book import LOOK_BACK, today, with_score
from health.census import BEFORE_ALL, NEVER, Line, fetched, number_of
from health.dashboard import Book, listed
from health.models import Override
from health.scoring.card import Band
from health.words import NBSP

FEW = 6
NO_LOGIN = "nobody logged in"
NO_TOUCH, NO_USE = 30, 14
DAY = dt.timedelta(days=1)
APART = 35.0
ENDING = 14

# Ratings that say the same as a band, however far apart the numbers are.
AGREES: dict[int, set[int]] = {Band.RED: {1, 2, 3}, Band.GREEN: {3, 4, 5}}


@dataclass(frozen=True)
class Missing:
    """Nobody has spoken with an account, or nobody uses it; `days` is None where nobody ever spoke; use is not looked for
    beyond three months."""

    what: str
    days: int | None

    @property
    def lasted(self) -> float:
        """Days as they are shown, by which the longest comes first."""
        return math.inf if self.days is None else self.days

    @property
    def span(self) -> str:
        if self.days is None:
            return "never"
        return f"over {LOOK_BACK}{NBSP}d" if self.days > LOOK_BACK and self.what == NO_LOGIN else f"{self.days}{NBSP}d"

    @property
    def said(self) -> str:
        return f"{self.what} {self.span}"


@dataclass(frozen=True)
class Silent:
    """A silent account: what is missing there longest, and `also` what else."""

    line: Line
    what: str
    span: str
    also: str


@dataclass(frozen=True)
class Some:
    """The first of many."""

    first: tuple[object, ...]
    count: int
    address: str


def silent(book: Book) -> Some:
    """The silent accounts with what is missing there; longest first, of those that last alike who pays most."""
    counted = book.census
    rows = book.portfolio.filter(silence())
    touched_on = Coalesce(TruncDate("touched_at", tzinfo=calendar.zone()), Value(NEVER))
    # Where nobody tells of use, none is missed.
    used_on = Coalesce(F("used_on"), Value(NEVER))
    through = Coalesce(_used_through(), Value(BEFORE_ALL))
    cells = fetched(rows, ("pk", "int8"), (touched_on, "date"), (used_on, "date"), (through, "date"))
    # Whoever came since the census was taken is not among its rows.
    known = np.isin(cells[0], counted.ids)
    ids, touched, used, told = (cell[known] for cell in cells)
    unspoken = np.where(touched == number_of(NEVER), np.inf, number_of(today()) - touched)
    unused = np.minimum(told, number_of(today())) - used
    no_use = unused >= NO_USE
    no_touch = ~no_use | (unspoken >= NO_TOUCH)
    lasted = np.maximum(np.where(no_use, unused, 0), np.where(no_touch, unspoken, 0))
    found = book.rows_of(ids)
    first = np.lexsort((ids, -book.arr.now[found], -lasted))[:FEW]
    lines = book.lines(found[first].tolist())
    missing = {row: _missing(float(unspoken[at]), int(unused[at])) for row, at in zip(found[first], first, strict=True)}
    shown = [
        Silent(line, longest.what, longest.span, ", ".join(one.said for one in others))
        for row, line in lines.items()
        for longest, *others in [missing[row]]
    ]
    return Some(tuple(shown), len(ids), listed(book, wants="silent"))


def _missing(unspoken: float, unused: int) -> list[Missing]:
    """What a silent account lacks, the longest first, by the days without a touchpoint (infinite: there was none) and use."""
    found = [Missing(NO_LOGIN, unused)] if unused >= NO_USE else []
    if not found or unspoken >= NO_TOUCH:
        found.append(Missing("no touchpoint", None if math.isinf(unspoken) else int(unspoken)))
    return sorted(found, key=lambda one: -one.lasted)


def silence() -> Q:
    """Scored accounts without a touchpoint for a month, or without anybody in the product for two weeks, as a condition on
    those of a list; no customer of less than a month, with whom nothing can have lasted that long. Use is missed up to the
    last day that usage is told of, so that a source which is late makes nobody silent."""
    a_month, two_weeks = dt.timedelta(days=NO_TOUCH), dt.timedelta(days=NO_USE)
    quiet = Q(touched_at__isnull=True) | Q(touched_at__lt=calendar.start_of(today() - a_month + DAY))
    unused = Q(used_on__lte=today() - two_weeks) & Q(used_on__lte=_used_through() - Value(two_weeks))
    is_new = Q(began_on__gt=today() - a_month, began_on__isnull=False)
    return Q(band__gte=Band.UNKNOWN) & (quiet | unused) & ~is_new


def _used_through() -> TruncDate:
    """The last day that usage is told of; NULL where it is told of none."""
    told = StreamSync.objects.known().filter(stream__kind="usage", complete_through__isnull=False)
    last = told.order_by("-complete_through").values("complete_through")[:1]
    return TruncDate(Subquery(last), tzinfo=calendar.zone())


def as_points(rating: int) -> float:
    """What a pulse is beside a score: 1 of 5 is 0, 5 of 5 is 100."""
    return 25.0 * (rating - 1)


@dataclass(frozen=True)
class Apart:
    """An account of which the score says one thing and the CSM another."""

    line: Line
    rating: int
    on: dt.date

    @property
    def points(self) -> float:
        return as_points(self.rating)


def divergence(book: Book) -> Some:
    """Where the latest pulse, as points, is far from the score; furthest first. A pulse of 3 contradicts nothing, and a
    low one no red account."""
    since = timezone.now() - dt.timedelta(days=LOOK_BACK)
    pulses = Pulse.objects.known().filter(account__in=numbers_in(book.ids), at__gte=since, at__lte=timezone.now())
    latest = (
        pulses.order_by("account_id", "-at", "-id").distinct("account_id").values_list("account_id", "rating", "at")
    )
    found = list(latest)
    rows = book.rows_of(account for account, _, _ in found)
    scores, bands = book.census.scores[rows], book.census.bands[rows]
    apart = [
        (abs(as_points(rating) - score), row, rating, at)
        for (_, rating, at), row, score, band in zip(found, rows.tolist(), scores.tolist(), bands.tolist(), strict=True)
        if band >= Band.RED and rating not in AGREES.get(band, {3}) and abs(as_points(rating) - score) >= APART
    ]
    first = sorted(apart, key=lambda one: (-one[0], -book.arr.now[one[1]], one[1]))[:FEW]
    lines = book.lines(row for _, row, _, _ in first)
    shown = [Apart(lines[row], rating, calendar.day_of(at)) for _, row, rating, at in first]
    return Some(tuple(shown), len(apart), listed(book, wants="diverges"))


def divergent() -> Q:
    """The same accounts as a condition on those of a list."""
    now = timezone.now()
    pulses = Pulse.objects.known().filter(
        account=OuterRef("pk"), at__gte=now - dt.timedelta(days=LOOK_BACK), at__lte=now
    )
    rated = with_score(Account.objects.all()).annotate(
        rating=Subquery(pulses.order_by("-at", "-id").values("rating")[:1])
    )
    agrees = Q(band=Band.YELLOW, rating=3)
    for band, ratings in AGREES.items():
        agrees |= Q(band=band, rating__in=ratings)
    apart = rated.annotate(gap=Abs(25.0 * (F("rating") - 1) - F("score"))).filter(
        ~agrees, Q(band__gte=Band.RED, gap__gte=APART)
    )
    return Q(pk__in=apart.order_by().values("pk"))


@dataclass(frozen=True)
class Tasks:
    first: tuple[Task, ...]
    open: int
    late: int

    @property
    def more(self) -> int:
        return self.open - len(self.first)


def tasks(book: Book) -> Tasks:
    """The user's own open tasks, late ones first."""
    mine: QuerySet[Task] = Task.objects.open().filter(owner=book.user)
    seen = mine.filter(account__in=book.accounts.model.objects.visible_to(book.user)).select_related("account")
    found = list(seen.order_by(F("due_on").asc(nulls_last=True), "pk"))
    late = sum(task.due_on is not None and task.due_on < today() for task in found)
    return Tasks(tuple(found[: FEW + 1]), len(found), late)


@dataclass(frozen=True)
class Ending:
    line: Line
    override: Override


def overrides(book: Book) -> tuple[Ending, ...]:
    """Overrides in force that end within two weeks, soonest first."""
    now = timezone.now()
    active = Override.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=now),
        account__in=numbers_in(book.ids),
        set_at__lte=now,
        last_day__range=(today(), today() + dt.timedelta(days=ENDING)),
    ).select_related("author")
    found = list(active.order_by("last_day", "pk"))
    rows = dict(zip(found, book.rows_of(one.account_id for one in found).tolist(), strict=True))
    lines = book.lines(row for row in rows.values() if book.census.customers[row])
    return tuple(Ending(lines[row], one) for one, row in rows.items() if row in lines)


def sources(book: Book) -> tuple[lateness.Pace, ...]:
    """Streams that are late, of all accounts: a source knows no books."""
    return lateness.late()
