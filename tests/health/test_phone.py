"""On a phone: the way back, the next account, what is not seen, and lists that fold."""

import re
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.health.company import Company
from tests.health.filled import fill
from tests.health.test_browser import sign_in

pytestmark = pytest.mark.django_db(transaction=True)

PHONE: ViewportSize = {"width": 390, "height": 844}
TARGET = 44


@pytest.fixture
def phone(company: Company, walk: Page) -> Page:
    """The list of accounts on a phone."""
    fill(company)
    walk.set_viewport_size(PHONE)
    sign_in(walk)
    return walk


def is_target(found: Locator) -> bool:
    """Whether a finger hits it."""
    box = found.bounding_box()
    return box is not None and min(box["width"], box["height"]) >= TARGET


def top(found: Locator) -> float:
    box = found.bounding_box()
    assert box is not None
    return box["y"]


def test_an_account_leads_back_to_the_list_to_the_next_one_and_to_alerts(phone: Page) -> None:
    phone.locator(".accounts .name").first.click()
    bar = phone.locator(".topbar")
    back, following = bar.get_by_role("link", name="Accounts"), bar.get_by_role("link", name=re.compile("^After: "))
    for found in (back, following, bar.get_by_role("link", name=re.compile("^Alerts"))):
        assert is_target(found)
    expect(bar).to_contain_text("1 of")
    following.click()
    expect(bar).to_contain_text("2 of")
    bar.get_by_role("link", name="Accounts").click()
    expect(phone.get_by_role("heading", name="Accounts", level=1)).to_be_visible()
    expect(bar.get_by_role("link", name="Verdant")).to_be_visible()


def test_a_measure_leads_back_to_its_account(phone: Page) -> None:
    phone.get_by_role("link", name="Calloway Freight").click()
    name = phone.locator(".why-measure a[data-opens]").first
    phone.goto(urljoin(phone.url, str(name.get_attribute("href"))))
    phone.locator(".topbar").get_by_role("link", name="Calloway Freight").click()
    expect(phone.get_by_role("heading", name="Calloway Freight", level=1)).to_be_visible()


def test_a_touch_anywhere_on_a_measure_opens_it(phone: Page) -> None:
    phone.get_by_role("link", name="Calloway Freight").click()
    phone.locator(".why-measure .ruler").first.click(force=True)
    expect(phone.locator(".measure-facts").first).to_be_visible()


def test_filters_are_chosen_one_after_the_other_in_a_sheet_that_says_how_many_are_left(phone: Page) -> None:
    before = phone.locator(".accounts .name").count()
    phone.get_by_role("button", name="Filter", exact=True).click()
    sheet = phone.locator("#facets")
    expect(sheet.get_by_role("button", name=f"Show {before} accounts")).to_be_visible()
    for number in (0, 1):
        sheet.locator("section").nth(number).get_by_role("checkbox").first.click()
        expect(phone.locator(".filters > .chip:has(.value)")).to_have_count(number + 1)
    chosen = sheet.get_by_role("checkbox", checked=True)
    expect(chosen).to_have_count(2)
    left = phone.locator(".accounts .name").count()
    assert 0 < left < before
    sheet.get_by_role("button", name=re.compile(f"Show {left} accounts?$")).click()
    expect(sheet).not_to_be_visible()
    assert "band=" in phone.url


@pytest.mark.parametrize("sheet", ["Save view", "Columns"])
def test_a_sheet_stands_at_the_foot_with_a_head_and_a_way_out(phone: Page, sheet: str) -> None:
    if sheet == "Columns":
        phone.locator(".list-more-open").click()
    else:
        phone.goto(urljoin(phone.url, "/accounts/?view=all&band=red"))
    phone.get_by_role("button", name=sheet, exact=True).click()
    opened = phone.locator(f"#{sheet.lower().replace(' ', '-')}")
    box = opened.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, PHONE["width"])
    assert box["y"] + box["height"] == pytest.approx(PHONE["height"], abs=1)
    assert is_target(opened.get_by_role("button", name="Close"))
    opened.get_by_role("button", name="Cancel").click()
    expect(opened).not_to_be_visible()


def test_long_lists_begin_folded_and_open_by_touch_or_where_the_address_names_them(phone: Page) -> None:
    phone.get_by_role("link", name="Calloway Freight").click()
    attributes = phone.locator(".attributes").first
    expect(attributes.locator(".pairs")).not_to_be_visible()
    attributes.get_by_role("heading", name="Attributes").click()
    expect(attributes.locator(".pairs")).to_be_visible()
    phone.goto(urljoin(phone.url, "/data/kinds/#renewals"))
    expect(phone.locator("#renewals").get_by_role("table")).to_be_visible()
    expect(phone.locator("#licenses").get_by_role("table")).not_to_be_visible()
    phone.get_by_role("navigation", name="Kinds").get_by_role("link", name="licenses").click()
    expect(phone.locator("#licenses").get_by_role("table")).to_be_visible()


def test_what_stands_first_on_an_account_comes_in_the_order_of_its_questions(phone: Page) -> None:
    phone.get_by_role("link", name="Calloway Freight").click()
    parts = ("#changes", "#path", "#next", "#why", "#guards", "#timeline", "#contract", "#history", ".attributes")
    places = [top(phone.locator(part).first) for part in parts]
    assert places == sorted(places)


def test_the_sentence_of_a_page_stands_before_what_can_be_done(phone: Page) -> None:
    for there in ("/", "/data/"):
        phone.goto(urljoin(phone.url, there))
        head = phone.locator(".page-head")
        assert top(head.locator("h1")) < top(head.locator(".summary")) < top(head.locator(".page-actions"))
