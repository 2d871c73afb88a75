import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.config.processes import python

NOWHERE = "postgresql://verdant@127.0.0.1:1/verdant"
NO_REDIS = "redis://127.0.0.1:1/0"
ASK = """
import json, sys, django
django.setup()
from django.test import Client
answer = Client().get(sys.argv[1])
print(json.dumps([answer.status_code, answer.json()]))
"""


def ask(path: str, **environment: str) -> tuple[int, dict[str, Any]]:
    """What a process answers whose environment is not that of the test run."""
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY": "x" * 50, "HTTPS": "false"}
    done = python("-c", ASK, path, **settings, **environment)
    assert not done.returncode, done.stderr
    status, answer = json.loads(done.stdout)
    return status, answer


@pytest.mark.django_db
def test_a_process_with_everything_it_needs_is_ready() -> None:
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "checks": {"database": "ok", "redis": "ok"}}


@pytest.mark.django_db
def test_probes_answer_under_any_host_name_and_without_https(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    for path in ("/healthz", "/readyz"):
        assert Client().get(path, headers={"host": "10.1.2.3:8000"}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_missing_migration_is_not_ready() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions' RETURNING app, name, applied")
        row = cursor.fetchone()
        try:
            answer = Client().get("/readyz")
        finally:
            cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", row)
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "1 migrations not applied", "redis": "ok"}


def test_a_process_without_database_and_redis_lives_but_is_not_ready() -> None:
    nothing = {"DATABASE_URL": NOWHERE, "REDIS_URL": NO_REDIS}
    assert ask("/healthz", **nothing) == (200, {"status": "alive"})
    status, answer = ask("/readyz", **nothing)
    assert status == 503
    assert answer == {"status": "not ready", "checks": {"database": "unreachable", "redis": "unreachable"}}


@pytest.mark.django_db
def test_a_process_without_redis_says_that_it_is_redis(settings: Any) -> None:
    settings.REDIS_URL = NO_REDIS
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "ok", "redis": "unreachable"}
