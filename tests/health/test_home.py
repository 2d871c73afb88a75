"""The first page: what a book says of itself in the morning, and to a manager before a call."""

import datetime as dt
import html
import re
from typing import Any

import numpy as np
import pytest
from django.http import QueryDict
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import calendar
from accounts.models import (
    Account,
    AccountStream,
    License,
    Pulse,
    Renewal,
    Stream,
    StreamSync,
    Task,
    Team,
    Touchpoint,
    User,
    UserDay,
)
from accounts.partitions import ensure_months
from health import attention, configuration, dashboard, lateness, overrides
from health.book import today
from health.dashboard import Book
from health.listing import Choice
from health.metrics.cases import Cases
from health.metrics.read import Read
from health.metrics.rules import Rules
from health.metrics.streams import Streams
from health.models import Latest, Snapshot
from health.movers import movers
from health.rules import document_of
from health.scoring.card import Band
from tests.health.company import DAY, Company, client_of, settle, text_of
from tests.health.nights import card, in_force
from tests.health.worked import stored

PANELS = "strip movers renewals csms bands tasks overrides silent divergence sources".split()


@pytest.fixture(autouse=True)
def judged(company: Company) -> None:
    """One attribute scores as it stands, so that a test says what a score is."""
    card()
    in_force()


def score(account: Account, points: float, days_ago: int = 1) -> Snapshot:
    found = Read(
        np.asarray([[points]]), np.zeros((1, 1), np.int16), np.ones((1, 1), np.int64), np.zeros((1, 1), np.int64)
    )
    return stored(account, found, today() - days_ago * DAY)


def customer(
    company: Company, name: str, owner: User | None, points: float, *, before: float | None = None, days: int = 7,
    amount: int = 120_000, currency: str = "USD", renews_in: int = 60,
) -> Account:  # fmt: skip
    """An account with a license, a renewal, a score of yesterday and perhaps one so many days before that."""
    account = company.account(name, owner)
    company.fact(License, account=account, starts_on=today() - 200 * DAY, ends_on=today() + renews_in * DAY,
                 amount=amount, currency=currency)  # fmt: skip
    company.fact(Renewal, account=account, due_on=today() + renews_in * DAY)
    if before is not None:
        score(account, before, days + 1)
    score(account, points)
    return account


def home(company: Company, user: User | None = None, query: str = "") -> str:
    return text_of(client_of(user or company.dana).get(f"/{query}"))


def test_an_empty_installation_begins_with_the_checklist(company: Company) -> None:
    page = home(company, company.aiko)
    assert "First day" in page
    assert "Set up 1 of 6" in page


def test_a_sentence_says_who_turned_red_how_many_fell_and_what_renews(company: Company) -> None:
    customer(company, "Northgate Casinos", company.dana, 38, before=52, renews_in=20)
    customer(company, "Bluestem Grocers", company.dana, 75, before=76)
    page = home(company)
    assert "Northgate Casinos turned red within 7 days. 1 fell by 5 or more in that time." in page
    assert "1 renews within 30 days, $120k, and 1 of them is red or yellow." in page


def test_the_strip_counts_accounts_and_money_now_and_a_month_ago(company: Company) -> None:
    customer(company, "Northgate Casinos", company.dana, 38, before=75, days=30)
    customer(company, "Bluestem Grocers", company.dana, 75, before=80, days=30)
    page = home(company)
    assert "Green 1 was 2, 30 d ago $120k ARR, was $240k" in page
    assert "Red 1 was 0, 30 d ago $120k ARR, was $0" in page
    assert "ARR at risk, renews in 90 days $120k of $240k 1 of 2 renewals is red or yellow" in page


def test_money_in_two_currencies_is_converted_and_what_has_no_rate_is_named(company: Company) -> None:
    draft = configuration.new_settings()
    draft.document = document_of(Rules(currency="USD", rates=(("EUR", dt.date(2020, 1, 1), 1.5),)))
    draft.save()
    configuration.publish_settings(draft, author=None, note="Euros.", now=timezone.now() - DAY)
    customer(company, "Northgate Casinos", company.dana, 80, amount=100_000)
    customer(company, "Jade Hotels", company.dana, 80, amount=100_000, currency="EUR")
    customer(company, "Fjord Lines", company.dana, 80, amount=100_000, currency="NOK")
    page = home(company)
    assert "Green 3 was 0, 30 d ago $250k ARR" in page
    assert "Left out, for want of a rate: 1 amount in NOK." in page


def test_movers_name_who_fell_most_and_who_rose(company: Company) -> None:
    customer(company, "Northgate Casinos", company.dana, 38, before=52)
    customer(company, "Bluestem Grocers", company.dana, 75, before=76)
    customer(company, "Kestrel Air Cargo", company.dana, 78, before=74)
    page = home(company).split("Movers")[1].split("Renewals by")[0]
    assert page.index("Fell Northgate Casinos") < page.index("Bluestem Grocers") < page.index("Rose Kestrel Air Cargo")
    assert "38.0 Yellow → became Red ↓ down 14.0" in page
    assert "There is nothing to compare with yet." in home(company, query="?days=30")


def test_a_band_that_is_not_of_the_score_says_why_beside_it(company: Company) -> None:
    held = customer(company, "Northgate Casinos", company.dana, 82, before=90)
    lowered = customer(company, "Bluestem Grocers", company.dana, 60, before=90)
    overrides.override(held, band=Band.RED, reason="They told us.", last_day=today() + 3 * DAY, author=company.dana,
                       now=timezone.now())  # fmt: skip
    Latest.objects.filter(account=lowered).update(computed=Band.RED, scored=Band.YELLOW)
    company.fact(Pulse, account=lowered, at=timezone.now(), rating=5)
    page = home(company)
    assert "Northgate Casinos 82.0 Green → became Red override" in page
    assert re.search(r"Bluestem Grocers 60.0 (Green → became )?Red guard", page)
    assert "Bluestem Grocers Red 60.0 guard pulse 5 of 5" in page


def test_renewals_stand_by_quarter_and_band_or_by_owner(company: Company) -> None:
    customer(company, "Northgate Casinos", company.dana, 38, renews_in=3)
    customer(company, "Jade Hotels", company.marco, 75, renews_in=150)
    customer(company, "Late Inc.", company.marco, 75, renews_in=-3)
    by_quarter = home(company, company.mona).split("Renewals by")[1].split("By CSM")[0]
    assert "Late" in by_quarter
    assert (
        "All Red $120k 1 – – Green $120k 1 $240k 2" in by_quarter
        or "All Red $120k 1 – – Green $240k 2 $360k 3" in by_quarter
    )
    by_owner = home(company, company.mona, "?renewals=owner").split("Renewals by")[1].split("By CSM")[0]
    assert by_owner.index("Dana Whitfield Red $120k 1") < by_owner.index("Marco Reyes")


def test_a_manager_sees_all_and_each_csm_in_a_line(company: Company) -> None:
    red = customer(company, "Northgate Casinos", company.dana, 38, before=60, days=30)
    customer(company, "Jade Hotels", company.marco, 75)
    now = timezone.now()
    for owner, due_in in ((company.dana, -1), (company.dana, 0), (company.aiko, -1)):
        Task.objects.create(account=red, title="Call", owner=owner, created_at=now, due_on=today() + due_in * DAY)
    page = home(company, company.mona).split("By CSM")[1]
    assert "Dana Whitfield 1 $120k Red 1 was 0 – was 1 – – 1 $120k 1" in page
    assert "Marco Reyes 1 $120k – – – Green 1 – – –" in page
    assert "All 2 $240k Red 1 was 0 – was 1 – Green 1 1 $120k 1" in page
    assert "By CSM" not in home(company, company.dana)


def test_a_scope_is_offered_only_to_whom_it_is_open(company: Company) -> None:
    north = Team.objects.create(name="North")
    User.objects.filter(pk__in=[company.dana.pk, company.marco.pk]).update(team=north)
    customer(company, "Northgate Casinos", company.dana, 60)
    customer(company, "Jade Hotels", company.marco, 75)
    dana, mona = User.objects.get(pk=company.dana.pk), company.mona
    for scope in ("", "?scope=all", "?scope=team", "?scope=<script>"):
        assert "Jade Hotels" not in home(company, dana, scope)
    assert "My book" not in home(company, dana)
    dana.sees = "team"
    dana.save()
    assert "My book My team" in home(company, dana)
    assert "Yellow 1" in home(company, dana)
    assert "Green 1" in home(company, dana, "?scope=team")
    assert "Green 1" in home(company, mona)
    assert "No account is here." in home(company, mona, "?scope=mine")


def test_bands_over_time_as_chart_and_as_table(company: Company) -> None:
    account = customer(company, "Northgate Casinos", company.dana, 38)
    score(account, 75, 8)
    score(account, 75, 15)
    client = client_of(company.dana)
    chart = client.get("/home/bands/").content.decode()
    assert "Accounts by band, weekly." in chart
    assert "1 green, 0 yellow, 0 red, 0 unknown" in chart
    table = text_of(client.get("/home/bands/?bands-as=table&bands=arr"))
    assert "Week to Red Yellow Unknown Green All" in table
    assert "$120k $0 $0 $0 $120k" in table


def test_what_wants_attention(company: Company) -> None:
    quiet = customer(company, "Saltmarsh Seafood", company.dana, 75)
    loud = customer(company, "Redfern Security", company.dana, 73)
    now = timezone.now()
    company.fact(Touchpoint, account=quiet, at=now - 31 * DAY)
    company.fact(Touchpoint, account=loud, at=now - DAY)
    company.fact(Pulse, account=loud, at=now - DAY, rating=2)
    company.fact(Pulse, account=quiet, at=now - DAY, rating=4)
    overrides.override(quiet, band=Band.RED, reason="They told us.", last_day=today() + 3 * DAY, author=company.dana,
                       now=now)  # fmt: skip
    Task.objects.create(
        account=loud, title="Call the sponsor", owner=company.dana, created_at=now, due_on=today() - 2 * DAY
    )
    Task.objects.create(account=loud, title="Not mine", owner=company.marco, created_at=now, due_on=today())
    late = company.delivery("tickets")
    late.syncs.update(complete_through=now - 3 * DAY)
    page = home(company)
    assert "Silent 1 account Account What is missing For how long Saltmarsh Seafood no touchpoint 31 d" in page
    assert "Score against pulse 1 diverges" in page
    assert "Redfern Security Green 73.0 pulse 2 of 5" in page
    assert "They told us. Dana Whitfield Red 3 d" in page
    assert "My tasks 1 open, 1 late All Call the sponsor Redfern Security 2 d late" in page
    assert "Not mine" not in page
    assert "Late sources 1" in page
    assert "Salesforce tickets" in page


def test_every_number_that_leads_to_the_list_is_the_number_of_accounts_there(company: Company) -> None:
    fill_with_silence(company)
    for user in (company.dana, company.mona):
        for query in ("", "?renewals=owner"):
            page = client_of(user).get(f"/{query}").content.decode()
            led = re.findall(r'<a [^>]*href="/accounts/\?([^"]+)"[^>]*>(.*?)</a>', page)
            counted = [(html.unescape(there), number) for there, said in led if (number := number_in(said)) is not None]
            assert len(counted) > 8
            for there, number in counted:
                assert Choice.of(QueryDict(there), user).found.count() == number, there


def fill_with_silence(company: Company) -> None:
    """Accounts of every band, one unscored, one churned, some silent, some whose pulse says otherwise."""
    now = timezone.now()
    for number, points in enumerate((20, 38, 45, 60, 75, 90)):
        one = customer(company, f"Account {number}", company.dana if number % 2 else company.marco, points, before=55,
                       days=7 if number % 2 else 30, renews_in=10 + 30 * number)  # fmt: skip
        company.fact(Touchpoint, account=one, at=now - number * 9 * DAY)
        company.fact(Pulse, account=one, at=now - 2 * DAY, rating=3)
        company.fact(Pulse, account=one, at=now - DAY, rating=5 - number % 5)
    company.usage(one)
    late = customer(company, "Late Ltd", company.dana, 30, renews_in=-5)
    company.fact(Touchpoint, account=late, at=calendar.start_of(today() - 29 * DAY))
    gone = customer(company, "Gone Ltd", company.dana, 30, before=60, days=30)
    Latest.objects.filter(account=gone).update(churned=True)
    new = company.account("New Ltd", company.dana)
    company.fact(Renewal, account=new, due_on=today() + 20 * DAY)
    Latest.objects.filter(account=one).update(coverage=0.4)


def number_in(said: str) -> int | None:
    """The number of accounts that a link names: beside an amount of money, or by itself."""
    beside = re.search(r'<span class="after">(\d+)</span>', said)
    alone = re.match(r"(\d+)\b", said)
    return int(found.group(1)) if (found := beside or alone) and "%" not in said.replace("below 50 %", "") else None


def test_a_silent_account_says_all_that_is_missing_the_longest_first(company: Company) -> None:
    quiet, stream = customer(company, "Northgate", company.dana, 75), company.delivery("usage")
    AccountStream.objects.create(account=quiet, stream=stream, first_received_at=timezone.now())
    company.fact(Touchpoint, account=quiet, at=timezone.now() - 44 * DAY)
    last = today() - 33 * DAY
    ensure_months("accounts_userday", {last})
    UserDay.objects.create(account=quiet, day=last, received_on=last, grain=1, receipt_assumed=False,
                           end_user_record=1, events=4)  # fmt: skip
    page = text_of(client_of(company.dana).get("/"))
    assert re.search(r"Northgate no touchpoint nobody logged in 3[23].d 44.d", page)


def test_a_customer_of_less_than_a_month_is_not_silent_yet(company: Company) -> None:
    for name, days in (("New Ltd", 29), ("Old Ltd", 30), ("Renewed Ltd", 29)):
        account = company.account(name, company.dana)
        company.fact(License, account=account, starts_on=today() - days * DAY)
        score(account, 80)
    company.fact(License, account=account, starts_on=today() - 400 * DAY, ends_on=today() - 30 * DAY)
    page = home(company).split("Silent")[1].split("Score against pulse")[0]
    assert "Old Ltd no touchpoint never" in page
    assert "Renewed Ltd no touchpoint never" in page
    assert "New Ltd" not in page


def test_use_after_the_last_day_that_is_told_of_whole_is_use_too(company: Company) -> None:
    quiet, stream = customer(company, "Northgate", company.dana, 75), company.delivery("usage")
    StreamSync.objects.update(complete_through=timezone.now() - 20 * DAY)
    AccountStream.objects.create(account=quiet, stream=stream, first_received_at=timezone.now())
    company.fact(Touchpoint, account=quiet, at=timezone.now() - DAY)
    ensure_months("accounts_userday", {today() - 40 * DAY, today() - 10 * DAY})

    def silent_after_use(days: int) -> int:
        UserDay.objects.create(account=quiet, day=today() - days * DAY, received_on=today(), grain=1,
                               receipt_assumed=False, end_user_record=1, events=4)  # fmt: skip
        return int(client_of(company.dana).get("/").context["silent"].count)

    assert [silent_after_use(days) for days in (40, 10)] == [1, 0]


def test_silent_is_the_same_on_the_first_page_and_in_the_list(company: Company) -> None:
    fill_with_silence(company)
    for user in (company.dana, company.mona):
        silent = client_of(user).get("/").context["silent"]
        chosen = Choice.of(QueryDict("view=silent"), user)
        assert silent.count == chosen.found.count() == chosen.counts[chosen.view.key] > 0
        listed = set(chosen.found.numbers())
        assert {one.line.id for one in silent.first} <= listed


def test_a_task_is_added_from_the_first_page_or_what_is_wrong_with_it_said_there(company: Company) -> None:
    customer(company, "Calloway Freight", company.dana, 75)
    client = client_of(company.dana)
    answer = client.post("/home/tasks/add/", {"line": "Call them"}, headers={"HX-Request": "true"})
    assert "Say which account it is for" in text_of(answer)
    assert 'value="Call them"' in answer.content.decode()
    answer = client.post("/home/tasks/add/", {"line": "Call them @Calloway tomorrow"}, headers={"HX-Request": "true"})
    assert "1 open All Call them Calloway Freight tomorrow" in text_of(answer)
    assert "Task added for Calloway Freight." in text_of(answer)
    answer = client.post("/home/tasks/add/", {"line": "Nothing"}, follow=True)
    assert "Say which account it is for" in text_of(answer)
    assert Task.objects.get().owner == company.dana


def test_a_task_is_asked_for_in_a_dialog_which_says_what_is_wrong_with_it(company: Company) -> None:
    customer(company, "Calloway Freight", company.dana, 75)
    client, htmx = client_of(company.dana), {"HX-Request": "true"}
    assert "Add task" in text_of(client.get("/home/tasks/new/", headers=htmx))
    assert client.get("/home/tasks/new/").headers["Location"] == "/tasks/"
    answer = client.post("/home/tasks/new/", {"line": "Call them"}, headers=htmx)
    assert "Say which account it is for" in text_of(answer)
    assert 'value="Call them"' in answer.content.decode()
    answer = client.post("/home/tasks/new/", {"line": "Call them @Calloway"}, headers=htmx)
    assert "account-changed" in answer.headers["HX-Trigger-After-Swap"]
    assert Task.objects.get().title == "Call them"


def test_a_stream_is_late_when_the_metrics_take_it_for_silent(company: Company) -> None:
    stream: Stream = company.delivery("tickets")

    def is_late(hours: int) -> bool:
        stream.syncs.filter(pk=newest.pk).update(complete_through=timezone.now() - dt.timedelta(hours=hours))
        heard = Streams({"tickets"}, []).hear(("tickets",), Cases([0], [today() - DAY]))
        # The metrics count whole days: what is late by hours they take for silent from the next night on.
        assert bool(heard.nights[0]) <= bool(lateness.late())
        return bool(lateness.late())

    newest = stream.syncs.get()
    assert [is_late(hours) for hours in (35, 37)] == [False, True]
    stream.syncs.create(source=company.crm, at=timezone.now() - 5 * DAY, received_at=timezone.now(),
                        complete_through=timezone.now() - 5 * DAY)  # fmt: skip
    assert [is_late(hours) for hours in (60, 90)] == [False, True]
    stream.lag_hours = 24
    stream.save()
    assert [is_late(hours) for hours in (23, 25)] == [False, True]


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_has_an_address_of_its_own(panel: str, company: Company) -> None:
    customer(company, "Northgate Casinos", company.dana, 38)
    client = client_of(company.dana)
    answer = client.get(f"/home/{panel}/?days=30", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    pushed = "/?days=30" if panel in {"movers", "renewals", "bands"} else None
    assert answer.headers.get("HX-Push-Url") == pushed
    assert "<html" not in answer.content.decode()


def test_there_is_no_other_panel(company: Company) -> None:
    assert client_of(company.dana).get("/home/nothing/").status_code == 404


# Where nothing moved, nothing is asked of causes.
@pytest.mark.parametrize(("query", "queries"), [("", 28), ("?renewals=owner&bands=arr&days=30", 25)])
def test_ten_accounts_and_five_hundred_take_the_same_number_of_queries(
    query: str, queries: int, company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(company.mona)
    client.get("/")
    for number in range(10):
        one = customer(company, f"Account {number}", company.dana, 30 + number, before=40, days=7)
    settle()
    with django_assert_num_queries(queries):
        client.get(f"/{query}")
    copied(one, company.marco, 490)
    settle()
    with django_assert_num_queries(queries):
        page = text_of(client.get(f"/{query}"))
    assert "Marco Reyes 490 $58.80M" in page


def test_who_becomes_a_customer_while_the_page_is_made_is_left_to_the_next(company: Company) -> None:
    customer(company, "Alder", company.dana, 30, before=40)
    book = Book(dashboard.Choice.of(QueryDict("scope=all"), company.mona), company.mona)
    assert book.ids
    customer(company, "Birch", company.dana, 60, before=50)
    assert [column.tolist() for column in book.stood(7)] == [[40.0], [Band.YELLOW]]
    assert [one.line.name for one in movers(book).fell] == ["Alder"]
    assert attention.silent(book).count == 1


def copied(account: Account, owner: User, times: int) -> None:
    """So many accounts like this one, with its license, its renewal and its scores."""
    made = Account.objects.bulk_create(
        Account(name=f"Copy {number}", owner=owner, created_at=account.created_at, updated_at=account.updated_at)
        for number in range(times)
    )
    models: list[Any] = [License, Renewal, Latest, Snapshot]
    for model in models:
        rows = list(model.objects.filter(account=account).values())
        for row in rows:
            row.pop("id", None)
        model.objects.bulk_create(
            model(**row | {"account_id": copy.pk} | ({"record": 10**6 + copy.pk} if "record" in row else {}))
            for copy in made
            for row in rows
        )


def test_the_frame_counts_accounts_and_tells_when_scores_were_made(company: Company) -> None:
    customer(company, "Northgate Casinos", company.dana, 38)
    page = home(company)
    assert "Home Accounts 1" in page
    assert "Scored " in page
