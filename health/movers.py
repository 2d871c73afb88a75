"""Which accounts moved most since a day, and along which way."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from health import words
from health.causes import MainCause, main_causes
from health.census import UNSCORED, Line
from health.dashboard import RANGES, Book
from health.models import Snapshot

FALLEN, RISEN = 6, 4
DAYS = 30
# What moves less is noise.
LEAST = 1.0


@dataclass(frozen=True)
class Mover:
    """One account with its movement and why; `course` is its score on the last days, None where a day has none."""

    line: Line
    moved: float
    before: int
    course: tuple[float | None, ...]
    cause: MainCause | None


@dataclass(frozen=True)
class Movers:
    days: int
    fell: tuple[Mover, ...]
    rose: tuple[Mover, ...]
    currency: str
    compared: bool
    offered: tuple[int, ...] = RANGES


def movers(book: Book) -> Movers:
    """Who fell most and who rose most in the days that were chosen; of those that moved alike, who pays most."""
    days, counted = book.choice.days, book.census
    scores, bands = book.stood(days)
    moved = words.movements(scores, counted.scores)
    order = np.lexsort((-book.arr.now, moved))
    fell = order[moved[order] <= -LEAST][:FALLEN].tolist()
    order = np.lexsort((-book.arr.now, -moved))
    rose = order[moved[order] >= LEAST][:RISEN].tolist()
    lines = book.lines((*fell, *rose))
    shown = [book.ids[row] for row in lines]
    courses, causes = _courses(book, shown), main_causes(shown, days)

    def told(rows: Sequence[int]) -> tuple[Mover, ...]:
        return tuple(
            Mover(lines[row], float(moved[row]), int(bands[row]), courses[account], causes.get(account))
            for row in rows
            for account in [book.ids[row]]
        )

    compared = bool((bands != UNSCORED).any())
    return Movers(days, told(fell), told(rose), book.arr.currency, compared)


def _courses(book: Book, accounts: Sequence[int]) -> dict[int, tuple[float | None, ...]]:
    """The scores of the last days, day by day."""
    first = book.day - dt.timedelta(days=DAYS)
    found = Snapshot.objects.filter(account__in=accounts, day__gte=first, day__lte=book.day)
    scores = {(account, day): score for account, day, score in found.values_list("account_id", "day", "score")}
    days = [first + dt.timedelta(days=number) for number in range(DAYS + 1)]
    return {account: tuple(scores.get((account, day)) for day in days) for account in accounts}
