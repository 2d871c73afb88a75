"""The door for client libraries: the eight things that those were seen to need, and what strangers send."""

import base64
import datetime as dt
import gzip
import json
import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import rolling, tokens
from accounts.models import Event, EventTally, RefusedEvent, Scope, Token
from tests.accounts.build import source as any_source
from tests.accounts.tracked import accounts, event, group, identify, source, track, user_days

pytestmark = pytest.mark.django_db

ORIGIN = "https://app.example.com"
NOW = timezone.now


@pytest.fixture
def key(db: None) -> str:
    return tokens.issue("product", source=source(), scopes=[Scope.USAGE_WRITE])[1]


@pytest.fixture
def public(db: None) -> str:
    kind = Token.Kind.BROWSER
    return tokens.issue("page", source=source(), kind=kind, scopes=[Scope.USAGE_WRITE], allowed_origins=[ORIGIN])[1]


def basic(key: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


def post(body: Any, key: str = "", address: str = "batch", content: str = "application/json", **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"Authorization": basic(key)} if key else {}
    return Client(enforce_csrf_checks=True).post(
        f"/v1/{address}",
        raw,
        content_type=content,
        headers={**given, **{k.replace("_", "-"): v for k, v in headers.items()}},
    )


def said(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.content)
    return found


def batch(*sent: Any, **more: Any) -> dict[str, Any]:
    return {"batch": list(sent), **more}


def now_event(**more: Any) -> dict[str, Any]:
    return track(NOW(), **more)


def test_no_address_has_a_final_slash_and_none_leads_on(key: str) -> None:
    for address in ("batch", "identify", "track", "page", "screen", "group", "alias", *"itpsgab"):
        assert post(batch(), key, address).status_code == 200
        assert post(batch(), key, f"{address}/").status_code == 404


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("identify", {"userId": "ann", "traits": {"name": "Ann"}}),
        ("t", {"userId": "ann", "event": "Saved"}),
        ("page", {"anonymousId": "v-1", "name": "Pricing"}),
        ("s", {"userId": "ann", "name": "Home"}),
        ("group", {"userId": "ann", "groupId": "A-1"}),
        ("alias", {"userId": "ann", "previousId": "v-1"}),
    ],
)
def test_each_address_takes_an_event_of_its_type(key: str, address: str, body: dict[str, Any]) -> None:
    answer = post(body, key, address)
    assert (answer.status_code, said(answer)) == (200, {"success": True, "accepted": 1, "repeated": 0})


def test_success_is_exactly_200_and_json_and_errors_have_code_and_message(key: str) -> None:
    answer = post(batch(now_event()), key)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    for status, answer in {
        400: post(b"{", key), 401: post(batch()), 404: post(batch(), key, "nothing"), 405: Client().get("/v1/batch")
    }.items():  # fmt: skip
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
        assert set(said(answer)) == {"code", "message"}


@pytest.mark.parametrize("content", ["application/json", "text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_is_json_whatever_its_type_says(key: str, content: str) -> None:
    assert said(post(batch(now_event()), key, content=content))["accepted"] == 1


def test_a_body_may_be_packed_up_to_a_ceiling(key: str) -> None:
    packed = gzip.compress(json.dumps(batch(now_event())).encode())
    assert said(post(packed, key, Content_Encoding="gzip"))["accepted"] == 1
    bomb = gzip.compress(b" " * 5_000_000)
    assert post(bomb, key, Content_Encoding="gzip").status_code == 413
    assert post(b"no gzip", key, Content_Encoding="gzip").status_code == 400


def test_the_key_is_the_basic_user_or_stands_in_the_body(key: str) -> None:
    assert post(batch(now_event(), writeKey=key)).status_code == 200
    assert post(batch(now_event()), key).status_code == 200
    for wrong in ("", "nobody", key[:-1]):
        assert post(batch(now_event(), writeKey=wrong)).status_code == 401
    assert post(batch(now_event()), Authorization="Basic !!").status_code == 401


def test_a_key_without_the_scope_or_revoked_sends_nothing(key: str) -> None:
    other = tokens.issue("crm", source=source(), scopes=[Scope.CRM_WRITE])[1]
    assert post(batch(now_event()), other).status_code == 403
    tokens.revoke(Token.objects.get(name="product"), NOW())
    assert post(batch(now_event()), key).status_code == 401
    assert not Event.objects.exists()


def test_one_bad_event_does_not_cost_the_good_ones(key: str) -> None:
    good, bad = now_event(), {"type": "track", "userId": "private@example.com"}
    answer = said(post(batch(good, bad, "text", good), key))
    assert (answer["accepted"], answer["repeated"], answer["rejected"]) == (1, 1, 2)
    assert [(one["index"], one["code"]) for one in answer["errors"]] == [(1, "no_event"), (2, "not_an_object")]
    assert list(RefusedEvent.objects.values_list("type", "code")) == [("", "not_an_object"), ("track", "no_event")]
    assert not RefusedEvent.objects.filter(message__contains="private").exists()
    rolling.roll_up(NOW())
    assert list(EventTally.objects.values_list("events", "repeated", "refused")) == [(1, 1, 2)]


def test_only_the_last_refusals_are_kept(key: str) -> None:
    for _ in range(3):
        post(batch(*[{}] * 60), key)
    assert RefusedEvent.objects.count() == 100


def test_a_batch_and_an_event_have_a_largest_size(key: str) -> None:
    large = {"text": "x" * 33_000}
    assert post({**now_event(), "properties": large}, key, "track").status_code == 413
    answer = said(post(batch(now_event(properties=large), now_event()), key))
    assert (answer["accepted"], answer["errors"][0]["code"]) == (1, "too_large")
    assert post(batch(*(now_event(properties={"text": "x" * 30_000}) for _ in range(18))), key).status_code == 413


def test_a_message_counts_once_in_one_request_and_in_two(key: str) -> None:
    one = now_event()
    assert said(post(batch(one, one), key))["accepted"] == 1
    assert said(post(batch(one), key)) == {"success": True, "accepted": 0, "repeated": 1}


def test_two_sources_may_have_the_same_message(key: str) -> None:
    other = tokens.issue("app", source=any_source("app"), scopes=[Scope.USAGE_WRITE])[1]
    one = now_event()
    assert [said(post(batch(one), each))["accepted"] for each in (key, other)] == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_keep_a_message_once(key: str) -> None:
    sent = [now_event() for _ in range(200)]
    found: list[int] = []

    def send(events: list[dict[str, Any]]) -> None:
        found.append(said(post(batch(*events), key))["accepted"])
        connection.close()

    threads = [threading.Thread(target=send, args=(sent[:: (-1) ** n],)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(found), Event.objects.count()) == (200, 200)


def kept_at(body: Any, key: str) -> dt.datetime:
    assert said(post(body, key))["accepted"] == 1
    at: dt.datetime = Event.objects.get().at
    return at


def near(at: dt.datetime, wanted: dt.datetime) -> bool:
    return abs(at - wanted) < dt.timedelta(seconds=30)


def test_time_is_the_timestamp_else_the_original_one_else_the_sending_else_now(key: str) -> None:
    hour = dt.timedelta(hours=1)
    first = {"type": "track", "event": "Saved", "userId": "ann"}
    assert near(kept_at(batch({**first, "timestamp": (NOW() - hour).isoformat()}), key), NOW() - hour)
    Event.objects.all().delete()
    assert near(kept_at(batch({**first, "originalTimestamp": (NOW() - 2 * hour).isoformat()}), key), NOW() - 2 * hour)
    Event.objects.all().delete()
    assert near(kept_at(batch(first, sentAt=NOW().isoformat()), key), NOW())
    Event.objects.all().delete()
    assert near(kept_at(batch(first), key), NOW())


def test_a_clock_that_is_more_than_a_minute_off_is_put_right(key: str) -> None:
    wrong = NOW() - dt.timedelta(days=3)
    at = kept_at(batch(track(wrong - dt.timedelta(hours=1)), sentAt=wrong.isoformat()), key)
    assert near(at, NOW() - dt.timedelta(hours=1))
    Event.objects.all().delete()
    nearly = NOW() - dt.timedelta(seconds=40)
    assert kept_at(batch(track(nearly), sentAt=nearly.isoformat()), key) == nearly
    Event.objects.all().delete()
    ahead = NOW() + dt.timedelta(minutes=2)
    assert near(kept_at(batch(track(ahead), sentAt=ahead.isoformat()), key), NOW())


def test_a_request_that_a_server_sends_again_still_says_when_things_happened(key: str, public: str) -> None:
    """rudder-sdk-node says when it sent a request first, however often it sends it."""
    at = NOW() - dt.timedelta(minutes=40)
    assert kept_at(batch(track(at), sentAt=at.isoformat()), key) == at
    Event.objects.all().delete()
    assert post(batch(track(at), sentAt=at.isoformat()), public, Origin=ORIGIN).status_code == 200
    assert near(Event.objects.get().at, NOW()), "the clock of a visitor is off"


def test_what_is_more_than_a_day_ahead_is_refused_and_what_is_old_is_kept(key: str) -> None:
    ahead, old = track(NOW() + dt.timedelta(days=2)), track(NOW() - dt.timedelta(days=500))
    assert [one["code"] for one in said(post(batch(ahead, old), key))["errors"]] == ["future"]
    assert Event.objects.count() == 1


def test_traits_and_those_of_the_context_are_merged(key: str) -> None:
    source(accepted_traits=["plan"])
    sent = identify(NOW(), traits={"name": "Ann", "secret": 1}, context={"traits": {"name": "A", "plan": "pro"}})
    post(batch(sent), key)
    assert Event.objects.get().traits == {"name": "Ann", "plan": "pro"}


@pytest.mark.parametrize("address", ["batch", "t"])
def test_a_preflight_is_answered(address: str) -> None:
    answer = Client().options(f"/v1/{address}", headers={"Origin": ORIGIN, "Access-Control-Request-Method": "POST"})
    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Origin"] == ORIGIN
    assert answer["Access-Control-Allow-Headers"] == "authorization, content-type, anonymousid"


def test_too_many_requests_are_told_when_to_come_again(key: str, settings: Any) -> None:
    settings.EVENT_REQUESTS_PER_MINUTE = 2
    answers = [post(batch(now_event()), key) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 60


def test_the_address_of_a_browser_has_a_limit_of_its_own(public: str, settings: Any) -> None:
    settings.EVENT_REQUESTS_PER_ADDRESS, settings.TRUSTED_PROXIES = 1, 1
    statuses = [
        post(batch(now_event()), public, Origin=ORIGIN, X_Forwarded_For=f"9.9.9.9, {address}").status_code
        for address in ("1.1.1.1", "1.1.1.1", "2.2.2.2")
    ]
    assert statuses == [200, 429, 200]


def test_an_event_is_acknowledged_once_it_is_durable(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("alter table accounts_event add constraint never check (false) not valid")
        answer = post(batch(now_event()), key)
    assert answer.status_code == 503
    assert said(answer)["code"] == "unavailable"


def test_a_public_key_sends_from_its_pages_only(public: str) -> None:
    assert post(batch(now_event()), public, Origin=ORIGIN).status_code == 200
    for origin in ({"Origin": "https://elsewhere.example"}, {}):
        assert post(batch(now_event()), public, **origin).status_code == 403


def test_traits_that_a_public_key_sends_are_dropped_and_counted(public: str) -> None:
    accounts("A-1")
    sent = [identify(NOW(), traits={"name": "Mallory"}), group(NOW(), traits={"name": "Hacked"}), now_event()]
    assert said(post(batch(*sent), public, Origin=ORIGIN))["traits_dropped"] == 2
    assert not Event.objects.filter(traits__isnull=False).exists()
    rolling.roll_up(NOW())
    assert EventTally.objects.get().traits_dropped == 2
    assert [key[:2] for key in user_days()] == [("A-1", "ann")]


HOSTILE: dict[str, Any] = {
    "no JSON": b"{", "nothing": b"", "a list": [], "a text": "x", "null": None, "NaN": b'{"batch": [{"a": NaN}]}',
    "deep": b"[" * 100_000, "no batch": {}, "a batch that is none": {"batch": 1}, "not UTF-8": b"\xff\xfe{}",
}  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_body_that_is_no_batch_is_refused(key: str, body: Any) -> None:
    answer = post(body, key)
    assert answer.status_code in (400, 401)
    assert not Event.objects.exists()


BAD: dict[str, tuple[Any, str]] = {
    "no object": (1, "not_an_object"), "null": (None, "not_an_object"), "no type": ({"userId": "a"}, "type"),
    "an unknown type": ({"type": "delete", "userId": "a"}, "type"), "a type that is none": ({"type": [], "userId": "a"}, "type"),
    "nobody": ({"type": "track", "event": "x"}, "no_user"), "an object for a user": (event("track", NOW(), None, userId={}), "userId"),
    "a long user": (event("track", NOW(), "a" * 256, event="x"), "userId"), "no name": (event("track", NOW()), "no_event"),
    "a long name": (event("track", NOW(), event="x" * 256), "event"), "a list for a name": (event("track", NOW(), event=[]), "event"),
    "no group": (event("group", NOW()), "no_group"), "a long message": (now_event(messageId="x" * 101), "messageId"),
    "a number for a message": (now_event(messageId=7), "messageId"), "a wrong time": (now_event(timestamp="yesterday"), "timestamp"),
    "a number for a time": (now_event(timestamp=1795287037788), "timestamp"), "no zone": (now_event(timestamp="2026-01-01T00:00:00"), "timestamp"),
    "a time before all": (now_event(timestamp="0001-01-01T00:00:00+14:00"), "timestamp"),
    "a NUL": (now_event(name="a\0b"), "text"), "half a character": (now_event(name="a\ud800"), "text"),
    "a NUL in a trait": (identify(NOW(), traits={"name": "\0"}), "text"), "traits that are none": (identify(NOW(), traits=[1]), "not_an_object"),
    "half a character in a trait": (identify(NOW(), traits={"name": "\udfff"}), "text"),
    "a context that is none": (now_event(context="x"), "not_an_object"), "properties that are none": (now_event(properties=[]), "not_an_object"),
}  # fmt: skip


@pytest.mark.parametrize(("sent", "code"), BAD.values(), ids=BAD)
def test_an_event_that_cannot_be_kept_says_why(key: str, sent: Any, code: str) -> None:
    answer = post(batch(sent), key)
    assert answer.status_code == 200
    assert [one["code"] for one in said(answer)["errors"]] == [code]
    assert not Event.objects.exists()


# What the libraries add to each event: the one for Python writes a null for an anonymousId that there is not, spells UTC as
# +00:00 and says the category of a page beside its name; the one for Node adds members of its own.
LIBRARIES: dict[str, dict[str, Any]] = {
    "python": {
        "anonymousId": None, "timestamp": "2026-11-21T18:50:01.306+00:00", "category": "Docs", "integrations": {},
        "context": {"groupId": "A-1", "library": {"name": "analytics-python", "version": "2.4.0"}},
    },
    "node": {
        "timestamp": "2026-11-21T18:50:37.788Z", "integrations": {}, "_metadata": {"nodeVersion": "v20", "jsRuntime": "node"},
        "context": {"groupId": "A-1", "library": {"name": "@segment/analytics-node", "version": "3.1.0"}},
    },
}  # fmt: skip
OF_EACH_TYPE: tuple[dict[str, Any], ...] = (
    {"type": "identify", "userId": "U-1", "traits": {"email": "ada@acme.example", "name": "Ada", "title": None}},
    {"type": "group", "userId": "U-1", "groupId": "A-1", "traits": {"name": "Acme", "employees": 120, "mrr": 2500.5}},
    {"type": "track", "userId": "U-1", "event": "Report Exported", "properties": {"rows": 120}},
    {"type": "track", "anonymousId": "V-1", "event": "Signed Up", "properties": {}},
    {"type": "page", "userId": "U-1", "name": "Pricing", "properties": {"url": "https://app.acme.example/pricing"}},
    {"type": "screen", "userId": "U-1", "name": "Home", "properties": {}},
    {"type": "alias", "userId": "U-1", "previousId": "V-1"},
)


@pytest.fixture(params=LIBRARIES)
def recorded(request: pytest.FixtureRequest) -> dict[str, Any]:
    """A body as a client library builds it."""
    added = LIBRARIES[request.param]
    sent = [{**added, **one, "messageId": f"{request.param}-{number}"} for number, one in enumerate(OF_EACH_TYPE)]
    return {"batch": sent, "sentAt": "2026-11-21T18:50:38.000Z", "writeKey": "", "library": request.param}


def test_bodies_of_real_libraries_are_taken_whole(key: str, recorded: dict[str, Any]) -> None:
    answer = post(recorded, key)
    assert said(answer) == {"success": True, "accepted": 7, "repeated": 0}
    assert set(Event.objects.values_list("type", flat=True)) == {1, 2, 3, 4, 5, 6}
