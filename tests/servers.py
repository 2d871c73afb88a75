"""A real PostgreSQL and a real Redis for a run of the tests, in a folder that is thrown away."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from config import embedded

# Set before Django reads its settings, and inherited by xdist's workers and by the programs that tests start.
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "ENV_FILE": os.devnull,
    "SECRET_KEY": secrets.token_urlsafe(50),
    "HTTPS": "false",
    "STATIC_MANIFEST": "false",
    "LOG_LEVEL": "WARNING",
    # Playwright's synchronous interface runs an event loop in the thread of the test.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
}
URLS = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}


@contextmanager
def throwaway(*, durable: bool = False) -> Iterator[None]:
    """Run what no URL names, put its address into the environment, and make Django ready.

    `durable` keeps what it commits as an installation would, so that what is measured on it counts.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    wanted = [name for name, variable in URLS.items() if not os.environ.get(variable)]
    if not wanted:  # as in xdist's workers, which inherit the addresses
        _use_own_redis_database()
        django.setup()
        yield
        return
    folder = Path(tempfile.mkdtemp(prefix="verdant-test-"))
    try:
        with embedded.running(folder, wanted, throwaway=not durable):
            os.environ["DATA_DIR"] = str(folder)
            os.environ.setdefault("DATABASE_URL", embedded.database_url(folder))
            os.environ.setdefault("REDIS_URL", embedded.redis_url(folder))
            django.setup()
            yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _use_own_redis_database() -> None:
    """One of Redis's sixteen for each of xdist's workers: to clear a cache is to empty the database."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        os.environ["REDIS_URL"] = os.environ["REDIS_URL"].replace("db=0", f"db={1 + int(worker[2:]) % 15}")
