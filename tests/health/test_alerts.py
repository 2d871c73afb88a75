"""One alert for each cause, for as long as it lasts, and nothing of what people did themselves."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, User
from health import backfill, overrides, previews, recompute
from health.models import Alert, Latest, Run
from health.scoring.card import Band, State
from tests.health.metrics.contracts import attributed
from tests.health.metrics.facts import account, connected, day, heard_of, moment
from tests.health.metrics.people import days, end_user, used, weekdays
from tests.health.metrics.test_streams import nightly
from tests.health.nights import ITSELF, card, in_force, night, night_after, nights, rated, snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tasks_run_at_once")]

ESCALATED = {"metric": "attribute:escalated", "comparison": ">", "value": 7, "cap": 2}


@pytest.fixture
def acme(db: None) -> Account:
    """Scored 80 from June on."""
    card(guards=(ESCALATED,))
    in_force()
    acme = account()
    rated(acme, 80, "2025-06-01")
    return acme


@pytest.fixture
def dana() -> User:
    found: User = User.objects.create_user("dana@loomline.example", None, name="Dana Whitfield")
    return found


def told(*, over: bool | None = None) -> list[tuple[str, str, str]]:
    """Day, kind and words of each alert; only those that are over, or that are not."""
    rows = Alert.objects.order_by("day", "pk")
    if over is not None:
        rows = rows.filter(ended_at__isnull=not over)
    return [(row.day.isoformat(), row.kind, row.says) for row in rows]


class TestBands:
    def test_a_change_of_the_effective_band_is_one_alert_whatever_is_done_twice(self, acme: Account) -> None:
        rated(acme, 30, "2025-06-11")
        nights("2025-06-10", "2025-06-13")
        night("2025-06-13")
        assert told() == [("2025-06-11", "band_changed", "Green to red.")]

    def test_one_that_the_second_pass_takes_back_is_told_as_taken_back(self, acme: Account) -> None:
        rated(acme, 30, "2025-06-11")
        nights("2025-06-10", "2025-06-11")
        Alert.objects.update(seen_at=moment("2025-06-12 09:00"))
        rated(acme, 80, "2025-06-11 13:00", received="2025-06-12")
        night("2025-06-12")
        assert told(over=True) == [("2025-06-11", "band_changed", "Taken back by later data: green to red.")]
        assert Alert.objects.get().seen_at is None, "who has seen it is told again"

    def test_a_second_pass_that_finds_another_change_tells_that_one(self, acme: Account) -> None:
        rated(acme, 60, "2025-06-11")
        nights("2025-06-10", "2025-06-11")
        rated(acme, 30, "2025-06-11 13:00", received="2025-06-12")
        night("2025-06-12")
        assert told(over=True) == [("2025-06-11", "band_changed", "Taken back by later data: green to yellow.")]
        assert told(over=False) == [("2025-06-11", "band_changed", "Green to red.")]

    def test_coming_back_from_unknown_to_the_last_known_band_alerts_nobody(self, acme: Account) -> None:
        nights("2025-06-10", "2025-06-11")
        attributed(acme, "health", None, "2025-06-12")
        rated(acme, 81, "2025-06-13")
        nights("2025-06-12", "2025-06-14")
        assert told() == [("2025-06-12", "band_changed", "Green to unknown.")]

    def test_coming_back_to_another_band_is_told(self, acme: Account) -> None:
        nights("2025-06-10", "2025-06-11")
        attributed(acme, "health", None, "2025-06-12")
        rated(acme, 20, "2025-06-13")
        nights("2025-06-12", "2025-06-14")
        assert told()[-1] == ("2025-06-13", "band_changed", "Unknown to red.")

    def test_nobody_is_alerted_of_a_band_that_somebody_set(self, acme: Account, dana: User) -> None:
        night("2025-06-10")
        overrides.override(
            acme, band=Band.RED, reason="Why.", last_day=day("2025-06-12"), author=dana, now=moment("2025-06-11 08:00")
        )
        nights("2025-06-11", "2025-06-15")
        assert "band_changed" not in {kind for _, kind, _ in told()}

    def test_a_computed_band_that_moves_under_an_override_is_told_once(self, acme: Account, dana: User) -> None:
        night("2025-06-10")
        overrides.override(
            acme, band=Band.YELLOW, reason="Why.", last_day=day("2025-07-20"), author=dana, now=moment("2025-06-11")
        )
        rated(acme, 30, "2025-06-12")
        rated(acme, 50, "2025-06-14")
        nights("2025-06-11", "2025-06-16")
        assert told() == [("2025-06-12", "moved_under_override", "Moved under your override: computed red, was green.")]

    def test_a_backfill_of_days_long_past_tells_nobody_anything(self, acme: Account) -> None:
        rated(acme, 30, "2025-06-11")
        backfill.backfill(day("2025-06-01"), day("2025-06-20"), moment("2025-09-01"))
        assert snapshot(acme, "2025-06-11").effective == Band.RED
        assert told() == []

    def test_who_was_no_customer_after_all_is_no_longer_told_of(self, acme: Account) -> None:
        rated(acme, 30, "2025-06-11")
        nights("2025-06-10", "2025-06-11")
        attributed(acme, "status", "churned", "2025-06-11", type="text", received="2025-06-12")
        night("2025-06-12")
        assert [kind for _, kind, _ in told(over=False)] == []


class TestGuards:
    def test_a_guard_that_begins_to_hold_is_told_once_and_ends_when_it_lets_go(self, acme: Account) -> None:
        attributed(acme, "escalated", "8", "2025-06-11")
        nights("2025-06-10", "2025-06-13")
        assert [one for one in told() if one[1] == "guard_holds"] == [
            ("2025-06-11", "guard_holds", "A guard applies: Escalated over 7: at most yellow.")
        ]
        attributed(acme, "escalated", "0", "2025-06-14")
        night("2025-06-14")
        assert [kind for _, kind, _ in told(over=True)] == ["guard_holds"]

    def test_the_alert_of_a_guard_ends_with_the_version_that_had_it(self, acme: Account) -> None:
        attributed(acme, "escalated", "8", "2025-06-11")
        nights("2025-06-10", "2025-06-11")
        card(at="2025-06-12", guards=({**ESCALATED, "value": 20},))
        nights("2025-06-12", "2025-06-13")
        assert [kind for _, kind, _ in told(over=False)] == ["band_changed", "band_changed"]

    def test_one_that_begins_to_hold_in_a_preview_is_told_at_once_and_not_again_at_night(self, acme: Account) -> None:
        night("2025-06-10")
        attributed(acme, "escalated", "8", "2025-06-11 08:00")
        Account.objects.update(dirty_since=moment("2025-06-11 09:00"))
        previews.refresh(moment("2025-06-11 09:14"))
        assert Latest.objects.get().preview_band == Band.YELLOW
        assert [(one, kind) for one, kind, _ in told()] == [("2025-06-11", "guard_holds")]
        night("2025-06-11")
        assert [kind for _, kind, _ in told()].count("guard_holds") == 1


class TestOverrides:
    def set(self, acme: Account, dana: User, until: str) -> None:
        overrides.override(
            acme, band=Band.GREEN, reason="Why.", last_day=day(until), author=dana, now=moment("2025-06-11")
        )

    def test_the_owner_is_told_three_days_before_the_end(self, acme: Account, dana: User) -> None:
        self.set(acme, dana, "2025-06-20")
        nights("2025-06-10", "2025-06-15")
        assert told() == []
        nights("2025-06-16", "2025-06-18")
        assert told() == [("2025-06-17", "override_ends", "The override to green ends with Jun 20.")]
        nights("2025-06-19", "2025-06-21")
        assert told(over=False) == []

    def test_or_when_it_is_set_where_that_is_nearer(self, acme: Account, dana: User) -> None:
        self.set(acme, dana, "2025-06-13")
        assert told() == [("2025-06-11", "override_ends", "The override to green ends with Jun 13.")]


class TestSources:
    """A stream stops: usage comes every night at three, and for the last time on June 11."""

    @pytest.fixture
    def accounts(self, db: None) -> list[Account]:
        card(("monthly_active_users", "0:0, 2:100"), ("attribute:health", ITSELF), min_coverage="0.75")
        in_force()
        nightly("usage", "2025-05-01", "2025-06-11")
        made = [account(f"Account {number}") for number in range(3)]
        for one in made:
            heard_of(one, "usage")
            rated(one, 80, "2025-06-01")
            for leaves in ("2025-05-23", "2025-06-06", "2025-06-20"):
                used(end_user(one), *weekdays("2025-01-01", leaves))
        return made

    def test_readings_are_held_for_seven_nights_then_count_without_covering_and_one_alert_says_so(
        self, accounts: list[Account]
    ) -> None:
        acme = accounts[0]
        nights("2025-06-09", "2025-06-25")
        course = {one: snapshot(acme, one) for one in days("2025-06-10", "2025-06-24")}
        states = [State(one.details[2]) for one in course.values()]
        # The last complete day is June 10; the stream is late by its lag of two days, and silent from June 13 on.
        assert states == [State.FRESH] * 3 + [State.HELD] * 7 + [State.HELD_TOO_LONG] * 5
        assert {one.score for one in course.values()} == {course["2025-06-10"].score}, "nothing moves and nothing rises"
        assert [one.coverage for one in course.values()] == [1.0] * 10 + [0.5] * 5
        assert [Band(one.scored) for one in course.values()] == [Band.GREEN] * 10 + [Band.UNKNOWN] * 5
        (alert,) = Alert.objects.all()
        assert (alert.kind, alert.account, alert.day) == ("source_silent", None, day("2025-06-13"))
        assert alert.says == "Usage from crm: nothing since Jun 11. What was read last is held."

    def test_when_it_is_back_they_are_read_anew_and_the_alert_is_over(self, accounts: list[Account]) -> None:
        nights("2025-06-09", "2025-06-24")
        nightly("usage", "2025-06-25", "2025-06-27")
        nights("2025-06-25", "2025-06-26")
        back = snapshot(accounts[0], "2025-06-25")
        assert (State(back.details[2]), back.coverage, back.scored) == (State.FRESH, 1.0, Band.GREEN)
        assert back.readings[0] == 2, "who left in May is no longer among the month's users"
        assert told(over=False) == []
        assert {kind for _, kind, _ in told()} == {"source_silent"}

    def test_one_that_turns_unknown_for_another_reason_is_told(self, accounts: list[Account]) -> None:
        nights("2025-06-09", "2025-06-22")
        for one in accounts:
            attributed(one, "health", None, "2025-06-14")
        nights("2025-06-23", "2025-06-24")
        assert {kind for _, kind, _ in told()} == {"source_silent"}, "it was unknown already"

    def test_a_source_of_opinions_may_be_silent(self, acme: Account) -> None:
        connected("pulses", through="2025-05-01")
        nights("2025-06-10", "2025-06-12")
        assert told() == []


def test_the_number_of_queries_does_not_grow_with_accounts(acme: Account) -> None:
    def queries() -> int:
        (*_, run) = recompute.open_runs(night_after("2025-06-10") + dt.timedelta(days=next(ahead)))
        with CaptureQueriesContext(connection) as captured:
            for bucket in recompute.buckets([one.pk for one in Account.objects.all()]):
                recompute.score_bucket(run, bucket)
        Run.objects.filter(pk=run.pk).update(state="done")
        return len(captured)

    ahead = iter(range(9))
    night("2025-06-09")
    attributed(acme, "escalated", "8", "2025-06-10")
    few = queries()
    for number in range(20):
        other = account(f"Account {number}")
        rated(other, 30, "2025-06-10")
        attributed(other, "escalated", "8", "2025-06-11")
    assert queries() <= few + 1
