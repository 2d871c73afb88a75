"""A night in which everything dies that can ends as if nothing had happened.

Real workers and real beats, as programs of their own against servers of their own, in small buckets so that there are many
moments to be killed. One account has data that make a metric raise.
"""

import datetime as dt
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import psycopg
import pytest
import redis
from django.core.management import call_command
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import Account, AttributeDefinition, AttributeValue, License, User
from config import embedded
from health import overrides, recompute
from health.models import Run, Snapshot, Transition
from health.scoring.card import Band, State
from tests.config.processes import ROOT, processes_of, wait_until
from tests.health.metrics.facts import connected, day, moment, source
from tests.health.nights import ITSELF, card, everything_stored, in_force, night_after

KILLS = 10
ACCOUNTS, BUCKET = 400, 20
FIRST, LAST = "2026-03-29", "2026-04-01"
NOW = night_after(LAST)
EVERY = 3
PROGRAM = f"""
import sys
import django
django.setup()
from config.celery import app
from health import recompute, tasks
recompute.BUCKET, tasks.SWEEPS_EVERY = {BUCKET}, {EVERY}
app.conf.beat_schedule = {{"sweep": {{
    "task": "health.tasks.sweep", "schedule": {EVERY}, "args": ["{NOW.isoformat()}"], "options": {{"expires": {EVERY}}},
}}}}
app.start(sys.argv[1:])
"""
Stored = list[tuple[Any, ...]]

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")]


# --- A company with a history ----------------------------------------------------------------------------------------


def tell_history() -> None:
    """Four hundred accounts whose scores wander, some with an override, some that churn, one that cannot be read."""
    dice = random.Random(3)
    card(("attribute:health", ITSELF), ("license_utilization", ITSELF), ("attribute:plan", "1:0, 3:100"), margin=2)
    in_force()
    connected("licenses", "usage", through=LAST)
    since = moment("2025-01-01")
    Account.objects.bulk_create(
        Account(name=f"Account {number}", created_at=since, updated_at=since) for number in range(ACCOUNTS)
    )
    accounts = list(Account.objects.order_by("pk"))
    words = {
        name: AttributeDefinition.objects.create(name=name, **more)
        for name, more in (
            ("health", {"type": "number"}),
            ("status", {"type": "text"}),
            ("plan", {"type": "ranked", "ranks": {"no": "list"}}),
        )
    }
    said = [value for one in accounts for value in _course(one, words["health"], dice)]
    said += [_says(one, words["status"], "churned", "2026-03-31") for one in accounts[::25]]
    said.append(_says(accounts[7], words["plan"], "gold", "2026-01-01"))
    AttributeValue.objects.bulk_create(said)
    License.objects.bulk_create(
        License(
            id=one.pk, record=one.pk, source=source(), account=one, received_at=since, seats=10,
            starts_on=day("2025-01-01"),
        )
        for one in accounts
    )  # fmt: skip
    dana = User.objects.create_user("dana@loomline.example", None, name="Dana Whitfield")
    for one in accounts[3::40]:
        overrides.override(
            one,
            band=Band.RED,
            reason="Sponsor left.",
            last_day=day("2026-03-31"),
            author=dana,
            now=moment("2026-03-30"),
        )


def _course(account: Account, word: AttributeDefinition, dice: random.Random) -> Iterator[AttributeValue]:
    """The score of an account from day to day, some of it learned late."""
    score, days = dice.uniform(20, 90), ("2026-03-01", "2026-03-29", "2026-03-30", "2026-03-31", "2026-04-01")
    for at, until in zip(days, (*days[1:], None), strict=True):
        score = min(100, max(0, score + dice.uniform(-12, 12)))
        value = _says(account, word, f"{score:.3f}", at)
        value.number, value.superseded_at = float(f"{score:.3f}"), until and moment(until)
        yield value


def _says(account: Account, word: AttributeDefinition, text: str, at: str) -> AttributeValue:
    return AttributeValue(
        account=account, definition=word, source=source(), occurred_at=moment(at), received_at=moment(at), text=text,
        applied=True,
    )  # fmt: skip


def pass_the_night(now: dt.datetime) -> None:
    """The night as it is when nobody disturbs it."""
    for run in recompute.open_runs(now):
        for bucket in recompute.waiting(run):
            recompute.score_bucket(run, bucket)
        recompute.finish(run, now)


# --- Servers and programs of our own ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def servers() -> Iterator[Path]:
    """The folder of a PostgreSQL and a Redis that may be killed."""
    with tempfile.TemporaryDirectory(prefix="verdant-test-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        with embedded.running(folder, ["postgres", "redis"], throwaway=True):
            yield folder
        assert wait_until(lambda: not processes_of(folder), seconds=20), processes_of(folder)


@pytest.fixture(scope="module")
def calm(servers: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Stored]:
    """What an undisturbed night stores. Afterwards the database is as it was before, and the ORM connected to it."""
    with django_db_blocker.unblock(), _inside(servers, embedded.DATABASE):
        call_command("migrate", verbosity=0)
        tell_history()
        pass_the_night(night_after(FIRST))
        _copy(servers, "calm")
        with _inside(servers, "calm"):
            pass_the_night(NOW)
            stored = everything_stored()
        yield stored


@contextmanager
def _inside(servers: Path, name: str) -> Iterator[None]:
    """Connect the ORM to a database of our servers."""
    connection.close()
    options = connection.settings_dict
    usual = {key: options[key] for key in ("NAME", "HOST")}
    options |= {"NAME": name, "HOST": unquote(embedded.database_url(servers).partition("host=")[2])}
    yield
    connection.close()
    options |= usual


def _copy(servers: Path, name: str) -> None:
    connection.close()
    url = embedded.database_url(servers).replace(f"/{embedded.DATABASE}", "/postgres", 1)
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"create database {name} template {embedded.DATABASE}")


class Programs:
    """Workers and beats. Each is a session of its own, so that it dies with its children."""

    def __init__(self, servers: Path) -> None:
        self.servers = servers
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str) -> None:
        own = os.environ | {
            "DATABASE_URL": embedded.database_url(self.servers),
            "REDIS_URL": embedded.redis_url(self.servers),
        }
        with (self.servers / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, *arguments], cwd=ROOT, env=own, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def start_worker(self, name: str) -> None:
        self.start(name, "worker", "--concurrency", "1", "--hostname", f"{name}@%h", "--loglevel", "WARNING")

    def start_beat(self, name: str) -> None:
        self.start(name, "beat", "--schedule", str(self.servers / f"{name}.schedule"), "--loglevel", "WARNING")

    def kill(self, name: str) -> None:
        program = self.running.pop(name)
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()

    def kill_child(self, name: str) -> None:
        """Kill what does a worker's work. The worker makes another."""
        parent = self.running[name].pid
        for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)

    def said(self) -> str:
        return "\n".join(f"--- {log.name}\n{embedded.tail(log)}" for log in sorted(self.servers.glob("*.log")))


@pytest.fixture
def programs(servers: Path) -> Iterator[Programs]:
    programs = Programs(servers)
    yield programs
    for name in list(programs.running):
        programs.kill(name)


# --- What is looked at while it happens ------------------------------------------------------------------------------


def _ask(servers: Path, question: str) -> int:
    """A number from the database; 0 while it does not answer."""
    try:
        with psycopg.connect(embedded.database_url(servers), autocommit=True) as server:
            row = server.execute(question).fetchone()
    except psycopg.OperationalError:
        return 0
    return int(row[0]) if row else 0


def _progress(servers: Path) -> int:
    return _ask(servers, f"select count(*) from health_snapshot where known_at = '{NOW.isoformat()}'")


def _is_scoring(servers: Path) -> bool:
    """Whether somebody holds a bucket."""
    return bool(_ask(servers, "select count(*) from pg_locks where locktype = 'advisory'"))


def _is_over(servers: Path) -> bool:
    return _ask(servers, "select count(*) from health_run where state = 'done'") == 5


def _restart_postgres(servers: Path) -> None:
    """Its keeper starts it again."""
    os.kill(int((servers / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGINT)


def _restart_redis(servers: Path) -> None:
    """Its keeper starts it again, and all that was waiting in it is lost."""
    with redis.Redis.from_url(embedded.redis_url(servers)) as client:
        process: Any = client.info("server")
    os.kill(process["process_id"], signal.SIGKILL)


def test_whatever_dies_in_the_middle_the_night_ends_as_if_nothing_had_happened(
    servers: Path, calm: Stored, programs: Programs
) -> None:
    dice = random.Random(8)
    assert Transition.objects.count() == 0
    connection.close()
    wanted = sum(isinstance(row[2], dt.datetime) and row[2] == NOW for row in calm)
    accidents: dict[int, Callable[[Path], None]] = {3: _restart_postgres, 6: _restart_redis}
    scoring = 0
    for name in ("beat1", "beat2"):
        programs.start_beat(name)
    for name in ("worker1", "worker2"):
        programs.start_worker(name)
    for turn in range(KILLS):
        share = (turn + dice.random()) / KILLS * 0.9
        assert wait_until(lambda share=share: _progress(servers) >= share * wanted, 60), programs.said()  # type: ignore[misc]
        wait_until(lambda: _is_scoring(servers), dice.random())
        scoring += _is_scoring(servers)
        victim = f"worker{dice.randint(1, 2)}"
        if turn % 3:
            programs.kill_child(victim)
        else:
            programs.kill(victim)
            programs.start_worker(victim)
        if turn in accidents:
            accidents[turn](servers)
    assert wait_until(lambda: _is_over(servers), 60), programs.said()
    assert scoring >= KILLS // 2, scoring
    assert everything_stored() == calm


def test_everybody_was_scored_also_the_account_that_cannot_be_read(servers: Path, calm: Stored) -> None:
    odd = Account.objects.get(name="Account 7")
    with _inside(servers, "calm"):
        lost = ACCOUNTS // 25
        assert [Snapshot.objects.filter(day=day(text)).count() for text in ("2026-03-30", LAST)] == [
            ACCOUNTS,
            ACCOUNTS - lost,
        ]
        assert all(State(row.details[8]) == State.FAILED for row in Snapshot.objects.filter(account=odd))
        assert set(Transition.objects.values_list("kind", flat=True)) == set(Transition.Kind.values)
        assert all(run.metrics["attribute"]["failed"] == 1 for run in Run.objects.all())
    assert calm
