"""Sentiment metrics, by hand. The day is Monday, 30 June 2025; 180 days up to it begin on 2 January, 90 on 2 April."""

import math

import numpy as np
import pytest

from accounts.models import Account, EndUser, Stakeholder
from health.metrics import declare
from health.metrics.cases import Cases
from health.metrics.read import Asked, read
from health.metrics.rules import Rules
from health.metrics.sentiment import nps_margin, votes
from health.scoring.card import State
from support.models import Ticket
from tests.health.metrics.facts import (
    DAY,
    account,
    connected,
    corrected,
    day,
    gone,
    moment,
    reading,
    state,
    value,
    version,
)
from tests.health.metrics.people import answer, answers, end_user, request, stakeholder, survey, touchpoint

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _connected(db: None, settings: object) -> None:
    settings.ORGANIZATION_TIME_ZONE = "Europe/Berlin"  # type: ignore[attr-defined]
    connected("survey-requests", "survey-responses", "touchpoints", "stakeholders")


def ticket(account: Account) -> int:
    """The record of a ticket."""
    made: Ticket = version(Ticket, account, received="2025-01-01", opened_at=moment("2025-01-01"))
    return made.record


# NPS


def test_one_answer_each_of_0_to_10_is_minus_45() -> None:
    acme = account()
    answers(acme, survey(), "2025-06-01", range(11))
    # 9 and 10 promote, 0 to 6 detract: 2/11 − 7/11
    assert reading("nps", acme) == (round(100 * (2 - 7) / 11, 6), State.FRESH, 11, 29)


def test_half_promoters_and_a_tenth_detractors_is_40() -> None:
    acme = account()
    answers(acme, survey(), "2025-06-01", [10] * 3 + [9] * 2 + [8] * 2 + [7] * 2 + [6])
    assert value("nps", acme) == 40


@pytest.mark.parametrize(("score", "nps"), [(0, -100), (6, -100), (7, 0), (8, 0), (9, 100), (10, 100)])
def test_9_and_10_promote_and_0_to_6_detract(score: int, nps: int) -> None:
    acme = account()
    answers(acme, survey(), "2025-06-01", [score] * 3)
    assert value("nps", acme) == nps


def test_the_margin_of_an_nps() -> None:
    # p = 0.5, d = 0.1, n = 10: 1.96 · 100 · √((0.6 − 0.16) ÷ 10) = 196 · √0.044 = 41.1
    found = nps_margin(np.array([5.0, 5, 0]), np.array([1.0, 0, 0]), np.array([10.0, 5, 0]))
    assert found[0] == pytest.approx(196 * math.sqrt(0.044))
    assert found[1] == 0  # all of one mind
    assert np.isnan(found[2])


def test_the_votes_behind_an_nps_give_its_margin() -> None:
    acme, other = account("Acme"), account("Other")
    answers(acme, survey(), "2025-06-01", [10] * 5 + [8] * 4 + [0])
    found = votes(Cases.on([acme.pk, other.pk], day(DAY)), Rules())
    assert (found.promoters[0], found.detractors[0], found.answers[0]) == (5, 1, 10)
    assert found.margin[0] == pytest.approx(41.1131, abs=1e-3)
    assert np.isnan(found.margin[1])


def test_a_window_of_180_days_holds_its_first_and_its_last_day() -> None:
    acme, asked = account(), survey()
    answers(acme, asked, "2025-01-02 00:00", [10, 10])
    answers(acme, asked, "2025-06-30 23:59", [10])
    answers(acme, asked, "2025-01-01 23:59", [0, 0])
    answers(acme, asked, "2025-07-01 00:00", [0, 0])
    assert reading("nps", acme) == (100.0, State.FRESH, 3, 0)
    assert value("nps", acme, window=30, min_n=1) == 100
    assert reading("nps", acme, window=30, min_n=1).n == 1


def test_fewer_than_three_answers_are_too_few_and_shown_all_the_same() -> None:
    acme = account()
    answers(acme, survey(), "2025-06-01", [9, 9])
    assert reading("nps", acme) == (None, State.TOO_FEW, 2, 29)
    found = read([Asked(metric=declare.get("nps")[0])], Cases.on([acme.pk], day(DAY)), Rules())
    assert found.values[0, 0] == 100  # kept, and not counted
    assert value("nps", acme, min_n=2) == 100


def test_answers_grow_stale() -> None:
    acme, asked = account(), survey()
    answers(acme, asked, "2025-04-01", [9, 9])
    answers(acme, asked, "2025-05-31", [9])
    assert value("nps", acme, max_age_days=30) == 100  # the newest is 30 days old
    assert reading("nps", acme, max_age_days=29) == (None, State.STALE, 3, 30)


def test_never_asked_none_answered_lately_and_not_connected_differ() -> None:
    acme, asked = account(), survey()
    assert state("nps", acme) == State.NEVER
    answers(acme, asked, "2024-06-01", [9, 9, 9])
    assert state("nps", acme) == State.NONE


# One voice a person


def test_the_latest_answer_of_a_person_counts() -> None:
    acme, asked = account(), survey()
    kim, lee = stakeholder(acme, "user"), end_user(acme)
    for by in (kim, lee):
        answer(acme, asked, "2025-06-10", 10, by)
        answer(acme, asked, "2025-06-20", 0, by)
        answer(acme, asked, "2025-07-20", 10, by)  # after the day
    answers(acme, asked, "2025-06-01", [10, 10])
    assert reading("nps", acme)[:3] == (0.0, State.FRESH, 4)  # two against two
    assert reading("nps", acme, "2025-06-19")[:3] == (100.0, State.FRESH, 4)


def test_a_stakeholder_and_an_end_user_of_the_same_number_are_two() -> None:
    acme, asked = account(), survey()
    answer(acme, asked, "2025-06-10", 10, stakeholder_record=7)
    answer(acme, asked, "2025-06-10", 10, end_user_record=7)
    assert reading("nps", acme, min_n=1).n == 2


def test_a_stakeholder_and_the_end_user_linked_to_them_are_one() -> None:
    acme, asked = account(), survey()
    kim = stakeholder(acme)
    answer(acme, asked, "2025-06-10", 10, kim)
    answer(acme, asked, "2025-06-12", 0, end_user(acme, stakeholder_record=kim.record))
    assert reading("nps", acme, min_n=1)[:3] == (-100.0, State.FRESH, 1)


def test_an_answer_to_a_request_is_of_whom_was_asked() -> None:
    acme, asked = account(), survey()
    kim = stakeholder(acme)
    for delivered, score in (("2025-06-01", 0), ("2025-06-10", 10)):
        sent = request(acme, asked, delivered, stakeholder_record=kim.record)
        answer(acme, asked, delivered, score, request_record=sent.record)
    assert reading("nps", acme, min_n=1)[:3] == (100.0, State.FRESH, 1)


def test_answers_without_a_person_count_one_each() -> None:
    acme = account()
    answers(acme, survey(), "2025-06-01", [9, 9, 9])
    assert reading("nps", acme).n == 3


def test_surveys_about_tickets_and_touchpoints_count_once_a_person_and_ticket() -> None:
    acme, asked = account(), survey("csat")
    kim, lee = stakeholder(acme), stakeholder(acme)
    first, second = ticket(acme), ticket(acme)
    answer(acme, asked, "2025-06-01", 1, kim, ticket_record=first)
    answer(acme, asked, "2025-06-02", 5, kim, ticket_record=first)  # she changes her mind
    answer(acme, asked, "2025-06-03", 5, kim, ticket_record=second)
    answer(acme, asked, "2025-06-04", 1, lee, ticket_record=second)
    assert reading("csat", acme)[:3] == (round(200 / 3, 6), State.FRESH, 3)


def test_staff_who_try_the_survey_do_not_count() -> None:
    acme, asked = account(), survey()
    answers(acme, asked, "2025-06-01", [9, 9, 9])
    staff = end_user(acme, "staff", internal=True)
    answer(acme, asked, "2025-06-01", 0, staff)
    sent = request(acme, asked, "2025-06-01", end_user_record=staff.record)
    answer(acme, asked, "2025-06-02", 0, request_record=sent.record)
    assert reading("nps", acme)[:3] == (100.0, State.FRESH, 3)
    assert state("feedback_response_rate", acme) == State.NONE


# One survey, one kind of touchpoint


def test_nps_of_a_survey_takes_its_answers_alone() -> None:
    acme = account()
    annual, product = survey(name="Annual"), survey(name="Product")
    kim = stakeholder(acme)
    answer(acme, annual, "2025-06-01", 10, kim)
    answer(acme, product, "2025-06-10", 0, kim)
    assert [value(name, acme, min_n=1) for name in ("nps:Annual", "nps:Product", "nps")] == [100, -100, -100]
    assert state("nps:Other", acme) == State.NONE


def test_csat_of_a_touchpoint_takes_what_is_about_it_alone() -> None:
    acme, asked = account(), survey("csat", name="After we met")
    training, call = touchpoint(acme, "2025-06-01", kind="training"), touchpoint(acme, "2025-06-01", kind="call")
    answer(acme, asked, "2025-06-02", 5, touchpoint_record=training.record)
    answer(acme, asked, "2025-06-02", 1, touchpoint_record=call.record)
    answer(acme, asked, "2025-06-02", 1, ticket_record=ticket(acme))
    answer(acme, asked, "2025-06-02", 5)
    found = [value(f"csat:{about}", acme, min_n=1) for about in ("training", "call", "ticket", "After we met")]
    assert found == [100, 0, 0, 50]
    assert value("csat", acme) == 50


def test_kinds_of_survey_do_not_mix() -> None:
    acme = account()
    answers(acme, survey("nps"), "2025-06-01", [10, 10, 10])
    answers(acme, survey("csat"), "2025-06-01", [1, 1, 1, 1])
    answers(acme, survey("ces"), "2025-06-01", [7, 7, 7, 7, 7])
    assert [reading(name, acme)[::2] for name in ("nps", "csat", "ces")] == [(100, 3), (0, 4), (100, 5)]


# Satisfaction and effort


def test_74_of_107_satisfied_is_69_percent() -> None:
    acme = account()
    answers(acme, survey("csat"), "2025-06-01", [5] * 40 + [4] * 34 + [3] * 33)
    assert value("csat", acme) == round(74 / 107 * 100, 6)  # 69.16


def test_satisfied_is_the_best_quarter_of_the_scale() -> None:
    scales = {
        (1, 5): (3, 4),
        (1, 7): (5, 6),
        (0, 10): (7, 8),
        (0, 1): (0, 1),
        (1, 3): (2, 3),
    }  # scale → not yet, satisfied
    for (low, high), (not_yet, satisfied) in scales.items():
        acme = account()
        answers(acme, survey("csat", minimum=low, maximum=high), "2025-06-01", [not_yet, satisfied])
        assert value("csat", acme, min_n=2) == 50, (low, high)


def test_low_effort_is_the_best_third_of_the_scale() -> None:
    for (low, high), (not_yet, easy) in {(1, 7): (4, 5), (1, 5): (3, 4), (0, 10): (6, 7), (1, 4): (2, 3)}.items():
        acme = account()
        answers(acme, survey("ces", minimum=low, maximum=high), "2025-06-01", [not_yet, easy])
        assert value("ces", acme, min_n=2) == 50, (low, high)


def test_where_a_low_answer_is_the_good_one_the_scale_is_turned() -> None:
    acme = account()
    # 1 is little effort and 7 is much: 1 to 3 of 7 are easy
    answers(acme, survey("ces", high_is_good=False), "2025-06-01", [1, 2, 3, 4])
    assert value("ces", acme) == 75


def test_csat_and_ces_look_ninety_days_back() -> None:
    acme = account()
    for kind, best in (("csat", 5), ("ces", 7)):
        asked = survey(kind)
        answers(acme, asked, "2025-04-02 00:00", [best] * 3)
        answers(acme, asked, "2025-04-01 23:59", [1] * 3)
        assert reading(kind, acme) == (100.0, State.FRESH, 3, 89)


def test_how_an_answer_was_scaled_is_what_was_known_of_the_survey_then() -> None:
    acme, asked = account(), survey("csat", received="2025-01-01")
    answers(acme, asked, "2025-06-01", [4, 4, 4])
    corrected(asked, "2025-06-20", maximum=7)
    assert value("csat", acme, known="2025-06-19") == 100
    assert value("csat", acme, known="2025-06-21") == 0  # 4 of 7
    assert value("csat", acme) == 0


def test_history_whose_survey_was_learned_later_is_read_by_its_first_version() -> None:
    acme, asked = account(), survey("csat", received="2026-01-01")
    answers(acme, asked, "2025-06-01", [4, 4, 4])
    assert value("csat", acme, known="2025-07-01") == 100


# Response rate


def test_response_rate_is_requests_answered_by_requests_delivered() -> None:
    acme, asked = account(), survey()
    sent = [request(acme, asked, "2025-06-01") for _ in range(8)]
    for one in sent[:3]:
        answer(acme, asked, "2025-06-03", 9, request_record=one.record)
    answer(acme, asked, "2025-06-04", 9, request_record=sent[0].record)  # twice to the same request
    answer(acme, asked, "2025-06-04", 9)  # to none
    request(acme, asked, None, sent="2025-06-01")  # never arrived
    assert reading("feedback_response_rate", acme) == (37.5, State.FRESH, 8, 0)  # 3 of 8


def test_only_requests_delivered_at_least_seven_days_ago_count() -> None:
    acme, asked = account(), survey()
    for at in ("2025-06-23 23:59", "2025-01-02 00:00", "2025-03-01"):
        request(acme, asked, at)
    for at in ("2025-06-24 00:00", "2025-06-30", "2025-01-01 23:59"):
        request(acme, asked, at)
    assert reading("feedback_response_rate", acme)[:3] == (0.0, State.FRESH, 3)
    assert reading("feedback_response_rate", acme, rules=Rules(response_days=0)).n == 5


def test_an_answer_counts_up_to_the_end_of_the_day() -> None:
    acme, asked = account(), survey()
    for at in ("2025-06-30 23:59", "2025-07-01 00:00", "2025-06-20"):
        sent = request(acme, asked, "2025-06-10")
        answer(acme, asked, at, 9, request_record=sent.record)
    assert value("feedback_response_rate", acme) == round(200 / 3, 6)
    assert value("feedback_response_rate", acme, "2025-07-01") == 100


def test_an_account_that_was_asked_and_never_answered_reads_zero() -> None:
    acme, asked = account(), survey()
    for _ in range(4):
        request(acme, asked, "2025-06-01")
    assert reading("feedback_response_rate", acme)[:3] == (0.0, State.FRESH, 4)
    assert state("feedback_response_rate", account("Other")) == State.NEVER


def test_too_few_requests_are_too_few() -> None:
    acme, asked = account(), survey()
    for _ in range(2):
        request(acme, asked, "2025-06-01")
    assert state("feedback_response_rate", acme) == State.TOO_FEW


# All of them

NAMES = ("nps", "csat", "ces", "feedback_response_rate")


def everything(account: Account, by: Stakeholder | EndUser | None = None, good: bool = True) -> None:
    """Four answers to each kind of survey, and as many requests of which they answer one."""
    for kind, best in (("nps", 10), ("csat", 5), ("ces", 7)):
        asked = survey(kind)
        sent = request(account, asked, "2025-06-01")
        answer(account, asked, "2025-06-02", best if good else 1, by, request_record=sent.record)
        answers(account, asked, "2025-06-02", [best if good else 1] * 3)


def test_another_account_changes_nothing() -> None:
    acme, other = account("Acme"), account("Other")
    everything(acme)
    alone = [reading(name, acme) for name in NAMES]
    assert [one.value for one in alone] == [100, 100, 100, 100]
    everything(other, stakeholder(acme), good=False)
    assert [reading(name, acme) for name in NAMES] == alone


@pytest.mark.parametrize("name", NAMES)
def test_what_is_received_later_is_invisible_as_known_then(name: str) -> None:
    acme = account()
    for kind, best in (("nps", 10), ("csat", 5), ("ces", 7)):
        asked = survey(kind)
        sent = request(acme, asked, "2025-06-01", received="2025-07-15")
        answer(acme, asked, "2025-06-02", best, request_record=sent.record, received="2025-07-15")
    assert state(name, acme, known="2025-07-14", min_n=1) == State.NEVER
    assert value(name, acme, known="2025-07-16", min_n=1) == 100


def test_an_answer_that_was_corrected_or_deleted_reads_as_it_was_known() -> None:
    acme, asked = account(), survey()
    first, second = answers(acme, asked, "2025-06-01", [10, 10])
    corrected(first, "2025-06-10", value=0)
    gone(second, "2025-06-20")
    known = ("2025-06-05", "2025-06-15", "2025-06-25")
    assert [value("nps", acme, "2025-06-04", known=at, min_n=1) for at in known] == [100, 0, -100]


def test_a_deleted_request_was_never_made() -> None:
    acme, asked = account(), survey()
    sent = [request(acme, asked, "2025-06-01") for _ in range(4)]
    answer(acme, asked, "2025-06-02", 9, request_record=sent[0].record)
    gone(sent[3], "2025-06-20")
    assert value("feedback_response_rate", acme, known="2025-06-19") == 25
    assert value("feedback_response_rate", acme) == round(100 / 3, 6)
