"""Whether the process lives (`/healthz`) and whether it can do its work (`/readyz`), for whoever watches over it."""

import functools
from collections.abc import Callable

import psycopg
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

SECONDS = 2


class NotReadyError(Exception):
    """A dependency does not do what we need of it; the message says what."""


class ProbeMiddleware:
    """Answers the two probes ahead of everything else: no host check, no session, no redirect, no line in the log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/healthz":
            return JsonResponse({"status": "alive"})
        if request.path_info == "/readyz":
            return readiness()
        return self.get_response(request)


def readiness() -> JsonResponse:
    """200 when the database and Redis are usable, else 503; either way with the state of each."""
    checks = {"database": _state(check_database), "redis": _state(check_redis)}
    ready = all(state == "ok" for state in checks.values())
    answer = {"status": "ready" if ready else "not ready", "checks": checks}
    return JsonResponse(answer, status=200 if ready else 503, headers={"Cache-Control": "no-store"})


def _state(check: Callable[[], None]) -> str:
    try:
        check()
    except NotReadyError as error:
        return str(error)
    return "ok"


def check_database() -> None:
    """Ask over a connection of our own: one from the pool would only tell that the pool is busy."""
    parameters = {**connection.get_connection_params(), "connect_timeout": SECONDS, "cursor_factory": psycopg.Cursor}
    try:
        with psycopg.connect(**parameters) as database:
            applied = set(database.execute("SELECT app, name FROM django_migrations").fetchall())
    except psycopg.errors.UndefinedTable:
        applied = set()
    except psycopg.Error as error:
        raise NotReadyError("unreachable") from error
    missing = migrations_of_this_code() - applied
    if missing:
        raise NotReadyError(f"{len(missing)} migrations not applied")


@functools.cache
def migrations_of_this_code() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations or {})


def check_redis() -> None:
    # redis-py would go on trying for seconds.
    once = Retry(NoBackoff(), 0)
    try:
        timeouts = {"socket_connect_timeout": SECONDS, "socket_timeout": SECONDS}
        with Redis.from_url(settings.REDIS_URL, retry=once, **timeouts) as redis:
            redis.ping()
    except RedisError as error:
        raise NotReadyError("unreachable") from error
