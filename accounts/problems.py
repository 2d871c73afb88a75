"""Errors of the HTTP interfaces, as RFC 9457 wants them: `application/problem+json` with a type that never changes.

A type is the address of its entry at `/api/problems/`, which this table makes.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.kinds import Problem

CONTENT_TYPE: Final = "application/problem+json"
PAGE: Final = "/api/problems/"
CHALLENGE: Final = 'Bearer realm="Verdant"'


class ProblemType(NamedTuple):
    """A kind of error: its name, status, what it is, and what to do about it."""

    name: str
    status: int
    title: str
    about: str

    @property
    def uri(self) -> str:
        return f"{PAGE}#{self.name}"


MERGED = ProblemType(
    "merged",
    308,
    "The account was merged into another one.",
    "`Location` says where it is, `merged_into` its id there.",
)
BAD_REQUEST = ProblemType("bad-request", 400, "The request cannot be read.", "Look at `detail`.")
BAD_PARAMETER = ProblemType(
    "bad-parameter", 400, "A parameter of the address cannot be used.", "`errors` names each of them."
)
BAD_COMPRESSION = ProblemType(
    "bad-compression", 400, "The body is not what its Content-Encoding says.", "Send whole gzip data, or none."
)
NOT_JSON = ProblemType("not-json", 400, "The body is not JSON.", "It is UTF-8 text as RFC 8259 has it.")
TOO_DEEP = ProblemType("too-deep", 400, "The body is nested too deeply.", "At most 20 levels.")
DUPLICATE_MEMBER = ProblemType(
    "duplicate-member", 400, "An object has a member twice.", "Which of the two was meant cannot be known."
)
BAD_NUMBER = ProblemType(
    "bad-number", 400, "A number is none that can be kept.", "No NaN, no Infinity, at most 40 digits, below 1.8e308."
)
BAD_TEXT = ProblemType(
    "bad-text", 400, "A text has characters that cannot be kept.", "No NUL, and no half of a surrogate pair."
)
UNAUTHENTICATED = ProblemType(
    "unauthenticated",
    401,
    "There is no token, or none that holds.",
    "Send `Authorization: Bearer <token>`. An admin makes tokens, and sees when one expired or was revoked.",
)
FORBIDDEN = ProblemType("forbidden", 403, "That is not allowed.", "Look at `detail`.")
MISSING_SCOPE = ProblemType(
    "missing-scope", 403, "The token may not do this.", "`detail` names the scope that it lacks."
)
WRONG_KEY = ProblemType(
    "browser-key", 403, "A browser key opens only the tracking paths.", "Use a server key, and keep it secret."
)
OTHER_SOURCE = ProblemType(
    "other-source", 403, "The token belongs to another source.", "A token sends for its own source only."
)
NOT_FOUND = ProblemType("not-found", 404, "There is no such thing.", "Or it is not for this token to see.")
METHOD = ProblemType("method-not-allowed", 405, "The address does not take this method.", "`Allow` names what it does.")
CONFLICT = ProblemType("conflict", 409, "That does not fit what is there.", "Look at `detail`.")
STILL_RUNNING = ProblemType(
    "still-running", 409, "The same request is being worked on.", "Send it again in a moment, with the same key."
)
GONE = ProblemType("gone", 410, "That was there once.", "Look at `detail`.")
PRECONDITION = ProblemType(
    "precondition-failed", 412, "It has been changed meanwhile.", "Read it again, and send its new ETag in `If-Match`."
)
TOO_LARGE = ProblemType("too-large", 413, "The body is too large.", "Send several smaller ones.")
MEDIA_TYPE = ProblemType(
    "media-type", 415, "The body is of a type that is not taken.", "Send `application/json`, plain or with gzip."
)
INVALID = ProblemType("invalid", 422, "What was sent breaks a rule.", "`errors` names members with code and sentence.")
KEY_REUSED = ProblemType(
    "key-reused", 422, "The Idempotency-Key was used for another request.", "Take a new key for each request."
)
PRECONDITION_REQUIRED = ProblemType(
    "precondition-required", 428, "A condition is missing.", "Send what you have read, as `If-Match`."
)
TOO_MANY = ProblemType("too-many-requests", 429, "Too many requests.", "Wait for `Retry-After` seconds.")
BROKEN = ProblemType("broken", 500, "Something broke on our side.", "Try again; `detail` has the number in the log.")
UNAVAILABLE = ProblemType("unavailable", 503, "Not able to answer just now.", "Try again in a little while.")

TYPES: Final = (
    *(BAD_REQUEST, BAD_PARAMETER, BAD_COMPRESSION, NOT_JSON, TOO_DEEP, DUPLICATE_MEMBER, BAD_NUMBER, BAD_TEXT),
    *(UNAUTHENTICATED, FORBIDDEN, MISSING_SCOPE, WRONG_KEY, OTHER_SOURCE, NOT_FOUND, METHOD, CONFLICT, GONE),
    *(STILL_RUNNING, KEY_REUSED, PRECONDITION, TOO_LARGE, MEDIA_TYPE, INVALID, PRECONDITION_REQUIRED, TOO_MANY),
    *(BROKEN, UNAVAILABLE, MERGED),
)
# What stands for a status where nobody said more.
GENERAL: Final = {
    problem.status: problem
    for problem in (
        *(BAD_REQUEST, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, METHOD, CONFLICT, GONE, PRECONDITION, TOO_LARGE),
        *(MEDIA_TYPE, INVALID, PRECONDITION_REQUIRED, TOO_MANY, BROKEN, UNAVAILABLE, MERGED),
    )
}


class Refused(exceptions.APIException):
    """A request that is answered with a problem. `location`: where it would be answered; `more`: further members."""

    def __init__(
        self, problem: ProblemType, detail: str = "", *, errors: Iterable[Problem] = (), location: str = "", **more: Any
    ) -> None:
        super().__init__(detail or problem.title, problem.name)
        self.problem, self.status_code, self.location = problem, problem.status, location
        self.errors, self.more = list(errors), more


def document(problem: ProblemType, detail: str = "", errors: Iterable[Problem] = (), **more: Any) -> dict[str, Any]:
    """The members of an answer."""
    answer: dict[str, Any] = {"type": problem.uri, "title": problem.title, "status": problem.status}
    if detail:
        answer["detail"] = detail
    if listed := [error._asdict() for error in errors]:
        answer["errors"] = listed
    return answer | more


def handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Django REST framework's hook. None, for what nobody expected, leads to `config.errors.broken`."""
    if isinstance(error, Http404):
        error = exceptions.NotFound("")
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied("")
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {}
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = CHALLENGE
    if isinstance(error, Refused) and error.location:
        headers["Location"] = error.location
    set_rollback()
    return Response(_told(error), status=error.status_code, headers=headers, content_type=CONTENT_TYPE)


def _told(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, Refused):
        detail = str(error.detail)
        return document(error.problem, "" if detail == error.problem.title else detail, error.errors, **error.more)
    if isinstance(error, exceptions.ValidationError):
        return document(INVALID, errors=_fields(error.detail))
    problem = GENERAL.get(error.status_code, BAD_REQUEST)
    return document(problem, str(error.detail) if problem.status != HTTPStatus.NOT_FOUND else "")


def _fields(detail: Any, path: str = "") -> Iterable[Problem]:
    """Complaints of a serializer, each with the way to its member, such as `records.3.name`."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _fields(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(detail, list | tuple):
        for position, inner in enumerate(detail):
            deeper = isinstance(inner, Mapping | list)
            yield from _fields(inner, f"{path}.{position}" if path and deeper else path)
    else:
        yield Problem(path, str(getattr(detail, "code", "invalid")), str(detail))


def plain(problem: ProblemType, detail: str = "") -> HttpResponse:
    """A problem as Django itself answers it, where no view of the interface was reached."""
    return JsonResponse(document(problem, detail), status=problem.status, content_type=CONTENT_TYPE)
