"""The shape of survey records, as every door takes them."""

from accounts.fields import Flag, Moment, Number, Reference, Text, Word
from accounts.records import RecordSerializer, account
from surveys.models import OptOut, Survey


class SurveyRecord(RecordSerializer):
    name = Text(required=False, max_length=255)
    kind = Word(Survey.Kind.choices, required=False)
    question = Text(required=False, allow_null=True)
    minimum = Number(required=False)
    maximum = Number(required=False)
    high_is_good = Flag(required=False)


class RequestRecord(RecordSerializer):
    account = account()
    survey = Reference("surveys", required=False)
    stakeholder = Reference("stakeholders", required=False, allow_null=True)
    end_user = Reference("end-users", required=False, allow_null=True)
    sent_at = Moment(required=False)
    delivered_at = Moment(required=False, allow_null=True)


class ResponseRecord(RecordSerializer):
    account = account()
    survey = Reference("surveys", required=False)
    request = Reference("survey-requests", required=False, allow_null=True)
    stakeholder = Reference("stakeholders", required=False, allow_null=True)
    end_user = Reference("end-users", required=False, allow_null=True)
    ticket = Reference("tickets", required=False, allow_null=True)
    touchpoint = Reference("touchpoints", required=False, allow_null=True)
    at = Moment(required=False)
    value = Number(required=False, help_text="On the survey's own scale.")
    comment = Text(required=False, allow_null=True)


class OptOutRecord(RecordSerializer):
    account = account()
    stakeholder = Reference("stakeholders", required=False, allow_null=True)
    end_user = Reference("end-users", required=False, allow_null=True)
    channel = Word(OptOut.Channel.choices, required=False)
    at = Moment(required=False)
