"""People, votes and features on an account's page."""

import random

import pytest
from django.utils import timezone

from accounts.models import EndUser, Feature, License, Stakeholder, Touchpoint, UsageCount
from accounts.usage import rebuild
from health.book import today
from health.metrics.cases import Cases
from health.metrics.read import births, summed
from health.metrics.rules import Rules
from health.metrics.shapes import Column
from health.metrics.usage import FEATURE_DAYS
from health.people import Map, Side, people
from health.voices import features, nps
from support.models import Ticket, TicketEvent
from surveys.models import Request, Response, Survey
from tests.health.company import DAY, Company, client_of, text_of


def placed(found: Map) -> dict[str, tuple[str, Side]]:
    return {
        person.stakeholder.name: (row, cell.side)
        for row, cells in found.rows
        for cell in cells
        for person in cell.people
    }


def test_people_stand_by_their_role_and_their_latest_answer(company: Company) -> None:
    account, now = company.account("Calloway Freight", company.dana), timezone.now()
    survey = company.fact(Survey, name="Quarterly", kind="nps", minimum=0, maximum=10)
    effort = company.fact(Survey, name="Effort", kind="ces", minimum=1, maximum=7, high_is_good=False)
    hugh, renee, mae, tobias = (
        company.fact(Stakeholder, account=account, name=name, role=role)
        for name, role in (("Hugh", "decision_maker"), ("Renée", "champion"), ("Mae", "user"), ("Tobias", "user"))
    )
    company.fact(Stakeholder, account=account, name="Gil", role="executive_sponsor", left_on=today() - 26 * DAY)
    company.fact(Stakeholder, account=account, name="Later", role="user", since=today() + DAY)
    for value, at in ((9, now - 9 * DAY), (3, now - DAY)):
        company.fact(
            Response, account=account, survey_record=survey.record, stakeholder_record=hugh.record, at=at, value=value
        )
    requested = company.fact(
        Request, account=account, survey_record=survey.record, stakeholder_record=renee.record, sent_at=now
    )
    company.fact(
        Response, account=account, survey_record=survey.record, request_record=requested.record, at=now, value=9
    )
    user = company.fact(EndUser, account=account, external_id="u", stakeholder_record=mae.record)
    company.fact(Response, account=account, survey_record=effort.record, end_user_record=user.record, at=now, value=1)
    company.fact(Touchpoint, account=account, at=now - 3 * DAY, participants=[hugh.record, tobias.record])
    company.fact(Touchpoint, account=account, at=now - DAY, status="no_show", participants=[hugh.record])
    found = people(account, today(), Rules())
    assert placed(found) == {
        "Hugh": ("Decides", Side.AGAINST),
        "Renée": ("Influences", Side.FOR),
        "Mae": ("Uses", Side.FOR),
        "Tobias": ("Uses", Side.UNKNOWN),
    }
    (slot,) = [slot for _, cells in found.rows for cell in cells for slot in cell.slots]
    assert slot.role == "Executive sponsor"
    assert slot.last is not None
    assert slot.last.name == "Gil"
    met = {
        person.stakeholder.name: person.last_contact
        for _, cells in found.rows
        for cell in cells
        for person in cell.people
    }
    assert met == {"Hugh": now - 3 * DAY, "Tobias": now - 3 * DAY, "Renée": None, "Mae": None}
    page = text_of(client_of(company.dana).get(f"/accounts/{account.public_id}/"))
    assert "No executive sponsor Gil left" in page
    assert "Find one" in page, "it can be made a task"
    assert "decision maker, key contact, NPS 3" in page
    assert page.count("key contact") == sum(
        person.is_key for _, cells in found.rows for cell in cells for person in cell.people
    )


def test_without_anybody_the_map_says_so(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    assert people(account, today(), Rules()).rows == ()
    assert "No stakeholder received." in text_of(client_of(company.dana).get(f"/accounts/{account.public_id}/"))


def test_the_nps_stands_with_its_margin_and_its_votes(company: Company) -> None:
    account, now = company.account("Calloway Freight", company.dana), timezone.now()
    account.created_at = now - 400 * DAY
    account.save()
    survey = company.fact(Survey, name="Quarterly", kind="nps", minimum=0, maximum=10)
    for value in (10, 9, 9, 8, 3):
        company.fact(Response, account=account, survey_record=survey.record, at=now - DAY, value=value)
    found = nps(account, today())
    assert found is not None
    assert (found.promoters, found.passives, found.detractors, found.value) == (3, 1, 1, 40)
    assert found.margin == pytest.approx(70.1, abs=0.1)
    page = text_of(client_of(company.dana).get(f"/accounts/{account.public_id}/"))
    assert "NPS +40 ± 70, 5 answers in 180 d 1 detractor 1 passive 3 promoters" in page


def test_core_features_count_people_now_and_before(company: Company) -> None:
    account, day = company.account("Calloway Freight", company.dana), today() - DAY
    company.fact(License, account=account, starts_on=day - 200 * DAY)
    planner = Feature.objects.create(name="Planner")
    rules = Rules(core_features=("Planner", "Forecast"))
    ours = company.fact(EndUser, account=account, external_id="us", internal=True)
    for user, when in (
        (1, day),
        (1, day - DAY),
        (2, day - 29 * DAY),
        (3, day - 30 * DAY),
        (ours.record, day),
        (4, day - 60 * DAY),
    ):
        company.fact(UsageCount, account=account, end_user_record=user, feature=planner, day=when, count=2)
        rebuild(
            [{"account_id": account.pk, "day": when, "end_user_record": user, "feature_id": planner.pk, "grain": 1}]
        )
    found = features(account, day, day - 200 * DAY, rules)
    assert [(one.name, one.users, one.before, one.change) for one in found.features] == [
        ("Planner", 2, 1, 1),
        ("Forecast", 0, 0, 0),
    ]
    assert (found.used, found.core, found.most) == (1, True, 2)
    page = text_of(client_of(company.dana).get(f"/accounts/{account.public_id}/"))
    assert f"Features people in 30 d to {day:%b} {day.day} Feature" in page


@pytest.mark.parametrize("seed", range(3))
def test_as_many_core_features_are_used_as_the_metric_counts(seed: int, company: Company) -> None:
    account, day, chance = company.account("Calloway Freight"), today() - DAY, random.Random(seed)
    company.fact(License, account=account, starts_on=day - 35 * DAY)
    ours = company.fact(EndUser, account=account, external_id="us", internal=True)
    names = ("Planner", "Forecast", "Export", "Clock", "Rules")
    states = []
    for name in names:
        feature = Feature.objects.create(name=name)
        for _ in range(2):
            given = {"end_user_record": chance.choice((1, None, ours.record)), "grain": chance.choice((1, 7)),
                     "day": day - chance.randint(0, 45) * DAY, "feature": feature, "count": chance.randint(0, 2)}  # fmt: skip
            made = company.fact(UsageCount, account=account, **given)
            states.append({**given, "account_id": account.pk, "feature_id": feature.pk, "day": made.day})
    company.fact(UsageCount, account=account, end_user_record=1, feature=feature, day=day - 31 * DAY, count=1)
    rebuild(states)
    rules = Rules(core_features=names)
    used, cases = Column(FEATURE_DAYS, "count(distinct f.feature_id)", reach=30), Cases.on([account.pk], day)
    metric = summed([used], cases, births(cases, rules), rules)
    assert features(account, day, day - 35 * DAY, rules).used == metric[used][0]


def test_a_ticket_says_how_many_replies_it_took(company: Company) -> None:
    account, now = company.account("Calloway Freight", company.dana), timezone.now()
    ticket = company.fact(Ticket, account=account, subject="Export", opened_at=now - 3 * DAY)
    for kind in ("opened", "replied", "replied"):
        company.fact(TicketEvent, account=account, ticket_record=ticket.record, kind=kind, at=now)
    page = text_of(client_of(company.dana).get(f"/accounts/{account.public_id}/"))
    assert "3 d 2" in page
