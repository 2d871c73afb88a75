"""An account on paper: all that the page says, nothing that one presses, in light colors whatever the theme."""

import pytest
from playwright.sync_api import Page, expect

from tests.health.company import Company
from tests.health.filled import fill
from tests.health.test_browser import sign_in

pytestmark = pytest.mark.django_db(transaction=True)

# A4 less its margins, as a browser lays it out.
SHEET = {"width": 703, "height": 1017}
# How many cells each row of a table shows, with what they span.
COLUMNS = """[...document.querySelectorAll('.page table:not(.why)')].map(table => [...table.rows].map(row =>
  [...row.cells].filter(one => getComputedStyle(one).display !== 'none').reduce((sum, one) => sum + one.colSpan, 0)))"""
PRESSED = "button, .btn, input, textarea, select, nav, .sidebar, .topbar"


def test_an_account_is_printed_without_what_one_presses_and_with_what_one_opened(company: Company, walk: Page) -> None:
    fill(company)
    sign_in(walk)
    account = company.dana.accounts.get(name="Calloway Freight")
    walk.context.add_cookies([{"name": "theme", "value": "dark", "url": walk.url}])
    walk.goto(walk.url.split("/accounts/")[0] + f"/accounts/{account.public_id}/")
    measure = walk.locator(".why-measure a[data-opens]").first
    measure.click()
    facts = walk.locator(".measure-facts").first
    expect(facts).to_be_visible()
    walk.emulate_media(media="print")
    walk.set_viewport_size({"width": SHEET["width"], "height": SHEET["height"]})
    assert [one for one in walk.locator(PRESSED).all() if one.is_visible()] == []
    expect(facts).to_be_visible()
    expect(walk.get_by_text("printed")).to_be_visible()
    folded = walk.get_by_text("Scored again from what is stored")
    expect(folded).to_be_visible()
    for said in ("Calloway Freight", "What changed", "History", "Timeline", "Tickets"):
        expect(walk.get_by_role("heading", name=said, exact=False).first).to_be_visible()
    assert walk.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert walk.evaluate("getComputedStyle(document.querySelector('.ruler, svg')).printColorAdjust") == "exact"
    cut = "[...document.querySelectorAll('.panel')].filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.id)"
    assert walk.evaluate(cut) == []
    for columns in walk.evaluate(COLUMNS):
        assert len(set(columns)) == 1, columns
    assert len(walk.pdf(format="A4", prefer_css_page_size=True)) > 10_000


def test_a_list_is_printed_over_the_whole_width_and_says_what_it_is_of(company: Company, walk: Page) -> None:
    fill(company)
    sign_in(walk)
    walk.goto(walk.url.split("/accounts/")[0] + "/accounts/?view=mine")
    walk.emulate_media(media="print")
    controls = PRESSED.replace("nav, ", "")  # the strip of bands is one that says something
    assert [one for one in walk.locator(controls).all() if one.is_visible()] == []
    table, page = walk.locator(".accounts").bounding_box(), walk.locator(".page").bounding_box()
    assert table is not None
    assert page is not None
    assert table["width"] == pytest.approx(page["width"], abs=4)
    expect(walk.get_by_text("My book, sorted by band and score, worst first.")).to_be_visible()
