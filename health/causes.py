"""What moved a score most since some days ago, for many accounts at once: from stored snapshots alone, in a few queries.

The account's own page also tells late data apart, for which it reads the earlier day again.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from health import words
from health.metrics.read import Asked
from health.models import Latest, Measure, ScorecardVersion, Snapshot
from health.scorecards import Parts, asked_of, card_of
from health.scoring import parts
from health.scoring.card import Card
from health.scoring.judge import Readings
from health.scoring.parts import Cause, Standing

# What moves less is noise.
STEADY = 1.0


@dataclass(frozen=True)
class MainCause:
    """The part that moved the score most in the direction in which it went; `label` alone where it did not."""

    label: str
    shown: float | None = None


STEADILY = MainCause("steady")


@dataclass(frozen=True)
class Turn:
    """What the score and the band of an account did on one day, and why."""

    first: Snapshot
    last: Snapshot
    cause: MainCause

    @property
    def is_unknown(self) -> bool:
        return self.last.scored == 0

    @property
    def is_lowered(self) -> bool:
        """Whether a guard lowers the band that counts."""
        return self.last.effective == self.last.computed < self.last.scored

    @property
    def by_guard(self) -> bool:
        """Whether a guard lowers the band, and did not the day before."""
        return self.last.computed < self.last.scored and self.first.computed == self.first.scored


def main_causes(accounts: Sequence[int], days: int) -> dict[int, MainCause]:
    """Account → why its newest score is another one than so many days before."""
    last = dict(Latest.objects.filter(account__in=accounts).values_list("account", "day"))
    first = {account: day - dt.timedelta(days=days) for account, day in last.items()}
    stored = _stored(last, {*last.values(), *first.values()})
    now = {account: stored[account, day] for account, day in last.items() if (account, day) in stored}
    then = {account: stored.get((account, day)) for account, day in first.items()}
    stands = Stands.of([*now.values(), *filter(None, then.values())])
    return {account: stands.cause(then[account], row) for account, row in now.items()}


def turns(wanted: Collection[tuple[int, dt.date]]) -> dict[tuple[int, dt.date], Turn]:
    """Account and day → what became of its score from the day before to that one, where both are stored."""
    before = {(account, day): day - dt.timedelta(days=1) for account, day in wanted}
    stored = _stored({account for account, _ in wanted}, {*before.values(), *(day for _, day in wanted)})
    pairs = {
        (account, day): (stored[account, first], stored[account, day])
        for (account, day), first in before.items()
        if (account, day) in stored and (account, first) in stored
    }
    stands = Stands.of([row for pair in pairs.values() for row in pair])
    return {key: Turn(first, last, stands.cause(first, last, least=0.1)) for key, (first, last) in pairs.items()}


def _stored(accounts: Iterable[int], days: Collection[dt.date]) -> dict[tuple[int, dt.date], Snapshot]:
    found = Snapshot.objects.filter(account__in=list(accounts), day__in=days) if days else ()
    return {(row.account_id, row.day): row for row in found}


@dataclass(frozen=True)
class Judge:
    """A version that judged, with its measures as arithmetic takes them. Its guards move no score."""

    version: ScorecardVersion
    card: Card
    asked: tuple[Asked, ...]

    def name(self, key: str) -> str:
        found = (words.name(self.asked[measure.slot]) for measure in self.card.measures if measure.key == key)
        return next(found, key)


def judges(versions: set[int]) -> dict[int, Judge]:
    """The versions by one query. None is published without a measure."""
    found: dict[int, list[Measure]] = {}
    for measure in Measure.objects.filter(version__in=versions).select_related("group", "version__scorecard"):
        found.setdefault(measure.version_id, []).append(measure)
    return {number: _judge(measures) for number, measures in found.items()}


def _judge(measures: Sequence[Measure]) -> Judge:
    version, groups = measures[0].version, dict.fromkeys(measure.group for measure in measures)
    own = Parts(tuple(groups), tuple(measures), ())
    return Judge(version, card_of(version, own), asked_of(version, own))


@dataclass(frozen=True)
class Stands:
    """How accounts stood on days: everything that arithmetic says of their snapshots, worked out for all of them at once."""

    judges: Mapping[int, Judge]
    standings: Mapping[tuple[int, dt.date], Standing]

    @classmethod
    def of(cls, rows: Sequence[Snapshot], known: Mapping[int, Judge] | None = None) -> Self:
        by = judges({row.version_id for row in rows}) if known is None else known
        found: dict[tuple[int, dt.date], Standing] = {}
        for version, judge in by.items():
            own = [row for row in rows if row.version_id == version]
            if own:
                found |= zip(map(_key, own), parts.standings(judge.card, _readings(own)), strict=True)
        return cls(by, found)

    def cause(self, then: Snapshot | None, now: Snapshot, least: float = STEADY) -> MainCause:
        """Why the later one has another score."""
        if now.score is None or now.scored == 0:
            return MainCause(f"coverage {int(100 * now.coverage + 1e-9)}{words.NBSP}%")
        if then is None or then.score is None:
            return MainCause("new")
        moved = words.movement(then.score, now.score)
        if abs(moved) < least:
            return STEADILY
        before, judge = self.judges[then.version_id], self.judges[now.version_id]
        if then.version_id != now.version_id:
            # What the facts did of it is known only where the earlier day is read again: on the account's page.
            same = before.version.scorecard_id == judge.version.scorecard_id
            return MainCause("New version" if same else "Other scorecard")
        return self._of_facts(then, now, judge, fell=moved < 0)

    def _of_facts(self, then: Snapshot, now: Snapshot, judge: Judge, *, fell: bool) -> MainCause:
        earlier, later = self.standings[_key(then)], self.standings[_key(now)]
        change = parts.change(earlier, earlier, later, later)
        if change is None or not change.parts:
            return STEADILY
        biggest = max(change.parts, key=lambda part: -part.value if fell else part.value)
        if biggest.cause == Cause.COVERAGE and biggest.measures:
            return MainCause(_came_or_went(biggest.measures, earlier, later, judge), biggest.shown)
        return MainCause(_label(biggest, judge), biggest.shown)


def _key(row: Snapshot) -> tuple[int, dt.date]:
    return row.account_id, row.day


def _readings(rows: Sequence[Snapshot]) -> Readings:
    values = [[np.nan if value is None else value for value in row.readings] for row in rows]
    states = np.asarray([row.details for row in rows], dtype=np.int16)[:, 2::3]
    return Readings(np.asarray(values, dtype=np.float64), states)


def _label(part: parts.Part, judge: Judge) -> str:
    if part.cause == Cause.BEHAVIOR:
        return judge.name(part.measures[0])
    return str(part.cause).capitalize()


def _came_or_went(keys: Sequence[str], earlier: Standing, later: Standing, judge: Judge) -> str:
    """Of the measures whose readings came or went, those on the side of the one that counts most, which is named."""
    (_, before), (_, after) = earlier.of(keys), later.of(keys)
    heaviest = int(np.argmax(np.maximum(before, after)))
    missing = after == 0
    side = np.flatnonzero(missing == missing[heaviest])
    names = [judge.name(keys[index]) for index in (heaviest, *side[side != heaviest])]
    return words.came_or_went([], names, most=1) if missing[heaviest] else words.came_or_went(names, [], most=1)
