"""Habits, by hand: logins, sessions and active time. The day is Monday, 30 June 2025; a week up to it begins on 24 June."""

import pytest

from accounts.models import Account
from health.metrics.above import read_above
from health.metrics.cases import Cases
from health.metrics.declare import get
from health.metrics.read import Asked
from health.metrics.rules import Rules
from health.scoring.card import State
from tests.health.metrics.facts import DAY, account, connected, day, reading, state, value
from tests.health.metrics.people import before, end_user, tracked, used, users

pytestmark = pytest.mark.django_db
NAMES = ("time_per_login", "session_duration", "time_in_product", "logins_per_user", "feature_adoption:Plan")


@pytest.fixture(autouse=True)
def _connected(db: None) -> None:
    connected("usage")


def three_users() -> Account:
    """Two who log in, and one who is always there: 40 minutes, 8 logins, sessions of 2, 4, 4, 10 and 20 minutes."""
    acme = account()
    tracked(end_user(acme), "2025-06-24", seconds=(120, 240), logins=6)
    tracked(end_user(acme), "2025-06-30", seconds=(600,), logins=2)
    tracked(end_user(acme), "2025-06-25", seconds=(240, 1200), logins=0)
    return acme


def test_habits_are_read_of_logins_sessions_and_active_time() -> None:
    acme = three_users()
    assert reading("time_per_login", acme) == (5.0, State.FRESH, 8, 0)
    assert reading("session_duration", acme) == (4.0, State.FRESH, 5, 0)
    assert reading("time_in_product", acme) == (round(40 / 3 / 4, 6), State.FRESH, 3, 0)
    assert reading("logins_per_user", acme) == (round(8 / 3, 6), State.FRESH, 3, 0)


def test_only_the_days_of_the_window_count() -> None:
    acme = account()
    ann = end_user(acme)
    tracked(ann, "2025-06-23", seconds=(6000,), logins=10)
    tracked(ann, "2025-06-24", seconds=(60,), logins=1)
    tracked(ann, "2025-07-01", seconds=(6000,), logins=10)
    assert value("time_per_login", acme) == 1
    assert value("logins_per_user", acme) == 11
    assert value("session_duration", acme, window=7) == 1


def test_where_a_source_tells_of_no_logins_a_session_counts() -> None:
    acme = account()
    tracked(end_user(acme), DAY, seconds=(60, 60, 60), logins=None)
    tracked(end_user(acme), DAY, seconds=(180, 180), logins=1)
    assert value("time_per_login", acme) == 9 / 4
    assert value("logins_per_user", acme) == 2


def test_where_nothing_is_tracked_nothing_is_read_and_never_zero() -> None:
    acme = account()
    users(acme, 3, "2025-06-26", DAY)
    assert {state(name, acme) for name in NAMES} == {State.NOT_APPLICABLE}
    assert {state(name, acme, "2025-12-30") for name in NAMES} == {State.NOT_APPLICABLE}
    assert {state(name, account("Nobody")) for name in NAMES} == {State.NOT_APPLICABLE}


def test_where_only_counts_go_on_nothing_is_read() -> None:
    acme = account()
    tracked(end_user(acme), "2025-01-10", logins=1)
    users(acme, 1, DAY)
    assert {state(name, acme) for name in NAMES} == {State.NOT_APPLICABLE}


def test_staff_never_count() -> None:
    acme = three_users()
    alone = [reading(name, acme) for name in NAMES]
    tracked(end_user(acme, "Robot", internal=True), DAY, seconds=(9000,), logins=50)
    assert [reading(name, acme) for name in NAMES] == alone


def test_users_who_are_only_counted_do_not_lower_what_is_tracked() -> None:
    acme = three_users()
    alone = [value(name, acme) for name in NAMES]
    users(acme, 20, DAY)
    assert [value(name, acme) for name in NAMES] == alone


def test_weeks_are_those_of_the_life_of_the_account() -> None:
    acme = account(since=before(DAY, 13))
    tracked(end_user(acme), DAY, seconds=(1200,), logins=1)
    assert value("time_in_product", acme) == 10  # in two weeks


def test_what_is_learned_later_is_unknown_then() -> None:
    acme = account()
    tracked(end_user(acme), "2025-06-29", seconds=(600,), logins=1, received="2025-06-30")
    assert state("time_per_login", acme, "2025-06-29", known="2025-06-29") == State.NOT_APPLICABLE
    assert value("time_per_login", acme, "2025-06-29", known="2025-06-30") == 10


def test_of_several_accounts_the_median_is_that_of_all_sessions() -> None:
    first, second = account("First"), account("Second")
    tracked(end_user(first), DAY, seconds=(60, 60, 60), logins=1)
    tracked(end_user(second), DAY, seconds=(600, 1200), logins=1)
    asked = [Asked(metric=get(name)[0]) for name in ("session_duration", "time_per_login")]
    found = read_above(asked, Cases.on([first.pk, second.pk], day(DAY)), [1, 1], Rules())
    assert found.values[0].tolist() == [1.0, 33 / 2]


def test_a_day_of_a_count_beside_a_tracked_one_changes_nothing() -> None:
    acme = account()
    ann = end_user(acme)
    tracked(ann, DAY, seconds=(600,), logins=2)
    used(ann, DAY)
    assert (value("time_per_login", acme), value("logins_per_user", acme)) == (5, 2)
