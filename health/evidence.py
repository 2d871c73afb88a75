"""The facts behind a reading: what a metric counted, one by one, as known when it was read.

Each metric says how the facts that it sums up are listed. They come by the same joins as its columns do, so that what a
page lists is what was counted: the first column of a listing says how much a row adds to the reading's n.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.models import Account
from health.metrics.answers import ANSWERS, END_USER, KINDS, REQUESTS, STAKEHOLDER
from health.metrics.attributes import ATTRIBUTES
from health.metrics.cases import Cases
from health.metrics.known import DAY_ENDS, KNOWN, day_of, days_back, known
from health.metrics.licenses import IN_FORCE, INVOICES_PAST_DUE, UNDECIDED, arr_before
from health.metrics.outcomes import OBJECTIVES
from health.metrics.read import Asked, births, listed
from health.metrics.relationship import (
    APPOINTMENTS,
    KEY_CONTACTS,
    LAST_TOUCHPOINT_REACH,
    PULSES,
    STAKEHOLDERS,
    TOUCHPOINTS,
)
from health.metrics.rules import RECENT_AT_MOST, Rules
from health.metrics.shapes import Facts
from health.metrics.support import TICKETS
from health.metrics.usage import FEATURE_DAYS, LAST, LAST_USE_REACH, LAST_USES, USER_DAYS

MOST = 500


@dataclass(frozen=True, kw_only=True)
class Listing:
    """How facts of a metric are listed. `what` is SQL: how much a row adds to n, then a column for each of `heads`.

    Where `adds` is false the listing is beside what n counts, such as the users beside the seats that they are a part of.
    The days of a `contract` are shown with their years.
    """

    title: str
    heads: tuple[str, ...]
    facts: Facts
    what: str
    tail: str = ""
    reach: int = 0
    adds: bool = True
    contract: bool = False


@dataclass(frozen=True)
class Table:
    """A listing as read."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    adds: bool
    n: float
    contract: bool

    @property
    def first_rows(self) -> tuple[tuple[Any, ...], ...]:
        return self.rows[:MOST]


@dataclass(frozen=True)
class Evidence:
    """The facts of one reading, and how many it counted."""

    day: dt.date
    tables: tuple[Table, ...]

    @property
    def n(self) -> int:
        return int(sum(table.n for table in self.tables if table.adds))


def evidence(account: Account, asked: Asked, day: dt.date, known_at: dt.datetime | None, rules: Rules) -> Evidence:
    """The facts behind a reading as of `day`, with what was known at `known_at`."""
    cases = Cases.on([account.pk], day, known_at)
    born = births(cases, rules)
    tables = []
    for one in LISTINGS[asked.metric.key](asked.window or asked.metric.window or 0, asked.argument):
        rows = listed(
            one.facts, one.what, one.tail, cases, born=born, rules=rules, reach=one.reach, argument=asked.argument
        )
        counted = sum(float(row[0] or 0) for row in rows)
        tables.append(Table(one.title, one.heads, tuple(row[1:] for row in rows), one.adds, counted, one.contract))
    return Evidence(day, tuple(tables))


def as_of(asked: Asked, day: dt.date, age: int) -> dt.date:
    """The day as of which a reading of `day` was read: an opinion's own, else the last one that was complete."""
    return day if asked.metric.is_opinion else day - dt.timedelta(days=age)


Lists = Callable[[int, str | None], tuple[Listing, ...]]


# --- Usage -----------------------------------------------------------------------------------------------------------


def _name(table: str, record: str, name: str) -> str:
    """What a record was called."""
    return f"(select {name} from {table} named where named.record = {record} and {known('named')} limit 1)"


USER = _name(
    "accounts_enduser",
    "f.end_user_record",
    "coalesce(nullif(named.name, ''), nullif(named.email, ''), named.external_id)",
)


def _users(window: int, adds: bool = True) -> Listing:
    return Listing(
        title="Active users", heads=("User", "Days with use", "Last use"), facts=USER_DAYS, reach=window, adds=adds,
        what=f"1, {USER}, count(distinct f.day), max({LAST}) last",
        tail="group by f.end_user_record, c.known_at order by last desc, 2",
    )  # fmt: skip


def _seats() -> Listing:
    return Listing(
        title="Licenses in force", heads=("License", "Licenses", "From", "To"), facts=IN_FORCE, contract=True,
        what="case when bool_or(f.unlimited) over () then 0 else f.seats end, f.name, "
             "case when f.unlimited then 'unlimited' else f.seats::text end, f.starts_on, f.ends_on",
        tail="order by f.starts_on, f.record",
    )  # fmt: skip


def of_seats(window: int, argument: str | None) -> tuple[Listing, ...]:
    return _users(window, adds=False), _seats()


def of_users(window: int, argument: str | None) -> tuple[Listing, ...]:
    return (_users(window),)


def of_two_windows(window: int, argument: str | None) -> tuple[Listing, ...]:
    before, now = f"{LAST} <= c.day - {window}", f"{LAST} > c.day - {window}"
    return (Listing(
        title="Users in this window and in the one before", heads=("User", "Days before", "Days now", "Last use"),
        facts=USER_DAYS, reach=2 * window,
        what=f"(count(*) filter (where {before}) > 0)::int, {USER}, count(distinct f.day) filter (where {before}), "
             f"count(distinct f.day) filter (where {now}), max({LAST}) last",
        tail="group by f.end_user_record, c.known_at order by last desc, 2",
    ),)  # fmt: skip


# Days without any use count too.
WORKING_DAYS = Facts(
    "working days",
    f"""join generate_series(greatest(c.work_from, c.born), c.day, interval '1 day') g(at)
    on extract(isodow from g.at)::int = any(%(weekdays)s) and g.at::date <> all(%(holidays)s::date[])
left join (select c.i, f.day, f.end_user_record from cases c {USER_DAYS.sql} where f.grain = 1) f
    on f.i = c.i and f.day = g.at::date""",
    USER_DAYS.parameters,
)


def of_working_days(window: int, argument: str | None) -> tuple[Listing, ...]:
    return (Listing(
        title="Working days", heads=("Day", "Active users"), facts=WORKING_DAYS, reach=RECENT_AT_MOST,
        what="1, g.at::date, count(distinct f.end_user_record)", tail="group by g.at order by g.at desc",
    ),)  # fmt: skip


CORE = Facts(
    "core features",
    f"""join unnest(%(core)s::text[]) core(name) on true
left join (select c.i, f.day, f.uses, feature.name from cases c {FEATURE_DAYS.sql}) f on f.i = c.i and f.name = core.name""",
    FEATURE_DAYS.parameters,
)


def of_features(window: int, argument: str | None) -> tuple[Listing, ...]:
    return (Listing(
        title="Core features", heads=("Feature", "Days with use", "Uses", "Last use"), facts=CORE, reach=window,
        what="1, core.name, count(distinct f.day), coalesce(sum(f.uses), 0) uses, max(f.day)",
        tail="group by core.name order by uses desc, core.name",
    ),)  # fmt: skip


def of_last_use(window: int, argument: str | None) -> tuple[Listing, ...]:
    last = Listing(
        title="Last use", heads=("Day of the last use", "Life began"), facts=LAST_USES,
        what="1, greatest(f.by_day, f.by_week), c.born",
    )  # fmt: skip
    return last, _users(LAST_USE_REACH, adds=False)


# --- People and talk -------------------------------------------------------------------------------------------------


def of_key_contacts(window: int, argument: str | None) -> tuple[Listing, ...]:
    name, role = (_name("accounts_stakeholder", "f.record", f"named.{column}") for column in ("name", "role"))
    return (Listing(
        title="Key contacts in place", heads=("Contact", "Role", "Last interaction in the window"), facts=KEY_CONTACTS,
        reach=window, what=f"1, {name}, replace({role}, '_', ' '), case when f.last > c.day - {window} then f.last end last",
        tail="order by last desc nulls last, 2",
    ),)  # fmt: skip


def _touches(title: str, which: str, window: int) -> Listing:
    return Listing(
        title=title, heads=("Day", "Kind", "Subject", "State"), facts=TOUCHPOINTS, reach=window,
        what=f"1, {day_of('f.at')}, replace(f.kind, '_', ' '), f.subject, replace(f.status, '_', ' ')",
        tail=f"where {which} order by f.at desc, f.record",
    )  # fmt: skip


def of_touchpoints(window: int, argument: str | None) -> tuple[Listing, ...]:
    of_kind = "" if argument is None else " and f.kind = %(argument)s"
    return (_touches("Touchpoints that took place", f"f.status = 'held'{of_kind}", window),)


def of_last_touchpoint(window: int, argument: str | None) -> tuple[Listing, ...]:
    last = Listing(
        title="Last touchpoint that took place", heads=("Day of the last touchpoint",), facts=TOUCHPOINTS,
        reach=LAST_TOUCHPOINT_REACH, what=f"1, max({day_of('f.at')}) filter (where f.status = 'held')",
    )  # fmt: skip
    return last, _beside(_touches("Touchpoints that took place", "f.status = 'held'", LAST_TOUCHPOINT_REACH))


def _beside(one: Listing) -> Listing:
    return Listing(**{**vars(one), "adds": False})


def of_appointments(window: int, argument: str | None) -> tuple[Listing, ...]:
    kinds = ", ".join(f"'{kind}'" for kind in APPOINTMENTS)
    which = f"f.status in ('held', 'canceled_by_customer', 'no_show') and f.kind in ({kinds})"
    return (_touches("Appointments", which, window),)


def _in_place(role: str) -> Lists:
    def of_role(window: int, argument: str | None) -> tuple[Listing, ...]:
        return (Listing(
            title="In place at the end of the day", heads=("Person", "Title", "Since"), facts=STAKEHOLDERS,
            what="case when row_number() over (order by f.record) = 1 then 1 else 0 end, f.name, f.title, f.since",
            tail=f"where f.role = '{role}' order by f.record",
        ),)  # fmt: skip

    return of_role


def of_pulses(window: int, argument: str | None) -> tuple[Listing, ...]:
    return (Listing(
        title="Pulses, of which the latest counts", heads=("Day", "Rating", "Comment", "By"), facts=PULSES, reach=window,
        what="case when row_number() over (order by f.at desc, f.record desc) = 1 then 1 else 0 end, "
             f"{day_of('f.at')}, f.rating, f.comment, "
             "coalesce((select nullif(u.name, '') from accounts_user u where u.email = lower(f.author)), f.author)",
        tail="order by f.at desc, f.record desc",
    ),)  # fmt: skip


def _said(kind: str) -> Lists:
    """The latest answer of each person, as it counted."""
    who = (
        f"case f.person %% {KINDS} when {STAKEHOLDER} then {_name('accounts_stakeholder', f'f.person / {KINDS}', 'named.name')} "
        f"when {END_USER} then {_name('accounts_enduser', f'f.person / {KINDS}', 'named.name')} end"
    )
    comment = _name("surveys_response", "f.record", "named.comment")

    def of_answers(window: int, argument: str | None) -> tuple[Listing, ...]:
        named = "(f.latest_of_survey and f.survey = %(argument)s or f.latest and f.about = %(argument)s)"
        return (Listing(
            title="Answers, the latest of each person", heads=("Day", "Answer", "Survey", "Person", "Comment"),
            facts=ANSWERS, reach=window, what=f"1, {day_of('f.at')}, f.value, f.survey, {who}, {comment}",
            tail=f"where f.kind = '{kind}' and {'f.latest' if argument is None else named} order by f.at desc, f.record",
        ),)  # fmt: skip

    return of_answers


def of_requests(window: int, argument: str | None) -> tuple[Listing, ...]:
    return (Listing(
        title="Requests delivered", heads=("Delivered", "Answered"), facts=REQUESTS, reach=window,
        what=f"1, {day_of('f.delivered_at')}, f.answered", tail="order by f.delivered_at desc",
    ),)  # fmt: skip


# --- Tickets ---------------------------------------------------------------------------------------------------------


SUBJECT = _name("support_ticket", "f.ticket_record", "named.subject")


def _tickets(title: str, which: str, **columns: str) -> Listing:
    heads = tuple(head.replace("_", " ") for head in columns)
    return Listing(
        title=title, heads=("Ticket", *heads), facts=TICKETS, what=", ".join(("1", SUBJECT, *columns.values())),
        tail=f"where {which} order by f.began_at desc, f.ticket_record",
    )  # fmt: skip


def _hours(until: str) -> str:
    return f"round(greatest(extract(epoch from {until} - f.opened_at) / 3600, 0), 1)"


def _opened(**columns: str) -> Lists:
    def of_opened(window: int, argument: str | None) -> tuple[Listing, ...]:
        return (
            _tickets("Tickets opened", f"f.opened_at >= {days_back(window)}", Opened=day_of("f.opened_at"), **columns),
        )

    return of_opened


def _waiting(title: str, which: str, since: str) -> Lists:
    def of_waiting(window: int, argument: str | None) -> tuple[Listing, ...]:
        return (_tickets(title, which, Since=day_of(since), Days=f"c.day - {day_of(since)}"),)

    return of_waiting


def of_solved(window: int, argument: str | None) -> tuple[Listing, ...]:
    solved = day_of("f.first_solved_at")
    which = f"f.told and f.first_solved_at >= {days_back(window)} and {solved} <= c.day - %(reopen_days)s"
    return (
        _tickets("Tickets solved", which, Solved=solved, Replies="f.replies", Reopened=day_of("f.first_reopened_at")),
    )


# --- Contract and outcomes -------------------------------------------------------------------------------------------

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


IS_ESCALATED = "f.is_open and f.escalated_at is not null"
LISTINGS: dict[str, Lists] = {
    "license_utilization": of_seats,
    "weekly_adoption": of_seats,
    "daily_active_users": of_working_days,
    "weekly_active_users": of_users,
    "monthly_active_users": of_users,
    "stickiness": of_users,
    "feature_breadth": of_features,
    "days_since_last_use": of_last_use,
    "usage_trend": of_two_windows,
    "stakeholder_engagement": of_key_contacts,
    "touchpoints": of_touchpoints,
    "days_since_touchpoint": of_last_touchpoint,
    "meeting_attendance": of_appointments,
    "champion": _in_place("champion"),
    "executive_sponsor": _in_place("executive_sponsor"),
    "pulse": of_pulses,
    "nps": _said("nps"),
    "csat": _said("csat"),
    "ces": _said("ces"),
    "feedback_response_rate": of_requests,
    "ticket_volume": _opened(Open="f.is_open"),
    "open_tickets": _waiting("Open tickets", "f.is_open", "coalesce(f.opened_at, f.began_at)"),
    "oldest_open_ticket": _waiting("Open tickets", "f.is_open", "coalesce(f.opened_at, f.began_at)"),
    "escalated_tickets": _waiting("Escalated tickets", IS_ESCALATED, "f.escalated_at"),
    "oldest_escalated_ticket": _waiting("Escalated tickets", IS_ESCALATED, "f.escalated_at"),
    "first_response_time": _opened(
        Hours_to_the_first_reply=_hours(f"coalesce(f.replied_at, f.first_solved_at, {DAY_ENDS})")
    ),
    "resolution_time": _opened(
        Hours_to_the_solution=_hours(f"(case when f.is_open then {DAY_ENDS} else f.solved_at end)"), Open="f.is_open"
    ),
    "first_contact_resolution": of_solved,
    "arr": of_licenses,
    "arr_change": of_licenses_then_and_now,
    "days_to_renewal": of_renewals,
    "overdue_invoices": of_invoices,
    "objectives_on_track": of_objectives,
    "attribute": of_attribute,
}
