"""Reading above the account: the facts of several together, their share, their worst, their median."""

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from health.metrics import declare
from health.metrics.above import ReadAbove, read_above
from health.metrics.cases import Cases
from health.metrics.declare import Above
from health.metrics.read import Asked, read
from health.scoring.card import State
from tests.health.metrics.contracts import paying, renewal
from tests.health.metrics.facts import DAY, account, connected, day, heard_of
from tests.health.metrics.people import answers, licensed, stakeholder, survey, users
from tests.health.metrics.tickets import ticket
from tests.health.metrics.world import OF_THE_YOUNG, RULES, all_connected, everything, facts_of

pytestmark = pytest.mark.django_db


def ask(name: str, **asked: int) -> Asked:
    metric, argument = declare.get(name)
    return Asked(metric=metric, argument=argument, **asked)


def book(*accounts: Account, of: str, **asked: int) -> tuple[float | None, State, ReadAbove]:
    """The reading of all these accounts as one group."""
    found = read_above([ask(of, **asked)], Cases.on([one.pk for one in accounts], day(DAY)), [7] * len(accounts), RULES)
    assert found.groups == [7]
    value = float(found.values[0, 0])
    return None if np.isnan(value) else round(value, 6), State(found.states[0, 0]), found


# Facts


def test_read_by_group_a_metric_is_what_the_facts_together_give() -> None:
    """The same facts of one account and of two, in a group of their own; a third one in another group."""
    all_connected()
    first, second, both, other = (account(name) for name in ("First", "Second", "Both", "Other"))
    for one, turns in ((first, (0,)), (second, (1,)), (both, (0, 1)), (other, (1,))):
        for turn in turns:
            facts_of(one, turn)
    asked = [one for one in everything() if one.metric.above == Above.FACTS]
    # A feature is one at an account, as a person is: two accounts with two core features can use four.
    asked = [one for one in asked if one.metric.key not in {"feature_breadth", *OF_THE_YOUNG}]
    together = read(asked, Cases.on([both.pk, other.pk], day(DAY)), RULES)
    cases = Cases.on([other.pk, first.pk, second.pk], day(DAY))
    found = read_above(asked, cases, [20, 10, 10], RULES)
    assert found.groups == [10, 20]
    for slot, each in enumerate(asked):
        key = each.metric.key
        assert found.states[:, slot].tolist() == [State.FRESH] * 2, key
        assert found.values[:, slot].tolist() == pytest.approx(together.values[:, slot].tolist()), key
        if key != "daily_active_users":  # there n are the working days
            assert found.n[:, slot].tolist() == together.n[:, slot].tolist(), key
        assert found.counted[:, slot].tolist() == [2, 1]


def test_it_is_never_an_average_of_averages() -> None:
    connected("usage", "licenses")
    small, large = account("Small"), account("Large")
    licensed(small, seats=10)
    licensed(large, seats=90)
    users(small, 10, DAY)
    users(large, 15, DAY)
    assert book(small, large, of="license_utilization")[0] == 25  # 25 of 100, not half of 100 % and 16.7 %


def test_a_median_is_that_of_all_tickets_together() -> None:
    connected("tickets")
    first, second = account("First"), account("Second")
    for hours in (1, 2, 3):
        ticket(first, "2025-06-10 00:00", ("replied", f"2025-06-10 0{hours}:00"))
    ticket(second, "2025-06-10 00:00", ("replied", "2025-06-10 10:00"))
    value, _, found = book(first, second, of="first_response_time")
    assert value == 2.5  # of 1, 2, 3 and 10; the mean of the two medians would be 6
    assert found.n[0, 0] == 4


def test_each_group_has_its_own_median_whatever_the_order_of_cases() -> None:
    connected("tickets")
    accounts = [account(str(number)) for number in range(4)]
    for number, one in enumerate(accounts[:3]):
        ticket(one, "2025-06-10 00:00", ("replied", f"2025-06-10 0{number + 1}:00"))
    cases = Cases.on([one.pk for one in accounts], day(DAY))
    found = read_above([ask("first_response_time")], cases, [5, 3, 5, 9], RULES)
    assert found.groups == [3, 5, 9]
    assert found.values[:2, 0].tolist() == [2, 2]  # of 2 alone, and of 1 and 3
    assert found.states[2, 0] == State.NEVER


def test_too_few_answers_alone_can_be_enough_together() -> None:
    connected("survey-responses")
    first, second = account("First"), account("Second")
    asked = survey("nps")
    answers(first, asked, "2025-06-10", (10, 10))
    answers(second, asked, "2025-06-10", (2, 8))
    assert book(first, of="nps")[1] == State.TOO_FEW
    assert book(first, second, of="nps")[:2] == (25, State.FRESH)  # two of four less one of four
    assert book(first, second, of="nps", min_n=5)[:2] == (None, State.TOO_FEW)


def test_an_account_to_which_a_ratio_does_not_apply_stays_out_of_it() -> None:
    connected("usage", "licenses")
    counted, unlimited = account("Counted"), account("Unlimited")
    licensed(counted, seats=10)
    licensed(unlimited, seats=None, unlimited=True)
    users(counted, 5, DAY)
    users(unlimited, 100, DAY)
    value, _, found = book(counted, unlimited, of="license_utilization")
    assert value == 50
    assert found.counted[0, 0] == 1
    assert book(unlimited, of="license_utilization")[:2] == (None, State.NOT_APPLICABLE)


def test_a_book_in_which_nobody_is_active_reads_the_dead_value() -> None:
    connected("usage")
    accounts = [account("First"), account("Second")]
    for one in accounts:
        users(one, 3, "2025-01-15")
    assert book(*accounts, of="stickiness")[:2] == (0, State.FRESH)
    assert book(*accounts, of="monthly_active_users")[:2] == (0, State.FRESH)


def test_a_young_account_counts_but_not_in_a_comparison() -> None:
    connected("licenses", "tickets")
    old, new = account("Old"), account("New", since="2025-06-29")
    paying(old, 1000, "2020-01-01")
    paying(old, 100, "2025-01-01")
    paying(new, 5000, "2025-06-29")
    ticket(new, "2025-06-29")
    assert book(old, new, of="arr")[0] == 6100
    assert book(old, new, of="arr_change")[0] == 10  # 1,000 to 1,100
    assert book(old, new, of="ticket_volume")[0] == 1
    assert book(new, of="ticket_volume")[1] == State.TOO_YOUNG


# Share, worst, median


def test_a_share_is_of_the_accounts_that_were_read() -> None:
    connected("stakeholders")
    accounts = [account(str(number)) for number in range(4)]
    stakeholder(accounts[0], "champion")
    value, _, found = book(*accounts, of="champion")
    assert value == 25
    assert found.counted[0, 0] == 4


def test_the_worst_is_named() -> None:
    connected("tickets")
    accounts = [account(str(number)) for number in range(3)]
    for one, opened in zip(accounts, ("2025-06-20", "2025-06-01", "2025-06-25"), strict=True):
        ticket(one, opened)
    value, _, found = book(*accounts, of="oldest_open_ticket")
    assert value == 29
    assert found.worst[0, 0] == accounts[1].pk


def test_of_equally_bad_accounts_the_first_is_named() -> None:
    connected("tickets")
    accounts = [account(str(number)) for number in range(2)]
    for one in accounts:
        ticket(one, "2025-06-20")
    assert book(*accounts, of="oldest_open_ticket")[2].worst[0, 0] == accounts[0].pk
    assert book(*reversed(accounts), of="oldest_open_ticket")[2].worst[0, 0] == accounts[1].pk


def test_a_median_of_accounts_leaves_out_those_without_a_reading() -> None:
    connected("renewals")
    accounts = [account(str(number)) for number in range(4)]
    for one, due in zip(accounts, ("2025-07-10", "2025-07-20", "2025-12-31"), strict=False):
        renewal(one, due)
    value, state, found = book(*accounts, of="days_to_renewal")
    assert (value, state) == (20, State.FRESH)
    assert (found.counted[0, 0], found.n[0, 0]) == (3, 3)


# Missing and held


@pytest.mark.parametrize("metric", declare.every(), ids=lambda metric: metric.key)
def test_a_group_without_a_reading_says_why(metric: declare.Metric) -> None:
    asked = [one for one in everything() if one.metric is metric]
    found = read_above(asked, Cases.on([account().pk, account("Other").pk], day(DAY)), [1, 2], RULES)
    assert np.isnan(found.values).all()
    expected = State.NOT_CONNECTED if metric.streams else State.NONE
    assert set(found.states.ravel().tolist()) == {expected}
    assert not found.counted.any() or expected == State.NONE


def test_of_no_cases_there_are_no_groups() -> None:
    assert read_above(everything(), Cases([], []), [], RULES).values.shape[0] == 0


def test_a_group_is_held_only_where_all_of_it_is() -> None:
    connected("tickets")
    connected("tickets", by="silent", through="2025-06-25")
    alive, silent = account("Alive"), account("Silent")
    ticket(alive, "2025-06-10")
    ticket(silent, "2025-06-10", by="silent")
    heard_of(silent, "tickets", by="silent")
    _, state, found = book(alive, silent, of="open_tickets")
    assert state == State.FRESH
    assert (found.counted[0, 0], found.held[0, 0], found.ages[0, 0]) == (2, 1, 5)
    assert book(silent, of="open_tickets")[1] == State.HELD


# Queries


def test_the_number_of_queries_does_not_grow_with_cases_or_groups() -> None:
    all_connected()
    accounts = [account(str(number)) for number in range(6)]
    for number, one in enumerate(accounts):
        facts_of(one, number % 2)

    def queries(how_many: int) -> int:
        cases = Cases.on([one.pk for one in accounts[:how_many]], day(DAY))
        with CaptureQueriesContext(connection) as captured:
            read_above(everything(), cases, list(range(how_many)), RULES)
        return len(captured)

    assert queries(6) == queries(1)
