"""The course of a ticket: derived from how it stands, until its source tells it."""

from typing import Any

import pytest

from support.models import TicketEvent
from tests.accounts.build import applied, company, known, noon, problems, record_of, send

pytestmark = pytest.mark.django_db

OPENED = "2024-03-01T08:00:00Z"


@pytest.fixture(autouse=True)
def cast() -> None:
    company("A-1", "A-2")


def ticket(at: str, external_id: str = "T-1", **members: Any) -> None:
    applied(send("tickets", {"external_id": external_id, "account": "A-1", "opened_at": OPENED, **members}, at=at))


def course(external_id: str = "T-1", at: str | None = None) -> list[tuple[str, str]]:
    """The steps known at noon of a day, each with its day, in order."""
    events = TicketEvent.objects.known(noon(at) if at else None)
    steps = events.filter(ticket_record=record_of("tickets", external_id)).order_by("at", "kind")
    return [(event.kind + (f" {event.value}" if event.value else ""), f"{event.at:%m-%d}") for event in steps]


def test_a_new_ticket_was_opened_and_has_a_priority() -> None:
    ticket("2024-03-02")
    assert course() == [("opened", "03-01"), ("priority normal", "03-01")]


def test_each_change_is_a_step_on_the_day_it_was_made() -> None:
    ticket("2024-03-02")
    ticket("2024-03-05", source_updated_at="2024-03-04T00:00:00Z", first_replied_at="2024-03-03T00:00:00Z")
    ticket("2024-03-07", source_updated_at="2024-03-06T00:00:00Z", priority="high", category="billing")
    ticket("2024-03-09", source_updated_at="2024-03-08T00:00:00Z", escalated=True)
    ticket("2024-03-11", source_updated_at="2024-03-10T00:00:00Z", escalated=False, status="solved")
    ticket("2024-03-13", source_updated_at="2024-03-12T00:00:00Z", status="open")
    assert course() == [
        ("opened", "03-01"),
        ("priority normal", "03-01"),
        ("replied", "03-03"),
        ("category billing", "03-06"),
        ("priority high", "03-06"),
        ("escalated", "03-08"),
        ("de_escalated", "03-10"),
        ("solved", "03-10"),
        ("reopened", "03-12"),
    ]


def test_a_step_is_known_when_the_change_was_learned() -> None:
    ticket("2024-03-02")
    ticket("2024-03-09", status="solved", solved_at="2024-03-05T00:00:00Z")
    assert course(at="2024-03-08") == [("opened", "03-01"), ("priority normal", "03-01")]
    assert course(at="2024-03-09")[-1] == ("solved", "03-05")


def test_a_ticket_that_came_solved_has_its_whole_course() -> None:
    ticket("2024-03-09", status="solved", first_replied_at="2024-03-02", solved_at="2024-03-05")
    assert [step for step, _ in course()] == ["opened", "priority normal", "replied", "solved"]


def test_what_changes_nothing_adds_no_step() -> None:
    ticket("2024-03-02")
    ticket("2024-03-03", subject="Help")
    assert len(course()) == 2


def test_a_deleted_ticket_has_no_course_but_had_one() -> None:
    ticket("2024-03-02")
    applied(send("tickets", {"external_id": "T-1", "deleted": True}, at="2024-03-05"))
    assert course() == []
    assert len(course(at="2024-03-04")) == 2


def test_a_deleted_ticket_takes_the_events_that_were_told_along_and_they_can_come_again() -> None:
    ticket("2024-03-02")
    told = {"external_id": "E-1", "ticket": "T-1", "kind": "solved", "at": "2024-03-03T00:00:00Z"}
    applied(send("ticket-events", told, at="2024-03-03"))
    applied(send("tickets", {"external_id": "T-1", "deleted": True}, at="2024-03-05"))
    assert course() == []
    assert ("solved", "03-03") in course(at="2024-03-04")
    ticket("2024-03-06")
    applied(send("ticket-events", told, at="2024-03-06"))
    assert ("solved", "03-03") in course()


def test_a_ticket_that_moves_to_another_account_takes_its_course_along() -> None:
    ticket("2024-03-02", status="solved", solved_at="2024-03-02")
    ticket("2024-03-05", account="A-2")
    assert {event.account.name for event in TicketEvent.objects.known()} == {"A-2 Ltd"}
    assert len(course()) == 3


class TestTold:
    """Told beats derived."""

    @staticmethod
    def told(at: str, step: str, external_id: str = "E-1", name: str = "T-1", **members: Any) -> None:
        event = {"external_id": external_id, "ticket": name, "kind": step, "at": f"{at}T00:00:00Z", **members}
        applied(send("ticket-events", event, at=at))

    def test_once_a_source_tells_a_ticket_its_derived_steps_are_closed(self) -> None:
        ticket("2024-03-02")
        self.told("2024-03-05", "opened")
        assert course() == [("opened", "03-05")]
        assert len(course(at="2024-03-04")) == 2

    def test_nothing_more_is_derived_for_a_told_ticket(self) -> None:
        ticket("2024-03-02")
        self.told("2024-03-05", "opened")
        ticket("2024-03-07", status="solved")
        assert course() == [("opened", "03-05")]

    def test_other_tickets_of_the_source_are_still_derived(self) -> None:
        ticket("2024-03-02")
        self.told("2024-03-05", "opened")
        ticket("2024-03-07", external_id="T-2", status="solved", solved_at="2024-03-07")
        assert [step for step, _ in course("T-2")] == ["opened", "priority normal", "solved"]

    def test_steps_that_came_before_their_ticket_beat_the_derived_ones(self) -> None:
        send("ticket-events", {"external_id": "E-1", "ticket": "T-1", "kind": "opened", "at": OPENED}, at="2024-03-01")
        ticket("2024-03-02", status="solved")
        assert course() == [("opened", "03-01")]

    def test_in_history_the_first_told_step_ends_the_derived_ones(self) -> None:
        record = {"external_id": "T-1", "account": "A-1", "opened_at": OPENED}
        applied(send("tickets", record, at="2024-06-01", known="occurred"))
        steps = [
            {"external_id": f"E-{n}", "ticket": "T-1", "kind": kind, "at": f"2024-03-{n:02}T00:00:00Z"}
            for n, kind in ((3, "opened"), (9, "solved"))
        ]
        applied(send("ticket-events", *steps, at="2024-06-01", known="occurred"))
        assert course(at="2024-03-05") == [("opened", "03-03")]

    def test_a_told_step_can_be_corrected(self) -> None:
        ticket("2024-03-02")
        self.told("2024-03-05", "opened")
        self.told("2024-03-06", "escalated")
        assert known("ticket-events", "E-1").kind == "escalated"
        assert course(at="2024-03-05") == [("opened", "03-05")]


@pytest.mark.parametrize("member", ["solved_at", "first_replied_at"])
def test_nothing_happens_before_a_ticket_was_opened(member: str) -> None:
    record = {"external_id": "T-1", "account": "A-1", "opened_at": OPENED, member: "2024-02-28T00:00:00Z"}
    assert problems(send("tickets", record)) == [(member, "order")]
