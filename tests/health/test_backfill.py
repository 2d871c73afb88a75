"""Days scored many at a time have the snapshots and transitions of days scored one by one."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from accounts.models import Account, User
from health import backfill, overrides
from health.models import Latest, Run, Snapshot
from health.scoring.card import Band
from tests.health.metrics.contracts import attributed
from tests.health.metrics.facts import account, connected, day, heard_of, moment
from tests.health.metrics.people import end_user, licensed, used, weekdays
from tests.health.metrics.test_streams import nightly
from tests.health.nights import ITSELF, card, everything_stored, in_force, rated
from tests.health.test_night import break_reading

pytestmark = pytest.mark.django_db

FIRST, LAST, NOW = day("2025-05-20"), day("2025-06-30"), moment("2025-07-01 03:00")
LEVELS = (80, 71, 69, 71, 38, 41, 90, 20, 66, 72)


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is done inside is undone afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def book(db: None) -> list[Account]:
    """Accounts whose scores wander, under two scorecards and two versions of one; a source that falls silent, an override,
    one that churns, late facts."""
    guard = {"metric": "attribute:escalated", "comparison": ">", "value": 20, "release": 10, "cap": 2}
    card(("attribute:health", ITSELF), ("monthly_active_users", "0:0, 8:100"), margin=2, guards=(guard,))
    card(("attribute:health", ITSELF), name="small", margin=2)
    in_force(("small", "tier is small"), ("touch", ""))
    connected("licenses")
    nightly("usage", "2025-05-01", "2025-06-10")
    made = [account(f"Account {number}") for number in range(6)]
    for number, one in enumerate(made):
        licensed(one)
        heard_of(one, "usage")
        used(end_user(one), *weekdays("2025-01-01", "2025-05-30"))
        for step, level in enumerate(LEVELS):
            on = f"2025-06-{1 + 3 * step:02}"
            rated(one, (level + 7 * number) % 101, on, received=on if number else "2025-06-20")
    attributed(made[1], "tier", "small", "2025-06-05", type="text")
    attributed(made[2], "escalated", "25", "2025-06-04")
    attributed(made[2], "escalated", "15", "2025-06-12")
    attributed(made[3], "status", "churned", "2025-06-15", type="text")
    dana = User.objects.create_user("dana@loomline.example", None, name="Dana Whitfield")
    overrides.override(
        made[4], band=Band.RED, reason="Why.", last_day=day("2025-06-20"), author=dana, now=moment("2025-06-10")
    )
    card(("monthly_active_users", "0:0, 4:100"), ("attribute:health", ITSELF), at="2025-06-17", margin=2)
    return made


def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "DAYS_AT_ONCE", 1)


def stored() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    return everything_stored(), list(Latest.objects.order_by("account").values_list())


def test_many_days_at_a_time_give_what_each_night_gives(book: list[Account], monkeypatch: pytest.MonkeyPatch) -> None:
    with taken_back():
        assert backfill.backfill(FIRST, LAST, NOW) == 6 * 26 + 5 * 16
        together = stored()
    one_by_one(monkeypatch)
    backfill.backfill(FIRST, LAST, NOW)
    assert stored() == together
    assert len({row.effective for row in Snapshot.objects.all()}) == 4


def test_stretches_of_any_length_give_the_same(book: list[Account], monkeypatch: pytest.MonkeyPatch) -> None:
    with taken_back():
        backfill.backfill(FIRST, LAST, NOW)
        together = stored()
    monkeypatch.setattr(backfill, "DAYS_AT_ONCE", 5)
    backfill.backfill(FIRST, LAST, NOW)
    assert stored() == together


def test_an_account_that_cannot_be_read_is_scored_as_in_any_night(
    book: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    card(("attribute:health", ITSELF), ("attribute:plan", "1:0, 3:100"), name="small", at="2025-06-02")
    attributed(book[1], "plan", "gold", "2025-06-01", type="ranked", ranks=["bronze", "silver", "gold"])
    break_reading(book[1])
    with taken_back():
        backfill.backfill(FIRST, LAST, NOW)
        together = stored()
        assert Run.objects.get(day=LAST).metrics["attribute"]["failed"] == 1
    one_by_one(monkeypatch)
    backfill.backfill(FIRST, LAST, NOW)
    assert stored() == together


def test_days_that_are_settled_stay_and_others_are_filled_in_between(book: list[Account]) -> None:
    with taken_back():
        backfill.backfill(FIRST, LAST, NOW)
        together = stored()
    backfill.backfill(day("2025-06-10"), day("2025-06-12"), NOW)
    settled = {row.day: bytes(row.digest) for row in Snapshot.objects.filter(account=book[0])}
    backfill.backfill(FIRST, LAST, NOW)
    assert len(stored()[0]) >= len(together[0]) - 8
    assert all(bytes(Snapshot.objects.get(account=book[0], day=on).digest) == found for on, found in settled.items())
