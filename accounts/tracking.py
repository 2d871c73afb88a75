"""The door for client libraries, in the shape of Segment's HTTP API.

A plain view: no redirect, no final slash, JSON whatever the content type says. An event is acknowledged once it is durable, and
nothing else is done before the answer.
"""

import base64
import binascii
import datetime as dt
import json
import time
from collections.abc import Mapping
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from redis import RedisError

from accounts import events, intake, strictjson, throttle, tokens
from accounts.events import BadEvent, Found, Terms
from accounts.models import Scope, Token
from accounts.problems import Refused

log = structlog.get_logger(__name__)

LARGEST: Final = 500 * 1024
# What each address takes; a batch holds events of any type.
TYPES: Final = {
    **dict.fromkeys(("batch", "b"), ""),
    **dict.fromkeys(("identify", "i"), "identify"),
    **dict.fromkeys(("track", "t"), "track"),
    **dict.fromkeys(("page", "p"), "page"),
    **dict.fromkeys(("screen", "s"), "screen"),
    **dict.fromkeys(("group", "g"), "group"),
    **dict.fromkeys(("alias", "a"), "alias"),
}
PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "authorization, content-type, anonymousid",
    "Access-Control-Max-Age": "86400",
}
# A refusal for each bad event would answer a small request with a large one.
LISTED: Final = 100


class NotTaken(Exception):
    """A request of which nothing is kept: a status, a stable code, and a sentence."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@csrf_exempt
def receive(request: HttpRequest, address: str) -> HttpResponse:
    """Take the events of a request. Answers 200 when all that can be kept is kept, else an error with code and message."""
    try:
        if address not in TYPES:
            raise NotTaken(404, "not_found", "Nothing takes events here.")
        if request.method == "OPTIONS":
            answer = HttpResponse(status=204, headers=PREFLIGHT)
        elif request.method == "POST":
            answer = _take(request, TYPES[address])
        else:
            raise NotTaken(405, "method_not_allowed", "Events are sent by POST.", Allow="POST, OPTIONS")
    except NotTaken as error:
        told = {"code": error.code, "message": error.message}
        answer = JsonResponse(told, status=error.status, headers=error.headers)
    except Refused as error:
        answer = _of_problem(error)
    except DatabaseError:
        log.exception("events_not_kept")
        answer = JsonResponse({"code": "unavailable", "message": "Try again later."}, status=503)
    # Who may send from where is judged by the key; the browser must be able to read the answer either way.
    answer["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*")
    answer["Vary"] = "Origin"
    answer["Cache-Control"] = "no-store"
    return answer


def _take(request: HttpRequest, kind: str) -> HttpResponse:
    now = timezone.now()
    raw = strictjson.body_of(request, LARGEST)
    if kind and len(raw) > events.LARGEST:
        raise NotTaken(413, "too_large", f"An event has at most {events.LARGEST:,} bytes.")
    body = _json(raw)
    token = _token(request, body, now)
    _turn(request, token, time.time())
    sent = [body] if kind else body.get("batch")
    if not isinstance(sent, list):
        raise NotTaken(400, "no_batch", "A batch has a list of events as its member batch.")
    assert token.source is not None
    terms = Terms(
        source=token.source,
        received_at=now,
        sent_at=_sent_at(body),
        browser=token.kind == Token.Kind.BROWSER,
        type=kind,
    )
    return _answer(sent, terms, large=len(raw) > events.LARGEST)


def _sent_at(body: Mapping[str, Any]) -> dt.datetime | None:
    """When it was sent, as far as that can be read: a clock that says nothing is taken for right."""
    try:
        return events.moment(body.get("sentAt"), dt.UTC)
    except BadEvent:
        return None


def _answer(sent: list[Any], terms: Terms, *, large: bool) -> HttpResponse:
    found = events.read(sent, terms, large=large)
    new = intake.keep(found, terms)
    if new:
        _call_roller()
    return JsonResponse({"success": True, "accepted": new, "repeated": len(found.rows) - new, **_complaints(found)})


def _complaints(found: Found) -> dict[str, Any]:
    if not found.refused and not found.dropped:
        return {}
    listed = [{"index": one.index, "code": one.code, "message": one.message} for one in found.refused[:LISTED]]
    return {"rejected": len(found.refused), "errors": listed, "traits_dropped": found.dropped}


def _json(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise NotTaken(400, "not_json", "The body is not JSON.") from error
    if not isinstance(body, dict):
        raise NotTaken(400, "not_an_object", "The body is a JSON object.")
    return body


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _token(request: HttpRequest, body: Mapping[str, Any], now: dt.datetime) -> Token:
    """The key by which a request came in, as Basic user or in the body. Raises NotTaken."""
    key = _basic(request.headers.get("Authorization", "")) or body.get("writeKey")
    token = tokens.authenticate(key, now) if isinstance(key, str) else None
    if token is None:
        raise NotTaken(401, "unauthorized", "The write key is missing, unknown or revoked.", WWW_Authenticate="Basic")
    if Scope.USAGE_WRITE not in token.scopes or token.source is None:
        raise NotTaken(403, "missing_scope", f"The key wants the scope {Scope.USAGE_WRITE}.")
    if token.kind == Token.Kind.BROWSER and request.headers.get("Origin") not in token.allowed_origins:
        raise NotTaken(403, "origin", "This key does not send from pages of this origin.")
    return token


def _basic(header: str) -> str:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _turn(request: HttpRequest, token: Token, now: float) -> None:
    """Take a turn of the key, and of the address where the key is public. Raises NotTaken."""
    turns = [throttle.take(f"events:{token.pk}", settings.EVENT_REQUESTS_PER_MINUTE, now)]
    if token.kind == Token.Kind.BROWSER:
        turns.append(throttle.take(f"events:{token.pk}:{_address(request)}", settings.EVENT_REQUESTS_PER_ADDRESS, now))
    for turn in turns:
        if turn is not None and not turn.passes:
            raise NotTaken(
                429, "too_many", f"At most {turn.limit:,} requests a minute.", Retry_After=str(turn.retry_after)
            )


def _address(request: HttpRequest) -> str:
    """The client's address, as far as our own proxies say it."""
    named = [one.strip() for one in request.headers.get("X-Forwarded-For", "").split(",") if one.strip()]
    behind = settings.TRUSTED_PROXIES
    return named[-behind] if behind and len(named) >= behind else str(request.META.get("REMOTE_ADDR", ""))


def _call_roller() -> None:
    try:
        intake.call_roller()
    except (RedisError, OSError) as error:
        # The timetable calls each minute as well.
        log.warning("roller_not_called", why=type(error).__name__)


def _of_problem(error: Refused) -> HttpResponse:
    """What the reading of bodies complains of, as client libraries understand it."""
    status = 413 if error.problem.status == 413 else 400
    return JsonResponse({"code": error.problem.name, "message": error.detail or error.problem.title}, status=status)
