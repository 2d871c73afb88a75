"""The page of one account: what is known, where from, and what is missing."""

import re
from decimal import Decimal
from urllib.parse import urljoin

from playwright.sync_api import Page, expect
from pytest_django import DjangoAssertNumQueries

from accounts.models import AttributeDefinition, License, Pulse, Renewal, Stakeholder, Touchpoint
from health.book import today
from health.models import Latest
from health.scoring.card import State
from support.models import Ticket
from tests.health.company import DAY, Company, client_of, text_of
from tests.health.test_browser import sign_in
from tests.health.worked import DAY as DAY_SCORED
from tests.health.worked import scored, worked_example


def test_the_page_shows_the_facts_with_what_they_are_compared_to(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana, stage="Renewal", tier="Enterprise")
    company.everything_about(account)
    page = text_of(client_of(company.dana).get(f"/accounts/{account.public_id}/"))
    for said in (
        "Dana Whitfield Enterprise Renewal stage",
        "Renewal 85 d",
        "ARR $147,360 of licenses in force",
        "Licenses 160 3 people active in 30 d",
        "Last touchpoint 9 d",
        "Open tickets 1 oldest open 16 d",
        "Pulse 3 of 5",
        "Shift planner 3 +3",
        "160 licenses $147,360 a year",
        "2026-0417 of",
        "Normal, escalated",
        "8 Crew likes the app. Renée Okafor, NPS, of 10",
        "Renée Okafor no title champion",
        "Monthly check-in",
        "Plan all sites",
        "Industry Logistics Salesforce",
        f"Salesforce X-{account.pk}",
    ):
        assert said in page, said


def test_the_page_shows_no_score_and_no_band_while_nothing_is_scored(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    company.everything_about(account)
    page = client_of(company.dana).get(f"/accounts/{account.public_id}/")
    assert "band-" not in page.content.decode()
    assert "Not scored" in text_of(page)


def test_a_tier_is_written_the_same_wherever_it_stands(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana, tier="smb")
    company.attribute(account, "tier", "smb")
    page = text_of(client_of(company.dana).get(f"/accounts/{account.public_id}/"))
    assert "Tier SMB Salesforce" in page
    assert "smb" not in page


def test_an_account_without_facts_says_which_kind_of_nothing_it_is(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    page = text_of(client_of(company.dana).get(f"/accounts/{account.public_id}/"))
    for said in (
        "Renewal none ahead no renewal received",
        "ARR unknown no license received",
        "Last touchpoint none yet",
        "Open tickets none no ticket received",
        "No usage of this account was ever received.",
        "An opinion nobody gave is missing, not zero.",
    ):
        assert said in page, said


def test_facts_that_are_no_longer_known_are_not_shown(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    person = company.fact(Stakeholder, account=account, name="Gil Hartmann")
    Stakeholder.objects.filter(pk=person.pk).update(superseded_at=person.received_at + DAY)
    company.fact(Stakeholder, account=account, name="Renée Okafor")
    page = text_of(client_of(company.dana).get(f"/accounts/{account.public_id}/"))
    assert "Renée Okafor" in page
    assert "Gil Hartmann" not in page


def test_the_parent_is_a_link_only_for_those_who_may_open_it(company: Company) -> None:
    group = company.account("Calloway Group", company.marco)
    account = company.account("Calloway Freight", company.dana, parent=group)
    for user, linked in ((company.dana, False), (company.mona, True)):
        page = client_of(user).get(f"/accounts/{account.public_id}/").content.decode()
        assert "Calloway Group" in page
        assert (f'href="/accounts/{group.public_id}/"' in page) is linked


def test_children_are_listed_as_far_as_they_may_be_seen(company: Company) -> None:
    group = company.account("Calloway Group", company.dana)
    company.account("Calloway Freight", company.dana, parent=group)
    company.account("Calloway Last Mile", company.marco, parent=group)
    page = text_of(client_of(company.dana).get(f"/accounts/{group.public_id}/"))
    assert "Calloway Freight" in page
    assert "Calloway Last Mile" not in page


def test_an_account_that_is_not_there_is_not_found(company: Company) -> None:
    answer = client_of(company.mona).get("/accounts/00000000-0000-4000-8000-000000000000/")
    assert answer.status_code == 404


def test_a_hostile_name_stays_text(company: Company) -> None:
    account = company.account("<script>alert(1)</script>", company.dana)
    company.attribute(account, "note", "<img src=x onerror=alert(1)>")
    page = client_of(company.dana).get(f"/accounts/{account.public_id}/").content.decode()
    assert "<script>alert" not in page
    assert "<img" not in page


def test_the_page_takes_the_same_queries_however_much_is_known(
    company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    account = company.account("Calloway Freight", company.dana)
    for number in range(12):
        company.everything_about(company.account(f"Other {number}"))
    company.everything_about(account)
    for number in range(12):
        company.fact(License, account=account, starts_on=today(), name=f"License {number}")
        company.fact(Stakeholder, account=account, name=f"Person {number}")
        company.fact(Touchpoint, account=account, at=account.created_at)
        company.fact(Ticket, account=account, opened_at=account.created_at)
        company.attribute(account, f"word {number}", "said")
        company.usage(account, f"Feature {number}")
    client = client_of(company.dana)
    with django_assert_num_queries(58):
        client.get(f"/accounts/{account.public_id}/")


def test_a_churned_account_says_what_was_lost_and_asks_for_nothing(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    worked_example()
    scored(account)
    Latest.objects.update(churned=True)
    company.fact(License, account=account, starts_on=DAY_SCORED - 730 * DAY, ends_on=DAY_SCORED - 366 * DAY, seats=40,
                 amount=30_000, currency="EUR")  # fmt: skip
    company.fact(License, account=account, starts_on=DAY_SCORED - 365 * DAY, ends_on=DAY_SCORED - 10 * DAY, seats=60,
                 amount=Decimal("48000.40"), currency="EUR")  # fmt: skip
    company.fact(Renewal, account=account, due_on=DAY_SCORED, decided_on=DAY_SCORED - 20 * DAY, outcome="lost",
                 reason="Went back to spreadsheets")  # fmt: skip
    page = client_of(company.dana).get(f"/accounts/{account.public_id}/")
    for said in (
        "Lost ARR €48,000 a year",
        "Licenses 60 at the end",
        "Customer until Jun 30, 2025",
        "Reason Went back to spreadsheets renewal lost Jun 10",
        "Last score 51.0 yellow on Jun 30",
        "Tenure 2 y since Jul 1, 2023",
    ):
        assert said in text_of(page), said
    assert 'name="day" value="2025-06-30"' in page.content.decode()
    that_day = text_of(client_of(company.dana).get(f"/accounts/{account.public_id}/?day=2025-06-30"))
    assert "Why 51.0" in that_day
    for shown in (text_of(page), that_day):
        assert "Path to" not in shown
        assert "Next" not in shown


def test_a_churned_account_of_which_no_contract_is_known_says_so(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    worked_example()
    scored(account)
    Latest.objects.update(churned=True)
    page = text_of(client_of(company.dana).get(f"/accounts/{account.public_id}/"))
    assert "Lost ARR unknown no license received Licenses none" in page
    assert "Reason not told no lost renewal received" in page
    assert "Tenure unknown" in page


def test_people_are_called_by_their_names_where_facts_hold_their_addresses(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    company.attribute(account, "stand_in", "Dana@loomline.example")
    AttributeDefinition.objects.filter(name="stand_in").update(type=AttributeDefinition.Type.USER)
    company.fact(Pulse, account=account, at=account.created_at, rating=3, author=company.marco.email)
    company.fact(Pulse, account=account, at=account.created_at, rating=4, author="somebody@elsewhere.example")
    page = text_of(client_of(company.dana).get(f"/accounts/{account.public_id}/"))
    assert "Pulse 3 of 5 Marco Reyes" in page
    assert "Pulse 4 of 5 somebody@elsewhere.example" in page
    assert re.search("stand.in Dana Whitfield", page, re.IGNORECASE)
    assert "Dana@loomline.example" not in page


def test_every_scored_day_comes_as_a_file(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    worked_example()
    scored(account, day=DAY_SCORED - DAY)
    scored(account, State.NOT_CONNECTED, State.NEVER, 20.0, 3.0)
    there = f"/accounts/{account.public_id}/scores.csv"
    assert there in client_of(company.dana).get(f"/accounts/{account.public_id}/").content.decode()
    answer = client_of(company.dana).get(there)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.getvalue().decode("utf-8-sig").splitlines() == [
        "Day,Score,Scored band,Computed band,Effective band,Coverage %,Scorecard",
        "2025-06-30,60.0,unknown,unknown,unknown,40,Worked example 1",
        "2025-06-29,51.0,yellow,yellow,yellow,80,Worked example 1",
    ]
    assert client_of(company.marco).get(there).status_code == 404


def test_who_has_an_address_can_be_written_to(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    company.fact(Stakeholder, account=account, name="Renée Okafor", email="renee@calloway.example")
    company.fact(Stakeholder, account=account, name="Gil Hartmann")
    page = client_of(company.dana).get(f"/accounts/{account.public_id}/").content.decode()
    assert 'href="mailto:renee@calloway.example" aria-label="Write to Renée Okafor"' in page
    assert page.count("mailto:") == 1


def test_the_menu_copies_the_address_of_the_page(company: Company, walk: Page) -> None:
    account = company.account("Calloway Freight", company.dana)
    sign_in(walk)
    walk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    walk.goto(urljoin(walk.url, f"/accounts/{account.public_id}/"))
    walk.get_by_label("More", exact=True).click()
    walk.get_by_role("button", name="Copy link").click()
    expect(walk.locator("#said")).to_have_text("Link copied")
    assert walk.evaluate("navigator.clipboard.readText()") == walk.url
    walk.keyboard.press("Escape")
    expect(walk.get_by_role("button", name="Print")).to_be_hidden()


def test_solved_tickets_fold_up_behind_those_that_are_open_and_the_last_three(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    given = {"account": account, "opened_at": account.created_at - 9 * DAY, "solved_at": account.created_at - DAY}
    for number in range(5):
        company.fact(Ticket, **given, subject=f"Case {number}", status=Ticket.Status.SOLVED)
    address = f"/accounts/{account.public_id}/"
    client = client_of(company.dana)
    page = client.get(address)
    assert "Tickets No open tickets; 5 solved in a year" in text_of(page)
    assert len(page.context["tickets"].first) == 3
    assert "All 5 Subject" in text_of(page)
    company.fact(Ticket, account=account, opened_at=account.created_at, subject="Open one")
    page = client.get(address)
    assert "Tickets 1 open; 5 solved in a year" in text_of(page)
    subjects = [line.ticket.subject for line in page.context["tickets"].first]
    assert (subjects[0], len(subjects), len(page.context["tickets"].others)) == ("Open one", 4, 2)
