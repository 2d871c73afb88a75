"""The shape of each kind of record that this app keeps, as every door takes it.

Absent member: leave as it is. `null`: clear. What a *new* record cannot do without is in its kind's `needs`.
"""

from rest_framework import serializers

from accounts.fields import (
    Amount,
    Currency,
    Custom,
    Day,
    EmailText,
    ExternalIdText,
    Flag,
    GrainField,
    Moment,
    Reference,
    References,
    Text,
    Whole,
    Word,
)
from accounts.models import License, Message, Objective, Renewal, Stakeholder, Touchpoint

MOST = 2_147_483_647

THROUGH = {
    "end_user": "end-users",
    "stakeholder": "stakeholders",
    "license": "licenses",
    "ticket": "tickets",
}


def account() -> Reference:
    """The account a record belongs to, named itself or through a record that belongs to it."""
    return Reference("accounts", through=THROUGH, required=False)


class RecordSerializer(serializers.Serializer[object]):
    """What every record has: its id at the sender, when the sender last changed it, whether it is gone there."""

    external_id = ExternalIdText(help_text="Its id at its source.")
    source_updated_at = Moment(required=False, help_text="When it last changed at its source.")
    deleted = Flag(required=False, help_text="Whether it is gone there.")


class AccountRecord(RecordSerializer):
    """Further members go under `attributes`; each is a word of the attribute dictionary."""

    name = Text(required=False, allow_null=True, max_length=255)
    # The framework keeps an attribute of that name; as a declared member it is a field like the others.
    parent = Reference("accounts", required=False, allow_null=True)  # type: ignore[assignment]
    owner = EmailText(required=False, allow_null=True, help_text="The CSM's e-mail address.")
    stage = Text(required=False, allow_null=True, max_length=255)
    tier = Text(required=False, allow_null=True, max_length=255)
    region = Text(required=False, allow_null=True, max_length=255)
    external_ids = References("accounts", required=False)


class ProductRecord(RecordSerializer):
    name = Text(required=False, max_length=255)


class LicenseRecord(RecordSerializer):
    account = account()
    product = Reference("products", required=False, allow_null=True)
    name = Text(required=False, allow_null=True, max_length=255)
    starts_on = Day(required=False)
    ends_on = Day(required=False, allow_null=True)
    canceled_on = Day(required=False, allow_null=True)
    seats = Whole(required=False, allow_null=True, min_value=0, max_value=MOST)
    unlimited = Flag(required=False)
    amount = Amount(required=False, allow_null=True)
    currency = Currency(required=False, allow_null=True)
    interval = Word(
        License.Interval.choices, required=False, help_text="How often the amount is paid; it counts as ARR."
    )


class StakeholderRecord(RecordSerializer):
    account = account()
    name = Text(required=False, max_length=255)
    email = EmailText(required=False, allow_null=True)
    title = Text(required=False, allow_null=True, max_length=255)
    role = Word(Stakeholder.StakeholderRole.choices, required=False)
    since = Day(required=False, allow_null=True)
    left_on = Day(required=False, allow_null=True)


class EndUserRecord(RecordSerializer):
    account = account()
    name = Text(required=False, allow_null=True, max_length=255)
    email = EmailText(required=False, allow_null=True)
    first_seen_on = Day(required=False, allow_null=True)
    deactivated_on = Day(required=False, allow_null=True)
    internal = Flag(required=False, help_text="One of us, not of the customer: their use never counts.")
    stakeholder = Reference("stakeholders", required=False, allow_null=True)
    attributes = Custom(required=False)


class TouchpointRecord(RecordSerializer):
    account = account()
    at = Moment(required=False)
    kind = Word(Touchpoint.Kind.choices, required=False)
    status = Word(Touchpoint.Status.choices, required=False)
    direction = Word(Touchpoint.Direction.choices, required=False, allow_null=True)
    reason = Text(required=False, allow_null=True, max_length=255)
    subject = Text(required=False, allow_null=True, max_length=255)
    notes = Text(required=False, allow_null=True)
    participants = References("stakeholders", required=False)


class PulseRecord(RecordSerializer):
    account = account()
    at = Moment(required=False)
    rating = Whole(required=False, min_value=1, max_value=5)
    comment = Text(required=False, allow_null=True)
    author = EmailText(required=False, allow_null=True)


class ObjectiveRecord(RecordSerializer):
    account = account()
    name = Text(required=False, max_length=255)
    description = Text(required=False, allow_null=True)
    status = Word(Objective.Status.choices, required=False)
    set_on = Day(required=False, allow_null=True)
    due_on = Day(required=False, allow_null=True)
    achieved_on = Day(required=False, allow_null=True)


class InvoiceRecord(RecordSerializer):
    account = account()
    number = Text(required=False, allow_null=True, max_length=120)
    issued_on = Day(required=False)
    due_on = Day(required=False)
    paid_on = Day(required=False, allow_null=True)
    voided_on = Day(required=False, allow_null=True)
    amount = Amount(required=False)
    currency = Currency(required=False)


class RenewalRecord(RecordSerializer):
    account = account()
    license = Reference("licenses", required=False, allow_null=True)
    due_on = Day(required=False)
    outcome = Word(Renewal.Outcome.choices, required=False)
    decided_on = Day(required=False, allow_null=True)
    amount = Amount(required=False, allow_null=True)
    currency = Currency(required=False, allow_null=True)
    reason = Text(required=False, allow_null=True, max_length=255)


class UsageRecord(RecordSerializer):
    """How often `event` happened in a day or week, by one end user or at the account as a whole."""

    account = account()
    end_user = Reference("end-users", required=False, allow_null=True)
    event = Text(required=False, max_length=255, allow_blank=False)
    day = Day(required=False, help_text="Of a week its first day.")
    grain = GrainField(required=False, help_text="What the count is of.")
    count = Whole(required=False, min_value=0, max_value=MOST, help_text="How often it happened in that time.")


class MessageRecord(RecordSerializer):
    """One message to one person. What that person does with it later is sent again under the same id."""

    account = account()
    stakeholder = Reference("stakeholders", required=False, allow_null=True)
    end_user = Reference("end-users", required=False, allow_null=True)
    channel = Word(Message.Channel.choices, required=False)
    campaign = Text(required=False, allow_null=True, max_length=255)
    delivered_at = Moment(required=False)
    opened_at = Moment(required=False, allow_null=True)
    clicked_at = Moment(required=False, allow_null=True)
    replied_at = Moment(required=False, allow_null=True)


class ReachRecord(RecordSerializer):
    """What was reached on a platform in a day: how many people, and how many of their interactions."""

    account = account()
    platform = Text(required=False, max_length=120, allow_blank=False)
    day = Day(required=False)
    reach = Whole(required=False, min_value=0, max_value=MOST)
    interactions = Whole(required=False, min_value=0, max_value=MOST)
