"""What people come for, from the sign-in to the end, with a mouse and by keyboard alone."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import Account, Task, Touchpoint
from health.models import Override
from tests.health.company import PASSWORD, Company
from tests.health.filled import fill

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def fallen(company: Company) -> Account:
    """The account that fell most this month, of a book that is scored."""
    return fill(company)


def tab_to(page: Page, target: Locator, most: int = 120) -> None:
    """Go on by the tabulator until it is there, as somebody without a mouse does."""
    for _ in range(most):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{most} tabs do not lead to {target}")


def toast(page: Page, says: str) -> Locator:
    found = page.locator(".toast-line").filter(has_text=says)
    expect(found).to_be_visible()
    return found


def test_from_what_fell_to_why_to_an_override_and_a_task(fallen: Account, walk: Page) -> None:
    walk.set_viewport_size({"width": 1440, "height": 1000})
    walk.get_by_label("E-mail").fill("dana@loomline.example")
    walk.get_by_label("Password").fill(PASSWORD)
    walk.get_by_role("button", name="Sign in").click()
    walk.get_by_label("Pages").get_by_role("link", name="Accounts").click()
    walk.goto(f"{walk.url.split('?')[0]}?sort=month")
    walk.get_by_role("link", name=str(fallen), exact=True).first.click()
    expect(walk.get_by_role("heading", name=str(fallen), level=1)).to_be_visible()
    expect(walk.get_by_role("heading", name=re.compile("^Why"))).to_be_visible()
    expect(walk.get_by_role("heading", name="What changed")).to_be_visible()

    walk.get_by_role("link", name="Override").click()
    dialog = walk.get_by_role("dialog", name="Override the band")
    expect(dialog).to_contain_text("It overrules")
    dialog.get_by_label("Red").check()
    dialog.get_by_label("Reason").fill("They asked two competitors for quotes.")
    dialog.get_by_role("button", name="Override").click()
    toast(walk, "Held at red until")
    expect(dialog).not_to_be_visible()
    banner = walk.locator(".banner-override")
    expect(banner).to_contain_text("They asked two competitors for quotes.")

    walk.get_by_role("link", name="Add task").click()
    walk.get_by_label("What is to be done").fill("Call the sponsor back tomorrow")
    walk.get_by_role("dialog").get_by_role("button", name="Add task").click()
    toast(walk, "Task added, due Tomorrow.")
    expect(walk.locator("#next")).to_contain_text("Call the sponsor back")

    banner.get_by_role("button", name="End now").click()
    toast(walk, "The override has ended.")
    expect(banner).not_to_be_visible()
    assert Override.objects.filter(account=fallen, ended_at__isnull=False).count() == 1


def test_the_same_by_keyboard_alone(fallen: Account, walk: Page) -> None:
    walk.set_viewport_size({"width": 1440, "height": 1000})
    tab_to(walk, walk.get_by_label("E-mail"))
    walk.keyboard.type("dana@loomline.example")
    tab_to(walk, walk.get_by_label("Password"))
    walk.keyboard.type(PASSWORD)
    walk.keyboard.press("Enter")
    expect(walk.locator("#main h1")).to_be_visible()
    walk.keyboard.press("/")
    walk.keyboard.type(str(fallen)[:6])
    hit = walk.locator(".found-hit").first
    expect(hit).to_be_visible()
    walk.keyboard.press("ArrowDown")
    expect(hit).to_be_focused()
    walk.keyboard.press("Enter")
    expect(walk.get_by_role("heading", name=str(fallen), level=1)).to_be_visible()

    tab_to(walk, walk.get_by_role("link", name="Override"))
    walk.keyboard.press("Enter")
    dialog = walk.get_by_role("dialog", name="Override the band")
    expect(dialog).to_be_visible()
    tab_to(walk, dialog.get_by_label("Red"))
    walk.keyboard.press("Space")
    tab_to(walk, dialog.get_by_label("Reason"))
    walk.keyboard.type("They asked for quotes.")
    walk.keyboard.press("Control+Enter")
    toast(walk, "Held at red until")
    expect(walk.locator(".banner-override")).to_contain_text("They asked for quotes.")

    walk.keyboard.press("t")
    expect(walk.get_by_label("What is to be done")).to_be_focused()
    walk.keyboard.type("Call back tomorrow")
    walk.keyboard.press("Enter")
    toast(walk, "Task added, due Tomorrow.")
    assert Task.objects.filter(account=fallen, title="Call back", owner__email="dana@loomline.example").exists()


def test_a_touchpoint_is_logged_corrected_by_a_chip_and_undone(fallen: Account, walk: Page) -> None:
    walk.set_viewport_size({"width": 1440, "height": 1000})
    walk.get_by_label("E-mail").fill("dana@loomline.example")
    walk.get_by_label("Password").fill(PASSWORD)
    walk.get_by_role("button", name="Sign in").click()
    expect(walk.locator("#main h1")).to_be_visible()
    before = Touchpoint.objects.known().count()
    walk.goto(f"{walk.url.split('?')[0].rstrip('/')}/accounts/{fallen.public_id}/")
    line = walk.locator(".composer").get_by_label("What happened")
    line.click()
    walk.keyboard.type("Met them yesterday about the export")
    marks = walk.locator(".composer .marks")
    expect(marks.get_by_label("Day").locator("option").first).to_have_text("Yesterday")
    expect(marks.get_by_label("Kind").locator("option").first).to_have_text("Meeting")
    marks.get_by_label("Kind").select_option(label="Training")
    walk.locator(".composer").get_by_role("button", name="Log").click()
    done = toast(walk, "Training logged. It counts in the score from tonight.")
    expect(walk.locator("#timeline-list")).to_contain_text("Met them yesterday about the export")
    expect(line).to_have_value("")
    done.get_by_role("button", name="Undo").click()
    toast(walk, "The touchpoint is taken back.")
    expect(walk.locator("#timeline-list")).not_to_contain_text("Met them yesterday about the export")
    assert Touchpoint.objects.known().count() == before


def test_tasks_are_checked_off_in_place_and_opened_again(fallen: Account, walk: Page) -> None:
    walk.get_by_label("E-mail").fill("dana@loomline.example")
    walk.get_by_label("Password").fill(PASSWORD)
    walk.get_by_role("button", name="Sign in").click()
    expect(walk.locator("#main h1")).to_be_visible()
    walk.goto(f"{walk.url.split('?')[0].rstrip('/')}/tasks/")
    late = walk.locator(".panel").filter(has=walk.get_by_role("heading", name="Late", exact=True))
    late.get_by_role("checkbox", name="Done: Call the sponsor").click()
    done = toast(walk, "Done: Call the sponsor")
    expect(late).not_to_be_visible()
    done.get_by_role("button", name="Undo").click()
    expect(late).to_be_visible()
    walk.keyboard.press("t")
    walk.keyboard.type("Send the deck @Calloway tomorrow")
    walk.keyboard.press("Enter")
    toast(walk, "Task added for Calloway Freight.")
    expect(walk.locator("#tasks")).to_contain_text("Send the deck")
