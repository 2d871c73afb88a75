"""Long work: whether it is still running, and how it ended."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import Error, connection

from accounts.models import Job


@contextmanager
def running(job: Job) -> Iterator[None]:
    """Hold `job` while it runs. PostgreSQL lets go of it when the process dies, however that happens."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [_key(job)])
        try:
            yield
        finally:
            with suppress(Error):  # a connection that is lost holds nothing
                cursor.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [_key(job)])


def is_running(job: Job) -> bool:
    """Whether some process holds the job now."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [_key(job)])
        (free,) = cursor.fetchone()
        if free:
            cursor.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [_key(job)])
    return not free


def finish(job: Job, state: Job.State, now: dt.datetime, error: str = "") -> None:
    job.state, job.finished_at, job.error = state, now, error
    job.save(update_fields=["state", "finished_at", "error"])


def _key(job: Job) -> str:
    return f"job {job.pk}"
