"""What is done about an account, through its doors: log, note, set, override, give tasks; with undo, with and without scripts."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import work
from accounts.models import Account, ExternalId, Note, Pulse, Role, Sees, Stakeholder, Task, Team, Touchpoint, User
from health import overrides
from health.book import today
from health.models import Alert, Override
from health.scoring.card import Band
from tests.health.company import DAY, PASSWORD, Company, client_of, text_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def acme(company: Company) -> Account:
    return company.account("Calloway Freight", company.dana)


def post(user: User, account: Account, door: str, **given: Any) -> Any:
    return client_of(user).post(f"/accounts/{account.public_id}/{door}", given, headers=HTMX)


def contact(company: Company, account: Account, name: str) -> int:
    person = company.fact(Stakeholder, account=account, name=name)
    ExternalId.objects.create(
        kind="stakeholders", source=company.crm, external_id=name, record=person.record, account=account
    )
    record: int = person.record
    return record


def undo(user: User, answer: Any) -> Any:
    """Press Undo in the toast of an answer."""
    page = answer.content.decode()
    address = re.search(r'class="toast-undo" method="post" action="([^"]+)"', page)
    assert address is not None, page
    fields = dict(re.findall(r'<input type="hidden" name="(kept|open|back)" value="([^"]*)"', page))
    return client_of(user).post(address.group(1), fields, headers=HTMX)


def task(account: Account, title: str, owner: User, due: dt.timedelta | None = None) -> Task:
    due_on = None if due is None else today() + due
    return work.add_task(account, title, owner=owner, author=owner, due_on=due_on, now=timezone.now())


# --- Touchpoints and pulses


def test_a_touchpoint_is_logged_from_one_line(company: Company, acme: Account) -> None:
    renee = contact(company, acme, "Renée Okafor")
    answer = post(company.dana, acme, "touchpoints/", text="Met @Renee yesterday about the export")
    logged = Touchpoint.objects.known().get()
    assert (logged.kind, logged.status, logged.participants) == ("meeting", "held", [renee])
    assert logged.at.date() == today() - DAY
    assert logged.subject == "Met Renée Okafor yesterday about the export"
    assert "account-changed" in answer.headers["HX-Trigger-After-Swap"]
    assert "Meeting logged." in text_of(answer)
    undo(company.dana, answer)
    assert not Touchpoint.objects.known().exists()


def test_a_name_that_fits_two_is_asked_about_and_nothing_is_logged(company: Company, acme: Account) -> None:
    for name in ("Greta Lind", "Greta Moss", "Hugh Marchetti"):
        contact(company, acme, name)
    line = "Met @Greta and @hugh about the export"
    answer = post(company.dana, acme, "touchpoints/", text=line)
    assert "Which Greta: Greta Lind or Greta Moss?" in text_of(answer)
    assert line in text_of(answer)
    assert not Touchpoint.objects.exists()
    said = text_of(post(company.dana, acme, "touchpoints/understood/", text=line))
    assert "Which Greta? @Greta Lind @Greta Moss" in said


def test_who_was_chosen_is_meant_by_a_name_that_fits_two(company: Company, acme: Account) -> None:
    contact(company, acme, "Greta Lind")
    moss = contact(company, acme, "Greta Moss")
    post(company.dana, acme, "touchpoints/", text="Call with @Greta", contact=[moss])
    logged = Touchpoint.objects.known().get()
    assert (logged.subject, logged.participants) == ("Call with Greta Moss", [moss])


def test_a_chip_counts_more_than_the_line(company: Company, acme: Account) -> None:
    paula = contact(company, acme, "Paula Stroud")
    day = today() + 3 * DAY
    post(
        company.dana,
        acme,
        "touchpoints/",
        text="Called yesterday",
        kind="training",
        on=day.isoformat(),
        contact=[paula],
    )
    logged = Touchpoint.objects.known().get()
    assert (logged.kind, logged.status, logged.participants) == ("training", "planned", [paula])
    assert logged.at.date() == day


def test_somebody_of_another_account_cannot_have_taken_part(company: Company, acme: Account) -> None:
    other = contact(company, company.account("Elm Foods", company.dana), "Hugh Marchetti")
    post(company.dana, acme, "touchpoints/", text="Call", contact=[other, "x", ""])
    assert Touchpoint.objects.known().get().participants == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"text": " "}, "Say what happened, in a line."),
        ({"text": "Call tomorrow", "status": "held"}, "It lies ahead, so it has not taken place yet."),
        ({"text": "Call", "kind": "dinner"}, "Select a valid choice."),
    ],
)
def test_a_touchpoint_that_cannot_be_is_refused_in_place(
    given: dict[str, str], says: str, company: Company, acme: Account
) -> None:
    answer = post(company.dana, acme, "touchpoints/", **given)
    assert says in text_of(answer)
    assert "HX-Trigger-After-Swap" not in answer.headers
    assert not Touchpoint.objects.exists()


def test_what_the_line_says_so_far_is_shown_and_nothing_is_saved(company: Company, acme: Account) -> None:
    for name in ("Renée Okafor", "Paul Okafor"):
        contact(company, acme, name)
    said = text_of(post(company.dana, acme, "touchpoints/understood/", text="E-mail to @Renée tomorrow, @oka"))
    assert "E-mail" in said
    assert "Renée Okafor , named in the line" in said
    assert "@Paul Okafor @Renée Okafor" in said
    nobody = text_of(post(company.dana, acme, "touchpoints/understood/", text="@Zoe"))
    assert "Nobody here is called “Zoe”." in nobody
    assert not Touchpoint.objects.exists()


def test_a_long_line_keeps_its_first_line_as_subject(company: Company, acme: Account) -> None:
    post(company.dana, acme, "touchpoints/", text="Renewal call\nThey want 20 more seats.")
    logged = Touchpoint.objects.known().get()
    assert (logged.subject, logged.notes) == ("Renewal call", "Renewal call\nThey want 20 more seats.")


def test_a_pulse_is_set_beside_the_last_one_and_taken_back(company: Company, acme: Account) -> None:
    company.fact(Pulse, account=acme, at=timezone.now() - 9 * DAY, rating=4, author="marco@loomline.example")
    asked = text_of(client_of(company.dana).get(f"/accounts/{acme.public_id}/pulse/", headers=HTMX))
    assert "Last: 4 of 5 on" in asked
    assert "The score does not read it." in asked
    answer = post(company.dana, acme, "pulse/", rating=2, comment="They are quiet.")
    assert "Pulse set: 4 → 2." in text_of(answer)
    assert Pulse.objects.known().filter(author=company.dana.email, rating=2).exists()
    undo(company.dana, answer)
    assert Pulse.objects.known().get().rating == 4


def test_a_pulse_outside_the_scale_is_refused_in_place(company: Company, acme: Account) -> None:
    assert "Choose 1 to 5." in text_of(post(company.dana, acme, "pulse/", rating=6))
    assert not Pulse.objects.exists()


def test_what_a_source_sent_cannot_be_taken_back_by_hand(company: Company, acme: Account) -> None:
    sent = company.fact(Touchpoint, account=acme, at=timezone.now())
    assert post(company.dana, acme, f"touchpoints/{sent.record}/undo/").status_code == 404
    assert Touchpoint.objects.known().exists()


# --- Notes and tasks


def test_a_note_is_added_deleted_and_restored(company: Company, acme: Account) -> None:
    undone = undo(company.dana, post(company.dana, acme, "notes/", text="They hire in March."))
    assert not Note.objects.exists()
    undo(company.dana, undone)
    note = Note.objects.get()
    assert (note.text, note.author) == ("They hire in March.", company.dana)
    assert "A note needs words." in text_of(post(company.dana, acme, "notes/", text=""))


def test_a_task_takes_its_day_from_the_end_of_the_line(company: Company, acme: Account) -> None:
    answer = post(company.dana, acme, "tasks/", title="Send the deck tomorrow", reason="Path: NPS 13 → 30")
    added = Task.objects.get()
    assert (added.title, added.due_on) == ("Send the deck", today() + DAY)
    assert (added.owner, added.author, added.reason) == (company.dana, company.dana, "Path: NPS 13 → 30")
    assert "Task added, due Tomorrow." in text_of(answer)
    undo(company.dana, answer)
    assert not Task.objects.exists()


def test_a_step_of_the_path_comes_along_into_the_task(company: Company, acme: Account) -> None:
    address = f"/accounts/{acme.public_id}/tasks/?title=Name+a+sponsor&reason=Path+to+green"
    page = client_of(company.dana).get(address).content.decode()
    assert 'value="Name a sponsor"' in page
    assert 'name="reason" value="Path to green"' in page


def test_a_task_is_given_only_to_who_sees_the_account(company: Company, acme: Account) -> None:
    post(company.dana, acme, "tasks/", title="Call", owner=company.mona.pk)
    assert Task.objects.get().owner == company.mona
    refused = post(company.dana, acme, "tasks/", title="Call", owner=company.marco.pk)
    assert "Select a valid choice." in text_of(refused)


def test_a_task_is_checked_off_and_opened_again(company: Company, acme: Account) -> None:
    one = task(acme, "Call", company.dana)
    answer = post(company.dana, acme, f"tasks/{one.pk}/done/")
    one.refresh_from_db()
    assert one.done_by == company.dana
    undo(company.dana, answer)
    one.refresh_from_db()
    assert one.done_at is None


def test_a_task_is_edited_and_a_day_that_was_taken_out_stays_out(company: Company, acme: Account) -> None:
    one = task(acme, "Call", company.dana, DAY)
    post(company.dana, acme, f"tasks/{one.pk}/", title="Call tomorrow", owner=company.mona.pk, due_on="")
    one.refresh_from_db()
    assert (one.title, one.due_on, one.owner) == ("Call tomorrow", None, company.mona)


def test_a_deleted_task_is_restored_as_it_was(company: Company, acme: Account) -> None:
    one = task(acme, "Call", company.dana, DAY)
    work.finish(one, by=company.mona, now=timezone.now())
    one.refresh_from_db()
    before = Task.objects.values().get()
    undo(company.dana, post(company.dana, acme, f"tasks/{one.pk}/delete/"))
    after = Task.objects.values().get()
    assert before | {"id": None} == after | {"id": None}


def test_what_was_deleted_comes_back_only_to_its_account_and_as_it_was_sealed(company: Company, acme: Account) -> None:
    one = task(acme, "Call", company.dana)
    answer = post(company.dana, acme, f"tasks/{one.pk}/delete/").content.decode()
    kept = re.search(r'name="kept" value="([^"]+)"', answer)
    assert kept is not None
    elm = company.account("Elm Foods", company.dana)
    assert post(company.dana, elm, "restore/", kept=kept.group(1)).status_code == 404
    assert post(company.dana, acme, "restore/", kept=kept.group(1) + "x").status_code == 404
    assert not Task.objects.exists()


# --- Overrides


def test_an_override_is_set_shown_and_ended(company: Company, acme: Account) -> None:
    last = today() + 30 * DAY
    asked = client_of(company.dana).get(f"/accounts/{acme.public_id}/override/", headers=HTMX)
    assert f'value="{last.isoformat()}"' in asked.content.decode()
    answer = post(company.dana, acme, "override/", band=1, reason="They told me.", last_day=last.isoformat())
    assert "Held at red until" in text_of(answer)
    made = Override.objects.get()
    assert (made.band, made.author, made.reason) == (Band.RED, company.dana, "They told me.")
    ended = undo(company.dana, answer)
    assert "The override has ended." in text_of(ended)
    assert not overrides.in_force([acme.pk], timezone.now())
    assert post(company.dana, acme, "override/end/").status_code == 404


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"reason": ""}, "An override needs a reason."),
        ({"reason": "  "}, "An override needs a reason."),
        ({"last_day": "2020-01-01"}, "An override ends within 90 days"),
        ({"last_day": "soon"}, "Enter a valid date."),
        ({"band": "0"}, "Select a valid choice."),
        ({"band": ""}, "Choose a band."),
    ],
)
def test_an_override_that_cannot_be_is_refused_in_place(
    given: dict[str, str], says: str, company: Company, acme: Account
) -> None:
    whole = {"band": "1", "reason": "They told me.", "last_day": today().isoformat()}
    assert says in text_of(post(company.dana, acme, "override/", **(whole | given)))
    assert not Override.objects.exists()


# --- Without scripts


def test_every_form_is_a_page_of_its_own_without_scripts(company: Company, acme: Account) -> None:
    client = client_of(company.dana)
    for door in ("touchpoints/", "notes/", "tasks/", "pulse/", "override/"):
        page = client.get(f"/accounts/{acme.public_id}/{door}").content.decode()
        assert len(re.findall(r"<h1\b", page)) == 1, door
        assert 'method="post"' in page
    answer = client.post(f"/accounts/{acme.public_id}/notes/", {"text": "They hire."}, follow=True)
    assert answer.redirect_chain == [(f"/accounts/{acme.public_id}/", 302)]
    assert "Note added." in text_of(answer)
    wrong = client.post(f"/accounts/{acme.public_id}/notes/", {"text": ""})
    assert "A note needs words." in text_of(wrong)


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_way_back_never_leads_elsewhere(back: str, company: Company, acme: Account) -> None:
    address = f"/accounts/{acme.public_id}/notes/"
    answer = client_of(company.dana).post(address, {"text": "They hire.", "back": back})
    assert answer.headers["Location"] == f"/accounts/{acme.public_id}/"


def test_a_change_needs_the_token_of_the_page(company: Company, acme: Account) -> None:
    client = Client(enforce_csrf_checks=True)
    client.login(email=company.dana.email, password=PASSWORD)
    assert client.post(f"/accounts/{acme.public_id}/notes/", {"text": "They hire."}).status_code == 403


# --- The page of tasks


def test_tasks_stand_by_when_they_are_due(company: Company, acme: Account) -> None:
    for title, due in (("late", -DAY), ("now", 0 * DAY), ("far", 40 * DAY), ("whenever", None)):
        task(acme, f"Task {title}", company.dana, due)
    page = text_of(client_of(company.dana).get("/tasks/"))
    assert "4 open, 1 late , 1 due today ." in page
    places = [page.index(words) for words in ("Late 1", "Task late", "Today 1", "Task now", "Later 1", "Task far", "No date 1", "Task whenever")]  # fmt: skip
    assert places == sorted(places)


def test_whose_tasks_are_offered_follows_from_what_somebody_sees(company: Company, acme: Account) -> None:
    team = Team.objects.create(name="West")
    User.objects.filter(pk__in=[company.dana.pk, company.marco.pk]).update(team=team)
    jade = company.account("Jade Hotels", company.marco)
    task(acme, "Hers", company.dana)
    task(jade, "His", company.marco)
    lead = User.objects.create_user("lead@loomline.example", role=Role.MANAGER, sees=Sees.TEAM, team=team)
    offered = text_of(client_of(lead).get("/tasks/"))
    assert "Mine My team’s All" in offered
    assert "Nothing is open. 2 are open for others" in offered
    listed = text_of(client_of(lead).get("/tasks/?whose=team"))
    assert "Hers" in listed
    assert "His" in listed
    own = text_of(client_of(company.dana).get("/tasks/?whose=all"))
    assert "Hers" in own
    assert "His" not in own


def test_a_task_at_an_account_that_somebody_sees_no_more_is_not_shown(company: Company, acme: Account) -> None:
    task(acme, "Call", company.dana)
    Account.objects.filter(pk=acme.pk).update(owner=company.marco)
    assert "Nothing is open." in text_of(client_of(company.dana).get("/tasks/"))


def test_a_task_is_added_by_a_line_that_names_the_account(company: Company, acme: Account) -> None:
    client = client_of(company.dana)
    client.post("/tasks/", {"line": "Send the deck @callow tomorrow"}, headers=HTMX)
    added = Task.objects.get()
    assert (added.title, added.account, added.due_on) == ("Send the deck", acme, today() + DAY)
    client.post("/tasks/", {"line": "@Calloway Freight call Renée"})
    assert Task.objects.latest("pk").title == "call Renée"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Send the deck", "Say which account it is for"),
        ("Send it @Jade", "You have no account of that name."),
        ("Send it @Cal", "Which one: Calgary Foods or Calloway Freight?"),
        ("@Calloway tomorrow", "Say what is to be done."),
    ],
)
def test_a_line_that_says_too_little_is_refused_with_a_sentence(
    line: str, says: str, company: Company, acme: Account
) -> None:
    company.account("Jade Hotels", company.marco)
    company.account("Calgary Foods", company.dana)
    answer = client_of(company.dana).post("/tasks/", {"line": line}, headers=HTMX)
    assert says in text_of(answer)
    assert f'value="{line}"' in answer.content.decode()
    assert not Task.objects.exists()


def test_tasks_of_one_account_alone(company: Company, acme: Account) -> None:
    task(acme, "Call", company.dana)
    task(company.account("Elm Foods", company.dana), "Visit", company.dana)
    page = text_of(client_of(company.dana).get(f"/tasks/?account={acme.public_id}"))
    assert "Call" in page
    assert "Visit" not in page
    jade = company.account("Jade Hotels", company.marco)
    assert client_of(company.dana).get(f"/tasks/?account={jade.public_id}").status_code == 404


def test_overrides_that_end_within_three_days_are_seen_there(company: Company, acme: Account) -> None:
    for account, days in ((acme, 3), (company.account("Elm Foods", company.dana), 4)):
        overrides.override(
            account, band=Band.RED, reason=f"in {days}", last_day=today() + days * DAY, author=company.dana,
            now=timezone.now(),
        )  # fmt: skip
    page = text_of(client_of(company.dana).get("/tasks/"))
    assert "Overrides ending" in page
    assert "in 3" in page
    assert "in 4" not in page


def test_what_is_late_or_due_today_comes_before_all_else(company: Company, acme: Account) -> None:
    for title, days in (("Later one", 20), ("Due one", 0), ("Late one", -2)):
        task(acme, title, company.dana, days * DAY)
    overrides.override(
        acme, band=Band.RED, reason="It ends.", last_day=today() + DAY, author=company.dana, now=timezone.now()
    )
    page = text_of(client_of(company.dana).get("/tasks/"))
    assert "3 open, 1 late , 1 due today ." in page
    places = [page.index(words) for words in ("Late one", "Due one", "Overrides ending", "Later one")]
    assert places == sorted(places)


def test_the_page_of_tasks_takes_the_same_queries_however_many_there_are(
    company: Company, acme: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        account = company.account(f"Account {number}", company.dana)
        task(account, "Call", company.dana, (number - 5) * DAY)
        work.finish(task(account, "Done", company.dana), by=company.dana, now=timezone.now())
        overrides.override(
            account, band=Band.RED, reason="x", last_day=today(), author=company.dana, now=timezone.now()
        )
    client = client_of(company.dana)
    client.get("/tasks/")
    with django_assert_num_queries(10):  # three of them for how the accounts stand: the rules (2), the accounts
        client.get("/tasks/")


# --- Alerts


def alert(account: Account | None, kind: str = "guard_holds", **more: Any) -> Alert:
    made: Alert = Alert.objects.create(
        kind=kind, account=account, says="A guard holds.", day=today(), raised_at=timezone.now(), **more
    )
    return made


def test_alerts_are_listed_marked_as_seen_and_filtered(company: Company, acme: Account) -> None:
    one = alert(acme)
    alert(acme, "band_changed")
    alert(None, "source_silent", stream=company.delivery())
    client = client_of(company.dana)
    page = text_of(client.get("/alerts/"))
    assert "3 not seen" in page
    assert "Salesforce, accounts" in page
    assert "1 not seen" in text_of(client.get("/alerts/?kind=guard_holds"))
    client.post(f"/alerts/{one.pk}/seen/")
    one.refresh_from_db()
    assert one.seen_by == company.dana
    assert "seen by Dana Whitfield" in text_of(client.get("/alerts/"))
    client.post("/alerts/seen/")
    assert not Alert.objects.filter(seen_at=None).exists()


def test_alerts_of_accounts_that_somebody_does_not_see_stay_out_of_reach(company: Company, acme: Account) -> None:
    others = alert(company.account("Jade Hotels", company.marco))
    client = client_of(company.dana)
    assert "No alert yet." in text_of(client.get("/alerts/"))
    assert client.post(f"/alerts/{others.pk}/seen/").status_code == 404
    client.post("/alerts/seen/")
    others.refresh_from_db()
    assert others.seen_at is None


def test_the_menu_counts_open_tasks_and_unseen_alerts(company: Company, acme: Account) -> None:
    task(acme, "Call", company.dana, -DAY)
    task(acme, "Theirs", company.mona)
    alert(acme)
    page = client_of(company.dana).get("/tasks/").content.decode()
    assert re.search(r'id="tasks-open" title="1 late">1<', page)
    assert re.search(r'title="Alerts".*?<span class="nav-count" id="alerts-unseen">1<', page)


def test_a_task_is_offered_to_oneself_then_to_the_owner_then_to_others(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    for number in range(3):
        User.objects.create_user(f"a{number}@loomline.example", None, name=f"Aaron {number}", role=Role.MANAGER)
    page = client_of(company.mona).get(f"/accounts/{account.public_id}/tasks/").content.decode()
    offered = re.findall(r'<(?:option|optgroup)(?: label="([^"]+)")?[^>]*>([^<]*)', page.split('name="owner"')[1])
    said = [label or name.strip() for label, name in offered]
    assert said[:3] == ["Mona Okafor", "Dana Whitfield", "Others who see it"]
    assert said[3:6] == ["Aaron 0", "Aaron 1", "Aaron 2"]
