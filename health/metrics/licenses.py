"""Facts about licenses in force: seats and recurring revenue.

A license is in force on a day from its start through its last day, unless it was canceled by then; after its last day it
counts on for a grace while its renewal is undecided. One begun on or after the last day of another of the same account
and product replaces it from its start; one begun earlier is an add-on and adds up.
"""

import datetime as dt
from typing import Any

from health.metrics.known import KNOWN, known
from health.metrics.rules import Rules
from health.metrics.shapes import Column, Facts


def decided_on(renewal: str) -> str:
    """The day of a decision. One on no stated day was made when it was due, or earlier, when we learned of it."""
    learned = f"({renewal}.received_at at time zone %(zone)s)::date"
    return f"coalesce({renewal}.decided_on, least({renewal}.due_on, {learned}))"


def _in_force(day: str) -> str:
    """The licenses in force on `day`, an expression in `c`, as rows of `f`."""
    return f"""join lateral (
    select license.* from accounts_license license
    where license.account_id = c.account_id and {known("license")} and license.starts_on <= {day}
    and (license.canceled_on is null or license.canceled_on > {day})
    and (
        license.ends_on is null or license.ends_on >= {day}
        or license.ends_on + %(grace)s >= {day} and not exists (
            select from accounts_renewal renewal
            where renewal.account_id = license.account_id and {known("renewal")} and renewal.outcome <> 'undecided'
            and {decided_on("renewal")} <= {day}
            and (renewal.license_record = license.record
                or renewal.license_record is null and abs(renewal.due_on - license.ends_on) <= %(grace)s)
        )
    )
    and not exists (
        select from accounts_license later
        where later.account_id = license.account_id and later.record <> license.record
        and later.product_record is not distinct from license.product_record and {known("later")}
        and later.starts_on <= {day} and later.starts_on >= license.ends_on
        and (later.starts_on, later.record) > (license.starts_on, license.record)
    )
) f on true"""


def _parameters(rules: Rules) -> dict[str, Any]:
    currencies = [currency for currency, _, _ in rules.rates]
    return {
        "grace": rules.grace_days,
        "currency": rules.currency,
        "rate_currencies": [*currencies, rules.currency],
        "rate_days": [*(day for _, day, _ in rules.rates), dt.date.min],
        "rates": [*(rate for _, _, rate in rules.rates), 1.0],
    }


# Both ends of a change are converted at the later day's rates.
_RATE = """left join lateral (
    select rate.rate from unnest(%(rate_currencies)s::text[], %(rate_days)s::date[], %(rates)s::float8[])
        rate(currency, valid_from, rate)
    where rate.currency = f.currency and rate.valid_from <= c.day order by rate.valid_from desc limit 1
) rate on true"""

IN_FORCE = Facts("licenses in force", f"{_in_force('c.day')}\n{_RATE}", _parameters)

SEATS = Column(IN_FORCE, "sum(f.seats) filter (where not f.unlimited)")
UNLIMITED = Column(IN_FORCE, "count(*) filter (where f.unlimited)")
_A_YEAR = (
    "case f.interval when 'month' then 12 when 'quarter' then 4 when 'half_year' then 2 when 'year' then 1 else 0 end"
)
# An amount without a rate is left out, and counted here so that nobody takes the rest for the whole.
ARR = Column(IN_FORCE, f"sum(f.amount * {_A_YEAR} * rate.rate)")
CONVERTED = Column(IN_FORCE, "count(rate.rate) filter (where f.amount is not null and f.interval <> 'once')")
NOT_CONVERTED = Column(
    IN_FORCE, "count(*) filter (where f.amount is not null and f.interval <> 'once' and rate.rate is null)"
)


def arr_before(days: int) -> Column:
    """ARR `days` days before the case's day, at that day's licenses and the case's rates."""
    facts = Facts(f"licenses in force {days} days before", f"{_in_force(f'(c.day - {days})')}\n{_RATE}", _parameters)
    return Column(facts, ARR.sql)


INVOICES_PAST_DUE = Facts(
    "invoices past due",
    f"""join accounts_invoice f on f.account_id = c.account_id and {KNOWN}
    and f.issued_on <= c.day and f.due_on < c.day
    and (f.paid_on is null or f.paid_on > c.day) and (f.voided_on is null or f.voided_on > c.day)
    {_RATE}""",
    _parameters,
)
PAST_DUE = Column(INVOICES_PAST_DUE, "sum(f.amount * rate.rate)")
PAST_DUE_NOT_CONVERTED = Column(INVOICES_PAST_DUE, "count(*) filter (where rate.rate is null)")

UNDECIDED = Facts(
    "undecided renewals",
    f"""join accounts_renewal f on f.account_id = c.account_id and {KNOWN}
    and (f.outcome = 'undecided' or {decided_on("f")} > c.day)""",
)
