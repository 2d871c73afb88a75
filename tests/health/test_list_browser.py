"""The list of accounts in a browser: by mouse, and by keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Account, Task
from tests.health.company import Company
from tests.health.filled import fill
from tests.health.test_axe import AXE, CONTRAST, RUN
from tests.health.test_browser import sign_in, too_wide
from tests.health.test_journeys import tab_to, toast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def filled(company: Company) -> Company:
    fill(company)
    return company


def opened(page: Page, address: str = "dana@loomline.example") -> Page:
    page.set_viewport_size({"width": 1440, "height": 1000})
    sign_in(page, address)
    return page


def test_rows_are_selected_by_click_by_range_and_all_and_unselected(filled: Company, walk: Page) -> None:
    page = opened(walk)
    picks, bar = page.locator(".pick"), page.get_by_role("form", name="Selected accounts")
    expect(bar).not_to_be_visible()
    picks.nth(1).click()
    picks.nth(3).click(modifiers=["Shift"])
    expect(bar).to_contain_text("3 accounts")
    expect(page.locator("#selected")).to_have_text(re.compile(r"^3 accounts selected, \$[0-9,]+ ARR"))
    bar.get_by_role("button", name="Clear").click()
    expect(bar).not_to_be_visible()
    page.get_by_role("checkbox", name="Select all on this page").click()
    expect(bar).to_contain_text(f"{picks.count()} accounts")
    page.keyboard.press("Escape")
    expect(bar).not_to_be_visible()


def test_a_manager_assigns_and_takes_it_back(filled: Company, walk: Page) -> None:
    page = opened(walk, "mona@loomline.example")
    names = [page.locator(".accounts .name").nth(at).inner_text() for at in (0, 1)]
    owners = {account.name: account.owner for account in Account.objects.all()}
    for name in names:
        filled.attribute(Account.objects.get(name=name), "name", name)
        page.get_by_role("checkbox", name=f"Select {name}").click()
    page.get_by_role("button", name="Assign owner…").click()
    dialog = page.get_by_role("dialog", name="Assign")
    dialog.get_by_label("New owner").select_option(label="Aiko Mori")
    dialog.get_by_role("button", name="Assign").click()
    done = toast(page, "2 accounts now belong to Aiko Mori.")
    expect(page.get_by_role("form", name="Selected accounts")).not_to_be_visible()
    expect(page.locator(".opens").filter(has_text=names[0])).to_contain_text("Aiko Mori")
    assert Account.objects.filter(owner=filled.aiko).count() == 2
    done.get_by_role("button", name="Undo").click()
    toast(page, "the owner is who it was before")
    assert Account.objects.filter(owner=filled.aiko).count() == sum(one == filled.aiko for one in owners.values())


def test_the_list_by_keyboard_alone(filled: Company, walk: Page) -> None:
    page = opened(walk)
    page.keyboard.press("/")
    tab_to(page, page.get_by_label("Find an account"))
    page.keyboard.type("c")
    expect(page).to_have_url(re.compile("q=c"))
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    expect(page.locator("#facets a").first).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("band=yellow"))
    page.keyboard.press("j")
    names = page.locator(".accounts .name")
    expect(names.nth(0)).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("k")
    bar = page.get_by_role("form", name="Selected accounts")
    expect(bar).to_contain_text("2 accounts")
    tab_to(page, bar.get_by_role("button", name="Add task…"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("What is to be done")).to_be_focused()
    page.keyboard.type("Ask for the plan tomorrow")
    page.keyboard.press("Enter")
    toast(page, "Task added at 2 accounts, due Tomorrow.")
    assert Task.objects.filter(title="Ask for the plan").count() == 2
    expect(bar).not_to_be_visible()
    expect(names.nth(1)).to_be_focused()
    first = names.nth(0).inner_text()
    page.keyboard.press("k")
    page.keyboard.press("Shift+Tab")
    expect(page.locator(".pick").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=first, level=1)).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_on_a_list_with_a_selection(filled: Company, walk: Page, width: int) -> None:
    page = opened(walk, "mona@loomline.example")
    page.set_viewport_size({"width": width, "height": 900})
    for at in (0, 2):
        page.locator(".pick").nth(at).check()
    expect(page.get_by_role("form", name="Selected accounts")).to_be_visible()
    page.evaluate(AXE)
    assert page.evaluate(RUN, {}) == []
    page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
    assert page.evaluate(RUN, CONTRAST) == []
    page.get_by_role("button", name="Add task…").click()
    expect(page.get_by_role("dialog", name="Add task")).to_be_visible()
    assert page.evaluate(RUN, {}) == []
    assert not too_wide(page)


def test_cards_of_a_phone_are_sorted_by_a_control(filled: Company, walk: Page) -> None:
    page = opened(walk)
    page.set_viewport_size({"width": 390, "height": 844})
    control, names = page.get_by_label("Sort", exact=True), page.locator(".accounts .name")
    expect(control).to_have_value("band")
    control.focus()
    control.select_option(label="Name")
    expect(page).to_have_url(re.compile(r"sort=name"))
    expect(names.first).to_have_text(min(names.all_inner_texts()))
    expect(control).to_be_focused()
    page.get_by_role("link", name="Turn around: name, backward").click()
    expect(page).to_have_url(re.compile(r"sort=-name"))
    expect(names.first).to_have_text(max(names.all_inner_texts()))
    expect(control).to_have_value("-name")
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(control).not_to_be_visible()


def test_one_search_has_the_key_and_gets_it(filled: Company, walk: Page) -> None:
    page = opened(walk)
    for width, label in ((1440, "Find accounts, people, tickets, tasks"), (1000, "Find an account")):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.locator(".find kbd").evaluate_all("keys => keys.filter(key => key.checkVisibility()).length") == 1
        page.keyboard.press("/")
        expect(page.get_by_label(label)).to_be_focused()
        page.keyboard.press("Escape")
