"""What every test may use: the servers, and a browser where there is one."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import connection
from django.db.models.signals import post_migrate
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from pytest_django import DjangoDbBlocker

from tests import servers

RUNNING = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RUNNING] = ExitStack()
    config.stash[RUNNING].enter_context(servers.throwaway())
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        # With it, pytest-django loads the settings of workers before these have a Redis database of their own.
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    # Who may do what follows from roles; a test that commits need not make Django's permissions anew when it is over.
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")


def pytest_unconfigure(config: pytest.Config) -> None:
    if RUNNING in config.stash:
        config.stash[RUNNING].close()


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name bytes by their number where pytest would spell them: what holds a time must not differ between workers."""
    return f"{len(val)} bytes" if isinstance(val, bytes) and not val.isascii() else None


def find_chromium() -> str | None:
    """A Chromium on this machine: the one `CHROMIUM` names, one on PATH, or playwright's own."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    on_path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if on_path:
        return on_path
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def pytest_report_header() -> str | None:
    if find_chromium():
        return None
    return "browser: none found, so browser tests are skipped (set CHROMIUM, or install chromium)"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """At the end nobody else is in the database: a thread of the live server may still answer a browser that has gone."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium, or the test is skipped."""
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own. The test fails if anything was written to the console as an error."""
    context = browser.new_context()
    page = context.new_page()
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.text} ({message.location['url']})")

    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors, "\n".join(errors)
