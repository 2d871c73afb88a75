"""What a stored snapshot was judged from: its readings and what stood before, under the version it was judged by."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from health.metrics.read import Asked
from health.models import Override, ScorecardVersion, Snapshot
from health.scorecards import Parts, asked_of, card_of, parts_of
from health.scoring.card import Band, Card, State
from health.scoring.digest import digest
from health.scoring.judge import Before, Readings, Verdict, judge, overridden
from health.snapshots import identity

# A stored case is one: everything that arithmetic returns is read at this index.
ONLY = 0


@dataclass(frozen=True)
class Inputs:
    """All that went into a snapshot, as arithmetic takes it."""

    snapshot: Snapshot
    version: ScorecardVersion
    parts: Parts
    card: Card
    asked: tuple[Asked, ...]
    readings: Readings
    n: NDArray[np.int64]
    ages: NDArray[np.int64]
    before: Before
    override: Override | None

    @cached_property
    def verdict(self) -> Verdict:
        return judge(self.card, self.readings, self.before)

    def at(self, slot: int) -> tuple[float, int, int, State]:
        """Value, n, age and state in a slot."""
        state = State(int(self.readings.states[ONLY, slot]))
        value = float(self.readings.values[ONLY, slot])
        return value, int(self.n[ONLY, slot]), int(self.ages[ONLY, slot]), state


def inputs_of(snapshot: Snapshot, like: Inputs | None = None) -> Inputs:
    """Put together what a snapshot was judged by. Of another one `like` it the version is taken where it is the same."""
    if like is not None and like.version.pk == snapshot.version_id:
        version, parts, card, asked = like.version, like.parts, like.card, like.asked
    else:
        version = ScorecardVersion.objects.select_related("scorecard").get(pk=snapshot.version_id)
        parts = parts_of(version)
        card, asked = card_of(version, parts), asked_of(version, parts)
    values = np.asarray([np.nan if value is None else value for value in snapshot.readings], dtype=np.float64)
    details = np.asarray(snapshot.details, dtype=np.int64).reshape(1, -1, 3)
    given = None
    if snapshot.override_id:
        given = Override.objects.select_related("author").filter(pk=snapshot.override_id).first()
    return Inputs(
        snapshot=snapshot,
        version=version,
        parts=parts,
        card=card,
        asked=asked,
        readings=Readings(values[None, :], details[:, :, 2].astype(np.int16)),
        n=details[:, :, 0],
        ages=details[:, :, 1],
        before=_before(snapshot, card),
        override=given,
    )


def _before(snapshot: Snapshot, card: Card) -> Before:
    before = Before.nothing(card, 1)
    before.bands[ONLY] = snapshot.band_before
    before.guards[ONLY] = [bool(snapshot.guards_before >> index & 1) for index in range(len(card.guards))]
    if snapshot.before_version_id not in (None, snapshot.version_id):
        other = card_of(ScorecardVersion.objects.get(pk=snapshot.before_version_id))
        before.green[ONLY], before.yellow[ONLY] = other.green, other.yellow
    return before


@dataclass(frozen=True)
class Check:
    """Whether scoring the stored inputs again gives what is stored."""

    score: bool
    bands: bool
    digest: bool

    @property
    def holds(self) -> bool:
        return self.score and self.bands and self.digest


def verify(snapshot: Snapshot, inputs: Inputs | None = None) -> Check:
    """Score the stored inputs again and compare score, bands and digest to the last bit."""
    inputs = inputs or inputs_of(snapshot)
    verdict = inputs.verdict
    override = np.asarray([inputs.override.band if inputs.override else Band.UNKNOWN], dtype=np.int8)
    effective, _ = overridden(verdict.scored, verdict.computed, override)
    which = identity(
        [snapshot.account_id], snapshot.day, snapshot.known_at,
        version=snapshot.version_id, settings=snapshot.settings_id, line_up=snapshot.line_up_id,
    )  # fmt: skip
    (again,) = digest(which, inputs.readings, inputs.before, n=inputs.n, ages=inputs.ages, override=override)
    score = some_number(float(verdict.score[ONLY]))
    bands = (verdict.scored[ONLY], verdict.computed[ONLY], effective[ONLY])
    return Check(
        score=score == snapshot.score and float(verdict.coverage[ONLY]) == snapshot.coverage,
        bands=bands == (snapshot.scored, snapshot.computed, snapshot.effective),
        digest=again == bytes(snapshot.digest),
    )


def some_number(value: float) -> float | None:
    """A number, or None where arithmetic has none."""
    return None if math.isnan(value) else value
