"""Support metrics, computed by hand. The day is Monday, 30 June 2025; thirty days up to it begin on 1 June."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import Account
from health.metrics import declare
from health.metrics.cases import Cases
from health.metrics.read import Asked, read
from health.metrics.support import TICKETS
from health.scoring.card import State
from support.models import Ticket
from tests.health.metrics.facts import (
    DAY,
    RULES,
    account,
    connected,
    corrected,
    day,
    gone,
    heard_of,
    moment,
    reading,
    state,
    value,
    version,
)
from tests.health.metrics.tickets import event, ticket

pytestmark = pytest.mark.django_db

COUNTS = ("ticket_volume", "open_tickets", "escalated_tickets", "oldest_open_ticket", "oldest_escalated_ticket")
SHARES = ("first_response_time", "resolution_time", "first_contact_resolution")


@pytest.fixture
def acme(db: None) -> Account:
    connected("tickets")
    return account()


# ticket_volume


def test_volume_counts_the_tickets_opened_in_the_window(acme: Account) -> None:
    for opened in ("2025-05-31 23:59", "2025-06-01 00:00", "2025-06-15", "2025-06-30 23:59", "2025-07-01 00:00"):
        ticket(acme, opened)
    assert value("ticket_volume", acme) == 3
    assert value("ticket_volume", acme, window=16) == 2
    assert value("ticket_volume", acme, on="2025-05-31") == 1


def test_the_days_of_a_window_begin_at_midnight_of_the_organization(acme: Account, settings: Settings) -> None:
    settings.ORGANIZATION_TIME_ZONE = "America/New_York"
    ticket(acme, "2025-06-01 00:00")  # four o'clock in London
    ticket(acme, "2025-05-31 23:59")
    assert value("ticket_volume", acme) == 1


def test_no_ticket_is_zero_and_not_missing(acme: Account) -> None:
    for key in COUNTS:
        assert reading(key, acme)[:2] == (0, State.FRESH)


def test_medians_and_shares_without_a_ticket_are_missing(acme: Account) -> None:
    assert [state(key, acme) for key in SHARES] == [State.NEVER] * 3
    heard_of(acme, "tickets")
    assert [state(key, acme) for key in SHARES] == [State.NONE] * 3


def test_without_a_help_desk_nothing_is_known() -> None:
    found = account()
    assert {state(key, found) for key in COUNTS + SHARES} == {State.NOT_CONNECTED}


def test_an_account_of_six_days_is_too_young_for_a_window_and_not_for_what_is_open() -> None:
    connected("tickets")
    new = account(since="2025-06-25")
    ticket(new, "2025-06-26")
    assert state("ticket_volume", new) == state("first_response_time", new) == State.TOO_YOUNG
    assert value("open_tickets", new) == 1


def test_tickets_of_another_account_do_not_count(acme: Account) -> None:
    ticket(acme, "2025-06-20", ("replied", "2025-06-20 13:00"))
    before = [reading(key, acme) for key in COUNTS + SHARES]
    ticket(account("Other"), "2025-06-01", ("escalated", "2025-06-02"), ("replied", "2025-06-03"))
    assert [reading(key, acme) for key in COUNTS + SHARES] == before


# open_tickets


def test_a_ticket_is_open_until_it_is_solved_and_again_once_it_is_reopened(acme: Account) -> None:
    ticket(acme, "2025-06-02", ("solved", "2025-06-05"), ("reopened", "2025-06-10"), ("solved", "2025-06-20"))
    days = ("2025-06-01", "2025-06-02", "2025-06-05", "2025-06-10", "2025-06-20", DAY)
    assert [value("open_tickets", acme, day) for day in days] == [0, 1, 0, 1, 0, 0]


def test_a_ticket_opened_years_ago_is_still_open(acme: Account) -> None:
    ticket(acme, "2022-06-30")
    assert value("open_tickets", acme) == 1
    assert value("oldest_open_ticket", acme) == 1096  # 2024 had 366 days


def test_solved_at_the_moment_it_was_opened_it_is_not_open(acme: Account) -> None:
    ticket(acme, "2025-06-02", ("solved", "2025-06-02"))
    assert value("open_tickets", acme) == 0


@pytest.mark.parametrize(
    ("steps", "is_open"), [(("solved", "reopened"), 1), (("reopened", "solved"), 0), (("reopened",), 1)]
)
def test_of_two_steps_at_the_same_moment_the_one_told_later_holds(
    acme: Account, steps: tuple[str, ...], is_open: int
) -> None:
    ticket(acme, "2025-06-02", *((step, "2025-06-03") for step in steps))
    assert value("open_tickets", acme) == is_open


def test_a_ticket_whose_opening_nobody_told_is_open_but_was_opened_on_no_day(acme: Account) -> None:
    ticket(acme, None, ("replied", "2025-06-20"))
    assert value("open_tickets", acme) == 1
    assert value("oldest_open_ticket", acme) == 10
    assert value("ticket_volume", acme) == 0
    assert state("first_response_time", acme) == State.NONE


def test_no_metric_reads_the_ticket_itself(acme: Account) -> None:
    """Its row says how it stands now, whatever the day."""
    ticket(acme, "2025-06-02")
    now: dict[str, Any] = {
        "status": "solved",
        "escalated": True,
        "opened_at": moment("2024-01-01"),
        "solved_at": moment("2025-06-03"),
    }
    version(Ticket, acme, received="2025-06-02", **now)
    assert value("open_tickets", acme) == 1
    assert value("escalated_tickets", acme) == 0
    assert "support_ticket " not in TICKETS.sql


# escalated_tickets


def test_an_escalation_stands_until_it_is_taken_back_or_the_ticket_is_solved(acme: Account) -> None:
    ticket(acme, "2025-06-02", ("escalated", "2025-06-04"), ("de_escalated", "2025-06-08"))
    ticket(acme, "2025-06-02", ("escalated", "2025-06-06"), ("solved", "2025-06-10"))
    days = ("2025-06-03", "2025-06-04", "2025-06-06", "2025-06-08", "2025-06-10")
    assert [value("escalated_tickets", acme, day) for day in days] == [0, 1, 2, 1, 0]


def test_a_second_escalation_counts_from_itself_and_a_repeated_one_from_the_first(acme: Account) -> None:
    ticket(
        acme, "2025-06-02", ("escalated", "2025-06-04"), ("de_escalated", "2025-06-08"), ("escalated", "2025-06-10"),
        ("escalated", "2025-06-20"),
    )  # fmt: skip
    assert value("oldest_escalated_ticket", acme) == 20  # 10 to 30 June
    assert value("oldest_escalated_ticket", acme, "2025-06-07") == 3


def test_a_reopened_ticket_is_escalated_still(acme: Account) -> None:
    ticket(acme, "2025-06-02", ("escalated", "2025-06-04"), ("solved", "2025-06-05"), ("reopened", "2025-06-09"))
    assert value("escalated_tickets", acme) == 1
    assert value("oldest_escalated_ticket", acme) == 26


# oldest_open_ticket


def test_ages_are_whole_days_from_the_day_of_opening(acme: Account) -> None:
    ticket(acme, "2025-06-27 23:59")
    ticket(acme, "2025-06-30 00:00")
    assert reading("oldest_open_ticket", acme)[:3] == (3, State.FRESH, 2)
    assert value("oldest_open_ticket", acme, "2025-06-27") == 0


def test_the_days_are_those_of_the_organization(acme: Account, settings: Settings) -> None:
    settings.ORGANIZATION_TIME_ZONE = "Asia/Tokyo"
    ticket(acme, "2025-06-28 00:30")  # still the 27th in London
    assert value("oldest_open_ticket", acme) == 2


# first_response_time


def test_first_response_is_the_median_and_the_unanswered_enter_with_their_wait(acme: Account) -> None:
    ticket(acme, "2025-06-10 08:00", ("replied", "2025-06-10 10:00"), ("replied", "2025-06-10 11:00"))  # 2 hours
    ticket(acme, "2025-06-12 08:00", ("replied", "2025-06-12 18:00"))  # 10 hours
    assert reading("first_response_time", acme)[:3] == (6, State.FRESH, 2)  # halfway from 2 to 10
    ticket(acme, "2025-06-30 00:00")  # has waited 24 hours when the day ends
    assert reading("first_response_time", acme)[:3] == (10, State.FRESH, 3)


def test_one_solved_without_a_reply_waited_until_its_solution(acme: Account) -> None:
    ticket(acme, "2025-06-10 08:00", ("solved", "2025-06-10 13:00"), ("reopened", "2025-06-20 13:00"))
    assert value("first_response_time", acme) == 5


def test_tickets_opened_before_the_window_enter_no_median(acme: Account) -> None:
    ticket(acme, "2025-05-31 23:59", ("replied", "2025-06-20"))
    ticket(acme, "2025-06-01 00:00", ("replied", "2025-06-01 01:00"))
    assert reading("first_response_time", acme)[:3] == (1, State.FRESH, 1)


def test_a_reply_after_the_day_has_not_been_given_yet(acme: Account) -> None:
    ticket(acme, "2025-06-30 12:00", ("replied", "2025-07-01 00:00"))
    assert value("first_response_time", acme) == 12
    assert value("resolution_time", acme) == 12


def test_a_conversation_that_we_began_waited_for_nothing(acme: Account) -> None:
    ticket(acme, "2025-06-10 08:00", ("replied", "2025-06-10 07:59"))
    assert value("first_response_time", acme) == 0


def test_hours_are_those_that_passed_when_the_clock_changes(acme: Account, settings: Settings) -> None:
    settings.ORGANIZATION_TIME_ZONE = "Europe/Berlin"
    ticket(acme, "2025-03-30 00:00")  # a day of 23 hours
    assert value("first_response_time", acme, "2025-03-30") == 23
    ticket(acme, "2025-10-26 00:00")  # and one of 25
    assert value("first_response_time", acme, "2025-10-26") == 25


def test_fewer_tickets_than_asked_for_are_too_few(acme: Account) -> None:
    ticket(acme, "2025-06-10 08:00", ("replied", "2025-06-10 10:00"))
    assert reading("first_response_time", acme, min_n=2)[1:3] == (State.TOO_FEW, 1)


# resolution_time


def test_resolution_is_the_median_until_the_last_solution_and_the_unsolved_enter_with_their_age(acme: Account) -> None:
    ticket(
        acme, "2025-06-10 00:00", ("solved", "2025-06-10 05:00"), ("reopened", "2025-06-11"),
        ("solved", "2025-06-12 00:00"),
    )  # fmt: skip
    assert value("resolution_time", acme) == 48
    assert value("resolution_time", acme, "2025-06-10") == 5
    assert value("resolution_time", acme, "2025-06-11") == 48  # open again, two days old when the day ends
    ticket(acme, "2025-06-28 00:00")  # three days old
    assert reading("resolution_time", acme)[:3] == (60, State.FRESH, 2)  # halfway from 48 to 72


# first_contact_resolution


def test_first_contact_resolution_counts_what_one_reply_settled(acme: Account) -> None:
    settled = ("replied", "2025-06-10 09:00"), ("solved", "2025-06-10 09:00")
    ticket(acme, "2025-06-10 08:00", *settled)
    ticket(acme, "2025-06-10 08:00", *settled, ("replied", "2025-06-19"))  # a word of thanks later
    ticket(acme, "2025-06-10 08:00", *settled, ("reopened", "2025-06-18 00:00"))  # on the eighth day
    ticket(acme, "2025-06-10 08:00", *settled, ("reopened", "2025-06-17 23:59"))  # on the seventh
    ticket(acme, "2025-06-10 08:00", ("replied", "2025-06-10 09:00"), *settled)  # two replies
    ticket(acme, "2025-06-10 08:00", ("solved", "2025-06-10 09:00"))  # none
    ticket(acme, "2025-06-10 08:00", ("replied", "2025-06-10 09:00"))  # not solved
    assert reading("first_contact_resolution", acme)[:3] == (50, State.FRESH, 6)  # 3 of 6


def test_a_solution_counts_from_its_seventh_day_on_and_once(acme: Account) -> None:
    ticket(acme, "2025-06-20", ("replied", "2025-06-20 13:00"), ("solved", "2025-06-23 12:00"))
    ticket(acme, "2025-06-20", ("replied", "2025-06-20 13:00"), ("solved", "2025-06-24 00:00"))
    assert reading("first_contact_resolution", acme)[:3] == (100, State.FRESH, 1)
    assert state("first_contact_resolution", acme, "2025-06-29") == State.NONE
    ticket(
        acme, "2025-06-01", ("replied", "2025-06-01 13:00"), ("solved", "2025-06-01 14:00"), ("reopened", "2025-06-02"),
        ("solved", "2025-06-03"),
    )  # fmt: skip
    assert reading("first_contact_resolution", acme)[:3] == (50, State.FRESH, 2)


def test_solutions_before_the_window_do_not_count(acme: Account) -> None:
    # Ninety days up to 30 June begin on 2 April.
    for solved in ("2025-04-01 23:59", "2025-04-02 00:00"):
        ticket(acme, "2025-03-31", ("replied", "2025-03-31 13:00"), ("solved", solved))
    assert reading("first_contact_resolution", acme)[2] == 1


def test_derived_courses_do_not_tell_how_many_replies_it_took(acme: Account) -> None:
    ticket(acme, "2025-06-01", ("replied", "2025-06-01 13:00"), ("solved", "2025-06-01 14:00"), derived=True)
    assert state("first_contact_resolution", acme) == State.NONE
    assert value("first_response_time", acme) == 1


# Two clocks


def test_a_step_received_later_is_invisible_as_known_then(acme: Account) -> None:
    opened, solved = ticket(acme, "2025-06-10", ("solved", "2025-06-12"))
    solved.received_at = moment("2025-07-05")
    solved.save()
    assert value("open_tickets", acme) == 0
    assert value("open_tickets", acme, known="2025-07-01") == 1
    assert value("open_tickets", acme, known="2025-07-05 13:00") == 0
    assert value("ticket_volume", acme, known="2025-06-09") == 0
    assert opened.received_at < solved.received_at


def test_a_corrected_step_reads_as_it_was_known(acme: Account) -> None:
    (opened,) = ticket(acme, "2025-06-10")
    corrected(opened, "2025-07-02", at=moment("2025-05-10"))
    assert value("oldest_open_ticket", acme, known="2025-07-01") == 20
    assert value("oldest_open_ticket", acme) == 51
    assert value("ticket_volume", acme, known="2025-07-01") == 1
    assert value("ticket_volume", acme) == 0


def test_a_deleted_step_is_gone_and_was_there(acme: Account) -> None:
    (opened,) = ticket(acme, "2025-06-10")
    gone(opened, "2025-07-02")
    assert value("open_tickets", acme) == 0
    assert value("open_tickets", acme, known="2025-07-01") == 1


# Streams


def test_while_the_help_desk_is_silent_its_last_complete_day_stays(acme: Account) -> None:
    other = account("Other")
    connected("tickets", by="silent", through="2025-06-20")
    heard_of(acme, "tickets")
    ticket(other, "2025-06-15 00:00", by="silent")
    assert state("open_tickets", acme) == State.FRESH
    for key, held in (("oldest_open_ticket", 5), ("first_response_time", 144)):  # six days, through the 20th
        found = reading(key, other)
        assert (found.value, found.age) == (held, 10)
        assert found.state in (State.HELD, State.HELD_TOO_LONG)


def test_a_source_that_tells_events_is_waited_for(acme: Account) -> None:
    connected("ticket-events", through="2025-06-20")
    ticket(acme, "2025-06-25")
    assert value("open_tickets", acme) == 1
    heard_of(acme, "ticket-events")
    found = reading("open_tickets", acme)
    assert (found.value, found.age) == (0, 10)


def test_all_support_metrics_of_many_accounts_are_one_query_over_tickets(
    acme: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    others = [account(f"A{number}") for number in range(20)]
    for one in others:
        ticket(one, "2025-06-10")
    asked = [Asked(metric=declare.get(key)[0]) for key in COUNTS + SHARES]
    cases = Cases.on([one.pk for one in others], day(DAY))
    with django_assert_num_queries(5) as queries:  # lives, streams, syncs, who is heard of, tickets
        read(asked, cases, RULES)
    assert sum("support_ticketevent" in query["sql"] for query in queries.captured_queries) == 1


def test_events_of_a_ticket_may_come_in_any_order(acme: Account) -> None:
    event(acme, 77, "solved", "2025-06-12")
    event(acme, 77, "replied", "2025-06-10 14:00")
    event(acme, 77, "opened", "2025-06-10 12:00")
    assert value("first_response_time", acme) == 2
    assert value("resolution_time", acme) == 48
