"""The doors under /api: who comes in by a token, how often, and what an error looks like."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import problems, throttle, tokens
from accounts.door import ApiView
from accounts.models import Role, Source, Token, User
from accounts.urls import urlpatterns
from health.models import AuditEntry
from tests.accounts.build import source
from tests.accounts.interface import bearer, problem_of

HOUR = dt.timedelta(hours=1)
HERE = "/api/v1/token"


@pytest.fixture
def crm(db: None) -> Source:
    return source("crm")


@pytest.fixture
def secret(crm: Source) -> str:
    return tokens.issue("CRM sync", source=crm, scopes=["crm:write"])[1]


def test_a_token_opens_the_door_and_says_what_it_may(secret: str) -> None:
    answer = Client().get(HERE, headers=bearer(secret))
    assert answer.status_code == 200
    assert answer.json() == {
        "name": "CRM sync",
        "prefix": secret[:12],
        "source": "crm",
        "scopes": ["crm:write"],
        "acts_for": None,
        "whole_portfolio": False,
        "expires_at": None,
    }


def test_of_a_secret_only_the_digest_is_kept(secret: str) -> None:
    assert secret.startswith("vdt_")
    assert len(secret) == 47  # 256 bits in base64, and the mark
    kept = Token.objects.values().get()
    assert secret not in str(kept)
    assert kept["digest"] == tokens.digest_of(secret)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer vdt_no", "Bearer \xff\xfe", "Basic dmR0Xzo=", "Bearer vdt_\ud800"]
)
def test_without_a_token_that_holds_nobody_comes_in(header: str, secret: str) -> None:
    sent = {"Authorization": header.encode(errors="surrogatepass").decode("latin-1")} if header else {}
    answer = Client().get(HERE, headers=sent)
    assert problem_of(answer) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Verdant"'


def test_a_session_of_the_pages_is_no_token(db: None) -> None:
    client = Client()
    client.force_login(User.objects.create_user("aiko@loomline.example", role=Role.ADMIN))
    assert problem_of(client.get(HERE)) == (401, "unauthenticated")


def test_a_token_that_was_revoked_or_has_expired_opens_nothing(crm: Source) -> None:
    now = timezone.now()
    token, secret = tokens.issue("Old", source=crm, scopes=["crm:write"], expires_at=now + HOUR)
    assert tokens.authenticate(secret, now) == token
    assert tokens.authenticate(secret, now + HOUR) is None
    tokens.revoke(token, now)
    assert tokens.authenticate(secret, now) is None
    assert problem_of(Client().get(HERE, headers=bearer(secret))) == (401, "unauthenticated")


def test_a_token_ends_with_the_user_it_acts_for(db: None) -> None:
    dana = User.objects.create_user("dana@loomline.example")
    _, secret = tokens.issue("Report", scopes=["health:read"], user=dana)
    assert Client().get(HERE, headers=bearer(secret)).json()["acts_for"] == "dana@loomline.example"
    User.objects.update(is_active=False)
    assert problem_of(Client().get(HERE, headers=bearer(secret))) == (401, "unauthenticated")


def test_a_browser_key_cannot_pose_as_a_server_key(crm: Source) -> None:
    _, secret = tokens.issue(
        "Web app",
        source=crm,
        kind=Token.Kind.BROWSER,
        scopes=["usage:write"],
        allowed_origins=["https://app.example.com"],
    )
    assert secret.startswith("vdb_")
    assert problem_of(Client().get(HERE, headers=bearer(secret))) == (403, "browser-key")
    assert problem_of(Client().get(HERE, headers=bearer("vdt_" + secret[4:]))) == (401, "unauthenticated")


def test_the_last_use_is_written_once_a_minute(secret: str) -> None:
    now = timezone.now()
    for seconds, noted in ((0, 0), (30, 0), (61, 61), (62, 61)):
        tokens.authenticate(secret, now + dt.timedelta(seconds=seconds))
        assert Token.objects.get().last_used_at == now + dt.timedelta(seconds=noted)


def test_what_is_done_with_tokens_is_logged_without_their_digest_and_their_use_is_not(crm: Source) -> None:
    token, secret = tokens.issue("CRM sync", source=crm, scopes=["crm:write"])
    tokens.authenticate(secret, timezone.now())
    tokens.revoke(token, timezone.now())
    entries = AuditEntry.objects.filter(pgh_obj_model="health.AuditedToken").order_by("pgh_created_at")
    assert [entry.pgh_label for entry in entries] == ["insert", "update"]
    assert token.digest not in str([entry.pgh_data for entry in entries])


def test_a_token_sees_the_book_of_its_user_or_the_whole_portfolio(db: None) -> None:
    from accounts.models import Account

    now = timezone.now()
    dana = User.objects.create_user("dana@loomline.example")
    for name, owner in (("Calloway", dana), ("Jade", None)):
        Account.objects.create(name=name, owner=owner, created_at=now, updated_at=now)
    own, _ = tokens.issue("Book", scopes=["health:read"], user=dana)
    whole, _ = tokens.issue("All", scopes=["health:read"], whole_portfolio=True)
    sender, _ = tokens.issue("CRM", scopes=["crm:write"], source=source("crm"))
    seen = [[account.name for account in tokens.accounts_seen_by(token)] for token in (own, whole, sender)]
    assert seen == [["Calloway"], ["Calloway", "Jade"], []]


def test_the_answer_says_what_is_left_of_the_limit_and_then_how_long_to_wait(secret: str, settings: Settings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 2
    answers = [Client().get(HERE, headers=bearer(secret)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"2"}
    assert [answer.headers["RateLimit-Reset"] for answer in answers] == ["30", "60", "60"]
    assert problem_of(answers[2]) == (429, "too-many-requests")
    assert answers[2].headers["Retry-After"] in {"29", "30"}
    assert "Retry-After" not in answers[0].headers


def test_each_token_has_a_limit_of_its_own(secret: str, crm: Source, settings: Settings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 1
    _, other = tokens.issue("Other", source=crm, scopes=["crm:write"])
    found = [Client().get(HERE, headers=bearer(key)).status_code for key in (secret, secret, other)]
    assert found == [200, 429, 200]


def test_places_come_back_evenly() -> None:
    key = f"test {timezone.now()}"
    passed = [throttle.take(key, 60, second) for second in (100, *[100] * 59, 100, 100.5, 101, 101)]
    assert [turn.passes for turn in passed if turn] == [True] * 60 + [False, False, True, False]
    assert [turn.retry_after for turn in passed[60:62] if turn] == [1, 1]


def test_a_clock_that_is_put_back_shuts_nobody_out() -> None:
    key = f"test {timezone.now()}"
    assert throttle.take(key, 60, 1_000_000)
    turn = throttle.take(key, 60, 1000)
    assert turn is not None
    assert (turn.passes, turn.retry_after) == (False, 1)


def test_without_redis_requests_pass_and_nothing_is_promised(secret: str, settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    settings.API_REQUESTS_PER_MINUTE = 1
    answers = [Client().get(HERE, headers=bearer(secret)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert "RateLimit-Limit" not in answers[0].headers


def test_a_limit_of_zero_is_none() -> None:
    assert throttle.take("anybody", 0, 0) is None


@pytest.mark.parametrize(
    ("method", "address", "expected"),
    [
        ("get", "/api/", (404, "not-found")),
        ("get", "/api/v1", (404, "not-found")),
        ("get", "/api/v1/token/", (404, "not-found")),
        ("post", "/api/v1/nowhere", (404, "not-found")),
        ("delete", HERE, (405, "method-not-allowed")),
        ("options", HERE, (405, "method-not-allowed")),
        ("trace", HERE, (405, "method-not-allowed")),
        ("get", f"{HERE}?a=%00", (400, "bad-request")),
        ("get", "/api/v1/%00", (400, "bad-request")),
    ],
)
def test_every_error_is_a_problem(method: str, address: str, expected: tuple[int, str], secret: str) -> None:
    assert problem_of(getattr(Client(), method)(address, headers=bearer(secret))) == expected


def test_a_host_that_is_not_ours_is_a_problem(secret: str) -> None:
    answer = Client().get(HERE, headers={**bearer(secret), "Host": "evil.example"})
    assert problem_of(answer) == (400, "bad-request")


def test_a_failure_of_ours_is_a_problem_without_a_word_of_the_inside(secret: str, settings: Settings) -> None:
    settings.API_REQUESTS_PER_MINUTE = "many"  # no number, so that the door itself breaks
    answer = Client(raise_request_exception=False).get(HERE, headers=bearer(secret))
    assert problem_of(answer) == (500, "broken")
    assert "many" not in answer.content.decode()


def test_every_type_of_problem_is_explained_at_its_address(db: None) -> None:
    page = Client().get("/api/problems/").content.decode()
    assert all(f'id="{problem.name}"' in page for problem in problems.TYPES)
    assert len({problem.name for problem in problems.TYPES}) == len(problems.TYPES)


def test_every_address_under_v1_is_a_door_that_wants_a_token() -> None:
    doors = [pattern for pattern in urlpatterns if str(pattern.pattern).startswith("v1/")]
    assert len(doors) > 40
    for pattern in doors:
        view: Any = vars(pattern.callback)["view_class"]
        assert issubclass(view, ApiView)
        there = str(pattern.pattern).replace("<str:source>", "crm").replace("<path:external_id>", "X-1")
        for method in {"get", "put", "post", "delete"} & set(dir(view)):
            assert problem_of(getattr(Client(), method)(f"/api/{there}")) == (401, "unauthenticated")
