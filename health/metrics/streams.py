"""Would we have heard? How far the streams of a case are complete, and whether they are alive.

A stream is complete through the end of its last successful delivery. Where nothing means something, a reading is that of
the last day for which its streams are complete: a sync at three must not make yesterday look empty at two.

What users log by hand is known at once, so it is never silent. It says nothing of what other streams have yet to bring, nor
of accounts for which nobody has logged anything.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from statistics import median

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from accounts import arrays, calendar
from accounts.models import Stream, StreamSync
from accounts.sources import OWN
from health.metrics.cases import Cases

SHORTEST_LAG = dt.timedelta(hours=36)
SYNCS_FOR_INTERVAL = 10
_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
_ALWAYS = dt.datetime.max.replace(tzinfo=dt.UTC)
# Ends a kind that is waited for only where it has delivered something of the account.
IF_ANY = "?"


@dataclass(frozen=True, slots=True)
class Hearing:
    """Per case: whether any such stream exists, whether one knows the account, the day to read as of (None: none is
    complete yet), and for how many nights the slowest of them has been silent (0: alive)."""

    connected: NDArray[np.bool_]
    delivered: NDArray[np.bool_]
    upto: list[dt.date | None]
    nights: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Reach:
    begins: dt.datetime
    through: dt.datetime
    lag: dt.timedelta


@dataclass(frozen=True, slots=True)
class _Sync:
    received_at: dt.datetime
    superseded_at: dt.datetime | None
    complete_from: dt.datetime
    complete_through: dt.datetime


class _Syncs:
    """The deliveries of a stream, in the order of how far they made it complete. There may be years of them, and they are
    asked about as known at many moments."""

    def __init__(self, syncs: Sequence[_Sync]) -> None:
        self._syncs = syncs
        self._received = _stamps(sync.received_at for sync in syncs)
        self._superseded = _stamps(sync.superseded_at or _ALWAYS for sync in syncs)
        self._complete_from = _stamps(sync.complete_from for sync in syncs)

    def reach(self, known: dt.datetime | None, lag: dt.timedelta | None) -> _Reach:
        """How far the stream was complete as known then, and how late it may be: `lag`, or what has been usual."""
        moment = known.timestamp() if known is not None else np.nextafter(_ALWAYS.timestamp(), 0)
        counted = np.flatnonzero((self._received <= moment) & (self._superseded > moment))
        if not counted.size:
            return _Reach(_ALWAYS, _NEVER, SHORTEST_LAG if lag is None else lag)
        begins = self._syncs[counted[np.argmin(self._complete_from[counted])]].complete_from
        last = [self._syncs[index].complete_through for index in counted[-SYNCS_FOR_INTERVAL - 1 :]]
        through = last[-1] if known is None else min(last[-1], known)
        return _Reach(begins, through, _usual_lag(last) if lag is None else lag)


# The streams that had delivered for an account, the day, and as known when.
_Asked = tuple[tuple[int, ...], dt.date, dt.datetime | None]


class Streams:
    """The streams of some kinds, loaded once for many cases."""

    def __init__(self, kinds: Iterable[str], accounts: Sequence[int]) -> None:
        wanted = Stream.objects.filter(kind__in=[kind.removesuffix(IF_ANY) for kind in kinds])
        streams = list(wanted.select_related("source"))
        self._of_kind: dict[str, list[int]] = defaultdict(list)
        self._by_hand: dict[str, list[int]] = defaultdict(list)
        self._lags: dict[int, dt.timedelta | None] = {}
        for stream in streams:
            by_hand = stream.source.name == OWN
            (self._by_hand if by_hand else self._of_kind)[stream.kind].append(stream.pk)
            self._lags[stream.pk] = None if stream.lag_hours is None else dt.timedelta(hours=stream.lag_hours)
        self._syncs = _syncs(self._lags)
        self._own = _first_received(list(self._lags), accounts)
        self._asked: tuple[Cases, list[_Asked], NDArray[np.intp]] | None = None
        # A hundred thousand accounts share a handful of answers.
        self._hear = cache(self._hear_of)
        self._known = cache(_known)
        self._reach = cache(self._reach_of)

    def hear(self, kinds: tuple[str, ...], cases: Cases) -> Hearing:
        """What these kinds of streams, taken together, let us know of each case."""
        alike, which = self._alike(cases)
        heard = [self._hear(kinds, *asked) for asked in alike]
        return Hearing(
            np.asarray([one[0] for one in heard], dtype=np.bool_)[which],
            np.asarray([one[1] for one in heard], dtype=np.bool_)[which],
            [heard[place][2] for place in which.tolist()],
            np.asarray([one[3] for one in heard], dtype=np.int64)[which],
        )

    def _alike(self, cases: Cases) -> tuple[list[_Asked], NDArray[np.intp]]:
        """What is asked, each once, and which of it of each case."""
        if self._asked is None or self._asked[0] is not cases:
            known_at = cases.known_at or [None] * len(cases)
            places: dict[_Asked, int] = {}
            which = np.empty(len(cases), dtype=np.intp)
            for case, (account, day, known) in enumerate(zip(cases.accounts, cases.days, known_at, strict=True)):
                asked = self._known(self._own.get(account, ()), known), day, known
                which[case] = places.setdefault(asked, len(places))
            self._asked = cases, list(places), which
        return self._asked[1:]

    def silent(self, day: dt.date, known: dt.datetime) -> dict[int, dt.datetime]:
        """The streams that had delivered before and were silent at the end of `day`, with how far each was complete."""
        reaches = {stream: self._reach(stream, known) for stream in self._lags}
        return {
            stream: of.through
            for stream, of in reaches.items()
            if of.through > _NEVER and silent_nights(day, of.through + of.lag)
        }

    def _hear_of(
        self, kinds: tuple[str, ...], own: tuple[int, ...], day: dt.date, known: dt.datetime | None
    ) -> tuple[bool, bool, dt.date | None, int]:
        reach, nights = _ALWAYS, 0
        delivered = True
        for kind in kinds:
            found = self._of_kind[kind.removesuffix(IF_ANY)]
            streams = [stream for stream in found if self._reach(stream, known).begins <= calendar.end_of(day)]
            mine = [stream for stream in streams if stream in own]
            if kind.endswith(IF_ANY) and not mine:
                continue
            by_hand = not set(own).isdisjoint(self._by_hand[kind])
            if not streams and not by_hand:
                return False, False, None, 0
            delivered = delivered and (bool(mine) or by_hand)
            if by_hand and known is not None:
                reach = min(reach, known)
            for stream in mine or streams:
                of = self._reach(stream, known)
                reach = min(reach, of.through)
                nights = max(nights, silent_nights(day, of.through + of.lag))
        return True, delivered, _last_complete_day(day, reach), nights

    def _reach_of(self, stream: int, known: dt.datetime | None) -> _Reach:
        return self._syncs[stream].reach(known, self._lags[stream])


FirstReceived = tuple[tuple[int, dt.datetime], ...]


def _first_received(streams: Sequence[int], accounts: Sequence[int]) -> dict[int, FirstReceived]:
    """Account → the streams that delivered for it, each with when it first did. Accounts that came together share one."""
    found: dict[int, FirstReceived] = {}
    if not streams or not accounts:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            "select array_agg(account_id), streams, moments from (select account_id, "
            "array_agg(stream_id order by stream_id) streams, array_agg(first_received_at order by stream_id) moments "
            "from accounts_accountstream where account_id = any(%s::bigint[]) and stream_id = any(%s::bigint[]) "
            "group by account_id) own group by streams, moments",
            [arrays.plain(set(accounts)), arrays.plain(streams)],
        )
        for alike, own, moments in cursor.fetchall():
            found |= dict.fromkeys(alike, tuple(zip(own, moments, strict=True)))
    return found


def _known(own: FirstReceived, known: dt.datetime | None) -> tuple[int, ...]:
    """Those of an account's streams that had delivered for it by then."""
    return tuple(stream for stream, at in own if known is None or at <= known)


def _syncs(streams: Iterable[int]) -> dict[int, _Syncs]:
    found: dict[int, list[_Sync]] = {stream: [] for stream in streams}
    columns = ("stream_id", "received_at", "superseded_at", "complete_from", "complete_through")
    rows = StreamSync.objects.filter(stream__in=list(found)).order_by("complete_through").values_list(*columns)
    for stream, received_at, superseded_at, complete_from, complete_through in rows:
        found[stream].append(_Sync(received_at, superseded_at, complete_from or _NEVER, complete_through))
    return {stream: _Syncs(syncs) for stream, syncs in found.items()}


def _stamps(moments: Iterable[dt.datetime]) -> NDArray[np.float64]:
    return np.asarray([moment.timestamp() for moment in moments], dtype=np.float64)


def _usual_lag(moments: Sequence[dt.datetime]) -> dt.timedelta:
    """Twice the usual interval between the last deliveries, at least 36 hours."""
    gaps = [(after - before).total_seconds() for before, after in pairwise(moments)]
    return max(SHORTEST_LAG, dt.timedelta(seconds=2 * median(gaps))) if gaps else SHORTEST_LAG


def silent_nights(day: dt.date, alive_until: dt.datetime) -> int:
    """How many days up to `day` ended later than a stream was alive. Days are counted and not hours: some have 23."""
    last = calendar.day_of(alive_until)
    alive = last if alive_until >= calendar.end_of(last) else last - dt.timedelta(days=1)
    return max(0, (day - alive).days)


def _last_complete_day(day: dt.date, through: dt.datetime) -> dt.date | None:
    """The last day up to `day` that lies wholly before `through`."""
    if through <= _NEVER:
        return None
    if through >= calendar.end_of(day):
        return day
    last = calendar.day_of(through)
    return last if through >= calendar.end_of(last) else last - dt.timedelta(days=1)
