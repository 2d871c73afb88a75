"""A metric is one declaration: a function whose name is the key and whose docstring is the formula.

The decorator says everything that an admin, a page and the arithmetic need to know. The function returns which facts and
how to sum them up; `health.metrics.read` does the rest. Keys are promises: never reused, never redefined.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from health.scoring.path import Domain, Moves
from health.scoring.scale import Scale


class MetricGroup(enum.StrEnum):
    ADOPTION = "adoption"
    ENGAGEMENT = "engagement"
    SENTIMENT = "sentiment"
    SUPPORT = "support"
    OUTCOMES = "outcomes"
    COMMERCIAL = "commercial"


class Nothing(enum.StrEnum):
    """What it means that there is nothing to read.

    `ZERO`: counts, amounts, ages of what is open. `ZERO_ONCE_SEEN`: never is missing until the account is one window old,
    then it is the dead value. `SINCE_THE_BEGINNING`: the days so far. `MISSING`: opinions, medians, shares.
    """

    ZERO = "zero"
    ZERO_ONCE_SEEN = "zero once seen"
    SINCE_THE_BEGINNING = "since the beginning"
    MISSING = "missing"


class Above(enum.StrEnum):
    """How a reading is made for many accounts together."""

    FACTS = "facts"
    SHARE = "share"
    WORST = "worst"
    MEDIAN = "median"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What is declared of a metric.

    `streams`: kinds of record that it reads; where nothing means something, its reading is that of the last day for
    which they are complete; one with a question mark counts where it exists. `opinion`: it stays what it is until it is
    too old, whatever its streams do; unless said, that is where nothing is missing. `daily`: it cannot be read of counts
    by the week. `low`, `high`, `step`: what a reading can
    be; `reach`: how far it can be brought on the path to a better band. `parts`: what a ratio is of, as words: (what moves, of what); `whole_parts`: both are counted, as n is, so that a
    reading moves in steps of one in n. `lower_is_better` follows from the scale.
    `needs_both_windows`, `needs_start`: the account has lived through the window before this one, or was there when this
    one began. `argument`: what `key:argument` names; `choices`: all that it may be, where that is settled; `needs_argument`:
    there is no reading without.
    """

    key: str
    formula: str
    label: str
    group: MetricGroup
    unit: str
    why: str
    when: str
    scale: Scale
    scale_source: str
    nothing: Nothing
    streams: tuple[str, ...]
    build: Callable[..., Any]
    window: int | None = None
    above: Above = Above.FACTS
    moves: Moves = Moves.YES
    low: float = 0.0
    high: float = float("inf")
    step: float = 0.0
    reach: float = float("inf")
    parts: tuple[str, str] | None = None
    whole_parts: bool = True
    dead_value: float = 0.0
    sample: bool = False
    min_n: int = 1
    min_days: int = 7
    needs_both_windows: bool = False
    needs_start: bool = False
    daily: bool = False
    argument: str | None = None
    choices: tuple[str, ...] = ()
    needs_argument: bool = False
    opinion: bool | None = None
    decimals: int = 1
    sectors: tuple[str, ...] = field(default=())

    @property
    def domain(self) -> Domain:
        return Domain(low=self.low, high=self.high, unit=self.step, moves=self.moves, reach=self.reach)

    @property
    def is_opinion(self) -> bool:
        """Whether `max_age_days` applies: an opinion stays what it is until it is too old."""
        return self.nothing == Nothing.MISSING if self.opinion is None else self.opinion

    def __str__(self) -> str:
        return self.label


_metrics: dict[str, Metric] = {}


def metric(
    *, label: str, group: MetricGroup, unit: str, why: str, when: str, scale: str, scale_source: str,
    nothing: Nothing, streams: tuple[str, ...], **more: Any,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # fmt: skip
    """Declare the decorated function as a metric; its name is the key, its docstring the formula."""

    def declare(build: Callable[..., Any]) -> Callable[..., Any]:
        key = build.__name__
        assert key not in _metrics, f"two metrics named {key}"
        assert build.__doc__, f"{key} has no formula"
        _metrics[key] = Metric(
            key=key, formula=" ".join(build.__doc__.split()), build=build, label=label, group=group, unit=unit, why=why,
            when=when, scale=Scale.parse(scale), scale_source=scale_source, nothing=nothing, streams=streams, **more,
        )  # fmt: skip
        return build

    return declare


def by_key(key: str) -> Metric | None:
    return _metrics.get(key)


def get(name: str) -> tuple[Metric, str | None]:
    """The metric of a name such as `nps` or `attribute:tier`, with its argument. Raises LookupError."""
    key, colon, argument = name.partition(":")
    found = _metrics.get(key)
    if found is None:
        raise LookupError(f"There is no metric “{name}”.")
    if bool(colon) and found.argument is None:
        raise LookupError(f"{found.label} takes no “:{argument}”.")
    if found.needs_argument and not argument:
        raise LookupError(f"{found.label} needs a {found.argument}: “{key}:…”.")
    if argument and found.choices and argument not in found.choices:
        raise LookupError(f"{found.label} knows no “{argument}”. There are: {', '.join(found.choices)}.")
    return found, argument or None


def every() -> tuple[Metric, ...]:
    """All metrics, in the order of their groups."""
    groups = list(MetricGroup)
    return tuple(sorted(_metrics.values(), key=lambda one: groups.index(one.group)))
