"""The course of a score on the account's page: how far back, what happened meanwhile, as a chart and as a table."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts import calendar
from accounts.models import Account, License, Renewal, Stakeholder, Touchpoint
from health import overrides, scorecards
from health.book import today
from health.charts.account import Charts
from health.charts.contract import Contract
from health.charts.events import licenses
from health.charts.history import History, history
from health.charts.spans import Period, Span, period
from health.metrics.rules import Rules
from health.models import Override
from health.scoring.card import Band, State
from health.templatetags.charts import moved
from support.models import Ticket, TicketEvent
from tests.health.company import DAY, Company, client_of, text_of
from tests.health.judgment import noon
from tests.health.test_browser import sign_in, too_wide
from tests.health.worked import scored, worked_example

HTMX = {"HX-Request": "true"}
LAST = today() - DAY
ALL = Period(Span.YEAR, LAST - 364 * DAY, LAST)
GREEN, YELLOW, RED = 90.0, 60.0, 5.0


@pytest.fixture
def account(company: Company) -> Account:
    return company.account("Calloway Freight", company.dana)


def course(account: Account, *utilization: float | State, ends: dt.date = LAST) -> None:
    """Judge one day after the other."""
    for number, reading in enumerate(reversed(utilization)):
        nps = State.NEVER if isinstance(reading, State) else 100.0 * reading / 90.0 - 40
        scored(account, reading, State.NEVER, nps, 3.0, day=ends - number * DAY)


def read(account: Account) -> History:
    return history(account, ALL, Contract.of(account, Rules()))


def happened(account: Account) -> list[tuple[dt.date, str]]:
    return [(event.day, event.label) for event in read(account).events]


def test_the_band_turns_where_it_became_another_one(account: Account) -> None:
    worked_example()
    course(account, GREEN, GREEN, RED, RED, GREEN)
    found = read(account)
    assert [(point.day, point.band) for point in found.turns] == [(LAST - 2 * DAY, Band.RED), (LAST, Band.GREEN)]
    assert [len(line) for line in found.lines()] == [5]
    assert [(zone.yellow, zone.green) for zone in found.zones] == [(40.0, 70.0)]


def test_the_line_breaks_off_where_there_is_no_score_and_over_long_gaps(account: Account) -> None:
    worked_example()
    course(account, GREEN, GREEN, State.NEVER, GREEN)
    course(account, RED, ends=LAST - 30 * DAY)
    assert [len(line) for line in read(account).lines()] == [1, 2, 1]


def test_each_day_says_what_moved_the_score_since_the_day_before(account: Account) -> None:
    worked_example()
    scored(account, 45.0, 20.0, 30.0, 3.0, day=LAST - 2 * DAY)
    scored(account, 90.0, 20.0, 30.0, 3.0, day=LAST - DAY)
    scored(account, 90.0, 20.0, 30.0, 3.0, day=LAST)
    moves = read(account).moves
    assert [(move.day, move.since) for move in moves.values()] == [(LAST - DAY, LAST - 2 * DAY), (LAST, LAST - DAY)]
    move = moves[LAST - DAY]
    assert move.by > 1
    assert (move.cause.label, move.cause.shown) == ("License utilization", move.by)
    assert moved(moves[LAST]) == "no change on the day before"


def test_another_version_is_an_event_and_moves_the_zones(account: Account) -> None:
    first = worked_example()
    course(account, GREEN, GREEN, ends=LAST - 3 * DAY)
    draft = scorecards.new_draft(first.scorecard)
    draft.green = 80
    draft.save()
    scorecards.publish(draft, author=None, note="Stricter.", now=noon(str(LAST - 2 * DAY)))
    course(account, GREEN, GREEN)
    found = read(account)
    assert [(zone.first, zone.green) for zone in found.zones] == [(LAST - 4 * DAY, 70.0), (LAST - DAY, 80.0)]
    (event,) = found.events
    assert (event.day, event.label, event.says) == (
        LAST - DAY, "Scorecard 2", "Scored by Worked example 2, before by Worked example 1",
    )  # fmt: skip


def test_an_override_is_told_when_it_was_set_and_when_it_ended(company: Company, account: Account) -> None:
    now = timezone.now()
    Override.objects.create(account=account, band=Band.RED, reason="So", author=company.dana, set_at=now - 40 * DAY,
                            last_day=today() - 30 * DAY)  # fmt: skip
    assert happened(account) == [(today() - 40 * DAY, "Held at red"), (today() - 29 * DAY, "Override ended")]
    Override.objects.update(ended_at=now - 35 * DAY)
    assert happened(account)[1] == (today() - 35 * DAY, "Override ended")


def test_licenses_are_bought_changed_renewed_canceled_and_ended(company: Company, account: Account) -> None:
    def bought(starts: int, ends: int | None, seats: int | None, product: int = 1, **values: Any) -> None:
        company.fact(License, account=account, product_record=product, seats=seats, starts_on=today() + starts * DAY,
                     ends_on=None if ends is None else today() + ends * DAY, name="Platform", **values)  # fmt: skip

    bought(-300, -201, 160)
    bought(-200, -101, 200)
    bought(-101, -20, 200)
    bought(-90, None, 40, product=2, canceled_on=today() - 60 * DAY)
    bought(-80, None, None, product=3, unlimited=True)
    found = [((event.day - today()).days, event.label) for event in licenses(Contract.of(account, Rules()))]
    assert found == [
        (-300, "+160 licenses"), (-200, "160 → 200 licenses"), (-101, "License renewed"), (-19, "License ended"),
        (-90, "+40 licenses"), (-60, "License canceled"), (-80, "License bought"),
    ]  # fmt: skip


def test_a_renewal_is_told_when_it_was_decided_or_when_it_was_due(company: Company, account: Account) -> None:
    due = today() - 50 * DAY
    company.fact(Renewal, account=account, due_on=due, decided_on=due - DAY, outcome="renewed", reason="Growth")
    company.fact(Renewal, account=account, due_on=due + DAY, outcome="lost")
    company.fact(Renewal, account=account, due_on=due + 2 * DAY)
    company.fact(Renewal, account=account, due_on=today() + 50 * DAY)
    assert happened(account) == [(due - DAY, "Renewed"), (due + DAY, "Renewal lost"), (due + 2 * DAY, "Renewal due")]


def test_people_who_left_and_tickets_that_were_escalated_are_marked(company: Company, account: Account) -> None:
    for name, role, ago in (("Ines", "champion", 9), ("Gil", "other", 5), ("Old", "admin", 400), ("Soon", "admin", -9)):
        company.fact(Stakeholder, account=account, name=name, role=role, left_on=LAST - ago * DAY)
    company.fact(Stakeholder, account=account, name="Stays", role="champion")
    ticket = company.fact(Ticket, account=account, subject="Swaps missing", opened_at=calendar.start_of(LAST - 9 * DAY))
    for kind, ago in (("escalated", 3), ("escalated", 500), ("solved", 1)):
        company.fact(
            TicketEvent, account=account, ticket_record=ticket.record, kind=kind, at=calendar.start_of(LAST - ago * DAY)
        )
    assert [(event.day, event.label, event.says) for event in read(account).events] == [
        (LAST - 9 * DAY, "Ines left", "Ines, champion left"),
        (LAST - 5 * DAY, "Gil left", "Gil left"),
        (LAST - 3 * DAY, "Escalated", "Ticket escalated: Swaps missing"),
    ]


def test_the_table_has_the_days_the_turns_and_what_happened(company: Company, account: Account) -> None:
    worked_example()
    course(account, GREEN, ends=LAST - 300 * DAY)
    course(account, GREEN, GREEN, RED)
    company.fact(Renewal, account=account, due_on=LAST - 40 * DAY, decided_on=LAST - 40 * DAY, outcome="renewed")
    company.fact(Touchpoint, account=account, at=timezone.now() - 3 * DAY, subject="Check-in")
    company.fact(Touchpoint, account=account, at=timezone.now() - 4 * DAY, subject="Asked off", status="canceled")
    page = text_of(client_of(company.dana).get(f"{page_of(account)}?range=1y&history-as=table"))
    assert "Day, by the week Score Band What happened" in page
    assert "Renewed" in page
    rows = read(account).rows()
    assert [(row.day, row.touches) for row in rows] == [(LAST, 1), (LAST - 40 * DAY, 0)]
    assert "circles: events" not in page
    assert rows[0].turn.startswith("Green to red: the score went from ")
    assert rows[0].turn in page


def test_the_history_begins_with_the_first_score_and_goes_on_to_today(company: Company, account: Account) -> None:
    worked_example()
    course(account, GREEN, GREEN, RED, ends=LAST - 20 * DAY)
    course(account, RED)
    company.fact(Renewal, account=account, due_on=today(), decided_on=today(), outcome="renewed")
    shown = Charts.of(account, {}, LAST, Rules()).history
    assert (shown.period.first, shown.period.last) == (LAST - 22 * DAY, today())
    assert [event.label for event in shown.events] == ["Renewed"]
    # Of long spans the table has a day a week, and always the last that was scored.
    assert [row.day for row in Charts.of(account, {"range": "1y"}, LAST, Rules()).history.rows()][:2] == [today(), LAST]
    earlier = Charts.of(account, {}, LAST - 20 * DAY, Rules()).history
    assert (earlier.period.first, earlier.period.last) == (LAST - 33 * DAY, LAST - 20 * DAY)


def test_all_begins_with_the_first_score(account: Account) -> None:
    worked_example()
    assert period(account, Span.ALL, LAST).days == 1
    course(account, GREEN, ends=LAST - 500 * DAY)
    assert period(account, Span.ALL, LAST).first == LAST - 500 * DAY
    assert period(account, Span.QUARTER, LAST).first == LAST - 89 * DAY


# --- Addresses --------------------------------------------------------------------------------------------------------


def page_of(account: Account) -> str:
    return reverse("account", args=[account.public_id])


def test_a_range_once_chosen_stays_from_account_to_account(company: Company, account: Account) -> None:
    worked_example()
    course(account, GREEN, RED)
    client, other = client_of(company.dana), company.account("Larkspur Hotels", company.dana)
    there = reverse("account_charts", args=[account.public_id])
    opened = f"http://testserver{page_of(account)}?list=sort%3Dname&day={LAST}"
    answer = client.get(f"{there}?range=1y", headers={**HTMX, "HX-Current-URL": opened})
    pushed = answer.headers["HX-Push-Url"]
    assert "range=1y" in pushed
    assert "list=sort%3Dname" in pushed
    assert f"day={LAST}" in pushed
    chosen = client.get(page_of(other)).content.decode().split('id="range-1y"')[1].split(">")[0]
    assert "aria-current" in chosen


def test_a_chart_is_a_part_of_the_page_whose_address_follows(company: Company, account: Account) -> None:
    worked_example()
    course(account, GREEN, RED)
    client = client_of(company.dana)
    there = reverse("account_chart", args=[account.public_id, "history"])
    answer = client.get(f"{there}?range=90d&history-as=table&since=7", headers=HTMX)
    assert answer.headers["HX-Push-Url"] == f"{page_of(account)}?range=90d&history-as=table&since=7"
    assert text_of(answer).startswith("History 90 d")
    back = client.get(f"{there}?range=90d&history-as=chart", headers=HTMX)
    assert back.headers["HX-Push-Url"] == f"{page_of(account)}?range=90d"
    assert "<polyline" in back.content.decode()


def test_without_scripts_the_address_of_a_chart_leads_to_the_page(company: Company, account: Account) -> None:
    client = client_of(company.dana)
    for door, args, part in (("account_chart", ["history"], "history"), ("account_charts", [], "charts")):
        answer = client.get(reverse(door, args=[account.public_id, *args]) + "?range=1y")
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{page_of(account)}?range=1y#{part}")


def test_a_chart_that_does_not_exist_is_not_found(company: Company, account: Account) -> None:
    assert client_of(company.dana).get(f"{page_of(account)}charts/pie/").status_code == 404


@pytest.mark.parametrize(
    ("asked", "span"), [("90d", "90d"), ("all", "all"), ("", "180d"), ("9" * 40, "180d"), ("1Y", "180d")]
)
def test_a_range_that_makes_no_sense_is_the_usual_one(asked: str, span: str) -> None:
    assert Span.of({"range": asked}) == span


def test_an_account_that_nobody_scored_says_so(company: Company, account: Account) -> None:
    page = text_of(client_of(company.dana).get(f"{page_of(account)}?range=all"))
    assert "No night has scored it yet. The chart begins with the first score." in page


# --- In a browser -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [390, 1440])
def test_a_csm_looks_further_back_and_reads_the_numbers(
    company: Company, account: Account, walk: Page, width: int
) -> None:
    worked_example()
    course(account, GREEN, GREEN, RED)
    company.fact(Renewal, account=account, due_on=LAST - DAY, decided_on=LAST - DAY, outcome="renewed", reason="Growth")
    overrides.override(
        account, band=Band.GREEN, reason="Signed", last_day=today(), author=company.dana, now=timezone.now()
    )
    said: list[str] = []
    walk.on("console", lambda message: said.append(message.text))
    walk.set_viewport_size({"width": width, "height": 900})
    walk.emulate_media(reduced_motion="reduce")
    sign_in(walk)
    walk.get_by_role("link", name="Calloway Freight").click()
    panel = walk.locator("#history")
    year = panel.get_by_role("link", name="1 y")
    year.focus()
    before = walk.evaluate("scrollY")
    walk.keyboard.press("Enter")
    expect(year).to_have_attribute("aria-current", "true")
    expect(year).to_be_focused()
    assert walk.evaluate("scrollY") == before
    expect(walk.locator("#said")).to_have_text("History changed.")
    event = panel.get_by_role("link", name="Renewed")
    event.focus()
    expect(walk.locator("#term-says")).to_contain_text("Renewed: Growth")
    panel.get_by_role("link", name="Table").press("Enter")
    expect(panel.get_by_role("columnheader", name="What happened")).to_be_visible()
    expect(panel.get_by_role("link", name="Chart")).to_be_focused()
    assert "range=1y" in walk.url
    assert "history-as=table" in walk.url
    assert not too_wide(walk)
    assert said == []


COVERED = """() => [...document.querySelectorAll(".chart-lane, .chart-days, .chart-ends")].flatMap(part => {
  const shown = [...part.querySelectorAll("text")].filter(text => text.checkVisibility())
  const boxes = shown.map(text => [text.textContent, text.getBoundingClientRect()])
  return boxes.flatMap(([one, a], place) => boxes.slice(place + 1)
    .filter(([_, b]) => a.left < b.right && b.left < a.right && a.top < b.bottom - 2 && b.top < a.bottom - 2)
    .map(([other]) => `${one} and ${other}`))
})"""


@pytest.mark.django_db(transaction=True)
def test_no_label_of_a_chart_covers_another_at_any_width(company: Company, account: Account, walk: Page) -> None:
    worked_example()
    course(account, GREEN, RED, GREEN)
    course(account, GREEN, ends=LAST - 540 * DAY)
    for ago in (0, 3, 9, 20, 45, 60, 61, 63, 100, 160, 161, 220, 300, 420):
        company.fact(Renewal, account=account, due_on=LAST - ago * DAY, outcome="renewed")
        company.fact(License, account=account, starts_on=LAST - ago * DAY, seats=40 + ago, product_record=ago)
    sign_in(walk)
    walk.goto(walk.url.partition("accounts/")[0] + page_of(account))
    for span in ("90 d", "1 y", "All"):
        walk.locator("#history").get_by_role("link", name=span).click()
        expect(walk.locator("#history [aria-current]")).to_have_text(span.replace(" ", "\N{NO-BREAK SPACE}"))
        for width in (320, 390, 700, 1000, 1250, 1440):
            walk.set_viewport_size({"width": width, "height": 900})
            assert walk.evaluate(COVERED) == [], (span, width)
