"""Accounts and ARR by band on the first page: a row for each CSM, or for each quarter in which contracts renew."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Count

from accounts.arrays import numbers_in
from accounts.models import Task
from health.book import today
from health.dashboard import AT_RISK, BANDS, RISKY, SOON, Book, Line, arr_of, listed
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


def _row(book: Book, label: str, lines: Sequence[Line], *, gone: Sequence[Line] = (), **filters: object) -> Row:
    """A row of these customers; a month ago those that are `gone` counted too."""
    soon = today() + dt.timedelta(days=SOON)
    by_band = {band: [line for line in lines if line.band == band] for band in BANDS}
    # What nobody has scored yet is unknown too, where the money is counted.
    unscored = [line for line in lines if line.band is None]
    by_band[Band.UNKNOWN] += unscored
    names = {band: [band.name.lower()] for band in BANDS}
    names[Band.UNKNOWN] += ["unscored"] if unscored else []
    return Row(
        label,
        len(lines),
        arr_of(lines),
        tuple(
            Cell(
                band,
                len(found),
                arr_of(found),
                listed(book, **filters, band=names[band]),
                sum(line.then == band for line in (*lines, *gone)),
            )
            for band, found in by_band.items()
        ),
        sum(line.fell for line in lines),
        arr_of(line for line in lines if line.at_risk and line.renewal_on is not None and line.renewal_on <= soon),
        listed(book, **filters),
        listed(book, **filters, moved="fell"),
        listed(book, **{"renews": SOON, **filters}, band=RISKY),
    )


@dataclass(frozen=True)
class Csms:
    rows: tuple[Row, ...]
    total: Row


def by_csm(book: Book) -> Csms:
    """A row per owner, whose ARR at risk is largest first, and all of them together."""
    owners = {line.owner_id: line.owner or "Without owner" for line in book.customers}
    late, gone = _late_tasks(book), [line for line in book.lines if not line.is_customer]
    rows = []
    for owner, name in owners.items():
        theirs, lost = ([line for line in lines if line.owner_id == owner] for lines in (book.customers, gone))
        row = _row(book, name, theirs, gone=lost, owner=owner or "none")
        rows.append(replace(row, late=late.get(owner, 0)))
    total = replace(_row(book, "All", book.customers, gone=gone), late=sum(row.late for row in rows))
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
    if book.choice.renewals == "owner":
        due = book.renewing(LATER)
        owners = {line.owner_id: line.owner or "Without owner" for line in due}
        found = [
            _row(book, name, [line for line in due if line.owner_id == owner], owner=owner or "none", renews=LATER)
            for owner, name in owners.items()
        ]
        rows = sorted(found, key=lambda row: (-row.at_risk, -row.arr, row.label))
    else:
        due = [line for line in book.customers if line.renewal_on is not None]
        rows = [
            _row(book, label, lines, gone=(), **_between(begin, end))
            for label, begin, end in _quarters(today())
            if (lines := [line for line in due if begin <= (line.renewal_on or today()) <= end])
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
