"""Tickets as they were counted."""

from health.evidence.shapes import Listing, Lists, name_of
from health.metrics.known import DAY_ENDS, day_of, days_back
from health.metrics.support import TICKETS

SUBJECT = name_of("support_ticket", "f.ticket_record", "named.subject")


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


IS_ESCALATED = "f.is_open and f.escalated_at is not null"


LISTINGS: dict[str, Lists] = {
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
}
