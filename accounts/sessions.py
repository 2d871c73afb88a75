"""Sessions and active time, as arithmetic on arrays of events in the order of user and time.

A session is events of one user with gaps under 30 minutes. Active time is the sum of those gaps, each of at most 5 minutes;
an event whose sender states how long it took lasts that long instead of the gap after it. A session is as long as from its
first event to the end of its last. Gaps are told apart to the microsecond; amounts are in whole seconds of the clock, so that
they are the same however the events were grouped.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accounts.sequences import NEVER, Ints, Sequences, completed

Bools = NDArray[np.bool_]

SECOND = 1_000_000  # microseconds, in which all moments are
GAP = 30 * 60 * SECOND
LONGEST_GAP = 5 * 60  # seconds that count of it


@dataclass(frozen=True, slots=True)
class Events:
    """Events in the order of `user` and then of `at`; of those at one moment, the ones that state how long they took come
    last. `stated` is in seconds, −1 where nothing is said. `page` is the page or screen that was seen, 0 where none was, and
    `roles` are bits."""

    user: Ints
    at: Ints
    stated: Ints
    page: Ints
    roles: Ints


@dataclass(frozen=True, slots=True)
class Open:
    """The session of each user that may go on, in the order of `Events.user`: when it began, when its last event was,
    whether that one stated its duration, how far the session reaches, its pages with the first of them (0 without any), and
    its roles. `last` is NEVER where there is none."""

    began: Ints
    last: Ints
    stated: Bools
    ends: Ints
    pages: Ints
    landing: Ints
    roles: Ints

    @classmethod
    def none(cls, users: int) -> "Open":
        never, zero = np.full(users, NEVER), np.zeros(users, dtype=np.int64)
        return cls(zero, never, zero.astype(np.bool_), never, zero, zero, zero)


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sessions in the order of user and time. `first` and `end` are positions of events; `goes_on`: it is the open one of
    before; `active` are the seconds that these events add, `length` the seconds of the whole. The rest is as in `Open`."""

    first: Ints
    end: Ints
    goes_on: Bools
    began: Ints
    last: Ints
    stated: Bools
    ends: Ints
    pages: Ints
    pages_before: Ints
    landing: Ints
    roles: Ints
    active: Ints

    @property
    def length(self) -> Ints:
        return self.ends // SECOND - self.began // SECOND


def order(user: Ints, at: Ints, stated: Ints) -> Ints:
    """The positions of events in the order that `Events` has."""
    return np.lexsort((stated, at, user))


def sessions(events: Events, sequences: Sequences, before: Open | None = None) -> Sessions:
    """The sessions of these events. `before` has one entry for each distinct user, and no event is earlier than it."""
    size = len(events.user)
    heads = np.ones(size, dtype=np.bool_)
    heads[1:] = events.user[1:] != events.user[:-1]
    whose = np.cumsum(heads) - 1
    if before is None:
        before = Open.none(int(heads.sum()))
    previous, was_stated = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.bool_)
    previous[1:], was_stated[1:] = events.at[:-1], events.stated[:-1] >= 0
    previous[heads], was_stated[heads] = before.last, before.stated
    begins = events.at - previous >= GAP
    gaps = np.minimum(events.at // SECOND - previous // SECOND, LONGEST_GAP)
    own = np.maximum(events.stated, 0)
    active = own + np.where(begins | was_stated, 0, gaps)

    first = np.flatnonzero(begins | heads)
    end = np.append(first[1:], size)[: len(first)]
    goes_on = ~begins[first]
    of = whose[first]
    pages_before, landing, roles = (
        np.where(goes_on, one[of], 0) for one in (before.pages, before.landing, before.roles)
    )
    session = np.cumsum(begins | heads) - 1
    done = completed(sequences, events.roles, events.at, session, roles)
    reach = np.maximum.reduceat(events.at + own * SECOND, first) if size else first
    return Sessions(
        first=first,
        end=end,
        goes_on=goes_on,
        began=np.where(goes_on, before.began[of], events.at[first]),
        last=events.at[end - 1],
        stated=events.stated[end - 1] >= 0,
        ends=np.where(goes_on, np.maximum(before.ends[of], reach), reach),
        pages=pages_before + (np.add.reduceat((events.page > 0).astype(np.int64), first) if size else first),
        pages_before=pages_before,
        landing=np.where(landing > 0, landing, _first_pages(events.page, session, len(first))),
        roles=roles | done | (np.bitwise_or.reduceat(events.roles, first) if size else first),
        active=np.add.reduceat(active, first) if size else first,
    )


def _first_pages(page: Ints, session: Ints, size: int) -> Ints:
    """The first page of each session, 0 without any."""
    found = np.zeros(size, dtype=np.int64)
    seen = np.flatnonzero(page > 0)[::-1]
    # Of several the last one that is written stays.
    found[session[seen]] = page[seen]
    return found
