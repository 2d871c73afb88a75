"""What earlier snapshots say to a new one: the band that the margin looks back to, which guards held, what stood above."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from django.db import connection

from accounts.arrays import plain
from health.metrics.read import Read
from health.models import ScorecardVersion
from health.scorecards import card_of, parts_of, slots_of
from health.scoring.card import Band, Bools, Card, Guard, State
from health.scoring.judge import LOOKS_BACK_DAYS, Before


class Stood(NamedTuple):
    """How an account stood at the end of the latest day before, on whatever scorecard."""

    effective: int
    override_id: int | None
    computed: int


@dataclass(frozen=True)
class Past:
    """`before` as arithmetic takes it. Per case: the version that the band before comes from, 0 for none; and how the
    account stood, None where there is no earlier snapshot."""

    before: Before
    band_version: Sequence[int]
    stood: Sequence[Stood | None]


def look_back(version: ScorecardVersion, card: Card, accounts: Sequence[int], day: dt.date) -> Past:
    """What the snapshots before `day` say to these accounts, in one query for most of them."""
    stood = _latest("effective, override_id, computed, version_id, scored, guards", accounts, day, "true")
    ours = set(ScorecardVersion.objects.filter(scorecard=version.scorecard_id).values_list("pk", flat=True))
    held = {account: (guards, of) for account, (*_, of, _, guards) in stood.items() if of in ours}
    bands = {account: (band, of) for account, (*_, of, band, _) in stood.items() if of in ours and band != Band.UNKNOWN}
    # Of those that moved here, or were unknown, what was before.
    held |= _latest(
        "guards, version_id", stood.keys() - held.keys(), day, "version_id = any(%(ours)s)", ours=list(ours)
    )
    bands |= _latest(
        "scored, version_id", stood.keys() - bands.keys(), day, "version_id = any(%(ours)s) and scored <> %(unknown)s",
        ours=list(ours), unknown=int(Band.UNKNOWN),
    )  # fmt: skip
    cards = _cards(version, card, {of for _, of in (*bands.values(), *held.values())})
    before = Before.nothing(card, len(accounts))
    # Most accounts were held by the same guards, or by none.
    same_guards = cache(lambda of, bits: _same_guards(card, cards[of], bits))
    for case, account in enumerate(accounts):
        if account in bands:
            before.bands[case], of = bands[account]
            before.green[case], before.yellow[case] = cards[of].green, cards[of].yellow
        if account in held:
            bits, of = held[account]
            before.guards[case] = same_guards(of, bits)
    return Past(
        before,
        [bands[account][1] if account in bands else 0 for account in accounts],
        [Stood(*stood[account][:3]) if account in stood else None for account in accounts],
    )


def _latest(what: str, accounts: Collection[int], day: dt.date, where: str, **given: Any) -> dict[int, tuple[Any, ...]]:
    """Account → these columns of its latest snapshot before `day` for which `where` holds, if it is not too old."""
    if not accounts:
        return {}
    since = day - dt.timedelta(days=LOOKS_BACK_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(
            "select wanted.account, found.* from unnest(%(accounts)s::bigint[]) wanted(account) cross join lateral ("
            f"select {what} from health_snapshot where account_id = wanted.account and day >= %(since)s "
            f"and day < %(day)s and {where} order by day desc limit 1) found",
            {"accounts": plain(accounts), "since": since, "day": day, **given},
        )
        return {account: tuple(found) for account, *found in cursor.fetchall()}


def _same_guards(card: Card, then: Card, bits: int) -> Bools:
    """Which of this card's guards held then, matched by what they say."""
    held = {_identity(guard) for index, guard in enumerate(then.guards) if bits >> index & 1}
    return np.asarray([_identity(guard) in held for guard in card.guards], dtype=np.bool_)


def _identity(guard: Guard) -> tuple[str, str, int]:
    """What makes a guard the same in another version, whatever values it has there."""
    return guard.key, guard.comparison, guard.cap


def _cards(version: ScorecardVersion, card: Card, needed: set[int]) -> Mapping[int, Card]:
    cards = {version.pk: card}
    for other in ScorecardVersion.objects.filter(pk__in=needed - {version.pk}):
        cards[other.pk] = card_of(other)
    return cards


# --- Readings that failed --------------------------------------------------------------------------------------------


class Was(NamedTuple):
    """A reading as an earlier snapshot holds it."""

    day: dt.date
    value: float
    n: int
    age: int
    state: int


def hold_failed(read: Read, version: ScorecardVersion, accounts: Sequence[int], day: dt.date, hold_days: int) -> None:
    """Put in the place of readings that failed what was last read there, on whatever version of the scorecard, held like
    that of a silent source."""
    failed = read.states == State.FAILED
    if not failed.any():
        return
    broken = [accounts[case] for case in np.flatnonzero(failed.any(axis=1)).tolist()]
    earlier = _earlier_readings(version, broken, day)
    held_since = day - dt.timedelta(days=hold_days)
    for case, slot in np.argwhere(failed).tolist():
        history = earlier.get((accounts[case], slot), [])
        if history:
            last = history[0]
            lately = any(was.state == State.FRESH and was.day >= held_since for was in history)
            read.values[case, slot], read.n[case, slot] = last.value, last.n
            read.ages[case, slot] = last.age + (day - last.day).days
            read.states[case, slot] = State.HELD if lately else State.HELD_TOO_LONG


def _earlier_readings(
    version: ScorecardVersion, accounts: Sequence[int], day: dt.date
) -> dict[tuple[int, int], list[Was]]:
    """(account, slot of this version) → what counted in the same reading before `day`, newest first."""
    places = _same_slots(version)
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id, day, version_id, readings, details from health_snapshot where account_id = any(%s) "
            "and version_id = any(%s) and day >= %s and day < %s order by day desc",
            [list(accounts), list(places), day - dt.timedelta(days=LOOKS_BACK_DAYS), day],
        )
        found: dict[tuple[int, int], list[Was]] = {}
        for account, then, of, readings, details in cursor.fetchall():
            for slot, place in places[of].items():
                n, age, state = details[3 * place : 3 * place + 3]
                if state < State.NOT_CONNECTED:
                    found.setdefault((account, slot), []).append(Was(then, readings[place], n, age, state))
    return found


def _same_slots(version: ScorecardVersion) -> dict[int, dict[int, int]]:
    """Version of the scorecard → slot of `version` → the slot that reads the same there."""
    ours = slots_of(parts_of(version))
    places: dict[int, dict[int, int]] = {}
    for other in version.scorecard.versions.exclude(state=ScorecardVersion.State.DRAFT):
        theirs = slots_of(parts_of(other))
        places[other.pk] = {slot: theirs[limits] for limits, slot in ours.items() if limits in theirs}
    return places
