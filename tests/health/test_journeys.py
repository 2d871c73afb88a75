"""What people come for, from the sign-in to the end, with a mouse and by keyboard alone."""

import re
from urllib.parse import parse_qs, urljoin, urlsplit

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
    expect(dialog).to_contain_text("Your band overrules the computed one")
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


# --- By keyboard alone -----------------------------------------------------------------------------------------------


def come_in_by_keys(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 1000})
    tab_to(page, page.get_by_label("E-mail"))
    page.keyboard.type(address)
    tab_to(page, page.get_by_label("Password"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#main h1")).to_be_visible()


def go_out_by_keys(page: Page) -> None:
    tab_to(page, page.locator("details.menu > summary"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Sign out"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.goto(urljoin(page.url, "/"))


@pytest.mark.usefixtures("fallen")
def test_a_manager_finds_the_renewals_of_a_quarter_at_risk_by_keyboard_alone(walk: Page) -> None:
    come_in_by_keys(walk, "mona@loomline.example")
    renewals = walk.locator("#renewals")
    owner = renewals.get_by_role("link", name="Owner")
    tab_to(walk, owner)
    walk.keyboard.press("Enter")
    expect(walk).to_have_url(re.compile(r"renewals=owner"))
    quarter = renewals.get_by_role("link", name="Quarter")
    tab_to(walk, quarter)
    walk.keyboard.press("Enter")
    expect(renewals.get_by_role("rowheader", name=re.compile(r"^(Q\d|Rest of Q\d)")).first).to_be_visible()
    tab_to(walk, renewals.get_by_role("link", name=re.compile(r"\$")).first)
    walk.keyboard.press("Enter")
    expect(walk.get_by_role("heading", name="Accounts", level=1)).to_be_visible()
    expect(walk.locator(".accounts .name").first).to_be_visible()
    assert {"renews", "band"} & set(parse_qs(urlsplit(walk.url).query))


def test_a_view_is_saved_and_shared_and_the_colleague_sees_only_accounts_of_their_own_by_keyboard_alone(
    fallen: Account, walk: Page
) -> None:
    come_in_by_keys(walk, "dana@loomline.example")
    walk.goto(urljoin(walk.url, "/accounts/?band=red&band=yellow"))
    mine = walk.locator(".accounts .name").all_inner_texts()
    assert str(fallen) in mine
    tab_to(walk, walk.get_by_role("button", name="Save view"))
    walk.keyboard.press("Enter")
    expect(walk.get_by_label("Name", exact=True)).to_be_focused()
    walk.keyboard.type("Not green")
    tab_to(walk, walk.get_by_label("Share it"))
    walk.keyboard.press("Space")
    walk.keyboard.press("Enter")
    expect(walk.get_by_role("link", name="Not green")).to_be_visible()
    own = walk.url
    go_out_by_keys(walk)

    come_in_by_keys(walk, "marco@loomline.example")
    walk.goto(urljoin(walk.url, "/accounts/"))
    tab_to(walk, walk.get_by_role("link", name="Not green"))
    walk.keyboard.press("Enter")
    expect(walk.get_by_role("link", name="Not green")).to_have_attribute("aria-current", re.compile("page|true"))
    assert not set(walk.locator(".accounts .name").all_inner_texts()) & set(mine)
    private = walk.request.get(urljoin(own, f"/accounts/{fallen.public_id}/"))
    assert (private.status, str(fallen) in private.text()) == (404, False)


def test_a_touchpoint_is_logged_by_keyboard_alone_and_taken_back(fallen: Account, walk: Page) -> None:
    come_in_by_keys(walk, "dana@loomline.example")
    walk.goto(urljoin(walk.url, f"/accounts/{fallen.public_id}/"))
    before = Touchpoint.objects.known().count()
    walk.keyboard.press("l")
    dialog = walk.get_by_role("dialog")
    expect(dialog.get_by_label("What happened")).to_be_focused()
    walk.keyboard.type("Called them yesterday about the export")
    walk.keyboard.press("Control+Enter")
    done = toast(walk, "It counts in the score from tonight.")
    expect(walk.locator("#timeline-list")).to_contain_text("Called them yesterday about the export")
    tab_to(walk, done.get_by_role("button", name="Undo"), most=400)
    walk.keyboard.press("Enter")
    toast(walk, "The touchpoint is taken back.")
    assert Touchpoint.objects.known().count() == before


def test_a_pulse_is_set_by_its_number(fallen: Account, walk: Page) -> None:
    come_in_by_keys(walk, "dana@loomline.example")
    walk.goto(urljoin(walk.url, f"/accounts/{fallen.public_id}/"))
    walk.keyboard.press("e")
    expect(walk.get_by_role("radio", name="1 at risk")).to_be_focused()
    walk.keyboard.press("4")
    expect(walk.get_by_role("radio", name="4 good")).to_be_checked()
    walk.get_by_label("Why").fill("Since 3 weeks")
    expect(walk.get_by_role("radio", name="4 good")).to_be_checked()
