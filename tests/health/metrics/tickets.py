"""Tickets for tests of metrics, as the events of their courses."""

from typing import Any

from accounts.models import Account
from accounts.versions import numbers
from support.models import Ticket, TicketEvent
from tests.health.metrics.facts import heard_of, moment, version


def event(
    account: Account, ticket: int, kind: str, at: str, *, received: str | None = None, by: str = "crm", **values: Any
) -> TicketEvent:
    """One step of a ticket's course, known when it happened unless it says when it was received."""
    heard_of(account, "tickets", by=by, received=received or at)
    made: TicketEvent = version(
        TicketEvent, account, received=received or at, by=by, ticket_record=ticket, kind=kind, at=moment(at), **values
    )
    return made


def ticket(account: Account, opened: str | None, *steps: tuple[str, str], **values: Any) -> list[TicketEvent]:
    """A ticket opened at a moment, and what became of it, as pairs of kind and moment."""
    (number,) = numbers(Ticket, 1)
    course = [("opened", opened), *steps] if opened else steps
    return [event(account, number, kind, at, **values) for kind, at in course if at]
