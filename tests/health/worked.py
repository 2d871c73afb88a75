"""The worked example of the scoring document as a published scorecard, and snapshots of accounts judged by it."""

import datetime as dt
from typing import Any

import numpy as np
from django.db import transaction

from accounts.models import Account
from health import configuration, scorecards, snapshots
from health.configuration import in_force
from health.judging import Deck, judged_from
from health.metrics.read import Read
from health.models import Group, Guard, Run, Scorecard, ScorecardVersion, Snapshot
from health.scoring.card import State
from tests.health.judgment import add, line_up_of, noon

DAY = dt.date(2025, 6, 30)
UTILIZATION, STICKINESS, NPS, TICKET = range(4)
# 27 of 60 licenses; 15 answers; a ticket that is open for three days.
EXAMPLE = (45.0, State.NEVER, 20.0, 3.0)
COUNTS = (60, 0, 15, 1)


def worked_example(margin: float = 0.0, **guard: Any) -> ScorecardVersion:
    """Publish the example with its line-up and settings. The guard looks at the oldest open ticket."""
    draft = configuration.begin(
        ScorecardVersion(scorecard=Scorecard.objects.create(name="worked", label="Worked example"), margin=margin)
    )
    adoption = Group.objects.create(version=draft, key="adoption", label="Adoption", weight=60, position=0)
    sentiment = Group.objects.create(version=draft, key="sentiment", label="Sentiment", weight=40, position=1)
    add(adoption, "license_utilization", weight=2)
    add(adoption, "stickiness", scale="0:0, 50:100")
    add(sentiment, "nps", scale="-50:0, 0:40, 30:70, 70:100")
    Guard.objects.create(
        version=draft, **{"metric": "oldest_open_ticket", "comparison": ">", "value": 7, "cap": 2, **guard}
    )
    scorecards.publish(draft, author=None, note="First.", now=noon("2025-01-05"))
    configuration.publish_settings(configuration.new_settings(), author=None, note="First.", now=noon("2025-01-05"))
    configuration.publish_line_up(line_up_of(("worked", "")), author=None, note="First.", now=noon("2025-01-05"))
    return draft


def scored(
    account: Account, *readings: float | State, day: dt.date = DAY, ages: tuple[int, ...] = (0,) * 4
) -> Snapshot:
    """Judge readings as the night does, and store that. A state stands for a missing reading; without any, the example's."""
    readings = readings or EXAMPLE
    missing = [isinstance(one, State) for one in readings]
    found = Read(
        values=np.asarray([[np.nan if gone else one for one, gone in zip(readings, missing, strict=True)]]),
        states=np.asarray([[one if gone else 0 for one, gone in zip(readings, missing, strict=True)]], dtype=np.int16),
        n=np.asarray([[0 if gone else n for n, gone in zip(COUNTS, missing, strict=True)]]),
        ages=np.asarray([ages]),
    )
    return stored(account, found, day)


def stored(account: Account, found: Read, day: dt.date = DAY) -> Snapshot:
    deck = Deck(in_force(day))
    (version,) = deck.in_force.versions
    at = noon(str(day + dt.timedelta(days=2)))
    run, _ = Run.objects.get_or_create(
        day=day, which=Run.Pass.SETTLED, defaults={"known_at": at, "started_at": at, "finished_at": at, "state": "done"}
    )
    snapshots.room(day)
    with transaction.atomic():
        snapshots.store(run, deck.in_force, [judged_from(deck, version, [account.pk], found, day)])
    return Snapshot.objects.get(account=account, day=day)
