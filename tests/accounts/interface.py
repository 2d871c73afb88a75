"""A program that talks to the interface: a token in its hand, requests in one line each, errors by their type."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from accounts import tokens
from accounts.models import Scope, Token
from tests.accounts.build import source

SENDS = (Scope.CRM_WRITE, Scope.USAGE_WRITE, Scope.SURVEYS_WRITE, Scope.SUPPORT_WRITE)
READS = (Scope.HEALTH_READ,)


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def problem_of(answer: Any) -> tuple[int, str]:
    """Status and type of an error, which is written as RFC 9457 has it."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == answer.status_code
    assert said["title"]
    page, _, name = said["type"].partition("#")
    assert page == "/api/problems/"
    return answer.status_code, name


def codes_of(answer: Any) -> list[tuple[str, str]]:
    """The member and the code of every error that a problem lists."""
    return [(error["field"], error["code"]) for error in answer.json().get("errors", [])]


@dataclass
class Program:
    """A program with a token of a source, which sees the whole portfolio."""

    name: str = "crm"
    scopes: tuple[str, ...] = (*SENDS, *READS)
    client: Client = field(default_factory=Client)

    def __post_init__(self) -> None:
        own = source(self.name)
        self.token, self.secret = tokens.issue(
            self.name, source=own, scopes=self.scopes, whole_portfolio=Scope.HEALTH_READ in self.scopes
        )

    def acting(self, token: tuple[Token, str]) -> "Program":
        """With another token from now on."""
        self.token, self.secret = token
        return self

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return self.raw(method, path, headers=headers, **sent)

    def raw(self, method: str, path: str, *, headers: dict[str, str] | None = None, **sent: Any) -> Any:
        there = path if path.startswith(("http", "/")) else f"/api/v1/{path}"
        return self.client.generic(
            method, there, headers={**bearer(self.secret), **(headers or {})}, **{"data": b"", **sent}
        )

    def put(self, kind: str, external_id: str, /, **members: Any) -> Any:
        return self.ask("PUT", f"{kind}/by-external-id/{self.name}/{external_id}", members)

    def delete(self, kind: str, external_id: str) -> Any:
        return self.ask("DELETE", f"{kind}/by-external-id/{self.name}/{external_id}")

    def batch(self, kind: str, /, *records: Any, **members: Any) -> Any:
        return self.ask("POST", f"{kind}/batch", {"records": list(records), **members})

    def changes(self, kind: str, /, **asked: Any) -> tuple[list[dict[str, Any]], str]:
        """All pages from where `asked` begins, and the cursor after them."""
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        there: str | None = f"{kind}?{query}"
        found: list[dict[str, Any]] = []
        cursor = ""
        while there:
            answer = self.ask("GET", there)
            assert answer.status_code == 200, answer.content
            said = answer.json()
            found += said["results"]
            there, cursor = said["next"], said["cursor"]
        return found, cursor
