"""Use of features, by hand. The day is Monday, 30 June 2025; thirty days up to it begin on 1 June."""

from typing import Any

import pytest

from accounts import meanings
from accounts.models import Account, EndUser, Feature, Grain, Origin, UsageCount
from health.metrics.rules import Rules
from health.scoring.card import State
from tests.health.metrics.facts import DAY, account, connected, day, reading, state, value, version
from tests.health.metrics.people import end_user, tracked, used, used_feature, users

pytestmark = pytest.mark.django_db
CORE = Rules(core_features=("Plan", "Report"))


@pytest.fixture(autouse=True)
def _connected(db: None) -> None:
    connected("usage")
    meanings.publish([("Saved", "editing")], ["Plan", "Report"])


def counted(user: EndUser, feature: str, on: str, count: int = 1) -> None:
    """A source counted what this user did, in all places that tell of it."""
    known, _ = Feature.objects.get_or_create(name=feature)
    when: dict[str, Any] = {"day": day(on), "grain": Grain.DAY, "received": on}
    version(UsageCount, user.account, feature=known, end_user_record=user.record, count=count, **when)
    used(user, on, events=count)


def ten_users(acme: Account) -> list[EndUser]:
    return [end_user(acme, f"user {number}") for number in range(10)]


# How often


def test_feature_adoption_is_uses_by_logins() -> None:
    acme = account()
    tracked(end_user(acme), "2025-06-24", DAY, logins=2)
    used_feature(acme, "Plan", "2025-06-24", uses=5, origin=Origin.TRACKED)
    used_feature(acme, "Report", DAY, uses=1, origin=Origin.TRACKED)
    used_feature(acme, "Other", DAY, uses=100, origin=Origin.TRACKED)
    used_feature(acme, "Plan", "2025-06-23", uses=100, origin=Origin.TRACKED)
    assert reading("feature_adoption", acme, rules=CORE) == (1.5, State.FRESH, 4, 0)
    assert value("feature_adoption:Plan", acme) == 1.25
    assert value("feature_adoption:Nothing", acme) == 0


def test_without_core_features_there_is_none_to_read() -> None:
    acme = account()
    tracked(end_user(acme), DAY, logins=2)
    for name in ("feature_adoption", "feature_usage", "feature_uses_per_user"):
        assert state(name, acme) == State.NOT_APPLICABLE


def test_an_event_is_counted_by_its_name_whoever_tells_of_it() -> None:
    acme = account()
    users(acme, 4, DAY)
    assert reading("event_count:Plan", acme) == (0.0, State.FRESH, 0, 0)
    used_feature(acme, "Plan", "2025-06-01", DAY, uses=3)
    used_feature(acme, "Plan", DAY, uses=2, origin=Origin.TRACKED)
    used_feature(acme, "Plan", "2025-05-31", uses=50)
    used_feature(acme, "Report", DAY, uses=50)
    assert reading("event_count:Plan", acme) == (8.0, State.FRESH, 8, 0)
    assert reading("event_count_per_user:Plan", acme) == (2.0, State.FRESH, 4, 0)


def test_what_our_own_people_did_is_taken_off() -> None:
    acme = account()
    robot = end_user(acme, "Robot", internal=True)
    counted(robot, "Plan", DAY, 7)
    used_feature(acme, "Plan", DAY, uses=10)
    assert value("event_count:Plan", acme) == 3


def test_of_an_account_in_which_nobody_is_active_events_per_user_are_dead() -> None:
    acme = account()
    used_feature(acme, "Plan", "2025-01-10")
    assert reading("event_count_per_user:Plan", acme)[:2] == (0.0, State.FRESH)
    assert reading("feature_uses_per_user:Plan", acme)[:2] == (0.0, State.FRESH)


# By whom


def test_one_of_ten_known_users_is_ten_percent() -> None:
    acme = account()
    first, *_ = ten_users(acme)
    counted(first, "Plan", "2025-06-01")
    counted(first, "Plan", DAY)
    counted(first, "Report", "2025-06-02")
    assert reading("feature_usage:Plan", acme) == (10.0, State.FRESH, 10, 0)
    assert value("feature_usage:Other", acme) == 0


def test_tracked_users_of_a_core_feature_or_a_role_are_known_by_their_bits() -> None:
    acme = account()
    first, second, third, *_ = ten_users(acme)
    tracked(first, DAY, roles=meanings.bits_of("Plan", "editing"))
    tracked(second, DAY, roles=meanings.bits_of("Report"))
    counted(third, "Report", DAY)
    assert value("feature_usage:Plan", acme) == 10
    assert value("feature_usage:editing", acme) == 10
    assert value("feature_usage:Report", acme) == 20
    assert value("feature_usage", acme, rules=CORE) == 30


def test_where_nobody_tells_by_whom_a_feature_was_used_nothing_is_read() -> None:
    acme = account()
    first, *_ = ten_users(acme)
    tracked(first, DAY)
    used_feature(acme, "Other", DAY, origin=Origin.TRACKED)
    assert state("feature_usage:Other", acme) == State.NOT_APPLICABLE
    assert state("feature_uses_per_user:Other", acme) == State.NOT_APPLICABLE


def test_neither_staff_nor_those_who_left_are_known_users() -> None:
    acme = account()
    first, *_ = ten_users(acme)
    gone = end_user(acme, "Gone", deactivated_on=day("2025-06-20"))
    leaves = end_user(acme, "Leaves", deactivated_on=day("2025-07-20"))
    end_user(acme, "Later", first_seen_on=day("2025-07-01"))
    robot = end_user(acme, "Robot", internal=True)
    for one in (first, gone, leaves, robot):
        counted(one, "Plan", "2025-06-10")
    assert value("feature_usage:Plan", acme) == round(100 * 2 / 11, 6)


def test_uses_per_user_are_of_those_who_used_it() -> None:
    acme = account()
    first, second, third, *_ = ten_users(acme)
    counted(first, "Plan", DAY, 4)
    counted(second, "Plan", DAY, 1)
    used_feature(acme, "Plan", DAY, uses=5)
    tracked(third, DAY, roles=meanings.bits_of("Plan"))
    used_feature(acme, "Plan", DAY, uses=7, origin=Origin.TRACKED)
    assert reading("feature_uses_per_user:Plan", acme) == (4.0, State.FRESH, 3, 0)


def test_counts_that_name_nobody_are_no_uses_of_users() -> None:
    acme = account()
    first, *_ = ten_users(acme)
    counted(first, "Plan", DAY, 2)
    used_feature(acme, "Plan", DAY, uses=500)
    assert value("feature_uses_per_user:Plan", acme) == 2
