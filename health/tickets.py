"""The tickets of an account, with what they are called at the help desk."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from accounts.models import Account, ExternalId
from health.book import today
from support.models import Ticket, TicketEvent

# So many are listed. Those that are open stand first with the last that were solved, few of all; the others fold up.
MOST, FEW, SOLVED = 100, 10, 3
YEAR = dt.timedelta(days=365)


@dataclass(frozen=True)
class Line:
    """A ticket; `number` is its id at the help desk."""

    ticket: Ticket
    number: str
    replies: int

    @property
    def took(self) -> dt.timedelta | None:
        """From opening to solution; None of one that is open."""
        return self.ticket.solved_at - self.ticket.opened_at if self.ticket.solved_at else None


@dataclass(frozen=True)
class Tickets:
    """Open ones first, each oldest first: those wait longest. Then the last that were solved."""

    listed: tuple[Line, ...]
    total: int
    open: int
    escalated: int
    solved_in_a_year: int

    @property
    def first(self) -> tuple[Line, ...]:
        return self.listed[: min(self.open + SOLVED, FEW)]

    @property
    def others(self) -> tuple[Line, ...]:
        return self.listed[len(self.first) :]


def tickets(account: Account) -> Tickets:
    known = Ticket.objects.known().filter(account=account)
    replied = TicketEvent.objects.known().filter(ticket_record=OuterRef("record"), kind=TicketEvent.Kind.REPLIED)
    replies = replied.order_by().values("ticket_record").annotate(count=Count("pk")).values("count")
    solved = Case(When(status=Ticket.Status.SOLVED, then=1), default=0, output_field=IntegerField())
    order = (solved, F("solved_at").desc(), "opened_at")
    found = list(known.annotate(replies=Coalesce(Subquery(replies), 0)).order_by(*order)[:MOST])
    numbers = dict(
        ExternalId.objects.filter(kind="tickets", record__in=[ticket.record for ticket in found], deleted_at=None)
        .order_by("source_id", "-external_id")
        .values_list("record", "external_id")
    )
    is_open = ~Q(status=Ticket.Status.SOLVED)
    counts = known.aggregate(
        total=Count("pk"),
        open=Count("pk", filter=is_open),
        escalated=Count("pk", filter=is_open & Q(escalated=True)),
        solved_in_a_year=Count("pk", filter=Q(status=Ticket.Status.SOLVED, solved_at__date__gt=today() - YEAR)),
    )
    lines = (Line(ticket, numbers.get(ticket.record, ""), ticket.replies) for ticket in found)
    return Tickets(tuple(lines), **counts)


def escalations(account: Account) -> QuerySet[Any]:
    """When its tickets were escalated, each with the `subject` of its ticket."""
    ticket = Ticket.objects.known().filter(record=OuterRef("ticket_record"), account=OuterRef("account"))
    steps = TicketEvent.objects.known().filter(account=account, kind=TicketEvent.Kind.ESCALATED)
    found: QuerySet[Any] = steps.annotate(subject=Subquery(ticket.values("subject")[:1]))
    return found
