"""Events of client libraries beside what PostgreSQL needs at least to keep them.

Ours is all of it: from the bytes of each request, through the door with its key, to the last roll-up committed, request and
worker one after the other. The anchors begin with values in memory: a bare `INSERT … SELECT unnest` of the same events into a
table with the messageId for its key, and the ORM's `bulk_create` into that table; each batch is a transaction.
"""

import base64
import datetime as dt
import json
import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import Any, ClassVar

from django.db import connection, models
from django.test import RequestFactory
from django.utils import timezone

from accounts import rolling, tokens, tracking
from accounts.models import Scope, Source, UserDay
from tests.benchmarks import Result

ACCOUNTS, USERS = 100, 4_000
EVENTS, RUNS = 40_000, 5
QUICK_EVENTS, QUICK_RUNS = 2_000, 1
SIZES = (100, 1_000)
APART = dt.timedelta(milliseconds=40)
NAMES = ("Report Exported", "Dashboard Opened", "Member Invited", "Comment Added", "Search Run")


class Plain(models.Model):
    """A table that holds what an event says."""

    message_id = models.CharField(max_length=100, primary_key=True)
    type = models.CharField(max_length=10)
    at = models.DateTimeField()
    name = models.CharField(max_length=255)
    user_id = models.CharField(max_length=255)
    path = models.CharField(max_length=500)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        app_label = "accounts"
        managed = False
        db_table = "plain"

    def __str__(self) -> str:
        return self.message_id


def run(*, quick: bool = False) -> Iterator[Result]:
    events, runs = (QUICK_EVENTS, QUICK_RUNS) if quick else (EVENTS, RUNS)
    send = _prepare()
    with connection.cursor() as cursor:
        cursor.execute(
            "create table plain (message_id text primary key, type text, at timestamptz, name text, user_id text, path text)"
        )
    for size in SIZES:
        inserted, created, ours = [], [], []
        for turn in range(runs):
            batches = list(_batches(events, size, turn))
            rows = [[_row(event) for event in batch] for batch in batches]
            bodies = [json.dumps({"batch": batch, "sentAt": timezone.now().isoformat()}).encode() for batch in batches]
            inserted.append(_timed(partial(_insert, rows)))
            created.append(_timed(partial(_create, rows)))
            ours.append(_timed(partial(_track, send, bodies)))
        yield Result(f"bare INSERT … SELECT unnest, {size:,} a batch", events, median(inserted), "")
        yield Result(f"bulk_create, {size:,} a batch", events, median(created), "")
        beside = f"{_ratio(inserted, ours)} × the INSERT, {_ratio(created, ours)} × bulk_create"
        yield Result(f"door and roll-up, {size:,} a batch", events, median(ours), beside)
    assert UserDay.objects.exists()


def _prepare() -> Callable[[bytes], None]:
    """Accounts and users that are known, and a way to send a body."""
    source = Source.objects.create(name="product", makes_accounts=True)
    _, key = tokens.issue("bench", source=source, scopes=[Scope.USAGE_WRITE])
    factory = RequestFactory(HTTP_AUTHORIZATION="Basic " + base64.b64encode(f"{key}:".encode()).decode())

    def send(body: bytes) -> None:
        request = factory.post("/v1/batch", body, content_type="application/json")
        answer = tracking.receive(request, "batch")
        assert answer.status_code == 200, answer.content

    now = timezone.now() - dt.timedelta(hours=12)
    people = [
        {"type": "group", "userId": f"user-{n}", "groupId": f"account-{n % ACCOUNTS}", "timestamp": now.isoformat(),
         "messageId": f"group-{n}"}
        for n in range(USERS)
    ]  # fmt: skip
    for first in range(0, USERS, 1_000):
        send(json.dumps({"batch": people[first : first + 1_000]}).encode())
    rolling.roll_up(timezone.now())
    return send


def _batches(events: int, size: int, turn: int) -> Iterator[list[dict[str, Any]]]:
    """Events of many users in the order of time, as a product's servers send them."""
    dice = random.Random(turn * 10_000 + size)
    # Each turn comes after all those before it, and all of them lie in the past.
    at = timezone.now() + events * APART * (turn + (size == SIZES[1]) * RUNS - len(SIZES) * RUNS)
    for number in range(0, events, size):
        yield [_event(dice, at + APART * (number + n), f"{turn}-{size}-{number + n}") for n in range(size)]


def _event(dice: random.Random, at: dt.datetime, number: str) -> dict[str, Any]:
    """As `@segment/analytics-node` sends it, its messageId of 74 characters."""
    user, name = f"user-{dice.randrange(USERS)}", dice.choice(NAMES)
    return {
        "type": "track", "event": name, "userId": user, "timestamp": at.isoformat(timespec="milliseconds"), "integrations": {},
        "properties": {"rows": dice.randrange(500), "format": "csv", "url": f"https://app.example.com/reports/{number}"},
        "context": {"library": {"name": "@segment/analytics-node", "version": "3.1.0"}},
        "messageId": f"node-next-{number}-".ljust(74, "0123456789abcdef"[dice.randrange(16)]),
        "_metadata": {"nodeVersion": "v20.20.2", "jsRuntime": "node"},
    }  # fmt: skip


def _row(event: dict[str, Any]) -> tuple[Any, ...]:
    at = dt.datetime.fromisoformat(event["timestamp"])
    return event["messageId"], event["type"], at, event["event"], event["userId"], event["properties"]["url"][23:]


def _insert(batches: list[list[tuple[Any, ...]]]) -> None:
    with connection.cursor() as cursor:
        for rows in batches:
            cursor.execute(
                "insert into plain select * from unnest(%s::text[], %s::text[], %s::timestamptz[], %s::text[], "
                "%s::text[], %s::text[]) on conflict do nothing",
                [list(column) for column in zip(*rows, strict=True)],
            )
        cursor.execute("truncate plain")


def _create(batches: list[list[tuple[Any, ...]]]) -> None:
    names = ("message_id", "type", "at", "name", "user_id", "path")
    for rows in batches:
        Plain.objects.bulk_create(Plain(**dict(zip(names, row, strict=True))) for row in rows)
    with connection.cursor() as cursor:
        cursor.execute("truncate plain")


def _track(send: Callable[[bytes], None], bodies: list[bytes]) -> None:
    for body in bodies:
        send(body)
    rolling.roll_up(timezone.now())


def _timed(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _ratio(anchors: list[float], figures: list[float]) -> str:
    ratios = [anchor / figure for anchor, figure in zip(anchors, figures, strict=True)]
    return f"{median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
