"""Which licenses are in force: one rule for the list, the first page, the account's page and the metrics."""

from typing import Any

import pytest
from django.db.models import Q
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import Account, License, Renewal
from health import configuration, listrows
from health.book import in_force, listed, today
from health.census import census
from health.contract import Licensed, licenses
from health.metrics.cases import Cases
from health.metrics.licenses import ARR, IN_FORCE, NOT_CONVERTED, arr_before
from health.metrics.read import rows, summed
from health.metrics.rules import Rules
from health.money import yearly_before
from health.portfolio import Portfolio
from health.rules import document_of
from tests.accounts.build import taken_back
from tests.health.company import DAY, Company, client_of, text_of

pytestmark = pytest.mark.django_db

RULES = Rules(grace_days=30)
SHOWN = ("arr_converted", "seats")


def sold(company: Company, account: Account, begins: int, ends: int | None, **values: Any) -> License:
    """A license from and to so many days from today."""
    days = {"starts_on": today() + begins * DAY, "ends_on": None if ends is None else today() + ends * DAY}
    made: License = company.fact(License, account=account, **days, **values)
    return made


def due(company: Company, account: Account, days: int, outcome: str = "undecided", **values: Any) -> Renewal:
    made: Renewal = company.fact(Renewal, account=account, due_on=today() + days * DAY, outcome=outcome, **values)
    return made


def names(days: int = 0) -> list[str]:
    return sorted(in_force(today() + days * DAY, RULES).values_list("name", flat=True))


@pytest.mark.parametrize(
    ("days", "counting"),
    [(-1, []), (0, ["plan"]), (10, ["plan"]), (11, ["plan"]), (40, ["plan"]), (41, [])],
    ids=["before", "first day", "last day", "in its grace", "last day of grace", "after"],
)
def test_a_license_counts_on_for_a_grace_while_nothing_is_decided(
    company: Company, days: int, counting: list[str]
) -> None:
    sold(company, company.account("Acme"), 0, 10, name="plan")
    assert names(days) == counting


@pytest.mark.parametrize(
    ("due_in", "values", "counting"),
    [
        (10, {"outcome": "undecided"}, ["plan"]),
        (10, {"outcome": "lost", "decided_on": 12}, []),
        (10, {"outcome": "lost", "decided_on": 16}, ["plan"]),
        (41, {"outcome": "lost", "decided_on": 12}, ["plan"]),
        (41, {"outcome": "lost", "decided_on": 12, "named": True}, []),
        (10, {"outcome": "lost"}, []),
    ],
    ids=["undecided", "decided", "decided later", "another contract's", "named", "on no stated day"],
)
def test_a_decision_ends_the_grace(company: Company, due_in: int, values: dict[str, Any], counting: list[str]) -> None:
    account = company.account("Acme")
    plan = sold(company, account, 0, 10, name="plan")
    if values.pop("named", False):
        values["license_record"] = plan.record
    if "decided_on" in values:
        values["decided_on"] = today() + values["decided_on"] * DAY
    due(company, account, due_in, **values)
    assert names(15) == counting


def test_the_next_license_takes_the_place_of_the_last_and_an_add_on_adds_up(company: Company) -> None:
    account = company.account("Acme")
    sold(company, account, -100, 10, name="old")
    sold(company, account, 10, 300, name="new")
    sold(company, account, -5, 300, name="more seats")
    sold(company, account, 0, 300, name="another product", product_record=7)
    assert names(9) == ["another product", "more seats", "old"]
    assert names(10) == ["another product", "more seats", "new"]


SPAN = st.tuples(
    st.integers(-60, 20),
    st.none() | st.integers(0, 90),
    st.none() | st.integers(-20, 20),
    st.sampled_from([None, 1, 2]),
)
DECISION = st.tuples(
    st.integers(-60, 60),
    st.sampled_from(["undecided", "lost", "renewed"]),
    st.none() | st.integers(-40, 20),
    st.booleans(),
)


def test_it_is_the_rule_of_the_metrics(company: Company) -> None:
    account = company.account("Acme")

    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(SPAN, min_size=1, max_size=4), st.lists(DECISION, max_size=3), st.integers(-40, 60))
    def same(spans: list[Any], decisions: list[Any], ahead: int) -> None:
        with taken_back():
            for begins, lasts, canceled, product in spans:
                sold(
                    company, account, begins, None if lasts is None else begins + lasts, product_record=product,
                    canceled_on=None if canceled is None else today() + canceled * DAY,
                )  # fmt: skip
            first = License.objects.order_by("pk")[0].record
            for due_in, outcome, decided, named in decisions:
                day = None if decided is None or outcome == "undecided" else today() + decided * DAY
                due(company, account, due_in, outcome, decided_on=day, license_record=first if named else None)
            on = today() + ahead * DAY
            counted = [record for _, record in rows(IN_FORCE, "f.record", "true", Cases([account.pk], [on]), RULES)]
            assert sorted(in_force(on, RULES).values_list("record", flat=True)) == counted

    same()


def test_what_accounts_paid_a_month_ago_is_what_the_metrics_say(company: Company) -> None:
    acme, other = company.account("Acme"), company.account("Other")
    sold(company, other, -400, 300, amount=700, currency="USD")

    # Accounts of which nothing turned within a month, and those of which something did, both occur often.
    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(SPAN, min_size=1, max_size=4), st.lists(DECISION, max_size=3), st.sampled_from([7, 30, 60]))
    # It ended before, and was in its grace then.
    @example([(-50, 5, None, None)], [], 30)
    def same(spans: list[Any], decisions: list[Any], days: int) -> None:
        with taken_back():
            for begins, lasts, canceled, product in spans:
                sold(
                    company, acme, begins, None if lasts is None else begins + lasts, product_record=product,
                    canceled_on=None if canceled is None else today() + canceled * DAY, amount=100, currency="USD",
                )  # fmt: skip
            first = License.objects.filter(account=acme).order_by("pk")[0].record
            for due_in, outcome, decided, named in decisions:
                day = None if decided is None or outcome == "undecided" else today() + decided * DAY
                due(company, acme, due_in, outcome, decided_on=day, license_record=first if named else None)
            accounts = [acme.pk, other.pk]
            cases, earlier = Cases.on(accounts, today()), arr_before(days)
            found = summed({ARR, earlier}, cases, cases.days, RULES)
            before = yearly_before(accounts, found[ARR], today(), RULES, days=days)
            assert before.tolist() == found[earlier].tolist()

    same()


@pytest.mark.parametrize("made", [True, False], ids=["from rows made ahead", "worked out"])
def test_what_accounts_pay_is_what_the_metrics_say(company: Company, made: bool) -> None:
    account = company.account("Acme")
    amounts, currencies = st.sampled_from([None, 100, "1200.50"]), st.sampled_from(["USD", "EUR", "SEK"])
    rules = Rules(grace_days=30, currency="USD", rates=(("EUR", today() - 400 * DAY, 1.1), ("EUR", today(), 1.25)))
    draft = configuration.new_settings()
    draft.document = document_of(rules)
    draft.save()
    configuration.publish_settings(draft, author=None, note="Euros.", now=timezone.now() - DAY)

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(SPAN, amounts, currencies, st.sampled_from(["month", "year", "once"])), max_size=5))
    def same(sales: list[Any]) -> None:
        with taken_back():
            for (begins, lasts, canceled, product), amount, currency, interval in sales:
                sold(
                    company, account, begins, None if lasts is None else begins + lasts, product_record=product,
                    canceled_on=None if canceled is None else today() + canceled * DAY, amount=amount,
                    currency=currency, interval=interval,
                )  # fmt: skip
            if made:
                listrows.make([account.pk])
                Account.objects.update(dirty_since=None)
            cases = Cases.on([account.pk], today())
            found, counted = (
                summed({ARR, NOT_CONVERTED}, cases, cases.days, rules),
                census(Portfolio.of(Q(), rules)),
            )
            assert counted.arr.tolist() == pytest.approx(found[ARR].tolist())
            assert counted.unrated.tolist() == found[NOT_CONVERTED].tolist()

    same()


def test_the_list_the_first_page_and_the_account_name_the_same_arr_while_a_renewal_is_late(company: Company) -> None:
    account = company.account("Acme", company.dana)
    sold(company, account, -370, -5, name="plan", amount=1200, currency="USD", seats=20)
    due(company, account, -5)
    listrows.make([account.pk])
    row = listed(Account.objects.filter(pk=account.pk), RULES).values_list(*SHOWN).get()
    assert row == (1200, 20)
    assert census(Portfolio.of(Q(pk=account.pk), RULES)).arr.tolist() == [1200.0]
    page = text_of(client_of(company.dana).get(f"/accounts/{account.public_id}/"))
    assert "counts on while its renewal is undecided" in page


@pytest.mark.parametrize(("days", "counts"), [(25, True), (26, False)])
def test_a_row_of_the_list_is_made_anew_when_the_grace_ends(company: Company, days: int, counts: bool) -> None:
    account = company.account("Acme", company.dana)
    sold(company, account, -370, -5, name="plan", amount=1200, currency="USD")
    listrows.make([account.pk])
    assert account.list_row.until == today() + 26 * DAY
    assert bool(names(days)) is counts


def test_a_decision_that_is_dated_ahead_ends_it_on_its_day(company: Company) -> None:
    account = company.account("Acme", company.dana)
    sold(company, account, -370, -5, name="plan", amount=1200, currency="USD")
    due(company, account, -5, "lost", decided_on=today() + 3 * DAY)
    listrows.make([account.pk])
    assert account.list_row.until == today() + 3 * DAY
    assert [names(days) for days in (2, 3)] == [["plan"], []]


def test_the_page_tells_what_counts_from_what_does_not(company: Company) -> None:
    account = company.account("Acme")
    sold(company, account, -400, -50, name="long gone")
    sold(company, account, -370, -5, name="late")
    sold(company, account, -10, 300, name="more seats")
    found: list[Licensed] = licenses(account, RULES)
    assert [(one.license.name, one.in_force, one.in_grace) for one in found] == [
        ("more seats", True, False), ("late", True, True), ("long gone", False, False),
    ]  # fmt: skip
