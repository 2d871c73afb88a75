"""Storing judgments: snapshots by COPY, the latest row of each account, and the transitions that follow."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from django.db import connection, transaction

from accounts import calendar
from accounts.partitions import ensure_months
from accounts.versions import copy_in
from health import overrides
from health.configuration import InForce
from health.judging import Judged
from health.models import Latest, Override, Run, Snapshot, Transition
from health.models.snapshots import MOST
from health.past import Stood
from health.scoring.card import Band
from health.scoring.digest import Numbers, digest
from health.scoring.judge import LOOKS_BACK_DAYS, overridden

COLUMNS = (
    *("account_id", "day", "known_at", "version_id", "settings_id", "line_up_id", "before_version_id", "override_id"),
    *("score", "coverage", "guards_before", "guards", "pass", "band_before", "scored", "computed", "effective"),
    *("readings", "details", "digest"),
)


def without(accounts: Sequence[int], day: dt.date, which: int) -> list[int]:
    """Those of the accounts, in order, that have no snapshot of this pass, or of a later one, on the day."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id from health_snapshot where day = %s and pass >= %s and account_id = any(%s)",
            [day, which, list(accounts)],
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
    rows: list[tuple[Any, ...]] = []
    turns: dict[int, tuple[Stood | None, Stood]] = {}
    for group in groups:
        stands = _as_stored(run, in_force, group, active, rows)
        turns |= dict(zip(group.accounts, zip(group.past.stood, stands, strict=True), strict=True))
    with connection.cursor() as cursor:
        cursor.execute("delete from health_snapshot where day = %s and account_id = any(%s)", [run.day, accounts])
    copy_in(Snapshot, COLUMNS, rows)
    transitions = _tell(run.day, turns)
    # A day that is scored after those that follow it is what they change from.
    for day, later in _later(run.day, {account: stands for account, (_, stands) in turns.items()}).items():
        _tell(day, later)
    _move_on(run, accounts)
    return transitions


def _as_stored(
    run: Run, in_force: InForce, group: Judged, active: Mapping[int, Override], rows: list[tuple[Any, ...]]
) -> list[Stood]:
    """Add the rows of a scorecard version's accounts. Returns how these stand now."""
    override = np.asarray([active[a].band if a in active else Band.UNKNOWN for a in group.accounts], dtype=np.int8)
    effective, _ = overridden(group.verdict.scored, group.verdict.computed, override)
    digests = _digests(run, in_force, group, override)
    stands = []
    for case, account in enumerate(group.accounts):
        score = float(group.verdict.score[case])
        override_id = active[account].pk if account in active else None
        stands.append(Stood(int(effective[case]), override_id, int(group.verdict.computed[case])))
        rows.append(
            (account, run.day, run.known_at, group.version.pk, in_force.settings.pk, in_force.line_up.pk)
            + (group.past.band_version[case] or None, override_id)
            + (None if np.isnan(score) else score, float(group.verdict.coverage[case]))
            + (_bits(group.before.guards[case]), _bits(group.verdict.guards[case]), run.which)
            + (int(group.before.bands[case]), int(group.verdict.scored[case]), int(group.verdict.computed[case]))
            + (int(effective[case]), group.read.values[case].tolist(), _details(group, case), digests[case])
        )
    return stands


def _bits(held: Any) -> int:
    return sum(1 << index for index, one in enumerate(held) if one)


def _details(group: Judged, case: int) -> list[int]:
    n, ages = stored_counts(group)
    columns = (n[case], ages[case], group.read.states[case])
    details: list[int] = np.stack(columns, axis=1).reshape(-1).astype(int).tolist()
    return details


def stored_counts(group: Judged) -> tuple[Numbers, Numbers]:
    """n and ages as a snapshot holds them, and as its digest counts them."""
    return np.clip(group.read.n, 0, MOST), np.clip(group.read.ages, -1, MOST)


def _digests(run: Run, in_force: InForce, group: Judged, override: Any) -> list[bytes]:
    n, ages = stored_counts(group)
    which = identity(
        group.accounts, run.day, run.known_at,
        version=group.version.pk, settings=in_force.settings.pk, line_up=in_force.line_up.pk,
    )  # fmt: skip
    return digest(which, group.readings, group.before, n=n, ages=ages, override=override)


def identity(
    accounts: Sequence[int], day: dt.date, known_at: dt.datetime, *, version: int, settings: int, line_up: int
) -> Numbers:
    """What a digest says by whom and when a case was judged."""
    same = [day.toordinal(), int(known_at.timestamp() * 1_000_000), version, settings, line_up]
    return np.column_stack([np.asarray(accounts, dtype=np.int64), np.tile(same, (len(accounts), 1))])


Turns = Mapping[int, tuple[Stood | None, Stood]]


def _tell(day: dt.date, turns: Turns) -> list[Transition]:
    """Rewrite the transitions of a day: account → how it stood before and how it stands. A first snapshot has none."""
    Transition.objects.filter(account__in=turns, day=day).delete()
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
            [list(stands), day, day + dt.timedelta(days=LOOKS_BACK_DAYS)],
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
        cursor.execute(_LATEST, {"accounts": list(accounts), "day": run.day, "known_at": run.known_at})
        # A day that is scored after those that follow it is what they are compared with.
        for column, days in (("score_7", 7), ("score_30", 30)):
            cursor.execute(
                f"update health_latest latest set {column} = earlier.score from health_snapshot earlier "
                "where earlier.day = %(day)s and earlier.account_id = any(%(accounts)s) "
                "and latest.account_id = earlier.account_id and latest.day = %(later)s",
                {"accounts": list(accounts), "day": run.day, "later": run.day + dt.timedelta(days=days)},
            )


def take_back(run: Run, accounts: Sequence[int]) -> None:
    """Unmake the provisional snapshots of accounts that were no customers on that day after all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from health_snapshot where day = %s and pass < %s and account_id = any(%s) returning account_id",
            [run.day, run.which, list(accounts)],
        )
        gone = [account for (account,) in cursor.fetchall()]
    Transition.objects.filter(account__in=gone, day=run.day).delete()
    Latest.objects.filter(account__in=gone, day=run.day).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id, max(day) from health_snapshot where account_id = any(%s) group by account_id", [gone]
        )
        for account, day in cursor.fetchall():
            cursor.execute(_LATEST, {"accounts": [account], "day": day, "known_at": run.known_at})


_LATEST = """
insert into health_latest (account_id, day, version_id, score, coverage, scored, computed, effective, churned,
                           score_7, score_30)
select now.account_id, now.day, now.version_id, now.score, now.coverage, now.scored, now.computed, now.effective, false,
       week.score, month.score
from health_snapshot now
left join health_snapshot week on week.account_id = now.account_id and week.day = now.day - 7
left join health_snapshot month on month.account_id = now.account_id and month.day = now.day - 30
where now.day = %(day)s and now.account_id = any(%(accounts)s)
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
