"""The list of accounts for somebody who sees all of a crowd: its rows in every order, its counts, search, and its page."""

import datetime as dt
import os
import time
from collections.abc import Callable, Iterator
from statistics import median, quantiles
from typing import Any

import time_machine
from django.db import connection
from django.http import QueryDict
from django.test import Client

from accounts.models import Account, Role, User
from health import bandstrip, listing, listrows
from health.columns import COLUMNS
from health.search import search
from tests.benchmarks import ROUNDS, Result, beside, crowd, in_turn
from tests.benchmarks.bench_night import QUICK_ACCOUNTS, forget, night, score

ACCOUNTS = 10_000
TIMES = 5
MORNING = dt.timedelta(hours=6)
FILTERS = ("", "band=red", "moved=fell", "due=30", "stage=Renewal", "touch=30", "tier=smb&region=EMEA")


def run(*, quick: bool = False, accounts: int = ACCOUNTS) -> Iterator[Result]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    accounts = QUICK_ACCOUNTS if quick else accounts
    rounds = 1 if quick else ROUNDS
    crowd.make(accounts)
    score(forget())
    # Months later nobody would have been spoken with for months.
    with time_machine.travel(night(crowd.DAY) + MORNING):
        manager, single = _people()
        listrows.refresh()
        with connection.cursor() as cursor:
            cursor.execute("vacuum (analyze) accounts_account, health_listrow, health_latest")
        yield from _orders(manager, rounds)
        yield from _counts(manager, rounds)
        yield from _names(manager, accounts, rounds)
        yield from _pages(manager, single, rounds)


def _people() -> tuple[User, User]:
    """Somebody who sees every account, and somebody who owns one."""
    manager = User.objects.create_user("manager@crowd.example", name="Manager", role=Role.MANAGER)
    single = User.objects.create_user("single@crowd.example", name="Single", role=Role.CSM, sees="own")
    owners = [
        User.objects.create_user(f"csm{number}@crowd.example", name=f"CSM {number}", role=Role.CSM).pk
        for number in range(20)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "update accounts_account set owner_id = (%s::bigint[])[1 + id %% 20], "
            "tier = (array['enterprise', 'mid', 'smb'])[1 + id %% 3], region = (array['EMEA', 'NA', 'APAC'])[1 + id %% 3], "
            "stage = (array['Adoption', 'Onboarding', 'Renewal', 'Growth'])[1 + id %% 4]",
            [owners],
        )
    Account.objects.filter(pk=1).update(owner=single)
    return manager, single


def _ask(query: str, given: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        cursor.fetchall()


def _p95(what: Callable[[], object], times: int = 40) -> float:
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        what()
        seconds.append(time.perf_counter() - began)
    return quantiles(seconds, n=20)[-1]


def _orders(user: User, rounds: int) -> Iterator[Result]:
    """The usual order, the slowest filter in it, and the slowest of the other orders, each at the 95th percentile."""
    anchor = median(_p95(lambda: _ask("select 1"), 200) for _ in range(rounds))
    sorts = [f"sort={sign}{column.key}" for column in COLUMNS if column.order for sign in ("", "-")]
    for what, asked in (("the usual order", [""]), ("the slowest filter", FILTERS), ("the slowest order", sorts)):
        seconds, slowest = max((_rows_of(f"view=all&{one}", user, rounds), one) for one in asked)
        note = f"{seconds / anchor:.0f} × select 1; goal 20; {slowest}".removesuffix("; ")
        yield Result(f"rows of a page, {what}", 1, seconds, note)


def _rows_of(address: str, user: User, rounds: int) -> float:
    chosen = listing.Choice.of(QueryDict(address), user)
    query, by, given = chosen.found.in_order(*chosen.order)
    page = f"{query} order by {by} limit {listing.PAGE}"
    return _p95(lambda: _ask(page, given), 8 * rounds)


def _counts(user: User, rounds: int) -> Iterator[Result]:
    query = QueryDict("view=all&band=red")

    def facets() -> None:
        bandstrip.counted(listing.Choice.of(query, user))

    own, theirs = in_turn(facets, lambda: _ask(_SCAN), rounds=rounds)
    yield Result(
        "facets and the strip of bands", 1, median(own), f"{beside(own, theirs, '1')}; a scan of the latest rows"
    )


_SCAN = (
    "select count(*) filter (where effective = 1), count(*) filter (where effective = 2), "
    "count(*) filter (where score < score_30), avg(score) from health_latest"
)


def _names(user: User, accounts: int, rounds: int) -> Iterator[Result]:
    wanted = f"account {accounts - 3}"

    columns = {
        "accounts_account": "name",
        "accounts_stakeholder": "name",
        "accounts_enduser": "name",
        "support_ticket": "subject",
    }

    def scan() -> None:
        for table, column in columns.items():
            _ask(f"select id from {table} where {column} ilike %s limit 8", [f"%{wanted}%"])

    own, theirs = in_turn(lambda: search(user, wanted), scan, rounds=rounds)
    yield Result(
        "find by the beginnings of words", 1, median(own), f"{beside(own, theirs, '0.125')}; ILIKE scans of the same"
    )


def _pages(user: User, single: User, rounds: int) -> Iterator[Result]:
    many, one = Client(), Client()
    many.force_login(user)
    one.force_login(single)

    def often(client: Client, address: str) -> Callable[[], None]:
        def get() -> None:
            for _ in range(TIMES):
                assert client.get(address).status_code == 200

        return get

    for what, address in (("page of the list", "/accounts/?view=all"), ("first page", "/")):
        own, theirs = in_turn(
            often(many, address), often(one, "/accounts/" if what != "first page" else "/"), rounds=rounds
        )
        note = f"{beside(own, theirs, '2')}; the same with one account"
        yield Result(f"{what}, {TIMES} times", TIMES, median(own), note)
