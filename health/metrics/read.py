"""The engine: `read(asked, cases, rules)` gives every reading of every case, with n, age and state, in a few queries.

All metrics over the same facts, read as of the same days, share one query, whatever the number of cases: the night is all
accounts on one day, a chart one account on many days, a back-test each outcome on its own.
"""

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from accounts import arrays, calendar
from accounts.columns import fetch
from health.metrics import activity
from health.metrics.cases import Cases, day_numbers
from health.metrics.declare import Metric, Nothing
from health.metrics.rules import Rules
from health.metrics.shapes import Column, Facts, Frame, Shape
from health.metrics.streams import Hearing, Streams
from health.scoring.card import State
from health.scoring.judge import Smalls
from health.scoring.scale import Floats


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One reading that is wanted of each case: a metric with its window and argument, and when it is too thin or too old."""

    metric: Metric
    window: int | None = None
    argument: str | None = None
    min_n: int | None = None
    max_age_days: int | None = None
    min_days: int | None = None

    def shape(self) -> Shape:
        given: dict[str, object] = {}
        if self.metric.window is not None:
            given["window"] = self.window or self.metric.window
        if self.metric.argument is not None:
            given["argument"] = self.argument
        shape: Shape = self.metric.build(**given)
        return shape

    @property
    def days_needed(self) -> int:
        """How old the account has to be."""
        window = self.window or self.metric.window or 0
        whole = 2 * window if self.metric.needs_both_windows else window + 1 if self.metric.needs_start else 0
        return max(whole, self.metric.min_days if self.min_days is None else self.min_days)


# There is a value, but it does not count.
NOT_COUNTED = (State.TOO_FEW, State.STALE, State.TOO_YOUNG)


@dataclass(frozen=True)
class Read:
    """cases × asked. Where `states` say why there is no reading, `values` are NaN, or what was found and does not count;
    `n` and `ages` (days) are kept also then."""

    values: Floats
    states: Smalls
    n: NDArray[np.int64]
    ages: NDArray[np.int64]

    @classmethod
    def empty(cls, cases: int, slots: int) -> Self:
        """Nothing read yet."""
        size = (cases, slots)
        return cls(np.full(size, np.nan), np.zeros(size, np.int16), np.zeros(size, np.int64), np.zeros(size, np.int64))

    def take(self, slot: int, alone: "Read") -> None:
        """Put a reading that was made by itself in its place."""
        for whole, one in zip(self.columns, alone.columns, strict=True):
            whole[:, slot] = one[:, 0]

    def of(self, cases: Sequence[int]) -> "Read":
        """What was read of some of the cases."""
        return Read(*(column[list(cases)] for column in self.columns))

    @property
    def columns(self) -> tuple[NDArray[Any], ...]:
        return self.values, self.states, self.n, self.ages

    def put(self, one: "Slot") -> None:
        slot, found, states = one.number, one.found, one.states
        kept = (states < State.NOT_CONNECTED) | np.isin(states, NOT_COUNTED) & np.isfinite(found.values)
        self.values[:, slot] = np.where(kept, found.values, np.nan)
        self.states[:, slot] = states
        self.n[:, slot] = found.n
        self.ages[:, slot] = found.ages.astype(np.int64)


def read(asked: Sequence[Asked], cases: Cases, rules: Rules) -> Read:
    """Read all that is asked of all cases."""
    result = Read.empty(len(cases), len(asked))
    for one in slots(asked, cases, rules) if len(cases) else ():
        result.put(one)
    return result


@dataclass(frozen=True)
class Slot:
    """One of the readings asked for, of all cases, with what it was made of."""

    number: int
    asked: Asked
    shape: Shape
    frame: Frame
    hearing: Hearing
    found: "_Found"
    states: Smalls


def slots(asked: Sequence[Asked], cases: Cases, rules: Rules) -> Iterator[Slot]:
    """Each of the readings asked for, of all cases, of which there is at least one."""
    born = births(cases, rules)
    streams = Streams({kind for one in asked for kind in one.metric.streams}, cases.accounts)
    heard = {kinds: streams.hear(kinds, cases) for kinds in {one.metric.streams for one in asked}}
    shapes = [one.shape() for one in asked]
    for days, numbers in _by_days(asked, heard, cases).items():
        frame = _frame([shapes[number] for number in numbers], cases.at(days), born, rules)
        behind = day_numbers(cases.days) - day_numbers(days)
        for number in numbers:
            one, shape, hearing = asked[number], shapes[number], heard[asked[number].metric.streams]
            found = _found(shape, frame, behind)
            states = _states(one, shape, frame, hearing, found)
            _hold(one, hearing, rules, states)
            yield Slot(number, one, shape, frame, hearing, found, states)


def _by_days(
    asked: Sequence[Asked], heard: Mapping[tuple[str, ...], Hearing], cases: Cases
) -> dict[tuple[dt.date, ...], list[int]]:
    """What is read as of the same days: opinions of the cases' own, all else of the last that are complete."""
    found: dict[tuple[dt.date, ...], list[int]] = defaultdict(list)
    complete = {
        kinds: tuple(day if upto is None else upto for upto, day in zip(hearing.upto, cases.days, strict=True))
        for kinds, hearing in heard.items()
    }
    for number, one in enumerate(asked):
        found[tuple(cases.days) if one.metric.is_opinion else complete[one.metric.streams]].append(number)
    return found


def _frame(shapes: Iterable[Shape], as_of: Cases, born: Sequence[dt.date], rules: Rules) -> Frame:
    columns = summed({column for shape in shapes for column in shape.columns}, as_of, born, rules)
    lived = (day_numbers(as_of.days) - day_numbers(born) + 1).astype(np.float64)
    return Frame(columns, lived, as_of.days, born, rules)


@dataclass(frozen=True)
class _Found:
    """What the facts give, before it is asked whether that counts."""

    values: Floats
    n: NDArray[np.int64]
    ages: Floats


def _found(shape: Shape, frame: Frame, behind: NDArray[np.int64]) -> _Found:
    part, of = shape.part(frame), None if shape.of is None else shape.of(frame)
    values = shape.values(part, of)
    if shape.dead is not None:
        values = np.where(np.isnan(values), shape.dead(frame), values)
    counted = shape.n(frame) if shape.n is not None else part if of is None else of
    ages = behind if shape.newest is None else shape.newest(frame)
    return _Found(values, np.nan_to_num(counted).astype(np.int64), np.nan_to_num(ages).astype(np.float64))


def _states(one: Asked, shape: Shape, frame: Frame, hearing: Hearing, found: _Found) -> Smalls:
    """Fresh, or the first reason that holds why there is no reading."""
    metric, n, values = one.metric, found.n, found.values
    heard_of = np.asarray([upto is not None for upto in hearing.upto]) if not metric.is_opinion else hearing.connected
    window = one.window or metric.window or 0
    nothing = metric.nothing
    reasons = [(~(hearing.connected & heard_of), State.NOT_CONNECTED)]
    if nothing == Nothing.MISSING:
        oldest = one.max_age_days if one.max_age_days is not None and metric.is_opinion else np.inf
        reasons += [
            # Who was asked and never answered has been heard all the same.
            (~hearing.delivered & (n == 0), State.NEVER),
            (n == 0, State.NONE),
            (n < (one.min_n or metric.min_n), State.TOO_FEW),
            (found.ages > oldest, State.STALE),
        ]
    elif nothing == Nothing.ZERO_ONCE_SEEN:
        reasons.append((~hearing.delivered & (frame.lived < max(window, one.days_needed)), State.NEVER))
    reasons.append((frame.lived < one.days_needed, State.TOO_YOUNG))
    if shape.not_applicable is not None:
        reasons.append((shape.not_applicable(frame).astype(np.bool_), State.NOT_APPLICABLE))
    reasons += [(np.isnan(values), State.NOT_APPLICABLE), (~np.isfinite(values), State.FAILED)]
    return np.select([where for where, _ in reasons], [state for _, state in reasons], State.FRESH).astype(np.int16)


def _hold(one: Asked, hearing: Hearing, rules: Rules, states: Smalls) -> None:
    """Mark what is read of a silent stream: held for some days, then held too long."""
    if one.metric.is_opinion:
        return
    fresh = states == State.FRESH
    states[fresh & (hearing.nights > 0)] = State.HELD
    states[fresh & (hearing.nights > rules.hold_days)] = State.HELD_TOO_LONG


def summed(
    wanted: Iterable[Column], cases: Cases, born: Sequence[dt.date], rules: Rules, groups: Sequence[int] | None = None
) -> dict[Column, Floats]:
    """The columns of each case, by one query for all that look at the same facts.

    `groups`: of each case the number of its group, from 0; then the columns are of each group's facts together.
    """
    by_facts: dict[Facts, list[Column]] = defaultdict(list)
    for column in wanted:
        by_facts[column.facts].append(column)
    given, size = _parameters(cases, born, rules), len(cases)
    result: dict[Column, Floats] = {}
    if groups is not None:
        given["i"], size = arrays.plain(groups), max(groups) + 1
    if groups is None:
        for together in _by_bitmaps(by_facts):
            result |= _from_bitmaps(together, cases, born=born, rules=rules, given=given)
    for facts, columns in by_facts.items():
        if columns[0] not in result:
            result |= _query(facts, columns, given, size, rules)
    return result


def _by_bitmaps(by_facts: Mapping[Facts, list[Column]]) -> Iterator[dict[Facts, list[Column]]]:
    """What is read from the same bitmaps: all columns of facts that have them."""
    found: dict[activity.Bitmaps, dict[Facts, list[Column]]] = defaultdict(dict)
    for facts, columns in by_facts.items():
        if facts.bitmaps is not None and all(column.span for column in columns):
            found[facts.bitmaps][facts] = columns
    for together in found.values():
        # Last days alone are found faster by looking for them.
        if any(column.span and column.span.last is None for columns in together.values() for column in columns):
            yield together


def _from_bitmaps(
    together: Mapping[Facts, Sequence[Column]],
    cases: Cases,
    *,
    born: Sequence[dt.date],
    rules: Rules,
    given: Mapping[str, Any],
) -> Mapping[Column, Floats]:
    """The columns from bitmaps, and for the cases of which these cannot tell from the facts themselves."""
    began = time.perf_counter()
    # Named for those that most is asked of.
    first = max(together, key=lambda facts: len(together[facts]))
    assert first.bitmaps is not None
    all_columns = [column for columns in together.values() for column in columns]
    told, rows_read = activity.summed(
        first.bitmaps, [column.span for column in all_columns if column.span is not None], cases, born=born, rules=rules,
        given={**given, **first.parameters(rules)}, head=_CASES,
    )  # fmt: skip
    _measure(first, began, rows_read)
    found = dict(zip(all_columns, told, strict=True))
    numbers = {column: one.values for column, one in found.items()}
    for facts, columns in together.items():
        which = np.flatnonzero(np.any([found[column].unsure for column in columns], axis=0)).tolist()
        if which:
            some, theirs = cases.of(which), [born[position] for position in which]
            exact = _query(facts, columns, _parameters(some, theirs, rules), len(some), rules)
            for column in columns:
                numbers[column][which] = exact[column]
    return numbers


def rows(facts: Facts, what: str, where: str, cases: Cases, rules: Rules) -> list[tuple[Any, ...]]:
    """What else there is to say of facts, counted and named: rows of (position of the case, …), by SQL of their own."""
    query = f"{_CASES}select c.i, {what}\nfrom cases c\n{facts.sql}\nwhere {where} group by c.i, 2 order by c.i, 2"
    with connection.cursor() as cursor:
        given: Mapping[str, Any] = {**_parameters(cases, cases.days, rules), **facts.parameters(rules)}
        cursor.execute(query, given)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def listed(
    facts: Facts,
    what: str,
    tail: str,
    cases: Cases,
    *,
    born: Sequence[dt.date],
    rules: Rules,
    reach: int,
    argument: str | None,
) -> list[tuple[Any, ...]]:
    """The facts themselves, one row each: `what` is SQL that names its columns, `tail` what follows the joined facts."""
    query = f"{_CASES}select {what}\nfrom cases c\n{facts.sql}\n{tail}".replace("{reach}", str(reach))
    given = {**_parameters(cases, born, rules), **facts.parameters(rules), "argument": argument}
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


# What is the same for all cases, as in the night, is sent once: an array that is shorter than others goes on with nulls.
_CASES = (
    "with cases as materialized (select i, account_id, coalesce(day, %(day)s::date) as day, "
    "coalesce(known_at, %(moment)s::timestamptz) as known_at, coalesce(known_on, %(known)s::date) as known_on, "
    "coalesce(born, %(birth)s::date) as born, coalesce(work_from, %(worked)s::date) as work_from "
    "from unnest(%(i)s::int[], %(accounts)s::bigint[], %(days)s::date[], %(moments)s::timestamptz[], %(known_on)s::date[], "
    "%(born)s::date[], %(work_from)s::date[]) c(i, account_id, day, known_at, known_on, born, work_from))\n"
)


@dataclass
class Effort:
    """What reading facts of one name took. Metrics over the same facts are read together, so it is told by facts."""

    rows: int = 0
    seconds: float = 0.0


_efforts: ContextVar[dict[str, Effort] | None] = ContextVar("efforts", default=None)


@contextmanager
def measured(efforts: dict[str, Effort]) -> Iterator[None]:
    """Add to `efforts`, by name of the facts, what reading takes meanwhile."""
    token = _efforts.set(efforts)
    try:
        yield
    finally:
        _efforts.reset(token)


def _measure(facts: Facts, began: float, rows: int) -> None:
    efforts = _efforts.get()
    if efforts is not None:
        effort = efforts.setdefault(facts.name, Effort())
        effort.rows += rows
        effort.seconds += time.perf_counter() - began


def _query(
    facts: Facts, columns: Sequence[Column], given: Mapping[str, Any], size: int, rules: Rules
) -> Mapping[Column, Floats]:
    reach = max(column.reach for column in columns)
    aggregates = ", ".join(
        f"coalesce(({column.sql.replace('%(argument)s', f'%(argument_{position})s')})::float8, '{column.empty}')"
        for position, column in enumerate(columns)
    )
    arguments: dict[str, Any] = {f"argument_{position}": column.argument for position, column in enumerate(columns)}
    joined = facts.sql.replace("{reach}", str(reach))
    query = f"{_CASES}select c.i, count(*), {aggregates}\nfrom cases c\n{joined}\ngroup by c.i"
    began = time.perf_counter()
    types = ("int4", "int8", *("float8" for _ in columns))
    positions, rows, *found = fetch(query, {**given, **facts.parameters(rules), **arguments}, types)
    numbers = {column: np.full(size, column.empty) for column in columns}
    for column, values in zip(columns, found, strict=True):
        numbers[column][positions] = values
    _measure(facts, began, int(rows.sum()))
    return numbers


def _parameters(cases: Cases, born: Sequence[dt.date], rules: Rules) -> dict[str, Any]:
    work_from = {day: rules.work_from(day) for day in set(cases.days)}
    return {
        "i": arrays.plain(range(len(cases))),
        "accounts": arrays.plain(cases.accounts),
        **_sent("days", "day", cases.days),
        **_sent("moments", "moment", cases.moments),
        **_sent("known_on", "known", cases.known_on),
        **_sent("born", "birth", born),
        **_sent("work_from", "worked", [work_from[day] for day in cases.days]),
        # Constants, by which the planner leaves out whole months.
        "first_day": min(cases.days, default=None),
        "last_day": max(cases.days, default=None),
        "zone": str(calendar.zone()),
    }


def _sent(each: str, same: str, values: Sequence[object]) -> dict[str, object]:
    """Values of all cases as a parameter of their own, or one for all where it is the same."""
    if len(set(values)) == 1:
        return {each: "{}", same: values[0]}
    return {each: arrays.plain(values), same: None}


def births(cases: Cases, rules: Rules) -> list[dt.date]:
    """The day on which the account's life with us began: that of its first license, else that of its first mention,
    which for history that was loaded later is when it would have been; also by the name of one that was merged into it."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CASES + "select c.i, coalesce(min(f.starts_on), (least(min(a.created_at), (select min(first_received_at) "
            "from accounts_accountstream mention where mention.account_id = c.account_id), "
            "(select min(merged.created_at) from accounts_account merged where merged.merged_into_id = c.account_id "
            "and merged.deleted_at <= c.known_at)) at time zone %(zone)s)::date) "
            "from cases c join accounts_account a on a.id = c.account_id "
            "left join accounts_license f on f.account_id = c.account_id and f.received_at <= c.known_at "
            "and (f.superseded_at is null or f.superseded_at > c.known_at) and f.starts_on <= c.day "
            "group by c.i, c.account_id, c.known_at",
            _parameters(cases, cases.days, rules),
        )
        born = dict(cursor.fetchall())
    return [min(born.get(position, day), day) for position, day in enumerate(cases.days)]
