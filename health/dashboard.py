"""The first page: how a book of accounts stands, what moved in it, what renews. One function a panel, over all accounts at once."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse

from accounts.arrays import numbers_in
from accounts.models import Account, Sees, User
from health import configuration, words
from health.book import CHURNED, today, with_renewal, with_score
from health.metrics.cases import Cases
from health.metrics.rules import Rules
from health.models import Latest, Snapshot
from health.money import Yearly, yearly, yearly_on
from health.scoring.card import Band

MONTH = 30
SOON = 90
FELL = 5.0
THIN = 0.5
WEEKS = 26
RANGES = (1, 7, 30)

# Worst first, as in every table; unknown stands between what is bad and what is good.
BANDS = (Band.RED, Band.YELLOW, Band.UNKNOWN, Band.GREEN)
AT_RISK = (Band.RED, Band.YELLOW)
RISKY = [band.name.lower() for band in AT_RISK]
SCOPES = {"mine": "My book", "team": "My team", "all": "All"}


@dataclass(frozen=True)
class Choice:
    """Whose accounts, and how the panels are set, as the address says it; whatever makes no sense there is ignored."""

    offered: Mapping[str, str]
    scope: str
    days: int
    renewals: str
    bands: str

    @classmethod
    def of(cls, query: QueryDict, user: User) -> Self:
        """A manager begins with everybody's accounts, a CSM with their own."""
        offered = {"mine"}
        if user.team_id is not None and user.scope in {Sees.TEAM, Sees.ALL}:
            offered.add("team")
        if user.sees_every_account:
            offered.add("all")
        wanted = query.get("scope", "")
        owns = Account.objects.visible_to(user).filter(owner=user).exists()
        usual = "mine" if owns else max(offered, key=list(SCOPES).index)
        return cls(
            {key: label for key, label in SCOPES.items() if key in offered},
            wanted if wanted in offered else usual,
            next((days for days in RANGES if query.get("days") == str(days)), 7),
            "owner" if query.get("renewals") == "owner" else "quarter",
            "arr" if query.get("bands") == "arr" else "accounts",
        )


@dataclass(frozen=True)
class Line:
    """One account as the panels count it. `band` is None where it was never scored."""

    id: int
    public_id: UUID
    name: str
    owner: str
    owner_id: int | None
    band: int | None
    score: float | None
    coverage: float | None
    renewal_on: dt.date | None
    arr: float = 0.0
    then: int | None = None
    score_then: float | None = None
    arr_then: float = 0.0
    unrated: bool = False
    override_band: int | None = None
    lowered: bool = False

    @property
    def is_customer(self) -> bool:
        return self.band != CHURNED

    @property
    def fell(self) -> bool:
        """By five points or more in a month."""
        return self.moved is not None and self.moved <= -FELL

    @property
    def moved(self) -> float | None:
        return None if self.score is None or self.score_then is None else words.movement(self.score_then, self.score)

    @property
    def at_risk(self) -> bool:
        return self.band in AT_RISK


@dataclass(frozen=True)
class Book:
    """The accounts of one scope, each fetched once for all panels."""

    choice: Choice
    user: User

    @property
    def accounts(self) -> QuerySet[Account]:
        """Those that the user may see, within the scope."""
        visible: QuerySet[Account] = Account.objects.visible_to(self.user)
        narrow = {"mine": Q(owner=self.user), "team": Q(owner=self.user) | Q(owner__team=self.user.team_id)}
        return visible.filter(narrow.get(self.choice.scope, Q()))

    @cached_property
    def ids(self) -> list[int]:
        return list(self.accounts.order_by("pk").values_list("pk", flat=True))

    @cached_property
    def day(self) -> dt.date:
        """The last day that was scored."""
        last = Latest.objects.filter(account__in=numbers_in(self.ids)).aggregate(last=Max("day"))["last"]
        return last or today()

    @cached_property
    def rules(self) -> Rules:
        try:
            return configuration.in_force(today()).rules
        except configuration.NothingInForce:
            return Rules()

    @cached_property
    def arr(self) -> Yearly:
        return yearly(self.ids, today(), self.rules, before=MONTH)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """All of them, those that churned too: a month ago they counted."""
        then, arr = stood(self.ids, self.day - dt.timedelta(days=MONTH)), self.arr
        rows = with_score(with_renewal(self.accounts.filter(pk__in=numbers_in(self.ids)))).order_by("name", "pk")
        found = rows.values_list(
            *("pk", "public_id", "name", "owner__name", "owner__email", "owner_id"),
            *("band", "score", "coverage", "renewal_on", "override_band", "lowered"),
        )
        return tuple(
            Line(
                pk, public_id, name or f"account {pk}", owner or email or "", owner_id, band, score, coverage, renewal_on,
                arr.now.get(pk, 0.0), then.get(pk, (None, None))[1], then.get(pk, (None, None))[0], arr.before.get(pk, 0.0),
                pk in arr.unrated, override_band, lowered,
            )
            for pk, public_id, name, owner, email, owner_id, band, score, coverage, renewal_on, override_band, lowered in found
        )  # fmt: skip

    @cached_property
    def customers(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.is_customer)

    def renewing(self, days: int) -> list[Line]:
        """The customers whose earliest undecided renewal falls into the coming days, or is late."""
        until = today() + dt.timedelta(days=days)
        return [line for line in self.customers if line.renewal_on is not None and line.renewal_on <= until]


def stood(accounts: Sequence[int], day: dt.date) -> dict[int, tuple[float | None, int]]:
    """Score and band of each account as they stood on a day."""
    found = Snapshot.objects.filter(account__in=numbers_in(accounts), day=day).values_list(
        "account_id", "score", "effective"
    )
    return {account: (score, band) for account, score, band in found}


def listed(book: Book, **filters: object) -> str:
    """The address of the list of accounts behind a number."""
    views = {"mine": "mine", "team": "team", "all": "all"}
    return f"{reverse('accounts')}?{urlencode({'view': views[book.choice.scope], **filters}, doseq=True)}"


# --- The strip and its sentence --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Share:
    """One band: accounts and ARR now, and a month ago."""

    band: Band
    accounts: int
    arr: float
    accounts_then: int
    arr_then: float
    address: str


@dataclass(frozen=True)
class Strip:
    shares: tuple[Share, ...]
    unscored: int
    currency: str
    at_risk: float
    renewing: float
    risky: int
    renewals: int
    at_risk_address: str
    renewing_address: str
    coverage: float | None
    coverage_address: str
    thin: int
    thin_address: str
    unscored_address: str
    left_out: tuple[tuple[str, int], ...]


def strip(book: Book) -> Strip:
    """Accounts and ARR by band, what of the ARR that renews soon is at risk, how far the scores can be trusted."""
    soon = book.renewing(SOON)
    risky = [line for line in soon if line.at_risk]
    covered = sorted(line.coverage for line in book.customers if line.coverage is not None)
    thin = [line for line in book.customers if line.coverage is not None and line.coverage < THIN]
    return Strip(
        shares=tuple(_share(book, band) for band in (Band.GREEN, Band.YELLOW, Band.RED, Band.UNKNOWN)),
        unscored=sum(line.band is None for line in book.customers),
        currency=book.arr.currency,
        at_risk=arr_of(risky),
        renewing=arr_of(soon),
        risky=len(risky),
        renewals=len(soon),
        at_risk_address=listed(book, renews=SOON, band=RISKY),
        renewing_address=listed(book, renews=SOON),
        coverage=covered[len(covered) // 2] if covered else None,
        coverage_address=listed(
            book, columns=("score", "band", "coverage", "owner", "arr", "renewal"), sort="coverage"
        ),
        thin=len(thin),
        thin_address=listed(book, wants="thin"),
        unscored_address=listed(book, band="unscored"),
        left_out=book.arr.left_out,
    )


def _share(book: Book, band: Band) -> Share:
    now = [line for line in book.customers if line.band == band]
    then = [line for line in book.lines if line.then == band]
    name = band.name.lower()
    return Share(band, len(now), arr_of(now), len(then), sum(line.arr_then for line in then), listed(book, band=name))


def arr_of(lines: Iterable[Line]) -> float:
    return sum(line.arr for line in lines)


@dataclass(frozen=True)
class Sentence:
    """Who turned red, how many fell, what renews: what is said under the date."""

    red: tuple[Line, ...]
    fell: int
    renewing: int
    renewing_arr: float
    currency: str
    risky: int
    fell_address: str
    renewing_address: str
    risky_address: str
    red_address: str


def sentence(book: Book) -> Sentence:
    """The week in one sentence."""
    week = stood(book.ids, book.day - dt.timedelta(days=7))
    red = [
        line
        for line in book.customers
        if line.band == Band.RED and line.id in week and week[line.id][1] in {Band.GREEN, Band.YELLOW}
    ]
    fell = sum(
        line.score is not None and before is not None and words.movement(before, line.score) <= -FELL
        for line in book.customers
        for before in [week.get(line.id, (None, None))[0]]
    )
    soon = book.renewing(MONTH)
    return Sentence(
        tuple(red), fell, len(soon), arr_of(soon), book.arr.currency, sum(line.at_risk for line in soon),
        listed(book, moved="fell-7"), listed(book, renews=MONTH), listed(book, renews=MONTH, band=RISKY),
        listed(book, band="red"),
    )  # fmt: skip


# --- Bands over time -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Week:
    """Accounts, or ARR, by band on the last day of a week."""

    day: dt.date
    amounts: Mapping[Band, float]

    @property
    def total(self) -> float:
        return sum(self.amounts.values())

    @property
    def in_order(self) -> list[tuple[str, float]]:
        """From zero up: red first, so that it is read from the axis."""
        return [(band.name.lower(), self.amounts[band]) for band in BANDS]


@dataclass(frozen=True)
class Course:
    weeks: tuple[Week, ...]
    money: bool
    currency: str

    @property
    def most(self) -> float:
        return max((week.total for week in self.weeks), default=0.0)


def bands(book: Book) -> Course:
    """How the book spread over the bands, week by week."""
    days = [book.day - dt.timedelta(days=7 * back) for back in range(WEEKS, -1, -1)]
    found = Snapshot.objects.filter(account__in=numbers_in(book.ids), day__in=days)
    money = book.choice.bands == "arr"
    amounts = _money_of(found, book.rules) if money else _counts_of(found)
    first = min((day for day, _ in amounts), default=None)
    weeks = tuple(
        Week(day, {band: amounts.get((day, band), 0.0) for band in BANDS})
        for day in days
        if first is not None and day >= first
    )
    return Course(weeks, money, book.arr.currency)


Amounts = dict[tuple[dt.date, int], float]


def _counts_of(found: QuerySet[Snapshot]) -> Amounts:
    rows = found.order_by().values_list("day", "effective").annotate(count=Count("account_id"))
    return {(day, band): float(count) for day, band, count in rows}


def _money_of(found: QuerySet[Snapshot], rules: Rules) -> Amounts:
    rows = list(found.values_list("account_id", "day", "effective"))
    cases = Cases([account for account, _, _ in rows], [day for _, day, _ in rows])
    amounts: Amounts = {}
    for (_, day, band), arr in zip(rows, yearly_on(cases, rules), strict=True):
        amounts[day, band] = amounts.get((day, band), 0.0) + arr
    return amounts


Panel = Callable[[Book], object]
