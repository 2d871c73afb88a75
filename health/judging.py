"""Judging cases: read, score and band accounts on a day, each under the scorecard that the line-up gives it.

Nothing is written here. The night stores what comes out, a preview shows it, and a page explains it.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, transaction

from health.configuration import InForce
from health.metrics.cases import Cases
from health.metrics.read import Asked, Read, read
from health.models import ScorecardVersion
from health.past import Past, hold_failed, look_back
from health.scorecards import Parts, asked_of, card_of, parts_of
from health.scoring.card import Card, State
from health.scoring.judge import Before, Readings, Verdict, judge

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Deck:
    """The scorecard versions in force, as arithmetic and engine take them, made once for many chunks."""

    in_force: InForce

    @cached_property
    def parts(self) -> dict[int, Parts]:
        return {version.pk: parts_of(version) for version in self.in_force.versions}

    @cached_property
    def cards(self) -> dict[int, Card]:
        return {version.pk: card_of(version, self.parts[version.pk]) for version in self.in_force.versions}

    @cached_property
    def asked(self) -> dict[int, tuple[Asked, ...]]:
        return {version.pk: asked_of(version, self.parts[version.pk]) for version in self.in_force.versions}


@dataclass(frozen=True)
class Judged:
    """Cases of one scorecard version on one day, in the order of `accounts`; arrays are by case."""

    version: ScorecardVersion
    parts: Parts
    card: Card
    asked: tuple[Asked, ...]
    accounts: Sequence[int]
    day: dt.date
    read: Read
    past: Past
    verdict: Verdict
    failed: tuple[str, ...] = ()

    @property
    def readings(self) -> Readings:
        return Readings(self.read.values, self.read.states)

    @property
    def before(self) -> Before:
        return self.past.before


def judged(deck: Deck, accounts: Sequence[int], day: dt.date, known_at: dt.datetime | None) -> Iterator[Judged]:
    """Judge these accounts on `day`, as known at `known_at`: one result for each scorecard version that has any."""
    cases = Cases.on(accounts, day, known_at)
    chosen = deck.in_force.choose(cases)
    versions = [place.version for place in deck.in_force.places]
    for version in deck.in_force.versions:
        indexes = [index for index, place in enumerate(chosen) if versions[place].pk == version.pk]
        if not indexes:
            continue
        own = [accounts[index] for index in indexes]
        found = read(deck.asked[version.pk], Cases.on(own, day, known_at), deck.in_force.rules)
        yield judged_from(deck, version, own, found, day)


def judged_from(deck: Deck, version: ScorecardVersion, accounts: Sequence[int], found: Read, day: dt.date) -> Judged:
    """Judge what has been read."""
    card = deck.cards[version.pk]
    hold_failed(found, version, accounts, day, deck.in_force.rules.hold_days)
    past = look_back(version, card, accounts, day)
    verdict = judge(card, Readings(found.values, found.states), past.before)
    return Judged(version, deck.parts[version.pk], card, deck.asked[version.pk], accounts, day, found, past, verdict)


# --- Where something fails -------------------------------------------------------------------------------------------

# A lost connection, a deadlock, a task that takes too long: no account's doing, and nothing that a half would survive.
NOBODYS_FAULT = (OperationalError, InterfaceError, SoftTimeLimitExceeded)


def in_halves(accounts: Sequence[int], together: Callable[[Sequence[int]], None], alone: Callable[[int], None]) -> None:
    """Do something for accounts together, in one transaction; where that fails, for each half by itself, and `alone` for
    the one that is broken."""
    try:
        with transaction.atomic():
            together(accounts)
        return
    except NOBODYS_FAULT:
        raise
    except Exception as error:  # noqa: BLE001 – whatever it is, the others are done
        log.info("halved", accounts=len(accounts), first=accounts[0], error=str(error))
    middle = len(accounts) // 2
    if middle:
        in_halves(accounts[:middle], together, alone)
        in_halves(accounts[middle:], together, alone)
    else:
        with transaction.atomic():
            alone(accounts[0])


def with_failures(deck: Deck, account: int, day: dt.date, known_at: dt.datetime | None) -> Judged:
    """Judge one account of which some metric cannot be read: each is read by itself, and one that raises has failed."""
    (place,) = deck.in_force.choose(Cases.on([account], day, known_at))
    version = deck.in_force.places[int(place)].version
    asked = deck.asked[version.pk]
    cases = Cases.on([account], day, known_at)
    whole = Read.empty(1, len(asked))
    failed = set()
    for slot, one in enumerate(asked):
        try:
            with transaction.atomic():
                whole.take(slot, read([one], cases, deck.in_force.rules))
        except NOBODYS_FAULT:
            raise
        except Exception:
            log.exception("metric_failed", metric=one.metric.key, account=account, day=str(day))
            whole.states[0, slot] = State.FAILED
            failed.add(one.metric.key)
    return replace(judged_from(deck, version, [account], whole, day), failed=tuple(sorted(failed)))
