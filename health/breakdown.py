"""Accounts and ARR by band on the first page: a row for each CSM, or for each quarter in which contracts renew."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from django.db.models import Count

from accounts.arrays import numbers_in
from accounts.models import Task, User
from health.book import today
from health.census import NEVER, NOBODY, UNSCORED, number_of
from health.dashboard import AT_RISK, BANDS, FELL, RISKY, SOON, Book, listed
from health.metrics.cases import Ints
from health.scoring.card import Band

LATER = 180
QUARTERS = 5

# --- By CSM ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """Accounts of one band in a row, and their ARR; how many there were a month ago."""

    band: Band
    accounts: int
    arr: float
    address: str
    then: int = 0

    @property
    def is_risky(self) -> bool:
        return self.band in AT_RISK


@dataclass(frozen=True)
class Row:
    """One line of a table over bands."""

    label: str
    accounts: int
    arr: float
    cells: tuple[Cell, ...]
    fell: int = 0
    at_risk: float = 0.0
    address: str = ""
    fell_address: str = ""
    risky_address: str = ""
    late: int = 0

    def shares(self, most: float) -> list[tuple[str, float, float]]:
        """Band, start and length of each piece of the row's bar, in percent of the longest one's."""
        pieces, start = [], 0.0
        for cell in self.cells:
            length = 100 * cell.arr / most if most else 0.0
            pieces.append((cell.band.name.lower(), start, length))
            start += length
        return pieces


def _row(book: Book, label: str, rows: Ints, *, gone: Ints | None = None, **filters: object) -> Row:
    """A row of these customers of the census; a month ago those that are `gone` counted too."""
    counted, bands = book.census, book.census.bands[rows]
    before = book.month_ago[1][rows if gone is None else np.concatenate([rows, gone])]
    risky = rows[np.isin(bands, AT_RISK)]
    soon = risky[counted.renewals[risky] <= number_of(today() + dt.timedelta(days=SOON))]
    # What nobody has scored yet is unknown too, where the money is counted.
    unscored = bool((bands == UNSCORED).any())
    cells = []
    for band in BANDS:
        of_band = {band, UNSCORED} if band == Band.UNKNOWN else {band}
        found = rows[np.isin(bands, list(of_band))]
        names = [band.name.lower(), *(["unscored"] if unscored and band == Band.UNKNOWN else [])]
        address = listed(book, **filters, band=names)
        cells.append(Cell(band, len(found), book.arr_of(found), address, int((before == band).sum())))
    return Row(
        label,
        len(rows),
        book.arr_of(rows),
        tuple(cells),
        int((book.moved[rows] <= -FELL).sum()),
        book.arr_of(soon),
        listed(book, **filters),
        listed(book, **filters, moved="fell"),
        listed(book, **{"renews": SOON, **filters}, band=RISKY),
    )


def _by_owner(book: Book, rows: Ints) -> dict[int, Ints]:
    """The rows of each owner."""
    owners = book.census.owners[rows]
    order = np.argsort(owners, kind="stable")
    found, begins = np.unique(owners[order], return_index=True)
    return dict(zip(found.tolist(), np.split(rows[order], begins[1:]), strict=True)) if len(rows) else {}


def _names(owners: Iterable[int]) -> dict[int, str]:
    found = User.objects.filter(pk__in=list(owners)).values_list("pk", "name", "email")
    return {pk: name or email for pk, name, email in found} | {NOBODY: "Without owner"}


@dataclass(frozen=True)
class Csms:
    rows: tuple[Row, ...]
    total: Row


def by_csm(book: Book) -> Csms:
    """A row per owner, whose ARR at risk is largest first, and all of them together."""
    customers, former = np.flatnonzero(book.census.customers), np.flatnonzero(~book.census.customers)
    late, gone = _late_tasks(book), _by_owner(book, former)
    theirs = _by_owner(book, customers)
    names, rows = _names(theirs), []
    for owner, own in theirs.items():
        row = _row(book, names[owner], own, gone=gone.get(owner), owner=owner or "none")
        rows.append(replace(row, late=late.get(owner or None, 0)))
    total = replace(_row(book, "All", customers, gone=former), late=sum(row.late for row in rows))
    return Csms(tuple(sorted(rows, key=lambda row: (-row.at_risk, -row.arr, row.label))), total)


def _late_tasks(book: Book) -> dict[int | None, int]:
    """Owner → how many of the tasks that are theirs, of accounts of the book, are late."""
    late = Task.objects.open().filter(account__in=numbers_in(book.ids), due_on__lt=today())
    return dict(late.order_by().values_list("owner").annotate(count=Count("pk")))


# --- Renewals --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Renewals:
    """Undecided renewals, by quarter or by owner, and band."""

    rows: tuple[Row, ...]
    total: Row
    currency: str

    @property
    def most(self) -> float:
        return max((row.arr for row in self.rows), default=0.0)


def renewals(book: Book) -> Renewals:
    """What comes up for decision and how it stands; by owner, within half a year."""
    counted = book.census
    if book.choice.renewals == "owner":
        due = np.flatnonzero(counted.due(today() + dt.timedelta(days=LATER)))
        theirs = _by_owner(book, due)
        names = _names(theirs)
        found = [_row(book, names[owner], own, owner=owner or "none", renews=LATER) for owner, own in theirs.items()]
        rows = sorted(found, key=lambda row: (-row.at_risk, -row.arr, row.label))
    else:
        due = np.flatnonzero(counted.customers & (counted.renewals != number_of(NEVER)))
        days = counted.renewals[due]
        rows = [
            _row(book, label, within, gone=None, **_between(begin, end))
            for label, begin, end in _quarters(today())
            if len(within := due[(days >= number_of(begin)) & (days <= number_of(end))])
        ]
    span = LATER if book.choice.renewals == "owner" else "any"
    return Renewals(tuple(rows), _row(book, "All", due, renews=span), book.arr.currency)


def _between(begin: dt.date, end: dt.date) -> dict[str, object]:
    """The filter of the list for renewals of these days; an end that is none is left out."""
    ends = {"renews_from": begin, "renews_to": end}
    return {name: day.isoformat() for name, day in ends.items() if day not in {dt.date.min, dt.date.max}}


def _quarters(day: dt.date) -> list[tuple[str, dt.date, dt.date]]:
    """What is late, the rest of this quarter, the quarters that follow, and all after them."""
    yesterday, ahead = day - dt.timedelta(days=1), []
    year, quarter, begin = day.year, (day.month - 1) // 3 + 1, day
    for number in range(QUARTERS):
        following = dt.date(year + quarter // 4, quarter % 4 * 3 + 1, 1)
        ahead.append((f"{'Rest of ' if number == 0 else ''}Q{quarter} {year}", begin, following - dt.timedelta(days=1)))
        year, quarter, begin = following.year, quarter % 4 + 1, following
    return [("Late", dt.date.min, yesterday), *ahead, ("Later", begin, dt.date.max)]
