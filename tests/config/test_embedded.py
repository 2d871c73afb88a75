import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from redis import Redis

from config import embedded
from tests.config.processes import ROOT, environment, processes_of, python, wait_until

USE = """
import sys
from pathlib import Path
from config import embedded
servers = embedded.start(Path(sys.argv[1]))
print("up", flush=True)
sys.stdin.read()
servers.close()
"""
AS_ROOT = os.geteuid() == 0


@contextmanager
def another_user(data_dir: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that uses the servers, until the end of the block."""
    command = [sys.executable, "-c", USE, str(data_dir)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        yield process


def query(data_dir: Path, statement: str) -> Any:
    with psycopg.connect(embedded.database_url(data_dir), autocommit=True) as database:
        cursor = database.execute(statement)
        return cursor.fetchone() if cursor.description else None


def answering(data_dir: Path) -> list[str]:
    return [name for name, kind in embedded.SERVERS.items() if kind(data_dir).answers()]


def pids(data_dir: Path, words: str) -> list[int]:
    return [pid for pid, command in processes_of(data_dir).items() if words in command]


def is_replaced(data_dir: Path, words: str, pid: int) -> bool:
    return pids(data_dir, words) not in ([], [pid])


def test_two_processes_share_the_servers_and_the_last_one_ends_them(data_dir: Path) -> None:
    with another_user(data_dir):
        with embedded.running(data_dir):
            assert len(pids(data_dir, "bin/postgres -D")) == 1
            assert len(pids(data_dir, "bin/redis-server")) == 1
        assert answering(data_dir) == ["postgres", "redis"]
    assert wait_until(lambda: not processes_of(data_dir))


def test_a_killed_process_does_not_keep_the_servers(data_dir: Path) -> None:
    with another_user(data_dir) as process:
        process.kill()
    assert wait_until(lambda: not processes_of(data_dir))


def test_a_second_start_keeps_the_data(data_dir: Path) -> None:
    with embedded.running(data_dir):
        query(data_dir, "CREATE TABLE kept AS SELECT 1 AS number")
        with Redis.from_url(embedded.redis_url(data_dir)) as redis:
            redis.set("kept", "yes")
    assert not answering(data_dir)
    with embedded.running(data_dir):
        assert query(data_dir, "SELECT number FROM kept") == (1,)
        with Redis.from_url(embedded.redis_url(data_dir)) as redis:
            assert redis.get("kept") == b"yes"


def test_a_killed_server_is_started_again(data_dir: Path) -> None:
    with embedded.running(data_dir):
        query(data_dir, "CREATE TABLE kept AS SELECT 1 AS number")
        for words in ("bin/postgres -D", "bin/redis-server"):
            (pid,) = pids(data_dir, words)
            os.kill(pid, signal.SIGKILL)
            assert wait_until(partial(is_replaced, data_dir, words, pid))
        assert wait_until(lambda: answering(data_dir) == ["postgres", "redis"])
        assert query(data_dir, "SELECT number FROM kept") == (1,)


def test_a_killed_keeper_takes_its_server_along_and_its_user_can_have_another(data_dir: Path) -> None:
    with embedded.running(data_dir) as servers:
        query(data_dir, "CREATE TABLE kept AS SELECT 1 AS number")
        for pid in pids(data_dir, "embedded.py"):
            os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: not answering(data_dir))
        servers.ensure_kept()
        assert wait_until(lambda: answering(data_dir) == ["postgres", "redis"])
        assert query(data_dir, "SELECT number FROM kept") == (1,)


def test_an_interrupted_first_start_is_begun_anew(data_dir: Path) -> None:
    unfinished = data_dir / "postgres.new"
    unfinished.mkdir()
    (unfinished / "half-written").touch()
    with embedded.running(data_dir, ["postgres"]):
        assert query(data_dir, "SELECT current_database()") == ("verdant",)


def test_nothing_listens_on_the_network_and_strangers_have_no_way_in(data_dir: Path) -> None:
    with embedded.running(data_dir):
        assert query(data_dir, "SHOW listen_addresses") == ("",)
        with Redis.from_url(embedded.redis_url(data_dir)) as redis:
            assert redis.config_get("port") == {"port": "0"}
        assert embedded.run_dir(data_dir).stat().st_mode & 0o777 == 0o700
        assert (data_dir / "postgres").stat().st_mode & 0o077 == 0
        assert (data_dir / "postgres.log").stat().st_mode & 0o077 == 0


def test_a_path_too_long_for_a_socket_gets_a_short_folder(data_dir: Path) -> None:
    long = data_dir / ("a" * 100)
    assert len(str(embedded.run_dir(long))) < embedded.LONGEST_RUN_DIR
    with embedded.running(long):
        assert query(long, "SELECT 1") == (1,)
    embedded.run_dir(long).rmdir()


@pytest.mark.parametrize("name", ["it's 100% a folder", "one, two"])
def test_a_folder_whose_name_needs_quoting_works(data_dir: Path, name: str) -> None:
    odd = data_dir / name
    with embedded.running(odd):
        assert query(odd, "SELECT 1") == (1,)
        with Redis.from_url(embedded.redis_url(odd)) as redis:
            assert redis.ping()
        broker = python(
            "-c",
            "from config import celery_app; celery_app.connection().ensure_connection(max_retries=1)",
            DATA_DIR=odd,
        )
        assert not broker.returncode, broker.stderr
    embedded.run_dir(odd).rmdir()


def test_a_server_that_cannot_start_is_explained(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir()
    (data_dir / "postgres" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(embedded.EmbeddedError, match="postgres server cannot start"):
        embedded.start(data_dir, ["postgres"])


def test_without_any_redis_the_message_says_what_to_install(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_packaged", lambda *_: None)
    monkeypatch.setenv("PATH", str(data_dir))
    with pytest.raises(embedded.EmbeddedError, match="Install redis-server or valkey-server"):
        embedded.Redis(data_dir).command()


def test_a_redis_on_the_path_serves_where_none_is_packaged(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_packaged", lambda *_: None)
    monkeypatch.setenv("PATH", str(data_dir))
    (data_dir / "valkey-server").touch(mode=0o755)
    assert embedded.Redis(data_dir).command()[0] == str(data_dir / "valkey-server")


@pytest.mark.skipif(not AS_ROOT, reason="only root's servers run as another user")
def test_root_is_told_which_folder_is_closed_to_the_servers(data_dir: Path) -> None:
    closed = data_dir / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(embedded.EmbeddedError, match=f"cannot enter {closed}. Set DATA_DIR"):
        embedded.start(closed / "data")


@pytest.mark.skipif(not AS_ROOT, reason="only root's servers run as another user")
def test_root_runs_the_servers_from_a_closed_environment_by_a_copy(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Path(tempfile.mkdtemp())
    for path in ("closed/__init__.py", "closed/bin/program", "closed.libs/library.so"):
        (place / path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        (place / path).touch(mode=0o700)
    monkeypatch.syspath_prepend(str(place))
    monkeypatch.setattr("importlib.metadata.version", lambda _: "1.0")
    programs = embedded._packaged("closed", "bin", data_dir)
    shutil.rmtree(place)
    assert programs == data_dir / "programs" / "closed-1.0" / "closed" / "bin"
    assert embedded.closed_folder(programs, embedded._service_user()) is None
    assert (programs / "program").stat().st_mode & 0o777 == 0o755
    assert (programs.parent.parent / "closed.libs" / "library.so").exists()


@pytest.mark.skipif(not AS_ROOT, reason="only root's servers run as another user")
def test_root_may_be_as_careful_as_it_likes_about_new_files(data_dir: Path) -> None:
    before = os.umask(0o077)
    try:
        with embedded.running(data_dir / "one" / "two", ["postgres"]):
            assert query(data_dir / "one" / "two", "SELECT 1") == (1,)
    finally:
        os.umask(before)


def test_a_secret_key_is_made_once_and_for_its_owner_only(data_dir: Path) -> None:
    key = embedded.secret_key(data_dir)
    assert len(key) >= 50
    assert embedded.secret_key(data_dir) == key
    assert (data_dir / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in data_dir.iterdir()] == ["secret-key"]
