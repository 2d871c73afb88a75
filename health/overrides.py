"""Overrides: a person's band beside the computed one, with a reason and a last day."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from accounts import calendar
from accounts.arrays import numbers_in
from accounts.models import Account, User
from health import alerts, listrows
from health.models import Override
from health.scoring.card import Band

LONGEST_DAYS = 90


class BadOverride(ValueError):
    """There can be no such override; the message says why."""


def override(
    account: Account, *, band: Band, reason: str, last_day: dt.date, author: User, now: dt.datetime
) -> Override:
    """Let a person's band stand above score, guards and unknown to the end of `last_day`. It ends one in force.

    Raises BadOverride.
    """
    today = calendar.day_of(now)
    if band == Band.UNKNOWN:
        raise BadOverride("An override is green, yellow or red.")
    if not reason.strip():
        raise BadOverride("An override needs a reason.")
    if not today <= last_day <= today + dt.timedelta(days=LONGEST_DAYS):
        raise BadOverride(f"An override ends within {LONGEST_DAYS} days, today included; {last_day} does not.")
    with transaction.atomic():
        end(account, now=now)
        made = Override.objects.create(
            account=account, band=band, reason=reason.strip(), last_day=last_day, author=author, set_at=now
        )
        listrows.make([account.pk])
        alerts.override_was_set(made)
    return made


@transaction.atomic
def end(account: Account, *, now: dt.datetime) -> None:
    """End the override in force, if there is one. One that ran out has ended with its last day."""
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    for active in Override.objects.filter(account=account, ended_at=None):
        over = calendar.start_of(active.last_day + dt.timedelta(days=1))
        active.ended_at = max(active.set_at, min(now, over))
        active.save(update_fields=["ended_at"])
    listrows.make([account.pk])


def in_force(accounts: Sequence[int], moment: dt.datetime) -> dict[int, Override]:
    """Account → the override that stands at `moment`."""
    day = calendar.day_of(moment)
    found = Override.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=moment),
        account__in=numbers_in(accounts),
        set_at__lte=moment,
        last_day__gte=day,
    )
    return {active.account_id: active for active in found}
