"""Errors: what, why, the way out, and nothing of the inside; the last of them without a database."""

import re

import pytest
import structlog
from django.test import Client, RequestFactory
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account
from config.errors import broken
from tests.health.company import Company, client_of, text_of
from tests.health.test_browser import sign_in


def test_a_page_that_is_not_there_leads_on_for_who_is_signed_in_and_who_is_not(company: Company) -> None:
    answer = client_of(company.dana).get("/nowhere/")
    assert answer.status_code == 404
    said = text_of(answer)
    assert "There is no such page." in said
    assert "Go home Find something" in said
    assert "Signed in as dana@loomline.example, CSM." in said
    stranger = text_of(Client().get("/nowhere/"))
    assert "nobody is signed in here" in stranger
    assert "Sign in" in stranger
    assert "Signed in as" not in stranger


def test_a_page_that_one_may_not_see_says_for_which_role(company: Company) -> None:
    job = company.job()
    answer = client_of(company.dana).get(f"/data/jobs/{job.pk}/")
    assert answer.status_code == 403
    assert "You may not see this. It is not for the role CSM. An admin can change your role." in text_of(answer)


def test_a_form_that_is_out_of_date(company: Company) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/user/login/", {"login": "x", "password": "y"})
    assert answer.status_code == 403
    assert "This form is out of date." in text_of(answer)
    assert "Nothing was saved." in text_of(answer)
    client.force_login(company.dana)
    assert "Signed in as dana@loomline.example" in text_of(client.post("/tasks/", {"line": "x"}))


def test_an_address_that_only_takes_forms_says_so(company: Company) -> None:
    client = client_of(company.dana)
    answer = client.get("/alerts/seen/")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert "That cannot be opened. The address takes what a form sends" in text_of(answer)
    assert "Go home" in text_of(answer)
    assert client.post("/help/").content == b""


def test_an_address_that_cannot_be_read(company: Company) -> None:
    answer = client_of(company.dana).get("/accounts/?q=%00")
    assert answer.status_code == 400
    assert "That request cannot be read." in text_of(answer)
    assert "Go home" in text_of(answer)


def test_too_many_tries_say_how_long_to_wait(company: Company, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    client = Client()
    said = [client.post("/user/login/", {"login": f"{name}@example.com", "password": "no"}) for name in "abc"]
    assert said[-1].status_code == 429
    assert "Too many tries." in text_of(said[-1])
    assert "wait five minutes" in text_of(said[-1])
    assert 'href="/user/login/"' in said[-1].content.decode()


def test_a_failure_is_told_with_its_number_in_the_log_and_without_touching_the_database() -> None:
    with structlog.contextvars.bound_contextvars(request_id="0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"):
        answer = broken(RequestFactory().get("/"))
    assert answer.status_code == 500
    said = text_of(answer)
    assert "Something broke on our side." in said
    assert "Error 500, number 0f1e2d3c" in said
    assert "verdant/tokens.css" in answer.content.decode()


def test_a_failure_in_a_view_shows_nothing_of_the_inside(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("health.views.worklist.render", _fail)
    client = client_of(company.dana)
    client.raise_request_exception = False
    answer = client.get("/tasks/")
    assert answer.status_code == 500
    said = answer.content.decode()
    assert re.search(r"number <code>[0-9a-f]{8}</code>", said)
    assert not re.search("Traceback|RuntimeError|the inside|worklist", said)


def _fail(*args: object, **kwargs: object) -> None:
    raise RuntimeError("the inside")


def test_a_part_that_is_asked_for_after_signing_out_leads_the_whole_page_to_the_sign_in(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    there = reverse("task_add", args=[account.public_id])
    from_page = f"http://testserver/accounts/{account.public_id}/?by=lost"
    answer = Client().get(there, headers={"HX-Request": "true", "HX-Current-URL": from_page})
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == f"/user/login/?next=%2Faccounts%2F{account.public_id}%2F%3Fby%3Dlost"
    assert Client().get(there).status_code == 302


def test_what_a_part_of_a_page_could_not_do_is_said(
    company: Company, live_server: LiveServer, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    account = company.account("Calloway Freight", company.dana)
    page = browser.new_page()
    page.goto(f"{live_server.url}/user/login/")
    sign_in(page)
    page.goto(f"{live_server.url}/accounts/{account.public_id}/")
    Account.objects.filter(pk=account.pk).update(owner=company.marco)
    page.get_by_role("link", name="Add task").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no such page. The address may be mistyped")
    page.get_by_role("alert").get_by_role("button", name="Close").click()
    page.context.set_offline(True)
    page.get_by_role("link", name="Add task").click()
    expect(page.get_by_role("alert")).to_contain_text("The server did not answer.")
    page.context.close()


def test_a_page_of_errors_leads_back(company: Company, live_server: LiveServer, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{live_server.url}/user/login/")
    page.goto(f"{live_server.url}/nowhere/")
    page.get_by_role("button", name="Go back").click()
    expect(page.get_by_role("heading", name="Sign in to Verdant")).to_be_visible()
    page.context.close()
