"""A record on its way in, from a checked row to what became of it."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from accounts import calendar
from accounts.fields import Ref
from accounts.kinds import Kind, Problem, State
from accounts.models import Job, Source

# When the records of a batch would have been known: as they come; each when it happened; all of them on a day.
Known = Literal["now", "occurred"] | dt.date
Status = Literal["created", "updated", "unchanged", "unmatched", "stale", "rejected", "not_applied"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """When the records of a batch were learned.

    `known` is "now", "occurred" (history: each record when it happened), or the day on which all of them were known.
    `occurred` is the day for records that do not say when they happened.
    """

    now: dt.datetime
    known: Known = "now"
    occurred: dt.date | None = None

    def of(self, kind: Kind, state: State, row: "Row") -> tuple[dt.datetime, bool]:
        """When this state was learned, and whether that is assumed. Nothing is learned in the future."""
        if row.known_at is not None:
            return row.known_at, True
        if self.known == "now":
            return self.now, False
        when: dt.date | None = self.known if isinstance(self.known, dt.date) else None
        if when is None:
            when = kind.occurred(state, row.source_updated_at) or self.occurred
        if when is None:
            return self.now, False
        moment = when if isinstance(when, dt.datetime) else calendar.start_of(when)
        return (moment, True) if moment <= self.now else (self.now, False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The circumstances of a batch. `joining`: its records waited here and are now applied, whatever came since."""

    kind: Kind
    source: Source
    receipt: Receipt
    job: Job | None = None
    joining: bool = False

    @property
    def job_id(self) -> int | None:
        return self.job.pk if self.job else None


class Entry(NamedTuple):
    """What an outside id is known to mean."""

    record: int
    account_id: int | None
    source_updated_at: dt.datetime | None
    digest: bytes | None
    deleted: bool

    def moved_to(self, record: int, account_id: int | None) -> "Entry":
        """The same id, from now on meaning another record: a person who moved to another account."""
        return self._replace(record=record, account_id=account_id)


@dataclass(slots=True)
class Row:
    position: int
    external_id: str
    source_updated_at: dt.datetime | None
    deleted: bool
    given: dict[str, Any]
    digest: bytes = b""
    known_at: dt.datetime | None = None
    problems: list[Problem] = field(default_factory=list)
    status: Status | None = None
    entry: Entry | None = None
    merged: bool = False
    waits_for: Ref | None = None
    record: int = 0
    account_id: int | None = None
    state: State = field(default_factory=dict)

    @property
    def applied(self) -> bool:
        return self.status in {"created", "updated", "unchanged"}

    def reject(self, problem: Problem) -> None:
        self.problems.append(problem)
        self.status = "rejected"


def pending(rows: list[Row]) -> list[Row]:
    """The rows of which nothing has become yet."""
    return [row for row in rows if row.status is None]
