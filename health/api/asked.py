"""What an address asks for. Every parameter that cannot be used is named in one answer."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.core import signing
from django.utils.dateparse import parse_date
from django.utils.http import urlencode
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from accounts import merging, tokens
from accounts.door import token_of
from accounts.kinds import Problem
from accounts.models import Account
from accounts.problems import BAD_PARAMETER, MERGED, NOT_FOUND, Refused

MOST: Final = 500
USUAL: Final = 100
SALT: Final = "place in a list of scores"

Reader = Callable[[str], Any]


def parameters(request: Request, known: Mapping[str, Reader]) -> dict[str, Any]:
    """The parameters of an address by their names, each as its reader makes it. Raises Refused, naming each that is unknown,
    stands there twice, or whose reader raises ValueError."""
    found, wrong = {}, []
    for name, values in request.query_params.lists():
        if name not in known:
            wrong.append(Problem(name[:80], "unknown", f"There are {', '.join(known) or 'none'}."))
        elif len(values) > 1:
            wrong.append(Problem(name, "twice", "It stands there more than once."))
        else:
            try:
                found[name] = known[name](values[0])
            except ValueError as error:
                wrong.append(Problem(name, "invalid", str(error)))
    if wrong:
        raise Refused(BAD_PARAMETER, errors=wrong)
    return found


def day(text: str) -> dt.date:
    try:
        found = parse_date(text) if len(text) == 10 and text.isascii() else None
    except ValueError:
        found = None
    if found is None:
        raise ValueError("It is a day as in 2026-05-31.")
    return found


def one_of(*words: str) -> Reader:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"It is one of {', '.join(words)}.")
        return text

    return read


def limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= MOST):
        raise ValueError(f"It is a whole number from 1 to {MOST}.")
    return int(text)


def cursor(text: str) -> list[Any]:
    """The place that a cursor names, as `next_page` wrote it."""
    try:
        place: list[Any] = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError) as error:
        raise ValueError("It is no cursor of this list.") from error
    return place


def next_page(request: Request, place: list[Any]) -> str:
    """The address that goes on after a place, as it is called from the reader's side."""
    query = {name: values for name, values in request.query_params.lists() if name != "cursor"}
    asked = urlencode({**query, "cursor": signing.dumps(place, salt=SALT)}, doseq=True)
    return request.build_absolute_uri(f"{request.path}?{asked}")


def account(request: Request, public_id: Any) -> Account:
    """The account of this id, if the token sees it. Raises Refused: what it may not see is not there, and what was merged
    leads on. That can be undone, so nobody is to keep where it led."""
    all_seen = tokens.accounts_seen_by(token_of(request))
    seen: Account | None = all_seen.filter(public_id=public_id).first()
    if seen is not None:
        return seen
    merged = Account.objects.filter(public_id=public_id, merged_into__isnull=False).first()
    survivor = merging.follow(merged) if merged else None
    if survivor is None or not all_seen.filter(pk=survivor.pk).exists():
        raise Refused(NOT_FOUND)
    there = request.get_full_path().replace(str(public_id), str(survivor.public_id), 1)
    raise Refused(MERGED, location=request.build_absolute_uri(there), merged_into=str(survivor.public_id))


def described(name: str, about: str, kind: Any = OpenApiTypes.STR, **more: Any) -> OpenApiParameter:
    """A parameter as the OpenAPI document has it."""
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=about, **more)


PAGED: Final = (
    described("limit", f"At most so many on a page, up to {MOST}; {USUAL} unless said."),
    described("cursor", "Where to go on: what `next` of the page before says."),
)
