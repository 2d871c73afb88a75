"""How facts are summed up: columns, which SQL computes, and the shapes that readings are made of from them.

A column is one aggregate over one set of facts, one number a case. All columns over the same facts, read as of the same
days, are one query. A column is *additive* where the numbers of several accounts add up to that of the accounts together;
ratios are pooled from such parts, never averaged.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from health.metrics.activity import Bitmaps, Span
from health.metrics.rules import Rules
from health.scoring.scale import Floats


@dataclass(frozen=True)
class Facts:
    """Rows to sum up. `sql` follows `from cases c` and joins them, under names that the columns use. It may use `c.day`,
    `c.account_id`, `c.known_at`, `c.known_on`, `c.born`, and parameters of `parameters`; `{reach}` is the number of days
    that the furthest column looks back. Where there are `bitmaps`, columns that have a span are read from them."""

    name: str
    sql: str
    parameters: Callable[[Rules], dict[str, Any]] = lambda rules: {}
    bitmaps: Bitmaps | None = None


@dataclass(frozen=True)
class Column:
    """An aggregate over facts; 0 for a case without any, unless `empty` says otherwise. `argument` is what
    `%(argument)s` in its SQL stands for."""

    facts: Facts
    sql: str
    reach: int = 0
    empty: float = 0.0
    additive: bool = True
    argument: str | None = None
    span: Span | None = None


@dataclass(frozen=True)
class Frame:
    """What a shape computes with, per case: its columns by number, the days the account has lived (that one included),
    and the days themselves, as of which it is read."""

    columns: dict[Column, Floats]
    lived: Floats
    days: Sequence[dt.date]
    born: Sequence[dt.date]
    rules: Rules

    def __getitem__(self, column: Column) -> Floats:
        return self.columns[column]


Part = Callable[[Frame], Floats]


@dataclass(frozen=True)
class Shape:
    """A reading as `times · part ÷ of`, or `part` alone. `n` is the number of facts or the denominator; `newest` the days
    since the newest fact, for what can grow stale. `dead`: 0 ÷ 0 because nobody is there is the dead value."""

    columns: tuple[Column, ...]
    part: Part
    of: Part | None = None
    times: float = 1.0
    n: Part | None = None
    newest: Part | None = None
    dead: Part | None = None
    not_applicable: Part | None = None

    def values(self, part: Floats, of: Floats | None) -> Floats:
        if of is None:
            return part
        return divided(self.times * part, of)


def divided(part: Floats, of: Floats) -> Floats:
    """`part ÷ of`, NaN where there is nothing to divide by."""
    quotient: Floats = np.divide(part, of, out=np.full(len(part), np.nan), where=of > 0)
    return quotient


def alone(column: Column) -> Part:
    return lambda frame: frame[column]
