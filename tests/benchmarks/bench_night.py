"""The night over a crowd of accounts."""

import datetime as dt
import time
from collections.abc import Iterator

from health import customers, recompute
from health.models import Run
from tests.benchmarks import Result, crowd


def run(*, quick: bool = False) -> Iterator[Result]:
    accounts = 200 if quick else 10_000
    began = time.perf_counter()
    crowd.make(accounts)
    yield Result("make the crowd", accounts, time.perf_counter() - began)
    now = recompute.night_of(crowd.DAY, 1) + dt.timedelta(minutes=10)
    work = Run.objects.create(day=crowd.DAY, which=1, known_at=now, started_at=now)
    began = time.perf_counter()
    for bucket in recompute.buckets(customers.all_accounts()):
        recompute.score_bucket(work, bucket)
    recompute.finish(work, now)
    seconds = time.perf_counter() - began
    work.refresh_from_db()
    for name, effort in sorted(work.metrics.items(), key=lambda one: -one[1]["seconds"]):
        yield Result(name, int(effort["rows"]), float(effort["seconds"]) or 1e-9)
    yield Result("the night", work.accounts, seconds)
