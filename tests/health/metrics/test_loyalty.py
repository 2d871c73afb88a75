"""Loyalty, by hand. The day is Monday, 30 June 2025; thirty days up to it begin on 1 June, and those before on 2 May."""

import dataclasses

import pytest

from health.metrics.rules import Rules
from health.scoring.card import State
from tests.health.metrics.facts import DAY, account, connected, day, reading, state, value
from tests.health.metrics.people import after, before, days, end_user, used, used_feature, users

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _connected(db: None) -> None:
    connected("usage")


# Who stays


def test_of_fifteen_users_ten_stay_and_ten_new_ones_change_nothing() -> None:
    """Published: 15 at the start, 20 at the end of whom 10 are new: 66.7 %."""
    acme = account()
    users(acme, 10, "2025-05-31", "2025-06-01")
    users(acme, 5, "2025-05-02")
    users(acme, 10, DAY)
    assert reading("user_retention", acme) == (round(200 / 3, 6), State.FRESH, 15, 0)
    assert reading("user_churn", acme) == (round(100 / 3, 6), State.FRESH, 15, 0)


def test_of_ten_users_six_stay() -> None:
    """Published: 10 → 6 is a churn of 40 %."""
    acme = account()
    users(acme, 6, "2025-05-10", DAY)
    users(acme, 4, "2025-05-10")
    assert value("user_churn", acme) == 40
    assert value("user_retention", acme) == 60


def test_where_nobody_was_before_nobody_can_stay() -> None:
    acme = account()
    users(acme, 3, DAY)
    assert {state(name, acme) for name in ("user_retention", "user_churn")} == {State.NOT_APPLICABLE}


def test_where_nobody_is_left_none_is_retained_and_all_are_lost() -> None:
    acme = account()
    users(acme, 3, "2025-05-10")
    for on in (DAY, "2025-09-30"):
        assert (value("user_retention", acme, on), value("user_churn", acme, on)) == (0, 100)


def test_an_account_is_too_young_until_it_has_lived_through_both_windows() -> None:
    acme = account(since=before(DAY, 58))
    users(acme, 3, before(DAY, 58), DAY)
    assert state("user_retention", acme) == State.TOO_YOUNG
    assert value("user_retention", acme, after(DAY, 1)) == 100


# Who comes back


def test_new_users_come_back_within_so_many_days_of_their_first() -> None:
    acme = account()
    used(end_user(acme, "Next day"), "2025-06-02", "2025-06-03")
    used(end_user(acme, "On the last"), "2025-06-02", "2025-06-09")
    used(end_user(acme, "A day late"), "2025-06-02", "2025-06-10")
    used(end_user(acme, "Never"), "2025-06-23")
    assert reading("user_return_rate_7", acme) == (50.0, State.FRESH, 4, 0)


def test_who_has_had_no_chance_yet_does_not_count() -> None:
    acme = account()
    used(end_user(acme), "2025-06-23", DAY)
    used(end_user(acme), "2025-06-24")
    assert reading("user_return_rate_7", acme)[::2] == (100.0, 1)
    assert state("user_return_rate_30", acme) == State.NOT_APPLICABLE
    assert reading("user_return_rate_30", acme, "2025-07-24")[::2] == (50.0, 2)


def test_only_users_first_seen_in_the_window_are_new() -> None:
    acme = account()
    used(end_user(acme, "Old"), "2025-05-01", "2025-06-02", "2025-06-03")
    used(end_user(acme, "Stated", first_seen_on=day("2025-02-01")), "2025-06-02", "2025-06-03")
    used(end_user(acme, "By the week"), "2025-04-07", grain=7)
    used(end_user(acme, "First day"), "2025-05-02")
    assert reading("user_return_rate_7", acme)[::2] == (0.0, 1)


def test_who_was_stated_to_be_seen_comes_back_by_being_active() -> None:
    acme = account()
    used(end_user(acme, first_seen_on=day("2025-06-01")), "2025-06-08")
    used(end_user(acme, first_seen_on=day("2025-06-01")), "2025-06-09")
    assert value("user_return_rate_7", acme) == 50


def test_staff_are_no_new_users_and_an_account_in_which_nobody_is_active_is_dead() -> None:
    acme = account()
    used(end_user(acme, "Robot", internal=True), "2025-06-02", "2025-06-03")
    assert reading("user_return_rate_7", acme) == (0.0, State.FRESH, 0, 0)


# How it began

RULES = Rules(week1_target=40)


def test_the_first_week_is_what_was_done_in_it_by_the_target() -> None:
    acme = account(since="2025-06-02")
    used(end_user(acme), *days("2025-06-02", "2025-06-09"), events=4)  # seven days of it are the first
    assert reading("week1_engagement", acme, rules=RULES)[:3] == (70.0, State.FRESH, 28)
    assert value("week1_engagement", acme, rules=Rules(week1_target=14)) == 100


def test_the_first_week_can_be_that_of_one_event() -> None:
    acme = account(since="2025-06-02")
    used(end_user(acme), "2025-06-03", events=40)
    used_feature(acme, "Plan", "2025-06-02", "2025-06-08", "2025-06-09", uses=5)
    assert value("week1_engagement", acme, rules=dataclasses.replace(RULES, week1_event="Plan")) == 25


def test_the_first_week_is_read_from_its_end_to_the_ninetieth_day() -> None:
    acme = account(since="2025-06-02")
    used(end_user(acme), "2025-06-02", events=4)
    found = {on: state("week1_engagement", acme, on, rules=RULES) for on in ("2025-06-07", "2025-06-08")}
    assert list(found.values()) == [State.TOO_YOUNG, State.FRESH]
    assert value("week1_engagement", acme, after("2025-06-02", 89), rules=RULES) == 10
    assert state("week1_engagement", acme, after("2025-06-02", 90), rules=RULES) == State.NOT_APPLICABLE
