import json
import logging
import time
from typing import Any

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from config.logs import logging_settings, without_addresses
from config.middleware import RequestLogMiddleware


def answer(_: HttpRequest) -> HttpResponse:
    return HttpResponse("here")


urlpatterns = [path("page/", answer), path("v1/track/", answer), path("api/v1/accounts/", answer)]


@pytest.mark.urls("tests.config.test_middleware")
def test_a_missing_slash_is_added_to_pages_and_never_to_the_interfaces() -> None:
    client = Client()
    assert client.get("/page").status_code == 301
    for address in ("/v1/track", "/api/v1/accounts"):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404


@pytest.mark.urls("tests.config.test_middleware")
def test_every_page_but_the_admin_has_a_strict_content_security_policy() -> None:
    policy = Client().get("/page/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_request_is_logged_without_its_query() -> None:
    request = RequestFactory().get("/accounts/?q=ada@example.com")
    assert RequestLogMiddleware.format_request(request) == "GET /accounts/"


def formatted(*, readable: bool, record: logging.LogRecord) -> str:
    formatter: dict[str, Any] = dict(logging_settings(readable=readable, level="INFO")["formatters"]["events"])
    return str(formatter.pop("()")(**formatter).format(record))


@pytest.mark.parametrize("readable", [True, False])
def test_a_log_line_holds_no_email_address_even_in_a_traceback(*, readable: bool) -> None:
    try:
        password = "hunter2"
        raise ValueError("Key (email)=(ada.l@example.co.uk) exists for ", len(password))
    except ValueError:
        import sys

        record = logging.LogRecord("x", logging.ERROR, "", 0, "Mail to %s", ("<bob@example.com>",), sys.exc_info())
    line = formatted(readable=readable, record=record)
    assert "Mail to <[e-mail]>" in line
    assert "Key (email)=([e-mail]) exists" in line
    assert "example" not in line
    assert "hunter2" not in line.replace('password = "hunter2"', "")


def test_a_log_line_of_an_installation_is_json() -> None:
    record = logging.LogRecord("accounts", logging.INFO, "", 0, "12 rows", (), None)
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        event = json.loads(formatted(readable=False, record=record))
    assert event["event"] == "12 rows"
    assert event["request_id"] == "r1"
    assert event["level"] == "info"


@pytest.mark.parametrize("text", ["x" * 100_000, "a@" * 50_000, "@" * 100_000, "a@" + "b" * 100_000, "a@b" * 30_000])
def test_a_line_of_the_log_of_whatever_length_is_written_soon(text: str) -> None:
    began = time.process_time()
    without_addresses(None, "", {"event": f"GET /{text} by dana@loomline.example"})
    assert time.process_time() - began < 2


def test_of_an_address_in_the_log_nothing_is_left() -> None:
    said = without_addresses(None, "", {"event": "No user dana.whitfield+test@mail.loomline.example."})
    assert said["event"] == "No user [e-mail]."
