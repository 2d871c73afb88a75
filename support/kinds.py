"""The record kinds of support."""

from accounts.kinds import Kind, Problem, State, at_its_time, changed_or, register, rule
from accounts.models import Scope
from support import course, records
from support.models import Ticket, TicketEvent


def check_ticket(state: State) -> Problem | None:
    for name in ("first_replied_at", "solved_at"):
        if state[name] and state[name] < state["opened_at"]:
            return Problem(name, "order", "It lies before the ticket was opened.")
    return None


def register_own() -> None:
    register(
        Kind(
            name="tickets",
            singular="ticket",
            serializer=records.TicketRecord,
            model=Ticket,
            needs=("account", "opened_at"),
            occurred=changed_or("solved_at", "first_replied_at", "opened_at"),
            account_from=("stakeholder", "end_user"),
            check=rule(check_ticket),
            after=course.derive,
            scope=Scope.SUPPORT_WRITE,
        )
    )
    register(
        Kind(
            name="ticket-events",
            singular="ticket event",
            serializer=records.TicketEventRecord,
            model=TicketEvent,
            needs=("account", "ticket", "kind", "at"),
            occurred=at_its_time,
            account_from=("ticket",),
            after=course.prefer_told,
            scope=Scope.SUPPORT_WRITE,
        )
    )
