"""The timeline of an account: what happened, newest first, in pieces that neither lose nor repeat anything."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import calendar
from accounts.models import Account, License, Note, Pulse, Renewal, Stakeholder, Task, Touchpoint
from health.book import today
from health.models import Alert, Override, Transition
from health.timeline import SIZE, Cursor, Show, timeline
from support.models import Ticket, TicketEvent
from surveys.models import Response, Survey
from tests.health.company import DAY, Company, client_of, text_of


@pytest.fixture(autouse=True)
def afternoon() -> Iterator[None]:
    """What is told by its day stands at the day's beginning: that an hour ago is still today must not hang on the clock."""
    with time_machine.travel(calendar.start_of(today()) + dt.timedelta(hours=15)):
        yield


def everything(company: Company) -> Account:
    """An account of which each source has one entry, an hour or a day apart."""
    account, now, day = company.account("Calloway Freight", company.dana), timezone.now(), today()
    renee = company.fact(Stakeholder, account=account, name="Renée Okafor", role="champion")
    company.fact(Touchpoint, account=account, at=now + 2 * DAY, subject="Roadmap", status="planned")
    company.fact(Touchpoint, account=account, at=now, kind="call", notes="They are back.", participants=[renee.record])
    survey = company.fact(Survey, name="Quarterly", kind="nps", minimum=0, maximum=10)
    company.fact(Response, account=account, survey_record=survey.record, stakeholder_record=renee.record,
                 at=now - DAY / 24, value=6, comment="Slow help.")  # fmt: skip
    Note.objects.create(account=account, text="Careful with Gil.", author=company.dana, at=now - DAY / 12)
    Task.objects.create(account=account, title="Send the deck", owner=company.dana, created_at=now - 9 * DAY,
                        done_at=now - DAY / 8, done_by=company.marco)  # fmt: skip
    Task.objects.create(account=account, title="Not done", owner=company.dana, created_at=now)
    company.fact(Pulse, account=account, at=now - DAY / 6, rating=3, comment="Tired.", author="Dana")
    Alert.objects.create(
        kind="guard_holds", account=account, says="Escalated for 9 d.", day=day, raised_at=now - DAY / 4
    )
    Transition.objects.create(account=account, day=day - 2 * DAY, kind="band", before=3, after=2)
    Override.objects.create(account=account, band=3, reason="Contract is signed.", author=company.mona,
                            set_at=now - 4 * DAY, last_day=day, ended_at=now - 3 * DAY)  # fmt: skip
    ticket = company.fact(Ticket, account=account, subject="Swaps missing", opened_at=now - 9 * DAY)
    company.fact(TicketEvent, account=account, ticket_record=ticket.record, kind="escalated", at=now - 5 * DAY)
    company.fact(License, account=account, name="Add-on", starts_on=day - 7 * DAY, canceled_on=day - 6 * DAY, seats=40)
    company.fact(Renewal, account=account, due_on=day, decided_on=day - 8 * DAY, outcome="renewed", reason="Growth")
    company.fact(Stakeholder, account=account, name="Gil Hartmann", role="executive_sponsor", left_on=day - 9 * DAY)
    return account


def test_an_alert_stands_on_its_day_and_says_when_it_was_told(company: Company) -> None:
    account, now = company.account("Calloway Freight", company.dana), timezone.now()
    Alert.objects.create(kind="guard_holds", account=account, says="No use.", day=today() - 3 * DAY, raised_at=now)
    (entry,) = timeline(account).entries
    assert entry.at == calendar.start_of(today() - 3 * DAY)
    assert entry.says == f"No use. Told {today():%b} {today().day}."


def test_everything_that_happened_stands_in_one_list_newest_first(company: Company) -> None:
    found = timeline(everything(company))
    assert [entry.title for entry in found.entries] == [
        "Roadmap, planned", "Call", "NPS answer: 6", "Note", "Done: Send the deck", "Pulse 3 of 5", "Guard applies", "Band",
        "No longer held at green", "Held at green", "Ticket escalated", "License canceled", "License began", "Renewed",
        "Gil Hartmann left",
    ]  # fmt: skip
    said = {entry.title: (entry.says, entry.who) for entry in found.entries}
    assert said["Call"] == ("They are back.", "Renée Okafor")
    assert said["NPS answer: 6"] == ("Slow help.", "Renée Okafor")
    assert said["Done: Send the deck"][1] == "Marco Reyes"
    assert said["Held at green"] == ("Contract is signed.", "Mona Okafor")
    assert said["Ticket escalated"][0] == "Swaps missing"
    assert said["License began"][0] == "Add-on, 40 licenses"
    assert said["Gil Hartmann left"][0] == "Executive sponsor"
    assert next(entry.bands for entry in found.entries if entry.bands) == ("green", "yellow")
    assert found.older is None


@pytest.mark.parametrize(("show", "count"), [(Show.TOUCH, 3), (Show.NOTES, 3), (Show.SYSTEM, 9), (Show.ALL, 15)])
def test_the_list_is_narrowed_to_one_kind(company: Company, show: Show, count: int) -> None:
    assert len(timeline(everything(company), show).entries) == count


def test_pieces_neither_lose_nor_repeat_what_happened_at_one_moment(company: Company) -> None:
    account, now = company.account("Calloway Freight"), timezone.now()
    for number in range(2 * SIZE + 7):
        company.fact(Touchpoint, account=account, at=now - DAY, subject=f"T{number}")
        Note.objects.create(account=account, text=f"N{number}", at=now - (DAY if number % 2 else 2 * DAY))
    titles: list[str] = []
    piece = timeline(account)
    while True:
        titles += [entry.says or entry.title for entry in piece.entries]
        if piece.older is None:
            break
        piece = timeline(account, before=Cursor.parse(str(piece.older)))
    assert len(titles) == len(set(titles)) == 2 * (2 * SIZE + 7)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-01", "2026-11-01T10:00:00Z~x", "2026-11-01T10:00:00Z~-1"])
def test_what_is_no_cursor_begins_anew(text: str) -> None:
    assert Cursor.parse(text) is None


def test_a_cursor_is_read_as_it_was_written() -> None:
    cursor = Cursor(dt.datetime(2026, 11, 1, 10, 0, 0, 123, tzinfo=dt.UTC), 3)
    assert Cursor.parse(str(cursor)) == cursor


def test_the_page_shows_it_and_goes_on_where_it_ended(company: Company) -> None:
    account = everything(company)
    for number in range(SIZE):
        company.fact(Touchpoint, account=account, at=timezone.now() - 20 * DAY, subject=f"Old {number}")
    client, there = client_of(company.dana), f"/accounts/{account.public_id}/timeline/"
    assert "Guard applies Escalated for 9 d." in text_of(client.get(f"/accounts/{account.public_id}/"))
    older = timeline(account).older
    piece = text_of(client.get(there, {"before": str(older)}, headers={"HX-Request": "true"}))
    assert piece.startswith("Old 14")
    assert not {"Older", "Call"} & set(piece.split())
    assert "Newest first" in text_of(client.get(there, {"show": "system"}))
    assert "Verdant" not in text_of(client.get(there, {"show": "touch"}, headers={"HX-Request": "true"}))


def test_somebody_elses_timeline_is_not_there(company: Company) -> None:
    account = everything(company)
    assert client_of(company.marco).get(f"/accounts/{account.public_id}/timeline/").status_code == 404


def test_it_takes_the_same_queries_however_much_happened(
    company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    account = everything(company)
    for number in range(30):
        person = company.fact(Stakeholder, account=account, name=f"Person {number}")
        company.fact(Touchpoint, account=account, at=timezone.now(), participants=[person.record])
    with django_assert_num_queries(14):
        timeline(account)
