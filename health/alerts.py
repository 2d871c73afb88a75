"""What people are told: one alert for each cause, for as long as it lasts, and nothing that they did themselves.

An alert is raised in the transaction that stores what it is about, and the same cause is never raised twice, so that a
night that is interrupted and done again tells everything once.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

import numpy as np
from django.db.models import Q

from accounts import calendar
from accounts.arrays import numbers_in
from accounts.models import Stream
from health import words
from health.configuration import InForce
from health.judging import Judged
from health.metrics.streams import IF_ANY, Streams
from health.models import Alert, Override, Run, Transition
from health.scorecards import asked_of
from health.scoring.card import Band, State
from health.scoring.judge import Before, Readings, judge

# Owners are told so many days before an override ends.
AHEAD_DAYS = 3

Kind = Alert.Kind


def raise_for(run: Run, group: Judged, transitions: Sequence[Transition]) -> None:
    """Alert of what a pass of the night found for these accounts, and end what it found to be over or not so after all."""
    moment = run.started_at
    turns = {turn.account_id: turn for turn in transitions if turn.kind == Transition.Kind.BAND}
    overrides = {turn.account_id for turn in transitions if turn.kind != Transition.Kind.BAND}
    told = [
        _band_changed(run, turns[account], moment)
        for case, account in enumerate(group.accounts)
        if account in turns and not _is_quiet(group, case, turns[account])
    ]
    _take_back(run, group.accounts, moment, but={(alert.account_id, alert.says) for alert in told})
    told += [
        alert
        for case, account in enumerate(group.accounts)
        if account not in overrides and (alert := _moved_under_override(run, group, case, moment))
    ]
    _raise(told)
    _guards(group, run.day, moment)


def preview(group: Judged, now: dt.datetime) -> None:
    """Alert of guards that begin to hold between nights."""
    _guards(group, calendar.day_of(now), now, end=False)


def take_back(run: Run, accounts: Collection[int]) -> None:
    """End the alerts of a band that an account turned out not to have had on the day."""
    _take_back(run, accounts, run.started_at)


# --- Bands -----------------------------------------------------------------------------------------------------------


def _is_quiet(group: Judged, case: int, turn: Transition) -> bool:
    """Coming back from unknown to the last known band is no news, and one that turns unknown for want of a source is
    that source's alert, not the account's."""
    if turn.before == Band.UNKNOWN:
        return bool(group.before.bands[case] == turn.after)
    return turn.after == Band.UNKNOWN and _would_be_known(group, case)


def _would_be_known(group: Judged, case: int) -> bool:
    """Whether it is unknown only because sources are silent: covered by what is held of them, it would have a band."""
    states = group.read.states[case : case + 1]
    held = states == State.HELD_TOO_LONG
    if not held.any():
        return False
    readings = Readings(group.read.values[case : case + 1], np.where(held, State.HELD, states).astype(np.int16))
    again = judge(group.card, readings, Before.nothing(group.card, 1))
    return bool(again.scored[0] != Band.UNKNOWN)


def _band_changed(run: Run, turn: Transition, moment: dt.datetime) -> Alert:
    return Alert(
        kind=Kind.BAND_CHANGED, account_id=turn.account_id, cause=str(run.day), day=run.day, raised_at=moment,
        says=f"{words.band(Band(turn.before)).capitalize()} to {words.band(Band(turn.after))}.",
    )  # fmt: skip


def _take_back(
    run: Run, accounts: Collection[int], moment: dt.datetime, but: Collection[tuple[int | None, str]] = ()
) -> None:
    """What the second pass takes back, or finds to be another change, is told as taken back to whoever was told."""
    told = Alert.objects.filter(kind=Kind.BAND_CHANGED, day=run.day, account__in=numbers_in(accounts), ended_at=None)
    wrong = [alert for alert in told if (alert.account_id, alert.says) not in but]
    for alert in wrong:
        alert.ended_at, alert.seen_at, alert.seen_by = max(moment, alert.raised_at), None, None
        alert.says = f"Taken back by later data: {alert.says[:1].lower()}{alert.says[1:]}"
    Alert.objects.bulk_update(wrong, ["ended_at", "seen_at", "seen_by", "says"])


def _moved_under_override(run: Run, group: Judged, case: int, moment: dt.datetime) -> Alert | None:
    stood, computed = group.past.stood[case], int(group.verdict.computed[case])
    if stood is None or stood.override_id is None or stood.computed == computed:
        return None
    return Alert(
        kind=Kind.MOVED_UNDER_OVERRIDE, account_id=group.accounts[case], cause=str(stood.override_id), day=run.day,
        raised_at=moment,
        says=f"Moved under your override: computed {words.band(Band(computed))}, "
        f"was {words.band(Band(stood.computed))}.",
    )  # fmt: skip


# --- Guards ----------------------------------------------------------------------------------------------------------


def _guards(group: Judged, day: dt.date, moment: dt.datetime, *, end: bool = True) -> None:
    """Alert of each guard that holds now and did not before; where `end`, end those that hold no longer."""
    stated = zip(group.parts.guards, group.card.guards, strict=True)
    labels = [words.guard(rule, group.asked[guard.slot]) for rule, guard in stated]
    _raise(
        Alert(
            kind=Kind.GUARD_HOLDS, account_id=group.accounts[case], cause=labels[index], day=day, raised_at=moment,
            says=f"A guard applies: {labels[index]}.",
        )
        for case, index in np.argwhere(group.verdict.guards & ~group.before.guards).tolist()
    )  # fmt: skip
    if end:
        _let_go(group, labels, day, moment)


def _let_go(group: Judged, labels: Sequence[str], day: dt.date, moment: dt.datetime) -> None:
    """End the alerts of guards that hold no longer, or that stand on no card any more."""
    told = Alert.objects.filter(kind=Kind.GUARD_HOLDS, account__in=numbers_in(group.accounts), ended_at=None)
    told = told.filter(raised_at__lte=moment, day__lte=day)
    holding = {(group.accounts[case], labels[index]) for case, index in np.argwhere(group.verdict.guards).tolist()}
    over = [
        pk for pk, account, cause in told.values_list("pk", "account_id", "cause") if (account, cause) not in holding
    ]
    Alert.objects.filter(pk__in=over).update(ended_at=moment)


# --- Overrides -------------------------------------------------------------------------------------------------------


def watch_overrides(now: dt.datetime) -> None:
    """Tell owners of the overrides that end within three days, and end what was told of those that ended."""
    today = calendar.day_of(now)
    ahead = today + dt.timedelta(days=AHEAD_DAYS)
    soon = Override.objects.filter(ended_at=None, last_day__gte=today, last_day__lte=ahead)
    _raise(ending(override, now) for override in soon)
    over = Override.objects.filter(Q(ended_at__isnull=False) | Q(last_day__lt=today))
    causes = [str(number) for number in over.filter(account__alerts__ended_at=None).values_list("pk", flat=True)]
    told = Alert.objects.filter(kind__in=[Kind.OVERRIDE_ENDS, Kind.MOVED_UNDER_OVERRIDE], cause__in=causes)
    told.filter(ended_at=None, raised_at__lte=now).update(ended_at=now)


def override_was_set(override: Override) -> None:
    """Tell of one that ends within three days at once."""
    if override.last_day <= calendar.day_of(override.set_at) + dt.timedelta(days=AHEAD_DAYS):
        _raise([ending(override, override.set_at)])


def ending(override: Override, moment: dt.datetime) -> Alert:
    last = override.last_day
    return Alert(
        kind=Kind.OVERRIDE_ENDS, account_id=override.account_id, cause=str(override.pk), day=calendar.day_of(moment),
        raised_at=moment, says=f"The override to {words.band(Band(override.band))} ends with {last:%b} {last.day}.",
    )  # fmt: skip


# --- Sources ---------------------------------------------------------------------------------------------------------


def watch_sources(run: Run, in_force: InForce) -> None:
    """One alert for each stream that scores rest on and that is silent, however many accounts it leaves unknown."""
    moment = run.started_at
    kinds = {
        kind.removesuffix(IF_ANY)
        for version in in_force.versions
        for asked in asked_of(version)
        if not asked.metric.is_opinion
        for kind in asked.metric.streams
    }
    silent = Streams(kinds, ()).silent(run.day, run.known_at)
    streams = Stream.objects.select_related("source").in_bulk(list(silent))
    _raise(
        Alert(
            kind=Kind.SOURCE_SILENT, stream=streams[number], day=run.day, raised_at=moment,
            says=f"{_title(streams[number])}: nothing since {_day(since)}. What was read last is held.",
        )
        for number, since in silent.items()
    )  # fmt: skip
    back = Alert.objects.filter(kind=Kind.SOURCE_SILENT, ended_at=None, raised_at__lte=moment)
    back.exclude(stream__in=list(silent)).update(ended_at=moment)


def _title(stream: Stream) -> str:
    return f"{stream.kind.replace('-', ' ').capitalize()} from {stream.source}"


def _day(moment: dt.datetime) -> str:
    day = calendar.day_of(moment)
    return f"{day:%b} {day.day}"


def _raise(alerts: Iterable[Alert]) -> None:
    """Each cause once, whoever else raises it."""
    Alert.objects.bulk_create(alerts, ignore_conflicts=True)
