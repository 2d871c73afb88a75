"""What wants attention beside the scores: silence, a pulse that says otherwise, overrides that end, tasks, late sources."""

import datetime as dt
import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Abs, Least, TruncDate
from django.utils import timezone

from accounts import calendar
from accounts.arrays import numbers_in, plain
from accounts.models import Account, AccountStream, License, Pulse, StreamSync, Task, UserDay
from health import lateness
from health.book import today, with_band, with_score, with_touch
from health.census import Line
from health.dashboard import Book, listed
from health.models import Override
from health.scoring.card import Band
from health.words import NBSP

FEW = 6
NO_LOGIN = "nobody logged in"
NO_TOUCH, NO_USE = 30, 14
LOOK_BACK = 90
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
    customers = numbers_in(counted.ids[counted.customers].tolist())
    rows: QuerySet[Any] = with_touch(with_band(Account.objects.filter(pk__in=customers))).filter(silence())
    touched = dict(rows.order_by().values_list("pk", "touched_at"))
    used = _last_use(list(touched))
    missing = {account: _missing(at, used.get(account, 0)) for account, at in touched.items()}
    arr = dict(zip(touched, book.arr.now[book.rows_of(touched)].tolist(), strict=True))
    first = heapq.nsmallest(FEW, missing, key=lambda account: (-missing[account][0].lasted, -arr[account], account))
    lines = book.lines(book.rows_of(first).tolist())
    shown = [
        Silent(line, longest.what, longest.span, ", ".join(one.said for one in others))
        for account, line in zip(first, lines.values(), strict=True)
        for longest, *others in [missing[account]]
    ]
    return Some(tuple(shown), len(missing), listed(book, wants="silent"))


def _missing(touched_at: dt.datetime | None, unused: int) -> list[Missing]:
    """What a silent account lacks, the longest first."""
    found = [Missing(NO_LOGIN, unused)] if unused >= NO_USE else []
    days = None if touched_at is None else (today() - calendar.day_of(touched_at)).days
    if not found or days is None or days >= NO_TOUCH:
        found.append(Missing("no touchpoint", days))
    return sorted(found, key=lambda one: -one.lasted)


def silence() -> Q:
    """Scored accounts without a touchpoint for a month, or without anybody in the product for two weeks, as a condition on
    those of a list; no customer of less than a month, with whom nothing can have lasted that long. Usage counts up to the last day that it is told of, so that a source which is late makes nobody silent."""
    told = StreamSync.objects.known().filter(stream__kind="usage", complete_through__isnull=False)
    last = told.order_by("-complete_through").values("complete_through")[:1]
    until = Least(Value(today()), TruncDate(Subquery(last), tzinfo=calendar.zone()))
    delivered = AccountStream.objects.filter(account=OuterRef("pk"), stream__kind="usage")
    since = until - Value(dt.timedelta(days=NO_USE))
    used = UserDay.objects.known().filter(account=OuterRef("pk"), day__gt=since, day__lte=until)
    unused = Account.objects.filter(Exists(told), Exists(delivered), ~Exists(used))
    quiet = Q(touched_at__isnull=True) | Q(touched_at__lt=calendar.start_of(today() - dt.timedelta(days=NO_TOUCH - 1)))
    return Q(band__gte=Band.UNKNOWN) & (quiet | Q(pk__in=unused.values("pk"))) & ~Q(pk__in=_new())


def _new() -> QuerySet[Any, Any]:
    """Accounts whose first license began less than a month ago."""
    licenses, since = License.objects.known(), today() - dt.timedelta(days=NO_TOUCH)
    earlier = licenses.filter(account=OuterRef("account"), starts_on__lte=since)
    return licenses.filter(~Exists(earlier), starts_on__gt=since).order_by().values("account")


def _last_use(accounts: Sequence[int]) -> dict[int, int]:
    """Days without anybody in the product, of accounts whose usage is delivered: up to the last day that it tells of, so
    that a source which is late makes nobody silent. More than `LOOK_BACK` where it is longer."""
    until = _used_through()
    if until is None:
        return {}
    delivered = AccountStream.objects.filter(account__in=numbers_in(accounts), stream__kind="usage").values_list(
        "account_id", flat=True
    )
    with connection.cursor() as cursor:
        # Looked for from the newest on, so that one row of each is read.
        cursor.execute(
            "select asked.account, last.day from unnest(%s::bigint[]) asked(account) cross join lateral ("
            "select day from accounts_userday where account_id = asked.account and superseded_on is null "
            "and day > %s and day <= %s order by day desc limit 1) last",
            [plain(accounts), until - dt.timedelta(days=LOOK_BACK), until],
        )
        last = dict(cursor.fetchall())
    beyond = until - dt.timedelta(days=LOOK_BACK + 1)
    return {account: (until - last.get(account, beyond)).days for account in delivered}


def _used_through() -> dt.date | None:
    """The last day that usage is told of."""
    through = StreamSync.objects.known().filter(stream__kind="usage").aggregate(last=Max("complete_through"))["last"]
    return None if through is None else min(today(), calendar.day_of(through))


@dataclass(frozen=True)
class Apart:
    """An account of which the score says one thing and the CSM another."""

    line: Line
    rating: int
    on: dt.date


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
        (abs(25.0 * (rating - 1) - score), row, rating, at)
        for (_, rating, at), row, score, band in zip(found, rows.tolist(), scores.tolist(), bands.tolist(), strict=True)
        if band >= Band.RED and rating not in AGREES.get(band, {3}) and abs(25.0 * (rating - 1) - score) >= APART
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
