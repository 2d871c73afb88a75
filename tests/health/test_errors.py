"""Errors: what, why, the way out; and the last of them without a database."""

from django.test import Client, RequestFactory
from django.views import defaults

from tests.health.company import Company, client_of, text_of


def test_a_page_that_is_not_there(company: Company) -> None:
    answer = client_of(company.dana).get("/nowhere/")
    assert answer.status_code == 404
    assert "There is no such page." in text_of(answer)


def test_a_page_that_one_may_not_see(company: Company) -> None:
    job = company.job()
    answer = client_of(company.dana).get(f"/data/jobs/{job.pk}/")
    assert answer.status_code == 403
    assert "You may not see this." in text_of(answer)


def test_a_form_that_is_out_of_date(company: Company) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/user/login/", {"login": "x", "password": "y"})
    assert answer.status_code == 403
    assert "This form is out of date." in text_of(answer)


def test_an_address_that_cannot_be_read() -> None:
    answer = defaults.bad_request(RequestFactory().get("/"), ValueError())
    assert answer.status_code == 400
    assert "That request does not make sense." in text_of(answer)


def test_a_failure_is_told_without_touching_the_database() -> None:
    answer = defaults.server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "Something broke on our side." in text_of(answer)
    assert "verdant/tokens.css" in answer.content.decode()
