"""What moved a score most since some days ago, for many accounts at once: from stored snapshots alone, in a few queries.

The account's own page also tells late data apart, for which it reads the earlier day again.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from health import words
from health.metrics.read import Asked
from health.models import Latest, ScorecardVersion, Snapshot
from health.scorecards import asked_of, card_of, parts_of
from health.scoring import parts
from health.scoring.card import Card
from health.scoring.judge import Readings
from health.scoring.parts import Cause, Standing

# What moves less is noise.
STEADY = 1.0
NOWHERE = Standing((), np.zeros(0), np.zeros(0), float("nan"))


@dataclass(frozen=True)
class MainCause:
    """The part that moved the score most in the direction in which it went; `label` alone where it did not."""

    label: str
    shown: float | None = None


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
    cards = _cards({row.version_id for row in (*now.values(), *filter(None, then.values()))})
    return {account: _cause(then[account], row, cards) for account, row in now.items()}


def turns(wanted: Collection[tuple[int, dt.date]]) -> dict[tuple[int, dt.date], Turn]:
    """Account and day → what became of its score from the day before to that one, where both are stored."""
    before = {(account, day): day - dt.timedelta(days=1) for account, day in wanted}
    stored = _stored({account for account, _ in wanted}, {*before.values(), *(day for _, day in wanted)})
    pairs = {
        (account, day): (stored[account, first], stored[account, day])
        for (account, day), first in before.items()
        if (account, day) in stored and (account, first) in stored
    }
    cards = _cards({row.version_id for pair in pairs.values() for row in pair})
    return {key: Turn(first, last, _cause(first, last, cards, least=0.1)) for key, (first, last) in pairs.items()}


def _stored(accounts: Iterable[int], days: Collection[dt.date]) -> dict[tuple[int, dt.date], Snapshot]:
    found = Snapshot.objects.filter(account__in=list(accounts), day__in=days) if days else ()
    return {(row.account_id, row.day): row for row in found}


Cards = Mapping[int, tuple[Card, tuple[Asked, ...]]]


def _cards(versions: set[int]) -> Cards:
    made = {}
    for version in ScorecardVersion.objects.filter(pk__in=versions).select_related("scorecard"):
        own = parts_of(version)
        made[version.pk] = card_of(version, own), asked_of(version, own)
    return made


def _cause(then: Snapshot | None, now: Snapshot, cards: Cards, least: float = STEADY) -> MainCause:
    if now.score is None or now.scored == 0:
        return MainCause(f"coverage {int(100 * now.coverage + 1e-9)}{words.NBSP}%")
    if then is None or then.score is None:
        return MainCause("new")
    moved = words.movement(then.score, now.score)
    if abs(moved) < least:
        return MainCause("steady")
    earlier, later = _standing(then, cards), _standing(now, cards)
    same = then.version_id == now.version_id
    change = parts.change(earlier, earlier, later if same else NOWHERE, later)
    if change is None or not change.parts:
        return MainCause("steady")
    biggest = max(change.parts, key=lambda part: part.value if moved > 0 else -part.value)
    if biggest.cause == Cause.COVERAGE and biggest.measures:
        return MainCause(_came_or_went(biggest.measures, earlier, later, now, cards), biggest.shown)
    return MainCause(_label(biggest, now, cards), biggest.shown)


def _label(part: parts.Part, now: Snapshot, cards: Cards) -> str:
    if part.cause == Cause.BEHAVIOR:
        return _name(part.measures[0], now, cards)
    return "New version" if part.cause == Cause.CONFIGURATION else str(part.cause).capitalize()


def _came_or_went(keys: Sequence[str], earlier: Standing, later: Standing, now: Snapshot, cards: Cards) -> str:
    """Of the measures whose readings came or went, those on the side of the one that counts most, which is named."""
    (_, before), (_, after) = earlier.of(keys), later.of(keys)
    heaviest = int(np.argmax(np.maximum(before, after)))
    missing = after == 0
    side = np.flatnonzero(missing == missing[heaviest])
    names = [_name(keys[index], now, cards) for index in (heaviest, *side[side != heaviest])]
    return words.came_or_went([], names, most=1) if missing[heaviest] else words.came_or_went(names, [], most=1)


def _name(key: str, now: Snapshot, cards: Cards) -> str:
    card, asked = cards[now.version_id]
    return next((words.name(asked[measure.slot]) for measure in card.measures if measure.key == key), key)


def _standing(snapshot: Snapshot, cards: Cards) -> Standing:
    card, _ = cards[snapshot.version_id]
    values = np.asarray([np.nan if value is None else value for value in snapshot.readings], dtype=np.float64)
    states = np.asarray(snapshot.details, dtype=np.int16)[2::3]
    return parts.standing(card, Readings(values[None, :], states[None, :]))
