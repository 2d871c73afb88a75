"""The company of the tests, and a browser that watches where it goes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from config.celery import app

if TYPE_CHECKING:
    from tests.health.company import Company


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """Hashing for real takes a tenth of a second a user."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def tasks_run_at_once() -> Iterator[None]:
    """What is handed to a worker is done before going on."""
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


@pytest.fixture
def company(quick_passwords: None, db: None) -> "Company":
    from tests.health.company import Company  # models can be imported once Django is set up

    return Company.found()


@pytest.fixture
def walk(live_server: LiveServer, page: Page, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A page at the sign-in of a running server. The test fails if any request left the server's origin."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    asked: list[str] = []
    waiting: set[Request] = set()
    page.on("request", lambda request: asked.append(request.url))
    # Playwright takes no methods of sets.
    page.on("request", lambda request: waiting.add(request))  # noqa: PLW0108
    for end in ("requestfinished", "requestfailed"):
        page.on(end, lambda request: waiting.discard(request))  # noqa: PLW0108
    page.goto(f"{live_server.url}/user/login/")
    yield page
    settle(page, waiting)
    home = urlsplit(live_server.url).netloc
    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {home}


def settle(page: Page, waiting: set[Request]) -> None:
    """Let the server answer what is under way, and what that sets off: the database is emptied under it next."""
    quiet = 0
    for _ in range(100):
        quiet = 0 if waiting else quiet + 1
        if quiet > 2:
            return
        page.wait_for_timeout(40)
