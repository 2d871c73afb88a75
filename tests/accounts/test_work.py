"""Tasks and notes, and what users log by hand: facts with two clocks, from Verdant itself."""

import datetime as dt

import pytest

from accounts import sources, work
from accounts.models import Account, AccountStream, Pulse, Source, Stakeholder, Task, Touchpoint, User
from accounts.sources import BadSource
from tests.accounts.build import account, applied, company, known, noon, record_of, send

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
NOW = noon("2024-06-03")


@pytest.fixture
def dana() -> User:
    return User.objects.create_user("dana@loomline.example", name="Dana Whitfield")


@pytest.fixture
def acme() -> Account:
    company("A-1")
    return account()


def call(
    acme: Account, at: dt.datetime = NOW, now: dt.datetime = NOW, participants: tuple[int, ...] = ()
) -> Touchpoint:
    return work.log_touchpoint(
        acme, at=at, kind="call", status="held", subject="Payroll export", participants=participants, now=now
    )


def test_a_touchpoint_logged_by_hand_has_both_clocks_and_makes_the_account_dirty(acme: Account) -> None:
    Account.objects.update(dirty_since=None)
    applied(send("stakeholders", {"external_id": "P-1", "account": "A-1", "name": "Renée Okafor"}))
    person = record_of("stakeholders", "P-1")
    logged = call(acme, at=NOW - 2 * DAY, participants=(person,))
    assert (logged.at, logged.received_at) == (NOW - 2 * DAY, NOW)
    assert (logged.kind, logged.status, logged.subject) == ("call", "held", "Payroll export")
    assert logged.participants == [person]
    assert (logged.account_id, str(logged.source)) == (acme.pk, "Verdant")
    acme.refresh_from_db()
    assert acme.dirty_since is not None


def test_what_is_taken_back_was_known_for_that_while_and_is_known_no_more(acme: Account) -> None:
    logged = call(acme)
    work.take_back("touchpoints", acme, logged.record, NOW + DAY)
    assert not Touchpoint.objects.known().exists()
    assert Touchpoint.objects.known(NOW).get().record == logged.record
    assert not Touchpoint.objects.known(NOW + DAY).exists()


def test_what_is_taken_back_leaves_no_stream_that_would_have_told_of_the_account(acme: Account) -> None:
    own = AccountStream.objects.filter(account=acme, stream__source__name="verdant")
    first, second = call(acme), call(acme)
    work.take_back("touchpoints", acme, first.record, NOW)
    assert own.exists()
    work.take_back("touchpoints", acme, second.record, NOW)
    assert not own.exists()


def test_only_what_was_logged_by_hand_for_this_account_is_taken_back_and_once(acme: Account) -> None:
    company("A-2")
    applied(send("touchpoints", {"external_id": "T-1", "account": "A-1", "at": "2024-06-01T10:00:00Z"}))
    logged = call(acme)
    for whose, record in ((acme, record_of("touchpoints", "T-1")), (account("A-2"), logged.record)):
        with pytest.raises(work.NotLogged):
            work.take_back("touchpoints", whose, record, NOW)
    work.take_back("touchpoints", acme, logged.record, NOW)
    with pytest.raises(work.NotLogged):
        work.take_back("touchpoints", acme, logged.record, NOW)
    assert known("touchpoints", "T-1") is not None


def test_a_pulse_names_who_set_it(acme: Account, dana: User) -> None:
    work.set_pulse(acme, 4, author=dana, comment="They renew.", now=NOW)
    pulse = Pulse.objects.known().get()
    assert (pulse.rating, pulse.comment, pulse.author, pulse.at) == (4, "They renew.", dana.email, NOW)


def test_a_pulse_outside_the_scale_is_refused_with_a_sentence(acme: Account, dana: User) -> None:
    with pytest.raises(work.NotLogged, match="5"):
        work.set_pulse(acme, 6, author=dana, now=NOW)
    assert not Pulse.objects.exists()


def test_a_stakeholder_that_is_gone_cannot_have_taken_part(acme: Account) -> None:
    applied(send("stakeholders", {"external_id": "P-1", "account": "A-1", "name": "Renée Okafor"}))
    applied(send("stakeholders", {"external_id": "P-1", "deleted": True}, at="2024-06-04"))
    person = Stakeholder.objects.latest("id").record
    with pytest.raises(work.NotLogged):
        call(acme, participants=(person,))


def test_no_import_may_come_in_the_name_of_verdant() -> None:
    with pytest.raises(BadSource, match="Verdant calls itself"):
        sources.named("verdant")
    assert not Source.objects.exists()


def test_a_task_is_finished_by_whoever_is_first_and_opened_again(acme: Account, dana: User) -> None:
    marco = User.objects.create_user("marco@loomline.example")
    task = work.add_task(acme, " Find a sponsor ", owner=dana, author=dana, due_on=NOW.date(), now=NOW)
    assert task.title == "Find a sponsor"
    work.finish(task, by=marco, now=NOW + DAY)
    work.finish(task, by=dana, now=NOW + 2 * DAY)
    task.refresh_from_db()
    assert (task.done_by, task.done_at) == (marco, NOW + DAY)
    work.reopen(task)
    assert list(Task.objects.open()) == [task]
    task.refresh_from_db()
    assert task.done_by is None


def test_a_task_is_edited_as_a_whole(acme: Account, dana: User) -> None:
    task = work.add_task(acme, "Call", owner=dana, author=None, reason="Playbook: sponsor left", now=NOW)
    work.edit(task, title="Call Renée", owner=dana, due_on=(NOW + DAY).date(), details="About the export")
    task.refresh_from_db()
    assert (task.title, task.due_on, task.details) == ("Call Renée", (NOW + DAY).date(), "About the export")
    assert task.reason == "Playbook: sponsor left"


def test_a_note_keeps_its_author_and_moment(acme: Account, dana: User) -> None:
    note = work.add_note(acme, "They hire in March.\n", author=dana, now=NOW)
    assert (note.text, note.author, note.at) == ("They hire in March.", dana, NOW)
