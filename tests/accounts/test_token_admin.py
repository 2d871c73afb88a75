"""Tokens in the admin: made with their secret shown once, listed with their last use, revoked; by admins alone."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, Source, Token, User

LIST = "/admin/accounts/token/"


@pytest.fixture
def crm(db: None) -> Source:
    return Source.objects.create(name="crm")


@pytest.fixture
def client(crm: Source) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("aiko@loomline.example", name="Aiko Mori", role=Role.ADMIN))
    return client


def make(client: Client, crm: Source, **values: Any) -> Any:
    given = {"name": "CRM sync", "kind": "server", "source": crm.pk, "scopes": ["crm:write"], **values}
    return client.post(f"{LIST}add/", given)


def test_a_token_is_made_and_its_secret_is_shown_once(client: Client, crm: Source) -> None:
    answer = make(client, crm)
    found = re.search(r'<code id="secret">(vdt_[\w-]{43})</code>', answer.content.decode())
    assert found is not None
    assert "no-store" in answer.headers["Cache-Control"]
    secret = found.group(1)
    assert Client().get("/api/v1/token", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    token = Token.objects.get()
    for page in (LIST, f"{LIST}{token.pk}/change/", f"{LIST}{token.pk}/history/", "/admin/health/auditentry/"):
        said = client.get(page)
        assert said.status_code == 200
        assert secret not in said.content.decode()
        assert token.digest not in said.content.decode()


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"source": ""}, "A token that sends belongs to a source."),
        ({"scopes": ["health:read"]}, "A token that reads acts for a user, or sees the whole portfolio."),
        ({"scopes": ["config:write"]}, "A token that writes scorecards acts for a user"),
        ({"kind": "browser"}, "A browser key belongs to a source and has the one scope usage:write."),
        ({"kind": "browser", "scopes": ["usage:write"]}, "A browser key names the origins of its pages"),
        ({"allowed_origins": "https://app.example.com"}, "a server key has none"),
        ({"kind": "browser", "scopes": ["usage:write"], "allowed_origins": "https://a.example/x"}, "without a path"),
        ({"scopes": []}, "This field is required."),
        ({"scopes": ["everything"]}, "Select a valid choice."),
    ],
)
def test_a_token_that_makes_no_sense_is_refused_in_words(
    values: dict[str, Any], complaint: str, client: Client, crm: Source
) -> None:
    answer = make(client, crm, **values)
    assert complaint in answer.content.decode()
    assert not Token.objects.exists()


def test_a_browser_key_is_made_with_its_origins(client: Client, crm: Source) -> None:
    origins = "https://app.example.com, http://localhost:3000"
    answer = make(client, crm, kind="browser", scopes=["usage:write"], allowed_origins=origins)
    assert ">vdb_" in answer.content.decode()
    assert Token.objects.get().allowed_origins == ["https://app.example.com", "http://localhost:3000"]


def test_a_token_is_revoked_and_stays_in_the_list(client: Client, crm: Source) -> None:
    make(client, crm)
    token = Token.objects.get()
    answer = client.post(LIST, {"action": "revoke", "_selected_action": [token.pk]}, follow=True)
    assert "Nobody comes in by them any more." in answer.content.decode()
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert client.get(f"{LIST}{token.pk}/delete/").status_code == 403


def test_of_a_token_only_the_name_can_be_changed(client: Client, crm: Source) -> None:
    make(client, crm)
    token = Token.objects.get()
    client.post(f"{LIST}{token.pk}/change/", {"name": "HubSpot sync", "scopes": ["usage:write"], "kind": "browser"})
    token.refresh_from_db()
    assert (token.name, token.scopes, token.kind) == ("HubSpot sync", ["crm:write"], "server")


@pytest.mark.parametrize("role", [Role.CSM, Role.MANAGER])
def test_nobody_but_an_admin_comes_to_tokens(role: Role, crm: Source) -> None:
    client = Client()
    client.force_login(User.objects.create_user("mona@loomline.example", role=role))
    for address in (LIST, f"{LIST}add/"):
        assert client.get(address).status_code == 302
    assert make(client, crm).status_code == 302
    assert not Token.objects.exists()


def test_the_sidebar_leads_to_tokens_under_data(client: Client) -> None:
    assert f'href="{LIST}"' in client.get("/admin/").content.decode()
