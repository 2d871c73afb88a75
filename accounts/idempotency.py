"""`Idempotency-Key`: a POST that is sent again is answered again, and done once.

What is done and its answer are one transaction, under a lock of the key's. A request that dies halfway leaves neither, and
one that is refused leaves no answer: nothing was done, so sending it again asks anew.
"""

import datetime as dt
import functools
import hashlib
import json
from collections.abc import Callable
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.door import ApiView, token_of
from accounts.kinds import Problem
from accounts.models import StoredAnswer
from accounts.problems import BAD_REQUEST, KEY_REUSED, STILL_RUNNING, Refused

HEADER: Final = "Idempotency-Key"
KEPT: Final = dt.timedelta(hours=24)
LONGEST: Final = 255

Post = Callable[..., Response]


def idempotent(post: Post) -> Post:
    """A POST whose stored answer is given to the same request with the same key, within a day."""

    @functools.wraps(post)
    def once(view: ApiView, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return post(view, request, *args, **kwargs)
        if not (0 < len(key) <= LONGEST and key.isascii() and key.isprintable()):
            raise Refused(BAD_REQUEST, errors=[Problem(HEADER, "invalid", "It has 1 to 255 printable characters.")])
        with transaction.atomic():
            _hold(request, key)
            before = _stored(request, key)
            if before is not None:
                return Response(before.body, status=before.status, headers={"Idempotent-Replayed": "true"})
            answer = post(view, request, *args, **kwargs)
            _store(request, key, answer)
        return answer

    once.is_idempotent = True  # type: ignore[attr-defined]
    return once


def _hold(request: Request, key: str) -> None:
    with connection.cursor() as cursor:
        name = f"answer {token_of(request).pk} {key}"
        cursor.execute("select pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        if not cursor.fetchone()[0]:
            raise Refused(STILL_RUNNING, "The request with this key has not been answered yet. Try again in a moment.")


def _stored(request: Request, key: str) -> StoredAnswer | None:
    found = StoredAnswer.objects.filter(token=token_of(request), key=key, at__gt=timezone.now() - KEPT).first()
    if found is not None and found.digest != digest_of(request):
        raise Refused(KEY_REUSED, "Another request was sent with this key. Take a new one for each.")
    return found


def _store(request: Request, key: str, answer: Response) -> None:
    StoredAnswer.objects.update_or_create(
        token=token_of(request),
        key=key,
        defaults={
            "digest": digest_of(request),
            "status": answer.status_code,
            "body": answer.data,
            "at": timezone.now(),
        },
    )


def digest_of(request: Request) -> str:
    """SHA-256 of what is asked, in whatever order its members come."""
    said = [request.method, request.path, request.data]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def forget(now: dt.datetime) -> int:
    """Delete answers that are given no more. Returns how many."""
    deleted, _ = StoredAnswer.objects.filter(at__lte=now - KEPT).delete()
    return deleted
