"""A stored snapshot explains itself: every number of the worked example, in the metrics' own units."""

import datetime as dt

import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from health import configuration, overrides, scorecards
from health.explain import Explanation, explained, nearest_day
from health.inputs import verify
from health.metrics.read import Read
from health.models import Group, Guard, Scorecard, ScorecardVersion, Snapshot
from health.scoring.card import Band, State
from health.templatetags.rulers import begins, measure_ruler
from tests.health.company import DAY as ONE_DAY
from tests.health.company import Company
from tests.health.judgment import add, line_up_of, noon
from tests.health.worked import COUNTS, DAY, EXAMPLE, NPS, STICKINESS, UTILIZATION, scored, stored, worked_example


@pytest.fixture
def account(company: Company) -> Account:
    return company.account("Calloway Freight", company.dana)


def explain(account: Account, day: dt.date | None = None) -> Explanation:
    found = explained(account, day)
    assert found is not None
    return found


def test_the_worked_example_as_stored(account: Account) -> None:
    worked_example()
    scored(account)
    it = explain(account)
    assert (it.shown, it.scored, it.computed, it.effective) == (51.0, Band.YELLOW, Band.YELLOW, Band.YELLOW)
    assert it.score == pytest.approx(51)
    assert (it.coverage_percent, it.needed_percent) == (80, 50)
    utilization, stickiness, nps = it.measures
    assert (utilization.reading, utilization.over) == ("45.0\xa0%", "27 of 60 licenses")
    assert (utilization.points, utilization.effective, utilization.adds, utilization.lost) == (45.0, 60.0, 27.0, 33.0)
    assert (nps.reading, nps.over) == ("+20", "15 answers")
    assert (nps.points, nps.effective, nps.adds, nps.lost) == (60.0, 40.0, 24.0, 16.0)
    assert (stickiness.points, stickiness.nominal, stickiness.effective) == (None, 20.0, 0.0)
    assert stickiness.tag == "never"
    assert stickiness.goes_to == "20.00 goes to License utilization"


def test_the_path_of_the_worked_example_in_whole_people(account: Account) -> None:
    worked_example()
    scored(account)
    it = explain(account)
    assert (it.green.target, it.green.short, it.green.reaches) == (70.0, 19.0, True)
    (step,) = it.green.alone
    assert (step.act, step.label) == ("Bring 19 more people to use it", "License utilization")
    assert step.says == "45.0\xa0% → 76.7\xa0%: 19 more of 60 licenses"
    assert (step.gain, step.score) == (19.0, 70.0)
    assert it.green.steps == (step,)
    assert it.yellow.is_there


def escalated(account: Account, scale: str) -> Explanation:
    """Two escalated tickets, the older for nine days, under a guard from seven on."""
    draft = configuration.begin(ScorecardVersion(scorecard=Scorecard.objects.create(name="care", label="Care")))
    group = Group.objects.create(version=draft, key="support", label="Support", weight=100, position=0)
    add(group, "escalated_tickets", scale=scale)
    Guard.objects.create(version=draft, metric="oldest_escalated_ticket", comparison=">", value=7, cap=Band.RED)
    scorecards.publish(draft, author=None, note="First.", now=noon("2025-01-05"))
    configuration.publish_settings(configuration.new_settings(), author=None, note="First.", now=noon("2025-01-05"))
    configuration.publish_line_up(line_up_of(("care", "")), author=None, note="First.", now=noon("2025-01-05"))
    fresh, ages = np.zeros((1, 2), dtype=np.int16), np.asarray([[0, 0]])
    stored(account, Read(values=np.asarray([[2.0, 9.0]]), states=fresh, n=np.asarray([[2, 1]]), ages=ages))
    return explain(account)


def test_a_step_that_closes_the_last_ticket_lifts_the_guard_on_the_age_of_the_oldest(account: Account) -> None:
    it = escalated(account, "0:100, 1:60, 2:20")
    assert [step.act for step in it.way.steps] == ["Close 2 escalated tickets"]
    assert it.would_apply == ()


def test_a_step_that_leaves_a_ticket_open_leaves_that_guard_in_force(account: Account) -> None:
    it = escalated(account, "0:100, 1:80, 2:20")
    assert [step.act for step in it.way.steps] == ["Close one escalated ticket"]
    assert [guard.partition(" over")[0] for guard in it.would_apply] == ["Oldest escalated ticket"]


@pytest.mark.parametrize(
    ("scale", "said"),
    [
        ("0:100, 1:55, 2:10", "yellow from 1, green from 0"),
        ("0:100, 1:60, 2:20", "yellow from 1, green from 0"),
        ("0:100, 1:10", "yellow from 0.7, green from 0.3"),
    ],
)
def test_edges_are_the_last_whole_readings_that_give_a_band_or_told_apart_by_a_decimal(
    scale: str, said: str, account: Account
) -> None:
    it = escalated(account, scale)
    assert said in measure_ruler(it.measures[0], it.edges, {})
    assert begins(it.measures[0], it.edges) == f"{said}\xa0tickets"


def test_the_path_with_a_margin_leads_to_where_green_begins_tomorrow(account: Account) -> None:
    worked_example(margin=2.0)
    scored(account, day=DAY - ONE_DAY)
    scored(account)
    it = explain(account)
    assert (it.edges.green, it.edges.green_now, it.green.target) == (70.0, 72.0, 72.0)
    assert it.scored == Band.YELLOW
    assert not it.edges.margin_decides
    (step,) = it.green.alone
    assert step.says == "45.0\xa0% → 80.0\xa0%: 21 more of 60 licenses"
    assert step.score == 72.0


@pytest.mark.parametrize(
    ("utilization", "before", "held"),
    [
        (77.0, 45.0, "still yellow: green from 72.0"),
        (75.0, 90.0, "still green: yellow under 68.0"),
        (41.0, 10.0, "still red: yellow from 42.0"),
        (38.0, 45.0, "still yellow: red under 38.0"),
    ],
)
def test_where_the_margin_decides_it_says_so(utilization: float, before: float, held: str, account: Account) -> None:
    worked_example(margin=2.0)
    nps = 0.0 if "red" in held else 20.0
    scored(account, before, State.NEVER, -50.0 if before == 10.0 else nps, 3.0, day=DAY - ONE_DAY)
    scored(account, utilization, State.NEVER, nps, 3.0)
    it = explain(account)
    assert it.edges.margin_decides
    assert it.edges.held == held


def test_what_is_printed_adds_up_to_what_is_printed(account: Account) -> None:
    worked_example()
    for number, readings in enumerate(((33.3, 12.7, 11.1, 3.0), (1.0, 49.9, 69.9, 3.0), (66.6, State.NONE, 7.3, 3.0))):
        scored(account, *readings, day=DAY + number * ONE_DAY)
        it = explain(account)
        assert it.shown is not None
        assert sum(group.adds for group in it.groups) == pytest.approx(it.shown)
        assert sum(group.lost for group in it.groups) == pytest.approx(100 - it.shown)
        assert sum(group.effective for group in it.groups) == pytest.approx(100)
        for group in it.groups:
            assert sum(line.adds for line in group.measures) == pytest.approx(group.adds)
            assert sum(line.lost for line in group.measures) == pytest.approx(group.lost)
            assert sum(line.effective for line in group.measures) == pytest.approx(group.effective)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (State.NOT_CONNECTED, "not connected: it needs usage"),
        (State.NEVER, "never: no usage ever came"),
        (State.TOO_YOUNG, "too young: 7 days of life are needed"),
        (State.NOT_APPLICABLE, "not applicable: nothing to divide by"),
        (State.FAILED, "failed: it could not be read"),
    ],
)
def test_a_missing_reading_says_why(state: State, reason: str, account: Account) -> None:
    worked_example()
    scored(account, 45.0, state, 20.0, 3.0)
    assert explain(account).measures[STICKINESS].reason == reason


def test_a_held_reading_counts_and_says_since_when(account: Account) -> None:
    worked_example()
    found = Read(
        np.asarray([[45.0, np.nan, 20.0, 3.0]]), np.asarray([[State.HELD, 11, 0, 0]], dtype=np.int16),
        np.asarray([COUNTS]), np.asarray([[3, 0, 9, 0]]),
    )  # fmt: skip
    stored(account, found)
    line = explain(account).measures[UTILIZATION]
    assert line.is_held
    assert line.detail == "kept since Jun\xa027: nothing has come of usage and licenses since"
    assert line.points == 45.0
    assert explain(account).measures[NPS].age == 9


def test_guards_hold_do_not_hold_or_were_not_judged(account: Account) -> None:
    worked_example()
    for number, (ticket, state, changes) in enumerate(
        ((3.0, "does not apply", False), (9.0, "applies", True), (State.NOT_CONNECTED, "not judged", False))
    ):
        scored(account, 90.0, State.NEVER, 60.0, ticket, day=DAY + number * ONE_DAY)
        (guard,) = explain(account).guards
        assert guard.label == "Oldest open ticket over 7\xa0d: at most yellow"
        assert (guard.state, guard.changes) == (state, changes)
    it = explain(account, DAY + ONE_DAY)
    assert (it.scored, it.computed) == (Band.GREEN, Band.YELLOW)
    assert it.green.is_there
    assert it.green.guards == ("Oldest open ticket over 7\xa0d: at most yellow",)


def test_an_unknown_account_is_told_what_to_get_read(account: Account) -> None:
    worked_example()
    scored(account, State.NOT_CONNECTED, State.NEVER, 20.0, 3.0)
    it = explain(account)
    assert (it.shown, it.scored) == (60.0, Band.UNKNOWN)
    assert it.green.to_be_read == ("license_utilization[30]",)


def test_without_any_reading_there_is_no_score(account: Account) -> None:
    worked_example()
    scored(account, State.FAILED, State.NEVER, State.NONE, State.FAILED)
    it = explain(account)
    assert (it.score, it.shown, it.scored, it.coverage_percent) == (None, None, Band.UNKNOWN, 0)
    assert it.check.holds


def test_what_is_stored_gives_the_stored_score_bands_and_digest(company: Company, account: Account) -> None:
    worked_example(margin=2.0)
    overrides.override(
        account, band=Band.RED, reason="CFO asks for quotes", last_day=DAY, author=company.dana, now=noon(str(DAY))
    )
    for number, readings in enumerate((EXAMPLE, (90.0, 20.0, 60.0, 9.0), (State.NEVER, State.NEVER, 1.5, 1.0))):
        snapshot = scored(account, *readings, day=DAY + number * ONE_DAY)
        assert verify(snapshot).holds
    assert explain(account, DAY).override is not None
    assert explain(account, DAY).effective == Band.RED


@pytest.mark.parametrize(
    ("column", "value", "broken"),
    [
        ("score", 51.5, {"score"}),
        ("coverage", 0.81, {"score"}),
        ("scored", Band.GREEN, {"bands"}),
        ("known_at", noon("2025-07-09"), {"digest"}),
        ("settings_id", 1_000_000_007, {"digest"}),
        ("readings", [46.0, None, 20.0, 3.0], {"score", "digest"}),
    ],
)
def test_a_snapshot_that_somebody_changed_is_found_out(
    column: str, value: object, broken: set[str], account: Account
) -> None:
    worked_example()
    snapshot = scored(account)
    setattr(snapshot, column, value)
    check = verify(snapshot)
    assert {name for name in ("score", "bands", "digest") if not getattr(check, name)} == broken


def test_a_count_beyond_what_a_snapshot_holds_leaves_the_digest_true(account: Account) -> None:
    worked_example()
    found = Read(
        np.asarray([[45.0, np.nan, 20.0, 3.0]]), np.asarray([[0, 11, 0, 0]], dtype=np.int16),
        np.asarray([[90_000, 0, 15, 1]]), np.asarray([[0, 0, 0, 0]]),
    )  # fmt: skip
    assert verify(stored(account, found)).holds
    assert explain(account).measures[UTILIZATION].over == "over 32,767 licenses"


def test_an_earlier_day_or_the_nearest_one(account: Account) -> None:
    worked_example()
    scored(account, day=DAY)
    scored(account, 90.0, State.NEVER, 60.0, 3.0, day=DAY + 5 * ONE_DAY)
    assert explain(account).day == DAY + 5 * ONE_DAY
    assert explain(account, DAY).shown == 51.0
    assert explained(account, DAY + ONE_DAY) is None
    assert nearest_day(account, DAY + ONE_DAY) == DAY
    assert nearest_day(account, DAY - ONE_DAY) == DAY


def test_an_explanation_takes_seven_queries(
    account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    worked_example()
    for number in range(3):
        scored(account, day=DAY + number * ONE_DAY)
    with django_assert_num_queries(7):  # snapshot, version, groups, measures, guards, line-up, settings
        explained(account)
    assert Snapshot.objects.count() == 3
