"""Commercial: what the customer pays, for how much longer, and whether they pay it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from health.metrics.adoption import OWN
from health.metrics.cases import Cases
from health.metrics.declare import Above, MetricGroup, Nothing, metric
from health.metrics.licenses import (
    ARR,
    CONVERTED,
    IN_FORCE,
    INVOICES_PAST_DUE,
    NOT_CONVERTED,
    PAST_DUE,
    PAST_DUE_NOT_CONVERTED,
    UNDECIDED,
    arr_before,
)
from health.metrics.read import rows
from health.metrics.rules import Rules
from health.metrics.shapes import Column, Frame, Shape, alone
from health.scoring.path import Moves
from health.scoring.scale import Floats


def _nothing_converted(frame: Frame) -> Floats:
    """1 where there are recurring amounts and none of them has an exchange rate: that is not an ARR of 0."""
    return np.asarray((frame[NOT_CONVERTED] > 0) & (frame[CONVERTED] == 0), dtype=np.float64)


@metric(
    label="ARR",
    group=MetricGroup.COMMERCIAL,
    unit="a year",
    why="What is at stake.",
    when="Every account that pays a recurring amount; rather to sort by than to score.",
    scale="0:0, 5000:40, 25000:70, 100000:100",
    scale_source=OWN,
    nothing=Nothing.ZERO,
    streams=("licenses",),
    moves=Moves.NO,
    min_days=0,
    decimals=0,
)
def arr() -> Shape:
    """Recurring amounts of the licenses in force, for a year, in the organization's currency at the rates of the day. An
    amount without a rate is left out and listed."""
    return Shape((ARR, CONVERTED, NOT_CONVERTED), alone(ARR), n=alone(CONVERTED), not_applicable=_nothing_converted)


@metric(
    label="ARR change",
    group=MetricGroup.COMMERCIAL,
    unit="%",
    why="Customers vote with their budget.",
    when="Accounts with recurring amounts, a year or longer with you.",
    scale="-50:0, -10:40, 0:70, 20:100",
    scale_source=OWN,
    nothing=Nothing.ZERO,
    streams=("licenses",),
    window=365,
    moves=Moves.NO,
    low=-100.0,
    needs_start=True,
    parts=("ARR", "ARR before"),
    whole_parts=False,
)
def arr_change(window: int) -> Shape:
    """ARR at the end of the day against that at the end of the day before the window, in percent of it, both at the rates
    of the later day."""
    before = arr_before(window)
    return Shape(
        (ARR, before, CONVERTED, NOT_CONVERTED),
        lambda frame: frame[ARR] - frame[before],
        alone(before),
        times=100,
        n=alone(CONVERTED),
        not_applicable=_nothing_converted,
    )


@metric(
    label="Days to renewal",
    group=MetricGroup.COMMERCIAL,
    unit="days",
    why="How much time is left to make a difference.",
    when="Accounts whose renewals are kept; rather to sort by and for guards than to score.",
    scale="-30:0, 0:40, 30:70, 90:100",
    scale_source=OWN,
    nothing=Nothing.MISSING,
    opinion=False,
    streams=("renewals",),
    above=Above.MEDIAN,
    moves=Moves.TIME,
    low=-np.inf,
    step=1.0,
    min_days=0,
    decimals=0,
)
def days_to_renewal() -> Shape:
    """Days to the due date of the earliest undecided renewal; negative when it is overdue."""
    days = Column(UNDECIDED, "min(f.due_on - c.day)", empty=np.nan, additive=False)
    count = Column(UNDECIDED, "count(*)")
    return Shape((days, count), alone(days), n=alone(count))


@metric(
    label="Overdue invoices",
    group=MetricGroup.COMMERCIAL,
    unit="%",
    why="Who does not pay is unhappy, in trouble, or about to leave.",
    when="Accounts whose invoices are known.",
    scale="0:100, 5:70, 25:40, 60:0",
    scale_source=OWN,
    nothing=Nothing.ZERO,
    streams=("invoices", "licenses"),
    min_days=0,
    parts=("amount past due", "ARR"),
    whole_parts=False,
)
def overdue_invoices() -> Shape:
    """Amount of the invoices past their due date, neither paid nor voided ÷ ARR × 100, both in the organization's currency
    at the rates of the day. An amount without a rate is left out and listed."""

    def nothing_converted(frame: Frame) -> Floats:
        unknown = (frame[PAST_DUE_NOT_CONVERTED] > 0) & (frame[PAST_DUE] == 0)
        return np.where(unknown, 1.0, _nothing_converted(frame))

    columns = (PAST_DUE, PAST_DUE_NOT_CONVERTED, ARR, CONVERTED, NOT_CONVERTED)
    return Shape(columns, alone(PAST_DUE), alone(ARR), times=100, not_applicable=nothing_converted)


@dataclass(frozen=True)
class LeftOut:
    """Amounts of one case that are left out of its ARR or its overdue invoices, since their currency has no rate."""

    case: int
    of: Literal["licenses", "invoices"]
    currency: str
    amounts: int


def left_out(cases: Cases, rules: Rules) -> Sequence[LeftOut]:
    """What lacks an exchange rate on the day of each case, to be shown wherever an amount is."""
    unknown = "rate.rate is null and f.amount is not null"
    found = rows(IN_FORCE, "f.currency, count(*)", f"{unknown} and f.interval <> 'once'", cases, rules)
    past_due = rows(INVOICES_PAST_DUE, "f.currency, count(*)", unknown, cases, rules)
    return [
        *(LeftOut(case, "licenses", currency, count) for case, currency, count in found),
        *(LeftOut(case, "invoices", currency, count) for case, currency, count in past_due),
    ]
