"""Licenses in force, ARR, renewals and invoices, computed by hand. The day is 30 June 2025."""

import dataclasses

import pytest

from accounts.models import Account, Product
from accounts.versions import numbers
from health.metrics.cases import Cases
from health.metrics.commercial import LeftOut, left_out
from health.metrics.rules import Rules
from health.scoring.card import State
from tests.health.metrics.contracts import invoice, paying, renewal
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
    source,
    state,
    value,
)

pytestmark = pytest.mark.django_db

RATES = Rules(
    currency="USD",
    rates=(
        ("EUR", day("2024-01-01"), 1.10),
        ("EUR", day("2025-06-30"), 1.20),
        ("GBP", day("2025-07-01"), 1.30),
    ),
)


@pytest.fixture
def acme(db: None) -> Account:
    connected("licenses", "renewals", "invoices")
    return account()


def product() -> int:
    (number,) = numbers(Product, 1)
    Product.objects.create(
        id=number, record=number, source=source(), received_at=moment("2020-01-01"), name="Analytics"
    )
    return number


# A license in force


def test_a_license_is_in_force_from_its_first_through_its_last_day(acme: Account) -> None:
    first = paying(acme, 1200, "2025-03-01", "2025-05-31", received="2020-01-01")
    renewal(acme, "2025-05-31", "lost", "2025-05-20", of=first)
    days = ("2025-02-28", "2025-03-01", "2025-05-31", "2025-06-01")
    assert [value("arr", acme, on) for on in days] == [0, 1200, 1200, 0]


def test_an_open_license_goes_on_until_it_is_canceled(acme: Account) -> None:
    paying(acme, 1200, canceled="2025-06-30")
    assert value("arr", acme, "2025-06-29") == 1200
    assert value("arr", acme, "2025-06-30") == 0


def test_after_its_last_day_a_license_counts_on_for_thirty_days(acme: Account) -> None:
    paying(acme, 1200, ends="2025-05-31")
    assert value("arr", acme, "2025-06-30") == 1200
    assert value("arr", acme, "2025-07-01") == 0
    assert value("arr", acme, "2025-06-01", rules=dataclasses.replace(RULES, grace_days=0)) == 0


def test_the_grace_ends_with_the_decision(acme: Account) -> None:
    first = paying(acme, 1200, ends="2025-05-31")
    renewal(acme, "2025-05-31", "lost", "2025-06-10", of=first)
    assert value("arr", acme, "2025-06-09") == 1200
    assert value("arr", acme, "2025-06-10") == 0


def test_a_renewal_of_no_named_license_is_that_of_the_one_that_ends_about_then(acme: Account) -> None:
    paying(acme, 1200, ends="2025-05-31")
    paying(acme, 500, ends="2025-06-20", product_record=product())
    renewal(acme, "2025-05-01", "lost", "2025-05-15")  # thirty days before the one, fifty before the other
    assert value("arr", acme, "2025-06-25") == 500


def test_a_renewal_of_another_license_does_not_end_the_grace(acme: Account) -> None:
    paying(acme, 1200, ends="2025-05-31")
    other = paying(acme, 500, ends="2025-05-31", product_record=product())
    renewal(acme, "2025-05-31", "lost", "2025-05-20", of=other)
    assert value("arr", acme, "2025-06-10") == 1200


def test_a_renewal_decided_on_no_stated_day_was_when_due_or_when_it_was_learned(acme: Account) -> None:
    first = paying(acme, 1200, ends="2025-05-31")
    renewal(acme, "2025-06-15", "lost", of=first, received="2025-06-05")
    assert value("arr", acme, "2025-06-04") == 1200
    assert value("arr", acme, "2025-06-05") == 0


def test_the_next_license_replaces_the_one_in_its_grace(acme: Account) -> None:
    paying(acme, 1200, ends="2025-05-31")
    paying(acme, 1500, "2025-06-10")
    assert value("arr", acme, "2025-06-09") == 1200
    assert value("arr", acme, "2025-06-10") == 1500


def test_one_begun_on_the_last_day_of_another_replaces_it_on_that_day(acme: Account) -> None:
    paying(acme, 1200, ends="2025-05-31")
    paying(acme, 1500, "2025-05-31")
    assert value("arr", acme, "2025-05-30") == 1200
    assert value("arr", acme, "2025-05-31") == 1500


def test_one_begun_earlier_is_an_addition(acme: Account) -> None:
    paying(acme, 1200, ends="2025-05-31")
    paying(acme, 1500, "2025-05-30")
    assert value("arr", acme, "2025-05-31") == 2700


def test_a_license_of_another_product_replaces_nothing(acme: Account) -> None:
    paying(acme, 1200, ends="2025-05-31")
    paying(acme, 1500, "2025-06-01", product_record=product())
    assert value("arr", acme, "2025-06-10") == 2700


def test_of_two_licenses_for_the_same_single_day_one_counts(acme: Account) -> None:
    paying(acme, 1200, "2025-05-31", "2025-05-31")
    paying(acme, 1500, "2025-05-31", "2025-05-31")
    assert value("arr", acme, "2025-05-31") == 1500


# arr


def test_recurring_amounts_are_taken_for_a_year_and_single_ones_not_at_all(acme: Account) -> None:
    for amount, interval in ((100, "month"), (300, "quarter"), (600, "half_year"), (1200, "year"), (9999, "once")):
        paying(acme, amount, interval=interval)
    paying(acme, 0)
    assert value("arr", acme) == 4800  # four times 1,200


def test_no_license_is_an_arr_of_zero(acme: Account) -> None:
    assert reading("arr", acme)[:3] == (0, State.FRESH, 0)


def test_amounts_are_converted_at_the_rate_table_of_the_day(acme: Account) -> None:
    paying(acme, 1000, currency="EUR")
    paying(acme, 1000)
    assert value("arr", acme, "2025-06-29", rules=RATES) == 2100
    assert value("arr", acme, "2025-06-30", rules=RATES) == 2200


def test_an_amount_without_a_rate_is_left_out_and_listed(acme: Account) -> None:
    paying(acme, 1000, currency="GBP")
    paying(acme, 500, currency="GBP", interval="month")
    paying(acme, 70, currency="GBP", interval="once")
    paying(acme, 1000)
    invoice(acme, 10, "2025-06-01", currency="CHF")
    assert reading("arr", acme, rules=RATES)[:3] == (1000, State.FRESH, 1)
    cases = Cases([acme.pk, acme.pk], [day(DAY), day("2025-07-01")])
    assert left_out(cases, RATES) == [
        LeftOut(0, "licenses", "GBP", 2),
        LeftOut(0, "invoices", "CHF", 1),
        LeftOut(1, "invoices", "CHF", 1),
    ]


def test_where_no_amount_has_a_rate_there_is_no_arr_of_zero(acme: Account) -> None:
    paying(acme, 1000, currency="GBP")
    assert state("arr", acme, rules=RATES) == State.NOT_APPLICABLE


def test_a_license_received_later_is_invisible_as_known_then(acme: Account) -> None:
    first = paying(acme, 1000, "2025-01-01")
    paying(acme, 700, "2025-02-01", received="2025-07-05")
    corrected(first, "2025-07-06", amount=1100)
    assert value("arr", acme, known="2025-07-01") == 1000
    assert value("arr", acme, known="2025-07-05 13:00") == 1700
    assert value("arr", acme) == 1800


def test_a_license_taken_back_ends_what_it_replaced_no_more(acme: Account) -> None:
    paying(acme, 1200, ends="2025-06-15")
    gone(paying(acme, 1500, "2025-06-16"), "2025-07-05")
    assert value("arr", acme, known="2025-07-01") == 1500
    assert value("arr", acme) == 1200


def test_licenses_of_another_account_do_not_count(acme: Account) -> None:
    paying(acme, 1200, ends="2025-06-15")
    paying(account("Other"), 1500, "2025-06-16")
    assert value("arr", acme) == 1200


# arr_change


def test_arr_change_compares_with_the_end_of_the_day_before_the_window(acme: Account) -> None:
    paying(acme, 1000)
    paying(acme, 500, "2024-07-01")  # on the first day of the window
    assert value("arr_change", acme) == 50
    assert value("arr_change", acme, "2025-07-01") == 0


def test_both_ends_are_converted_at_the_later_rates(acme: Account) -> None:
    paying(acme, 1000, currency="EUR")
    paying(acme, 600, "2025-01-01", currency="EUR")
    assert value("arr_change", acme, rules=RATES) == 60


def test_a_customer_who_left_lost_everything(acme: Account) -> None:
    paying(acme, 1000, canceled="2025-05-01")
    assert value("arr_change", acme) == -100


def test_a_change_from_nothing_is_missing(acme: Account) -> None:
    paying(acme, 1000, "2020-01-01", "2020-12-31")
    paying(acme, 1000, "2025-01-01")
    assert state("arr_change", acme) == State.NOT_APPLICABLE


def test_a_change_over_a_year_needs_a_day_more_than_a_year(acme: Account) -> None:
    new = account("New", since="2025-06-30")
    paying(new, 1000, "2024-07-01", received="2024-07-01")
    assert state("arr_change", new) == State.TOO_YOUNG
    assert value("arr_change", new, "2025-07-01") == 0
    assert value("arr_change", new, window=30) == 0


# days_to_renewal


def test_the_earliest_undecided_renewal_counts_and_may_be_overdue(acme: Account) -> None:
    renewal(acme, "2025-06-01", "renewed", "2025-05-20")
    renewal(acme, "2025-09-28")
    assert reading("days_to_renewal", acme)[:3] == (90, State.FRESH, 1)
    renewal(acme, "2025-06-20")
    assert reading("days_to_renewal", acme)[:3] == (-10, State.FRESH, 2)


def test_a_renewal_is_undecided_until_the_day_of_its_decision(acme: Account) -> None:
    renewal(acme, "2025-07-10", "lost", "2025-06-30")
    assert value("days_to_renewal", acme, "2025-06-29") == 11
    assert state("days_to_renewal", acme) == State.NONE


def test_without_a_renewal_there_are_no_days(acme: Account) -> None:
    assert state("days_to_renewal", acme) == State.NEVER
    heard_of(acme, "renewals")
    assert state("days_to_renewal", acme) == State.NONE


def test_a_renewal_moved_later_reads_as_it_was_known(acme: Account) -> None:
    first = renewal(acme, "2025-07-10")
    corrected(first, "2025-07-05", due_on=day("2025-12-31"))
    assert value("days_to_renewal", acme, known="2025-07-01") == 10
    assert value("days_to_renewal", acme) == 184
    renewal(account("Other"), "2025-07-01")
    assert value("days_to_renewal", acme) == 184


def test_a_deleted_renewal_is_gone(acme: Account) -> None:
    gone(renewal(acme, "2025-07-10"), "2025-07-05")
    assert state("days_to_renewal", acme) == State.NONE
    assert value("days_to_renewal", acme, known="2025-07-01") == 10


# overdue_invoices


def test_overdue_is_the_amount_past_due_against_the_arr(acme: Account) -> None:
    paying(acme, 1000)
    invoice(acme, 100, "2025-06-29")
    invoice(acme, 50, "2025-06-01", paid="2025-07-01")
    invoice(acme, 900, "2025-06-30")  # due on the day itself
    invoice(acme, 900, "2025-06-01", paid="2025-06-30")
    invoice(acme, 900, "2025-06-01", voided="2025-06-30")
    assert value("overdue_invoices", acme) == 15  # 150 of 1,000
    assert value("overdue_invoices", acme, "2025-06-29") == 185  # 50, and 900 twice


def test_nothing_overdue_is_zero_and_no_arr_is_not_applicable(acme: Account) -> None:
    assert state("overdue_invoices", acme) == State.NOT_APPLICABLE
    paying(acme, 1000)
    assert value("overdue_invoices", acme) == 0


def test_invoices_are_converted_and_those_that_cannot_be_are_not_taken_for_zero(acme: Account) -> None:
    paying(acme, 1000)
    invoice(acme, 100, "2025-06-01", currency="GBP")
    assert state("overdue_invoices", acme, rules=RATES) == State.NOT_APPLICABLE
    invoice(acme, 100, "2025-06-01", currency="EUR")
    assert value("overdue_invoices", acme, rules=RATES) == 12  # 120 of 1,000


def test_a_payment_received_later_is_invisible_as_known_then(acme: Account) -> None:
    paying(acme, 1000)
    first = invoice(acme, 100, "2025-06-01")
    corrected(first, "2025-07-05", paid_on=day("2025-06-20"))
    assert value("overdue_invoices", acme, known="2025-07-01") == 10
    assert value("overdue_invoices", acme) == 0
    invoice(account("Other"), 100, "2025-06-01")
    assert value("overdue_invoices", acme) == 0


def test_without_invoices_from_anywhere_nothing_is_said() -> None:
    connected("licenses")
    found = account()
    paying(found, 1000)
    assert state("overdue_invoices", found) == State.NOT_CONNECTED
