"""Celery's workers, started for a benchmark, and the most memory that they and their PostgreSQL backends came to hold."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from config.celery import app

ROOT = Path(__file__).resolve().parents[2]


class Memory:
    """Watches the private memory of processes, in bytes: of each kind the one that held most."""

    def __init__(self, worker: int) -> None:
        self._worker = worker
        self.worker = self.backend = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        looks = 0
        while not self._over.wait(0.05):
            # Who there is takes longer to find out than what they hold, and changes seldom.
            if looks % 20 == 0:
                workers, backends = _children(self._worker), _backends()
            looks += 1
            self.worker = max([self.worker, *map(_private, workers)])
            self.backend = max([self.backend, *map(_private, backends)])

    def stop(self) -> None:
        self._over.set()
        self._thread.join()


@contextmanager
def started(number: int) -> Iterator[Memory]:
    """A worker of so many processes, on this database."""
    settings = connection.settings_dict
    url = f"postgresql://{settings['USER']}@/{settings['NAME']}?host={quote(str(settings['HOST']), safe='')}"
    command = [
        sys.executable,
        "-m",
        "celery",
        "--app",
        "config",
        "worker",
        "--concurrency",
        str(number),
        "--loglevel",
        "WARNING",
    ]
    program = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"DATABASE_URL": url}, start_new_session=True)
    try:
        _wait_for_it()
        memory = Memory(program.pid)
        yield memory
        memory.stop()
    finally:
        os.killpg(program.pid, signal.SIGTERM)
        program.wait()


def _wait_for_it() -> None:
    for _ in range(60):
        if app.control.ping(timeout=1.0):
            return
    raise RuntimeError("The worker does not start.")


def idle() -> int:
    """What a process of ours holds that has imported everything and done nothing: this one must not have either."""
    done = subprocess.run(
        [sys.executable, "-c", _IDLE], cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=True
    )
    return int(done.stdout)


_IDLE = """
import django
django.setup()
from config.celery import app
app.loader.import_default_modules()
from tests.benchmarks.workers import _private
import os
print(_private(os.getpid()))
"""


def _private(process: int) -> int:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0  # it has ended
    line = next((line for line in status.splitlines() if line.startswith("RssAnon:")), "RssAnon: 0 kB")
    return int(line.split()[1]) * 1024


def _children(process: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def _backends() -> list[int]:
    """PostgreSQL's processes for our connections, on this machine: they say in their title whom they serve."""
    title = str(connection.settings_dict["NAME"]).encode()
    return [
        int(folder.name)
        for folder in Path("/proc").iterdir()
        if folder.name.isdecimal() and _title(folder).startswith(b"postgres: ") and title in _title(folder)
    ]


def _title(folder: Path) -> bytes:
    try:
        return (folder / "cmdline").read_bytes()
    except OSError:
        return b""
