"""Between nights: what the score would be with today's facts, for accounts whose facts changed.

A preview makes no snapshot and no transition. Usage counts up to yesterday, since today is not over; states and opinions
count up to now.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
from django.db import connection, transaction

from accounts import calendar
from accounts.arrays import numbers_in
from accounts.models import Account
from health import alerts, customers, listrows
from health.configuration import in_force
from health.customers import Life
from health.judging import Deck, Judged, in_halves, judged, with_failures
from health.metrics.cases import Cases

AT_ONCE = 2_000


def refresh(now: dt.datetime) -> int:
    """Preview the accounts that changed longest ago. Returns how many; call again while there are any."""
    with transaction.atomic():
        # What is just being written is passed over, and what is to be written waits until these are clean (`mark_dirty`):
        # a fact that we do not read here makes its account dirty again.
        changed = Account.objects.filter(dirty_since__lte=now).select_for_update(skip_locked=True)
        accounts = sorted(changed.order_by("dirty_since", "id").values_list("id", flat=True)[:AT_ONCE])
        if accounts:
            Account.objects.filter(id__in=numbers_in(accounts)).update(dirty_since=None)
            existing = Account.objects.existing().filter(id__in=numbers_in(accounts)).order_by("id")
            _preview(list(existing.values_list("id", flat=True)), now)
            listrows.make(accounts)  # after the latest rows, which the night too writes first
    return len(accounts)


def _preview(accounts: Sequence[int], now: dt.datetime) -> None:
    today = calendar.day_of(now)
    deck = Deck(in_force(today))
    lives = customers.lives(Cases.on(accounts, today), deck.in_force.rules)
    scored = [account for account, life in zip(accounts, lives, strict=True) if life is Life.CUSTOMER]

    def together(some: Sequence[int]) -> None:
        for group in judged(deck, some, today, None):
            _show(group, now)
            alerts.preview(group, now)

    def alone(account: int) -> None:
        group = with_failures(deck, account, today, None)
        _show(group, now)
        alerts.preview(group, now)

    in_halves(scored, together, alone)


def _show(group: Judged, now: dt.datetime) -> None:
    verdict = group.verdict
    with connection.cursor() as cursor:
        cursor.execute(
            "update health_latest latest set preview_at = %s, preview_score = sent.score, "
            "preview_coverage = sent.coverage, preview_band = sent.band "
            "from unnest(%s::bigint[], %s::float8[], %s::float8[], %s::int2[]) sent(account_id, score, coverage, band) "
            "where latest.account_id = sent.account_id",
            [
                now,
                list(group.accounts),
                [None if np.isnan(score) else float(score) for score in verdict.score],
                verdict.coverage.tolist(),
                verdict.computed.tolist(),
            ],
        )
