"""Work that runs by itself: the night, and previews between nights. Each task may run twice, or be lost."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts import calendar
from accounts.partitions import keep_months
from health import listrows, previews, recompute
from health.configuration import NothingInForce
from health.models import Run

# What is not taken up by the next sweep is handed out by that again.
SWEEPS_EVERY = 60


@shared_task
def sweep(now: str | None = None) -> int:
    """Hand out what the earliest open run still has to score. Returns how many buckets that is."""
    moment = (parse_datetime(now) if now else None) or timezone.now()
    try:
        for run in recompute.open_runs(moment):
            if run.state == Run.State.STOPPED:
                return 0  # the days after it wait until it is mended
            waiting = recompute.waiting(run)
            for bucket in waiting:
                score_bucket.apply_async((run.pk, bucket), expires=SWEEPS_EVERY)
            if waiting:
                return len(waiting)
            recompute.finish(run, moment)
    except NothingInForce:
        return 0
    return 0


@shared_task
def score_bucket(run_id: int, bucket: int) -> int:
    """Score what a run has to score in a bucket of accounts."""
    run = Run.objects.get(pk=run_id)
    if run.state != Run.State.RUNNING:
        return 0
    return recompute.score_bucket(run, bucket).accounts


@shared_task
def refresh_previews() -> int:
    """Bring the previews of changed accounts up to now, and what lists read of those that time changed."""
    refreshed = 0
    listrows.refresh()
    try:
        while count := previews.refresh(timezone.now()):
            refreshed += count
    except NothingInForce:
        return 0
    return refreshed


@shared_task
def keep_scores() -> list[str]:
    """Make room for the snapshots of the month to come, and let go of those that are no longer kept."""
    return keep_months("health_snapshot", calendar.day_of(timezone.now()), settings.SCORE_MONTHS)
