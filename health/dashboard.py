"""The first page: how a book of accounts stands, what moved in it, what renews. One function a panel, over all accounts at once."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self
from urllib.parse import urlencode

import numpy as np
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse

from accounts.models import Account, Sees, User, seen_by
from health import words
from health.book import rules_now, today
from health.census import UNSCORED, Census, Line, census, lines, stood
from health.metrics.cases import Cases, Ints
from health.metrics.rules import Rules
from health.models import Snapshot
from health.money import Yearly, left_out, yearly_before, yearly_on
from health.portfolio import Portfolio
from health.scoring.card import Band, Bools
from health.scoring.scale import Floats

MONTH = 30
SOON = 90
FELL = 5.0
THIN = 0.5
WEEKS = 26
FEW = 3
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
class Book:
    """The accounts of one scope, each fetched once for all panels."""

    choice: Choice
    user: User

    @property
    def accounts(self) -> QuerySet[Account]:
        """Those that the user may see, within the scope."""
        found: QuerySet[Account] = Account.objects.visible_to(self.user).filter(self._within)
        return found

    @property
    def _within(self) -> Q:
        narrow = {"mine": Q(owner=self.user), "team": Q(owner=self.user) | Q(owner__team=self.user.team_id)}
        return narrow.get(self.choice.scope, Q())

    @cached_property
    def portfolio(self) -> Portfolio:
        """The same, to be counted."""
        return Portfolio.of(seen_by(self.user) & self._within, self.rules)

    @cached_property
    def census(self) -> Census:
        """All of them, those that churned too: a month ago they counted. Whatever else is fetched follows its rows."""
        return census(self.portfolio)

    @cached_property
    def ids(self) -> list[int]:
        found: list[int] = self.census.ids.tolist()
        return found

    @cached_property
    def day(self) -> dt.date:
        """The last day that was scored."""
        return self.census.last or today()

    @cached_property
    def rules(self) -> Rules:
        return rules_now()

    @cached_property
    def arr(self) -> Yearly:
        """Today's as the lists have it; a month ago it is the same, or what the metrics say."""
        unrated = self.census.ids[self.census.unrated > 0].tolist()
        return Yearly(
            self.rules.currency,
            self.census.arr,
            yearly_before(self.ids, self.census.arr, today(), self.rules, days=MONTH),
            left_out(unrated, today(), self.rules),
            frozenset(unrated),
        )

    @cached_property
    def month_ago(self) -> tuple[Floats, Ints]:
        return self.stood(MONTH)

    def stood(self, days: int) -> tuple[Floats, Ints]:
        """Score and band of each account so many days before the last that was scored."""
        return stood(self.accounts, self.census.ids, self.day - dt.timedelta(days=days))

    @cached_property
    def moved(self) -> Floats:
        """How far each score moved in a month."""
        return words.movements(self.month_ago[0], self.census.scores)

    def arr_of(self, rows: Bools | Ints) -> float:
        return float(self.arr.now[rows].sum())

    def at_risk(self, rows: Bools) -> Bools:
        """Those of the rows that are red or yellow."""
        return rows & np.isin(self.census.bands, AT_RISK)

    def lines(self, rows: Iterable[int]) -> dict[int, Line]:
        """Some rows of the census as what they show, by row, in the order in which they are asked for."""
        asked = {row: self.ids[row] for row in rows}
        arr = {account: float(self.arr.now[row]) for row, account in asked.items()}
        found = lines(arr, self.arr.unrated)
        return {row: found[account] for row, account in asked.items() if account in found}

    def rows_of(self, accounts: Iterable[int]) -> Ints:
        """The rows of some of its accounts."""
        return np.searchsorted(self.census.ids, np.fromiter(accounts, dtype=np.int64))


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
    counted = book.census
    soon = counted.due(today() + dt.timedelta(days=SOON))
    risky = book.at_risk(soon)
    coverage = np.sort(counted.coverage[counted.customers & ~np.isnan(counted.coverage)])
    return Strip(
        shares=tuple(_share(book, band) for band in (Band.GREEN, Band.YELLOW, Band.RED, Band.UNKNOWN)),
        unscored=int((counted.bands == UNSCORED).sum()),
        currency=book.arr.currency,
        at_risk=book.arr_of(risky),
        renewing=book.arr_of(soon),
        risky=int(risky.sum()),
        renewals=int(soon.sum()),
        at_risk_address=listed(book, renews=SOON, band=RISKY),
        renewing_address=listed(book, renews=SOON),
        coverage=float(coverage[len(coverage) // 2]) if len(coverage) else None,
        coverage_address=listed(
            book, columns=("score", "band", "coverage", "owner", "arr", "renewal"), sort="coverage"
        ),
        thin=int((coverage < THIN).sum()),
        thin_address=listed(book, wants="thin"),
        unscored_address=listed(book, band="unscored"),
        left_out=book.arr.left_out,
    )


def _share(book: Book, band: Band) -> Share:
    now, then = book.census.bands == band, book.month_ago[1] == band
    arr_then = float(book.arr.before[then].sum())
    name = band.name.lower()
    return Share(band, int(now.sum()), book.arr_of(now), int(then.sum()), arr_then, listed(book, band=name))


@dataclass(frozen=True)
class Sentence:
    """Who turned red, how many fell, what renews: what is said under the date."""

    red: int
    first: tuple[Line, ...]
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
    counted = book.census
    scores, bands = book.stood(7)
    red = np.flatnonzero((counted.bands == Band.RED) & np.isin(bands, (Band.GREEN, Band.YELLOW)))
    dearest = red[np.lexsort((red, -book.arr.now[red]))][:FEW].tolist()
    shown = book.lines(dearest)
    fell = words.movements(scores, counted.scores) <= -FELL
    soon = counted.due(today() + dt.timedelta(days=MONTH))
    return Sentence(
        len(red), tuple(shown[row] for row in dearest), int(fell.sum()), int(soon.sum()), book.arr_of(soon),
        book.arr.currency, int(book.at_risk(soon).sum()),
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
    found = Snapshot.objects.filter(account__in=book.accounts.values("pk"), day__in=days)
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
