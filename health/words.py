"""Scores in words: readings in natural units over their counts, why one is missing, what a guard asks."""

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from health.metrics import declare
from health.metrics.declare import Metric
from health.metrics.read import Asked
from health.models import Guard
from health.models.snapshots import MOST
from health.scoring.card import Band, State
from health.scoring.judge import rounded
from health.scoring.path import Domain
from health.scoring.scale import BadScale, Floats, Scale

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
SHORT_UNITS = {"days": "d", "hours": "h", "minutes": "min"}
YES_OR_NO = "yes or no"


def name(asked: Asked) -> str:
    """`Usage trend`, with its argument, and with its window where that is not the usual one."""
    metric, argument = asked.metric, asked.argument
    said = metric.label
    if argument is not None:
        plainly = argument.replace("_", " ")
        said = plainly.capitalize() if metric.needs_argument else f"{metric.label}, {plainly}"
    unusual = asked.window is not None and asked.window != metric.window
    return f"{said}, {asked.window}{NBSP}d" if unusual else said


def asked_for(key: str, window: int | None) -> Asked | None:
    """A reading by the metric's own name, such as `nps` or `attribute:tier`; None where there is no such metric any more."""
    try:
        metric, argument = declare.get(key)
    except LookupError:
        return None
    return Asked(metric=metric, window=window, argument=argument)


def called(key: str, window: int | None) -> str:
    """The name of such a reading; the key where nothing is known of it."""
    asked = asked_for(key, window)
    return name(asked) if asked else key


def as_shown(score: float) -> float:
    """A score, or points, rounded as every page shows them: half up to one decimal."""
    return float(rounded(np.asarray(score)))


def movement(before: float, after: float) -> float:
    """How far a score moved: the difference of the two as shown, so that who subtracts what stands there finds the same."""
    return float(movements(np.asarray(before), np.asarray(after)))


def movements(before: Floats, after: Floats) -> Floats:
    """The same of many, account by account; nan where one of the two is."""
    return np.round(rounded(after) - rounded(before), 1)


# --- Coverage --------------------------------------------------------------------------------------------------------


def came_or_went(came: Sequence[str], went: Sequence[str], most: int = 3) -> str:
    """`NPS and 2 more now known, CSAT now missing`: measures whose readings came or went, at most so many of them named."""
    ends = ((came, "now known"), (went, "now missing"))
    return ", ".join(f"{listed(names, most)} {says}" for names, says in ends if names)


def listed(names: Sequence[str], most: int = 3) -> str:
    """At most so many of them, each named once."""
    distinct = list(dict.fromkeys(names))
    if len(distinct) <= most:
        return ", ".join(distinct)
    named = max(most - 1, 1)
    return f"{', '.join(distinct[:named])} and {len(distinct) - named} more"


# --- Amounts ---------------------------------------------------------------------------------------------------------


def number(value: float, decimals: int = 1, *, signed: bool = False) -> str:
    """`1,204.5`, with a true minus."""
    text = f"{abs(value):,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        return text
    return f"{MINUS if value < 0 else '+' if signed else ''}{text}"


def amount(metric: Metric, value: float) -> str:
    """A reading in its natural unit: `58.0 %`, `9 d`, `yes`, `3 of 5`, `+13`."""
    if math.isnan(value):
        return "–"
    if metric.unit == YES_OR_NO:
        return "yes" if value >= 1 else "no"
    said = number(value, metric.decimals, signed=is_signed(metric))
    if not metric.unit:
        return said.removesuffix(".0")
    after = unit(metric)
    singular = after.removesuffix("s") if len(after) > 1 and value == 1 else after
    return f"{said}{NBSP}{singular}" if after else said


def unit(metric: Metric) -> str:
    """What stands after a reading: `%`, `d`, `tickets`; nothing after points."""
    return "" if metric.unit == "points" else SHORT_UNITS.get(metric.unit, metric.unit)


def is_signed(metric: Metric) -> bool:
    """Whether the reading is a balance or a change, so that its sign is always said."""
    return metric.low < 0 and metric.unit in ("%", "points")


def bare(metric: Metric, value: float, decimals: int = 0) -> str:
    """The same without its unit, for the edges under a ruler, to so many decimals at least."""
    said = number(value, max(metric.decimals, decimals)).removesuffix(".0")
    return amount(metric, value) if metric.unit == YES_OR_NO else said


def at_least_as_far(metric: Metric, value: float, beyond: float) -> float:
    """`value` rounded to the decimals that are shown, on the side away from `beyond`, so that what is shown suffices."""
    unit = 10.0**metric.decimals
    scaled = round(value * unit, 6)
    return (math.ceil(scaled) if value > beyond else math.floor(scaled)) / unit


def is_counted(metric: Metric) -> bool:
    """Whether a reading is one whole number of another."""
    return metric.parts is not None and metric.whole_parts


def over(metric: Metric, value: float, n: int) -> str:
    """What a reading stands over: `116 of 200 licenses`, `15 answers`, `from 11 active users before`; empty where nothing."""
    if n <= 0 or metric.unit == YES_OR_NO:
        return ""
    counted = f"over {MOST:,}" if n >= MOST else f"{n:,}"
    if metric.parts is None:
        return f"n{NBSP}{counted}" if n > 1 and metric.sample else ""
    if not is_counted(metric):
        return f"of {counted} {metric.parts[1]}" if metric.high <= 100 else ""
    if math.isnan(value) or metric.low < 0 or n >= MOST:
        return f"{'from ' if metric.high > 100 else ''}{counted} {metric.parts[1]}"
    return f"{part(value, n):,} of {counted} {metric.parts[1]}"


def part(value: float, n: int) -> int:
    """The number of people, tickets or features that a share of n is."""
    return round(value * n / 100)


def domain(metric: Metric, n: int) -> Domain:
    """What the reading of this account can be: a share of n people moves by one person at a time."""
    step = 100 / n if is_counted(metric) and 0 < n < MOST else metric.step
    return replace(metric.domain, unit=step)


def moved(metric: Metric, present: float | None, reading: float, n: int) -> str:
    """`45.0 % → 76.7 %: 19 more of 60 licenses`."""
    if present is None:
        return f"to {amount(metric, reading)}"
    counted = is_counted(metric) and 0 < n < MOST and metric.parts is not None
    said = f"{amount(metric, present)} → {amount(metric, reading if counted else at_least_as_far(metric, reading, present))}"
    if not counted or metric.parts is None:
        return said
    if metric.low < 0:
        before = n if metric.high > 100 else 0  # a change in percent counts from all of n
        was, now = (number(before + part(value, n), 0) for value in (present, reading))
        return f"{said}: {was} → {now} {metric.parts[0]}"
    many = part(reading, n) - part(present, n)
    return f"{said}: {abs(many):,} {'more' if many > 0 else 'fewer'} of {n:,} {metric.parts[1]}"


def scale(key: str, text: str) -> str:
    """A scale in natural units: `0 at 0 %, 40 at 35 %, 70 at 60 %, 100 at 90 %`."""
    asked = asked_for(key, None)
    try:
        anchors = Scale.parse(text)
    except BadScale:
        return text
    if asked is None:
        return text
    plainly = replace(asked.metric, decimals=0)
    return ", ".join(
        f"{points:g} at {amount(plainly if value.is_integer() else asked.metric, value)}"
        for value, points in zip(anchors.values, anchors.points, strict=True)
    )


# --- States ----------------------------------------------------------------------------------------------------------


REASONS = {
    State.HELD: "kept since {since}: nothing has come of {streams} since",
    State.HELD_TOO_LONG: "kept since {since}: too long to count in coverage",
    State.NOT_CONNECTED: "not connected: it needs {streams}",
    State.NEVER: "never: no {streams} ever came",
    State.NONE: "none{within}",
    State.TOO_FEW: "too few: {n}, and {least} are needed",
    State.STALE: "stale: the newest is {age} days old, the limit is {oldest}",
    State.TOO_YOUNG: "too young: {life} days of life are needed",
    State.NOT_APPLICABLE: "not applicable: nothing to divide by",
    State.FAILED: "failed: it could not be read",
}


def reason(asked: Asked, state: State, n: int, age: int, day: dt.date) -> str:
    """Why a reading does not count, or is not of today; empty for a fresh one."""
    streams = [kind.replace("-", " ") for kind in asked.metric.streams if not kind.endswith("?")]
    window = asked.window or asked.metric.window
    given = {
        "since": _day(day - dt.timedelta(days=max(age, 0))),
        "streams": " and ".join(filter(None, [", ".join(streams[:-1]), *streams[-1:]])),
        "within": f" in {window} days" if window else "",
        "n": n,
        "least": asked.min_n or asked.metric.min_n,
        "age": age,
        "oldest": asked.max_age_days,
        "life": asked.days_needed,
    }
    return REASONS.get(state, "").format(**given)


def _day(day: dt.date) -> str:
    return f"{day:%b}{NBSP}{day.day}"


# --- Bands and guards ------------------------------------------------------------------------------------------------


def band(value: int) -> str:
    return Band(value).name.lower()


def guard(rule: Guard, asked: Asked) -> str:
    """`Oldest escalated ticket over 7 d: at most yellow`."""
    comparisons = {"<": "under", "<=": "at most", "=": "is", ">=": "at least", ">": "over"}
    if rule.value is None:
        return f"{name(asked)} is missing: {rule.get_cap_display()}"
    released = "" if rule.release is None else f", until {amount(asked.metric, rule.release)}"
    return (
        f"{name(asked)} {comparisons[rule.comparison]} {amount(asked.metric, rule.value)}{released}: "
        f"{rule.get_cap_display()}"
    )


# --- Values as sources write them ------------------------------------------------------------------------------------

VOWEL = re.compile(r"[aeiouy\W\d]|[^\x00-\x7f]", re.IGNORECASE)


def label(value: str) -> str:
    """A value as a source wrote it where it stands as a label: `Mid-market`; `SMB`, which without a vowel is no word."""
    return value[:1].upper() + value[1:] if VOWEL.search(value) else value.upper()
