"""The OpenAPI document: valid, without a warning, stable in its names, and shown by pages of our own."""

import re
import warnings
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

METHODS = {"get", "put", "post", "delete"}


@pytest.fixture
def document(db: None) -> dict[str, Any]:
    answer = Client().get("/api/schema/")
    assert answer.headers["Content-Type"] == "application/vnd.oai.openapi+json"
    found: dict[str, Any] = answer.json()
    return found


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = [
        operation for path in document["paths"].values() for method, operation in path.items() if method in METHODS
    ]
    named = {operation["operationId"]: operation for operation in found}
    assert len(named) == len(found), "two operations of one name"
    return named


def test_the_document_is_valid_and_is_made_without_a_warning(tmp_path: Any) -> None:
    with warnings.catch_warnings():
        call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(tmp_path / "openapi.yaml"))


def test_operations_have_names_that_stay(document: dict[str, Any]) -> None:
    assert "token_read" in operations(document)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", name) for name in operations(document))


def test_every_operation_tells_its_errors_as_problems(document: dict[str, Any]) -> None:
    for name, operation in operations(document).items():
        said = operation["responses"]
        assert said.keys() >= {"400", "401", "403", "404", "429"}, name
        for status, response in said.items():
            if status >= "400":
                (body,) = response["content"].values()
                assert list(response["content"]) == ["application/problem+json"], f"{name} {status}"
                assert body["schema"] == {"$ref": "#/components/schemas/ProblemDocument"}, f"{name} {status}"


def test_every_operation_wants_a_token(document: dict[str, Any]) -> None:
    assert all(operation["security"] == [{"token": []}] for operation in operations(document).values())
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_the_pages_work_under_our_policy_and_ask_nobody_else(live_server: LiveServer, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live_server.url}/api/docs/")
    # The document is made anew for the first who asks.
    expect(page.get_by_text("/api/v1/token")).to_be_visible(timeout=30_000)
    page.get_by_text("/api/v1/token").click()
    expect(page.get_by_text("The token by which one asks")).to_be_visible()
    assert all(url.startswith((live_server.url, "data:")) for url in asked)


def test_the_pages_wear_the_theme_of_the_product(live_server: LiveServer, page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"{live_server.url}/api/docs/")
    expect(page.locator("html")).to_have_class("dark-mode")
    expect(page.locator(".swagger-ui").first).to_have_css("background-color", "rgb(21, 24, 28)")
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).not_to_have_class("dark-mode")
