"""The registry of record kinds. API, CSV, connectors, webhooks, export and erasure all read it.

A kind says what a record looks like, what it cannot do without, when it happened, and where it is kept. Adding one is a
model, a serializer and an entry; surveys and support register theirs.
"""

import datetime as dt
import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from rest_framework import serializers

from accounts import calendar, records
from accounts.fields import Reference, References
from accounts.models import (
    EndUser,
    Invoice,
    License,
    Message,
    Objective,
    Product,
    Pulse,
    Reach,
    Renewal,
    Scope,
    Stakeholder,
    Touchpoint,
    UsageCount,
    Version,
)

State = dict[str, Any]  # column → value


class Problem(NamedTuple):
    """Why a record is refused: the member, a stable code, and a sentence."""

    field: str
    code: str
    message: str


@dataclass(slots=True)
class Change:
    """A record whose state changed, as hooks see it: `before` is None for a new one, `after` for a deleted one.

    `at` is when the sender changed it, as far as it says; `received_at` when that was learned.
    """

    record: int
    before: State | None
    after: State | None
    at: dt.datetime
    received_at: dt.datetime
    assumed: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """Whose delivery a set of changes belongs to."""

    source_id: int
    job_id: int | None


def when_changed(state: State, source_updated_at: dt.datetime | None) -> dt.date | dt.datetime | None:
    return source_updated_at


def changed_or(*columns: str) -> Callable[[State, dt.datetime | None], dt.date | dt.datetime | None]:
    """Each version happened when the sender changed it; one without that time, on the first of `columns` it has."""

    def occurred(state: State, source_updated_at: dt.datetime | None) -> dt.date | dt.datetime | None:
        return source_updated_at or next((state[column] for column in columns if state[column]), None)

    return occurred


def at_its_time(state: State, source_updated_at: dt.datetime | None) -> dt.datetime | None:
    moment: dt.datetime | None = state["at"]
    return moment


def when_counted(state: State, source_updated_at: dt.datetime | None) -> dt.datetime | None:
    """A count is known when its last day is over."""
    if state["day"] is None:
        return None
    return calendar.end_of(state["day"] + dt.timedelta(days=state["grain"] - 1))


def when_the_day_is_over(state: State, source_updated_at: dt.datetime | None) -> dt.datetime | None:
    return None if state["day"] is None else calendar.end_of(state["day"])


def no_problems(states: Sequence[State]) -> Iterable[tuple[int, Problem]]:
    return ()


def nothing_more(changes: Sequence[Change], arrival: Arrival) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of record.

    `needs`: members without which there is no record. `occurred`: from its state and the sender's time of change, when it
    happened, if it says. `account_from`: members that know the account when the record does not name it. `check`: rules over
    whole states, as (position, problem). `after`: what follows from changes, in the same transaction. `dictionary`: members
    that are words of a dictionary, with their column. `lasting`: a record is a state that lasts until it changes, so that
    no news is no change; others happen once, and no news may be a silent source. `common`: deliveries of all sources wait for
    each other, since accounts name each other's ids, and the counts of a day add up. `scope`: what a token needs to send it.
    """

    name: str
    singular: str
    serializer: type[records.RecordSerializer]
    model: type[Version] | None
    needs: tuple[str, ...] = ()
    occurred: Callable[[State, dt.datetime | None], dt.date | dt.datetime | None] = when_changed
    account_from: tuple[str, ...] = ()
    check: Callable[[Sequence[State]], Iterable[tuple[int, Problem]]] = no_problems
    after: Callable[[Sequence[Change], Arrival], None] = nothing_more
    dictionary: dict[str, str] = field(default_factory=dict)
    lasting: bool = False
    common: bool = False
    scope: Scope = Scope.CRM_WRITE

    @cached_property
    def fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return dict(self.serializer().fields)

    @cached_property
    def members(self) -> tuple[str, ...]:
        return tuple(name for name in self.fields if name not in records.RecordSerializer().fields)

    @cached_property
    def references(self) -> dict[str, Reference]:
        return {name: f for name, f in self.fields.items() if isinstance(f, Reference)}

    @cached_property
    def reference_lists(self) -> dict[str, References]:
        return {name: f for name, f in self.fields.items() if isinstance(f, References)}

    @cached_property
    def columns(self) -> dict[str, str]:
        """Member → column of the model."""
        return {member: self._column(member) for member in self.members}

    def _column(self, member: str) -> str:
        if member == "account":
            return "account_id"
        if member in self.references:
            return f"{member}_record"
        return self.dictionary.get(member, member)

    @cached_property
    def belongs_to_account(self) -> bool:
        return "account" in self.members

    @cached_property
    def blank(self) -> State:
        """The state of a record of which nothing has been said: the model's own defaults."""
        assert self.model is not None
        return {name: _default(self.model._meta.get_field(name)) for name in self.columns.values()}


def _default(column: Any) -> Any:
    if column.has_default():
        default = column.get_default()
        return default.value if isinstance(default, enum.Enum) else default
    return None if column.null or not column.empty_strings_allowed else ""


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    assert kind.name not in _kinds, f"two kinds named {kind.name}"
    _kinds[kind.name] = kind


def get(name: str) -> Kind:
    """The kind of that name. Raises LookupError, naming the kinds there are."""
    if name not in _kinds:
        raise LookupError(f"There is no kind “{name}”. Kinds: {', '.join(sorted(_kinds))}.")
    return _kinds[name]


def every() -> tuple[Kind, ...]:
    return tuple(_kinds.values())


def rule(check: Callable[[State], Problem | None]) -> Callable[[Sequence[State]], Iterable[tuple[int, Problem]]]:
    """Make a rule over one state one over many."""

    def over_many(states: Sequence[State]) -> Iterable[tuple[int, Problem]]:
        for position, state in enumerate(states):
            problem = check(state)
            if problem is not None:
                yield position, problem

    return over_many


def check_license(state: State) -> Problem | None:
    if state["ends_on"] and state["ends_on"] < state["starts_on"]:
        return Problem("ends_on", "order", f"It ends on {state['ends_on']}, before it starts on {state['starts_on']}.")
    return check_money(state)


def check_money(state: State) -> Problem | None:
    if state["amount"] is not None and not state["currency"]:
        return Problem("currency", "required", "An amount needs a currency.")
    return None


def check_renewal(state: State) -> Problem | None:
    if state["decided_on"] and state["outcome"] == Renewal.Outcome.UNDECIDED:
        return Problem("decided_on", "undecided", "An undecided renewal has no day of decision.")
    return check_money(state)


def check_invoice(state: State) -> Problem | None:
    if state["due_on"] < state["issued_on"]:
        return Problem(
            "due_on", "order", f"It is due on {state['due_on']}, before it was issued on {state['issued_on']}."
        )
    return None


def check_message(state: State) -> Problem | None:
    for member in ("opened_at", "clicked_at", "replied_at"):
        if state[member] and state[member] < state["delivered_at"]:
            return Problem(member, "order", f"It was {member.removesuffix('_at')} before it was delivered.")
    return None


def register_own() -> None:
    """Register the kinds of this app; called once when the app is ready."""
    from accounts.usage import roll_up

    for kind in (
        Kind(name="accounts", singular="account", serializer=records.AccountRecord, model=None, common=True),
        Kind(
            name="products",
            singular="product",
            serializer=records.ProductRecord,
            model=Product,
            needs=("name",),
            lasting=True,
        ),
        Kind(
            name="licenses",
            singular="license",
            serializer=records.LicenseRecord,
            model=License,
            needs=("account", "starts_on"),
            occurred=changed_or("starts_on"),
            check=rule(check_license),
            lasting=True,
        ),
        Kind(
            name="stakeholders",
            singular="stakeholder",
            serializer=records.StakeholderRecord,
            model=Stakeholder,
            needs=("account", "name"),
            occurred=changed_or("since"),
            lasting=True,
        ),
        Kind(
            name="end-users",
            singular="end user",
            serializer=records.EndUserRecord,
            model=EndUser,
            needs=("account",),
            occurred=changed_or("first_seen_on"),
            account_from=("stakeholder",),
            lasting=True,
            scope=Scope.USAGE_WRITE,
        ),
        Kind(
            name="touchpoints",
            singular="touchpoint",
            serializer=records.TouchpointRecord,
            model=Touchpoint,
            needs=("account", "at"),
            occurred=at_its_time,
        ),
        Kind(
            name="pulses",
            singular="pulse",
            serializer=records.PulseRecord,
            model=Pulse,
            needs=("account", "at", "rating"),
            occurred=at_its_time,
        ),
        Kind(
            name="objectives",
            singular="objective",
            serializer=records.ObjectiveRecord,
            model=Objective,
            needs=("account", "name"),
            occurred=changed_or("achieved_on", "set_on"),
            lasting=True,
        ),
        Kind(
            name="invoices",
            singular="invoice",
            serializer=records.InvoiceRecord,
            model=Invoice,
            needs=("account", "issued_on", "due_on", "amount", "currency"),
            occurred=changed_or("issued_on"),
            check=rule(check_invoice),
            lasting=True,
        ),
        Kind(
            name="renewals",
            singular="renewal",
            serializer=records.RenewalRecord,
            model=Renewal,
            needs=("account", "due_on"),
            occurred=changed_or("decided_on", "due_on"),
            account_from=("license",),
            check=rule(check_renewal),
            lasting=True,
        ),
        Kind(
            name="messages",
            singular="message",
            serializer=records.MessageRecord,
            model=Message,
            needs=("account", "delivered_at"),
            occurred=changed_or("delivered_at"),
            account_from=("stakeholder", "end_user"),
            check=rule(check_message),
        ),
        Kind(
            name="reach",
            singular="reach",
            serializer=records.ReachRecord,
            model=Reach,
            needs=("account", "platform", "day", "reach", "interactions"),
            occurred=when_the_day_is_over,
        ),
        Kind(
            name="usage",
            singular="usage count",
            serializer=records.UsageRecord,
            model=UsageCount,
            needs=("account", "event", "day", "count"),
            occurred=when_counted,
            account_from=("end_user",),
            dictionary={"event": "feature_id"},
            after=roll_up,
            common=True,
            scope=Scope.USAGE_WRITE,
        ),
    ):
        register(kind)
