"""Segments: which accounts a scorecard is for.

A rule is one line: conditions on attributes that all have to hold, such as

    tier in enterprise, strategic and region is not EMEA and tenure >= 90

`tenure` is the number of days since the account's first license began. Text compares without regard to case, and what
reads as a number as a number. A value with a comma or the word "and" in it stands in double quotes, and so does a name with
a space. A missing value is none of the values that it could be: it meets `is missing`, `is not` and `not in`, nothing else.
There is no "or": the same scorecard may stand in the line-up twice.
"""

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from accounts import calendar
from accounts.attributes import BUILT_IN, number_of
from accounts.models import AttributeDefinition
from health import words
from health.metrics.attributes import ATTRIBUTES
from health.metrics.cases import Cases
from health.metrics.known import KNOWN

TENURE = "tenure"
ORDERED: dict[str, Callable[[Any, Any], Any]] = {
    "<=": np.less_equal,
    ">=": np.greater_equal,
    "<": np.less,
    ">": np.greater,
}
OF_VALUES = ("not in", "in", "is not", "is")
OF_NONE = ("is not missing", "is missing")

_TOKEN = re.compile(r'\s*(?:"(?P<quoted>[^"]*)"|(?P<mark><=|>=|<|>|,)|(?P<word>[^\s,<>"]+))')

Bools = NDArray[np.bool_]
Value = str | None


class BadSegment(ValueError):
    """A rule that cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One attribute, compared with values: none for `is missing`, one, or for `in` several."""

    name: str
    comparison: str
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        name = _quoted(self.name) if len(self.name.split()) == 1 else f'"{self.name}"'
        return " ".join([name, self.comparison, ", ".join(map(_quoted, self.values))]).rstrip()

    def holds(self, texts: Sequence[Value]) -> Bools:
        """Whether it holds for each of these values of the attribute."""
        match self.comparison:
            case "is missing":
                return np.asarray([text is None for text in texts], dtype=np.bool_)
            case "is not missing":
                return np.asarray([text is not None for text in texts], dtype=np.bool_)
            case "is" | "in":
                return self._is_among(texts)
            case "is not" | "not in":
                return ~self._is_among(texts)
        threshold = _place(self.values[0])
        places = np.asarray([_place(text, like=self.values[0]) for text in texts], dtype=np.float64)
        return np.asarray(ORDERED[self.comparison](places, threshold), dtype=np.bool_)

    def _is_among(self, texts: Sequence[Value]) -> Bools:
        wanted = {_same(value) for value in self.values}
        # A hundred thousand accounts share a handful of values.
        among = {text: text is not None and _same(text) in wanted for text in set(texts)}
        return np.fromiter((among[text] for text in texts), np.bool_, len(texts))


@dataclass(frozen=True, slots=True)
class Segment:
    """Conditions that all have to hold. Without any, everybody is in it."""

    conditions: tuple[Condition, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a rule; blank is everybody. Raises BadSegment."""
        tokens = _tokens(text)
        conditions = []
        while tokens:
            conditions.append(_condition(tokens))
            if not tokens:
                break
            if not _take(tokens, "and") or not tokens:
                raise BadSegment(f"After “{conditions[-1]}” comes “and” and another condition, or nothing.")
        return cls(tuple(conditions))

    def __str__(self) -> str:
        return " and ".join(map(str, self.conditions))

    @property
    def names(self) -> set[str]:
        return {condition.name for condition in self.conditions}

    def holds(self, traits: "Traits") -> Bools:
        """Whether each case is in it."""
        inside = np.ones(len(traits), dtype=np.bool_)
        for condition in self.conditions:
            inside &= condition.holds(traits[condition.name])
        return inside


@dataclass(frozen=True)
class Traits:
    """What segments ask of cases: values by name, one a case, None where missing."""

    size: int
    values: dict[str, Sequence[Value]]

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, name: str) -> Sequence[Value]:
        return self.values.get(name, [None] * self.size)


def briefly(rule: str, values: Mapping[str, str]) -> str:
    """`tier is enterprise` for `tier in enterprise, strategic`: of each list the one value that an account has, where it
    has one of them. What cannot be read stays as it is."""
    try:
        conditions = Segment.parse(rule).conditions
    except BadSegment:
        return rule
    return " and ".join(str(_met(one, values.get(one.name))) for one in conditions)


def _met(condition: Condition, value: str | None) -> Condition:
    has_it = condition.comparison == "in" and value is not None and bool(condition.holds([value])[0])
    return replace(condition, comparison="is", values=(words.label(str(value)),)) if has_it else condition


def first_of(segments: Sequence[Segment], cases: Cases) -> NDArray[np.intp]:
    """Per case the index of the first segment it is in, -1 where it is in none; by two queries at most."""
    traits = read_traits({name for segment in segments for name in segment.names}, cases)
    chosen = np.full(len(cases), -1, dtype=np.intp)
    for index, segment in enumerate(segments):
        chosen[(chosen < 0) & segment.holds(traits)] = index
    return chosen


def read_traits(names: Collection[str], cases: Cases) -> Traits:
    """The values of these attributes, each as in force at the end of the case's day."""
    values: dict[str, list[Value]] = {name: [None] * len(cases) for name in names}
    if set(names) - {TENURE}:
        for place, name, text in _attributes(set(names) - {TENURE}, cases):
            values[name][place] = text
    if TENURE in values:
        for place, days in _tenures(cases):
            values[TENURE][place] = str(days)
    return Traits(len(cases), {name: tuple(found) for name, found in values.items()})


def refusals(segment: Segment) -> list[str]:
    """What keeps a rule from being published, each as a sentence."""
    known = {TENURE, *BUILT_IN, *AttributeDefinition.objects.values_list("name", flat=True)}
    return [f"There is no attribute “{name}”." for name in sorted(segment.names - known)]


_CASES = (
    "with cases as (select * from unnest(%(places)s::int[], %(accounts)s::bigint[], %(days)s::date[], "
    "%(moments)s::timestamptz[]) c(place, account_id, day, known_at))"
)


def _parameters(cases: Cases) -> dict[str, Any]:
    return {
        "places": list(range(len(cases))),
        "accounts": list(cases.accounts),
        "days": list(cases.days),
        "moments": cases.moments,
        "zone": str(calendar.zone()),
    }


def _attributes(names: Collection[str], cases: Cases) -> list[tuple[int, str, Value]]:
    """Place, name and value, by the same look back as where an attribute is a metric."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_CASES} select c.place, definition.name, f.text from cases c {ATTRIBUTES.sql} "
            "where definition.name = any(%(names)s)",
            {**_parameters(cases), "names": sorted(names)},
        )
        return list(cursor.fetchall())


def _tenures(cases: Cases) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_CASES} select c.place, c.day - min(f.starts_on) from cases c "
            f"join accounts_license f on f.account_id = c.account_id and {KNOWN} and f.starts_on <= c.day "
            "group by c.place, c.day",
            _parameters(cases),
        )
        return list(cursor.fetchall())


# --- Reading a rule --------------------------------------------------------------------------------------------------

Token = tuple[str, str]


def _tokens(text: str) -> list[Token]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise BadSegment(f"A quotation mark is left open in “{text[at:].strip()}”.")
        tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
        at = found.end()
    return tokens


def _take(tokens: list[Token], *words: str) -> bool:
    """Take these words from the front, if they are there."""
    front = [text.lower() for kind, text in tokens[: len(words)] if kind != "quoted"]
    if front != list(words):
        return False
    del tokens[: len(words)]
    return True


def _condition(tokens: list[Token]) -> Condition:
    kind, name = tokens.pop(0)
    if kind == "mark":
        raise BadSegment(f"A condition begins with an attribute, not with “{name}”.")
    for comparison in OF_NONE:
        if _take(tokens, *comparison.split()):
            return Condition(name, comparison)
    for comparison in (*OF_VALUES, *ORDERED):
        if _take(tokens, *comparison.split()):
            return Condition(name, comparison, _values(name, comparison, tokens))
    raise BadSegment(
        f"“{name}” is compared with is, is not, in, not in, <, <=, >, >=, is missing or is not missing, "
        "as in: tier in enterprise, strategic."
    )


def _values(name: str, comparison: str, tokens: list[Token]) -> tuple[str, ...]:
    values = [_value(name, comparison, tokens)]
    while _take(tokens, ","):
        values.append(_value(name, comparison, tokens))
    if len(values) > 1 and comparison not in {"in", "not in"}:
        raise BadSegment(
            f"“{name} {comparison}” takes one value; several are “in”, as in: tier in enterprise, strategic."
        )
    if comparison in ORDERED and np.isnan(_place(values[0])):
        raise BadSegment(f"“{name} {comparison}” takes a number or a day such as 2026-01-31, not “{values[0]}”.")
    return tuple(values)


def _value(name: str, comparison: str, tokens: list[Token]) -> str:
    if tokens and tokens[0][0] == "quoted":
        return tokens.pop(0)[1]
    words = []
    while tokens and tokens[0][0] == "word" and tokens[0][1].lower() != "and":
        words.append(tokens.pop(0)[1])
    if not words:
        raise BadSegment(f"“{name} {comparison}” needs a value.")
    return " ".join(words)


def _quoted(text: str) -> str:
    """As a rule has to write it."""
    words = text.lower().split()
    plain = words and " ".join(text.split()) == text and not set(text) & set(',<>"') and "and" not in words
    return text if plain and words[0] not in {"missing", "not"} else f'"{text}"'


def _same(text: str) -> str | float:
    """What two values have in common that are the same to people: a number, or text but for its case."""
    number = number_of(text)
    return text.strip().casefold() if number is None else number


def _place(text: Value, like: str | None = None) -> float:
    """Where a value lies in order: a number as such, a day by its number; NaN where it has no place beside `like`."""
    number = None if text is None else number_of(text)
    day = None if text is None or number is not None else _day(text)
    if like is not None and (number_of(like) is None) != (number is None):
        return np.nan
    if number is not None:
        return number
    return np.nan if day is None else float(day.toordinal())


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
