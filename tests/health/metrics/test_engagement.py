"""Engagement metrics, by hand. The day is Monday, 30 June 2025; thirty days up to it begin on 1 June, ninety on 2 April."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Touchpoint
from health.metrics import declare
from health.metrics.cases import Cases
from health.metrics.read import Asked, read
from health.metrics.rules import Rules
from health.scoring.card import State
from tests.health.metrics.facts import DAY, account, connected, corrected, day, gone, heard_of, reading, state, value
from tests.health.metrics.people import (
    answer,
    end_user,
    licensed,
    pulse,
    request,
    stakeholder,
    survey,
    touchpoint,
    used,
)

pytestmark = pytest.mark.django_db

NAMES = (
    "stakeholder_engagement",
    "touchpoints",
    "touchpoints:call",
    "meeting_attendance",
    "days_since_touchpoint",
    "champion",
    "executive_sponsor",
    "pulse",
)


@pytest.fixture(autouse=True)
def _connected(db: None, settings: object) -> None:
    settings.ORGANIZATION_TIME_ZONE = "Europe/Berlin"  # type: ignore[attr-defined]
    connected("touchpoints", "stakeholders", "pulses", "survey-responses", "usage")


# Touchpoints


def test_touchpoints_are_those_held_in_the_window() -> None:
    acme = account()
    for at in ("2025-06-01 00:00", "2025-06-15", "2025-06-30 23:59"):
        touchpoint(acme, at)
    touchpoint(acme, "2025-05-31 23:59")
    touchpoint(acme, "2025-07-01 00:00")
    for status in ("planned", "canceled_by_customer", "canceled_by_us", "no_show"):
        touchpoint(acme, "2025-06-15", status=status)
    assert reading("touchpoints", acme) == (3.0, State.FRESH, 3, 0)


def test_days_begin_and_end_in_the_organizations_time_zone_also_on_a_day_of_23_hours() -> None:
    acme = account()
    touchpoint(acme, "2025-03-30 00:00")  # that day has 23 hours in Berlin
    touchpoint(acme, "2025-03-30 23:59")
    touchpoint(acme, "2025-03-31 00:00")
    assert value("touchpoints", acme, "2025-03-30", window=1) == 2
    assert value("touchpoints", acme, "2025-03-31", window=1) == 1
    assert value("touchpoints", acme, "2025-03-29", window=1) == 0


def test_days_of_25_hours_are_whole_days_too() -> None:
    acme = account()
    for at in ("2025-10-26 00:00", "2025-10-26 23:30", "2025-10-27 00:00"):
        touchpoint(acme, at)
    assert value("touchpoints", acme, "2025-10-26", window=1) == 2


def test_touchpoints_of_a_kind_are_of_that_kind() -> None:
    acme = account()
    for kind in ("call", "call", "training", "email"):
        touchpoint(acme, "2025-06-10", kind=kind)
    assert [value(f"touchpoints:{kind}", acme) for kind in ("call", "training", "meeting")] == [2, 1, 0]
    assert value("touchpoints", acme) == 4


def test_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(LookupError, match="Touchpoints knows no “lunch”"):
        declare.get("touchpoints:lunch")
    assert {declare.get(f"touchpoints:{kind}")[1] for kind in Touchpoint.Kind.values} == set(Touchpoint.Kind.values)


def test_touchpoints_are_never_until_the_account_is_one_window_old_and_then_zero() -> None:
    young = account("Young", since="2025-06-10")
    assert state("touchpoints", young) == State.NEVER
    heard_of(young, "touchpoints", received="2025-06-20")
    assert reading("touchpoints", young) == (0.0, State.FRESH, 0, 0)
    assert reading("touchpoints", account("Old"))[:2] == (0.0, State.FRESH)


def test_an_account_of_less_than_seven_days_is_too_young_to_count_its_touchpoints() -> None:
    acme = account(since="2025-06-25")
    touchpoint(acme, "2025-06-27")
    assert state("touchpoints", acme) == State.TOO_YOUNG
    assert value("touchpoints", acme, "2025-07-01") == 1


def test_what_came_before_the_first_license_is_not_part_of_the_accounts_life() -> None:
    acme = account()
    licensed(acme, "2025-06-10")
    touchpoint(acme, "2025-06-09 23:59")  # a sales call
    assert value("days_since_touchpoint", acme) == 20
    touchpoint(acme, "2025-06-10 00:00")
    assert value("touchpoints", acme) == 1
    assert value("days_since_touchpoint", acme) == 20


def test_days_since_touchpoint_counts_from_the_last_one_held() -> None:
    acme = account()
    touchpoint(acme, "2025-06-10 00:05")
    touchpoint(acme, "2025-06-20", status="no_show")
    touchpoint(acme, "2025-07-02")
    assert reading("days_since_touchpoint", acme) == (20.0, State.FRESH, 1, 0)
    assert value("days_since_touchpoint", acme, "2025-06-10") == 0


def test_days_since_touchpoint_are_those_of_the_accounts_life_where_there_was_none() -> None:
    acme = account(since="2025-06-21")
    assert reading("days_since_touchpoint", acme)[:2] == (9.0, State.FRESH)
    assert value("days_since_touchpoint", acme, "2025-06-21") == 0


# Attendance


def test_meeting_attendance_is_held_by_held_and_missed_appointments() -> None:
    acme = account()
    for status in ("held", "held", "held", "canceled_by_customer", "no_show"):
        touchpoint(acme, "2025-06-10", status=status)
    for status in ("canceled_by_us", "planned"):
        touchpoint(acme, "2025-06-10", status=status)
    assert reading("meeting_attendance", acme) == (60.0, State.FRESH, 5, 0)  # 3 of 5


def test_nobody_attends_an_e_mail() -> None:
    acme = account()
    touchpoint(acme, "2025-06-10", kind="training", status="no_show")
    for kind in ("email", "event", "webinar", "review", "referral"):
        touchpoint(acme, "2025-06-10", kind=kind)
    assert reading("meeting_attendance", acme)[:3] == (0.0, State.FRESH, 1)


def test_attendance_looks_ninety_days_back() -> None:
    acme = account()
    touchpoint(acme, "2025-04-02 00:00")
    touchpoint(acme, "2025-04-01 23:59", status="no_show")
    assert value("meeting_attendance", acme) == 100


def test_without_appointments_there_is_no_attendance() -> None:
    acme = account()
    touchpoint(acme, "2025-01-10")
    assert state("meeting_attendance", acme) == State.NONE
    assert state("meeting_attendance", account("Other")) == State.NEVER


# Key contacts


def test_stakeholder_engagement_is_key_contacts_with_an_interaction_by_key_contacts() -> None:
    acme = account()
    met, answered, used_it, linked_answer, silent = (
        stakeholder(acme, role)
        for role in ("champion", "executive_sponsor", "decision_maker", "admin", "decision_maker")
    )
    touchpoint(acme, "2025-06-01 00:00", met)
    answer(acme, survey(), "2025-06-30 23:00", 9, answered)
    used(end_user(acme, stakeholder_record=used_it.record), "2025-06-12")
    answer(acme, survey(), "2025-06-05", 9, end_user(acme, stakeholder_record=linked_answer.record))
    touchpoint(acme, "2025-05-31 23:59", silent)  # the day before the window
    touchpoint(acme, "2025-06-10", silent, status="no_show")
    assert reading("stakeholder_engagement", acme) == (80.0, State.FRESH, 5, 0)  # 4 of 5


def test_a_contact_who_interacts_in_every_way_is_one() -> None:
    acme = account()
    kim, lee = stakeholder(acme), stakeholder(acme, "admin")
    for at in ("2025-06-10", "2025-06-11"):
        touchpoint(acme, at, kim)
        answer(acme, survey(), at, 9, kim)
    used(end_user(acme, stakeholder_record=kim.record), "2025-06-12", "2025-06-13")
    assert value("stakeholder_engagement", acme) == 50
    touchpoint(acme, "2025-06-20", kim, lee)
    assert value("stakeholder_engagement", acme) == 100


def test_an_answer_to_a_request_is_of_whom_was_asked() -> None:
    acme = account()
    kim, asked = stakeholder(acme), survey()
    sent = request(acme, asked, "2025-06-10", stakeholder_record=kim.record)
    answer(acme, asked, "2025-06-12", 9, request_record=sent.record)
    assert value("stakeholder_engagement", acme) == 100


def test_only_stakeholders_in_a_key_role_are_key_contacts() -> None:
    acme = account()
    stakeholder(acme, "champion")
    touchpoint(acme, "2025-06-10", stakeholder(acme, "user"), stakeholder(acme, "influencer"))
    assert value("stakeholder_engagement", acme) == 0
    assert value("stakeholder_engagement", acme, rules=Rules(key_roles=("user", "champion"))) == 50


def test_key_contacts_are_those_in_force_on_the_day() -> None:
    acme = account()
    touchpoint(acme, "2025-06-10", stakeholder(acme, since="2025-06-30"))  # comes today
    stakeholder(acme, since="2025-07-01")  # comes tomorrow
    stakeholder(acme, left="2025-06-30")  # is gone today
    assert reading("stakeholder_engagement", acme)[:3] == (100.0, State.FRESH, 1)
    assert reading("stakeholder_engagement", acme, "2025-06-29")[:3] == (0.0, State.FRESH, 1)


def test_without_key_contacts_engagement_is_not_applicable() -> None:
    acme = account()
    touchpoint(acme, "2025-06-10", stakeholder(acme, "user"))
    assert state("stakeholder_engagement", acme) == State.NOT_APPLICABLE


def test_engagement_needs_touchpoints_but_neither_surveys_nor_usage() -> None:
    connected("stakeholders", "touchpoints", by="other crm")
    acme = account()
    touchpoint(acme, "2025-06-10", stakeholder(acme))
    assert value("stakeholder_engagement", acme) == 100


def test_staff_who_use_the_product_are_no_key_contact_using_it() -> None:
    acme = account()
    kim = stakeholder(acme)
    used(end_user(acme, stakeholder_record=kim.record, internal=True), "2025-06-12")
    assert value("stakeholder_engagement", acme, "2025-06-30") == 0


# In place


@pytest.mark.parametrize("role", ["champion", "executive_sponsor"])
def test_somebody_is_in_place_from_their_first_day_until_the_day_they_leave(role: str) -> None:
    acme = account()
    stakeholder(acme, role, since="2025-06-10", left="2025-06-20")
    found = [value(role, acme, on) for on in ("2025-06-09", "2025-06-10", "2025-06-19", "2025-06-20")]
    assert found == [0, 1, 1, 0]
    other = "champion" if role == "executive_sponsor" else "executive_sponsor"
    assert value(other, acme, "2025-06-15") == 0


def test_two_champions_are_one_champion_in_place() -> None:
    acme = account()
    stakeholder(acme)
    stakeholder(acme)
    assert value("champion", acme) == 1


def test_a_champion_who_changes_role_is_one_as_was_known_then() -> None:
    acme = account()
    kim = stakeholder(acme, "champion", received="2025-06-01")
    corrected(kim, "2025-06-20", role="user")
    assert value("champion", acme, known="2025-05-31") == 0
    assert value("champion", acme, known="2025-06-10") == 1
    assert value("champion", acme, known="2025-06-21") == 0
    assert value("champion", acme) == 0


# Pulse


def test_pulse_is_the_latest_rating_and_as_old_as_that() -> None:
    acme = account()
    pulse(acme, "2025-06-20 09:00", 4)
    pulse(acme, "2025-06-20 16:00", 2)
    pulse(acme, "2025-05-01", 5)
    pulse(acme, "2025-07-01 00:00", 1)
    assert reading("pulse", acme) == (2.0, State.FRESH, 1, 10)


def test_pulse_is_stale_after_its_greatest_age_and_none_after_its_window() -> None:
    acme = account()
    pulse(acme, "2025-04-02", 4)
    assert value("pulse", acme) == 4  # the first day of ninety
    assert reading("pulse", acme, max_age_days=88) == (None, State.STALE, 1, 89)
    assert value("pulse", acme, max_age_days=89) == 4
    assert state("pulse", acme, "2025-07-01") == State.NONE
    assert state("pulse", account("Other")) == State.NEVER


def test_a_pulse_that_was_taken_back_leaves_the_one_before() -> None:
    acme = account()
    pulse(acme, "2025-06-10", 4)
    wrong = pulse(acme, "2025-06-20", 1)
    gone(wrong, "2025-06-22")
    assert value("pulse", acme, known="2025-06-21") == 1
    assert value("pulse", acme) == 4


# All of them


def test_an_empty_account_has_nothing_and_says_which() -> None:
    found = {name: reading(name, account())[:2] for name in NAMES}
    assert found == {
        "stakeholder_engagement": (None, State.NOT_APPLICABLE),
        "touchpoints": (0.0, State.FRESH),
        "touchpoints:call": (0.0, State.FRESH),
        "meeting_attendance": (None, State.NEVER),
        "days_since_touchpoint": (2007.0, State.FRESH),  # 2020-01-01 to 2025-06-30
        "champion": (0.0, State.FRESH),
        "executive_sponsor": (0.0, State.FRESH),
        "pulse": (None, State.NEVER),
    }


def test_another_account_changes_nothing() -> None:
    acme, other = account("Acme"), account("Other")
    kim = stakeholder(acme)
    touchpoint(acme, "2025-06-10", kim, kind="call")
    pulse(acme, "2025-06-10", 3)
    alone = {name: reading(name, acme) for name in NAMES}
    touchpoint(other, "2025-06-20", kim, stakeholder(other), kind="call", status="no_show")
    touchpoint(other, "2025-06-20", kind="call")
    stakeholder(other, "executive_sponsor")
    pulse(other, "2025-06-20", 5)
    assert {name: reading(name, acme) for name in NAMES} == alone


@pytest.mark.parametrize(
    ("name", "then", "now"),
    [
        ("stakeholder_engagement", 0, 100),
        ("touchpoints", 0, 1),
        ("touchpoints:call", 0, 1),
        ("meeting_attendance", None, 100),
        ("days_since_touchpoint", 170, 20),  # since 11 January
        ("pulse", None, 3),
    ],
)
def test_what_is_received_later_is_invisible_as_known_then(name: str, then: float | None, now: float) -> None:
    acme = account()
    kim = stakeholder(acme)
    touchpoint(acme, "2025-01-11", kind="email")
    touchpoint(acme, "2025-06-10", kim, kind="call", received="2025-07-15")
    pulse(acme, "2025-06-10", 3, received="2025-07-15")
    assert value(name, acme, known="2025-07-14") == then
    assert value(name, acme, known="2025-07-16") == now
    assert value(name, acme) == now


def test_a_touchpoint_that_was_corrected_or_deleted_reads_as_it_was_known() -> None:
    acme = account()
    wrong, twice = touchpoint(acme, "2025-06-10"), touchpoint(acme, "2025-06-11")
    corrected(wrong, "2025-06-20", status="no_show")
    gone(twice, "2025-06-21")
    known = ("2025-06-15", "2025-06-20 13:00", "2025-06-22")
    assert [value("touchpoints", acme, "2025-06-14", known=at) for at in known] == [2, 1, 0]
    assert [value("meeting_attendance", acme, "2025-06-14", known=at) for at in known] == [100, 50, 0]


def test_a_hundred_accounts_take_as_many_queries_as_one() -> None:
    made = [account(f"Account {number}") for number in range(20)]
    for one in made:
        touchpoint(one, "2025-06-10", stakeholder(one))
    asked = [Asked(metric=metric, argument=argument) for metric, argument in map(declare.get, NAMES)]

    def queries(accounts: list[int]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            read(asked, Cases.on(accounts, day(DAY)), Rules())
        return len(captured)

    assert queries([one.pk for one in made]) == queries([made[0].pk])
