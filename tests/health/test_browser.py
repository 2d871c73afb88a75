"""The product in a browser. Each test also fails on an error in the console or a request to another host."""

import re
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from tests.health.company import PASSWORD, Company

pytestmark = pytest.mark.django_db(transaction=True)


def sign_in(page: Page, address: str = "dana@loomline.example") -> None:
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#main h1")).to_be_visible()
    page.goto(urljoin(page.url, "/accounts/"))
    expect(page.get_by_role("heading", name="Accounts", level=1)).to_be_visible()


def open_menu(page: Page) -> None:
    page.locator("details.menu > summary").click()


def too_wide(page: Page) -> bool:
    root = page.locator("html")
    return bool(root.evaluate("(html) => html.scrollWidth > html.clientWidth"))


def test_signing_in_and_out(company: Company, walk: Page) -> None:
    expect(walk.get_by_role("heading", name="Sign in to Verdant")).to_be_visible()
    sign_in(walk)
    open_menu(walk)
    walk.get_by_role("button", name="Sign out").click()
    expect(walk.get_by_text("You are signed out.")).to_be_visible()
    walk.get_by_role("button", name="Close").click()
    expect(walk.get_by_text("You are signed out.")).not_to_be_visible()


def test_the_empty_portfolio_shows_the_command_and_leads_to_a_new_user(company: Company, walk: Page) -> None:
    sign_in(walk, "aiko@loomline.example")
    expect(walk.get_by_text("No account is here yet.")).to_be_visible()
    expect(walk.get_by_text("python manage.py import accounts accounts.csv --source crm")).to_be_visible()
    walk.get_by_role("link", name="Add a user").click()
    expect(walk).to_have_url(re.compile("/admin/accounts/user/add/$"))
    expect(walk.get_by_text("First password")).to_be_visible()


def test_the_theme_follows_the_system_until_one_is_chosen(company: Company, walk: Page) -> None:
    html = walk.locator("html")
    expect(html).to_have_attribute("data-bs-theme", "light")
    walk.emulate_media(color_scheme="dark")
    expect(html).to_have_attribute("data-bs-theme", "dark")
    sign_in(walk)
    expect(html).to_have_attribute("data-bs-theme", "dark")
    open_menu(walk)
    light, system = walk.get_by_role("button", name="Light"), walk.get_by_role("button", name="System")
    expect(system).to_have_attribute("aria-pressed", "true")
    light.click()
    expect(html).to_have_attribute("data-bs-theme", "light")
    walk.reload()
    expect(html).to_have_attribute("data-bs-theme", "light")
    expect(walk.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
    open_menu(walk)
    system.click()
    expect(html).to_have_attribute("data-bs-theme", "dark")
    expect(walk.locator("body")).to_have_css("background-color", "rgb(21, 24, 28)")


def test_the_admin_wears_the_theme_of_the_product(company: Company, walk: Page) -> None:
    sign_in(walk, "aiko@loomline.example")
    open_menu(walk)
    walk.get_by_role("button", name="Dark").click()
    walk.get_by_role("link", name="Admin").click()
    expect(walk.locator("html")).to_have_class(re.compile(r"\bdark\b"))
    walk.get_by_role("link", name="Back to accounts").click()
    expect(walk.get_by_role("heading", name="Accounts", level=1)).to_be_visible()


def test_an_account_is_found_by_typing_and_opened_by_its_row(company: Company, walk: Page) -> None:
    account = company.account("Calloway Freight", company.dana)
    company.everything_about(account)
    company.account("Elm Foods", company.dana)
    sign_in(walk)
    walk.keyboard.press("/")
    expect(walk.get_by_placeholder("Name, id or contact")).to_be_focused()
    walk.keyboard.type("callo")
    expect(walk.get_by_text("Elm Foods")).not_to_be_visible()
    expect(walk).to_have_url(re.compile("q=callo"))
    expect(walk.locator("#found")).to_have_text("1 account")
    walk.locator("tbody tr").click(position={"x": 600, "y": 12})
    expect(walk.get_by_role("heading", name="Calloway Freight")).to_be_visible()
    expect(walk.get_by_role("img", name=re.compile("^Monthly users"))).to_be_visible()
    walk.go_back()
    expect(walk.get_by_text("Elm Foods")).not_to_be_visible()


def test_rows_are_walked_and_opened_by_keys(company: Company, walk: Page) -> None:
    for name in ("Amber", "Birch"):
        company.account(name, company.dana)
    sign_in(walk)
    for key, name in (("j", "Amber"), ("j", "Birch"), ("j", "Birch"), ("k", "Amber")):
        walk.keyboard.press(key)
        expect(walk.get_by_role("link", name=name, exact=True)).to_be_focused()
    walk.keyboard.press("Enter")
    expect(walk.get_by_role("heading", name="Amber")).to_be_visible()


def test_the_menu_closes_by_escape_and_gives_the_focus_back(company: Company, walk: Page) -> None:
    sign_in(walk)
    open_menu(walk)
    expect(walk.get_by_role("link", name="Change password")).to_be_visible()
    walk.keyboard.press("Escape")
    expect(walk.get_by_role("link", name="Change password")).not_to_be_visible()
    expect(walk.locator("details.menu > summary")).to_be_focused()


def test_a_menu_closes_behind_the_dialog_that_it_opens_and_gets_the_focus_back(company: Company, walk: Page) -> None:
    account = company.account("Amber", company.dana)
    sign_in(walk)
    walk.goto(urljoin(walk.url, f"/accounts/{account.public_id}/"))
    more = walk.locator(".menu-more > summary")
    more.click()
    walk.get_by_role("link", name="Add note").click()
    expect(walk.get_by_role("dialog")).to_be_visible()
    expect(walk.get_by_role("link", name="Add note")).not_to_be_visible()
    walk.keyboard.press("Escape")
    expect(more).to_be_focused()


def test_the_first_tab_stop_leads_past_the_menu(company: Company, walk: Page) -> None:
    sign_in(walk)
    walk.keyboard.press("Tab")
    expect(walk.get_by_role("link", name="Skip to content")).to_be_focused()
    walk.keyboard.press("Enter")
    expect(walk.locator("#main")).to_be_focused()


def test_nothing_scrolls_sideways_on_a_phone(company: Company, walk: Page) -> None:
    account = company.account("Calloway Freight and Last Mile Logistics of North America", company.aiko)
    company.everything_about(account)
    company.attribute(account, "note", "x" * 300)
    company.delivery()
    company.waiting("T-1", for_account="a-very-long-external-id-" * 4)
    job = company.job(rejections=[{"line": 1, "field": "owner", "code": "x", "message": "No " * 60}])
    walk.set_viewport_size({"width": 390, "height": 844})
    assert not too_wide(walk)
    sign_in(walk, "aiko@loomline.example")
    home = walk.url.split("/accounts/")[0]
    for address in (
        "/accounts/",
        "/accounts/?q=nobody",
        f"/accounts/{account.public_id}/",
        "/data/",
        f"/data/jobs/{job.pk}/",
        "/first-day/",
        "/user/2fa/",
        "/user/email/",
        "/user/password/change/",
    ):
        walk.goto(f"{home}{address}")
        assert not too_wide(walk), address


def test_the_menu_of_a_phone_opens_and_closes(company: Company, walk: Page) -> None:
    walk.set_viewport_size({"width": 390, "height": 844})
    sign_in(walk)
    expect(walk.get_by_role("link", name="Data health")).not_to_be_visible()
    walk.get_by_role("button", name="Menu").click()
    expect(walk.get_by_role("link", name="Data health")).to_be_visible()
    walk.keyboard.press("Escape")
    expect(walk.get_by_role("link", name="Data health")).not_to_be_visible()
