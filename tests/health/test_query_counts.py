"""How many queries each address takes: as written down, and the same for ten accounts and for ten thousand.

A count that changed on purpose is written down by running this with `WRITE_QUERY_COUNTS=1`.
"""

import datetime as dt
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import URLPattern, reverse

from accounts.models import Account, Role, User
from health import listrows
from health.configuration import in_force
from health.judging import Deck
from health.urls import urlpatterns
from health.views import charts, home
from tests.benchmarks import crowd
from tests.benchmarks.bench_night import forget, night, score

WRITTEN = Path(__file__).with_name("query_counts.txt")
FEW, MANY = 10, 10_000

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_every_address_takes_the_queries_written_down_for_ten_accounts_and_for_ten_thousand() -> None:
    with time_machine.travel(night(crowd.DAY) + dt.timedelta(hours=7), tick=True):
        few = counted(FEW)
        call_command("flush", interactive=False, verbosity=0)
        many = counted(MANY)
    assert many == few
    lines = "".join(f"{name}: {count}\n" for name, count in few.items())
    if os.environ.get("WRITE_QUERY_COUNTS"):
        WRITTEN.write_text(lines)
    assert lines == WRITTEN.read_text()


def counted(accounts: int) -> dict[str, int]:
    """Name of an address → its queries, for somebody who sees everything, in a crowd of so many accounts."""
    cache.clear()
    crowd.make(accounts)
    score(forget())
    listrows.refresh()
    client = Client()
    client.force_login(User.objects.create_user("admin@crowd.example", name="Admin", role=Role.ADMIN))
    return dict(_counts(client))


def _counts(client: Client) -> Iterator[tuple[str, int]]:
    """Of pages and of the parts of pages that a script fetches."""
    part = {"HX-Request": "true"}
    for name, address in _addresses():
        for what, headers in ((name, {}), (f"{name}, as a part", part)):
            answer = client.get(address, headers=headers)
            # A file is streamed some hundred accounts at a time, with the same queries each time.
            if answer.status_code == 200 and not answer.streaming:
                yield what, _queries(client, address, headers)


def _addresses() -> Iterator[tuple[str, str]]:
    """Name → address of all that can be got, with an account and a measure where it wants some."""
    account = Account.objects.order_by("pk")[0].public_id
    force = in_force(crowd.DAY)
    measure = Deck(force).cards[force.versions[0].pk].measures[0].key
    names: dict[str, Iterable[str]] = {
        "account_chart": charts.PANELS, "home_panel": home.PANELS, "source_events": ["warehouse"],
    }  # fmt: skip
    for pattern in urlpatterns:
        if not isinstance(pattern, URLPattern) or pattern.name is None:
            continue
        wanted = pattern.pattern.regex.groupindex
        for part in names.get(pattern.name, [""]):
            given = {"public_id": account, "key": measure, "name": part}
            if wanted.keys() <= given.keys():
                address = reverse(pattern.name, kwargs={key: given[key] for key in wanted})
                yield f"{pattern.name} {part}".strip(), address


def _queries(client: Client, address: str, headers: dict[str, str]) -> int:
    asked = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        client.get(address, headers=headers)
    return len(asked)
