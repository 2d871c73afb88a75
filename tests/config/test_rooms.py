"""What holds for the repository as a whole."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.config.processes import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def test_imports_go_one_way() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_host_and_pins_every_package_by_hash(lock: Path) -> None:
    lines = lock.read_text().splitlines()
    assert not [line for line in lines if "://" in line or line.startswith("-")]
    packages = [line for line in lines if re.match(r"\w", line)]
    assert packages
    for line in packages:
        assert re.match(r"[\w.-]+==\S+ .*\\$", line), line
    assert sum("--hash=sha256:" in line for line in lines) >= len(packages)


def test_all_locks_agree() -> None:
    pinned = [dict(re.findall(r"^([\w.-]+)==(\S+)", lock.read_text(), re.MULTILINE)) for lock in LOCKS]
    everything = {name: version for lock in pinned for name, version in lock.items()}
    assert [lock.items() <= everything.items() for lock in pinned] == [True, True, True]
