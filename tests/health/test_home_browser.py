"""The first page in a browser: panels are set in place, by mouse and by keys, and the address says how."""

import re

from playwright.sync_api import Page, expect

from tests.health.company import PASSWORD, Company
from tests.health.filled import fill


def come_in(page: Page, address: str) -> None:
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Movers")).to_be_visible()


def test_a_manager_looks_at_renewals_by_owner_before_a_call(company: Company, walk: Page) -> None:
    fill(company)
    come_in(walk, "mona@loomline.example")
    renewals = walk.locator("#renewals")
    expect(renewals.get_by_role("rowheader").last).to_have_text("All")
    renewals.get_by_role("link", name="Owner").click()
    expect(renewals.get_by_role("rowheader", name="Dana Whitfield")).to_be_visible()
    expect(walk).to_have_url(re.compile(r"\?renewals=owner$"))
    expect(walk.locator("#said")).to_have_text("Renewals by owner and band changed.")
    renewals.get_by_role("link", name=re.compile(r"\$")).first.click()
    expect(walk.get_by_role("heading", name="Accounts", level=1)).to_be_visible()


def test_panels_are_set_by_keys_and_remember_each_other(company: Company, walk: Page) -> None:
    fill(company)
    come_in(walk, "dana@loomline.example")
    month = walk.locator("#movers").get_by_role("link", name="30 d")
    month.focus()
    walk.keyboard.press("Enter")
    expect(walk).to_have_url(re.compile(r"days=30"))
    expect(month).to_have_attribute("aria-current", "true")
    expect(month).to_be_focused()
    walk.locator("#bands").get_by_role("link", name="Table").click()
    expect(walk.locator("#bands").get_by_role("columnheader", name="Week to")).to_be_visible()
    expect(walk).to_have_url(re.compile(r"bands-as=table.*days=30|days=30.*bands-as=table"))
    walk.reload()
    expect(walk.locator("#movers [aria-current]")).to_have_text("30 d")
    expect(walk.locator("#bands").get_by_role("columnheader", name="Week to")).to_be_visible()
    walk.locator("#bands").get_by_role("link", name="Chart").click()
    expect(walk.locator("#bands .bands-chart")).to_be_visible()
    expect(walk.locator("#bands-as")).to_be_focused()
    expect(walk).to_have_url(re.compile(r"/\?days=30$"))


def test_a_task_is_added_in_place_by_keys(company: Company, walk: Page) -> None:
    fill(company)
    come_in(walk, "dana@loomline.example")
    tasks, line = walk.locator("#home-tasks"), walk.get_by_label("Add a task: what, @account, by when")
    line.focus()
    walk.keyboard.type("Call them")
    walk.keyboard.press("Enter")
    expect(tasks.get_by_role("alert")).to_contain_text("Say which account it is for")
    expect(line).to_be_focused()
    expect(line).to_have_value("Call them")
    walk.keyboard.type(" @Calloway Fr")
    walk.keyboard.press("Enter")
    expect(tasks).to_contain_text("4 open")
    expect(walk.get_by_text("Task added for Calloway Freight.")).to_be_visible()
    expect(line).to_have_value("")
    expect(line).to_be_focused()


def test_a_task_is_added_in_a_dialog_from_the_top_of_the_page(company: Company, walk: Page) -> None:
    fill(company)
    come_in(walk, "dana@loomline.example")
    walk.get_by_role("link", name="Task", exact=True).click()
    line = walk.get_by_role("dialog").get_by_label("What, @account, by when")
    expect(line).to_be_focused()
    walk.keyboard.type("Call them")
    walk.keyboard.press("Enter")
    expect(walk.get_by_role("dialog")).to_contain_text("Say which account it is for")
    walk.keyboard.press("End")
    walk.keyboard.type(" @Calloway Fr")
    walk.keyboard.press("Enter")
    expect(walk.get_by_role("dialog")).not_to_be_visible()
    expect(walk.locator("#home-tasks")).to_contain_text("4 open")


def test_a_task_is_done_in_place(company: Company, walk: Page) -> None:
    fill(company)
    come_in(walk, "dana@loomline.example")
    tasks = walk.locator("#home-tasks")
    expect(tasks).to_contain_text("3 open, 1 late")
    tasks.get_by_role("checkbox", name="Done: Call the sponsor").click()
    expect(tasks).to_contain_text("2 open")
