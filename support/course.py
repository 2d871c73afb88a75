"""The course of a ticket, derived by comparison where its source sends only how it stands.

Told beats derived: once a source tells a ticket's events itself, those derived for the ticket are closed.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from accounts.kinds import Arrival, Change, State
from accounts.models import ExternalId
from accounts.versions import Ending, close, copy_in, numbers
from support.models import Ticket, TicketEvent

EVENT_COLUMNS = (
    *("id", "record", "source_id", "job_id", "received_at", "receipt_assumed"),
    *("account_id", "ticket_record", "kind", "at", "value", "derived"),
)


class Step(NamedTuple):
    kind: str
    at: dt.datetime
    value: str = ""


def steps(before: State | None, after: State, at: dt.datetime) -> Iterator[Step]:
    """What happened between two states of a ticket. `at` is when the change was made, for steps that do not say."""
    was = before or {}
    if before is None:
        yield Step("opened", after["opened_at"])
    if after["first_replied_at"] and not was.get("first_replied_at"):
        yield Step("replied", after["first_replied_at"])
    if after["priority"] != was.get("priority"):
        yield Step("priority", after["opened_at"] if before is None else at, after["priority"])
    if after["category"] != was.get("category", ""):
        yield Step("category", after["opened_at"] if before is None else at, after["category"])
    if after["escalated"] != was.get("escalated", False):
        yield Step("escalated" if after["escalated"] else "de_escalated", at)
    solved, was_solved = after["status"] == Ticket.Status.SOLVED, was.get("status") == Ticket.Status.SOLVED
    if solved and not was_solved:
        yield Step("solved", after["solved_at"] or at)
    if was_solved and not solved:
        yield Step("reopened", at)


def derive(changes: Sequence[Change], arrival: Arrival) -> None:
    """Add the steps that these changes of tickets imply."""
    _close({change.record: change.received_at for change in changes if _moved(change)}, arrival, derived=True)
    _forget({change.record: change.received_at for change in changes if change.after is None}, arrival)
    events = TicketEvent.objects.known().filter(ticket_record__in=[change.record for change in changes], derived=False)
    told = set(events.values_list("ticket_record", flat=True))
    found = [
        (change, step)
        for change in changes
        if change.after is not None and change.record not in told
        for step in steps(None if _moved(change) else change.before, change.after, change.at)
    ]
    rows = [
        (number, number, arrival.source_id, arrival.job_id, change.received_at, change.assumed)
        + (change.after["account_id"], change.record, step.kind, step.at, step.value, True)
        for (change, step), number in zip(found, numbers(TicketEvent, len(found)), strict=True)
        if change.after is not None
    ]
    copy_in(TicketEvent, EVENT_COLUMNS, rows)


def prefer_told(changes: Sequence[Change], arrival: Arrival) -> None:
    """Close the derived events of tickets whose source now tells their events itself, from the first one on."""
    first: dict[int, dt.datetime] = {}
    for change in changes:
        if change.after is not None:
            ticket = change.after["ticket_record"]
            first[ticket] = min(change.received_at, first.get(ticket, change.received_at))
    _close(first, arrival, derived=True)


def _moved(change: Change) -> bool:
    """Whether the ticket is now said to belong to another account, or to have been opened at another time."""
    before, after = change.before, change.after
    if before is None or after is None:
        return False
    return any(before[name] != after[name] for name in ("account_id", "opened_at"))


def _forget(tickets: Mapping[int, dt.datetime], arrival: Arrival) -> None:
    """Close the whole course of deleted tickets. Events that were told come anew if they are ever sent again."""
    told = TicketEvent.objects.known().filter(ticket_record__in=list(tickets), derived=False)
    records = list(told.values_list("record", flat=True)) if tickets else []
    ExternalId.objects.filter(kind="ticket-events", record__in=records).update(digest=None, source_updated_at=None)
    _close(tickets, arrival)


def _close(tickets: Mapping[int, dt.datetime], arrival: Arrival, **which: bool) -> None:
    """Close the events of these tickets at these moments, all or `which`."""
    events = TicketEvent.objects.known().filter(ticket_record__in=list(tickets), **which) if tickets else ()
    endings = [Ending(event.pk, max(tickets[event.ticket_record], event.received_at)) for event in events]
    close(TicketEvent, endings, arrival.job_id)
