"""The portfolio as a list: which accounts somebody works with, and what stands beside each name."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Self

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    Case,
    CharField,
    Count,
    Expression,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    SmallIntegerField,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf
from django.http import QueryDict
from django.utils import timezone

from accounts import calendar
from accounts.models import Account, ExternalId, License, Renewal, Touchpoint, User
from health.models import Override
from health.scoring.card import Band

PAGE = 50
SOON = dt.timedelta(days=90)

# How often an amount comes in a year.
TIMES_A_YEAR = {"month": 12, "quarter": 4, "half_year": 2, "year": 1, "once": 0}


@dataclass(frozen=True)
class Column:
    """A column that the list can be sorted by: its head, its words in "Sorted by …", and where it comes from."""

    key: str
    label: str
    order: str
    words: tuple[str, str]
    numeric: bool = False
    rank: int = 1
    descending_first: bool = False


COLUMNS = (
    Column("name", "Account", "name", ("name", "name, backward")),
    Column("score", "Score", "score", ("score, worst first", "score, best first"), True),
    Column("band", "Band", "band_order", ("band, worst first", "band, best first")),
    Column("week", "7 d", "moved_7", ("7-day movement, worst first", "7-day movement, best first"), True, 2),
    Column("month", "30 d", "moved_30", ("30-day movement, worst first", "30-day movement, best first"), True, 2),
    Column("stage", "Stage", "stage", ("stage", "stage, backward"), rank=2),
    Column("tier", "Tier", "tier", ("tier", "tier, backward"), rank=3),
    Column("owner", "Owner", "owner_name", ("owner", "owner, backward"), rank=2),
    Column("seats", "Seats", "seats", ("seats, fewest first", "seats, most first"), True, 3, True),
    Column("arr", "ARR", "arr", ("ARR, smallest first", "ARR, largest first"), True, 1, True),
    Column("renewal", "Renewal", "renewal_on", ("renewal, soonest first", "renewal, latest first"), True),
    Column(
        "touch", "Touch", "touched_at", ("last touchpoint, longest ago first", "last touchpoint, newest first"), True
    ),
)


# What stands in the place of a band for an account that is no customer any more: never its last color.
CHURNED = -1
BANDS = {
    "green": Band.GREEN.value,
    "yellow": Band.YELLOW.value,
    "red": Band.RED.value,
    "unknown": Band.UNKNOWN.value,
    "churned": CHURNED,
}


@dataclass(frozen=True)
class View:
    """One tab above the list."""

    key: str
    label: str
    count: int


def today() -> dt.date:
    return calendar.day_of(timezone.now())


def in_force(day: dt.date) -> QuerySet[License]:
    """The licenses whose span holds `day`, as known now."""
    licenses: QuerySet[License] = License.objects.known().filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=day),
        Q(canceled_on__isnull=True) | Q(canceled_on__gt=day),
        starts_on__lte=day,
    )
    return licenses


def yearly() -> Case:
    """The amount of a license as a year's worth."""
    return Case(*(When(interval=name, then=F("amount") * times) for name, times in TIMES_A_YEAR.items()))


def _of_account(rows: QuerySet[Any], value: Expression) -> Subquery:
    per_account = rows.filter(account=OuterRef("pk")).order_by().values("account")
    return Subquery(per_account.annotate(value=value).values("value"))


def with_renewal(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Each with the day its earliest undecided renewal is due."""
    undecided = Renewal.objects.known().filter(outcome=Renewal.Outcome.UNDECIDED)
    return accounts.annotate(renewal_on=_of_account(undecided, Min("due_on")))


def with_band(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Each with its band as of now: churned, or the override in force, or the latest computed one; NULL if never scored."""
    now = timezone.now()
    in_force = Override.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=now), account=OuterRef("pk"), set_at__lte=now, last_day__gte=today()
    )
    return accounts.annotate(
        override_band=Subquery(in_force.values("band")[:1]),
        band=Case(
            When(latest__churned=True, then=Value(CHURNED)),
            default=Coalesce("override_band", "latest__computed"),
            output_field=SmallIntegerField(),
        ),
    )


def with_score(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Each with its latest score and how far that moved; a churned account's is not shown."""
    current = Q(latest__churned=False)
    return with_band(accounts).annotate(
        # Unknown is no place between red and green: like what has no band at all it comes last.
        band_order=Case(When(band__gte=Band.RED, then=F("band"))),
        score=Case(When(current, then=F("latest__score"))),
        coverage=Case(When(current, then=F("latest__coverage"))),
        moved_7=Case(When(current, then=F("latest__score") - F("latest__score_7"))),
        moved_30=Case(When(current, then=F("latest__score") - F("latest__score_30"))),
    )


def listed(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Each with what the list shows: owner, seats, ARR, the next renewal, the last touchpoint."""
    now = timezone.now()
    licenses = in_force(today())
    paid = licenses.filter(amount__isnull=False).exclude(interval="once")
    held = Touchpoint.objects.known().filter(status=Touchpoint.Status.HELD, at__lte=now)
    return (
        with_score(with_renewal(accounts))
        .select_related("owner")
        .annotate(
            owner_name=Coalesce(NullIf(F("owner__name"), Value("")), F("owner__email"), output_field=CharField()),
            seats=_of_account(licenses, Sum("seats")),
            arr=_of_account(paid, Sum(yearly())),
            currencies=_of_account(paid, ArrayAgg("currency", distinct=True)),
            touched_at=_of_account(held, Max("at")),
        )
    )


@dataclass(frozen=True)
class Choice:
    """What somebody wants to see of the list, as the address says it; whatever makes no sense there is ignored."""

    views: tuple[View, ...]
    view: View
    band: str
    words: str
    column: Column
    descending: bool

    @classmethod
    def of(cls, query: QueryDict, user: User) -> Self:
        """Without a word in the address: one's own book, or all if one has none; worst score first."""
        offered = views(user)
        usual = next((view for view in offered if view.count), offered[0])
        view = next((view for view in offered if view.key == query.get("view")), usual)
        sort = query.get("sort", "score")
        band = query.get("band", "")
        column = next((column for column in COLUMNS if column.key == sort.removeprefix("-")), COLUMNS[0])
        return cls(
            offered, view, band if band in BANDS else "", query.get("q", "").strip()[:100], column, sort.startswith("-")
        )

    @property
    def visible(self) -> int:
        """How many accounts the user may see at all."""
        return max(view.count for view in self.views)

    @property
    def sorted_by(self) -> str:
        return self.column.words[self.descending]


def rows(choice: Choice, user: User) -> QuerySet[Account]:
    """The list as chosen."""
    accounts = found(within(listed(Account.objects.visible_to(user)), choice.view.key, user), choice.words)
    if choice.band:
        accounts = accounts.filter(Q(band=BANDS[choice.band]))
    return in_order(accounts, choice.column, choice.descending)


@dataclass(frozen=True)
class Share:
    """One band in the strip above the list: how many of the accounts that the other filters leave have it."""

    name: str
    count: int
    percent: float
    start: float


def strip(choice: Choice, user: User) -> tuple[Share, ...]:
    """The bands of what is chosen, the band itself left aside; none where nothing is scored."""
    accounts = with_band(with_renewal(Account.objects.visible_to(user)))
    counted = found(within(accounts, choice.view.key, user), choice.words).aggregate(
        **{name: Count("pk", filter=Q(band=value)) for name, value in BANDS.items()}
    )
    total, start, shares = sum(counted.values()), 0.0, []
    for name, count in counted.items():
        if count or name == choice.band:
            percent = 100 * count / total if total else 0.0
            shares.append(Share(name, count, percent, start))
            start += percent
    return tuple(shares)


def views(user: User) -> tuple[View, ...]:
    """The tabs of `user` with their counts. A CSM sees no account but their own, so there "all" would say the same."""
    soon = Q(renewal_on__range=(today(), today() + SOON))
    counts = with_renewal(Account.objects.visible_to(user)).aggregate(
        all=Count("pk"),
        mine=Count("pk", filter=Q(owner=user)),
        renewing=Count("pk", filter=soon),
        unowned=Count("pk", filter=Q(owner__isnull=True)),
    )
    offered = [("mine", "My book"), ("all", "All"), ("renewing", "Renews in 90 days"), ("unowned", "Without owner")]
    if not user.sees_every_account:
        offered = [view for view in offered if view[0] in {"mine", "renewing"}]
    return tuple(View(key, label, counts[key]) for key, label in offered)


def within(accounts: QuerySet[Account], view: str, user: User) -> QuerySet[Account]:
    """The accounts of one tab."""
    narrow = {
        "mine": Q(owner=user),
        "renewing": Q(renewal_on__range=(today(), today() + SOON)),
        "unowned": Q(owner__isnull=True),
    }
    return accounts.filter(narrow.get(view, Q()))


def found(accounts: QuerySet[Account], words: str) -> QuerySet[Account]:
    """The accounts whose name holds `words`, or that a source knows by exactly this id."""
    if not words:
        return accounts
    known_as = ExternalId.objects.filter(kind="accounts", external_id=words, deleted_at__isnull=True).values("record")
    return accounts.filter(Q(name__icontains=words) | Q(pk__in=known_as))


def in_order(accounts: QuerySet[Account], column: Column, descending: bool) -> QuerySet[Account]:
    """Sorted by one column; accounts without a value there come last either way."""
    by = F(column.order)
    return accounts.order_by(by.desc(nulls_last=True) if descending else by.asc(nulls_last=True), "name", "pk")
