"""The facts behind a measure: what is listed is what was counted."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from health.evidence import LISTINGS, Evidence, as_of, evidence
from health.explain import explanation_of
from health.metrics import declare
from health.metrics.cases import Cases
from health.metrics.read import Asked, read
from health.models import Snapshot
from health.ready_made import READY_MADE
from health.templatetags.panels import fact
from tests.health.company import Company, client_of, text_of
from tests.health.metrics.facts import account, day
from tests.health.metrics.world import RULES, all_connected, everything, facts_of
from tests.health.worked import DAY, scored, worked_example

pytestmark = pytest.mark.django_db
ON = day("2025-06-30")


def text(html: str) -> str:
    return re.sub("<[^>]*>", "", html)


def listed(of: Account, name: str) -> Evidence:
    metric, argument = declare.get(name)
    return evidence(of, Asked(metric=metric, argument=argument), ON, None, RULES)


def test_every_metric_of_every_ready_made_scorecard_has_its_facts_listed() -> None:
    keys = {
        measure.metric.partition(":")[0] for ready in READY_MADE for group in ready.groups for measure in group.measures
    }
    assert keys <= set(LISTINGS)
    assert set(LISTINGS) == {metric.key for metric in declare.every()}


@pytest.mark.parametrize("turn", [0, 1])
def test_as_much_is_listed_as_was_counted(turn: int) -> None:
    all_connected()
    acme, wanted = account(), everything()
    facts_of(acme, turn)
    facts_of(account("Other"), 1 - turn)
    found = read(wanted, Cases.on([acme.pk], ON), RULES)
    for slot, asked in enumerate(wanted):
        then = as_of(asked, ON, int(found.ages[0, slot]))
        assert evidence(acme, asked, then, None, RULES).n == found.n[0, slot], asked.metric.key


@pytest.mark.parametrize("turn", [0, 1])
def test_as_much_is_listed_as_was_counted_of_an_account_without_facts(turn: int) -> None:
    all_connected()
    empty, wanted = account("Empty"), everything()
    facts_of(account("Other"), turn)
    found = read(wanted, Cases.on([empty.pk], ON), RULES)
    for slot, asked in enumerate(wanted):
        assert evidence(empty, asked, ON, None, RULES).n == found.n[0, slot], asked.metric.key


@pytest.mark.parametrize(
    "name",
    [
        *(f"{key}:Reports" for key in ("feature_adoption", "feature_usage", "feature_uses_per_user", "event_count")),
        "event_count_per_user:rating",
        "bounce_rate:Docs",
        "conversion_rate:Alerted",
        "abandonment_rate:Alerted",
    ],
)
def test_as_much_is_listed_as_was_counted_of_one_of_many(name: str) -> None:
    all_connected()
    acme = account()
    facts_of(acme)
    metric, argument = declare.get(name)
    found = read([Asked(metric=metric, argument=argument)], Cases.on([acme.pk], ON), RULES)
    assert listed(acme, name).n == found.n[0, 0]
    assert (found.n[0, 0] > 0) == (name != "bounce_rate:Docs")


def test_the_facts_are_named() -> None:
    all_connected()
    acme = account()
    facts_of(acme, 1)
    users, licenses = listed(acme, "license_utilization").tables
    assert len(users.rows) == 7
    assert users.heads == ("User", "Days with use", "Last use")
    assert {row[2] for row in users.rows} <= {ON, day("2025-06-27"), day("2025-06-26")}
    assert licenses.n == 36
    (features,) = listed(acme, "feature_breadth").tables
    assert features.rows == (("Alerts", 3, 12, day("2025-06-25")), ("Reports", 0, 0, None))
    (answers,) = listed(acme, "csat").tables
    assert answers.heads == ("Day", "Answer", "Survey", "Person", "Comment")
    assert sorted(row[1] for row in answers.rows) == [1, 4, 5, 5]
    assert {row[0] for row in answers.rows} == {day("2025-06-12")}
    value, history = listed(acme, "attribute:rating").tables
    assert value.rows == (("9", day("2025-06-01")),)
    assert history.rows[0][0] == "9"


def test_the_page_lists_the_facts_of_the_reading_and_says_how_many(company: Company) -> None:
    calloway = company.account("Calloway Freight", company.dana)
    worked_example()
    scored(calloway)
    there = f"/accounts/{calloway.public_id}/measures/nps%5B180%5D/"
    page = text_of(client_of(company.dana).get(there, {"day": DAY.isoformat()}))
    assert "NPS" in page
    assert "15 answers" in page
    assert "Answers, the latest of each person" in page
    part = text_of(client_of(company.dana).get(there, headers={"HX-Request": "true"}))
    assert "Calloway Freight" not in part
    why = client_of(company.dana).get(f"/accounts/{calloway.public_id}/").content.decode()
    assert f'href="{there}?day={DAY.isoformat()}"' in why


def test_the_page_says_what_the_reading_adds_to_the_score(company: Company) -> None:
    calloway = company.account("Calloway Freight", company.dana)
    worked_example()
    scored(calloway)
    explained = explanation_of(calloway, Snapshot.objects.get(account=calloway, day=DAY))
    line = next(line for line in explained.measures if line.key == "nps[180]")
    there = f"/accounts/{calloway.public_id}/measures/nps%5B180%5D/?day={DAY}"
    page = text_of(client_of(company.dana).get(there))
    assert (
        f"{line.points:.1f} points at a weight of {line.effective:.2f} add {line.adds:.1f} to the score; "
        f"{line.lost:.1f} are lost." in page
    )


def test_days_of_a_contract_say_their_year() -> None:
    recent = timezone.now().date() - dt.timedelta(days=40)
    assert str(recent.year) in text(fact(recent, True))
    assert str(recent.year) not in text(fact(recent))


@pytest.mark.parametrize(
    ("who", "key", "status"), [("marco", "nps[180]", 404), ("dana", "csat", 404), ("mona", "nps[180]", 200)]
)
def test_only_measures_of_accounts_that_one_sees_are_there(company: Company, who: str, key: str, status: int) -> None:
    calloway = company.account("Calloway Freight", company.dana)
    worked_example()
    scored(calloway)
    client = client_of(getattr(company, who))
    assert client.get(f"/accounts/{calloway.public_id}/measures/{key}/").status_code == status


def test_the_page_takes_the_same_queries_however_many_facts_there_are(
    company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    calloway = company.account("Calloway Freight", company.dana)
    worked_example()
    scored(calloway)
    facts_of(calloway, 1)
    client = client_of(company.dana)
    with django_assert_num_queries(21):
        client.get(f"/accounts/{calloway.public_id}/measures/nps%5B180%5D/")
