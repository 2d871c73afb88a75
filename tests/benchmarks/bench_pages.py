"""What each page of the product costs, over the demo company: requests and bytes of a first visit in a browser, and of the
page itself queries and the server's time.

Bytes are as sent: the page compressed by the application, files by the static storage, fonts as they are.
"""

import gzip
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command, get_commands
from django.db import connection, connections
from django.test import Client
from django.urls import URLPattern, reverse
from playwright.sync_api import Browser, Route, sync_playwright

from accounts.models import Account, Role, User
from health.urls import urlpatterns
from tests.benchmarks import Result
from tests.conftest import find_chromium
from tests.health.company import Company
from tests.health.filled import fill

RUNS, QUICK_RUNS = 15, 1


def run(*, quick: bool = False) -> Iterator[Result]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    client = _client(_company(quick))
    served = [_served(client, address, QUICK_RUNS if quick else RUNS) for address in _addresses(client)]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        files = [_files(browser, client, page.address) for page in served]
        browser.close()
        connections.close_all()  # those of the browser's context, which nobody else would close
    for page, asked in zip(served, files, strict=True):
        weight = page.size + sum(_sent(path) for path in asked)
        label = re.sub(r"[0-9a-f-]{36}", "…", page.address)
        note = f"{1 + len(asked)} requests, {weight / 1000:.0f} kB, of that the page {page.size / 1000:.1f}"
        yield Result(label, 1, page.seconds, f"{note}; {page.queries} queries")


class Served(NamedTuple):
    """What the server does for one page."""

    address: str
    size: int
    queries: int
    seconds: float


def _served(client: Client, address: str, runs: int) -> Served:
    client.get(address)
    queries: list[str] = []

    def count(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        queries.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        page = client.get(address, headers={"Accept-Encoding": "gzip"}).content
    times = []
    for _ in range(runs):
        begun = perf_counter()
        client.get(address)
        times.append(perf_counter() - begun)
    return Served(address, len(page), len(queries), median(times))


def _company(quick: bool) -> User:
    """The admin of the demo company; with `quick`, of the small company of the tests."""
    if quick or "demo_company" not in get_commands():
        company = Company.found()
        fill(company)
        return company.aiko
    call_command("demo_company", verbosity=0)
    return User.objects.filter(role=Role.ADMIN).first() or User.objects.create_superuser("bench@loomline.example")


def _addresses(client: Client) -> list[str]:
    """Every page, with the account that has the most to show for an account."""
    account = Account.objects.filter(latest__isnull=False).order_by("pk")[0]
    given: dict[str, Any] = {"public_id": account.public_id}
    found = []
    for pattern in urlpatterns:
        if isinstance(pattern, URLPattern) and pattern.name is not None:
            wanted = pattern.pattern.regex.groupindex
            if wanted.keys() <= given.keys():
                there = reverse(pattern.name, kwargs={key: given[key] for key in wanted})
                answer = client.get(there)
                if not answer.streaming and answer.content.lstrip().startswith(b"<!DOCTYPE html>"):
                    found.append(there)
    return found


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _files(browser: Browser, client: Client, address: str) -> list[str]:
    """What a browser that was never here asks for beside the page."""
    context, asked = browser.new_context(viewport={"width": 1440, "height": 900}), []

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith(settings.STATIC_URL):
            asked.append(path)
            route.fulfill(path=_found(path))
        else:
            got = client.get(path)
            connections.close_all()
            route.fulfill(status=got.status_code, body=got.content, content_type=got.headers["Content-Type"])

    context.route("**/*", answer)
    context.new_page().goto(f"http://verdant.example{address}", wait_until="networkidle")
    context.close()
    return asked


def _found(path: str) -> Path:
    found = finders.find(path.removeprefix(settings.STATIC_URL))
    assert isinstance(found, str), path
    return Path(found)


def _sent(path: str) -> int:
    """The size of a static file as it is sent."""
    content = _found(path).read_bytes()
    return len(content) if path.endswith(".woff2") else min(len(content), len(gzip.compress(content)))
