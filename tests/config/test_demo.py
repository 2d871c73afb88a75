"""`make demo` as a newcomer meets it: a folder without data, one command, and Ctrl-C."""

import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.config.processes import ROOT, environment, processes_of, python, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")]

SEND_A_TASK = "from config import celery_app; print(celery_app.send_task('celery.accumulate', [1, 2]).id)"


@contextmanager
def demo(data_dir: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """A demo that has said where it is. Whoever opens the block also ends it."""
    where = environment(DATA_DIR=data_dir, STATIC_ROOT=data_dir / "static", PYTHONUNBUFFERED=1)
    command = [sys.executable, "manage.py", "demo", "--empty", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, env=where, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read_to(process: subprocess.Popen[str], words: str) -> str:
    """What a process prints up to the line with these words."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError(f"{words!r} was never printed, but:\n{''.join(lines)}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Visitor:
    """A browser without a screen."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(cookies)

    def get(self, path: str) -> str:
        with self.opener.open(self.address + path, timeout=20) as answer:
            return str(answer.read().decode())

    def sign_in(self, email: str, password: str) -> str:
        """Where one is after signing in."""
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get("/user/login/?next=/admin/"))
        assert found
        form = {"csrfmiddlewaretoken": found[1], "login": email, "password": password, "next": "/admin/"}
        data = urllib.parse.urlencode(form).encode()
        with self.opener.open(f"{self.address}/user/login/", data, timeout=20) as answer:
            return str(answer.url.removeprefix(self.address))


def test_a_first_start_lets_an_admin_in_runs_a_task_and_ends_without_a_trace(data_dir: Path) -> None:
    port = free_port()
    with demo(data_dir, port) as process:
        text = read_to(process, "Ctrl-C")
        assert f"http://localhost:{port}/" in text
        email, password = re.findall(r"admin +(\S+) +(\S+)", text)[0]
        visitor = Visitor(port)
        assert json.loads(visitor.get("/readyz"))["status"] == "ready"
        assert visitor.sign_in(email, password) == "/admin/"

        sent = python("-c", SEND_A_TASK, DATA_DIR=data_dir).stdout.strip()
        log = data_dir / "worker.log"
        assert wait_until(
            lambda: any(sent in line and "task_succeeded" in line for line in log.read_text().splitlines())
        )

        for private in ("demo-users", "secret-key", "worker.log", "web.log"):
            assert (data_dir / private).stat().st_mode & 0o077 == 0
        process.send_signal(signal.SIGINT)
        assert "Stopped." in read_to(process, "Stopped.")
        assert process.wait(10) == 0
        assert not processes_of(data_dir)


def test_it_survives_the_death_of_its_parts_and_its_parts_do_not_survive_its_own(data_dir: Path) -> None:
    port = free_port()
    with demo(data_dir, port) as process:
        first = read_to(process, "Ctrl-C")
        for words in ("gunicorn", "celery", "bin/postgres -D", "bin/redis-server"):
            for pid, command in processes_of(data_dir).items():
                if words in command:
                    os.kill(pid, signal.SIGKILL)
                    break
        read_to(process, "was started again")
        assert wait_until(lambda: answers(port))
        process.kill()
        assert wait_until(lambda: not processes_of(data_dir))

    with demo(data_dir, port) as process:
        second = read_to(process, "Ctrl-C")
        assert re.findall(r"\S+@\S+ +\S+", second) == re.findall(r"\S+@\S+ +\S+", first)
        process.terminate()
        assert process.wait(30) == 0
        assert not processes_of(data_dir)


def answers(port: int) -> bool:
    try:
        return bool(json.loads(Visitor(port).get("/readyz"))["status"] == "ready")
    except OSError:
        return False


def test_a_port_in_use_is_said_so(data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = python("manage.py", "demo", "--port", str(port), DATA_DIR=data_dir)
    assert done.returncode
    assert f"Port {port}: Address already in use. Choose another one: make demo PORT={port + 1}" in done.stderr
