"""The record kinds of surveys."""

from collections.abc import Iterable, Sequence

from django.db.models import F

from accounts.kinds import Kind, Problem, State, at_its_time, changed_or, register, rule
from accounts.models import Scope
from surveys import records
from surveys.models import OptOut, Request, Response, Survey


def check_survey(state: State) -> Problem | None:
    if state["maximum"] <= state["minimum"]:
        return Problem("maximum", "order", "The highest answer has to be above the lowest.")
    if state["kind"] == Survey.Kind.NPS and (state["minimum"], state["maximum"], state["high_is_good"]) != (
        0,
        10,
        True,
    ):
        return Problem("maximum", "nps_scale", "NPS is asked from 0 to 10, and 10 is good.")
    return None


def check_delivery(state: State) -> Problem | None:
    if state["delivered_at"] and state["delivered_at"] < state["sent_at"]:
        return Problem("delivered_at", "order", "It was delivered before it was sent.")
    return None


def check_responses(states: Sequence[State]) -> Iterable[tuple[int, Problem]]:
    """An answer lies on its survey's scale, and NPS takes whole numbers only."""
    records = {state["survey_record"] for state in states}
    # Of a survey that is known no more, the scale it had last.
    versions = Survey.objects.filter(record__in=records).order_by(F("superseded_at").asc(nulls_last=True))
    surveys = {survey.record: survey for survey in versions}
    for position, state in enumerate(states):
        survey = surveys.get(state["survey_record"])
        if survey is None:
            continue
        value = state["value"]
        if not survey.minimum <= value <= survey.maximum:
            scale = f"{survey.minimum:g} to {survey.maximum:g}"
            yield position, Problem("value", "scale", f"{value:g} is not on this survey's scale, {scale}.")
        elif survey.kind == Survey.Kind.NPS and value != int(value):
            yield position, Problem("value", "scale", f"NPS takes whole numbers from 0 to 10, and {value:g} is none.")


def register_own() -> None:
    register(
        Kind(
            name="surveys",
            singular="survey",
            serializer=records.SurveyRecord,
            model=Survey,
            needs=("name", "kind", "minimum", "maximum"),
            check=rule(check_survey),
            lasting=True,
            scope=Scope.SURVEYS_WRITE,
        )
    )
    register(
        Kind(
            name="survey-requests",
            singular="survey request",
            serializer=records.RequestRecord,
            model=Request,
            needs=("account", "survey", "sent_at"),
            occurred=changed_or("sent_at"),
            account_from=("stakeholder", "end_user"),
            check=rule(check_delivery),
            scope=Scope.SURVEYS_WRITE,
        )
    )
    register(
        Kind(
            name="survey-responses",
            singular="survey response",
            serializer=records.ResponseRecord,
            model=Response,
            needs=("account", "survey", "at", "value"),
            occurred=at_its_time,
            account_from=("request", "stakeholder", "end_user", "ticket", "touchpoint"),
            check=check_responses,
            scope=Scope.SURVEYS_WRITE,
        )
    )
    register(
        Kind(
            name="opt-outs",
            singular="opt-out",
            serializer=records.OptOutRecord,
            model=OptOut,
            needs=("account", "channel", "at"),
            occurred=at_its_time,
            account_from=("stakeholder", "end_user"),
            scope=Scope.SURVEYS_WRITE,
        )
    )
