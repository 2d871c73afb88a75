"""A score once more: reading, points, weights, coverage, bands, from the rows of configuration and facts."""

import datetime as dt
import json
import math
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any

from tests.health.independent.facts import DAY, Case, Row, ask, day_of
from tests.health.independent.readings import FORMULAS, Found

UNKNOWN, RED, YELLOW, GREEN = range(4)
PRESENT, HELD, HELD_TOO_LONG = "present", "held", "held too long"


@dataclass
class Measure:
    """One measure as it comes out."""

    key: str
    group: int
    weight: float
    state: str
    value: float | None
    n: int
    points: float | None = None
    covers: bool = False
    effective: float = 0.0

    @property
    def adds(self) -> float:
        return self.effective * (self.points or 0.0)


@dataclass
class Score:
    """One account on one day."""

    measures: list[Measure] = field(default_factory=list)
    score: float | None = None
    coverage: float = 0.0
    scored: int = UNKNOWN
    computed: int = UNKNOWN


# --- Would we have heard? --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Heard:
    """Whether such a stream exists and knows the account, the last day it is complete for, the nights it was silent."""

    connected: bool
    delivered: bool
    upto: dt.date | None
    nights: int


def hear(case: Case, kinds: tuple[str, ...]) -> Heard:
    delivered, nights, through_all = True, 0, case.ends
    for kind in kinds:
        streams = _streams(case, kind.removesuffix("?"))
        mine = [one for one in streams if one.knows]
        if kind.endswith("?") and not mine:
            continue
        if not streams:
            return Heard(connected=False, delivered=False, upto=None, nights=0)
        delivered = delivered and bool(mine)
        for stream in mine or streams:
            through_all = min(through_all, stream.through)
            alive = stream.through + stream.lag
            nights = max(nights, (case.day - _last_whole_day(alive)).days)
    return Heard(True, delivered, min(case.day, _last_whole_day(through_all)), max(0, nights))


def _last_whole_day(through: dt.datetime) -> dt.date:
    """The last day that lies before a moment, up to its last microsecond."""
    return day_of(through + dt.timedelta(microseconds=1)) - DAY


def _streams(case: Case, kind: str) -> list[Row]:
    streams = ask(
        "select s.*, exists(select from accounts_accountstream k where k.stream_id = s.id and k.account_id = %s "
        "and k.first_received_at <= %s) as knows from accounts_stream s where s.kind = %s",
        case.account, case.known_at, kind,
    )  # fmt: skip
    found = []
    for stream in streams:
        rows = ask("select * from accounts_streamsync where stream_id = %s order by complete_through", stream.id)
        syncs = [sync for sync in rows if case.is_known(sync)]
        begins = [sync.complete_from for sync in syncs]
        if not syncs or (None not in begins and min(begins) > case.ends):
            continue
        stream.through = min(syncs[-1].complete_through, case.known_at)
        ends = [sync.complete_through for sync in syncs[-11:]]
        gaps = [(after - before).total_seconds() for before, after in pairwise(ends)]
        usual = max(dt.timedelta(hours=36), dt.timedelta(seconds=2 * median(gaps)) if gaps else dt.timedelta())
        stream.lag = usual if stream.lag_hours is None else dt.timedelta(hours=stream.lag_hours)
        found.append(stream)
    return found


# --- One reading -----------------------------------------------------------------------------------------------------


def reading(case: Case, asked: Row) -> tuple[str, Found]:
    """The state of a reading and what was found."""
    key, _, argument = asked.metric.partition(":")
    formula = FORMULAS[key]
    window = asked.window or formula.window
    heard = hear(case, formula.streams)
    if not heard.connected or (heard.upto is None and not formula.opinion):
        return "not connected", Found(None, 0)
    as_of = case if formula.opinion else case.on(heard.upto or case.day)
    found = formula.make(as_of, window, argument)
    return _state(as_of, asked, heard, found), found


def _state(case: Case, asked: Row, heard: Heard, found: Found) -> str:
    """The first reason that holds why there is no reading; else how it counts."""
    formula = FORMULAS[asked.metric.partition(":")[0]]
    reasons = _reasons_of_silence(case, asked, heard, found) + [
        ("too young", case.lived < _days_needed(asked)),
        ("not applicable", found.value is None),
        (PRESENT, formula.opinion or not heard.nights),
        (HELD, heard.nights <= case.settings["hold_days"]),
    ]
    return next((reason for reason, holds in reasons if holds), HELD_TOO_LONG)


def _days_needed(asked: Row) -> int:
    formula, own = FORMULAS[asked.metric.partition(":")[0]], getattr(asked, "min_days", None)
    return formula.windows_needed or int(formula.min_days if own is None else own)


def _reasons_of_silence(case: Case, asked: Row, heard: Heard, found: Found) -> list[tuple[str, bool]]:
    formula = FORMULAS[asked.metric.partition(":")[0]]
    if formula.nothing == "once seen":
        window = asked.window or formula.window
        return [("never", not heard.delivered and case.lived < max(window, _days_needed(asked)))]
    if formula.nothing != "missing":
        return []
    oldest = asked.max_age_days if formula.opinion and found.newest else None
    return [
        ("never", not found.n and not heard.delivered),
        ("none", not found.n),
        ("too few", found.n < (asked.min_n or formula.min_n)),
        ("stale", oldest is not None and (case.day - (found.newest or case.day)).days > oldest),
    ]


def points(scale: str, value: float) -> float:
    """A reading on a scale of `value:points` anchors: linear between them, clamped outside."""
    anchors = [tuple(map(float, anchor.split(":"))) for anchor in scale.split(",")]
    if value <= anchors[0][0]:
        return anchors[0][1]
    for (low, one), (high, other) in pairwise(anchors):
        if value <= high:
            return one + (other - one) * (value - low) / (high - low)
    return anchors[-1][1]


# --- The score -------------------------------------------------------------------------------------------------------


def scored(snapshot: Any) -> Score:
    """Make a stored score again, from the facts known when it was made."""
    (document,) = ask("select document from health_settings where id = %s", snapshot.settings_id)
    (version,) = ask("select * from health_scorecardversion where id = %s", snapshot.version_id)
    case = Case(snapshot.account_id, snapshot.day, snapshot.known_at, json.loads(document.document))
    groups = {row.id: row.weight for row in ask("select * from health_group where version_id = %s", version.id)}
    result = Score()
    lacking = False
    for row in ask("select * from health_measure where version_id = %s order by slot", version.id):
        state, found = reading(case, row)
        measure = Measure(row.metric, row.group_id, row.weight, state, found.value, found.n)
        if state in (PRESENT, HELD, HELD_TOO_LONG) and found.value is not None:
            measure.points, measure.covers = points(row.scale, found.value), state != HELD_TOO_LONG
        elif row.missing == "count" and state in ("never", "none"):
            measure.points, measure.covers = row.points_when_missing, True
        lacking = lacking or (row.missing == "require" and measure.points is None)
        result.measures.append(measure)
    _weigh(result, groups)
    result.scored = UNKNOWN if lacking else _band(result, version, snapshot)
    result.computed = _guarded(result.scored, case, version, snapshot)
    return result


def _weigh(result: Score, groups: dict[int, float]) -> None:
    weight = dict.fromkeys(groups, 0.0)
    covered, whole = dict(weight), dict(weight)
    for one in result.measures:
        whole[one.group] += one.weight
        covered[one.group] += one.weight if one.covers else 0
        weight[one.group] += one.weight if one.points is not None else 0
    present = sum(groups[group] for group in groups if weight[group] > 0)
    for one in result.measures:
        if one.points is not None and one.weight > 0 and groups[one.group] > 0:
            one.effective = groups[one.group] / present * one.weight / weight[one.group]
    if present:
        result.score = sum(one.adds for one in result.measures)
    shares = [groups[group] * covered[group] / whole[group] for group in groups if whole[group]]
    result.coverage = sum(shares) / sum(groups.values())


def rounded(score: float) -> float:
    return math.floor(10 * score + 0.5 + 1e-9) / 10


def _band(result: Score, version: Row, snapshot: Any) -> int:
    if result.score is None or round(result.coverage, 4) < float(version.min_coverage):
        return UNKNOWN
    green, yellow, margin = float(version.green), float(version.yellow), float(version.margin)
    before = snapshot.band_before
    if before:
        (then,) = ask("select * from health_scorecardversion where id = %s", snapshot.before_version_id)
        if float(then.green) == green:
            green += -margin if before == GREEN else margin
        if float(then.yellow) == yellow:
            yellow += margin if before == RED else -margin
    score = rounded(result.score)
    return GREEN if score >= max(green, yellow) else YELLOW if score >= yellow else RED


def _guarded(band: int, case: Case, version: Row, snapshot: Any) -> int:
    guards = ask("select * from health_guard where version_id = %s order by position, id", version.id)
    for place, guard in enumerate(guards):
        held = bool(snapshot.guards_before >> place & 1)
        if _holds(case, guard, held) and (band != UNKNOWN or guard.cap == RED):
            band = guard.cap if band == UNKNOWN else min(band, guard.cap)
    return band


def _holds(case: Case, guard: Row, held: bool) -> bool:
    state, found = reading(case, guard)
    there = state in (PRESENT, HELD, HELD_TOO_LONG)
    if guard.comparison == "is missing":
        return not there
    if not there or found.value is None:
        return False
    edge = guard.release if held and guard.release is not None else guard.value
    compare = {
        "<": found.value < edge,
        "<=": found.value <= edge,
        "=": found.value == edge,
        ">=": found.value >= edge,
        ">": found.value > edge,
    }
    return bool(compare[guard.comparison])
