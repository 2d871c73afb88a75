"""Storing judgments: snapshots by COPY, the latest row of each account, and the transitions that follow."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from django.db import connection, transaction

from accounts import calendar, columns
from accounts.arrays import numbers_in, plain
from accounts.partitions import ensure_months
from health import listrows, overrides
from health.configuration import InForce
from health.judging import Judged
from health.models import Latest, Override, Run, Snapshot, Transition
from health.models.snapshots import MOST
from health.past import Stood
from health.scoring.card import Band, Bools
from health.scoring.digest import Numbers, digest
from health.scoring.judge import LOOKS_BACK_DAYS, overridden

# Some accounts on a day are found by account. The planner is not told which day: it takes one that is being scored for
# nearly empty, and would read all of it for each bucket.
_ON_THE_DAY = "day = (select %(day)s::date) and account_id = any(%(accounts)s::bigint[])"


def without(accounts: Sequence[int], day: dt.date, which: int) -> list[int]:
    """Those of the accounts, in order, that have no snapshot of this pass, or of a later one, on the day."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select account_id from health_snapshot where {_ON_THE_DAY} and pass >= %(pass)s",
            {"day": day, "pass": which, "accounts": plain(accounts)},
        )
        done = {account for (account,) in cursor.fetchall()}
    return [account for account in accounts if account not in done]


def room(day: dt.date) -> None:
    """See to it that snapshots of `day` have a place. Not within a transaction that has read any: two of those would wait
    for each other."""
    with transaction.atomic():
        ensure_months("health_snapshot", {day})


def store(run: Run, in_force: InForce, groups: Sequence[Judged]) -> list[Transition]:
    """Write what was judged in this pass, in the place of the pass before, within the caller's transaction, for which the
    caller has seen to it that there is `room`. Returns the transitions of the day."""
    accounts = [account for group in groups for account in group.accounts]
    active = overrides.in_force(accounts, calendar.end_of(run.day))
    with connection.cursor() as cursor:
        cursor.execute(
            f"delete from health_snapshot where {_ON_THE_DAY}", {"day": run.day, "accounts": plain(accounts)}
        )
    turns: dict[int, tuple[Stood | None, Stood]] = {}
    for group in groups:
        stands = _write(run, in_force, group, active)
        turns |= dict(zip(group.accounts, zip(group.past.stood, stands, strict=True), strict=True))
    transitions = _tell(run.day, turns)
    # A day that is scored after those that follow it is what they change from.
    for day, later in _later(run.day, {account: stands for account, (_, stands) in turns.items()}).items():
        _tell(day, later)
    _move_on(run, accounts)
    return transitions


def _write(run: Run, in_force: InForce, group: Judged, active: Mapping[int, Override]) -> list[Stood]:
    """Write the rows of a scorecard version's accounts. Returns how these stand now."""
    accounts, verdict, size = group.accounts, group.verdict, len(group.accounts)
    override = np.asarray([active[a].band if a in active else Band.UNKNOWN for a in accounts], dtype=np.int8)
    override_ids = np.asarray([active[a].pk if a in active else 0 for a in accounts], dtype=np.int64)
    before = np.asarray(group.past.band_version, dtype=np.int64)
    effective, _ = overridden(verdict.scored, verdict.computed, override)
    n, ages = stored_counts(group)
    by = {"version": group.version.pk, "settings": in_force.settings.pk, "line_up": in_force.line_up.pk}
    which = identity(accounts, run.day, run.known_at, **by)
    digests = digest(which, group.readings, group.before, n=n, ages=ages, override=override)
    details = np.stack((n, ages, group.read.states), axis=2).reshape(size, -1)

    def same(name: str, kind: str, value: int) -> columns.Cells:
        return columns.numbers(name, kind, np.full(size, value))

    columns.write(
        Snapshot._meta.db_table,
        [
            columns.numbers("account_id", "int8", np.asarray(accounts, dtype=np.int64)),
            columns.days("day", run.day, size),
            columns.moments("known_at", run.known_at, size),
            *(same(f"{document}_id", "int8", number) for document, number in by.items()),
            columns.numbers("before_version_id", "int8", before, absent=before == 0),
            columns.numbers("override_id", "int8", override_ids, absent=override_ids == 0),
            columns.numbers("score", "float8", verdict.score, absent=np.isnan(verdict.score)),
            columns.numbers("coverage", "float8", verdict.coverage),
            columns.numbers("guards_before", "int4", bits(group.before.guards)),
            columns.numbers("guards", "int4", bits(verdict.guards)),
            same("pass", "int2", run.which),
            columns.numbers("band_before", "int2", group.before.bands),
            columns.numbers("scored", "int2", verdict.scored),
            columns.numbers("computed", "int2", verdict.computed),
            columns.numbers("effective", "int2", effective),
            columns.arrays("readings", "float8", group.read.values),
            columns.arrays("details", "int2", details),
            columns.raw("digest", digests),
        ],
    )
    stood = zip(effective.tolist(), override_ids.tolist(), verdict.computed.tolist(), strict=True)
    return [Stood(band, override_id or None, computed) for band, override_id, computed in stood]


def bits(held: Bools) -> Numbers:
    """cases × guards, as one number a case."""
    places: Numbers = 1 << np.arange(held.shape[1])
    return np.asarray((held * places).sum(axis=1), dtype=np.int64)


def stored_counts(group: Judged) -> tuple[Numbers, Numbers]:
    """n and ages as a snapshot holds them, and as its digest counts them."""
    return np.clip(group.read.n, 0, MOST), np.clip(group.read.ages, -1, MOST)


def identity(
    accounts: Sequence[int], day: dt.date, known_at: dt.datetime, *, version: int, settings: int, line_up: int
) -> Numbers:
    """What a digest says by whom and when a case was judged."""
    same = [day.toordinal(), int(known_at.timestamp() * 1_000_000), version, settings, line_up]
    return np.column_stack([np.asarray(accounts, dtype=np.int64), np.tile(same, (len(accounts), 1))])


Turns = Mapping[int, tuple[Stood | None, Stood]]


def _tell(day: dt.date, turns: Turns) -> list[Transition]:
    """Rewrite the transitions of a day: account → how it stood before and how it stands. A first snapshot has none."""
    Transition.objects.filter(account__in=numbers_in(turns), day=day).delete()
    made: list[Transition] = Transition.objects.bulk_create(
        Transition(account_id=account, day=day, kind=kind, before=before, after=after)
        for account, (stood, stands) in turns.items()
        if stood is not None
        for kind, before, after in _changes(stood, stands)
    )
    return made


def _later(day: dt.date, stands: Mapping[int, Stood]) -> dict[dt.date, dict[int, tuple[Stood | None, Stood]]]:
    """Day → account → how it stands after `day` and how it stood on the next day that has a snapshot already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select wanted.account, next.* from unnest(%s::bigint[]) wanted(account) cross join lateral ("
            "select day, effective, override_id, computed from health_snapshot where account_id = wanted.account "
            "and day > %s and day <= %s order by day limit 1) next",
            [plain(stands), day, day + dt.timedelta(days=LOOKS_BACK_DAYS)],
        )
        found: dict[dt.date, dict[int, tuple[Stood | None, Stood]]] = {}
        for account, later, *stood in cursor.fetchall():
            found.setdefault(later, {})[account] = stands[account], Stood(*stood)
    return found


def _changes(before: Stood, now: Stood) -> Iterator[tuple[Transition.Kind, int, int]]:
    """What has become of how an account stood. One override ends where the next begins, at the computed band."""
    if before.override_id == now.override_id:
        if before.effective != now.effective:
            yield Transition.Kind.BAND, before.effective, now.effective
        return
    if before.override_id is not None:
        yield Transition.Kind.OVERRIDE_ENDED, before.effective, now.computed
    if now.override_id is not None:
        was = before.effective if before.override_id is None else now.computed
        yield Transition.Kind.OVERRIDE_BEGAN, was, now.effective


def _move_on(run: Run, accounts: Sequence[int]) -> None:
    """Bring the latest rows up to these snapshots."""
    with connection.cursor() as cursor:
        given: dict[str, Any] = {"accounts": plain(accounts), "day": run.day, "known_at": run.known_at}
        cursor.execute(_LATEST, given)
        cursor.execute(_COMPARED, given)
    listrows.move_on(accounts)


def take_back(run: Run, accounts: Sequence[int]) -> None:
    """Unmake the provisional snapshots of accounts that were no customers on that day after all. Their list rows are moved on
    by the caller, once all latest rows are written."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"delete from health_snapshot where {_ON_THE_DAY} and pass < %(pass)s returning account_id",
            {"day": run.day, "pass": run.which, "accounts": plain(accounts)},
        )
        gone = [account for (account,) in cursor.fetchall()]
    Transition.objects.filter(account__in=numbers_in(gone), day=run.day).delete()
    Latest.objects.filter(account__in=numbers_in(gone), day=run.day).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id, max(day) from health_snapshot where account_id = any(%s) group by account_id", [gone]
        )
        for account, day in cursor.fetchall():
            cursor.execute(_LATEST, {"accounts": plain([account]), "day": day, "known_at": run.known_at})


_LATEST = f"""
insert into health_latest (account_id, day, version_id, score, coverage, scored, computed, effective, churned,
                           score_7, score_30)
select now.account_id, now.day, now.version_id, now.score, now.coverage, now.scored, now.computed, now.effective, false,
       week.score, month.score
from (select * from health_snapshot where {_ON_THE_DAY}) now
left join health_snapshot week on week.account_id = now.account_id and week.day = now.day - 7
left join health_snapshot month on month.account_id = now.account_id and month.day = now.day - 30
order by now.account_id
on conflict (account_id) do update set
    day = excluded.day, version_id = excluded.version_id, score = excluded.score, coverage = excluded.coverage,
    scored = excluded.scored, computed = excluded.computed, effective = excluded.effective, churned = false,
    score_7 = excluded.score_7, score_30 = excluded.score_30,
    preview_at = case when health_latest.preview_at > %(known_at)s then health_latest.preview_at end,
    preview_score = case when health_latest.preview_at > %(known_at)s then health_latest.preview_score end,
    preview_coverage = case when health_latest.preview_at > %(known_at)s then health_latest.preview_coverage end,
    preview_band = case when health_latest.preview_at > %(known_at)s then health_latest.preview_band end
where health_latest.day <= excluded.day
"""

# A day that is scored after those that follow it is what they are compared with. Of most nights there is nothing to do.
_COMPARED = """
with later as materialized (
    select account_id from health_latest
    where account_id = any(%(accounts)s::bigint[]) and day in (%(day)s::date + 7, %(day)s::date + 30)
)
update health_latest latest set
    score_7 = case when latest.day = earlier.day + 7 then earlier.score else latest.score_7 end,
    score_30 = case when latest.day = earlier.day + 30 then earlier.score else latest.score_30 end
from later join health_snapshot earlier on earlier.account_id = later.account_id
where earlier.day = %(day)s and latest.account_id = later.account_id
"""
