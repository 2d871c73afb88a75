"""Each reading beside the account's own of a month and a year before, and beside those of the accounts on its scorecard."""

import datetime as dt
from urllib.parse import urljoin

import numpy as np
import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page, expect

from accounts.models import Account
from health import spreads
from health.compared import Compared, Other, Peers, compared, lower_and_higher
from health.inputs import inputs_of
from health.metrics.read import Read
from health.models import Snapshot, Spread
from health.scoring.card import State
from tests.health.company import Company, client_of, text_of
from tests.health.metrics import facts
from tests.health.nights import card, in_force, nights, rated
from tests.health.test_browser import sign_in, too_wide
from tests.health.worked import DAY, scored, stored, worked_example

UTILIZATION, NPS = "license_utilization", "nps"


@pytest.fixture
def accounts(company: Company) -> list[Account]:
    return [company.account(f"Account {number}", company.dana) for number in range(6)]


def reading(account: Account, utilization: float = 45.0, day: dt.date = DAY) -> None:
    scored(account, utilization, State.NEVER, 20.0, 3.0, day=day)


def beside(account: Account, key: str, day: dt.date = DAY) -> Compared:
    of = compared(inputs_of(Snapshot.objects.get(account=account, day=day)))
    return next(found for name, found in of.items() if name.startswith(key))


def of_the_others(account: Account, key: str) -> tuple[str, int, int, int]:
    peers = beside(account, key).peers
    assert peers is not None
    return peers.median.reading, peers.accounts, peers.lower, peers.higher


def test_a_reading_stands_beside_the_median_and_how_many_others_read_lower_and_higher(
    accounts: list[Account],
) -> None:
    worked_example()
    for account, value in zip(accounts, (10.0, 20.0, 30.0, 40.0, 50.0, 60.0), strict=True):
        reading(account, value)
    spreads.keep(DAY)
    # The median is (30 + 40) / 2.
    found = [of_the_others(account, UTILIZATION) for account in accounts]
    assert found == [("35.0\N{NO-BREAK SPACE}%", 6, lower, 5 - lower) for lower in range(6)]
    peers = beside(accounts[2], UTILIZATION).peers
    assert peers is not None
    assert peers.said == "2 of 5 others read lower, 3 higher"


@given(st.lists(st.sampled_from([0.0, 0.1, 1 / 3, 2.5, 7.0, 44.44, 100.0, 1e6]), min_size=5, max_size=101), st.data())
def test_up_to_a_hundred_others_are_counted_exactly(readings: list[float], data: st.DataObject) -> None:
    value = data.draw(st.sampled_from(readings))
    steps = np.percentile(readings, range(101)).tolist()
    wanted = (sum(one < value for one in readings), sum(one > value for one in readings))
    assert lower_and_higher(steps, value, len(readings) - 1) == wanted


def test_very_many_others_are_said_in_percent() -> None:
    steps = np.percentile(range(1001), range(101)).tolist()
    lower, higher = lower_and_higher(steps, 250.0, 1000)
    assert Peers(Other("", 0.0), 1001, 1000, lower, higher).said == (
        "25\N{NO-BREAK SPACE}% of the others read lower, 75\N{NO-BREAK SPACE}% higher"
    )


def test_readings_that_are_equal_are_neither_lower_nor_higher(accounts: list[Account]) -> None:
    worked_example()
    for account in accounts:
        reading(account, 50.0)
    spreads.keep(DAY)
    assert of_the_others(accounts[0], UTILIZATION)[2:] == (0, 0)


def test_what_does_not_count_is_no_part_of_the_median(accounts: list[Account]) -> None:
    worked_example()
    for account, state in zip(accounts, (State.FRESH,) * 5 + (State.TOO_FEW,), strict=True):
        stored(account, Read(
            values=np.asarray([[45.0, np.nan, -100.0 if state else 20.0, 3.0]]),
            states=np.asarray([[0, State.NEVER, state, 0]], dtype=np.int16),
            n=np.asarray([[60, 0, 2 if state else 15, 1]]), ages=np.asarray([[0] * 4]),
        ))  # fmt: skip
    spreads.keep(DAY)
    assert of_the_others(accounts[0], NPS)[:2] == ("+20", 5)


def test_fewer_than_five_are_nothing_to_compare_with(accounts: list[Account]) -> None:
    worked_example()
    for account in accounts[: spreads.FEWEST_ACCOUNTS - 1]:
        scored(account)
    spreads.keep(DAY)
    assert beside(accounts[0], UTILIZATION).peers is None


def test_the_past_is_read_from_what_was_stored_and_stands_on_the_scale_of_today(accounts: list[Account]) -> None:
    worked_example()
    reading(accounts[0], 20.0, day=DAY - dt.timedelta(days=365))
    reading(accounts[0], 30.0, day=DAY - dt.timedelta(days=30))
    scored(accounts[0])
    found = beside(accounts[0], UTILIZATION)
    assert found.month is not None
    assert found.year is not None
    assert (found.month.points, found.year.points) == (30.0, 20.0)
    assert beside(accounts[0], UTILIZATION, DAY - dt.timedelta(days=30)).month is None


@pytest.mark.usefixtures("db", "tasks_run_at_once")
def test_a_night_counts_its_spread_and_the_second_pass_counts_it_again() -> None:
    card()
    in_force()
    for number in range(5):
        rated(facts.account(f"Account {number}"), 1.0 + number, "2025-06-01")
    nights("2025-06-10", "2025-06-11")
    assert Spread.objects.filter(day="2025-06-10").count() == Spread.objects.filter(day="2025-06-11").count() == 1
    assert Spread.objects.get(day="2025-06-10").percentiles[50] == Spread.objects.get(day="2025-06-11").percentiles[50]
    with transaction.atomic():
        spreads.keep(dt.date(2025, 6, 10))
    assert Spread.objects.filter(day="2025-06-10").count() == 1


def test_the_ruler_names_where_the_measure_stood_and_the_median(company: Company, accounts: list[Account]) -> None:
    worked_example()
    for account in accounts:
        reading(account, 60.0)
    reading(accounts[0], 30.0, day=DAY - dt.timedelta(days=30))
    spreads.keep(DAY)
    page = client_of(company.dana).get(f"/accounts/{accounts[0].public_id}/").content.decode()
    assert "60.0 points, yellow; yellow from 40, green from 70; 30 days ago 30.0; median 60.0" in page


def test_measures_stand_by_group_or_by_what_they_keep_from_the_score(company: Company, accounts: list[Account]) -> None:
    worked_example()
    reading(accounts[0], 90.0)
    client, at = client_of(company.dana), f"/accounts/{accounts[0].public_id}/"
    plain, by_lost = (text_of(client.get(f"{at}{query}")) for query in ("?by=nonsense", "?by=lost"))
    assert plain.index("License utilization 90.0") < plain.index("NPS +20")
    assert by_lost.index("NPS +20") < by_lost.index("License utilization 90.0")
    part = client.get(f"{at}why/?by=lost", headers={"HX-Request": "true"})
    assert part.headers["HX-Push-Url"] == f"{at}?by=lost"
    assert "<html" not in part.content.decode()


def show_worked_example(account: Account, walk: Page) -> None:
    worked_example()
    scored(account)
    sign_in(walk)
    walk.goto(urljoin(walk.url, f"/accounts/{account.public_id}/"))


def test_a_measure_opens_in_its_place_by_keyboard_and_closes_again(
    company: Company, accounts: list[Account], walk: Page
) -> None:
    show_worked_example(accounts[0], walk)
    opener = walk.get_by_role("link", name="NPS").first
    opener.press("Enter")
    expect(walk.get_by_text("Where the scale comes from")).to_be_visible()
    assert not too_wide(walk)
    opener.press("Enter")
    expect(walk.get_by_text("Where the scale comes from")).to_be_hidden()
    assert walk.url.endswith(f"/accounts/{accounts[0].public_id}/")


def test_a_step_of_the_path_becomes_a_task_with_its_reason(
    company: Company, accounts: list[Account], walk: Page
) -> None:
    show_worked_example(accounts[0], walk)
    walk.get_by_role("link", name="Make a task of it: Bring 19 more people to use it").click()
    dialog = walk.get_by_role("dialog")
    expect(dialog.get_by_label("What is to be done")).to_have_value("Bring 19 more people to use it")
    dialog.get_by_role("button", name="Add task").click()
    expect(walk.locator("#next")).to_contain_text("Bring 19 more people to use it")
    assert accounts[0].tasks.get().reason == (
        "Path: License utilization (45.0\N{NO-BREAK SPACE}% → 76.7\N{NO-BREAK SPACE}%: 19 more of 60 licenses), +19.0 to 70.0"
    )


def test_a_step_that_is_a_task_leads_to_it_until_that_is_done(
    company: Company, accounts: list[Account], walk: Page
) -> None:
    show_worked_example(accounts[0], walk)
    step = walk.get_by_role("link", name="Make a task of it: Bring 19 more people to use it")
    step.press("Enter")
    dialog = walk.get_by_role("dialog")
    dialog.get_by_label("What is to be done").fill("Ask Renée for a training")
    dialog.get_by_role("button", name="Add task").press("Enter")
    made = walk.get_by_role("link", name="In Next: Ask Renée for a training")
    expect(made).to_be_focused()
    expect(step).to_have_count(0)
    walk.reload()
    made.press("Enter")
    expect(walk.locator("#next").get_by_role("link", name="Ask Renée for a training")).to_be_focused()
    walk.get_by_role("checkbox", name="Done: Ask Renée for a training").click()
    expect(step).to_be_visible()
    expect(made).to_have_count(0)
