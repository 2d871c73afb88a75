"""The benchmarks still run. How fast things are is no matter of tests: those run on whatever machine, beside whatever else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import URLS

ROOT = Path(__file__).parents[1]
# That of the pages needs a browser.
NAMES = ("bench_events", "bench_import", "bench_lists", "bench_night", "bench_scores")

pytestmark = pytest.mark.slow


def test_each_benchmark_runs_in_its_quick_form() -> None:
    own = {name: value for name, value in os.environ.items() if name not in {*URLS.values(), "DATA_DIR"}}
    own = {name: value for name, value in own.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--quick", *NAMES],
        cwd=ROOT, env=own, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    for name in NAMES:
        assert f"\n{name}  " in done.stdout
