import os

import pytest
from django.conf import settings

from tests.config.processes import python

INSTALLED = {
    "DATABASE_URL": "postgresql://verdant@database/verdant",
    "REDIS_URL": "redis://redis/0",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQ",
    "ALLOWED_HOSTS": "verdant.example.com",
}


def read_setting(name: str, **environment: str) -> str:
    done = python("-c", f"from config import settings; print(settings.{name})", **environment)
    assert not done.returncode, done.stderr
    return done.stdout.strip()


def refusal(**environment: str) -> str:
    done = python("-c", "from config import settings", **environment)
    assert done.returncode
    return done.stderr.splitlines()[-1]


def test_an_installation_must_bring_its_secret() -> None:
    assert "Set SECRET_KEY to a long random text" in refusal(**{**INSTALLED, "SECRET_KEY": ""})


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../etc/passwd", "/etc/passwd", " "])
def test_a_time_zone_that_is_none_is_refused_in_words(zone: str) -> None:
    message = refusal(**INSTALLED, ORGANIZATION_TIME_ZONE=zone)
    assert f"ORGANIZATION_TIME_ZONE is {zone!r}, which is no time zone. Use a name such as Europe/Berlin" in message


def test_an_installation_passes_djangos_own_deployment_checks() -> None:
    done = python("manage.py", "check", "--deploy", "--fail-level", "WARNING", **INSTALLED)
    assert not done.returncode, done.stderr


def test_only_web_processes_pool_their_connections() -> None:
    database = "DATABASES['default']"
    assert "pool" not in read_setting(f"{database}['OPTIONS']", **INSTALLED)
    web = "import config.wsgi; from django.conf import settings; print(settings.DATABASES['default']['OPTIONS'])"
    done = python("-c", web, **INSTALLED)
    assert "'pool': {'min_size': 1" in done.stdout, done.stderr


def test_celery_reaches_redis_over_its_socket_and_over_the_network() -> None:
    broker = read_setting("CELERY_BROKER_URL", **{**INSTALLED, "REDIS_URL": "unix:///run/redis.sock?db=3"})
    assert broker == "redis+socket:///run/redis.sock?virtual_host=3"
    assert read_setting("CELERY_BROKER_URL", **INSTALLED) == "redis://redis/0"


def test_a_database_behind_a_socket_has_its_folder_as_host() -> None:
    url = "postgresql://postgres@/verdant?host=%2Fa%20folder%2Frun"
    assert read_setting("DATABASES['default']['HOST']", **{**INSTALLED, "DATABASE_URL": url}) == "/a folder/run"


def test_each_worker_of_the_tests_has_a_redis_database_of_its_own() -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    number = 1 + int(worker.removeprefix("gw")) % 15 if worker else 0
    assert settings.CACHES["default"]["LOCATION"].endswith(f"db={number}")
