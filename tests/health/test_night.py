"""The night: who is scored for which day, when, from what, and what follows. Time is an argument."""

import datetime as dt
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import Account, AttributeDefinition, User
from health import backfill, overrides, previews, recompute, tasks
from health.configuration import NothingInForce
from health.inputs import verify
from health.models import Group, Latest, Override, Run, ScorecardVersion, Snapshot
from health.scoring.card import Band, State
from tests.health.judgment import add, noon
from tests.health.metrics.contracts import attributed
from tests.health.metrics.facts import account, connected, day, moment
from tests.health.metrics.people import answers, licensed, survey, users
from tests.health.nights import (
    ITSELF,
    card,
    everything_stored,
    in_force,
    night,
    night_after,
    nights,
    rated,
    runs,
    scored_days,
    snapshot,
    turns,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tasks_run_at_once")]

PROVISIONAL, SETTLED = Run.Pass.PROVISIONAL, Run.Pass.SETTLED
ESCALATED = {"metric": "attribute:escalated", "comparison": ">", "value": 7, "cap": 2}


@pytest.fixture
def touch(db: None) -> ScorecardVersion:
    """Whoever has the attribute `health` has it as their score."""
    version = card()
    in_force()
    return version


@pytest.fixture
def acme(touch: ScorecardVersion) -> Account:
    """Scored 80 from June on."""
    acme = account()
    rated(acme, 80, "2025-06-01")
    return acme


@pytest.fixture
def dana() -> User:
    found: User = User.objects.create_user("dana@loomline.example", None, name="Dana Whitfield")
    return found


class TestPasses:
    def test_the_first_night_scores_yesterday_provisionally_and_nothing_before(self, acme: Account) -> None:
        night("2025-06-10")
        night("2025-06-10", hours=3)
        assert scored_days(acme) == [("2025-06-10", 80, PROVISIONAL)]
        assert runs() == [("2025-06-10", 1, "done")]

    def test_nothing_happens_before_the_hour_of_the_night(self, acme: Account, settings: Settings) -> None:
        settings.NIGHT_HOUR = 4
        night("2025-06-10", hours=3)
        assert runs() == []
        night("2025-06-10", hours=4)
        assert runs() == [("2025-06-10", 1, "done")]

    def test_the_next_night_settles_it_and_then_scores_the_new_day(self, acme: Account) -> None:
        nights("2025-06-10", "2025-06-11")
        assert scored_days(acme) == [("2025-06-10", 80, SETTLED), ("2025-06-11", 80, PROVISIONAL)]
        settled, scored = (snapshot(acme, text) for text in ("2025-06-10", "2025-06-11"))
        assert settled.known_at == scored.known_at == night_after("2025-06-11")

    def test_a_late_fact_counts_in_the_settled_pass(self, acme: Account) -> None:
        night("2025-06-10")
        rated(acme, 30, "2025-06-10", received="2025-06-11")
        night("2025-06-11")
        assert scored_days(acme) == [("2025-06-10", 30, SETTLED), ("2025-06-11", 30, PROVISIONAL)]

    def test_days_missed_by_everybody_are_settled_at_once_and_in_order(self, acme: Account) -> None:
        night("2025-06-10")
        rated(acme, 30, "2025-06-12")
        night("2025-06-14")
        assert scored_days(acme) == [
            ("2025-06-10", 80, SETTLED),
            ("2025-06-11", 80, SETTLED),
            ("2025-06-12", 30, SETTLED),
            ("2025-06-13", 30, SETTLED),
            ("2025-06-14", 30, PROVISIONAL),
        ]
        assert turns(acme) == [("2025-06-12", "band", "GREEN", "RED")]
        assert [run[:2] for run in runs()] == [
            ("2025-06-10", 1), ("2025-06-10", 2), ("2025-06-11", 2), ("2025-06-12", 2), ("2025-06-13", 2),
            ("2025-06-14", 1),
        ]  # fmt: skip

    def test_what_was_missed_over_a_month_ago_is_left_alone(self, acme: Account) -> None:
        night("2025-06-10")
        night("2025-07-20")
        assert [run[0] for run in runs()] == ["2025-06-10", "2025-07-20"]

    def test_a_run_that_was_interrupted_is_ended_before_later_days_begin(self, acme: Account) -> None:
        (run,) = recompute.open_runs(night_after("2025-06-10"))
        night("2025-06-11")
        assert [run[1:] for run in runs()] == [(1, "done"), (2, "done"), (1, "done")]
        run.refresh_from_db()
        assert (run.accounts, run.known_at) == (1, night_after("2025-06-10"))

    def test_settled_snapshots_never_change(self, acme: Account) -> None:
        nights("2025-06-10", "2025-06-11")
        before = everything_stored()[0]
        rated(acme, 10, "2025-06-05", received="2025-06-11")
        run = Run.objects.get(day=day("2025-06-10"), which=SETTLED)
        assert recompute.score_bucket(run, acme.pk // recompute.BUCKET).accounts == 0
        backfill.backfill(day("2025-06-10"), day("2025-06-10"), night_after("2025-06-20"))
        assert everything_stored()[0] == before

    def test_a_provisional_task_that_comes_late_leaves_a_settled_day_alone(self, acme: Account) -> None:
        nights("2025-06-10", "2025-06-11")
        provisional = Run.objects.get(day=day("2025-06-10"), which=PROVISIONAL)
        assert tasks.score_bucket(provisional.pk, acme.pk // recompute.BUCKET) == 0
        assert recompute.score_bucket(provisional, acme.pk // recompute.BUCKET).accounts == 0

    def test_a_day_is_scored_with_what_was_in_force_at_its_end_whenever_that_is_done(self, acme: Account) -> None:
        first = ScorecardVersion.objects.get()
        second = card(at="2025-06-12", green=90, yellow=40)
        night("2025-06-10")
        night("2025-06-14")
        found = Snapshot.objects.order_by("day").values_list("version_id", flat=True)
        assert list(found) == [first.pk, first.pk, second.pk, second.pk, second.pk]

    def test_without_anything_published_no_run_begins(self, db: None) -> None:
        account()
        assert tasks.sweep(night_after("2025-06-10").isoformat()) == 0
        assert runs() == []
        with pytest.raises(NothingInForce):
            recompute.open_runs(night_after("2025-06-10"))

    def test_the_run_tells_what_it_did(self, acme: Account, touch: ScorecardVersion) -> None:
        night("2025-06-10")
        run = Run.objects.get()
        assert (run.accounts, run.state, run.finished_at) == (1, "done", night_after("2025-06-10"))
        assert run.seconds > 0
        assert run.metrics
        assert all(entry["rows"] >= 0 and entry["seconds"] >= 0 for entry in run.metrics.values())

    def test_the_run_tells_how_many_rows_of_which_facts_it_read(self, acme: Account, touch: ScorecardVersion) -> None:
        night("2025-06-10")
        read = {name: entry["rows"] for name, entry in Run.objects.get().metrics.items()}
        assert read == {"attributes": 1}


class TestWhoIsScored:
    @pytest.mark.parametrize(
        ("status", "scored"),
        [("customer", True), ("Customer ", True), ("prospect", False), ("churned", False), ("archived", False)],
    )
    def test_the_status_says_who_is_a_customer(self, acme: Account, status: str, *, scored: bool) -> None:
        licensed(acme, "2025-01-01")
        attributed(acme, "status", status, "2025-06-01", type="text")
        night("2025-06-10")
        assert bool(scored_days(acme)) is scored

    def test_the_status_is_that_of_the_day(self, acme: Account) -> None:
        attributed(acme, "status", "customer", "2025-06-01", type="text")
        attributed(acme, "status", "churned", "2025-06-12", type="text")
        backfill.backfill(day("2025-06-10"), day("2025-06-13"), night_after("2025-06-20"))
        assert [found[0] for found in scored_days(acme)] == ["2025-06-10", "2025-06-11"]

    def test_one_without_a_status_is_a_customer_while_a_license_is_in_force_or_in_its_grace(
        self, acme: Account
    ) -> None:
        licensed(acme, "2025-05-01", "2025-06-11")
        nights("2025-06-10", "2025-06-13")
        assert len(scored_days(acme)) == 4
        assert not Latest.objects.get().churned
        night("2025-08-20")
        assert Latest.objects.get().churned
        assert Latest.objects.get().day == day("2025-06-13")

    def test_churned_and_back(self, acme: Account) -> None:
        attributed(acme, "status", "customer", "2025-06-01", type="text")
        night("2025-06-10")
        attributed(acme, "status", "churned", "2025-06-12", type="text")
        nights("2025-06-11", "2025-06-13")
        latest = Latest.objects.get()
        assert (latest.churned, latest.day) == (True, day("2025-06-11"))
        attributed(acme, "status", "customer", "2025-06-15", type="text")
        nights("2025-06-14", "2025-06-15")
        latest.refresh_from_db()
        assert (latest.churned, latest.day, latest.score) == (False, day("2025-06-15"), 80)
        assert [found[0] for found in scored_days(acme)] == ["2025-06-10", "2025-06-11", "2025-06-15"]

    def test_one_whose_first_license_has_not_begun_is_no_customer_yet_and_has_not_churned(self, acme: Account) -> None:
        licensed(acme, "2025-06-12", received="2025-06-01")
        nights("2025-06-10", "2025-06-12")
        assert [found[0] for found in scored_days(acme)] == ["2025-06-12"]

    def test_a_new_account_is_scored_from_its_first_day(self, acme: Account) -> None:
        night("2025-06-10")
        new = account("Borealis", since="2025-06-11")
        nights("2025-06-11", "2025-06-12")
        assert [found[0] for found in scored_days(new)] == ["2025-06-11", "2025-06-12"]
        assert [found[0] for found in scored_days(acme)] == ["2025-06-10", "2025-06-11", "2025-06-12"]

    def test_who_was_no_customer_after_all_is_taken_back_by_the_second_pass(self, acme: Account) -> None:
        night("2025-06-10")
        rated(acme, 30, "2025-06-11")
        night("2025-06-11")
        assert turns(acme)
        attributed(acme, "status", "churned", "2025-06-11", received="2025-06-12", type="text")
        night("2025-06-12")
        assert scored_days(acme) == [("2025-06-10", 80, SETTLED)]
        assert turns(acme) == []
        latest = Latest.objects.get()
        assert (latest.day, latest.score, latest.churned) == (day("2025-06-10"), 80, True)

    def test_a_deleted_account_is_not_scored(self, acme: Account) -> None:
        Account.objects.update(deleted_at=noon("2025-06-05"))
        night("2025-06-10")
        assert scored_days(acme) == []


class TestBandsAndTransitions:
    def test_no_transition_comes_with_the_first_snapshot(self, acme: Account) -> None:
        night("2025-06-10")
        assert turns(acme) == []

    def test_a_change_of_band_is_one_transition(self, acme: Account) -> None:
        rated(acme, 50, "2025-06-11")
        rated(acme, 55, "2025-06-12")
        nights("2025-06-10", "2025-06-13")
        assert turns(acme) == [("2025-06-11", "band", "GREEN", "YELLOW")]

    def test_the_second_pass_takes_a_transition_back(self, acme: Account) -> None:
        night("2025-06-10")
        rated(acme, 50, "2025-06-11")
        night("2025-06-11")
        assert turns(acme) == [("2025-06-11", "band", "GREEN", "YELLOW")]
        rated(acme, 75, "2025-06-11", received="2025-06-12")
        night("2025-06-12")
        assert turns(acme) == []

    def test_the_band_before_is_the_latest_known_one_of_the_same_scorecard(self, touch: ScorecardVersion) -> None:
        other = card(name="high")
        in_force(("high", "tier in gold"), ("touch", ""), at="2025-02-01")
        acme = account()
        rated(acme, 80, "2025-06-01")
        night("2025-06-10")
        attributed(acme, "tier", "gold", "2025-06-11", type="text")
        night("2025-06-11")
        moved = snapshot(acme, "2025-06-11")
        assert (moved.version_id, moved.band_before, moved.before_version_id) == (other.pk, Band.UNKNOWN, None)
        attributed(acme, "tier", "silver", "2025-06-12", type="text")
        night("2025-06-12")
        back = snapshot(acme, "2025-06-12")
        assert (back.band_before, back.before_version_id) == (Band.GREEN, touch.pk)

    def test_the_band_before_looks_past_nights_of_unknown_and_across_versions(self, acme: Account) -> None:
        first = ScorecardVersion.objects.get()
        night("2025-06-10")
        attributed(acme, "health", None, "2025-06-11")
        night("2025-06-11")
        assert snapshot(acme, "2025-06-11").scored == Band.UNKNOWN
        second = card(at="2025-06-12", margin=5)
        rated(acme, 66, "2025-06-12")
        night("2025-06-12")
        now = snapshot(acme, "2025-06-12")
        assert (now.version_id, now.before_version_id, now.band_before) == (second.pk, first.pk, Band.GREEN)
        assert now.scored == Band.GREEN, "held by the margin, since its edge has not moved"

    def test_a_band_over_thirty_days_old_is_none(self, acme: Account) -> None:
        night("2025-06-10")
        backfill.backfill(day("2025-07-10"), day("2025-07-10"), night_after("2025-08-20"))
        assert snapshot(acme, "2025-07-10").band_before == Band.GREEN
        Snapshot.objects.filter(day=day("2025-07-10")).delete()
        backfill.backfill(day("2025-07-11"), day("2025-07-11"), night_after("2025-08-20"))
        assert snapshot(acme, "2025-07-11").band_before == Band.UNKNOWN

    def test_a_guard_that_held_goes_on_until_it_lets_go_across_versions(self, db: None) -> None:
        guard = {**ESCALATED, "value": 20, "release": 10}
        card(guards=(guard,))
        in_force()
        acme = account()
        rated(acme, 80, "2025-06-01")
        attributed(acme, "escalated", "21", "2025-06-10")
        attributed(acme, "escalated", "15", "2025-06-11")
        night("2025-06-10")
        assert (snapshot(acme, "2025-06-10").guards_before, snapshot(acme, "2025-06-10").guards) == (0, 1)
        card(
            at="2025-06-11",
            guards=({**ESCALATED, "metric": "attribute:other", "position": 0}, {**guard, "position": 1}),
        )
        night("2025-06-11")
        now = snapshot(acme, "2025-06-11")
        assert (now.guards_before, now.guards, now.scored, now.computed) == (0b10, 0b10, Band.GREEN, Band.YELLOW)
        attributed(acme, "escalated", "9", "2025-06-12")
        night("2025-06-12")
        assert snapshot(acme, "2025-06-12").guards == 0


class TestOverrides:
    def set(self, acme: Account, dana: User, at: str, until: str, band: Band = Band.RED) -> Override:
        return overrides.override(
            acme, band=band, reason="Sponsor left.", last_day=day(until), author=dana, now=moment(at)
        )

    def test_its_beginning_and_its_end_are_transitions_of_their_own_kind(self, acme: Account, dana: User) -> None:
        given = self.set(acme, dana, "2025-06-11", "2025-06-12")
        nights("2025-06-10", "2025-06-14")
        found = Snapshot.objects.order_by("day").values_list("effective", "override_id", "computed")
        assert list(found) == [
            (Band.GREEN, None, Band.GREEN),
            (Band.RED, given.pk, Band.GREEN),
            (Band.RED, given.pk, Band.GREEN),
            (Band.GREEN, None, Band.GREEN),
            (Band.GREEN, None, Band.GREEN),
        ]
        assert turns(acme) == [
            ("2025-06-11", "override_began", "GREEN", "RED"),
            ("2025-06-13", "override_ended", "RED", "GREEN"),
        ]

    def test_one_that_takes_the_place_of_another_ends_and_begins_at_the_computed_band(
        self, acme: Account, dana: User
    ) -> None:
        self.set(acme, dana, "2025-06-10", "2025-06-20")
        self.set(acme, dana, "2025-06-11", "2025-06-20", Band.YELLOW)
        nights("2025-06-09", "2025-06-11")
        assert turns(acme) == [
            ("2025-06-10", "override_began", "GREEN", "RED"),
            ("2025-06-11", "override_ended", "RED", "GREEN"),
            ("2025-06-11", "override_began", "GREEN", "YELLOW"),
        ]

    def test_it_counts_from_the_day_at_whose_end_it_is_in_force(self, acme: Account, dana: User) -> None:
        self.set(acme, dana, "2025-06-11 09:00", "2025-06-20")
        overrides.end(acme, now=moment("2025-06-11 17:00"))
        nights("2025-06-10", "2025-06-12")
        assert turns(acme) == []

    def test_one_set_in_the_night_before_the_day_is_scored_belongs_to_the_next_day(
        self, acme: Account, dana: User
    ) -> None:
        self.set(acme, dana, "2025-06-11 01:00", "2025-06-20")
        night("2025-06-10")
        assert snapshot(acme, "2025-06-10").effective == Band.GREEN

    def test_a_computed_band_that_moves_under_it_is_no_transition(self, acme: Account, dana: User) -> None:
        self.set(acme, dana, "2025-06-10", "2025-06-20")
        rated(acme, 50, "2025-06-12")
        nights("2025-06-09", "2025-06-13")
        assert turns(acme) == [("2025-06-10", "override_began", "GREEN", "RED")]

    def test_the_margin_does_not_look_at_it(self, acme: Account, dana: User) -> None:
        self.set(acme, dana, "2025-06-10", "2025-06-20")
        nights("2025-06-10", "2025-06-11")
        assert snapshot(acme, "2025-06-11").band_before == Band.GREEN

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"band": Band.UNKNOWN}, "green, yellow or red"),
            ({"reason": "  "}, "needs a reason"),
            ({"last_day": "2025-06-09"}, "ends within 90 days"),
            ({"last_day": "2025-09-09"}, "ends within 90 days"),
        ],
    )
    def test_what_cannot_be_is_refused(self, acme: Account, dana: User, changes: dict[str, Any], says: str) -> None:
        given: dict[str, Any] = {"band": Band.RED, "reason": "Why.", "last_day": "2025-09-08", **changes}
        given["last_day"] = day(given["last_day"])
        with pytest.raises(overrides.BadOverride, match=says):
            overrides.override(acme, author=dana, now=moment("2025-06-10"), **given)


class TestLatest:
    def test_it_shows_the_newest_day_with_the_scores_of_a_week_and_a_month_before(self, acme: Account) -> None:
        rated(acme, 60, "2025-06-05")
        rated(acme, 40, "2025-06-28")
        backfill.backfill(day("2025-06-04"), day("2025-07-04"), night_after("2025-07-04"))
        latest = Latest.objects.get()
        assert (latest.day, latest.score, latest.score_7, latest.score_30) == (day("2025-07-04"), 40, 60, 80)
        assert (latest.scored, latest.computed, latest.effective) == (Band.YELLOW,) * 3

    def test_a_backfill_takes_it_to_no_older_day_and_fills_in_what_it_is_compared_with(self, acme: Account) -> None:
        rated(acme, 40, "2025-06-28")
        night("2025-07-04")
        assert Latest.objects.get().score_7 is None
        backfill.backfill(day("2025-06-27"), day("2025-06-27"), night_after("2025-07-04"))
        backfill.backfill(day("2025-06-04"), day("2025-06-04"), night_after("2025-07-04"))
        latest = Latest.objects.get()
        assert (latest.day, latest.score, latest.score_7, latest.score_30) == (day("2025-07-04"), 40, 80, 80)


def break_reading(account: Account, name: str = "plan") -> None:
    """Make the ranks of an attribute, which this account alone has, something that they cannot be."""
    AttributeDefinition.objects.filter(name=name).update(ranks={"not": "a list"})
    assert account.attribute_values.filter(definition__name=name).exists()


class TestFailures:
    @pytest.fixture
    def plans(self, db: None) -> Account:
        """An account with a rank, among others that have none."""
        card(("attribute:health", ITSELF), ("attribute:plan", "1:0, 3:100"))
        in_force()
        for number in range(8):
            rated(account(f"Account {number}"), 80, "2025-06-01")
        odd = account("Odd")
        rated(odd, 80, "2025-06-01")
        attributed(odd, "plan", "gold", "2025-06-01", type="ranked", ranks=["bronze", "silver", "gold"])
        return odd

    def state(self, odd: Account, text: str) -> tuple[float | None, State, int]:
        found = snapshot(odd, text)
        return found.readings[1], State(found.details[5]), found.details[4]

    def test_everybody_else_is_scored_and_what_failed_is_held_from_the_day_before(self, plans: Account) -> None:
        nights("2025-06-09", "2025-06-10")
        break_reading(plans)
        night("2025-06-11")
        assert Snapshot.objects.filter(day=day("2025-06-11"), score=80).count() == 8
        assert snapshot(plans, "2025-06-11").score == 90
        assert self.state(plans, "2025-06-11") == (3, State.HELD, 10)
        assert verify(snapshot(plans, "2025-06-11")).holds
        run = Run.objects.get(day=day("2025-06-11"))
        assert (run.state, run.accounts, run.metrics["attribute"]["failed"]) == ("done", 9, 1)

    def test_after_the_days_of_holding_it_counts_no_longer_in_coverage(self, plans: Account) -> None:
        nights("2025-06-09", "2025-06-10")
        break_reading(plans)
        nights("2025-06-11", "2025-06-17")
        assert self.state(plans, "2025-06-16") == (3, State.HELD, 15)
        assert self.state(plans, "2025-06-17") == (3, State.HELD_TOO_LONG, 16)
        assert (snapshot(plans, "2025-06-16").coverage, snapshot(plans, "2025-06-17").coverage) == (1.0, 0.5)
        assert snapshot(plans, "2025-06-17").score == 90, "a dead source makes nobody healthier"

    def test_what_was_never_read_has_failed(self, plans: Account) -> None:
        break_reading(plans)
        night("2025-06-10")
        found = snapshot(plans, "2025-06-10")
        assert (found.score, State(found.details[5])) == (80, State.FAILED)

    def test_a_reading_that_is_not_finite_is_held_too(self, acme: Account) -> None:
        night("2025-06-10")
        attributed(acme, "health", "Infinity", "2025-06-11")
        acme.attribute_values.filter(text="Infinity").update(number=float("inf"))
        night("2025-06-11")
        found = snapshot(acme, "2025-06-11")
        assert (found.score, State(found.details[2])) == (80, State.HELD)

    def test_a_metric_that_fails_for_more_than_a_few_stops_the_night_until_it_is_mended(self, touch: Any) -> None:
        card(("attribute:plan", "1:0, 3:100"), at="2025-06-09")
        everybody = [account(f"Account {number}") for number in range(20)]
        for one in everybody:
            attributed(one, "plan", "gold", "2025-06-01", type="ranked", ranks=["bronze", "silver", "gold"])
        break_reading(everybody[0])
        night("2025-06-10")
        run = Run.objects.get()
        assert run.state == Run.State.STOPPED
        assert run.error == (
            "attribute failed for 6 accounts. The night is stopped until that is mended; then `python manage.py "
            "recompute --day 2025-06-10` goes on."
        )
        assert Snapshot.objects.count() == 6

        night("2025-06-11")
        assert [run[1:] for run in runs()] == [(1, "stopped"), (2, "running"), (1, "running")]
        assert Snapshot.objects.count() == 6, "later days wait"

        AttributeDefinition.objects.update(ranks=["bronze", "silver", "gold"])
        Run.objects.filter(pk=run.pk).update(state=Run.State.RUNNING)
        night("2025-06-11")
        assert [run[1:] for run in runs()] == [(1, "done"), (2, "done"), (1, "done")]
        assert Snapshot.objects.filter(score=100).count() == 40

    def test_a_backfill_says_so_and_goes_on_when_called_again(self, touch: Any) -> None:
        card(("attribute:plan", "1:0, 3:100"), at="2025-06-09")
        everybody = [account(f"Account {number}") for number in range(20)]
        for one in everybody:
            attributed(one, "plan", "gold", "2025-06-01", type="ranked", ranks=["bronze", "silver", "gold"])
        break_reading(everybody[0])
        with pytest.raises(CommandError, match="attribute failed for 6 accounts"):
            call_command("recompute", day=day("2025-06-10"))
        AttributeDefinition.objects.update(ranks=["bronze", "silver", "gold"])
        said = StringIO()
        call_command("recompute", day=day("2025-06-10"), stdout=said)
        assert said.getvalue() == "14 snapshots made, 2025-06-10 to 2025-06-10.\n"
        run = Run.objects.get()
        assert (run.state, run.error, run.metrics["attribute"]["failed"]) == ("done", "", 0)


class TestInputs:
    def test_the_worked_example_through_the_night(self, monkeypatch: pytest.MonkeyPatch) -> None:
        worked_example()
        acme = account()
        connected("licenses", "usage", "survey-responses", through="2025-06-30")
        licensed(acme, seats=20)
        # Counts by the week say nothing of single days, so there is no stickiness.
        users(acme, 9, "2025-06-16", grain=7)
        other = survey()
        for rating, how_many in ((10, 4), (8, 4), (0, 2)):
            answers(acme, other, "2025-06-10", [rating] * how_many)
        night("2025-06-30")
        found = snapshot(acme, "2025-06-30")
        assert (found.readings[0], found.readings[2]) == pytest.approx((45, 20))
        assert State(found.details[5]) == State.NOT_APPLICABLE
        assert found.score == pytest.approx(51.0)
        assert found.coverage == pytest.approx(0.8)
        assert (found.scored, found.computed, found.effective) == (Band.YELLOW,) * 3
        assert verify(found).holds

    def test_scoring_stored_inputs_again_gives_digest_score_and_bands(self, db: None) -> None:
        card(guards=(ESCALATED,), margin=2)
        in_force()
        acme, other = account(), account("Borealis")
        for number, score in enumerate((69, 71, 73, 71, 69, 60)):
            rated(acme, score, f"2025-06-{10 + number}")
        attributed(acme, "escalated", "40000", "2020-01-01")
        nights("2025-06-09", "2025-06-17")
        card(at="2025-06-18", green=90)
        for found in Snapshot.objects.all():
            assert verify(found).holds, found
        assert Snapshot.objects.filter(account=other, score=None).exists()

    def test_a_late_fact_changes_the_score_as_known_now_and_not_the_snapshot(self, acme: Account) -> None:
        from health.configuration import in_force as in_force_on
        from health.judging import Deck, judged

        nights("2025-06-10", "2025-06-11")
        before = snapshot(acme, "2025-06-10")
        rated(acme, 30, "2025-06-10", received="2025-06-13")
        night("2025-06-13")
        after = snapshot(acme, "2025-06-10")
        assert (after.score, bytes(after.digest)) == (80, bytes(before.digest))
        deck = Deck(in_force_on(day("2025-06-10")))
        as_known_then, as_known_now = (
            next(judged(deck, [acme.pk], day("2025-06-10"), known)).verdict.score[0]
            for known in (before.known_at, None)
        )
        assert (as_known_then, as_known_now) == (80, 30)

    def test_no_query_is_made_for_each_account(self, touch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        # One bucket, whatever numbers the accounts get.
        monkeypatch.setattr(recompute, "BUCKET", 10**9)

        def queries(text: str) -> int:
            (run,) = (run for run in recompute.open_runs(night_after(text)) if run.which == PROVISIONAL)
            with CaptureQueriesContext(
                connection,
            ) as made:
                for bucket in recompute.waiting(run):
                    recompute.score_bucket(run, bucket)
                recompute.finish(run, night_after(text))
            return len(made)

        for number in range(10):
            rated(account(f"Account {number}"), 80, "2025-06-01")
        backfill.backfill(day("2025-06-09"), day("2025-06-09"), night_after("2025-06-10"))
        few = queries("2025-06-10")
        for number in range(190):
            rated(account(f"More {number}"), 10, "2025-06-01")
        night("2025-06-11")
        assert queries("2025-06-12") == few


def worked_example() -> None:
    """The scorecard of the worked example, published."""
    from health import configuration, scorecards
    from health.models import Scorecard

    draft = configuration.begin(
        ScorecardVersion(scorecard=Scorecard.objects.create(name="touch", label="Touch"), margin=0)
    )
    adoption = Group.objects.create(version=draft, key="adoption", label="Adoption", weight=60, position=0)
    sentiment = Group.objects.create(version=draft, key="sentiment", label="Sentiment", weight=40, position=1)
    add(adoption, "license_utilization", weight=2, scale="0:0, 40:40, 70:70, 100:100")
    add(adoption, "stickiness", weight=1, scale="0:0, 50:100")
    add(sentiment, "nps", scale="-50:0, 0:40, 30:70, 70:100")
    scorecards.publish(draft, author=None, note="The worked example.", now=noon("2025-01-01"))
    in_force()


class TestPreviews:
    @pytest.fixture
    def scored(self, acme: Account) -> Account:
        night("2025-06-10")
        return acme

    def test_a_changed_account_gets_one_and_no_snapshot_and_no_transition(self, scored: Account) -> None:
        other = account("Borealis")
        stored = everything_stored()
        rated(scored, 30, "2025-06-11 09:00")
        Account.objects.filter(pk=scored.pk).update(dirty_since=moment("2025-06-11 09:00"))
        assert previews.refresh(moment("2025-06-11 09:14")) == 1
        latest = Latest.objects.get(account=scored)
        assert (latest.preview_score, latest.preview_coverage, latest.preview_band) == (30, 1.0, Band.RED)
        assert (latest.preview_at, latest.score, latest.day) == (moment("2025-06-11 09:14"), 80, day("2025-06-10"))
        assert everything_stored() == stored
        assert not Latest.objects.filter(account=other).exists()
        assert previews.refresh(moment("2025-06-11 09:20")) == 0

    def test_the_next_night_takes_its_place(self, scored: Account) -> None:
        Account.objects.update(dirty_since=moment("2025-06-11 09:00"))
        previews.refresh(moment("2025-06-11 09:14"))
        night("2025-06-11")
        latest = Latest.objects.get()
        assert (latest.preview_at, latest.preview_score, latest.preview_band) == (None, None, None)

    def test_one_made_since_the_night_began_stays(self, scored: Account) -> None:
        (*_, run) = recompute.open_runs(night_after("2025-06-11"))
        Account.objects.update(dirty_since=night_after("2025-06-11"))
        previews.refresh(night_after("2025-06-11") + dt.timedelta(minutes=5))
        night("2025-06-11")
        assert run.known_at < Latest.objects.get().preview_at  # type: ignore[operator]

    def test_what_changes_after_the_reading_keeps_its_account_waiting(self, scored: Account) -> None:
        Account.objects.update(dirty_since=moment("2025-06-11 09:20"))
        assert previews.refresh(moment("2025-06-11 09:14")) == 0
        assert Account.objects.get().dirty_since is not None

    @pytest.mark.django_db(transaction=True)
    def test_an_account_of_which_facts_are_being_written_waits_for_them(self, scored: Account) -> None:
        Account.objects.update(dirty_since=moment("2025-06-11 09:00"))
        with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as writer:
            writer.execute("select from accounts_account for key share")
            assert previews.refresh(moment("2025-06-11 09:14")) == 0
        assert previews.refresh(moment("2025-06-11 09:14")) == 1

    def test_who_is_no_customer_gets_none_and_waits_no_longer(self, scored: Account) -> None:
        attributed(scored, "status", "churned", "2025-06-11", type="text")
        Account.objects.update(dirty_since=moment("2025-06-11"))
        assert tasks.refresh_previews() == 1
        assert Latest.objects.get().preview_at is None
        assert Account.objects.get().dirty_since is None

    def test_an_account_that_cannot_be_read_keeps_nobody_from_theirs(self, scored: Account) -> None:
        card(("attribute:health", ITSELF), ("attribute:plan", "1:0, 3:100"), at="2025-06-11")
        odd = account("Odd")
        rated(odd, 60, "2025-06-01")
        attributed(odd, "plan", "gold", "2025-06-01", type="ranked", ranks=["gold"])
        break_reading(odd)
        night("2025-06-11")
        Account.objects.update(dirty_since=moment("2025-06-12"))
        assert previews.refresh(moment("2025-06-12 14:00")) == 2
        found = Latest.objects.order_by("account").values_list("preview_score", flat=True)
        assert list(found) == [80, 60]

    def test_the_number_of_queries_does_not_grow_with_accounts(
        self, scored: Account, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        Account.objects.update(dirty_since=moment("2025-06-12"))
        with CaptureQueriesContext(connection) as made:
            previews.refresh(moment("2025-06-12 14:00"))
        for number in range(50):
            rated(account(f"More {number}"), 10, "2025-06-01")
        Account.objects.update(dirty_since=moment("2025-06-12"))
        with django_assert_num_queries(len(made)):
            previews.refresh(moment("2025-06-12 14:00"))


class TestCommand:
    def recompute(self, **options: Any) -> str:
        said = StringIO()
        call_command("recompute", stdout=said, **options)
        return said.getvalue()

    def test_several_days_in_order(self, acme: Account) -> None:
        said = self.recompute(first=day("2025-06-10"), last=day("2025-06-12"))
        assert said == "3 snapshots made, 2025-06-10 to 2025-06-12.\n"
        assert [found[1:] for found in scored_days(acme)] == [(80, SETTLED)] * 3
        assert snapshot(acme, "2025-06-10").known_at == night_after("2025-06-11")
        assert runs() == [(f"2025-06-{number}", 2, "done") for number in (10, 11, 12)]
        assert self.recompute(first=day("2025-06-10"), last=day("2025-06-12")).startswith("0 snapshots made")

    def test_one_account_by_its_number_or_public_id_leaves_the_others_and_the_nights_alone(self, acme: Account) -> None:
        other = account("Borealis")
        assert self.recompute(day=day("2025-06-10"), account=str(acme.pk)).startswith("1 snapshots made")
        assert self.recompute(day=day("2025-06-11"), account=str(acme.public_id)).startswith("1 snapshots made")
        assert (len(scored_days(acme)), len(scored_days(other)), runs()) == (2, 0, [])

    def test_what_cannot_be_is_said(self, acme: Account) -> None:
        tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
        for options, says in (
            ({"day": day("2025-06-10"), "first": day("2025-06-10")}, "Give --day, or --from and --to."),
            ({"first": day("2025-06-10"), "last": day("2025-06-09")}, "2025-06-09 is before 2025-06-10."),
            ({"day": tomorrow}, f"{tomorrow} has not ended."),
            ({"account": "42424242"}, "There is no account 42424242."),
            ({"account": "nobody"}, "There is no account nobody."),
        ):
            with pytest.raises(CommandError) as refused:
                self.recompute(**options)
            assert str(refused.value) == says

    def test_without_a_scorecard_it_says_how_to_get_one(self, db: None) -> None:
        account()
        with pytest.raises(CommandError, match="No scorecard has been published yet"):
            self.recompute(day=day("2025-06-10"))
