"""Which accounts moved most since a day, and along which way."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from health import words
from health.causes import MainCause, main_causes
from health.dashboard import RANGES, Book, Line, stood
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
    """Who fell most and who rose most in the days that were chosen."""
    days = book.choice.days
    earlier = stood(book.ids, book.day - dt.timedelta(days=days))
    found = []
    for line in book.customers:
        score, band = earlier.get(line.id, (None, 0))
        moved = 0.0 if line.score is None or score is None else words.movement(score, line.score)
        if abs(moved) >= LEAST:
            found.append((moved, line, band))
    found.sort(key=lambda one: (one[0], one[1].name))
    fell = [one for one in found if one[0] < 0][:FALLEN]
    rose = [one for one in reversed(found) if one[0] > 0][:RISEN]
    shown = [line.id for _, line, _ in (*fell, *rose)]
    courses, causes = _courses(book, shown), main_causes(shown, days)

    def told(ones: Sequence[tuple[float, Line, int]]) -> tuple[Mover, ...]:
        return tuple(Mover(line, moved, band, courses[line.id], causes.get(line.id)) for moved, line, band in ones)

    return Movers(days, told(fell), told(rose), book.arr.currency, bool(earlier))


def _courses(book: Book, accounts: Sequence[int]) -> dict[int, tuple[float | None, ...]]:
    """The scores of the last days, day by day."""
    first = book.day - dt.timedelta(days=DAYS)
    found = Snapshot.objects.filter(account__in=accounts, day__gte=first, day__lte=book.day)
    scores = {(account, day): score for account, day, score in found.values_list("account_id", "day", "score")}
    days = [first + dt.timedelta(days=number) for number in range(DAYS + 1)]
    return {account: tuple(scores.get((account, day)) for day in days) for account in accounts}
