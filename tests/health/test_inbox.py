"""The page of alerts: by day one account with what was told of it, why, and what can be done."""

import datetime as dt
import re
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django import DjangoAssertNumQueries

from accounts import work
from accounts.models import Account, License, Task
from health import overrides
from health.book import today
from health.models import Alert, Latest, Snapshot
from health.scoring.card import Band, State
from health.templatetags.verdant import plain_day
from tests.health.company import DAY, PASSWORD, Company, client_of, text_of
from tests.health.worked import scored, worked_example

HTMX = {"HX-Request": "true"}


def alert(account: Account | None, kind: str = "guard_holds", **more: Any) -> Alert:
    given = {"says": "A guard applies.", "day": today() - DAY, "raised_at": timezone.now(), **more}
    made: Alert = Alert.objects.create(kind=kind, account=account, **given)
    return made


@pytest.fixture
def acme(company: Company) -> Account:
    """Fell from 72 to 60 yesterday, for its license utilization."""
    worked_example()
    account = company.account("Calloway Freight", company.dana)
    company.fact(License, account=account, starts_on=today() - 100 * DAY, ends_on=today() + 90 * DAY, seats=60,
                 amount=184_000, currency="USD")  # fmt: skip
    for days, reading in ((2, 90.0), (1, 41.0)):
        scored(account, reading, State.NEVER, 20.0, 3.0, day=today() - days * DAY)
    return account


def banded(company: Company, name: str, band: Band) -> Account:
    account = company.account(name, company.dana)
    Latest.objects.create(
        account=account,
        day=today() - DAY,
        version_id=1,
        score=50,
        coverage=1,
        scored=band,
        computed=band,
        effective=band,
    )
    return account


def order(page: str, *names: str) -> list[str]:
    return sorted(names, key=page.index)


def test_an_account_stands_once_a_day_with_all_that_was_told_of_it(company: Company, acme: Account) -> None:
    alert(acme, says="A guard applies: one.", cause="1")
    alert(acme, says="A guard applies: two.", cause="2")
    alert(acme, says="A guard applies: before.", cause="3", day=today() - 3 * DAY)
    page = text_of(client_of(company.dana).get("/alerts/"))
    assert page.count("Calloway Freight") == 2
    assert order(page, "Yesterday 1 account, 2 alerts", "one.", "two.", "before.")[0].startswith("Yesterday")
    assert page.index("before.") > page.index("one.")


def test_the_worst_band_comes_first_within_a_day_and_a_source_last(company: Company) -> None:
    stream = company.delivery()
    alert(None, "source_silent", stream=stream, says="Silent.")
    for name, band in (("Well", Band.GREEN), ("Ill", Band.RED), ("So so", Band.YELLOW), ("Dark", Band.UNKNOWN)):
        alert(banded(company, name, band))
    page = client_of(company.dana).get("/alerts/")
    (day,) = page.context["days"]
    said = [str(about.account or about.stream.source) for about in day.abouts]
    assert said == ["Ill", "So so", "Dark", "Well", "Salesforce"]
    assert f"/data/#stream-{stream.pk}" in page.content.decode()


def test_an_override_of_today_counts_for_the_order(company: Company) -> None:
    ill, well = banded(company, "Ill", Band.RED), banded(company, "Well", Band.GREEN)
    alert(ill)
    alert(well)
    overrides.override(ill, band=Band.GREEN, reason="x", last_day=today(), author=company.dana, now=timezone.now())
    overrides.override(well, band=Band.RED, reason="x", last_day=today(), author=company.dana, now=timezone.now())
    days = client_of(company.dana).get("/alerts/?kind=guard_holds").context["days"]
    assert [str(about.account) for about in days[0].abouts] == ["Well", "Ill"]


def test_a_change_of_band_says_from_what_score_to_what_and_why_and_leads_to_all_that_changed(
    company: Company, acme: Account
) -> None:
    Snapshot.objects.filter(account=acme, day=today() - 2 * DAY).update(effective=Band.GREEN)
    Snapshot.objects.filter(account=acme, day=today() - DAY).update(effective=Band.YELLOW)
    alert(acme, "band_changed", says="Green to yellow.", cause=str(today() - DAY))
    answer = client_of(company.dana).get("/alerts/")
    page = text_of(answer)
    assert re.search(r"Green → became Yellow \d+\.\d to \d+\.\d , mostly License utilization −\d", page)
    assert "$184k" in page
    assert f"?from={today() - 2 * DAY}&amp;to={today() - DAY}#changes" in answer.content.decode()


def test_an_alert_stands_under_the_day_that_it_is_about_and_says_when_it_was_told(
    company: Company, acme: Account
) -> None:
    alert(acme, says="Of today.", cause="1", day=today())
    alert(acme, says="Of before.", cause="2", day=today() - DAY)
    page = text_of(client_of(company.dana).get("/alerts/"))
    told = f"told {plain_day(today())}".replace("\N{NO-BREAK SPACE}", " ")
    assert order(page, "Today 1 alert", "Of today.", "Yesterday 1 alert", "Of before.")[0] == "Today 1 alert"
    assert f"Of before. {told}" in page
    assert f"Of today. {told}" not in page


def test_a_band_that_a_guard_lowered_and_that_guard_are_one_item_and_seen_at_once(
    company: Company, acme: Account
) -> None:
    day = today() - DAY
    Snapshot.objects.filter(account=acme, day=day - DAY).update(effective=Band.YELLOW)
    Snapshot.objects.filter(account=acme, day=day).update(
        effective=Band.RED, computed=Band.RED, scored=Band.YELLOW
    )  # fmt: skip
    turned = alert(acme, "band_changed", says="Yellow to red.", cause=str(day))
    guard = alert(acme, says="A guard applies.", cause="Days since last use over 30 d: at most red")
    client = client_of(company.dana)
    page = client.get("/alerts/")
    assert "became Red Guard: days since last use over 30 d" in text_of(page)
    assert page.content.decode().count("Add task") == page.content.decode().count("Mark as seen:") == 1
    client.post(f"/alerts/{turned.pk}/seen/", {"with": [guard.pk, "x"]})
    assert not Alert.objects.filter(seen_at=None).exists()


def test_nobody_marks_what_they_do_not_see_beside_what_they_see(company: Company, acme: Account) -> None:
    other = alert(company.account("Jade Hotels", company.marco))
    client_of(company.dana).post(f"/alerts/{alert(acme).pk}/seen/", {"with": other.pk})
    assert list(Alert.objects.filter(seen_at=None)) == [other]


def test_a_change_that_was_taken_back_shows_no_bands_as_if_it_had_been(company: Company, acme: Account) -> None:
    alert(acme, "band_changed", says="Taken back by later data: green to red.",
          ended_at=timezone.now() + DAY)  # fmt: skip
    page = text_of(client_of(company.dana).get("/alerts/"))
    assert "Taken back by later data: green to red." in page
    assert "over since" in page


def test_an_override_that_ends_says_why_it_was_set_and_by_whom(company: Company, acme: Account) -> None:
    overrides.override(
        acme, band=Band.RED, reason="Their CFO asks for quotes.", last_day=today(), author=company.dana,
        now=timezone.now(),
    )  # fmt: skip
    assert "“Their CFO asks for quotes.” Dana Whitfield" in text_of(client_of(company.dana).get("/alerts/"))


def test_a_task_is_added_from_an_alert_with_its_words_and_stands_in_its_place(company: Company, acme: Account) -> None:
    one = alert(acme, says="A guard applies: no use.")
    client = client_of(company.dana)
    there = re.search(r'href="(/accounts/[^"]+/tasks/\?[^"]+)"', client.get("/alerts/").content.decode())
    assert there
    asked = parse_qs(urlsplit(there[1].replace("&amp;", "&")).query)
    assert asked["title"] == ["Follow up: a guard applies: no use"]
    form = client.get(there[1].replace("&amp;", "&")).content.decode()
    assert 'value="Follow up: a guard applies: no use"' in form
    client.post(f"/accounts/{acme.public_id}/tasks/", {"title": "Call", "reason": asked["reason"][0]})
    task = Task.objects.get()
    assert task.reason == f"A guard applies: no use, {one.day:%b} {one.day.day}"
    page = client.get("/alerts/").content.decode()
    assert f"/tasks/{task.pk}/" in page
    assert "Add task" not in page
    work.finish(task, by=company.dana, now=timezone.now())
    assert "Add task" in client.get("/alerts/").content.decode()


def test_one_marked_as_seen_leaves_those_not_seen_and_the_menu_counts_anew(company: Company, acme: Account) -> None:
    one = alert(acme, says="First.", cause="1")
    alert(acme, says="Second.", cause="2")
    client = client_of(company.dana)
    answer = client.post(f"/alerts/{one.pk}/seen/?show=unseen", headers=HTMX)
    page = answer.content.decode()
    assert "<html" not in page
    assert "First." not in page
    assert re.search(r'id="alerts-unseen" hx-swap-oob="true">1<', page)
    assert "First." in text_of(client.get("/alerts/"))
    assert "First." not in text_of(client.get("/alerts/?show=unseen"))


def test_nothing_unseen_is_said_as_a_fact(company: Company, acme: Account) -> None:
    client = client_of(company.dana)
    assert "No alert yet." in text_of(client.get("/alerts/"))
    alert(acme, seen_at=timezone.now())
    assert "Every alert is seen." in text_of(client.get("/alerts/?show=unseen"))
    assert "No alert of this kind." in text_of(client.get("/alerts/?kind=override_ends"))


def test_a_kind_without_any_says_that_others_are_not_seen(company: Company, acme: Account) -> None:
    alert(acme)
    client = client_of(company.dana)
    page = text_of(client.get("/alerts/?kind=override_ends"))
    assert "None of this kind; 1 of other kinds is not seen." in page
    assert "All are seen." not in page


def test_the_page_takes_the_same_queries_however_many_there_are(
    company: Company, acme: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(company.dana)
    for number in range(12):
        account = company.account(f"Account {number}", company.dana)
        for days, reading in ((2, 90.0), (1, 41.0)):
            scored(account, reading, State.NEVER, 20.0, 3.0, day=today() - days * DAY)
        overrides.override(
            account, band=Band.RED, reason="x", last_day=today(), author=company.dana, now=timezone.now()
        )
        alert(account, "band_changed", raised_at=timezone.now() - dt.timedelta(hours=number))
        alert(None, "source_silent", stream=company.delivery(f"kind-{number}"))
    client.get("/alerts/")
    with django_assert_num_queries(13):
        client.get("/alerts/")


@pytest.mark.slow
def test_alerts_are_worked_through_by_keyboard_alone(company: Company, acme: Account, walk: Page) -> None:
    alert(acme, says="First.", cause="1")
    alert(banded(company, "Elm Foods", Band.GREEN), says="Second.", cause="2")
    walk.fill("input[name=login]", "dana@loomline.example")
    walk.fill("input[name=password]", PASSWORD)
    walk.keyboard.press("Enter")
    walk.wait_for_selector("#sidebar")
    walk.goto(urljoin(walk.url, "/alerts/"))
    walk.keyboard.press("j")
    assert walk.evaluate("document.activeElement.textContent") == "Calloway Freight"
    walk.get_by_role("button", name="Mark as seen: First.").press("Enter")
    walk.wait_for_selector("button[aria-label='Mark as seen: First.']", state="detached")
    assert walk.evaluate("document.activeElement.textContent") == "Calloway Freight"
    walk.keyboard.press("j")
    walk.keyboard.press("Enter")
    walk.wait_for_url("**/accounts/**")
    assert walk.locator("h1").inner_text() == "Elm Foods"
