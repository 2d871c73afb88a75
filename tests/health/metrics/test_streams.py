"""Would we have heard? Streams that are late, stop, come back, or were never there."""

import datetime as dt

import pytest

from accounts import calendar
from accounts.models import Account, Pulse, Stream, StreamSync
from health.metrics import declare
from health.metrics.cases import Cases
from health.metrics.read import Asked, read
from health.metrics.rules import Rules
from health.metrics.streams import Streams
from health.scoring.card import Band, Card, Group, Measure, State
from health.scoring.judge import Before, Readings, Verdict, judge
from tests.health.metrics.facts import (
    DAY,
    account,
    connected,
    day,
    heard_of,
    moment,
    reading,
    source,
    state,
    value,
    version,
)
from tests.health.metrics.people import after, answer, days, end_user, over, survey, touchpoint, used, weekdays

pytestmark = pytest.mark.django_db

FRESH, HELD, HELD_TOO_LONG = State.FRESH, State.HELD, State.HELD_TOO_LONG


def synced(
    kind: str, through: str | dt.datetime, by: str = "crm", *, received: str | None = None, since: str | None = None
) -> StreamSync:
    """A delivery complete through a moment, and learned then. `since`: history of assumed receipt from there on."""
    stream, _ = Stream.objects.get_or_create(source=source(by), kind=kind)
    complete = moment(through) if isinstance(through, str) else through
    begins = None if since is None else moment(since)
    return StreamSync.objects.create(
        stream=stream,
        source=stream.source,
        at=complete,
        received_at=begins or (complete if received is None else moment(received)),
        complete_from=begins,
        complete_through=complete,
        receipt_assumed=since is not None,
    )


def nightly(kind: str, first: str, last: str, by: str = "crm") -> None:
    """A sync at three in each of these nights."""
    for night in days(first, last):
        synced(kind, f"{night} 03:00", by)


def lag(kind: str, hours: int, by: str = "crm") -> None:
    Stream.objects.filter(kind=kind, source__name=by).update(lag_hours=hours)


@pytest.fixture
def acme(db: None) -> Account:
    """An account with four users, one fewer every second week."""
    made = account()
    heard_of(made, "usage")
    for leaves in ("2025-06-06", "2025-06-20", "2025-07-04", "2025-07-18"):
        used(end_user(made), *weekdays("2025-01-01", leaves))
    return made


# The last complete day


def test_a_sync_that_comes_after_the_nights_scoring_makes_nobody_look_empty(acme: Account) -> None:
    nightly("usage", "2025-06-01", "2025-06-30")
    used(end_user(acme), "2025-06-30", received="2025-07-01")
    # At two on 1 July the sync of 3 o'clock is still to come: 30 June is not complete, 29 June is.
    at_two = reading("days_since_last_use", acme, "2025-06-30", known="2025-07-01 02:00")
    assert at_two == (2.0, FRESH, 1, 1)  # Friday the 27th, as of Sunday the 29th
    assert reading("weekly_active_users", acme, "2025-06-30", known="2025-07-01 02:00") == (2.0, FRESH, 2, 1)
    # One night later it has come, and the day is settled.
    synced("usage", "2025-07-01 03:00")
    assert reading("days_since_last_use", acme, "2025-06-30", known="2025-07-02 02:00") == (0.0, FRESH, 1, 0)


def test_a_stream_is_complete_for_a_day_when_it_reaches_its_last_moment(acme: Account) -> None:
    synced("usage", calendar.end_of(day(DAY)) - calendar.MICROSECOND, received="2025-01-01")
    assert reading("monthly_active_users", acme).age == 1
    synced("usage", calendar.end_of(day(DAY)), received="2025-01-01")
    assert reading("monthly_active_users", acme).age == 0


def test_a_day_of_23_hours_is_complete_at_its_own_end(acme: Account, settings: object) -> None:
    settings.ORGANIZATION_TIME_ZONE = "Europe/Berlin"  # type: ignore[attr-defined]
    # On 30 March 2025 Berlin has 23 hours and ends at 22:00 UTC.
    end = dt.datetime(2025, 3, 30, 22, tzinfo=dt.UTC) - calendar.MICROSECOND
    synced("usage", end - calendar.MICROSECOND, received="2025-01-01")
    assert reading("monthly_active_users", acme, "2025-03-30").age == 1
    synced("usage", end, received="2025-01-01")
    assert reading("monthly_active_users", acme, "2025-03-30").age == 0


# A stream that stops


def test_for_seven_nights_the_readings_of_a_silent_stream_are_held_and_then_too_long(acme: Account) -> None:
    nightly("usage", "2025-06-01", "2025-06-11")
    found = over("monthly_active_users", acme, days("2025-06-09", "2025-06-25"))
    # Complete through 3 o'clock on the 11th, so the last complete day is the 10th; the lag, twice a day, ends on the 13th
    # at three, so that the 13th is the first day that is silent at its end.
    assert [one.state for one in found] == [FRESH] * 4 + [HELD] * 7 + [HELD_TOO_LONG] * 6
    assert [one.age for one in found] == [0, 0, *range(1, 16)]


def test_nothing_moves_while_a_stream_is_silent(acme: Account) -> None:
    nightly("usage", "2025-05-01", "2025-06-11")
    for name in ("monthly_active_users", "weekly_active_users", "days_since_last_use", "usage_trend", "stickiness"):
        found = over(name, acme, days("2025-06-10", "2025-09-10"))
        assert {one.value for one in found} == {found[0].value}


def test_how_long_readings_are_held_is_a_setting(acme: Account) -> None:
    nightly("usage", "2025-06-01", "2025-06-11")
    found = over("monthly_active_users", acme, days("2025-06-12", "2025-06-17"), rules=Rules(hold_days=2))
    assert [one.state for one in found] == [FRESH, HELD, HELD, HELD_TOO_LONG, HELD_TOO_LONG, HELD_TOO_LONG]


def test_when_the_stream_is_back_it_is_read_anew(acme: Account) -> None:
    nightly("usage", "2025-06-01", "2025-06-11")
    synced("usage", "2025-07-10 03:00")
    assert reading("monthly_active_users", acme, "2025-07-09", known="2025-07-09 20:00").state == HELD_TOO_LONG
    # Back: complete through 9 July, and what happened meanwhile is there. From 10 June on three users were active.
    assert reading("monthly_active_users", acme, "2025-07-09", known="2025-07-10 04:00") == (3.0, FRESH, 3, 0)


def test_seven_nights_are_seven_nights_also_where_a_day_has_23_or_25_hours(acme: Account, settings: object) -> None:
    settings.ORGANIZATION_TIME_ZONE = "Europe/Berlin"  # type: ignore[attr-defined]
    for stop, by in (("2025-03-26", "spring"), ("2025-10-22", "autumn")):
        stream = f"usage of {by}"
        synced(stream, calendar.end_of(day(stop)), by, received="2025-01-01")
        lag(stream, 24, by)
        streams = Streams([stream], [acme.pk])
        nights = [
            int(streams.hear((stream,), Cases.on([acme.pk], day(after(stop, later)))).nights[0]) for later in range(12)
        ]
        assert nights == [0, 0, *range(1, 11)], by


def test_an_opinion_stays_what_it_is_whatever_its_source_does(acme: Account) -> None:
    synced("survey-responses", "2025-03-01")
    asked = survey()
    for score in (10, 9, 0):
        answer(acme, asked, "2025-02-20", score)
    found = over("nps", acme, days("2025-03-01", "2025-08-25"), max_age_days=120)
    # 33 from 20 February for 120 days, then it is stale; 180 days later nothing is left in the window.
    assert {one.state for one in found[:112]} == {FRESH}
    assert (found[111].age, found[112].age) == (120, 121)
    assert {one.state for one in found[112:170]} == {State.STALE}
    assert found[-1].state == State.NONE


# Lag


def test_a_stream_is_late_after_twice_its_usual_interval(acme: Account) -> None:
    for through in ("2025-05-04", "2025-05-11", "2025-05-18", "2025-05-25"):
        synced("usage", calendar.end_of(day(through)))
    found = over("monthly_active_users", acme, days("2025-05-25", "2025-06-12"))
    # Every seven days, so fourteen of silence are no silence: through 8 June.
    assert [one.state for one in found].count(FRESH) == 15
    assert found[14].age == 14


def test_the_interval_is_the_median_of_the_last_ten(acme: Account) -> None:
    for through in ("2024-01-01", "2024-07-01", "2025-01-01", *days("2025-05-01", "2025-05-11")):
        synced("usage", calendar.end_of(day(through)))
    found = over("monthly_active_users", acme, days("2025-05-11", "2025-05-15"))
    assert [one.state for one in found] == [FRESH, FRESH, FRESH, HELD, HELD]


def test_the_least_lag_is_36_hours(acme: Account) -> None:
    for hour in range(12):
        synced("usage", f"2025-06-10 {hour:02}:00")
    # The last one at 11:00 on the 10th; 36 hours later it is 23:00 on the 11th.
    found = over("monthly_active_users", acme, days("2025-06-09", "2025-06-12"))
    assert [one.state for one in found] == [FRESH, FRESH, HELD, HELD]


def test_a_streams_own_lag_goes_before_the_usual_one(acme: Account) -> None:
    nightly("usage", "2025-06-01", "2025-06-11")
    lag("usage", 24 * 10)
    found = over("monthly_active_users", acme, days("2025-06-12", "2025-06-22"))
    assert [one.state for one in found] == [FRESH] * 9 + [HELD] * 2


# Which streams


def test_where_no_such_stream_exists_a_metric_is_not_connected(acme: Account) -> None:
    names = ("monthly_active_users", "days_since_last_use", "touchpoints", "nps", "champion", "pulse")
    assert {state(name, acme) for name in names} == {State.NOT_CONNECTED}
    Stream.objects.get_or_create(source=source(), kind="touchpoints")  # declared, and nothing has ever been delivered
    assert state("touchpoints", acme) == State.NOT_CONNECTED


def test_an_account_of_which_no_stream_delivered_anything_is_never_while_others_are_known() -> None:
    connected("survey-responses", "pulses", "touchpoints")
    acme, other = account("Acme"), account("Other")
    heard_of(other, "survey-responses", "pulses", "touchpoints")
    for name in ("nps", "pulse", "meeting_attendance"):
        assert state(name, acme) == State.NEVER
        assert state(name, other) == State.NONE


def test_what_a_stream_delivered_later_is_never_as_known_then() -> None:
    connected("survey-responses")
    acme = account()
    heard_of(acme, "survey-responses", received="2025-06-20")
    assert state("nps", acme, known="2025-06-19") == State.NEVER
    assert state("nps", acme, known="2025-06-21") == State.NONE


def test_of_two_sources_the_slower_decides_for_an_account_that_both_know(acme: Account) -> None:
    synced("usage", calendar.end_of(day("2025-06-29")), "app")
    synced("usage", calendar.end_of(day("2025-06-25")), "warehouse")
    only_app, both = account("Only the app's"), account("Both")
    for made, sources in ((only_app, ["app"]), (both, ["app", "warehouse"])):
        for name in sources:
            heard_of(made, "usage", by=name)
    assert reading("monthly_active_users", only_app, "2025-06-29").age == 0
    assert reading("monthly_active_users", both, "2025-06-29")[1:] == (HELD, 0, 4)


def test_a_metric_over_several_streams_is_complete_when_all_are(acme: Account) -> None:
    connected("usage")
    synced("licenses", calendar.end_of(day("2025-06-28")))
    heard_of(acme, "licenses")
    assert reading("license_utilization", acme, "2025-06-29").age == 1
    assert reading("monthly_active_users", acme, "2025-06-29").age == 0


def test_a_stream_that_is_there_for_some_counts_for_those_whom_it_knows() -> None:
    connected("stakeholders", "touchpoints")
    synced("usage", calendar.end_of(day("2025-06-20")))
    acme, other = account("Acme"), account("Other")
    heard_of(acme, "usage")
    assert reading("stakeholder_engagement", acme).age == 10
    assert reading("stakeholder_engagement", other).age == 0


# Completeness has two clocks


def test_completeness_learned_later_is_unknown_then(acme: Account) -> None:
    synced("usage", "2025-06-10 03:00")
    synced("usage", "2025-06-20 03:00", received="2025-06-25")
    assert reading("monthly_active_users", acme, "2025-06-19", known="2025-06-24").state == HELD_TOO_LONG
    assert reading("monthly_active_users", acme, "2025-06-19", known="2025-06-26") == (4.0, FRESH, 4, 0)


def test_an_import_that_was_taken_back_takes_its_completeness_back(acme: Account) -> None:
    synced("usage", "2025-06-10 03:00")
    undone = synced("usage", "2025-06-20 03:00")
    undone.superseded_at = moment("2025-06-22")
    undone.save()
    assert reading("monthly_active_users", acme, "2025-06-19", known="2025-06-21").age == 0
    assert reading("monthly_active_users", acme, "2025-06-19", known="2025-06-23").age == 10
    assert reading("monthly_active_users", acme, "2025-06-19").age == 10


def test_history_is_assumed_complete_from_its_first_through_its_last_day(acme: Account) -> None:
    synced("usage", calendar.end_of(day("2025-06-20")), since="2025-02-03")
    assert state("monthly_active_users", acme, "2025-02-02") == State.NOT_CONNECTED
    assert reading("monthly_active_users", acme, "2025-02-03").age == 0
    assert reading("monthly_active_users", acme, "2025-06-20").age == 0
    assert reading("monthly_active_users", acme, "2025-06-22").age == 2
    # As known then, each day was complete at its end.
    assert reading("monthly_active_users", acme, "2025-04-30", known="2025-05-01 02:00").age == 0
    assert reading("monthly_active_users", acme, "2025-04-30", known="2025-04-30 22:00").age == 1


def test_nothing_is_complete_beyond_what_was_known(acme: Account) -> None:
    connected("usage", through="2030-01-01")
    assert reading("monthly_active_users", acme, "2025-06-30", known="2025-06-28 12:00").age == 3


# What a score makes of it


def scored(account: Account, when: list[str], **weights: float) -> Verdict:
    """An account on many days, scored by some metrics in one group: metric → its weight."""
    metrics = [declare.get(name)[0] for name in weights]
    scorecard = Card(
        groups=(Group(key="all", weight=100),),
        measures=tuple(
            Measure(key=metric.key, slot=slot, group=0, weight=weights[metric.key], scale=metric.scale)
            for slot, metric in enumerate(metrics)
        ),
    )
    asked = [Asked(metric=metric) for metric in metrics]
    found = read(asked, Cases([account.pk] * len(when), [day(one) for one in when]), Rules())
    return judge(scorecard, Readings(found.values, found.states), Before.nothing(scorecard, len(when)))


def test_held_readings_cover_for_seven_nights_and_then_count_without_covering(acme: Account) -> None:
    nightly("usage", "2025-05-01", "2025-06-11")
    connected("touchpoints")
    for on in ("2025-06-01", "2025-06-05", "2025-06-09"):
        touchpoint(acme, on)
    verdict = scored(acme, days("2025-06-12", "2025-06-25"), monthly_active_users=3, touchpoints=1)
    # One night late, seven held, six held too long, in which only the touchpoints cover: 1 of 4.
    assert list(verdict.coverage) == [1.0] * 8 + [0.25] * 6
    assert len(set(verdict.points[:, 0])) == 1
    assert len(set(verdict.score)) == 1


def test_while_a_source_is_dead_no_score_rises_or_falls_by_it(acme: Account) -> None:
    nightly("usage", "2025-05-01", "2025-06-11")
    when = days("2025-06-10", "2025-09-30")
    verdict = scored(acme, when, monthly_active_users=1, usage_trend=1, days_since_last_use=1, stickiness=1)
    assert len(set(verdict.score)) == 1


def test_an_account_with_too_much_held_turns_unknown_and_keeps_its_score(acme: Account) -> None:
    nightly("usage", "2025-05-01", "2025-06-11")
    verdict = scored(acme, days("2025-06-19", "2025-06-20"), monthly_active_users=1)
    assert list(verdict.coverage) == [1, 0]
    assert [Band(band) for band in verdict.scored] == [Band.RED, Band.UNKNOWN]
    assert verdict.score[0] == verdict.score[1]


# What is logged by hand


def by_hand(acme: Account, kind: str = "touchpoints", received: str = "2025-06-01") -> None:
    heard_of(acme, kind, by="verdant", received=received)


def test_a_touchpoint_logged_by_hand_is_heard_of_where_no_other_stream_brings_any() -> None:
    acme = account()
    touchpoint(acme, "2025-06-20")
    assert state("days_since_touchpoint", acme) == State.NOT_CONNECTED
    by_hand(acme)
    assert reading("days_since_touchpoint", acme) == (10.0, FRESH, 1, 0)


def test_logging_by_hand_for_one_account_says_nothing_of_the_others() -> None:
    acme, other = account(), account("Other")
    by_hand(acme)
    assert state("touchpoints", acme) == FRESH
    assert state("touchpoints", other) == State.NOT_CONNECTED


def test_what_is_logged_by_hand_is_never_silent() -> None:
    acme = account()
    touchpoint(acme, "2025-01-20", received="2025-01-20")
    by_hand(acme, received="2025-01-20")
    assert reading("days_since_touchpoint", acme, known="2025-07-01 02:00")[1:] == (FRESH, 1, 0)


def test_what_is_logged_by_hand_does_not_make_a_silent_source_complete() -> None:
    acme = account()
    synced("touchpoints", "2025-06-20 03:00")
    before = reading("days_since_touchpoint", acme)
    by_hand(acme)
    after_it = reading("days_since_touchpoint", acme)
    assert (before.state, before.age) == (after_it.state, after_it.age) == (HELD_TOO_LONG, 11)


def test_what_is_logged_by_hand_in_the_course_of_a_day_makes_only_the_days_before_complete() -> None:
    acme = account()
    touchpoint(acme, "2025-06-20")
    by_hand(acme)
    assert reading("days_since_touchpoint", acme, known="2025-06-30 15:00") == (9.0, FRESH, 1, 1)


def test_a_pulse_set_by_hand_counts_without_any_other_source() -> None:
    acme = account()
    version(Pulse, acme, received="2025-06-20", at=moment("2025-06-20"), rating=4)
    by_hand(acme, "pulses")
    assert value("pulse", acme) == 4.0
