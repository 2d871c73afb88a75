"""The people on the other side, and when we met."""

from health.evidence.shapes import Listing, Lists, name_of
from health.metrics.known import day_of
from health.metrics.relationship import (
    APPOINTMENTS,
    KEY_CONTACTS,
    LAST_TOUCHPOINT_REACH,
    PULSES,
    STAKEHOLDERS,
    TOUCHPOINTS,
)


def of_key_contacts(window: int, argument: str | None) -> tuple[Listing, ...]:
    name, role = (name_of("accounts_stakeholder", "f.record", f"named.{column}") for column in ("name", "role"))
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


LISTINGS: dict[str, Lists] = {
    "stakeholder_engagement": of_key_contacts,
    "touchpoints": of_touchpoints,
    "days_since_touchpoint": of_last_touchpoint,
    "meeting_attendance": of_appointments,
    "champion": _in_place("champion"),
    "executive_sponsor": _in_place("executive_sponsor"),
    "pulse": of_pulses,
}
