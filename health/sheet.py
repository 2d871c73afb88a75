"""The list of accounts as a file for a spreadsheet."""

import csv
import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from accounts import calendar
from health import words
from health.book import CHURNED
from health.glance import Glance, glances
from health.listing import Choice
from health.scoring.scale import TINY
from health.words import as_shown

AT_ONCE = 500
# What spreadsheets take for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

Cell = Callable[[Any, Glance], object]


class Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line


def harmless(value: object) -> object:
    """A cell that no spreadsheet takes for a formula. Numbers stay numbers."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def lines(accounts: Sequence[int], choice: Choice) -> Iterator[str]:
    """The file of these accounts, line by line; read from the database some hundred at a time."""
    writer = csv.writer(Echo())
    shown = [column for column in choice.columns if column.key in CELLS]
    yield "\ufeff" + writer.writerow([*(column.label for column in shown), "Id"])
    for start in range(0, len(accounts), AT_ONCE):
        some = choice.shown(accounts[start : start + AT_ONCE])
        beside = glances([account.pk for account in some], choice)
        for account in some:
            cells = [harmless(CELLS[column.key](account, beside[account.pk])) for column in shown]
            yield writer.writerow([*cells, account.public_id])


def _band(account: Any, _: Glance) -> str:
    if account.band is None:
        return "not scored"
    return "churned" if account.band == CHURNED else words.band(account.band)


def _moved(name: str) -> Cell:
    def cell(account: Any, _: Glance) -> object:
        moved = getattr(account, name)
        return "" if moved is None else round(moved, 1)

    return cell


def _last(account: Any, _: Glance) -> str:
    if account.lost_on is None or account.last_score is None:
        return ""
    return f"{as_shown(account.last_score)} {words.band(account.last_band)}"


def _cause(account: Any, glance: Glance) -> str:
    if glance.cause is None:
        return ""
    shown = "" if glance.cause.shown is None else f" {words.number(glance.cause.shown, 1, signed=True)}"
    return f"{glance.cause.label}{shown}".replace(words.NBSP, " ")


def _family(_: Any, glance: Glance) -> str:
    if glance.family is None:
        return ""
    rollup = glance.family.rollup
    score = "not scored" if rollup.score is None else f"{rollup.score} {words.band(rollup.band)}"
    return f"{score}, {rollup.accounts} accounts"


def _arr(account: Any, _: Glance) -> object:
    if account.arr is None:
        return ""
    return (
        f"{account.arr:.2f} {account.currencies[0]}"
        if len(account.currencies) == 1
        else f"{account.arr_converted or 0:.2f}"
    )


def _touched(account: Any, _: Glance) -> object:
    return "" if account.touched_at is None else calendar.day_of(account.touched_at)


def _task(account: Any, glance: Glance) -> str:
    if glance.task is None:
        return ""
    due: dt.date | None = glance.task.due_on
    return f"{glance.task.title}{f' ({due})' if due else ''}"


CELLS: Mapping[str, Cell] = {
    "name": lambda account, _: str(account),
    "score": lambda account, _: "" if account.score is None else as_shown(account.score),
    "band": _band,
    "family": _family,
    "week": _moved("moved_7"),
    "month": _moved("moved_30"),
    "cause": _cause,
    "coverage": lambda account, _: "" if account.coverage is None else math.floor(100 * account.coverage + TINY),
    "lost": lambda account, _: account.lost_on or "",
    "lost_arr": lambda _, glance: "" if glance.loss is None else f"{glance.loss.arr:.2f}",
    "last": _last,
    "reason": lambda _, glance: "" if glance.loss is None else glance.loss.reason,
    "stage": lambda account, _: account.stage,
    "tier": lambda account, _: account.tier,
    "region": lambda account, _: account.region,
    "owner": lambda account, _: account.owner_name or "",
    "seats": lambda account, _: "" if account.seats is None else account.seats,
    "arr": _arr,
    "renewal": lambda account, _: account.renewal_on or "",
    "touch": _touched,
    "task": _task,
}
