"""What customers agreed to and pay, for tests of metrics: renewals, invoices, objectives, attributes."""

import datetime as dt
from typing import Any

from accounts.attributes import number_of
from accounts.models import Account, AttributeDefinition, AttributeValue, Invoice, License, Objective, Renewal
from tests.health.metrics.facts import LONG_AGO, day, heard_of, moment, source, version
from tests.health.metrics.people import licensed


def _day(text: str | None) -> dt.date | None:
    return None if text is None else day(text)


def paying(
    account: Account, amount: float, starts: str = LONG_AGO, ends: str | None = None, *, currency: str = "USD",
    canceled: str | None = None, **values: Any,
) -> License:  # fmt: skip
    """A license for an amount a year, or for another interval."""
    return licensed(account, starts, ends, amount=amount, currency=currency, canceled_on=_day(canceled), **values)


def renewal(
    account: Account, due: str, outcome: str = "undecided", decided: str | None = None, *, of: License | None = None,
    received: str = LONG_AGO,
) -> Renewal:  # fmt: skip
    heard_of(account, "renewals", received=received)
    made: Renewal = version(
        Renewal, account, received=received, due_on=day(due), outcome=outcome, decided_on=_day(decided),
        license_record=of.record if of else None,
    )  # fmt: skip
    return made


def invoice(
    account: Account, amount: float, due: str, *, issued: str = LONG_AGO, paid: str | None = None,
    voided: str | None = None, currency: str = "USD", received: str = LONG_AGO,
) -> Invoice:  # fmt: skip
    heard_of(account, "invoices", received=received)
    made: Invoice = version(
        Invoice, account, received=received, amount=amount, currency=currency, issued_on=day(issued), due_on=day(due),
        paid_on=_day(paid), voided_on=_day(voided),
    )  # fmt: skip
    return made


def objective(
    account: Account, status: str = "open", *, due: str | None = None, set_on: str | None = None,
    achieved: str | None = None, received: str = LONG_AGO,
) -> Objective:  # fmt: skip
    heard_of(account, "objectives", received=received)
    made: Objective = version(
        Objective, account, received=received, name="Go live", status=status, due_on=_day(due), set_on=_day(set_on),
        achieved_on=_day(achieved),
    )  # fmt: skip
    return made


def attributed(
    account: Account, name: str, text: str | None, at: str, *, received: str | None = None, by: str = "crm",
    applied: bool = True, **definition: Any,
) -> AttributeValue:  # fmt: skip
    """A source says this of an attribute from a moment on; what it said before ends."""
    word, _ = AttributeDefinition.objects.get_or_create(name=name, defaults={"type": "number", **definition})
    known_at = moment(received or at)
    said = AttributeValue.objects.known().filter(account=account, definition=word, source=source(by))
    said.update(superseded_at=known_at)
    made: AttributeValue = AttributeValue.objects.create(
        account=account, definition=word, source=source(by), occurred_at=moment(at), received_at=known_at,
        text=text, number=number_of(text), applied=applied,
    )  # fmt: skip
    return made
