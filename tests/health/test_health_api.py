"""Scores as other programs read them: enough to compute them again, of the accounts that a token sees, and nothing made up."""

import datetime as dt
import math
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts import tokens
from accounts.models import Account, Scope, User
from health.explain import explanation_of
from health.metrics import declare
from health.models import Snapshot, Transition
from health.scoring.card import State
from tests.accounts.interface import bearer, problem_of
from tests.health.company import Company, settle
from tests.health.worked import DAY, scored, worked_example

ONE = dt.timedelta(days=1)


def secret_of(user: User | None = None, *scopes: str) -> str:
    """The secret of a token that reads: as `user`, or of the whole portfolio."""
    wanted = scopes or (Scope.HEALTH_READ, Scope.CONFIG_READ)
    return tokens.issue("BI", scopes=wanted, user=user, whole_portfolio=user is None)[1]


def get(secret: str, there: str, **query: Any) -> Any:
    return Client().get(f"/api/v1/{there}", query, headers=bearer(secret))


@pytest.fixture
def calloway(company: Company) -> Account:
    worked_example()
    account = company.account("Calloway Freight", company.dana)
    scored(account)
    return account


def health(account: Account, **query: Any) -> Any:
    return get(secret_of(), f"accounts/{account.public_id}/health", **query)


# --- One account -----------------------------------------------------------------------------------------------------


def test_a_score_can_be_computed_again_by_hand(calloway: Account) -> None:
    told = health(calloway).json()
    measures = [one for group in told["groups"] for one in group["measures"]]
    counting = [one for one in measures if one["points"] is not None]
    assert math.fsum(one["effective_weight"] for one in counting) == pytest.approx(1, abs=1e-12)
    for one in counting:
        anchors = one["scale"]
        inside = [
            before["points"] + (one["value"] - before["value"]) * (after["points"] - before["points"])
            / (after["value"] - before["value"])
            for before, after in pairwise(anchors)
            if before["value"] <= one["value"] <= after["value"]
        ]  # fmt: skip
        assert one["points"] == pytest.approx(inside[0])
        assert one["contribution"] == pytest.approx(one["effective_weight"] * one["points"])
    assert told["score"] == pytest.approx(math.fsum(one["contribution"] for one in counting))
    assert told["verified"] is True


def test_a_missing_reading_says_why_and_no_zero_stands_for_it(calloway: Account) -> None:
    told = health(calloway).json()
    by_key = {one["key"]: one for group in told["groups"] for one in group["measures"]}
    stickiness = by_key["stickiness[30]"]
    assert (stickiness["value"], stickiness["points"], stickiness["state"]) == (None, None, "never")
    assert stickiness["reason"]
    assert stickiness["weight"] > stickiness["effective_weight"] == 0


def test_scorecard_settings_digest_guards_and_path_are_told(calloway: Account) -> None:
    told, explained = health(calloway).json(), explanation_of(calloway, Snapshot.objects.get())
    assert told["scorecard"] == {"name": "worked", "label": "Worked example", "version": 1}
    assert told["settings_version"] == 1
    assert told["digest"] == bytes(Snapshot.objects.get().digest).hex()
    assert told["bands"] == {"scored": "yellow", "computed": "yellow", "effective": "yellow"}
    assert told["coverage"] == explained.coverage
    (guard,) = told["guards"]
    assert (guard["holds"], guard["judged"]) == (False, True)
    assert told["path"]["to"] == "green"
    assert [step["score"] for step in told["path"]["steps"]] == [step.score for step in explained.way.steps]
    assert told["as_known"] == "then"


def test_a_day_without_a_score_is_not_made_up_but_the_nearest_is_named(calloway: Account) -> None:
    answer = health(calloway, as_of=(DAY + 3 * ONE).isoformat())
    assert problem_of(answer) == (404, "not-found")
    assert answer.json()["nearest"] == DAY.isoformat()
    assert DAY.isoformat() in answer.json()["detail"]
    assert health(calloway, as_of=DAY.isoformat()).json()["day"] == DAY.isoformat()


def test_an_account_that_was_never_scored_is_told_so(company: Company, calloway: Account) -> None:
    answer = health(company.account("New", company.dana))
    assert problem_of(answer) == (404, "not-found")
    assert "never scored" in answer.json()["detail"]


def test_as_known_now_counts_what_came_late_and_changes_nothing_stored(company: Company, calloway: Account) -> None:
    before = str(Snapshot.objects.values().get())
    late = dt.datetime.combine(DAY + 2 * ONE, dt.time(9), tzinfo=dt.UTC)
    with time_machine.travel(late, tick=False):
        told = health(calloway, as_known="now").json()
    assert told["as_known"] == "now"
    assert told["known_at"].startswith((DAY + 2 * ONE).isoformat())
    # What was stored came from nowhere; the facts say that there are none.
    assert told["score"] is None
    assert told["bands"]["effective"] == "unknown"
    assert told["verified"] is True
    assert str(Snapshot.objects.values().get()) == before


def test_the_course_of_a_score_tells_each_scored_day_once(calloway: Account) -> None:
    scored(calloway, 80.0, 40.0, 60.0, 0.0, day=DAY + ONE)
    told = get(secret_of(), f"accounts/{calloway.public_id}/health/history").json()
    assert [one["day"] for one in told["results"]] == [DAY.isoformat(), (DAY + ONE).isoformat()]
    assert told["results"][0]["score"] == Snapshot.objects.get(day=DAY).score
    one_day = get(secret_of(), f"accounts/{calloway.public_id}/health/history", **{"from": DAY, "to": DAY}).json()
    assert [one["day"] for one in one_day["results"]] == [DAY.isoformat()]


def test_the_parts_of_a_change_add_up_to_it(calloway: Account) -> None:
    scored(calloway, 80.0, 40.0, 60.0, 0.0, day=DAY + ONE)
    told = get(secret_of(), f"accounts/{calloway.public_id}/health/change", **{"from": DAY, "to": DAY + ONE}).json()
    assert told["shown"] == pytest.approx(told["last"]["shown"] - told["first"]["shown"])
    assert told["shown"] == pytest.approx(math.fsum(part["shown"] for part in told["parts"]))
    assert {part["key"] for part in told["parts"]} >= {"license_utilization[30]", "nps[180]"}


def test_a_change_between_days_without_scores_is_not_made_up(calloway: Account) -> None:
    there = f"accounts/{calloway.public_id}/health/change"
    answer = get(secret_of(), there, **{"from": DAY - 5 * ONE, "to": DAY})
    assert problem_of(answer) == (404, "not-found")
    scored(calloway, *[State.NEVER] * 4, day=DAY + ONE)
    answer = get(secret_of(), there, **{"from": DAY, "to": DAY + ONE})
    assert problem_of(answer) == (404, "not-found")
    assert "has no score" in answer.json()["detail"]


# --- The portfolio ---------------------------------------------------------------------------------------------------


def test_somebody_elses_account_is_not_there(company: Company, calloway: Account) -> None:
    hers, his = secret_of(company.dana), secret_of(company.marco)
    for there in ("health", "health/history", "health/change"):
        path = f"accounts/{calloway.public_id}/{there}"
        assert problem_of(get(his, path)) == (404, "not-found")
    assert get(hers, f"accounts/{calloway.public_id}/health").status_code == 200
    assert [one["account"]["name"] for one in get(hers, "health").json()["results"]] == ["Calloway Freight"]
    assert get(his, "health").json()["results"] == []


@pytest.mark.parametrize(
    ("there", "scope"),
    [("health", "config:read"), ("health/transitions", "config:read"), ("metrics", "health:read")]
    + [("scorecards", "health:read"), ("scorecards/worked", "health:read")],
)
def test_each_door_wants_its_scope(company: Company, there: str, scope: str) -> None:
    assert problem_of(get(secret_of(company.mona, scope), there)) == (403, "missing-scope")


def test_pages_of_the_portfolio_hold_every_account_once(company: Company) -> None:
    worked_example()
    names = [f"Account {number}" for number in range(7)]
    for name in names:
        scored(company.account(name, company.dana))
    secret, there, found = secret_of(), "/api/v1/health?limit=3", []
    while there:
        told = Client().get(there, headers=bearer(secret)).json()
        found += [one["account"]["name"] for one in told["results"]]
        there = told["next"] and told["next"].removeprefix("http://testserver")
    assert found == names


def test_the_portfolio_is_filtered_as_the_list_is(company: Company, calloway: Account) -> None:
    low = company.account("Low", company.marco)
    scored(low, 1.0, 1.0, -40.0, 0.0)
    company.account("Never scored", company.marco)

    def names(**query: Any) -> list[str]:
        return [one["account"]["name"] for one in get(secret_of(), "health", **query).json()["results"]]

    assert names(band="red") == ["Low"]
    assert names(band=["red", "yellow"]) == ["Calloway Freight", "Low"]
    assert names(**{"not-band": "red"}) == ["Calloway Freight", "Never scored"]
    assert names(band="unscored") == ["Never scored"]
    assert names(owner=str(company.dana.pk)) == ["Calloway Freight"]
    assert names(q="callo") == ["Calloway Freight"]


@pytest.mark.parametrize(
    "query",
    [{"band": "purple"}, {"color": "red"}, {"limit": "0"}, {"limit": "501"}, {"limit": "x"}, {"cursor": "eyJ"}]
    + [{"owner": "dana"}, {"renews": "soon"}, {"due": "eventually"}],
)
def test_what_an_address_cannot_mean_is_named(company: Company, query: dict[str, str]) -> None:
    answer = get(secret_of(), "health", **query)
    assert problem_of(answer) == (400, "bad-parameter")
    assert [one["field"] for one in answer.json()["errors"]] == list(query)


@pytest.mark.parametrize("text", ["2026-02-30", "yesterday", "2026-1-1", "20260101", "２０２６-０１-０１", ""])
def test_a_day_that_is_none_is_named(calloway: Account, text: str) -> None:
    answer = health(calloway, as_of=text)
    assert problem_of(answer) == (400, "bad-parameter")
    assert answer.json()["errors"][0]["field"] == "as_of"


def test_a_cursor_of_one_list_is_none_of_another(company: Company) -> None:
    worked_example()
    for name in ("A", "B"):
        scored(company.account(name, company.dana))
    further = get(secret_of(), "health", limit=1).json()["next"].partition("cursor=")[2]
    assert problem_of(get(secret_of(), "health/transitions", cursor=unquote(further))) == (400, "bad-parameter")


def test_bands_that_turned_are_told_in_the_order_of_days(company: Company, calloway: Account) -> None:
    for days in range(3):
        Transition.objects.create(
            account=calloway, day=DAY - days * ONE, kind=Transition.Kind.BAND, before=3, after=2 - days % 2
        )
    first = get(secret_of(), "health/transitions", since=DAY - 9 * ONE, limit=2).json()
    assert [one["day"] for one in first["results"]] == [str(DAY - 2 * ONE), str(DAY - ONE)]
    rest = Client().get(first["next"], headers=bearer(secret_of())).json()
    assert [(one["day"], one["before"], one["after"]) for one in rest["results"]] == [(str(DAY), "green", "yellow")]
    assert rest["next"] is None
    assert get(secret_of(company.marco), "health/transitions", since=DAY - 9 * ONE).json()["results"] == []


def test_a_page_takes_the_same_queries_however_many_accounts_there_are(
    company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    worked_example()
    scored(company.account("First", company.dana))
    secret = secret_of()
    get(secret, "health")
    settle()
    with django_assert_num_queries(8):
        get(secret, "health")
    for number in range(12):
        scored(company.account(f"Account {number}", company.dana))
    settle()
    with django_assert_num_queries(8):
        assert len(get(secret, "health").json()["results"]) == 13


# --- What accounts are judged by -------------------------------------------------------------------------------------


def test_the_catalog_is_told_as_it_is_declared(db: None) -> None:
    told = {one["key"]: one for one in get(secret_of(), "metrics").json()["results"]}
    assert told.keys() == {metric.key for metric in declare.every()}
    nps, _ = declare.get("nps")
    assert told["nps"]["formula"] == nps.formula
    assert told["nps"]["scale"][0] == {"value": nps.scale.values[0], "points": nps.scale.points[0]}


def test_a_published_scorecard_is_told_with_an_etag(db: None) -> None:
    worked_example()
    assert get(secret_of(), "scorecards").json()["results"] == [
        {"name": "worked", "label": "Worked example", "version": 1}
    ]
    answer = get(secret_of(), "scorecards/worked")
    assert answer.headers["ETag"] == '"worked-1"'
    told = answer.json()
    assert [(group["key"], [one["metric"] for one in group["measures"]]) for group in told["groups"]] == [
        ("adoption", ["license_utilization", "stickiness"]),
        ("sentiment", ["nps"]),
    ]
    assert told["guards"][0]["cap"] == "yellow"
    assert problem_of(get(secret_of(), "scorecards/none")) == (404, "not-found")
