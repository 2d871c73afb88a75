"""Cases: accounts on days, each perhaps as known at some moment. Everything is read for cases, never for accounts alone."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from accounts import calendar

Ints = NDArray[np.int64]
FOREVER = "infinity"


@dataclass(frozen=True)
class Cases:
    """Pairs of account and day. `known_at`: what had been received by then counts; None: whatever is known now."""

    accounts: Sequence[int]
    days: Sequence[dt.date]
    known_at: Sequence[dt.datetime | None] | None = None

    def __post_init__(self) -> None:
        assert len(self.accounts) == len(self.days)
        assert self.known_at is None or len(self.known_at) == len(self.days)

    def __len__(self) -> int:
        return len(self.accounts)

    @classmethod
    def on(cls, accounts: Sequence[int], day: dt.date, known_at: dt.datetime | None = None) -> Self:
        """All these accounts on one day."""
        return cls(accounts, [day] * len(accounts), None if known_at is None else [known_at] * len(accounts))

    def at(self, days: Sequence[dt.date]) -> Self:
        """The same accounts, read as of other days."""
        return replace(self, days=days)

    def of(self, positions: Sequence[int]) -> Self:
        """Some of the cases."""
        known_at = self.known_at
        return replace(
            self,
            accounts=[self.accounts[position] for position in positions],
            days=[self.days[position] for position in positions],
            known_at=None if known_at is None else [known_at[position] for position in positions],
        )

    @cached_property
    def moments(self) -> list[str]:
        """`known_at` as PostgreSQL takes it; forever where everything known counts, and then only what is current does."""
        return self._each(dt.datetime.isoformat)

    @cached_property
    def known_on(self) -> list[str]:
        """The day of `known_at`, for facts whose knowing clock counts in days."""
        return self._each(lambda moment: calendar.day_of(moment).isoformat())

    def _each(self, text: Callable[[dt.datetime], str]) -> list[str]:
        if self.known_at is None:
            return [FOREVER] * len(self)
        # In the night it is the same moment for all.
        texts = {moment: FOREVER if moment is None else text(moment) for moment in set(self.known_at)}
        return [texts[moment] for moment in self.known_at]


def day_numbers(days: Sequence[dt.date]) -> Ints:
    """Days as numbers that can be subtracted."""
    return np.asarray([day.toordinal() for day in days], dtype=np.int64)


def dates(days: Sequence[dt.date]) -> NDArray[np.datetime64]:
    """Days as numpy counts on them. As they are it takes them much more slowly."""
    return (day_numbers(days) - dt.date(1970, 1, 1).toordinal()).astype("datetime64[D]")
