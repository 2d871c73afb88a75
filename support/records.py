"""The shape of support records, as every door takes them."""

from accounts.fields import Flag, Moment, Reference, Text, Word
from accounts.records import RecordSerializer, account
from support.models import Ticket, TicketEvent


class TicketRecord(RecordSerializer):
    account = account()
    stakeholder = Reference("stakeholders", required=False, allow_null=True)
    end_user = Reference("end-users", required=False, allow_null=True)
    subject = Text(required=False, allow_null=True, max_length=255)
    status = Word(Ticket.Status.choices, required=False)
    priority = Word(Ticket.Priority.choices, required=False, allow_null=True)
    category = Text(required=False, allow_null=True, max_length=120)
    escalated = Flag(required=False)
    opened_at = Moment(required=False)
    first_replied_at = Moment(required=False, allow_null=True)
    solved_at = Moment(required=False, allow_null=True)


class TicketEventRecord(RecordSerializer):
    account = account()
    ticket = Reference("tickets", required=False)
    kind = Word(TicketEvent.Kind.choices, required=False)
    at = Moment(required=False)
    value = Text(required=False, allow_null=True, max_length=120)
