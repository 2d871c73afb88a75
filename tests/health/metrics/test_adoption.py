"""The nine adoption metrics, by hand. 2025-06-30 is a Monday; June 2025 begins on a Sunday and has 21 working days."""

import pytest

from accounts import activity
from accounts.models import Feature, Origin, UsageCount, UserActivity, UserDay
from health.metrics.cases import Cases
from health.metrics.read import summed
from health.metrics.rules import Rules
from health.metrics.usage import features_used
from health.scoring.card import State
from tests.health.metrics.facts import (
    DAY,
    account,
    connected,
    corrected,
    day,
    reading,
    state,
    value,
    version,
)
from tests.health.metrics.people import before, days, end_user, licensed, over, used, used_feature, users, weekdays

pytestmark = pytest.mark.django_db

JUNE = weekdays("2025-06-01", DAY)


@pytest.fixture(autouse=True)
def _connected(db: None) -> None:
    connected("usage", "licenses")


# Utilization and adoption: people ÷ seats


def test_license_utilization_is_active_users_of_the_month_by_seats() -> None:
    acme = account()
    licensed(acme, seats=10)
    users(acme, 4, "2025-06-16", "2025-06-17")
    assert reading("license_utilization", acme) == (40.0, State.FRESH, 10, 0)


def test_utilization_over_100_percent_is_read_as_it_is() -> None:
    acme = account()
    licensed(acme, seats=2)
    users(acme, 3, DAY)
    assert value("license_utilization", acme) == 150


def test_weekly_adoption_is_active_users_of_seven_days_by_seats() -> None:
    acme = account()
    licensed(acme, seats=8)
    users(acme, 2, "2025-06-24")  # the first day of the window
    users(acme, 1, "2025-06-23")  # the day before
    assert value("weekly_adoption", acme) == 25


# Active users


def test_a_window_holds_its_first_and_its_last_day_and_no_other() -> None:
    acme = account()
    for one in ("2025-05-31", "2025-06-01", "2025-06-30", "2025-07-01"):
        users(acme, 1, one)
    assert value("monthly_active_users", acme) == 2  # 1 June and 30 June


def test_a_user_counts_once_however_often_active() -> None:
    acme = account()
    users(acme, 3, *days("2025-06-20", DAY))
    assert (value("weekly_active_users", acme), value("monthly_active_users", acme)) == (3, 3)


def test_a_week_counts_once_it_is_over_and_while_its_last_day_is_in_the_window() -> None:
    acme = account()
    for monday in ("2025-05-25", "2025-05-26", "2025-06-24", "2025-06-25"):  # ends 31 May, 1 June, 30 June, 1 July
        users(acme, 1, monday, grain=7)
    assert value("monthly_active_users", acme) == 2


def test_a_day_without_events_is_not_use() -> None:
    acme = account()
    used(end_user(acme), DAY, events=0)
    assert value("monthly_active_users", acme) == 0


def test_staff_never_count() -> None:
    acme = account()
    used(end_user(acme, "support agent", internal=True), *JUNE)
    users(acme, 1, DAY)
    assert [value(name, acme) for name in ("monthly_active_users", "weekly_active_users")] == [1, 1]
    assert value("days_since_last_use", acme, "2025-06-29") == (day("2025-06-29") - day("2020-01-01")).days


def test_that_somebody_is_staff_counts_from_when_it_was_known() -> None:
    acme = account()
    tester = end_user(acme, "tester")
    used(tester, "2025-06-02")
    corrected(tester, "2025-06-20", internal=True)
    assert value("monthly_active_users", acme, "2025-06-30", known="2025-06-19") == 1
    assert value("monthly_active_users", acme, "2025-06-30", known="2025-06-21") == 0
    assert value("monthly_active_users", acme) == 0


def test_another_account_changes_nothing_and_one_person_at_two_accounts_is_two_end_users() -> None:
    acme, other = account("Acme"), account("Other")
    for one in (acme, other):
        licensed(one, seats=10)
    users(acme, 2, *JUNE)
    alone = [reading(name, acme) for name in NAMES]
    users(other, 7, *JUNE)
    assert [reading(name, acme) for name in NAMES] == alone
    assert value("monthly_active_users", other) == 7


NAMES = (
    "license_utilization",
    "weekly_adoption",
    "daily_active_users",
    "weekly_active_users",
    "monthly_active_users",
    "stickiness",
    "days_since_last_use",
    "usage_trend",
)


def test_what_is_received_later_is_invisible_as_known_then() -> None:
    acme = account()
    licensed(acme, seats=10)
    used(end_user(acme), "2025-06-10", received="2025-06-25")
    assert value("monthly_active_users", acme, known="2025-06-24") == 0
    assert value("monthly_active_users", acme, known="2025-06-25") == 1
    assert value("license_utilization", acme, known="2025-06-24") == 0


def test_a_corrected_count_reads_as_it_was_known() -> None:
    acme = account()
    used(end_user(acme), "2025-06-10")
    UserDay.objects.update(superseded_on=day("2025-06-20"))
    activity.derive_all(activity.USERS)
    assert value("monthly_active_users", acme, known="2025-06-19") == 1
    assert value("monthly_active_users", acme, known="2025-06-20") == 0
    assert value("monthly_active_users", acme) == 0


# Daily use: working days


def test_daily_active_users_is_the_mean_of_the_last_five_working_days() -> None:
    acme = account()
    users(acme, 1, "2025-06-24", "2025-06-25", "2025-06-26", "2025-06-27", "2025-06-30")
    users(acme, 1, "2025-06-25", "2025-06-29")  # a Wednesday and a Sunday
    users(acme, 1, "2025-06-23")  # the sixth working day back
    assert reading("daily_active_users", acme) == (1.2, State.FRESH, 5, 0)  # (5 + 1) ÷ 5


def test_a_weekend_reads_like_the_friday_before_it() -> None:
    acme = account()
    users(acme, 3, *weekdays("2025-06-01", "2025-06-27"))
    assert [one.value for one in over("daily_active_users", acme, days("2025-06-27", "2025-06-29"))] == [3, 3, 3]


def test_holidays_are_no_working_days() -> None:
    acme = account()
    rules = Rules(holidays=frozenset({day("2025-06-26"), day("2025-06-27")}))
    users(acme, 1, "2025-06-24", "2025-06-25", "2025-06-26", "2025-06-27", "2025-06-30")  # three of them working days
    users(acme, 2, "2025-06-20")  # now the fifth working day back
    users(acme, 4, "2025-06-19")
    assert value("daily_active_users", acme, rules=rules) == 1.0  # (3 + 2) ÷ 5


def test_the_working_week_is_that_of_the_calendar() -> None:
    acme = account()
    rules = Rules(weekdays=frozenset({7, 1, 2, 3, 4}))  # Sunday to Thursday
    users(acme, 5, "2025-06-29")  # a Sunday
    users(acme, 5, "2025-06-27")  # a Friday
    assert value("daily_active_users", acme, rules=rules) == 1.0  # 5 ÷ 5


def test_the_five_working_days_are_at_most_fourteen_days_back() -> None:
    acme = account()
    rules = Rules(holidays=frozenset(map(day, weekdays("2025-06-17", "2025-06-26"))))
    users(acme, 1, "2025-06-16", "2025-06-27", "2025-06-30")  # the 16th is 15 days back
    assert reading("daily_active_users", acme, rules=rules) == (1.0, State.FRESH, 2, 0)  # (1 + 1) ÷ 2


def test_without_a_working_day_daily_metrics_are_not_applicable() -> None:
    acme = account()
    users(acme, 1, *JUNE)
    rules = Rules(holidays=frozenset(map(day, JUNE)))
    assert state("daily_active_users", acme, rules=rules) == State.NOT_APPLICABLE
    assert state("stickiness", acme, rules=rules) == State.NOT_APPLICABLE


def test_stickiness_is_50_percent_where_half_the_months_users_are_there_each_day() -> None:
    acme = account()
    users(acme, 2, *JUNE[:11])
    users(acme, 2, *JUNE[11:])
    # 2 users on each of 21 working days = 42 ÷ 21 = 2, of 4
    assert reading("stickiness", acme) == (50.0, State.FRESH, 4, 0)


def test_stickiness_takes_a_weekend_user_for_one_of_the_month_and_of_no_working_day() -> None:
    acme = account()
    users(acme, 2, *JUNE)
    users(acme, 2, "2025-06-28")
    assert value("stickiness", acme) == 50


def test_who_was_counted_and_tracked_on_the_same_day_was_there_once() -> None:
    acme = account()
    both, counted = end_user(acme), end_user(acme)
    used(counted, *JUNE)
    for origin in Origin:
        used(both, *JUNE, origin=origin)
    told = {key: value(key, acme) for key in ("daily_active_users", "monthly_active_users", "stickiness")}
    assert told == {"daily_active_users": 2, "monthly_active_users": 2, "stickiness": 100}
    # As from the rows themselves, which are read where bitmaps cannot tell.
    UserActivity.objects.update(changed_on=day("2025-07-30"))
    assert told == {key: value(key, acme) for key in told}


def test_counts_by_the_week_make_daily_metrics_not_applicable() -> None:
    acme = account()
    licensed(acme, seats=4)
    users(acme, 2, *[one for one in days("2025-01-06", "2025-06-23") if day(one).isoweekday() == 1], grain=7)
    assert state("daily_active_users", acme) == State.NOT_APPLICABLE
    assert state("stickiness", acme) == State.NOT_APPLICABLE
    assert value("monthly_active_users", acme) == 2
    assert value("license_utilization", acme) == 50
    # And they stay so when no more comes.
    later = days("2025-07-01", "2025-10-28")
    for name in ("daily_active_users", "stickiness"):
        assert {one.state for one in over(name, acme, later)} == {State.NOT_APPLICABLE}


def test_counts_by_the_day_beside_those_by_the_week_make_daily_metrics_applicable() -> None:
    acme = account()
    users(acme, 1, "2025-06-02", "2025-06-09", "2025-06-16", "2025-06-23", grain=7)
    users(acme, 1, "2025-06-20", "2025-06-27")
    assert value("daily_active_users", acme) == 0.2


# Features


CORE = Rules(core_features=("Plan", "Report", "Export", "Share"))


def test_feature_breadth_is_core_features_used_by_core_features() -> None:
    acme = account()
    used_feature(acme, "Plan", "2025-06-01", DAY)
    used_feature(acme, "Report", "2025-06-10")
    used_feature(acme, "Chat", DAY)  # not core
    used_feature(acme, "Export", "2025-05-31")  # before the window
    used_feature(acme, "Share", DAY, uses=0)
    assert reading("feature_breadth", acme, rules=CORE) == (50.0, State.FRESH, 4, 0)


def test_without_core_features_feature_breadth_is_not_applicable() -> None:
    acme = account()
    used_feature(acme, "Plan", DAY)
    assert state("feature_breadth", acme) == State.NOT_APPLICABLE


def test_a_feature_that_only_staff_used_is_not_used() -> None:
    acme = account()
    staff = end_user(acme, "staff", internal=True)
    used_feature(acme, "Plan", "2025-06-10", uses=3)
    used_feature(acme, "Report", "2025-06-10", uses=3)
    for name, count in (("Plan", 3), ("Report", 2)):
        version(
            UsageCount, acme, received="2025-06-10", end_user_record=staff.record, count=count,
            feature_id=Feature.objects.get(name=name).pk, day=day("2025-06-10"),
        )  # fmt: skip
    assert value("feature_breadth", acme, rules=CORE) == 25  # Report: 1 of 3 uses was the customer's


def test_feature_days_received_later_are_invisible_as_known_then() -> None:
    acme = account()
    used_feature(acme, "Plan", "2025-06-10", received="2025-06-25")
    assert value("feature_breadth", acme, known="2025-06-24", rules=CORE) == 0
    assert value("feature_breadth", acme, known="2025-06-26", rules=CORE) == 25


# Silence


def test_days_since_last_use_counts_from_the_last_day_of_use() -> None:
    acme = account()
    users(acme, 1, "2025-03-01", "2025-06-10", "2025-07-05")
    assert reading("days_since_last_use", acme) == (20.0, State.FRESH, 1, 0)
    assert value("days_since_last_use", acme, "2025-06-10") == 0


def test_days_since_last_use_are_those_of_the_accounts_life_where_nobody_ever_came() -> None:
    acme = account()
    licensed(acme, "2025-06-01")
    assert value("days_since_last_use", acme) == 29
    assert value("days_since_last_use", acme, "2025-06-01") == 0


def test_a_week_was_last_used_on_its_last_day() -> None:
    acme = account()
    users(acme, 1, "2025-06-02", grain=7)
    assert value("days_since_last_use", acme, "2025-06-10") == 2


def test_usage_trend_compares_two_windows_that_touch() -> None:
    acme = account()
    users(acme, 6, "2025-06-03")  # the first day of the window
    users(acme, 8, "2025-06-02")  # the last day of the one before
    users(acme, 5, "2025-05-05")  # before both
    assert reading("usage_trend", acme) == (-25.0, State.FRESH, 8, 0)  # (6 − 8) ÷ 8


def test_usage_trend_from_users_to_none_is_minus_100() -> None:
    acme = account()
    users(acme, 4, "2025-05-20")
    assert value("usage_trend", acme) == -100


def test_usage_trend_stays_at_minus_100_when_nobody_has_been_there_for_long() -> None:
    acme = account()
    users(acme, 4, "2025-01-20")
    assert value("usage_trend", acme) == -100


def test_a_change_from_0_to_more_than_0_is_missing() -> None:
    acme = account()
    users(acme, 4, "2025-01-20", "2025-06-20")
    assert state("usage_trend", acme) == State.NOT_APPLICABLE


def test_a_trend_needs_both_its_windows() -> None:
    acme, older = account(), account("Older")
    licensed(acme, before(DAY, 54))  # 55 days
    licensed(older, before(DAY, 55))  # 56 = 2 · 28
    for one in (acme, older):
        users(one, 2, "2025-05-20", "2025-06-20")
    assert state("usage_trend", acme) == State.TOO_YOUNG
    assert value("usage_trend", older) == 0


@pytest.mark.parametrize(
    ("name", "dead"),
    [
        ("license_utilization", 0),
        ("weekly_adoption", 0),
        ("daily_active_users", 0),
        ("weekly_active_users", 0),
        ("monthly_active_users", 0),
        ("stickiness", 0),
        ("feature_breadth", 0),
        ("usage_trend", -100),
    ],
)
def test_an_account_seen_before_reads_the_dead_value(name: str, dead: float) -> None:
    acme = account()
    licensed(acme)
    users(acme, 3, *weekdays("2025-01-01", "2025-02-28"))
    assert reading(name, acme, rules=CORE)[:2] == (dead, State.FRESH)


def test_never_is_missing_until_the_account_is_one_window_old_and_then_the_dead_value() -> None:
    acme = account(since=before(DAY, 28))
    licensed(acme, before(DAY, 28))  # 29 days old
    assert state("license_utilization", acme) == State.NEVER
    assert reading("license_utilization", acme, "2025-07-01")[:2] == (0.0, State.FRESH)
    assert reading("weekly_active_users", acme)[:2] == (0.0, State.FRESH)


# The account's life


def test_an_account_younger_than_seven_days_is_too_young() -> None:
    acme = account()
    licensed(acme, "2025-06-24")
    users(acme, 5, "2025-06-24", DAY)
    assert state("weekly_active_users", acme, "2025-06-29") == State.TOO_YOUNG  # its sixth day
    assert value("weekly_active_users", acme) == 5


def test_min_days_is_the_measures_own() -> None:
    acme = account()
    licensed(acme, "2025-06-24")
    users(acme, 5, "2025-06-24")
    assert value("weekly_active_users", acme, "2025-06-25", min_days=2) == 5
    assert state("weekly_active_users", acme, min_days=8) == State.TOO_YOUNG


def test_a_window_is_cut_to_the_accounts_life() -> None:
    acme = account()
    users(acme, 1, *weekdays("2025-05-01", "2025-06-18"))  # a trial, before the first license
    licensed(acme, "2025-06-19")
    users(acme, 2, *weekdays("2025-06-19", DAY))  # eight working days
    assert value("monthly_active_users", acme) == 2
    assert value("stickiness", acme) == 100  # 16 ÷ 8 = 2, of 2
    assert state("license_utilization", acme) == State.FRESH


def test_daily_active_users_is_a_mean_over_the_working_days_of_the_accounts_life() -> None:
    acme = account()
    licensed(acme, "2025-06-26")
    users(acme, 3, "2025-06-26", "2025-06-27", "2025-06-30")
    assert reading("daily_active_users", acme, min_days=1) == (3.0, State.FRESH, 3, 0)


def test_the_life_of_an_account_without_a_license_begins_when_it_is_first_mentioned() -> None:
    acme = account(since="2025-06-29")  # imported late, with a history
    users(acme, 2, "2025-05-12", "2025-06-10")
    assert value("monthly_active_users", acme) == 2


def test_core_features_are_counted_in_their_own_window_whatever_else_is_asked() -> None:
    acme = account()
    used_feature(acme, "Planner", "2025-04-15")
    wide, narrow = features_used(90), features_used(30)
    found = summed(
        [wide, narrow], Cases.on([acme.pk], day("2025-06-30")), [day("2025-01-01")], Rules(core_features=("Planner",))
    )
    assert (found[wide].tolist(), found[narrow].tolist()) == ([1.0], [0.0])
