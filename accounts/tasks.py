"""Work that runs by itself."""

from celery import shared_task
from django.utils import timezone

from accounts import idempotency, retention, rolling, unmatched


@shared_task
def join_waiting() -> int:
    """Apply records whose missing one has arrived; imports do so themselves, this catches what crossed on the way."""
    return unmatched.join_waiting(timezone.now())


@shared_task
def keep_usage() -> list[str]:
    """Make room for the usage of the month to come, and let go of what is no longer kept."""
    return retention.keep(timezone.now())


@shared_task
def roll_up_events() -> int:
    """Roll up the events that are kept so far; called with the first of a second."""
    return rolling.roll_up(timezone.now())


@shared_task
def join_waiting_events() -> int:
    """Roll up what a lost call left, and count the events of users whose account has become known."""
    now = timezone.now()
    return rolling.roll_up(now) + rolling.join_waiting(now)


@shared_task
def forget_answers() -> int:
    """Delete stored answers that are given no more."""
    return idempotency.forget(timezone.now())
