"""What came after what, and with which page a session began: as rolled up, in whatever order the events come."""

from typing import Any

import pytest

from accounts import meanings
from accounts.models import Feature, UserDay
from tests.accounts.tracked import accounts, group, page, send, track

pytestmark = pytest.mark.django_db

PATH = ("seen", "bought")


def sequences() -> None:
    meanings.publish(
        [("Viewed Pricing Page", "seen"), ("Mailed", "seen"), ("Mailed", "background"), ("Bought", "bought")],
        [],
        [PATH],
    )


def bought(at: str, **more: Any) -> dict[str, Any]:
    return track(at, name="Bought", **more)


def has_bought_later() -> list[bool]:
    """Of each day, in order."""
    bit = meanings.bits_of("seen → bought")
    return [bool(one.roles & bit) for one in UserDay.objects.known().order_by("day")]


@pytest.mark.parametrize(("seen", "later"), [("09:00", True), ("09:20", False), ("09:10", False)])
def test_what_came_after_what_is_told_within_a_day(seen: str, later: bool) -> None:
    accounts("A-1")
    sequences()
    send(group("2026-03-20 08:00"), page(f"2026-03-20 {seen}"), bought("2026-03-20 09:10"))
    assert has_bought_later() == [later]
    assert UserDay.objects.get().session_roles == [UserDay.objects.get().roles]


@pytest.mark.parametrize("turns", [(0, 1, 2), (1, 0, 2), (2, 1, 0), (2, 0, 1)])
def test_what_came_after_what_is_told_in_whatever_order_events_come(turns: tuple[int, ...]) -> None:
    """Also of events that are no use, and belong to no session."""
    accounts("A-1")
    sequences()
    events = [
        track("2026-03-20 09:00", name="Mailed"),
        bought("2026-03-20 15:00"),
        track("2026-03-20 20:00", name="Mailed"),
    ]
    send(group("2026-03-20 08:00"))
    for minute, turn in enumerate(turns):
        send(events[turn], at=f"2026-03-20 21:{minute:02}")
    assert has_bought_later() == [True]
    assert UserDay.objects.get().session_roles == [meanings.bits_of("bought")]


def test_a_sequence_is_of_one_session_where_that_goes_on() -> None:
    accounts("A-1")
    sequences()
    send(group("2026-03-20 08:00"), page("2026-03-20 08:00"))
    send(bought("2026-03-20 08:20"), at="2026-03-20 12:01")
    send(bought("2026-03-20 09:20"), at="2026-03-20 12:02")
    row = UserDay.objects.get()
    whole = meanings.bits_of("seen", "bought", "seen → bought")
    assert row.session_roles == [whole, meanings.bits_of("bought")]
    assert row.roles == whole


def test_each_session_keeps_its_pages_and_the_first_of_them() -> None:
    accounts("A-1")
    send(group("2026-03-20 08:00"), track("2026-03-20 08:00"), page("2026-03-20 08:01"), page("2026-03-20 09:00"))
    send(page("2026-03-20 09:10", name="Docs"), track("2026-03-20 10:00"), at="2026-03-20 12:01")
    row = UserDay.objects.get()
    pricing = Feature.objects.get(name="Viewed Pricing Page").pk
    assert (row.session_pages, row.session_landings) == ([1, 2, 0], [pricing, pricing, 0])
    send(page("2026-03-20 07:50", name="Docs"), at="2026-03-20 12:02")
    row = UserDay.objects.known().get()
    docs = Feature.objects.get(name="Viewed Docs Page").pk
    assert (row.session_pages, row.session_landings) == ([2, 2, 0], [docs, pricing, 0])
