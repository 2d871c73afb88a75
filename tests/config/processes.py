"""Programs started by tests, and whether they are still there."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests import servers

ROOT = Path(__file__).resolve().parents[2]
# What would tell a program of the servers and secrets of the test run.
OURS = {*servers.ENVIRONMENT, *servers.URLS.values(), "DATA_DIR", "DEBUG", "PORT"}


def environment(**changes: object) -> dict[str, str]:
    """The environment without what belongs to the test run, and with `changes`."""
    clean = {name: value for name, value in os.environ.items() if name not in OURS}
    return clean | {"ENV_FILE": os.devnull} | {name: str(value) for name, value in changes.items()}


def python(*arguments: str, **changes: object) -> subprocess.CompletedProcess[str]:
    """Run Python in the project's folder to its end."""
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment(**changes), capture_output=True, text=True, timeout=120, check=False
    )


def processes_of(folder: Path) -> dict[int, str]:
    """The living processes that name a folder in their command, their environment or as where they are."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            facts = [command, (process / "environ").read_bytes(), os.fsencode((process / "cwd").readlink())]
        except OSError:
            continue  # ended meanwhile, a zombie, or somebody else's
        if int(process.name) != os.getpid() and any(os.fsencode(folder) in fact for fact in facts):
            found[int(process.name)] = command.replace(b"\0", b" ").decode(errors="replace")
    return found


def wait_until(condition: Callable[[], object], seconds: float = 30) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())
