"""The list of accounts: whose they are, what stands beside each, and what is said while there is none."""

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import License, Renewal, Touchpoint
from health.book import today
from tests.health.company import DAY, Company, client_of, settle, text_of


def names(client: object, address: str = "/accounts/") -> list[str]:
    answer = client.get(address)  # type: ignore[attr-defined]
    return [account.name for account in answer.context["page"]]


def test_an_empty_installation_says_which_command_comes_first(company: Company) -> None:
    page = text_of(client_of(company.aiko).get("/accounts/"))
    assert "No account is here yet." in page
    assert "python manage.py import accounts accounts.csv --source crm" in page
    assert "Set up 0 of 6" in page


def test_a_csm_in_an_empty_installation_is_told_who_imports_and_by_which_address(company: Company) -> None:
    page = text_of(client_of(company.dana).get("/accounts/"))
    assert "An admin imports them." in page
    assert "dana@loomline.example" in page
    assert "manage.py" not in page


def test_a_csm_without_accounts_is_told_how_one_becomes_theirs(company: Company) -> None:
    company.account("Jade Hotels", company.marco)
    page = text_of(client_of(company.dana).get("/accounts/"))
    assert "No account is yours yet." in page
    assert "Jade Hotels" not in page


def test_a_csm_sees_their_own_book_and_no_other_account(company: Company) -> None:
    company.account("Calloway Freight", company.dana)
    company.account("Jade Hotels", company.marco)
    for view in ("", "?view=all", "?view=unowned", "?view=renewing&q=Jade", "?q=Jade"):
        assert "Jade Hotels" not in names(client_of(company.dana), f"/accounts/{view}")
    assert names(client_of(company.dana)) == ["Calloway Freight"]


def test_a_manager_sees_all_accounts_and_an_own_book_first_if_there_is_one(company: Company) -> None:
    company.account("Calloway Freight", company.dana)
    assert names(client_of(company.mona)) == ["Calloway Freight"]
    company.account("Elm Foods", company.mona)
    assert names(client_of(company.mona)) == ["Elm Foods"]
    assert names(client_of(company.mona), "/accounts/?view=all") == ["Calloway Freight", "Elm Foods"]


def test_a_deleted_account_is_not_listed(company: Company) -> None:
    company.account("Calloway Freight", company.dana, deleted_at=timezone.now())
    company.account("Elm Foods", company.dana)
    assert names(client_of(company.dana)) == ["Elm Foods"]


def test_a_row_shows_what_is_known_and_says_what_is_not(company: Company) -> None:
    known = company.account("Calloway Freight", company.dana, stage="Renewal")
    company.everything_about(known)
    company.account("Elm Foods", company.dana)
    page = text_of(client_of(company.dana).get("/accounts/"))
    assert "Calloway Freight – not scored $147k 85 d" in page
    assert "Elm Foods – not scored – none never" in page
    page = text_of(client_of(company.dana).get("/accounts/?columns=stage,owner,seats"))
    assert "Calloway Freight Renewal Dana Whitfield 160" in page
    assert "Elm Foods – Dana Whitfield –" in page


def test_amounts_count_by_the_year_and_only_while_the_license_is_in_force(company: Company) -> None:
    account, day = company.account("Calloway Freight", company.dana), today()
    amount = {"account": account, "currency": "USD", "seats": 10}
    company.fact(License, starts_on=day, ends_on=day + DAY, amount=100, interval="month", **amount)
    company.fact(License, starts_on=day - DAY, amount=1000, interval="quarter", **amount)
    company.fact(License, starts_on=day, amount=500, interval="once", **amount)
    company.fact(License, starts_on=day + DAY, amount=7, **amount)
    company.fact(License, starts_on=day - 90 * DAY, ends_on=day - 31 * DAY, amount=7, **amount)
    company.fact(License, starts_on=day - 9 * DAY, canceled_on=day, amount=7, **amount)
    company.fact(License, starts_on=day, amount=7, superseded_at=timezone.now() + DAY, **amount)
    (row,) = client_of(company.dana).get("/accounts/").context["page"]
    assert (row.arr, row.seats) == (5200, 30)


def test_amounts_in_two_currencies_are_not_added_up(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    for currency in ("USD", "EUR"):
        company.fact(License, account=account, starts_on=today(), amount=1000, currency=currency)
    page = text_of(client_of(company.dana).get("/accounts/"))
    assert "EUR, USD" in page
    assert "2,000" not in page


def test_the_renewal_is_the_earliest_undecided_one_and_a_late_one_says_so(company: Company) -> None:
    account, day = company.account("Calloway Freight", company.dana), today()
    company.fact(Renewal, account=account, due_on=day + 40 * DAY)
    company.fact(Renewal, account=account, due_on=day - 2 * DAY)
    company.fact(Renewal, account=account, due_on=day - 90 * DAY, outcome="renewed")
    assert "2 d late" in text_of(client_of(company.dana).get("/accounts/"))


def test_the_last_touch_is_the_last_one_that_was_held(company: Company) -> None:
    account, now = company.account("Calloway Freight", company.dana), timezone.now()
    company.fact(Touchpoint, account=account, at=now - 9 * DAY)
    company.fact(Touchpoint, account=account, at=now - 3 * DAY, status="no_show")
    company.fact(Touchpoint, account=account, at=now + 3 * DAY)
    assert "9 d" in text_of(client_of(company.dana).get("/accounts/"))


def test_accounts_are_found_by_a_part_of_the_name_or_by_an_outside_id(company: Company) -> None:
    calloway = company.account("Calloway Freight", company.dana)
    company.account("100% Foods", company.dana)
    client = client_of(company.dana)
    assert names(client, "/accounts/?q=FREIGHT") == ["Calloway Freight"]
    assert names(client, "/accounts/?q=reight") == []
    assert names(client, f"/accounts/?q=X-{calloway.pk}") == ["Calloway Freight"]
    assert names(client, "/accounts/?q=%25") == ["100% Foods"]


def test_a_search_without_result_says_what_each_filter_costs(company: Company) -> None:
    company.account("Calloway Freight", company.mona)
    page = text_of(client_of(company.mona).get("/accounts/?q=<nobody>"))
    assert "No account of yours is called “&lt;nobody&gt;”." in page
    assert "1 account Remove" in page
    assert "Among all customers Look there" in page


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", "Amber Birch Cedar"),
        ("-name", "Cedar Birch Amber"),
        ("renewal", "Cedar Amber Birch"),
        ("-renewal", "Amber Cedar Birch"),
        ("-seats", "Cedar Amber Birch"),
        ("seats", "Amber Cedar Birch"),
        ("nonsense", "Amber Birch Cedar"),
        ("owner_id;drop", "Amber Birch Cedar"),
    ],
)
def test_the_list_is_sorted_as_asked_and_accounts_without_a_value_come_last(
    sort: str, expected: str, company: Company
) -> None:
    day = today()
    amber, _, cedar = (company.account(name, company.dana) for name in ("Amber", "Birch", "Cedar"))
    company.fact(Renewal, account=amber, due_on=day + 9 * DAY)
    company.fact(Renewal, account=cedar, due_on=day + DAY)
    company.fact(License, account=amber, starts_on=day, seats=1)
    company.fact(License, account=cedar, starts_on=day, seats=2)
    assert names(client_of(company.dana), f"/accounts/?sort={sort}") == expected.split()


def test_the_list_says_how_it_is_sorted(company: Company) -> None:
    company.account("Calloway Freight", company.dana)
    assert "Sorted by band and score, worst first" in text_of(client_of(company.dana).get("/accounts/"))
    assert "Sorted by renewal, soonest first" in text_of(client_of(company.dana).get("/accounts/?sort=renewal"))
    assert "Sorted by ARR, largest first" in text_of(client_of(company.dana).get("/accounts/?sort=-arr"))


def test_the_list_comes_in_pages_of_fifty(company: Company) -> None:
    for number in range(51):
        company.account(f"Account {number:02}", company.dana)
    client = client_of(company.dana)
    assert len(names(client, "/accounts/?sort=name")) == 50
    assert names(client, "/accounts/?sort=name&page=2") == ["Account 50"]
    assert names(client, "/accounts/?sort=name&page=99") == ["Account 50"]
    assert len(names(client, "/accounts/?sort=name&page=x")) == 50
    assert "1–50 of 51" in text_of(client.get("/accounts/"))


def test_a_view_holds_what_its_tab_counts(company: Company) -> None:
    soon, late, unowned = company.account("Soon", company.dana), company.account("Late", company.dana), "Nobody’s"
    company.fact(Renewal, account=soon, due_on=today() + dt.timedelta(days=90))
    company.fact(Renewal, account=late, due_on=today() + dt.timedelta(days=91))
    company.account(unowned)
    client = client_of(company.mona)
    assert names(client, "/accounts/?view=renewing") == ["Soon"]
    assert names(client, "/accounts/?view=unowned") == [unowned]
    assert "All customers 3 Renews in 90 days 1 Fell in 30 days 0 Silent 0 Without owner 1" in text_of(
        client.get("/accounts/")
    )


def test_only_the_list_is_sent_when_only_the_list_is_asked_for(company: Company) -> None:
    company.account("Calloway Freight", company.dana)
    part = client_of(company.dana).get("/accounts/?q=cal", headers={"HX-Request": "true"}).content.decode()
    assert "Calloway Freight" in part
    assert "<html" not in part
    assert 'role="status"' in part
    assert "/accounts/export.csv?q=cal" in part
    assert '<input type="hidden" name="q" value="cal">' in part


def test_the_list_takes_the_same_few_queries_however_long_it_is(
    company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(company.mona)
    for number in range(60):
        account = company.account(f"Account {number}", company.dana)
        company.fact(License, account=account, starts_on=today(), seats=5, amount=10, currency="USD")
        company.fact(Renewal, account=account, due_on=today())
    settle()
    with django_assert_num_queries(18):  # the values of fields, their counts at once, and what stands beside rows
        client.get("/accounts/?view=all")


def test_the_empty_list_takes_a_few_queries(
    company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(company.aiko)
    settle()
    with django_assert_num_queries(23):
        client.get("/accounts/")
