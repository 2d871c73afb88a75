"""An import that is killed, and killed again, and then left alone, ends as if nothing had happened.

The imports are real programs with a database of their own, in small chunks so that there are many moments to be killed.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from accounts.jobs import is_running
from accounts.models import Job
from accounts.undo import undo
from config import embedded
from tests.accounts.build import Fingerprint, everything_known
from tests.config.processes import ROOT, wait_until

KILLS = 10
ACCOUNTS, USERS, ROWS, ROWS_AT_ONCE = 20, 300, 7_200, 400
MANAGE = f"""
import sys
import django
django.setup()
from django.core.management import execute_from_command_line
from accounts import imports
imports.ROWS_AT_ONCE = {ROWS_AT_ONCE}
execute_from_command_line(["manage.py", *sys.argv[1:]])
"""

pytestmark = pytest.mark.slow


class Files:
    """A small company, and its usage twice: as it was, and with corrections, deletions and people nobody knows yet."""

    def __init__(self, folder: Path) -> None:
        dice = random.Random(11)
        numbers = range(ACCOUNTS)
        self.accounts = _write(folder / "accounts.csv", "external_id,name", (f"A-{n},Account {n}" for n in numbers))
        people = (f"U-{n},A-{n % ACCOUNTS}" for n in range(USERS))
        self.people = _write(folder / "people.csv", "external_id,account", people)
        first = [_usage(dice, number) for number in range(0, ROWS, 2)]
        second = [
            *(_usage(dice, number, deleted=dice.random() < 0.2) for number in range(0, ROWS, 4)),
            *(_usage(dice, number, users=USERS + 20) for number in range(1, ROWS, 2)),
            *first[1::2],
        ]
        dice.shuffle(second)
        columns = "external_id,end_user,event,day,count,deleted"
        self.usage = _write(folder / "usage.csv", columns, first)
        self.corrected = _write(folder / "corrected.csv", columns, second)


def _usage(dice: random.Random, number: int, *, users: int = USERS, deleted: bool = False) -> str:
    user, event = dice.randrange(users), dice.choice(["opened", "saved", "shared"])
    day = f"2026-0{dice.randint(1, 3)}-{dice.randint(1, 28):02}"
    return f"C-{number},U-{user},{event},{day},{dice.randint(1, 9)},{'yes' if deleted else 'no'}"


def _write(path: Path, header: str, rows: Iterable[str]) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def before(files: Files, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The name of a database in which the first usage has arrived."""
    with django_db_blocker.unblock(), _database("before") as name, _inside(name):
        _prepare(files)
        connection.close()
        yield name


@pytest.fixture(scope="module")
def wanted(files: Files, before: str) -> Fingerprint:
    """What is known after the corrections when nobody disturbs their import."""
    with _database("calm", template=before) as name, _inside(name):
        _finish(_start(files.corrected, _url(name)))
        known = everything_known()
    assert known["waiting"], "some of the people are not known"
    return known


@pytest.fixture
def database(before: str) -> Iterator[str]:
    """A copy of that database, which the ORM is connected to."""
    with _database("copy", template=before) as name, _inside(name):
        yield name


def _prepare(files: Files) -> None:
    call_command("migrate", verbosity=0)
    for kind, path in (("accounts", files.accounts), ("end-users", files.people), ("usage", files.usage)):
        call_command("import", kind, str(path), source="warehouse", stdout=StringIO())


@contextmanager
def _database(name: str, template: str = "template0") -> Iterator[str]:
    name = f"chaos_{name}_{os.getpid()}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f"create database {name} template {template}")
        yield name
        server.execute(f"drop database {name} with (force)")


@contextmanager
def _inside(name: str) -> Iterator[None]:
    """Connect the ORM to another database."""
    connection.close()
    usual, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], name
    yield
    connection.close()
    connection.settings_dict["NAME"] = usual


def _url(name: str) -> str:
    return os.environ["DATABASE_URL"].replace(f"/{embedded.DATABASE}", f"/{name}", 1)


def _start(path: Path, url: str) -> subprocess.Popen[str]:
    own = os.environ | {"DATABASE_URL": url}
    command = [sys.executable, "-c", MANAGE, "import", "usage", str(path), "--source", "warehouse"]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=own, text=True, stdout=pipe, stderr=pipe)


def _finish(process: subprocess.Popen[str]) -> str:
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return output


def _wait_for_progress(process: subprocess.Popen[str], seen: set[int], share: float) -> Job:
    """Wait until a new job has read this share of its file."""
    while process.poll() is None:
        job = Job.objects.exclude(pk__in=seen).first()
        if job is not None and job.done >= share * job.total:
            return job
        time.sleep(0.005)
    raise AssertionError(f"It ended by itself: {process.communicate()}")


def _kill_at(path: Path, url: str, share: float, pause: float) -> tuple[Job, str]:
    """Kill an import when it has read this share and a moment more. Returns its job and what PostgreSQL was doing for it."""
    process = _start(path, url)
    job = _wait_for_progress(process, set(Job.objects.values_list("pk", flat=True)), share)
    time.sleep(pause)
    process.send_signal(signal.SIGSTOP)
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(max(state), '') from pg_stat_activity where datname = current_database() "
            "and pid <> pg_backend_pid() and backend_type = 'client backend' and xact_start is not null"
        )
        (state,) = cursor.fetchone()
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert wait_until(lambda: not is_running(job), seconds=10)
    return job, state


def _kill_ten_times(path: Path, url: str) -> list[Job]:
    """The jobs of ten imports, each killed further on in the file than the one before; most within a transaction."""
    dice = random.Random(5)
    killed, states = [], []
    for turn in range(KILLS):
        # The last tenth is left, so that an import does not end before it is killed.
        job, state = _kill_at(path, url, share=(turn + dice.random()) / KILLS * 0.9, pause=dice.random() * 0.04)
        killed.append(job)
        states.append(state)
    assert sum(map(bool, states)) >= KILLS // 2, states
    return killed


def test_after_ten_kills_everything_is_known_that_an_undisturbed_import_knows(
    files: Files, wanted: Fingerprint, database: str
) -> None:
    start = everything_known()
    killed = _kill_ten_times(files.corrected, _url(database))
    assert "unchanged" in _finish(_start(files.corrected, _url(database)))
    assert everything_known() == wanted

    for job in Job.objects.filter(pk__gte=killed[0].pk).order_by("-pk"):
        assert not is_running(job)
        undo(job, timezone.now())
    assert everything_known() == start


def test_killed_imports_can_be_taken_back_without_being_finished(files: Files, database: str) -> None:
    start = everything_known()
    for share in (0.3, 0.6):
        job, _ = _kill_at(files.corrected, _url(database), share, pause=0.02)
        job.refresh_from_db()
        assert job.state == Job.State.RUNNING, "nobody was there to say that it had ended"
    assert everything_known() != start
    for job in Job.objects.order_by("-pk")[:2]:
        call_command("import", undo=job.pk, stdout=StringIO())
    assert everything_known() == start


def test_an_import_whose_database_is_killed_says_so_and_goes_on_when_run_again(
    files: Files, wanted: Fingerprint, data_dir: Path, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), embedded.running(data_dir, ["postgres"]):
        url = embedded.database_url(data_dir)
        with _elsewhere(url):
            _prepare(files)
            connection.close()
            process = _start(files.corrected, url)
            _wait_for_progress(process, set(Job.objects.values_list("pk", flat=True)), 0.4)
            postmaster = int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
            os.kill(postmaster, signal.SIGKILL)
            _, errors = process.communicate(timeout=60)
            assert process.returncode == 1
            assert "does not answer" in errors
            assert "run it again" in errors
            assert "Traceback" not in errors
            connection.close()
            assert wait_until(embedded.Postgres(data_dir).answers)
            assert "unchanged" in _finish(_start(files.corrected, url))
            job = Job.objects.latest("pk")
            assert (job.state, job.done) == (Job.State.DONE, job.total)
            # The rest carries the moment at which this company was loaded.
            known = everything_known()
            for what in ("usage", "user days", "feature days", "ids", "waiting"):
                assert known[what] == wanted[what]


@contextmanager
def _elsewhere(url: str) -> Iterator[None]:
    """Connect the ORM to another server."""
    with _inside(embedded.DATABASE):
        options = connection.settings_dict
        usual, options["HOST"] = options["HOST"], unquote(url.partition("host=")[2])
        yield
        connection.close()
        options["HOST"] = usual
