"""What is done with several accounts at once: who may, to which accounts, and how it is undone."""

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import owners
from accounts.models import Account, Job, License, Role, Sees, Task, Team, User
from health import selection
from health.book import today
from tests.health.company import DAY, Company, client_of, settle, text_of

pytestmark = pytest.mark.django_db

OWNER, TASKS, FILE = "/accounts/selected/owner/", "/accounts/selected/tasks/", "/accounts/selected/export.csv"


@pytest.fixture
def book(company: Company) -> Company:
    """Amber and Birch are Dana's, Cedar is Marco's, Dogwood is nobody's."""
    for name, owner in (("Amber", company.dana), ("Birch", company.dana), ("Cedar", company.marco), ("Dogwood", None)):
        account = company.account(name)
        company.attribute(account, "name", name)
        if owner:
            owners.assign([account], owner, by=company.aiko, now=timezone.now() - DAY)
    return company


def ids(*names: str) -> list[str]:
    return [str(Account.objects.get(name=name).public_id) for name in names]


def send(user: User, door: str, *names: str, **fields: Any) -> Any:
    return client_of(user).post(door, {"id": ids(*names), **fields}, follow=True)


def owner_of(name: str) -> User | None:
    owner: User | None = Account.objects.get(name=name).owner
    return owner


def made_by(user: User) -> list[Job]:
    return list(Job.objects.filter(requested_by=user))


def undo(client: Client, page: str) -> Any:
    """Press what the last message offers."""
    form = re.search(r'<form class="toast-undo" method="post" action="([^"]+)".*?</form>', page, flags=re.S)
    assert form is not None
    kept = re.search(r'name="kept" value="([^"]+)"', form.group(0))
    return client.post(form.group(1), {"kept": kept.group(1)} if kept else {}, follow=True)


# --- Owners ----------------------------------------------------------------------------------------------------------


def test_a_manager_assigns_what_is_selected_and_takes_it_back(book: Company) -> None:
    client = client_of(book.mona)
    answer = client.post(OWNER, {"id": ids("Amber", "Cedar", "Dogwood"), "owner": book.marco.pk}, follow=True)
    assert "2 accounts now belong to Marco Reyes. 1 did already." in text_of(answer)
    assert [owner_of(name) for name in ("Amber", "Birch", "Dogwood")] == [book.marco, book.dana, book.marco]
    assert Job.objects.latest("pk").requested_by == book.mona
    assert "2 accounts: the owner is who it was before." in text_of(undo(client, answer.content.decode()))
    assert owner_of("Dogwood") is None


def test_an_owner_that_a_source_tells_stays_and_the_source_is_named(book: Company) -> None:
    book.attribute(Account.objects.get(name="Dogwood"), "owner", "olga@loomline.example")
    answer = send(book.mona, OWNER, "Dogwood", owner=book.marco.pk)
    assert "1 stays: its owner comes from Salesforce." in text_of(answer)
    assert owner_of("Dogwood") is None


def test_the_form_says_how_many_and_what_they_pay(book: Company) -> None:
    for name, amount, currency in (("Amber", 1000, "USD"), ("Cedar", 500, "EUR")):
        account = Account.objects.get(name=name)
        book.fact(License, account=account, starts_on=today(), amount=amount, currency=currency)
    form = send(book.mona, OWNER, "Amber", "Cedar", "Dogwood", "Birch", ask="1")
    assert "4 accounts , $1,000 ARR, 1 without a rate: Amber, Birch, Cedar and 1 more." in text_of(form)
    assert not made_by(book.mona)


def test_a_csm_may_not_assign_and_is_not_offered_to(book: Company) -> None:
    assert send(book.dana, OWNER, "Amber", owner=book.marco.pk).status_code == 403
    assert "Assign owner" not in text_of(client_of(book.dana).get("/accounts/"))
    assert "Assign owner" in text_of(client_of(book.mona).get("/accounts/"))


def test_nobody_who_left_can_own_an_account(book: Company) -> None:
    User.objects.filter(pk=book.marco.pk).update(is_active=False)
    answer = send(book.mona, OWNER, "Amber", owner=book.marco.pk)
    assert "Choose one of these: others cannot own it." in text_of(answer)
    assert "Marco Reyes" not in text_of(answer)
    assert owner_of("Amber") == book.dana


def test_who_sees_a_team_assigns_within_it(book: Company) -> None:
    west = Team.objects.create(name="West")
    User.objects.filter(pk__in=[book.dana.pk, book.mona.pk]).update(team=west)
    User.objects.filter(pk=book.mona.pk).update(sees=Sees.TEAM)
    lead = User.objects.get(pk=book.mona.pk)
    assert "Choose one of these" in text_of(send(lead, OWNER, "Amber", owner=book.marco.pk))
    assert send(lead, OWNER, "Cedar", owner=lead.pk).status_code == 404
    assert "1 account now belongs to Mona Okafor. 1 left out" in text_of(
        send(lead, OWNER, "Amber", "Cedar", owner=lead.pk)
    )
    assert owner_of("Cedar") == book.marco


def test_only_who_assigned_takes_it_back_and_only_while_nobody_assigned_since(book: Company) -> None:
    olga = User.objects.create_user("olga@loomline.example", name="Olga Brandt", role=Role.MANAGER)
    page = send(book.mona, OWNER, "Amber", owner=book.marco.pk).content.decode()
    assert client_of(olga).post(f"{OWNER}{made_by(book.mona)[0].pk}/undo/").status_code == 404
    send(olga, OWNER, "Amber", owner=olga.pk)
    assert "Somebody has assigned one of them since." in text_of(undo(client_of(book.mona), page))
    assert owner_of("Amber") == olga


# --- Tasks -----------------------------------------------------------------------------------------------------------


def test_each_selected_account_gets_a_task_for_its_owner(book: Company) -> None:
    client = client_of(book.mona)
    User.objects.filter(pk=book.marco.pk).update(is_active=False)
    sent = {"id": ids("Amber", "Cedar", "Dogwood"), "title": "Ask for the plan tomorrow", "owner": ""}
    answer = client.post(TASKS, sent, follow=True)
    assert "Task added at 3 accounts, due Tomorrow." in text_of(answer)
    made = {task.account.name: task.owner for task in Task.objects.all()}
    assert made == {"Amber": book.dana, "Cedar": book.mona, "Dogwood": book.mona}
    assert {(task.title, task.due_on, task.author) for task in Task.objects.all()} == {
        ("Ask for the plan", today() + DAY, book.mona)
    }
    Task.objects.filter(account__name="Cedar").update(done_at=timezone.now(), done_by=book.mona)
    assert "2 tasks deleted." in text_of(undo(client, answer.content.decode()))
    assert Task.objects.get().account.name == "Cedar"


def test_a_task_can_be_for_somebody_who_sees_all_that_is_selected(book: Company) -> None:
    form = text_of(send(book.mona, TASKS, "Amber", "Cedar", ask="1"))
    assert "Each account’s owner" in form
    assert "Dana Whitfield" not in form
    send(book.mona, TASKS, "Amber", "Cedar", title="Look at it", owner=book.aiko.pk)
    assert {task.owner for task in Task.objects.all()} == {book.aiko}


def test_a_task_without_a_title_asks_for_one(book: Company) -> None:
    assert "Say what is to be done." in text_of(send(book.dana, TASKS, "Amber", title=" "))
    assert not Task.objects.exists()


def test_nobody_takes_back_what_somebody_else_added(book: Company) -> None:
    page = send(book.mona, TASKS, "Amber", title="Look").content.decode()
    undo(client_of(book.dana), page)
    assert Task.objects.count() == 1
    assert client_of(book.dana).post(f"{TASKS}undo/", {"kept": "nonsense"}).status_code == 404


# --- What is selected ------------------------------------------------------------------------------------------------


def test_somebody_elses_account_is_left_out_with_a_word_and_alone_is_not_there(book: Company) -> None:
    answer = send(book.dana, TASKS, "Amber", "Cedar", title="Look")
    assert "Task added at 1 account. 1 left out: not there for you any more." in text_of(answer)
    assert not Task.objects.filter(account__name="Cedar").exists()
    assert send(book.dana, TASKS, "Cedar", title="Look").status_code == 404
    assert send(book.dana, FILE, "Cedar").status_code == 404


def test_all_of_the_list_is_what_its_address_stands_for(book: Company) -> None:
    client_of(book.mona).post(TASKS, {"all": "1", "list": "view=all&q=bi&not-stage=x", "title": "Look"})
    assert set(Task.objects.values_list("account__name", flat=True)) == {"Birch"}
    Task.objects.all().delete()
    client_of(book.dana).post(TASKS, {"all": "1", "list": "view=all", "title": "Look"})
    assert set(Task.objects.values_list("account__name", flat=True)) == {"Amber", "Birch"}


@pytest.mark.parametrize("door", [OWNER, TASKS, FILE])
@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "No account is selected."),
        ({"id": "nonsense"}, "names something that is no account"),
        ({"id": "a\0b"}, "names something that is no account"),
        ({"list": "view=\0&page=x&columns=%00"}, "No account is selected."),
    ],
)
def test_what_is_no_selection_is_refused_in_words(book: Company, door: str, sent: dict[str, str], says: str) -> None:
    answer = client_of(book.mona).post(door, {"title": "Look", "owner": book.dana.pk, **sent})
    assert answer.status_code == 400
    assert says in text_of(answer)


@pytest.mark.parametrize("sent", [{"owner": "nonsense"}, {"owner": "9" * 30}, {"owner": "a\0b"}, {"title": "a\0b"}])
@pytest.mark.parametrize("door", [OWNER, TASKS])
def test_nonsense_in_a_form_comes_back_with_its_error(book: Company, door: str, sent: dict[str, str]) -> None:
    answer = client_of(book.mona).post(door, {"id": ids("Amber"), "title": "Look", **sent})
    assert answer.status_code == 200
    assert not made_by(book.mona)


def test_too_many_are_refused_and_the_list_does_not_offer_them(book: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "MOST", 2)
    for sent in ({"id": ids("Amber", "Birch", "Cedar")}, {"all": "1", "list": "view=all"}):
        answer = client_of(book.mona).post(TASKS, {"title": "Look", **sent})
        assert answer.status_code == 400
        assert "are too many at once: at most 2. Filter the list first." in text_of(answer)
    assert not Task.objects.exists()


def test_only_what_is_posted_with_its_token_goes_through(book: Company) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(book.mona)
    for door in (OWNER, TASKS, FILE):
        assert strict.get(door).status_code == 405
        assert strict.post(door, {"id": ids("Amber"), "title": "Look", "owner": book.marco.pk}).status_code == 403
    assert owner_of("Amber") == book.dana


def test_the_file_holds_what_is_selected_in_the_order_and_with_the_columns_of_the_list(book: Company) -> None:
    Account.objects.filter(name="Birch").update(name="=1+1")
    answer = client_of(book.dana).post(FILE, {"id": ids("Amber", "=1+1", "Cedar"), "list": "sort=-name&columns=owner"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[:2] for row in rows] == [["Account", "Owner"], ["Amber", "Dana Whitfield"], ["'=1+1", "Dana Whitfield"]]


@pytest.mark.parametrize(("door", "queries"), [(OWNER, 26), (TASKS, 10)])
def test_an_action_takes_the_same_queries_for_two_accounts_and_for_fifty(
    book: Company, door: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(50):
        book.account(f"Elder {number}", book.dana)
    chosen = [str(one) for one in Account.objects.filter(name__startswith="Elder").values_list("public_id", flat=True)]
    client = client_of(book.mona)
    sent = {"title": "Look", "owner": book.marco.pk if door == OWNER else "", "list": "view=all"}
    client.post(door, {"id": chosen[:1], **sent})
    settle()
    with django_assert_num_queries(queries):
        client.post(door, {"id": chosen[1:3], **sent})
    settle()
    with django_assert_num_queries(queries):
        client.post(door, {"id": chosen[3:], **sent})
