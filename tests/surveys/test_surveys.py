"""What customers say, on the scale they were asked on."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from surveys.models import Response, Survey
from tests.accounts.build import account, applied, company, known, problems, send, statuses

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cast() -> None:
    company("A-1", "A-2")


def survey(kind: str = "nps", minimum: Any = 0, maximum: Any = 10, **members: Any) -> dict[str, Any]:
    return {"external_id": "V-1", "name": "Survey", "kind": kind, "minimum": minimum, "maximum": maximum, **members}


def answer(value: Any, **members: Any) -> dict[str, Any]:
    return {"external_id": "W-1", "account": "A-1", "survey": "V-1", "at": "2024-05-01", "value": value, **members}


@pytest.mark.parametrize("value", [0, 1, 6, 7, 9, 10, "10", 9.0])
def test_nps_takes_whole_numbers_from_0_to_10(value: Any) -> None:
    applied(send("surveys", survey()))
    applied(send("survey-responses", answer(value)))
    assert known("survey-responses", "W-1").value == float(value)


@pytest.mark.parametrize("value", [-1, 11, 100, 9.5, -0.5])
def test_nps_takes_nothing_else(value: Any) -> None:
    applied(send("surveys", survey()))
    assert problems(send("survey-responses", answer(value))) == [("value", "scale")]
    assert not Response.objects.exists()


@pytest.mark.parametrize("value", ["", "ten", None, True, float("nan"), float("inf"), [9], 10**50])
def test_an_answer_is_a_number(value: Any) -> None:
    applied(send("surveys", survey()))
    assert statuses(send("survey-responses", answer(value))) == ["rejected"]


@pytest.mark.parametrize(
    ("kind", "minimum", "maximum", "good", "bad"),
    [("csat", 1, 5, (1, 3, 5, 4.5), (0, 6)), ("ces", 1, 7, (1, 7), (0.9, 7.1)), ("csat", 0, 100, (0, 100), (101,))],
)
def test_other_surveys_have_their_own_scale(
    kind: str, minimum: int, maximum: int, good: tuple[float, ...], bad: tuple[float, ...]
) -> None:
    applied(send("surveys", survey(kind, minimum, maximum)))
    for value in good:
        applied(send("survey-responses", answer(value)))
    for value in bad:
        assert problems(send("survey-responses", answer(value))) == [("value", "scale")]


@pytest.mark.parametrize("members", [{"minimum": 1}, {"maximum": 100}, {"maximum": 9}, {"high_is_good": False}])
def test_nps_is_asked_from_0_to_10_and_10_is_good(members: dict[str, Any]) -> None:
    assert problems(send("surveys", {**survey(), **members})) == [("maximum", "nps_scale")]


def test_the_database_refuses_nps_on_another_scale_and_a_scale_without_an_extent() -> None:
    applied(send("surveys", survey()))
    nps = known("surveys", "V-1")
    nps.maximum = 9
    with pytest.raises(IntegrityError, match="nps_is_asked_from_0_to_10"), transaction.atomic():
        nps.save()
    nps.kind, nps.maximum = Survey.Kind.CSAT, 0
    with pytest.raises(IntegrityError, match="survey_scale_is_not_empty"), transaction.atomic():
        nps.save()


@pytest.mark.parametrize(("minimum", "maximum"), [(5, 5), (5, 1)])
def test_the_highest_answer_is_above_the_lowest(minimum: int, maximum: int) -> None:
    assert problems(send("surveys", survey("csat", minimum, maximum))) == [("maximum", "order")]


def test_an_effort_score_may_be_good_when_it_is_low() -> None:
    applied(send("surveys", survey("ces", 1, 7, high_is_good="no")))
    assert known("surveys", "V-1").high_is_good is False


def test_an_answer_is_judged_by_the_scale_also_when_its_survey_came_late() -> None:
    assert statuses(send("survey-responses", answer(11), answer(9, external_id="W-2"))) == ["unmatched"] * 2
    applied(send("surveys", survey()))
    assert [response.value for response in Response.objects.known()] == [9]


def test_an_answer_to_a_request_finds_its_account() -> None:
    applied(send("surveys", survey()))
    applied(send("survey-requests", {"external_id": "Q-1", "account": "A-2", "survey": "V-1", "sent_at": "2024-04-01"}))
    reply = answer(9, request="Q-1")
    del reply["account"]
    applied(send("survey-responses", reply))
    assert known("survey-responses", "W-1").account == account("A-2")


def test_nothing_is_delivered_before_it_was_sent() -> None:
    applied(send("surveys", survey()))
    request = {"external_id": "Q-1", "account": "A-1", "survey": "V-1", "sent_at": "2024-04-02"}
    assert problems(send("survey-requests", {**request, "delivered_at": "2024-04-01"})) == [("delivered_at", "order")]


def test_a_corrected_answer_replaces_the_first() -> None:
    applied(send("surveys", survey()))
    applied(send("survey-responses", answer(3)))
    applied(send("survey-responses", {"external_id": "W-1", "value": 9, "comment": "a slip"}))
    assert [(response.value, response.comment) for response in Response.objects.known()] == [(9, "a slip")]


def test_an_answer_to_a_deleted_survey_can_be_corrected_on_its_scale_only() -> None:
    applied(send("surveys", survey()))
    applied(send("survey-responses", answer(3)))
    applied(send("surveys", {"external_id": "V-1", "deleted": True}))
    assert problems(send("survey-responses", {"external_id": "W-1", "value": 11})) == [("value", "scale")]
