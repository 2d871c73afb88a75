"""Pages that show scores: the account with its why, the list with its bands, the nights."""

import datetime as dt
import re
from dataclasses import replace

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from health import overrides
from health.book import today
from health.changes import Line
from health.models import Latest, Run
from health.scoring.card import Band, State
from health.standing import standing, summary
from tests.health.company import DAY as ONE_DAY
from tests.health.company import Company, client_of, settle, text_of
from tests.health.test_browser import sign_in, too_wide
from tests.health.worked import DAY, scored, worked_example


@pytest.fixture
def account(company: Company) -> Account:
    return company.account("Calloway Freight", company.dana)


def page_of(company: Company, account: Account, query: str = "") -> str:
    return text_of(client_of(company.dana).get(f"/accounts/{account.public_id}/{query}"))


def test_the_worked_example_on_the_page(company: Company, account: Account) -> None:
    worked_example()
    scored(account)
    page = page_of(company, account)
    for said in (
        "51.0 Yellow 19.0 to green, 11.0 above red",
        "80 % 2 of 3 measures",
        "Worked example 1",
        "License utilization 45.0 % 27 of 60 licenses 40 70 45.0 60.00 27.0 33.0 today",
        "Stickiness no reading",
        "never no usage ever came 20.00 goes to License utilization",
        "NPS +20 15 answers 0 30 60.0 40.00 24.0 16.0 today",
        "Score = sum of what each measure adds 100.00 51.0 49.0",
        "Scored again from what is stored: the same score, bands and digest.",
        "Path to green 51.0 → 70.0 1 Bring 19 more people to use it License utilization 45.0 % → 76.7 %: 19 more of 60 licenses +19.0 70.0",
        "1 does not apply If a ticket is open for over 7 d: at most yellow. Now 3 d.",
    ):
        assert said in page, said


def test_the_worked_example_with_a_margin_on_the_page(company: Company, account: Account) -> None:
    worked_example(margin=2.0)
    scored(account, day=DAY - ONE_DAY)
    scored(account)
    page = page_of(company, account)
    assert "45.0 % → 80.0 %: 21 more of 60 licenses" in page
    assert "Leaving yellow takes 72.0: green begins at 70.0, margin 2.0." in page


def test_a_day_in_the_address_shows_that_day_and_one_without_a_score_the_nearest(
    company: Company, account: Account
) -> None:
    worked_example()
    scored(account)
    scored(account, 90.0, State.NEVER, 60.0, 3.0, day=DAY + 4 * ONE_DAY)
    past, latest = page_of(company, account, "?day=2025-06-30"), page_of(company, account)
    assert "This is Jun 30, 2025 , as it was judged then." in past
    assert "Surveys, people, tickets, contract, tasks and timeline are today’s. See the latest day" in past
    assert "today’s. See" not in latest
    # What the contract is today does not stand beside a score of then.
    strips = [re.split(r"Why \d", page)[0] for page in (latest, past)]
    assert ["Renewal" in strip for strip in strips] == [True, False]
    assert "No score of Jul 2, 2025 . This is Jun 30, 2025 , the nearest day" in page_of(
        company, account, "?day=2025-07-02"
    )
    assert "Why 91.0" in page_of(company, account, "?day=nonsense")


def test_an_override_in_force_names_what_it_overrules(company: Company, account: Account) -> None:
    worked_example()
    scored(account)
    now = timezone.now()
    overrides.override(
        account, band=Band.RED, reason="CFO asks for quotes", last_day=today(), author=company.dana, now=now
    )
    page = page_of(company, account)
    assert "Held at Red until" in page
    assert "by Dana Whitfield: CFO asks for quotes Computed: Yellow 51.0" in page
    assert "Red override" in text_of(client_of(company.dana).get("/accounts/"))


def test_an_override_is_the_first_sentence_and_the_path_has_nothing_to_gain(company: Company, account: Account) -> None:
    worked_example()
    scored(account, 100.0, State.NEVER, 0.0, 3.0)
    last = today() + 2 * ONE_DAY
    overrides.override(
        account, band=Band.RED, reason="Sponsor left", last_day=last, author=company.dana, now=timezone.now()
    )
    stands, text = standing(account), page_of(company, account)
    assert stands.explanation is not None
    assert stands.explanation.computed == Band.GREEN
    assert stands.summary().startswith(f"Held at red by {company.dana} until {last:%b} {last.day}; computed green ")
    assert "held, computed Green" in text
    assert "Nothing to gain: the score is green. The override holds red until" in text


def test_a_guard_that_makes_the_band_is_said_with_the_band_and_the_path_begins_with_it(
    company: Company, account: Account
) -> None:
    worked_example(margin=2.0, value=7, release=3, cap=Band.RED)
    scored(account, 60.0, State.NEVER, 20.0, 3.0, day=DAY - 30 * ONE_DAY)
    scored(account, 45.0, State.NEVER, 20.0, 9.0, day=DAY - ONE_DAY)
    scored(account, 45.0, State.NEVER, 20.0, 9.0)
    page = page_of(company, account)
    for said in (
        "Red guard, scored Yellow score alone: ",
        "yellow to red on Jun 29. A guard makes it red: a ticket is open for over 7 d, now 9 d. Most",
        "1 Close the oldest open ticket The guard lifts at 3 d, now 9 d; then yellow 2 Bring",
        "Getting to green takes 72.0: green begins at 70.0, margin 2.0.",
        "If a ticket is open for over 7 d: red, until the oldest is at most 3 d. Now 9 d. applies",
    ):
        assert said in page, said
    assert "Leaving" not in page
    assert "Would still apply" not in page


def test_a_guard_that_changes_nothing_says_what_the_score_is_anyway(company: Company, account: Account) -> None:
    worked_example(value=7)
    scored(account, 45.0, State.NEVER, 20.0, 9.0)
    assert "Now 9 d. applies the score is yellow anyway" in page_of(company, account)


def test_a_guard_on_what_never_happened_says_since_when_its_days_are_counted(
    company: Company, account: Account
) -> None:
    worked_example(metric="days_since_last_use", value=2)
    scored(account, 45.0, State.NEVER, 20.0, 3.0)
    assert "Never: 3 d counted from Jun 27, 2025 . applies" in page_of(company, account)


def test_a_preview_says_since_when(company: Company, account: Account) -> None:
    worked_example()
    scored(account)
    Latest.objects.update(preview_at=timezone.now(), preview_score=54.1, preview_band=Band.YELLOW)
    assert "With today’s facts it would be 54.1 Yellow , since" in page_of(company, account)


def test_an_unknown_account_keeps_its_score_and_is_told_what_to_get_read(company: Company, account: Account) -> None:
    worked_example()
    scored(account, State.NOT_CONNECTED, State.NEVER, 20.0, 3.0)
    page = page_of(company, account)
    assert "60.0, but the band is unknown" in page
    assert "Coverage is 40 %, and 50 % are needed for a band." in page
    assert "1 License utilization" in page


def test_an_account_without_a_score_says_why(company: Company, account: Account) -> None:
    assert "Not scored: no scorecard is published." in page_of(company, account)
    worked_example()
    assert "Not scored yet. The first night scores it." in page_of(company, account)
    scored(account)
    Latest.objects.update(churned=True)
    page = page_of(company, account)
    assert "Churned. It was scored for the last time for Jun 30, 2025" in page
    assert "Yellow" not in page


def test_the_score_of_somebody_elses_account_is_not_there(company: Company, account: Account) -> None:
    worked_example()
    scored(account)
    client = client_of(company.marco)
    for query in ("", "?day=2025-06-30"):
        assert client.get(f"/accounts/{account.public_id}/{query}").status_code == 404


def test_the_page_of_a_scored_account_takes_the_same_queries(
    company: Company, account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    worked_example()
    for number in range(35):
        scored(account, day=DAY - number * ONE_DAY)
    scored(account, 50.0, State.NEVER, 20.0, 3.0)
    client = client_of(company.dana)
    with django_assert_num_queries(71):
        client.get(f"/accounts/{account.public_id}/")


# --- The list --------------------------------------------------------------------------------------------------------


@pytest.fixture
def book(company: Company) -> None:
    """An account of every band, one never scored, one churned."""
    worked_example()
    for name, readings in {
        "Amber": (45.0, State.NEVER, 20.0, 3.0),
        "Birch": (90.0, State.NEVER, 60.0, 3.0),
        "Cedar": (5.0, State.NEVER, -20.0, 3.0),
        "Dogwood": (State.NOT_CONNECTED, State.NEVER, 20.0, 3.0),
        "Elder": (90.0, State.NEVER, 60.0, 3.0),
    }.items():
        account = company.account(name, company.dana)
        scored(account, 60.0, State.NEVER, 20.0, 3.0, day=DAY - dt.timedelta(days=7))
        scored(account, *readings)
    Latest.objects.filter(account__name="Elder").update(churned=True)
    company.account("Fir", company.dana)


def names(company: Company, query: str = "") -> list[str]:
    return [row.name for row in client_of(company.dana).get(f"/accounts/{query}").context["page"]]


@pytest.mark.usefixtures("book")
def test_the_list_shows_the_worst_first_and_what_has_no_score_last(company: Company) -> None:
    assert names(company) == ["Cedar", "Amber", "Dogwood", "Birch", "Fir"]
    page = text_of(client_of(company.dana).get("/accounts/"))
    assert "Green 1 Yellow 1 Red 1 Unknown 1" in page
    assert "Amber 51.0 Yellow ↓ down 9.0 new" in page
    assert "Fir – not scored" in page
    assert "Elder" in text_of(client_of(company.dana).get("/accounts/?view=churned"))


@pytest.mark.usefixtures("book")
def test_the_list_is_sorted_by_movement_and_by_band(company: Company) -> None:
    assert names(company, "?sort=week")[:4] == ["Cedar", "Amber", "Dogwood", "Birch"]
    assert names(company, "?sort=-week")[0] == "Birch"
    assert names(company, "?sort=band")[:4] == ["Cedar", "Amber", "Dogwood", "Birch"]


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("band", "expected"),
    [
        ("red", ["Cedar"]),
        ("unknown", ["Dogwood"]),
        ("purple", ["Cedar", "Amber", "Dogwood", "Birch", "Fir"]),
    ],
)
def test_the_list_is_filtered_by_band(band: str, expected: list[str], company: Company) -> None:
    assert names(company, f"?band={band}") == expected


def test_a_band_without_accounts_says_so(company: Company, account: Account) -> None:
    assert "No account here: band is red." in text_of(client_of(company.dana).get("/accounts/?band=red"))


@pytest.mark.usefixtures("book")
def test_the_list_of_scores_takes_few_queries(
    company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(company.dana)
    settle()
    with django_assert_num_queries(
        20
    ):  # user, frame (2), who changed, tabs, bands beside facets, owners, numbers, rows
        client.get("/accounts/")


# --- The nights ------------------------------------------------------------------------------------------------------


@pytest.fixture
def stopped(db: None) -> Run:
    now = timezone.now()
    metrics = {"Product-led 1": {"seconds": 1.5, "failed": 0}, "nps": {"seconds": 0.0, "failed": 7}}
    return Run.objects.create(
        day=DAY, which=1, state="stopped", known_at=now, started_at=now, error="nps failed for 7 accounts.",
        metrics=metrics, accounts=120, seconds=61,
    )  # fmt: skip


def test_the_nights_say_what_was_scored_and_what_failed(company: Company, stopped: Run) -> None:
    page = text_of(client_of(company.mona).get("/data/nights/"))
    assert "1 night stopped." in page
    assert "nps failed for 7 accounts." in page
    assert "Jun 30, 2025 stopped 120 0 0 none NPS for 7 accounts 1 min" in page
    assert "NPS under 0.01 s, failed for 7 accounts" in page
    assert "Let it go on" not in page


def test_an_admin_lets_a_stopped_night_go_on(company: Company, stopped: Run) -> None:
    address = f"/data/nights/{stopped.pk}/go-on/"
    for user, status in ((company.dana, 403), (company.mona, 403)):
        assert client_of(user).post(address).status_code == status
    admin = client_of(company.aiko)
    assert admin.get(address).status_code == 405
    assert "Let it go on" in text_of(admin.get("/data/nights/"))
    assert "The night of 2025-06-30 goes on" in text_of(admin.post(address, follow=True))
    stopped.refresh_from_db()
    assert (stopped.state, stopped.error) == (Run.State.RUNNING, "")
    assert "is not stopped" in text_of(admin.post(address, follow=True))


def test_the_nights_are_for_those_who_see_every_account(company: Company) -> None:
    assert client_of(company.dana).get("/data/nights/").status_code == 403
    assert "/data/nights/" not in client_of(company.dana).get("/data/").content.decode()
    assert "/data/nights/" in client_of(company.mona).get("/data/").content.decode()
    assert "No night has been yet." in text_of(client_of(company.mona).get("/data/nights/"))


# --- In a browser ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [390, 1000, 1440])
def test_a_scored_account_in_a_browser(company: Company, walk: Page, width: int) -> None:
    account = company.account("Calloway Freight", company.dana)
    worked_example()
    scored(account, 80.0, State.NEVER, 20.0, 3.0, day=DAY - ONE_DAY)
    scored(account)
    said: list[str] = []
    walk.on("console", lambda message: said.append(message.text))
    walk.set_viewport_size({"width": width, "height": 900})
    sign_in(walk)
    walk.get_by_role("link", name="Calloway Freight").click()
    expect(walk.get_by_role("heading", name="Why 51.0")).to_be_visible()
    expect(walk.get_by_role("img", name="51.0 of 100; yellow from 40, green from 70")).to_be_visible()
    expect(walk.get_by_role("img", name="45.0 points, yellow; yellow from 40, green from 70")).to_be_visible()
    assert not too_wide(walk)
    assert said == []


# --- The first sentence ----------------------------------------------------------------------------------------------


def test_the_first_sentence_says_when_the_band_turned_or_that_it_is_still_the_same(
    company: Company, account: Account
) -> None:
    worked_example()
    scored(account, 90.0, State.NEVER, 60.0, 3.0, day=DAY - 30 * ONE_DAY)
    scored(account, 90.0, State.NEVER, 60.0, 3.0, day=DAY - 6 * ONE_DAY)
    scored(account, 45.0, State.NEVER, 20.0, 3.0, day=DAY - 5 * ONE_DAY)
    scored(account)
    assert "Down 40.0 in 30 days, green to yellow on Jun 25." in page_of(company, account)
    other = company.account("Borealis", company.dana)
    scored(other, 60.0, State.NEVER, 20.0, 3.0, day=DAY - 30 * ONE_DAY)
    scored(other)
    assert "Down 9.0 in 30 days, still yellow." in page_of(company, other)


def test_the_first_sentence_tells_each_turn_of_a_month_and_where_there_were_many_the_last_alone(
    account: Account,
) -> None:
    worked_example()
    green, yellow, red = (90.0, State.NEVER, 60.0, 3.0), (45.0, State.NEVER, 20.0, 3.0), (1.0, State.NEVER, -50.0, 3.0)
    scored(account, *green, day=DAY - 30 * ONE_DAY)
    for back, readings in ((10, green), (9, yellow), (1, yellow), (0, red)):
        scored(account, *readings, day=DAY - back * ONE_DAY)
    assert "in 30 days, green to yellow on Jun 21, to red on Jun 30." in standing(account).summary()
    for back, readings in ((7, green), (5, red)):
        scored(account, *readings, day=DAY - back * ONE_DAY)
    assert "in 30 days, red now." in standing(account).summary()


def test_the_first_sentence_says_most_only_of_what_moved_half_of_it(account: Account) -> None:
    worked_example()
    scored(account, 60.0, State.NEVER, 20.0, 3.0, day=DAY - 30 * ONE_DAY)
    scored(account)
    for shown, word in ((-4.5, "Most of it"), (-4.4, "Largest")):
        lines = [Line("License utilization", "", shown, 60.0, 51.0, key="license_utilization")]
        assert f"still yellow. {word}: License utilization (" in standing(account).summary(lines)


def test_the_first_sentence_names_what_moved_the_score_rather_than_what_is_lost(account: Account) -> None:
    worked_example()
    scored(account, 60.0, State.NEVER, 20.0, 3.0, day=DAY - 30 * ONE_DAY)
    scored(account)
    lines = [Line("License utilization", "60.0 → 45.0 %", -9.0, 60.0, 51.0, key="license_utilization")]
    said = standing(account).summary(lines)
    assert said.startswith("Down 9.0 in 30 days, still yellow. Most of it: License utilization (−9.0). One step leads")
    assert "Most is lost by" in standing(account).summary()


def test_the_first_sentence_does_not_promise_what_a_guard_would_still_forbid(account: Account) -> None:
    worked_example()
    scored(account, 45.0, State.NEVER, 20.0, 30.0)
    assert standing(account).summary().endswith("One step leads to 70.0, but a guard would still apply.")


def test_the_first_sentence_says_where_all_steps_within_reach_stop(account: Account) -> None:
    worked_example()
    scored(account, 45.0, State.NEVER, 20.0, 3.0)
    it = standing(account).explanation
    assert it is not None
    it = replace(it, green=replace(it.green, reaches=False))
    said = summary(it, it.computed, None)
    assert said.endswith(f"Nothing within reach leads to green: {it.way.steps[-1].score:.1f} at most.")


def test_a_churned_account_is_not_offered_what_only_customers_have(company: Company, account: Account) -> None:
    worked_example()
    scored(account)
    assert "Set pulse Override" in page_of(company, account)
    Latest.objects.filter(account=account).update(churned=True)
    page = page_of(company, account)
    assert "Log touchpoint" in page
    assert "Set pulse" not in page


def test_an_unknown_band_says_how_much_is_read_and_how_much_is_needed(company: Company, account: Account) -> None:
    worked_example()
    scored(account, State.NOT_CONNECTED, State.NEVER, 20.0, 3.0)
    assert "the band is unknown: 40 % of the weight has readings, and 50 % are needed." in page_of(company, account)
