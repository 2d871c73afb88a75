"""Filters, views, columns and the file of the list of accounts."""

import csv
import datetime as dt
import io
import re
from typing import Any

import pytest
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import (
    Account,
    AttributeDefinition,
    AttributeValue,
    License,
    Renewal,
    Role,
    Sees,
    Stakeholder,
    Task,
    Team,
    Touchpoint,
    User,
)
from health import configuration, words
from health.book import today
from health.metrics.rules import Rules
from health.models import Latest, SavedView, ScorecardVersion, Transition
from health.neighbors import neighbors
from health.rules import document_of
from health.scoring.card import Band, State
from tests.health.company import Company, client_of, settle, text_of
from tests.health.metrics.contracts import attributed
from tests.health.nights import card, in_force, night, rated
from tests.health.worked import scored as judged
from tests.health.worked import worked_example

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tasks_run_at_once")]

DAY = dt.timedelta(days=1)


@pytest.fixture
def version(db: None) -> ScorecardVersion:
    return card()


def scored(account: Account, version: ScorecardVersion, score: float, band: Band, **more: Any) -> None:
    Latest.objects.create(
        account=account, day=today() - DAY, version_id=version.pk, score=score, coverage=1,
        **{"scored": band, "computed": band, "effective": band, **more},
    )  # fmt: skip


@pytest.fixture
def book(company: Company, version: ScorecardVersion) -> Company:
    """Amber fell and is red, Birch rose and is green, Cedar is held by a guard, Dogwood was never scored."""
    now = timezone.now()
    amber, birch, cedar, dogwood = (
        company.account(name, company.dana, stage=stage, tier=tier)
        for name, stage, tier in (
            ("Amber", "Adoption", "enterprise"),
            ("Birch", "Renewal", "enterprise"),
            ("Cedar", "Renewal", "smb"),
            ("Dogwood", "", ""),
        )
    )
    scored(amber, version, 30, Band.RED, score_30=60)
    scored(birch, version, 80, Band.GREEN, score_30=70)
    scored(cedar, version, 75, Band.GREEN, computed=Band.YELLOW, score_30=75)
    Transition.objects.create(account=amber, day=today() - 3 * DAY, kind="band", before=2, after=1)
    for account, days in ((amber, -5), (birch, 20), (cedar, 120)):
        company.fact(Renewal, account=account, due_on=today() + days * DAY)
    company.fact(Touchpoint, account=birch, at=now - 2 * DAY)
    company.fact(Touchpoint, account=cedar, at=now - 40 * DAY)
    company.fact(Stakeholder, account=dogwood, name="Renée Okafor")
    word = AttributeDefinition.objects.create(name="industry", label="Industry", accepted=True)
    for account, text in ((amber, "Food"), (birch, "Retail")):
        AttributeValue.objects.create(
            account=account, definition=word, source=company.crm, occurred_at=now, received_at=now, text=text,
            applied=True,
        )  # fmt: skip
    return company


def names(company: Company, query: str, user: User | None = None) -> list[str]:
    """Those in the list, which are the same whether rows were made ahead or not."""
    found = _names(user or company.dana, query)
    with transaction.atomic():
        settle()
        assert _names(user or company.dana, query) == found
        transaction.set_rollback(True)
    return found


def _names(user: User, query: str) -> list[str]:
    page = client_of(user).get(f"/accounts/?sort=name&{query}")
    assert page.status_code == 200
    return [account.name for account, _ in page.context["rows"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("band=red", ["Amber"]),
        ("band=red&band=green", ["Amber", "Birch"]),
        ("not-band=red", ["Birch", "Cedar", "Dogwood"]),
        ("band=unscored", ["Dogwood"]),
        ("not-band=unscored", ["Amber", "Birch", "Cedar"]),
        ("moved=fell", ["Amber"]),
        ("moved=rose", ["Birch"]),
        ("moved=changed", ["Amber"]),
        ("moved=guard", ["Cedar"]),
        ("due=late", ["Amber"]),
        ("due=30", ["Birch"]),
        ("due=180", ["Cedar"]),
        ("due=30&due=180", ["Birch", "Cedar"]),
        ("renews=30", ["Amber", "Birch"]),
        ("touch=14", ["Cedar"]),
        ("touch=never", ["Amber", "Dogwood"]),
        ("stage=Renewal", ["Birch", "Cedar"]),
        ("stage=Renewal&tier=smb", ["Cedar"]),
        ("not-stage=Renewal", ["Amber", "Dogwood"]),
        ("owner=none", []),
        ("a.industry=Food", ["Amber"]),
        ("not-a.industry=Food", ["Birch", "Cedar", "Dogwood"]),
        ("q=okafor", ["Dogwood"]),
        ("band=nonsense&due=x&owner=x&renews=x&renews_from=x", ["Amber", "Birch", "Cedar", "Dogwood"]),
        ("view=fell", ["Amber"]),
        ("view=silent", ["Amber", "Cedar"]),
        ("not-renews=30", ["Cedar", "Dogwood"]),
        ("not-wants=silent", ["Birch", "Dogwood"]),
    ],
)
def test_the_list_is_filtered_by_its_address(book: Company, query: str, expected: list[str]) -> None:
    assert names(book, query) == expected


def test_renewals_between_two_days(book: Company) -> None:
    span = f"renews_from={today()}&renews_to={today() + 30 * DAY}"
    assert names(book, span) == ["Birch"]


@pytest.mark.parametrize(("query", "others"), [
    (f"renews_from={today()}&renews_to={today() + 30 * DAY}", ["Amber", "Cedar", "Dogwood"]),
    ("renews=30", ["Cedar", "Dogwood"]),
    ("renews=any", ["Dogwood"]),
    ("wants=silent", ["Birch", "Dogwood"]),
    ("due=30", ["Amber", "Cedar", "Dogwood"]),
])  # fmt: skip
def test_every_chip_turns_around_and_back_and_goes(book: Company, query: str, others: list[str]) -> None:
    client = client_of(book.dana)
    chosen = client.get(f"/accounts/?{query}").context["chosen"]
    (one,) = chosen.filters
    assert chosen.lifted(one) == ""
    turned = chosen.turned(one)
    assert names(book, turned) == others
    chosen = client.get(f"/accounts/?{turned}").context["chosen"]
    (one,) = chosen.filters
    assert one.without
    assert chosen.turned(one) == query
    assert chosen.lifted(one) == ""


# --- Customers, and those who were -----------------------------------------------------------------------------------


@pytest.fixture
def left(book: Company, version: ScorecardVersion) -> Company:
    """Elder was a customer, is silent, fell, has no owner."""
    scored(book.account("Elder", stage="Renewal"), version, 20, Band.RED, score_30=60, churned=True)
    return book


@pytest.mark.parametrize("user", ["dana", "mona"])
def test_each_tab_counts_what_its_strip_and_its_list_hold(left: Company, user: str) -> None:
    client = client_of(getattr(left, user))
    for view, count in client.get("/accounts/?view=all").context["chosen"].tabs:
        page = client.get(f"/accounts/?{view.query}")
        assert page.context["strip"].accounts == page.context["strip"].of == len(page.context["rows"]) == count
        assert ("Elder" in text_of(page)) == (view.key == "churned")


def test_who_churned_is_listed_apart_and_the_list_says_so(left: Company) -> None:
    page = text_of(client_of(left.mona).get("/accounts/?view=all"))
    assert "All customers 4" in page
    assert "Churned 1" in page
    assert "Customers only. 1 churned is listed apart." in page
    assert names(left, "view=churned", left.mona) == ["Elder"]
    assert names(left, "band=churned", left.mona) == ["Elder"]
    assert "Churned" not in text_of(client_of(left.dana).get("/accounts/"))


def test_who_churned_are_told_with_what_went_the_newest_loss_first(left: Company, version: ScorecardVersion) -> None:
    elder, older = Account.objects.get(name="Elder"), left.account("Older")
    scored(older, version, 75, Band.GREEN, churned=True)
    Latest.objects.filter(account=older).update(day=today() - 9 * DAY)
    span = {"starts_on": today() - 400 * DAY, "currency": "USD"}
    # A license that ended in the grace before counts, one that ended long before does not.
    left.fact(License, account=elder, amount=2000, ends_on=today() - 3 * DAY, **span)
    left.fact(License, account=elder, amount=700, ends_on=today() - 99 * DAY, **span)
    left.fact(License, account=older, amount=1000, canceled_on=today() - 9 * DAY, **span)
    left.fact(Renewal, account=elder, due_on=today(), outcome="lost", reason="Went back to spreadsheets")
    page = client_of(left.mona).get("/accounts/?view=churned")
    assert [account.name for account in page.context["page"]] == ["Elder", "Older"]
    assert (page.context["strip"].shares, page.context["strip"].lost) == ((), 3000)
    text = text_of(page)
    assert "2 accounts $3k ARR lost" in text
    assert re.search(r"Elder \w+ \d+ \$2k 20\.0 Red Went back to spreadsheets", text)
    sheet = client_of(left.mona).get("/accounts/export.csv?view=churned")
    assert "2000.00,20.0 red,Went back to spreadsheets" in b"".join(sheet).decode()


def test_who_looks_for_a_churned_account_is_led_there(left: Company) -> None:
    page = text_of(client_of(left.mona).get("/accounts/?view=all&q=elder&stage=Renewal"))
    assert "Among those that churned 1 account Look there" in page
    assert names(left, "view=churned&q=elder&stage=Renewal", left.mona) == ["Elder"]


@pytest.mark.parametrize(("tab", "kept", "held"), [
    ("churned", "band=churned&sort=-lost&stage=Renewal", ["Elder"]),
    ("renewing", "due=30&due=90&stage=Renewal", ["Birch"]),
    ("silent", "stage=Renewal&wants=silent", ["Cedar"]),
    ("all", "stage=Renewal", ["Birch", "Cedar"]),
])  # fmt: skip
def test_a_view_that_is_saved_from_a_tab_holds_what_the_tab_held(
    left: Company, tab: str, kept: str, held: list[str]
) -> None:
    client = client_of(left.mona)
    page = client.get(f"/accounts/?view={tab}&stage=Renewal")
    assert page.context["chosen"].asked == kept
    view = save(left.mona, "Kept", kept)
    assert (
        names(left, f"view=s{view.pk}&{view.query}", left.mona)
        == held
        == names(left, f"view={tab}&stage=Renewal", left.mona)
    )
    tabs = {one.key: count for one, count in client.get("/accounts/").context["chosen"].tabs}
    assert tabs[f"s{view.pk}"] == len(held)


def test_facets_count_under_the_other_filters(book: Company) -> None:
    page = client_of(book.dana).get("/accounts/?stage=Renewal&band=green")
    facets = {
        facet.field.key: {option.value: count for option, count, _ in facet.options} for facet in page.context["facets"]
    }
    assert facets["stage"] == {"Renewal": 1}
    assert facets["band"] == {"green": 1, "yellow": 1}
    assert "Stage is Renewal" in text_of(page)


def test_a_chip_turns_around_and_goes(book: Company) -> None:
    chosen = client_of(book.dana).get("/accounts/?stage=Renewal").context["chosen"]
    (one,) = chosen.filters
    assert chosen.turned(one) == "not-stage=Renewal"
    assert chosen.lifted(one) == ""
    assert chosen.toggled("stage", "Adoption") == "stage=Renewal&stage=Adoption"


def test_an_empty_list_says_what_each_filter_costs(book: Company) -> None:
    page = text_of(client_of(book.dana).get("/accounts/?band=red&stage=Renewal"))
    assert "No account here fits all of these." in page
    assert "Without Band is Red 2 accounts" in page
    assert "Without Stage is Renewal 1 account" in page
    assert page.index("Without Band") < page.index("Without Stage")


def test_filters_none_of_which_is_alone_in_the_way_are_taken_away_together(book: Company) -> None:
    answer = client_of(book.dana).get("/accounts/?band=red&stage=Nowhere&tier=Nothing")
    page = text_of(answer)
    assert "Taking one of them away is not enough. Remove all" in page
    assert "Without" not in page
    assert 'href="?view=mine">Remove all' in answer.content.decode()


def test_money_in_two_currencies_is_added_up_at_the_rates_of_the_settings_or_said_to_have_none(book: Company) -> None:
    amber, birch = Account.objects.get(name="Amber"), Account.objects.get(name="Birch")
    book.fact(License, account=amber, starts_on=today(), amount=1000, currency="USD")
    book.fact(License, account=birch, starts_on=today(), amount=5000, currency="EUR")
    page = text_of(client_of(book.dana).get("/accounts/"))
    assert "4 accounts $1k ARR 1 without a rate" in page
    assert "€5k" in page
    assert "ARR in own currencies, totals and order in USD." in page
    assert "own currencies" not in text_of(client_of(book.dana).get("/accounts/?q=amber"))


def test_an_account_shows_its_own_currency_first_and_what_it_counts_for_beside(book: Company) -> None:
    in_force()
    draft = configuration.new_settings()
    draft.document = document_of(Rules(currency="USD", rates=(("EUR", dt.date(2020, 1, 1), 1.5),)))
    draft.save()
    configuration.publish_settings(draft, author=None, note="Euros.", now=timezone.now() - DAY)
    book.fact(License, account=Account.objects.get(name="Birch"), starts_on=today(), amount=4000, currency="EUR")
    page = text_of(client_of(book.dana).get("/accounts/"))
    assert "€4k $6k" in page
    assert "4 accounts $6k ARR" in page


@pytest.mark.parametrize(
    ("query", "listed", "through"),
    [
        ("", 4, {"red", "green", "yellow"}),
        ("band=red", 1, {"red"}),
        ("band=red&band=green", 2, {"red", "green"}),
        ("not-band=red", 3, {"green", "yellow"}),
        ("band=red&not-band=red", 0, set()),
        ("band=red&stage=Renewal", 0, {"red"}),
        ("band=unknown", 0, {"unknown"}),
    ],
)
def test_the_strip_counts_what_is_listed_and_shows_the_other_bands_beside_it(
    book: Company, query: str, listed: int, through: set[str]
) -> None:
    book.fact(License, account=Account.objects.get(name="Amber"), starts_on=today(), amount=1000, currency="USD")
    context = client_of(book.dana).get(f"/accounts/?{query}").context
    strip, chosen = context["strip"], context["chosen"]
    assert strip.accounts == len(context["rows"]) == chosen.found.count() == listed
    assert strip.of == (2 if "stage" in query else 4)
    assert strip.arr == (1000 if "Amber" in {account.name for account, _ in context["rows"]} else 0)
    assert {share.name for share in strip.shares if share.is_listed} == through


def test_the_strip_says_what_it_counts(book: Company) -> None:
    page = client_of(book.dana).get("/accounts/?band=red")
    assert "1 of 4 accounts" in text_of(page)
    assert 'aria-label="Bands of 4 accounts, of which 1 listed"' in page.content.decode()
    assert 'aria-label="Bands of 4 accounts"' in client_of(book.dana).get("/accounts/").content.decode()


def test_columns_are_chosen_by_the_address(book: Company) -> None:
    columns = client_of(book.dana).get("/accounts/?columns=tier&columns=arr").context["chosen"].columns
    assert [column.key for column in columns] == ["name", "tier", "arr"]


def test_who_sees_no_account_but_their_own_needs_no_column_of_owners(book: Company) -> None:
    def has_owners(sees: Sees) -> bool:
        User.objects.filter(pk=book.dana.pk).update(sees=sees)
        chosen = client_of(book.dana).get("/accounts/?view=renewing").context["chosen"]
        return "owner" in {column.key for column in chosen.columns}

    assert [has_owners(sees) for sees in (Sees.OWN, Sees.ALL)] == [False, True]


def test_the_control_of_a_phone_offers_the_addresses_of_the_heads(book: Company) -> None:
    page = client_of(book.dana).get("/accounts/?sort=-renewal&stage=Renewal")
    orders = {value: (words, chosen) for value, words, chosen in page.context["chosen"].orders}
    assert orders["-renewal"] == ("Renewal, latest first", True)
    assert orders["-arr"] == ("ARR, largest first", False)
    assert orders["score"] == ("Score, worst first", False)
    text = page.content.decode()
    form = text[text.index('class="sort-by"') :].split("</form>")[0]
    assert 'href="?sort=renewal&amp;stage=Renewal"' in form
    assert '<input type="hidden" name="stage" value="Renewal">' in form
    for value in orders:
        assert client_of(book.dana).get(f"/accounts/?sort={value}").context["chosen"].orders


# --- Saved views -----------------------------------------------------------------------------------------------------


def save(user: User, name: str, query: str, **more: str) -> SavedView:
    client_of(user).post("/accounts/views/", {"name": name, "query": query, **more})
    return SavedView.objects.get(owner=user, name=name)


def test_a_shared_view_shows_a_colleague_their_own_accounts(book: Company) -> None:
    book.account("Elder", book.marco, stage="Renewal")
    view = save(book.dana, "Renewals", "stage=Renewal&page=3&view=mine", shared="on")
    assert view.query == "stage=Renewal"
    answer = client_of(book.marco).get(f"/accounts/?view=s{view.pk}")
    assert answer.headers["Location"] == f"/accounts/?view=s{view.pk}&stage=Renewal"
    assert names(book, f"view=s{view.pk}&stage=Renewal", book.marco) == ["Elder"]


def test_a_private_view_is_not_there_for_others(book: Company) -> None:
    view = save(book.dana, "Mine", "stage=Renewal")
    marco = client_of(book.marco)
    assert marco.get(f"/accounts/?view=s{view.pk}").status_code == 404
    assert marco.post(f"/accounts/views/{view.pk}/", {"name": "Yours"}).status_code == 404
    assert marco.post(f"/accounts/views/{view.pk}/delete/").status_code == 404
    assert "Mine" not in text_of(marco.get("/accounts/"))


def test_a_view_is_renamed_shared_and_deleted_by_its_owner(book: Company) -> None:
    view = save(book.dana, "Mine", "stage=Renewal")
    dana = client_of(book.dana)
    dana.post(f"/accounts/views/{view.pk}/", {"name": "Ours", "shared": "on"})
    view.refresh_from_db()
    assert (view.name, view.shared, view.query) == ("Ours", True, "stage=Renewal")
    dana.post(f"/accounts/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()


def test_a_view_needs_a_name_of_its_own(book: Company) -> None:
    save(book.dana, "Mine", "stage=Renewal")
    client_of(book.dana).post("/accounts/views/", {"name": "Mine", "query": "tier=smb"})
    client_of(book.dana).post("/accounts/views/", {"name": "  ", "query": "tier=smb"})
    assert SavedView.objects.get().query == "stage=Renewal"


def test_tabs_of_saved_views_count_what_they_hold_for_who_looks_by_one_query(
    book: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    book.account("Elder", book.marco, stage="Renewal")
    client = client_of(book.dana)
    for name, query in (("A", "stage=Renewal"), ("B", "not-band=red&q=d"), ("C", ""), ("D", f"owner={book.marco.pk}")):
        save(book.dana, name, query, shared="on")
    settle()
    with django_assert_num_queries(QUERIES):
        page = client.get("/accounts/")
    counts = {view.label: count for view, count in page.context["chosen"].tabs}
    assert {name: counts[name] for name in "ABCD"} == {"A": 2, "B": 1, "C": 4, "D": 0}
    assert len(names(book, "not-band=red&q=d")) == 1


def test_a_changed_list_offers_to_be_saved(book: Company) -> None:
    assert "Save view" not in text_of(client_of(book.dana).get("/accounts/"))
    assert "Save view" in text_of(client_of(book.dana).get("/accounts/?stage=Renewal"))


# --- Scope -----------------------------------------------------------------------------------------------------------


def test_who_sees_the_team_has_a_tab_for_it_and_sees_no_other_account(book: Company) -> None:
    team = Team.objects.create(name="West")
    User.objects.filter(pk__in=[book.dana.pk, book.marco.pk]).update(team=team)
    User.objects.filter(pk=book.marco.pk).update(sees="team")
    book.account("Elder", User.objects.create_user("eve@loomline.example", None, role=Role.CSM))
    marco = User.objects.get(pk=book.marco.pk)
    assert names(book, "view=team", marco) == ["Amber", "Birch", "Cedar", "Dogwood"]
    assert names(book, "view=all", marco) == ["Amber", "Birch", "Cedar", "Dogwood"]


def test_a_filter_by_owner_names_nobody_whose_accounts_are_not_seen(book: Company) -> None:
    client = client_of(book.dana)
    for number in (book.marco.pk, 999_999):
        page = client.get(f"/accounts/?owner={number}&owner={book.dana.pk}")
        assert "CSM is somebody else or Dana Whitfield" in text_of(page)
        assert "Marco" not in page.content.decode()
    assert "CSM is Marco Reyes" in text_of(client_of(book.mona).get(f"/accounts/?owner={book.marco.pk}"))


# --- The file --------------------------------------------------------------------------------------------------------


def sheet_of(company: Company, query: str = "") -> list[dict[str, str]]:
    answer = client_of(company.dana).get(f"/accounts/export.csv?{query}")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


def test_the_file_holds_what_is_filtered_in_its_order_with_the_columns_that_are_shown(book: Company) -> None:
    rows = sheet_of(book, "stage=Renewal&sort=-name&columns=score,month,renewal")
    assert [row["Account"] for row in rows] == ["Cedar", "Birch"]
    assert rows[1] == {
        "Account": "Birch", "Score": "80.0", "30 d": "10.0", "Renewal": str(today() + 20 * DAY),
        "Id": str(Account.objects.get(name="Birch").public_id),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["=1+1", "+cmd", "-2+3", "@sum(a1)", "\t=1", "\r=1"])
def test_no_cell_can_be_a_formula(company: Company, name: str) -> None:
    company.account(name, company.dana, stage="=HYPERLINK(1)")
    (row,) = sheet_of(company, "columns=stage")
    assert (row["Account"], row["Stage"]) == (f"'{name}", "'=HYPERLINK(1)")


def test_the_file_holds_no_account_of_somebody_else(book: Company) -> None:
    book.account("Elder", book.marco)
    assert "Elder" not in {row["Account"] for row in sheet_of(book, "view=all")}


# --- Beside the rows -------------------------------------------------------------------------------------------------


def test_rows_say_what_moved_them_most_and_what_is_next(company: Company) -> None:
    card(("attribute:health", "0:0, 100:100"), ("attribute:mood", "0:0, 100:100"), name="other")
    in_force(("other", ""), at=str(today() - 60 * DAY))
    acme = company.account("Acme", company.dana)
    Account.objects.update(created_at=timezone.now() - 60 * DAY)
    first = str(today() - 45 * DAY)
    rated(acme, 80, first)
    nights_of = [str(today() - 31 * DAY), str(today() - DAY)]
    night(nights_of[0])
    rated(acme, 50, str(today() - 20 * DAY))
    night(nights_of[1])
    Task.objects.create(account=acme, title="Call them", owner=company.dana, due_on=today(), created_at=timezone.now())
    page = text_of(client_of(company.dana).get("/accounts/"))
    assert "Health −30.0" in page
    assert "Today Call them" in page


def test_what_a_tab_filters_by_stands_there_as_its_filters_and_can_be_taken_away(book: Company) -> None:
    page = client_of(book.dana).get("/accounts/?view=fell")
    chosen = page.context["chosen"]
    (chip,) = chosen.chips
    assert (chip.field.label, chip.words, chosen.sorted_by) == (
        "Movement",
        "Fell 5+, 30 d",
        "30-day movement, worst first",
    )
    facet = next(facet for facet in page.context["facets"] if facet.field.key == "moved")
    assert [option.value for option, _, is_chosen in facet.options if is_chosen] == ["fell"]
    assert "Save view" not in text_of(page), "it is what its tab stands for"
    for query in (chosen.lifted(chip), chosen.toggled("moved", "fell")):
        assert QueryDict(query) == QueryDict("view=mine&sort=month")
    turned = client_of(book.dana).get(f"/accounts/?{chosen.turned(chip)}")
    assert [account.name for account in turned.context["page"]] == ["Cedar", "Birch", "Dogwood"]
    assert "Save view" in text_of(turned)
    assert QueryDict(chosen.toggled("moved", "rose")).getlist("moved") == ["fell", "rose"]


def test_a_movement_is_the_difference_of_the_scores_as_printed_and_decides_what_fell(
    company: Company, version: ScorecardVersion
) -> None:
    ends = {"Exact": (45.24, 35.46), "Just": (65.04, 59.96), "Rounded": (64.95, 60.04), "Half": (70.05, 60.25)}
    for name, (then, now) in ends.items():
        scored(company.account(name, company.dana), version, now, Band.YELLOW, score_30=then)
    printed = {name: words.movement(then, now) for name, (then, now) in ends.items()}
    assert printed == {"Exact": -9.7, "Just": -5.0, "Rounded": -5.0, "Half": -9.8}
    fell = client_of(company.dana).get("/accounts/?view=fell").context["page"]
    assert {account.name: account.moved_30 for account in fell} == printed


def test_a_measure_that_came_or_went_is_named(company: Company) -> None:
    card(("attribute:health", "0:0, 100:100"), ("attribute:mood", "0:0, 100:100"), name="other")
    in_force(("other", ""), at=str(today() - 60 * DAY))
    came, went = company.account("Came", company.dana), company.account("Went", company.dana)
    Account.objects.update(created_at=timezone.now() - 60 * DAY)
    for account in (came, went):
        rated(account, 80, str(today() - 45 * DAY))
    attributed(went, "mood", "20", str(today() - 45 * DAY))
    night(str(today() - 31 * DAY))
    attributed(came, "mood", "20", str(today() - 20 * DAY))
    attributed(went, "mood", None, str(today() - 20 * DAY))
    night(str(today() - DAY))
    page = text_of(client_of(company.dana).get("/accounts/"))
    assert "Mood now known" in page
    assert "Mood now missing" in page


def test_an_account_knows_who_stands_before_and_after_it_in_a_list(book: Company) -> None:
    cedar = Account.objects.get(name="Cedar")
    found = neighbors(cedar, "sort=name&view=mine", book.dana)
    assert found is not None
    assert (found.place, found.total, str(found.before), str(found.after)) == (3, 4, "Birch", "Dogwood")
    assert neighbors(cedar, "band=red", book.dana) is None
    assert neighbors(cedar, "sort=name", book.marco) is None


def test_the_page_of_an_account_leads_on_through_the_list_it_was_opened_from(book: Company) -> None:
    page = client_of(book.dana).get("/accounts/?sort=name&stage=Renewal")
    birch, cedar = (Account.objects.get(name=name) for name in ("Birch", "Cedar"))
    address = f"/accounts/{birch.public_id}/?list=sort%3Dname%26stage%3DRenewal"
    assert address in page.content.decode()
    opened = client_of(book.dana).get(address)
    assert "1 of 2" in text_of(opened)
    assert f"/accounts/{cedar.public_id}/?list=sort%3Dname%26stage%3DRenewal" in opened.content.decode()


def test_the_list_takes_the_same_queries_for_ten_accounts_and_for_two_hundred(
    book: Company, version: ScorecardVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(book.dana)
    client.get("/accounts/")
    settle()
    with django_assert_num_queries(QUERIES):
        client.get("/accounts/")
    for number in range(200):
        scored(book.account(f"Account {number}", book.dana), version, number % 100, Band.YELLOW, score_30=50)
    settle()
    with django_assert_num_queries(QUERIES):
        client.get("/accounts/")


QUERIES = 21


def test_an_account_that_a_guard_keeps_in_a_worse_band_stands_with_that_band_and_says_so(company: Company) -> None:
    worked_example()
    for name, tickets in (("Amber", 3.0), ("Birch", 30.0)):
        judged(company.account(name, company.dana), 90.0, State.NEVER, 60.0, tickets)
    page = client_of(company.dana).get("/accounts/")
    assert [row.name for row in page.context["page"]] == ["Birch", "Amber"]
    assert re.search(r"Birch \d+\.\d Yellow guard", text_of(page))
