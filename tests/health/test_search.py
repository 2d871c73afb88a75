"""Finding by name, the meaning of words, and the page of help."""

import re
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django import DjangoAssertNumQueries
from pytest_django.live_server_helper import LiveServer

from accounts import work
from accounts.models import EndUser, ExternalId, Stakeholder
from health import changes, glossary
from health.book import today
from health.columns import COLUMNS
from health.search import MOST, search
from health.templatetags.portfolio import marked
from health.templatetags.terms import term
from health.templatetags.verdant import plain_day
from support.models import Ticket
from tests.health.company import Company, client_of, text_of
from tests.health.test_browser import sign_in

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def found(company: Company, words: str) -> dict[str, list[str]]:
    """What Dana finds: label of the kind → names, in order."""
    return {group.label: [hit.name for hit in group.hits] for group in search(company.dana, words)}


@pytest.fixture
def filled(company: Company) -> Company:
    """A contact, an end user, a ticket and a task at an account of Dana's, and the same at one of Marco's."""
    for name, owner in (("Calloway Freight", company.dana), ("Jade Hotels", company.marco)):
        account = company.account(name, owner, tier="Enterprise")
        company.fact(
            Stakeholder,
            account=account,
            name="Renée Okafor",
            email="renee@example.com",
            title="Director",
            role="champion",
        )
        company.fact(EndUser, account=account, external_id="u-1", name="Sam Pruitt", email="sam@example.com")
        ticket = company.fact(Ticket, account=account, subject="Swaps missing in export", opened_at=timezone.now())
        ExternalId.objects.create(
            kind="tickets", source=company.crm, external_id=f"48{account.pk}", record=ticket.record
        )
        work.add_task(account, "Send the deck", owner=company.dana, author=None, now=timezone.now())
    return company


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("callo", {"Accounts": ["Calloway Freight"]}),
        ("FREIGHT", {"Accounts": ["Calloway Freight"]}),
        ("Renée", {"People": ["Renée Okafor"]}),
        ("renee@", {"People": ["Renée Okafor"]}),
        ("sam pru", {"People": ["Sam Pruitt"]}),
        ("swaps", {"Tickets": ["Swaps missing in export"]}),
        ("the deck", {"Tasks": ["Send the deck"]}),
        ("pruitt sam", {"People": ["Sam Pruitt"]}),
        ("reight", {}),
        ("fore", {}),
        ("off (", {}),
        ("jade", {}),
        ("c", {}),
        ("%", {}),
        ("%%", {}),
        ("", {}),
    ],
)
def test_things_are_found_by_what_they_are_called(words: str, names: dict[str, list[str]], filled: Company) -> None:
    assert found(filled, words) == names


def test_accounts_and_tickets_are_found_by_the_id_of_their_source(filled: Company) -> None:
    account = filled.dana.accounts.get()
    assert found(filled, f"X-{account.pk}") == {"Accounts": ["Calloway Freight"]}
    assert found(filled, f"#48{account.pk}") == {"Tickets": ["Swaps missing in export"]}


def test_what_was_found_says_what_tells_it_from_others(filled: Company) -> None:
    account, day = filled.dana.accounts.get(), plain_day(today()).replace("\N{NO-BREAK SPACE}", " ")
    client = client_of(filled.dana)
    assert "way Freight not scored, Dana Whitfield, Enterprise" in text_of(client.get("/search/?q=callo"))
    ticket = f"missing in export 48{account.pk}, Open, opened {day}, Calloway Freight"
    assert ticket in text_of(client.get("/search/?q=swaps"))
    assert "deck Calloway Freight, Dana Whitfield" in text_of(client.get("/search/?q=deck"))
    assert "Pruitt End user, Calloway Freight" in text_of(client.get("/search/?q=sam"))


def test_the_words_looked_for_are_marked_where_they_begin_a_word() -> None:
    assert marked("Ann of Hannover <b>", "ann <") == "<mark>Ann</mark> of Hannover <mark>&lt;</mark>b&gt;"
    assert marked("Plain", "") == "Plain"


def test_words_lead_to_their_meaning_and_pages_of_the_menu_are_found_within_ones_role(company: Company) -> None:
    assert found(company, "guard") == {"Words": ["Guard"]}
    assert found(company, "alert") == {"Pages": ["Alerts"]}
    assert "/help/#guard" in client_of(company.dana).get("/search/?q=guard").content.decode()
    assert search(company.dana, "nights") == []
    assert [hit.address for group in search(company.mona, "nights") for hit in group.hits] == ["/data/nights/"]
    assert search(company.mona, "audit log") == []
    assert [hit.name for group in search(company.aiko, "audit log") for hit in group.hits] == ["Audit log"]


def test_only_accounts_that_somebody_sees_are_found(filled: Company) -> None:
    assert [str(hit.account) for group in search(filled.dana, "Okafor") for hit in group.hits] == ["Calloway Freight"]
    assert len(search(filled.mona, "Okafor")[0].hits) == 2


def test_what_begins_like_it_comes_first_and_only_a_few_are_listed(company: Company) -> None:
    for number in range(MOST):
        company.account(f"A great Oak {number}", company.dana)
    company.account("Oak Hill", company.dana)
    names = found(company, "oak")["Accounts"]
    assert names[0] == "Oak Hill"
    assert len(names) == MOST


def test_who_is_contact_and_end_user_is_listed_once(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    company.fact(Stakeholder, account=account, name="Sam Pruitt", email="sam@example.com")
    company.fact(EndUser, account=account, external_id="u-1", name="Samuel Pruitt", email="sam@example.com")
    assert found(company, "sam") == {"People": ["Sam Pruitt"]}


def test_the_page_of_what_was_found_leads_to_accounts_and_says_when_there_is_nothing(filled: Company) -> None:
    client = client_of(filled.dana)
    page = client.get("/search/?q=okafor")
    account = filled.dana.accounts.get()
    assert f'href="/accounts/{account.public_id}/"' in page.content.decode()
    assert "Champion, Director, Calloway Freight" in text_of(page)
    assert "Nothing you may see is called “zebra”." in text_of(client.get("/search/?q=zebra"))
    assert "<html" not in client.get("/search/?q=okafor", headers={"HX-Request": "true"}).content.decode()


def test_finding_takes_the_same_few_queries(filled: Company, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(7):
        search(filled.dana, "calloway")


def test_every_term_that_a_page_names_is_explained_on_the_page_of_help(company: Company) -> None:
    page = client_of(company.dana).get("/help/").content.decode()
    used = {name for path in TEMPLATES.rglob("*.html") for name in re.findall(r'{% term "([^"]+)"', path.read_text())}
    used |= {column.term for column in COLUMNS if column.term} | {*changes.TERMS.values(), "configuration"}
    for name in used | glossary.TERMS.keys():
        assert f'id="{name}"' in page
        assert f'href="/help/#{name}"' in term(name)


def test_a_term_says_what_it_means_by_pointer_and_key(filled: Company, walk: Page, live_server: LiveServer) -> None:
    sign_in(walk)
    says = walk.locator("#term-says")
    walk.goto(f"{live_server.url}/")
    word = walk.locator("#silent").get_by_role("link", name="Silent", exact=True)
    expect(word).to_have_accessible_description(glossary.TERMS["silent"].says)
    word.hover()
    expect(says).to_have_text(glossary.TERMS["silent"].says)
    says.hover()
    walk.wait_for_timeout(300)
    expect(says).to_be_visible()
    walk.mouse.move(1, 1)
    expect(says).to_be_hidden()
    word.focus()
    expect(says).to_be_visible()
    walk.keyboard.press("Escape")
    expect(says).to_be_hidden()
    walk.keyboard.press("Enter")
    expect(walk).to_have_url(re.compile(r"/help/#silent$"))


def test_a_first_touch_says_what_a_term_means_and_the_second_leads_to_it(
    filled: Company, browser: Browser, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    context = browser.new_context(has_touch=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{live_server.url}/user/login/")
    sign_in(page)
    page.goto(live_server.url)
    word = page.locator("#silent").get_by_role("link", name="Silent", exact=True)
    word.tap()
    expect(page.locator("#term-says")).to_have_text(glossary.TERMS["silent"].says)
    page.get_by_role("heading", level=1).tap()
    expect(page.locator("#term-says")).to_be_hidden()
    word.tap()
    word.tap()
    expect(page).to_have_url(re.compile(r"/help/#silent$"))
    context.close()


def test_something_is_found_and_opened_by_keys_alone(filled: Company, walk: Page) -> None:
    sign_in(walk)
    walk.set_viewport_size({"width": 1440, "height": 900})
    walk.goto(walk.url.split("/accounts")[0].rstrip("/") + "/data/")
    walk.keyboard.press("/")
    walk.keyboard.type("okaf")
    expect(walk.get_by_role("link", name="Renée Okafor")).to_be_visible()
    walk.keyboard.press("ArrowDown")
    expect(walk.get_by_role("link", name="Renée Okafor")).to_be_focused()
    walk.keyboard.press("ArrowUp")
    expect(walk.get_by_placeholder("Find")).to_be_focused()
    walk.keyboard.press("ArrowDown")
    walk.keyboard.press("Enter")
    expect(walk.get_by_role("heading", name="Calloway Freight", level=1)).to_be_visible()


def test_the_keys_are_listed_by_a_key(company: Company, walk: Page) -> None:
    sign_in(walk)
    walk.keyboard.press("?")
    expect(walk.get_by_role("dialog", name="Keys")).to_be_visible()
    expect(walk.get_by_text("Log a touchpoint")).to_be_visible()
    walk.keyboard.press("Escape")
    expect(walk.get_by_role("dialog")).not_to_be_visible()
