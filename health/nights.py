"""The nights as their page shows them: the latest runs, with what each read and what failed."""

import datetime as dt
from dataclasses import dataclass

from health.metrics import declare
from health.models import Run

RUNS = 30


@dataclass(frozen=True)
class Entry:
    """What a run read: facts of one kind with their rows and seconds, or a metric with the accounts it failed for."""

    label: str
    seconds: float
    rows: int | None
    failed: int


@dataclass(frozen=True)
class Night:
    """One pass over one day."""

    run: Run
    entries: tuple[Entry, ...]

    @property
    def took(self) -> dt.timedelta | None:
        """From its opening to its end, on the clock; None while it is not done, and where nobody looked at the clock: days
        that are filled in together are opened and closed at once."""
        run = self.run
        return run.finished_at - run.started_at if run.finished_at and run.finished_at > run.started_at else None

    @property
    def is_over(self) -> bool:
        return self.run.finished_at is not None

    @property
    def worked(self) -> dt.timedelta:
        """The working time of all workers together."""
        return dt.timedelta(seconds=self.run.seconds)

    @property
    def failed(self) -> int:
        return sum(entry.failed for entry in self.entries)

    @property
    def is_stopped(self) -> bool:
        return self.run.state == Run.State.STOPPED


def latest() -> list[Night]:
    """The latest runs, newest day first."""
    return [Night(run, _entries(run)) for run in Run.objects.order_by("-day", "-which")[:RUNS]]


def _entries(run: Run) -> tuple[Entry, ...]:
    """What failed first, then what took longest."""
    found = [
        Entry(_label(name), entry.get("seconds", 0.0), entry.get("rows"), entry.get("failed", 0))
        for name, entry in run.metrics.items()
    ]
    return tuple(sorted(found, key=lambda entry: (-entry.failed, -entry.seconds, entry.label)))


def _label(name: str) -> str:
    """A metric by its label; facts, or a metric that is no more, by their name."""
    try:
        return declare.get(name)[0].label
    except LookupError:
        return name
