"""Objectives, computed by hand. The day is 30 June 2025; ninety days up to it begin on 2 April."""

import pytest

from accounts.models import Account
from health.scoring.card import State
from tests.health.metrics.contracts import objective
from tests.health.metrics.facts import DAY, account, connected, corrected, gone, heard_of, reading, state, value

pytestmark = pytest.mark.django_db
KEY = "objectives_on_track"


@pytest.fixture
def acme(db: None) -> Account:
    connected("objectives")
    return account()


def test_objectives_achieved_or_on_track_are_set_against_all_that_are_open_or_due(acme: Account) -> None:
    objective(acme, "on_track")
    objective(acme, "achieved", achieved="2025-05-01")
    objective(acme, "open")
    objective(acme, "at_risk")
    objective(acme, "missed", due="2025-06-01")
    objective(acme, "dropped", due="2025-06-01")
    assert reading(KEY, acme)[:3] == (40, State.FRESH, 5)  # 2 of 5


def test_without_objectives_the_reading_is_missing(acme: Account) -> None:
    assert state(KEY, acme) == State.NEVER
    heard_of(acme, "objectives")
    assert state(KEY, acme) == State.NONE
    objective(acme, "dropped")
    assert state(KEY, acme) == State.NONE


def test_what_ended_before_the_window_and_was_due_before_it_does_not_count(acme: Account) -> None:
    objective(acme, "achieved", achieved="2025-04-01")
    objective(acme, "missed", due="2025-04-01")
    assert state(KEY, acme) == State.NONE
    objective(acme, "achieved", achieved="2025-04-02")
    objective(acme, "missed", due="2025-04-02")
    assert reading(KEY, acme)[:3] == (50, State.FRESH, 2)


def test_what_was_achieved_early_counts_again_when_it_is_due(acme: Account) -> None:
    objective(acme, "achieved", achieved="2024-12-01", due="2025-06-30")
    assert reading(KEY, acme, "2025-06-29")[1] == State.NONE
    assert reading(KEY, acme, DAY)[2] == 1


def test_achieving_an_objective_before_it_is_due_never_lowers_the_reading(acme: Account) -> None:
    objective(acme, "at_risk")
    first = objective(acme, "on_track", due="2026-01-01")
    assert value(KEY, acme) == 50
    corrected(first, "2025-06-30", status="achieved")
    assert value(KEY, acme) == 50


def test_one_achieved_on_no_stated_day_was_when_it_was_due_else_when_that_was_learned(acme: Account) -> None:
    objective(acme, "achieved", due="2025-01-01", received="2025-06-01")
    assert state(KEY, acme) == State.NONE
    objective(acme, "achieved", received="2025-06-01")
    assert reading(KEY, acme)[2] == 1


def test_an_objective_counts_from_the_day_it_was_set(acme: Account) -> None:
    objective(acme, "on_track", set_on="2025-06-10")
    assert state(KEY, acme, "2025-06-09") == State.NONE
    assert value(KEY, acme, "2025-06-10") == 100


def test_objectives_of_another_account_do_not_count(acme: Account) -> None:
    objective(acme, "on_track")
    objective(account("Other"), "at_risk")
    assert value(KEY, acme) == 100


def test_a_status_received_later_is_invisible_as_known_then(acme: Account) -> None:
    first = objective(acme, "on_track", received="2025-06-01")
    corrected(first, "2025-07-05", status="missed", due_on=None)
    assert value(KEY, acme, known="2025-07-01") == 100
    assert value(KEY, acme) == 0
    assert state(KEY, acme, known="2025-05-31") == State.NEVER


def test_a_deleted_objective_is_gone_and_was_there(acme: Account) -> None:
    gone(objective(acme, "on_track", received="2025-06-01"), "2025-07-05")
    assert state(KEY, acme) == State.NONE
    assert value(KEY, acme, known="2025-07-01") == 100
