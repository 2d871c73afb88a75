"""Which licenses are in force, read as license utilization: ten users are 100 % of 10 seats and 50 % of 20."""

import pytest

from accounts.models import Account, License
from accounts.versions import numbers
from health.metrics.rules import Rules
from health.scoring.card import State
from tests.health.metrics.contracts import renewal
from tests.health.metrics.facts import DAY, account, connected, corrected, gone, state, value
from tests.health.metrics.people import days, licensed, over, users

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(db: None) -> Account:
    """An account for long, with ten users who come every day and no license that is still in force."""
    connected("usage", "licenses")
    made = account()
    licensed(made, "2020-01-01", "2020-12-31", seats=999)
    users(made, 10, *days("2025-05-01", "2025-08-31"))
    return made


def seats(acme: Account, on: str = DAY, *, known: str | None = None, rules: Rules | None = None) -> float | None:
    """The seats in force on a day; None where there are none to divide by."""
    found = value("license_utilization", acme, on, known=known, rules=rules or Rules())
    return None if found is None else round(10 / found * 100, 6)


def test_a_license_is_in_force_from_its_first_day(acme: Account) -> None:
    licensed(acme, "2025-06-30")
    assert seats(acme, "2025-06-29") is None
    assert seats(acme, "2025-06-30") == 10


def test_a_license_is_in_force_through_its_last_day_and_then_for_a_grace(acme: Account) -> None:
    licensed(acme, "2024-06-01", "2025-05-31")
    assert seats(acme, "2025-05-31") == 10
    assert seats(acme, "2025-06-30") == 10  # the thirtieth day after it
    assert seats(acme, "2025-07-01") is None
    assert state("license_utilization", acme, "2025-07-01") == State.NOT_APPLICABLE


def test_the_grace_is_a_setting(acme: Account) -> None:
    licensed(acme, "2024-06-01", "2025-05-31")
    assert seats(acme, "2025-06-05", rules=Rules(grace_days=5)) == 10
    assert seats(acme, "2025-06-06", rules=Rules(grace_days=5)) is None


def test_an_empty_end_is_open(acme: Account) -> None:
    licensed(acme, "2021-01-01")
    assert seats(acme) == 10


def test_the_grace_ends_when_the_renewal_is_decided(acme: Account) -> None:
    ending = licensed(acme, "2024-06-01", "2025-05-31")
    renewal(acme, "2025-05-31", "lost", decided="2025-06-15", of=ending, received="2025-06-15")
    assert seats(acme, "2025-06-14") == 10
    assert seats(acme, "2025-06-15") is None


def test_a_loss_decided_before_the_end_leaves_the_license_in_force_through_its_last_day(acme: Account) -> None:
    ending = licensed(acme, "2024-06-01", "2025-05-31")
    renewal(acme, "2025-05-31", "lost", decided="2025-05-10", of=ending, received="2025-05-10")
    assert seats(acme, "2025-05-31") == 10
    assert seats(acme, "2025-06-01") is None


def test_the_renewal_of_another_license_decides_nothing(acme: Account) -> None:
    licensed(acme, "2024-06-01", "2025-05-31")
    other = licensed(acme, "2020-01-01", "2020-12-31")
    renewal(acme, "2025-06-01", "lost", decided="2025-06-01", of=other, received="2025-06-01")
    assert seats(acme) == 10


def test_a_canceled_license_is_out_of_force_from_its_cancellation(acme: Account) -> None:
    going = licensed(acme, "2024-06-01", "2026-05-31")
    corrected(going, "2025-06-20", canceled_on="2025-06-30")
    assert seats(acme, "2025-06-29") == 10
    assert seats(acme, "2025-06-30") is None


def test_a_license_begun_on_the_last_day_of_another_replaces_it_from_its_start(acme: Account) -> None:
    licensed(acme, "2024-06-16", "2025-06-15", seats=10)
    licensed(acme, "2025-06-15", "2026-06-14", seats=20)
    assert [seats(acme, on) for on in ("2025-06-14", "2025-06-15", "2025-06-16")] == [10, 20, 20]


def test_a_license_replaces_another_also_in_its_grace(acme: Account) -> None:
    licensed(acme, "2024-06-01", "2025-05-31", seats=10)
    licensed(acme, "2025-06-20", seats=20)
    assert [seats(acme, on) for on in ("2025-06-19", "2025-06-20")] == [10, 20]


def test_one_begun_earlier_is_an_add_on_and_adds_up(acme: Account) -> None:
    licensed(acme, "2024-06-16", "2025-06-15", seats=10)
    licensed(acme, "2025-06-14", seats=20)
    assert [seats(acme, on) for on in ("2025-06-13", "2025-06-14", "2025-06-15")] == [10, 30, 30]
    assert seats(acme, "2025-07-15") == 30  # the first is in its grace
    assert seats(acme, "2025-07-16") == 20


def test_a_license_of_another_product_replaces_nothing(acme: Account) -> None:
    one, another = numbers(License, 2)
    licensed(acme, "2024-06-16", "2025-06-15", seats=10, product_record=one)
    licensed(acme, "2025-06-15", seats=20, product_record=another)
    assert seats(acme, "2025-06-20") == 30


def test_a_license_of_another_account_counts_there_alone(acme: Account) -> None:
    licensed(acme, seats=10)
    other = account("Other")
    licensed(other, seats=90)
    assert seats(acme) == 10


def test_an_unlimited_license_makes_utilization_not_applicable(acme: Account) -> None:
    licensed(acme, seats=10)
    licensed(acme, "2025-06-20", seats=None, unlimited=True)
    assert seats(acme, "2025-06-19") == 10
    assert state("license_utilization", acme) == State.NOT_APPLICABLE
    assert state("weekly_adoption", acme) == State.NOT_APPLICABLE


def test_seats_add_up_over_licenses_counted_in_seats(acme: Account) -> None:
    licensed(acme, seats=10)
    licensed(acme, seats=None)  # a flat fee
    assert seats(acme) == 10


def test_seats_learned_later_are_invisible_as_known_then(acme: Account) -> None:
    first = licensed(acme, seats=10, received="2025-01-01")
    corrected(first, "2025-06-25", seats=20)
    assert seats(acme, known="2025-06-24") == 10
    assert seats(acme, known="2025-06-26") == 20
    assert seats(acme) == 20


def test_a_deleted_license_is_gone(acme: Account) -> None:
    made = licensed(acme, seats=10, received="2025-01-01")
    gone(made, "2025-06-25")
    assert seats(acme, known="2025-06-24") == 10
    assert seats(acme) is None


def test_an_expired_license_does_not_turn_use_into_health(acme: Account) -> None:
    licensed(acme, "2024-06-01", "2025-05-31")
    found = over("license_utilization", acme, days("2025-06-25", "2025-07-05"))
    assert [one.state for one in found] == [State.FRESH] * 6 + [State.NOT_APPLICABLE] * 5
