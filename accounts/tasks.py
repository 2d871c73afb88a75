"""Work that runs by itself."""

from celery import shared_task
from django.utils import timezone

from accounts import retention, unmatched


@shared_task
def join_waiting() -> int:
    """Apply records whose missing one has arrived; imports do so themselves, this catches what crossed on the way."""
    return unmatched.join_waiting(timezone.now())


@shared_task
def keep_usage() -> list[str]:
    """Make room for the usage of the month to come, and let go of what is no longer kept."""
    return retention.keep(timezone.now())
