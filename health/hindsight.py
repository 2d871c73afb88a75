"""What a day's score would be with everything that is known now: beside the stored one, it shows what came late."""

import datetime as dt

import numpy as np

from accounts import calendar
from accounts.models import Account
from health import overrides
from health.configuration import in_force
from health.inputs import ONLY, some_number
from health.judging import Deck, with_failures
from health.models import Run, Snapshot
from health.scoring.card import Band
from health.scoring.digest import digest
from health.scoring.judge import overridden
from health.snapshots import bits, identity, stored_counts


def known_now(account: Account, day: dt.date, now: dt.datetime) -> Snapshot:
    """The snapshot that this day would have, judged by what was in force on it; it is not stored.

    What stood before the day is as it is stored, so that only this day's facts make the difference.
    """
    deck = Deck(in_force(day))
    group = with_failures(deck, account.pk, day, None)
    verdict, force = group.verdict, deck.in_force
    active = overrides.in_force([account.pk], calendar.end_of(day)).get(account.pk)
    override = np.asarray([active.band if active else Band.UNKNOWN], dtype=np.int8)
    effective, _ = overridden(verdict.scored, verdict.computed, override)
    n, ages = stored_counts(group)
    by = {"version": group.version.pk, "settings": force.settings.pk, "line_up": force.line_up.pk}
    which = identity([account.pk], day, now, **by)
    (mark,) = digest(which, group.readings, group.before, n=n, ages=ages, override=override)
    return Snapshot(
        account=account, day=day, known_at=now, which=Run.Pass.SETTLED,
        version_id=by["version"], settings_id=by["settings"], line_up_id=by["line_up"],
        before_version_id=group.past.band_version[ONLY] or None, override_id=active.pk if active else None,
        score=some_number(float(verdict.score[ONLY])), coverage=float(verdict.coverage[ONLY]),
        guards_before=int(bits(group.before.guards)[ONLY]), guards=int(bits(verdict.guards)[ONLY]),
        band_before=int(group.before.bands[ONLY]), scored=int(verdict.scored[ONLY]),
        computed=int(verdict.computed[ONLY]), effective=int(effective[ONLY]),
        readings=[some_number(float(value)) for value in group.read.values[ONLY]],
        details=np.stack((n, ages, group.read.states), axis=2).reshape(-1).tolist(), digest=mark,
    )  # fmt: skip
