"""`Idempotency-Key`: done once, answered again, for a day; another body and a second one meanwhile are told so."""

import datetime as dt
import threading
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts import idempotency
from accounts.models import Product, StoredAnswer
from accounts.urls import urlpatterns
from tests.accounts.interface import Program, codes_of, problem_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def crm() -> Program:
    return Program()


def send(program: Program, key: str, *external_ids: str) -> Any:
    records = [{"external_id": external_id, "name": "Atlas"} for external_id in external_ids]
    return program.ask("POST", "products/batch", {"records": records}, **{"Idempotency-Key": key})


def test_the_same_request_is_done_once_and_answered_again(crm: Program) -> None:
    first, again = send(crm, "k-1", "P-1"), send(crm, "k-1", "P-1")
    assert [answer.json()["results"][0]["status"] for answer in (first, again)] == ["created", "created"]
    assert (first.status_code, again.status_code) == (200, 200)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert send(crm, "k-2", "P-1").json()["results"][0]["status"] == "unchanged"


def test_also_an_answer_of_207_is_given_again(crm: Program) -> None:
    first, again = send(crm, "k-1", "P-1", ""), send(crm, "k-1", "P-1", "")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.status_code == 207


def test_the_order_of_members_makes_no_other_request(crm: Program) -> None:
    for name in ("records", "all_or_none"):
        body = {"records": [], "all_or_none": False}
        moved = {name: body.pop(name), **body}
        answer = crm.ask("POST", "products/batch", moved, **{"Idempotency-Key": "k-1"})
        assert answer.status_code == 200


def test_another_request_with_the_key_is_refused(crm: Program) -> None:
    send(crm, "k-1", "P-1")
    assert problem_of(send(crm, "k-1", "P-2")) == (422, "key-reused")
    elsewhere = crm.ask("POST", "surveys/batch", {"records": []}, **{"Idempotency-Key": "k-1"})
    assert problem_of(elsewhere) == (422, "key-reused")
    assert Product.objects.count() == 1


def test_a_key_is_one_of_its_token(crm: Program) -> None:
    send(crm, "k-1", "P-1")
    assert send(Program("billing"), "k-1", "P-2").status_code == 200


def test_what_was_refused_is_asked_anew(crm: Program) -> None:
    body = {"records": [{"name": "Nobody"}], "all_or_none": True}
    for _ in range(2):
        answer = crm.ask("POST", "products/batch", body, **{"Idempotency-Key": "k-1"})
        assert problem_of(answer) == (422, "invalid")
    assert not StoredAnswer.objects.exists()


def test_an_answer_is_kept_for_a_day(crm: Program) -> None:
    send(crm, "k-1", "P-1")
    with time_machine.travel(timezone.now() + dt.timedelta(hours=23)):
        assert idempotency.forget(timezone.now()) == 0
        assert send(crm, "k-1", "P-1").json()["results"][0]["status"] == "created"
    with time_machine.travel(timezone.now() + dt.timedelta(hours=25)):
        assert send(crm, "k-1", "P-2").json()["results"][0]["status"] == "created"
        assert send(crm, "k-1", "P-2").headers["Idempotent-Replayed"] == "true"
        assert idempotency.forget(timezone.now() + dt.timedelta(hours=24)) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "\x7f", "ä"])
def test_a_key_that_cannot_be_one_is_refused(key: str, crm: Program) -> None:
    answer = send(crm, key, "P-1")
    assert (problem_of(answer), codes_of(answer)) == ((400, "bad-request"), [("Idempotency-Key", "invalid")])
    assert not Product.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_running_the_second_is_told_so(crm: Program) -> None:
    holds, may_go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [f"answer {crm.token.pk} k-1"])
            holds.set()
            may_go_on.wait(20)
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    assert holds.wait(20)
    assert problem_of(send(crm, "k-1", "P-1")) == (409, "still-running")
    may_go_on.set()
    other.join()
    assert send(crm, "k-1", "P-1").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_many_at_once_do_it_once(crm: Program) -> None:
    answers: list[Any] = []

    def ask() -> None:
        answers.append(send(crm, "k-1", "P-1"))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert all(answer.json()["results"][0]["status"] == "created" for answer in answers if answer.status_code == 200)
    assert Product.objects.count() == 1


def test_every_post_under_v1_takes_a_key() -> None:
    views: list[Any] = [vars(pattern.callback).get("view_class") for pattern in urlpatterns]
    posts = [view.post for view in views if hasattr(view, "post")]
    assert posts
    assert all(getattr(post, "is_idempotent", False) for post in posts)
