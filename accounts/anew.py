"""Making users' days anew from their events, where those did not come in the order of time.

An event in between can lengthen a session, join two, or begin one; a session can reach over midnights. So days are read with
so much around them that each session that matters is seen from its beginning to its end.
"""

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from accounts import calendar
from accounts.days import replace_users
from accounts.meanings import Meanings
from accounts.people import Chunk
from accounts.sequences import Ints
from accounts.sessions import GAP, Bools, Sessions, sessions
from accounts.trail import Trail, countable, date, day_number, in_order, moment, number_of, of_people, parts

# How many days around those touched are read; so many more where some session reaches beyond.
MARGINS = (1, 4, 16, 64)


@dataclass(frozen=True, slots=True)
class Touched:
    """By person the first and the last moment of what is new, and the days that may change by it."""

    person: Ints
    first: Ints
    last: Ints
    low: Ints
    high: Ints

    def where(self, which: Bools) -> "Touched":
        return Touched(self.person[which], self.first[which], self.last[which], self.low[which], self.high[which])


@dataclass(frozen=True, slots=True)
class View:
    """What people did in some days: everything, what of it counted as use in order, and the sessions of that, each with
    the place of its person and the day on which it began."""

    trail: Trail
    used: Trail
    sessions: Sessions
    place: Ints
    began_on: Ints


def make_anew(chunk: Chunk, trail: Trail, meanings: Meanings, kept_from: dt.date) -> list[View]:
    """Make the days anew that these events fall on or whose sessions they change. Returns what was seen of each person.

    Of days before `kept_from` not every event is kept any more: they stay as they are.
    """
    touched, seen = _touched(trail, kept_from), []
    for margin in MARGINS:
        begins, ends = (
            np.asarray([number_of(calendar.start_of(date(day))) for day in days.tolist()])
            for days in (touched.low - margin, touched.high + margin + 1)
        )
        view = _view(chunk, touched, begins, ends, meanings)
        reached = _reached(view, touched, kept_from)
        settled = np.ones(len(touched.person), dtype=np.bool_)
        if margin != MARGINS[-1]:
            settled[view.place[_cut(view, reached, begins, ends)]] = False
        _write(chunk, view, reached, settled, meanings)
        seen.append(_of(view, settled))
        touched = touched.where(~settled)
        if not len(touched.person):
            break
    return seen


def _touched(trail: Trail, kept_from: dt.date) -> Touched:
    person, whose = np.unique(trail.person, return_inverse=True)
    first, last = trail.at.max() + np.zeros_like(person), trail.at.min() + np.zeros_like(person)
    np.minimum.at(first, whose, trail.at)
    np.maximum.at(last, whose, trail.at)
    return Touched(person, first, last, np.maximum(_days(first), day_number(kept_from)), _days(last + GAP))


def _days(moments: Ints) -> Ints:
    return np.asarray([day_number(calendar.day_of(moment(one))) for one in moments.tolist()], dtype=np.int64)


def _view(chunk: Chunk, touched: Touched, begins: Ints, ends: Ints, meanings: Meanings) -> View:
    spans = dict(zip(touched.person.tolist(), zip(begins.tolist(), ends.tolist(), strict=True), strict=True))
    found = of_people(chunk.source.pk, spans)
    found = found.where((found.user > 0) & countable(found, meanings, chunk.received_on))
    used = in_order(found.where(meanings.of(found.feature, found.type).use))
    held = sessions(used.events(meanings), meanings.sequences)
    return View(found, used, held, np.searchsorted(touched.person, used.person[held.first]), used.day[held.first])


def _reached(view: View, touched: Touched, kept_from: dt.date) -> Touched:
    """With the days on which sessions began that hold something new."""
    low = touched.low.copy()
    changed = (view.sessions.last >= touched.first[view.place]) & (view.sessions.began <= touched.last[view.place])
    np.minimum.at(low, view.place[changed], np.maximum(view.began_on[changed], day_number(kept_from)))
    return replace(touched, low=low)


def _cut(view: View, touched: Touched, begins: Ints, ends: Ints) -> Bools:
    """Sessions that matter and may reach beyond what was read: there may have been an event just outside."""
    user = view.used.user[view.sessions.first]
    heads, tails = np.ones(len(user), dtype=np.bool_), np.ones(len(user), dtype=np.bool_)
    heads[1:] = tails[:-1] = user[1:] != user[:-1]
    early = heads & (view.sessions.began < begins[view.place] + GAP) & (view.began_on >= touched.low[view.place])
    late = tails & (view.sessions.last >= ends[view.place] - GAP) & (view.began_on <= touched.high[view.place])
    cut: Bools = early | late
    return cut


def _write(chunk: Chunk, view: View, touched: Touched, settled: Bools, meanings: Meanings) -> None:
    """Put what was seen in the place of what was known, of those who are settled and of the days that may change."""
    place = np.searchsorted(touched.person, view.trail.person)
    of_user = dict(zip(view.trail.user.tolist(), place.tolist(), strict=True))

    def changes(user: int, day: dt.date) -> bool:
        at = of_user[user]
        return bool(settled[at] and touched.low[at] <= day_number(day) <= touched.high[at])

    found = parts(chunk, view.trail, meanings, view.used, view.sessions)
    replace_users(
        {(account, day, user): part for (account, day, user), part in found.items() if changes(user, day)},
        chunk.received_on,
    )


def _of(view: View, settled: Bools) -> View:
    """The sessions of those who are settled."""
    mine = settled[view.place]
    columns = {name: getattr(view.sessions, name)[mine] for name in Sessions.__slots__}
    return View(view.trail, view.used, Sessions(**columns), view.place[mine], view.began_on[mine])
