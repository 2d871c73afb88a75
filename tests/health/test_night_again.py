"""Days that are scored out of order, and readings that fail under another version."""

import pytest

from accounts.models import Account
from health import backfill, recompute
from health.inputs import verify
from health.models import Latest, Run
from health.scoring.card import State
from tests.health.metrics.contracts import attributed
from tests.health.metrics.facts import account, day, moment
from tests.health.nights import ITSELF, card, everything_stored, in_force, night, nights, rated, snapshot, turns
from tests.health.test_night import break_reading

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tasks_run_at_once")]


@pytest.fixture
def acme(db: None) -> Account:
    card(("attribute:health", ITSELF), ("attribute:plan", "1:0, 3:100"))
    in_force()
    return account()


def fill_in(first: str, last: str) -> None:
    backfill.backfill(day(first), day(last), moment("2025-09-01"))


def test_a_day_that_is_filled_in_moves_the_transition_of_the_next_one(acme: Account) -> None:
    rated(acme, 80, "2025-06-01")
    rated(acme, 30, "2025-06-10")
    fill_in("2025-06-09", "2025-06-09")
    fill_in("2025-06-12", "2025-06-12")
    assert turns(acme) == [("2025-06-12", "band", "GREEN", "RED")]
    stored = snapshot(acme, "2025-06-12").digest
    fill_in("2025-06-10", "2025-06-11")
    assert turns(acme) == [("2025-06-10", "band", "GREEN", "RED")]
    assert snapshot(acme, "2025-06-12").digest == stored, "a settled snapshot never changes"


def test_days_filled_in_backward_have_the_transitions_of_days_in_order(acme: Account) -> None:
    for on, score in (("2025-06-01", 80), ("2025-06-10", 30), ("2025-06-12", 50), ("2025-06-13", 90)):
        rated(acme, score, on)
    for on in ("2025-06-13", "2025-06-12", "2025-06-11", "2025-06-10", "2025-06-09"):
        fill_in(on, on)
    assert turns(acme) == [
        ("2025-06-10", "band", "GREEN", "RED"),
        ("2025-06-12", "band", "RED", "YELLOW"),
        ("2025-06-13", "band", "YELLOW", "GREEN"),
    ]


def test_a_day_that_is_filled_in_is_what_later_ones_are_compared_with(acme: Account) -> None:
    rated(acme, 80, "2025-06-01")
    rated(acme, 50, "2025-06-20")

    def compared_with() -> tuple[float | None, float | None]:
        latest = Latest.objects.get(account=acme)
        return latest.score_7, latest.score_30

    fill_in("2025-07-05", "2025-07-05")
    assert compared_with() == (None, None)
    fill_in("2025-06-05", "2025-06-05")
    assert compared_with() == (None, 80.0)
    fill_in("2025-06-28", "2025-06-28")
    assert compared_with() == (50.0, 80.0)
    fill_in("2025-06-29", "2025-06-29")
    assert compared_with() == (50.0, 80.0)


def test_the_same_task_delivered_twice_changes_nothing(acme: Account) -> None:
    rated(acme, 80, "2025-06-01")
    rated(acme, 30, "2025-06-11")
    nights("2025-06-10", "2025-06-12")
    stored = everything_stored()
    for run in Run.objects.all():
        for bucket in recompute.buckets([acme.pk]):
            recompute.score_bucket(run, bucket)
            recompute.score_bucket(run, bucket)
    night("2025-06-12")
    assert everything_stored() == stored


def test_a_reading_that_fails_is_held_from_another_version_and_another_slot(acme: Account) -> None:
    rated(acme, 80, "2025-06-01")
    attributed(acme, "plan", "gold", "2025-06-01", type="ranked", ranks=["bronze", "silver", "gold"])
    nights("2025-06-09", "2025-06-10")
    card(("attribute:plan", "1:0, 3:100"), ("attribute:health", ITSELF), at="2025-06-11")
    break_reading(acme)
    night("2025-06-11")
    found = snapshot(acme, "2025-06-11")
    assert (found.readings[0], State(found.details[2])) == (3, State.HELD)
    assert verify(found).holds
