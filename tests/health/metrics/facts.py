"""Facts for tests of metrics: versions written directly, each with its two clocks, and readings by name.

Days and moments are written as text: `2025-06-30` is a day, and as a moment its noon; `2025-06-30 08:15` is a moment, both
in the organization's time zone. Whatever is not said to be received at some time was received when it occurred.
"""

import datetime as dt
from typing import Any, NamedTuple

from accounts import calendar
from accounts.models import Account, AccountStream, Source, Stream, StreamSync, Version
from accounts.versions import numbers
from health.metrics import declare
from health.metrics.cases import Cases
from health.metrics.read import Asked, read
from health.metrics.rules import Rules
from health.scoring.card import State

DAY = "2025-06-30"  # a Monday
LONG_AGO = "2020-01-01"
RULES = Rules()


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def moment(text: str) -> dt.datetime:
    if len(text) == len(DAY):
        text += " 12:00"
    return dt.datetime.fromisoformat(text).replace(tzinfo=calendar.zone())


def source(name: str = "crm") -> Source:
    return Source.objects.get_or_create(name=name)[0]


def account(name: str = "Acme", since: str = LONG_AGO) -> Account:
    """An account whose life began on a day."""
    at = moment(since)
    made: Account = Account.objects.create(name=name, created_at=at, updated_at=at)
    return made


def connected(*kinds: str, through: str = "2030-01-01", by: str = "crm", received: str = LONG_AGO) -> None:
    """These streams exist and are complete through the end of a day, for accounts that they know and others."""
    for kind in kinds:
        stream, _ = Stream.objects.get_or_create(source=source(by), kind=kind)
        StreamSync.objects.create(
            stream=stream,
            source=stream.source,
            at=moment(received),
            received_at=moment(received),
            complete_through=calendar.end_of(day(through)),
        )


def heard_of(account: Account, *kinds: str, by: str = "crm", received: str = LONG_AGO) -> None:
    """These streams have delivered something of the account."""
    for kind in kinds:
        stream, _ = Stream.objects.get_or_create(source=source(by), kind=kind)
        AccountStream.objects.get_or_create(
            account=account, stream=stream, defaults={"first_received_at": moment(received)}
        )


def version(
    model: type[Version], account: Account, *, received: str | dt.datetime, by: str = "crm", **columns: Any
) -> Any:
    """The first version of a record."""
    (number,) = numbers(model, 1)
    received_at = moment(received) if isinstance(received, str) else received
    known: dict[str, Any] = {"id": number, "record": number, "source": source(by), "account": account}
    return model.objects.create(received_at=received_at, **known, **columns)


def corrected(old: Version, received: str, **columns: Any) -> Any:
    """The next version of a record, learned at a moment."""
    gone(old, received)
    (number,) = numbers(type(old), 1)
    kept = {
        field.attname: getattr(old, field.attname)
        for field in old._meta.concrete_fields
        if field.name not in {"id", "superseded_at", "received_at"}
    }
    return type(old).objects.create(id=number, received_at=moment(received), **(kept | columns))


def gone(old: Version, received: str) -> None:
    """The record was deleted, as was learned at a moment."""
    type(old).objects.filter(pk=old.pk).update(superseded_at=moment(received))


class Reading(NamedTuple):
    """What one case reads. `value` is None where `state` says why there is none."""

    value: float | None
    state: State
    n: int
    age: int


def reading(
    name: str, account: Account, on: str = DAY, *, known: str | None = None, rules: Rules = RULES, **asked: Any
) -> Reading:
    """One reading of one account on one day, as known at a moment or now."""
    metric, argument = declare.get(name)
    cases = Cases.on([account.pk], day(on), None if known is None else moment(known))
    found = read([Asked(metric=metric, argument=argument, **asked)], cases, rules)
    state = State(found.states[0, 0])
    value = None if state.is_missing else round(float(found.values[0, 0]), 6)
    return Reading(value, state, int(found.n[0, 0]), int(found.ages[0, 0]))


def value(name: str, account: Account, on: str = DAY, **more: Any) -> float | None:
    return reading(name, account, on, **more).value


def state(name: str, account: Account, on: str = DAY, **more: Any) -> State:
    return reading(name, account, on, **more).state
