"""What is paid, due and wanted."""

from health.evidence.shapes import Listing, Lists
from health.metrics.attributes import ATTRIBUTES
from health.metrics.known import DAY_ENDS, KNOWN, day_of
from health.metrics.licenses import IN_FORCE, INVOICES_PAST_DUE, UNDECIDED, arr_before
from health.metrics.outcomes import OBJECTIVES
from health.metrics.shapes import Facts

RECURRING = "f.amount is not null and f.interval <> 'once'"
YEARLY = (
    "f.amount * case f.interval when 'month' then 12 when 'quarter' then 4 when 'half_year' then 2 "
    "when 'year' then 1 else 0 end"
)


def _amounts(title: str, facts: Facts, weight: str, adds: bool = True) -> Listing:
    return Listing(
        title=title, heads=("License", "Amount", "Currency", "Per", "A year, converted", "From", "To"), facts=facts, contract=True,
        what=f"{weight}, f.name, f.amount, f.currency, replace(f.interval, '_', '-'), {YEARLY} * rate.rate, "
             "f.starts_on, f.ends_on",
        tail=f"where {RECURRING} order by f.starts_on, f.record", adds=adds,
    )  # fmt: skip


def of_licenses(window: int, argument: str | None) -> tuple[Listing, ...]:
    return (_amounts("Licenses in force", IN_FORCE, "(rate.rate is not null)::int"),)


def of_licenses_then_and_now(window: int, argument: str | None) -> tuple[Listing, ...]:
    before = _amounts(f"In force {window} days before", arr_before(window).facts, "0", adds=False)
    return (*of_licenses(window, argument), before)


def of_renewals(window: int, argument: str | None) -> tuple[Listing, ...]:
    return (Listing(
        title="Undecided renewals", heads=("Due", "Amount", "Currency"), facts=UNDECIDED,
        what="1, f.due_on, f.amount, f.currency", tail="order by f.due_on, f.record",
    ),)  # fmt: skip


def of_invoices(window: int, argument: str | None) -> tuple[Listing, ...]:
    past_due = Listing(
        title="Invoices past due", heads=("Invoice", "Due", "Amount", "Currency", "Converted"), facts=INVOICES_PAST_DUE,
        what="0, f.number, f.due_on, f.amount, f.currency, f.amount * rate.rate", tail="order by f.due_on, f.record",
        adds=False,
    )  # fmt: skip
    return past_due, _amounts("Licenses in force", IN_FORCE, f"{YEARLY} * rate.rate")


def of_objectives(window: int, argument: str | None) -> tuple[Listing, ...]:
    counts = f"f.ended_on is null or f.ended_on > c.day - {window} or f.due_on > c.day - {window} and f.due_on <= c.day"
    return (Listing(
        title="Objectives open or due", heads=("Objective", "Status", "Due", "Ended"), facts=OBJECTIVES,
        what="1, f.name, replace(f.status, '_', ' '), f.due_on, f.ended_on", tail=f"where {counts} order by f.due_on, f.name",
    ),)  # fmt: skip


HISTORY = Facts(
    "attribute history",
    f"""join accounts_attributevalue f on f.account_id = c.account_id and f.received_at <= c.known_at
    and f.occurred_at < {DAY_ENDS} and f.text is not null
join accounts_attributedefinition definition on definition.id = f.definition_id
join accounts_source source on source.id = f.source_id""",
)


def of_attribute(window: int, argument: str | None) -> tuple[Listing, ...]:
    named = "where definition.name = %(argument)s"
    value = Listing(
        title="Value on the day", heads=("Value", "Since"), facts=ATTRIBUTES, what=f"1, f.text, {day_of('f.occurred_at')}",
        tail=named,
    )  # fmt: skip
    history = Listing(
        title="What sources said, latest first", heads=("Value", "Since", "Source", "Applies"), facts=HISTORY,
        what=f"0, f.text, {day_of('f.occurred_at')}, coalesce(nullif(source.label, ''), source.name), "
             f"f.applied and {KNOWN}",
        tail=f"{named} order by f.occurred_at desc, f.id desc", adds=False,
    )  # fmt: skip
    return value, history


LISTINGS: dict[str, Lists] = {
    "arr": of_licenses,
    "arr_change": of_licenses_then_and_now,
    "days_to_renewal": of_renewals,
    "overdue_invoices": of_invoices,
    "objectives_on_track": of_objectives,
    "attribute": of_attribute,
}
