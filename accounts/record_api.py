"""Records in and out: the same four operations for every kind in the registry."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, NoReturn, cast

from django.utils import timezone
from django.utils.http import urlencode
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import changefeed, record_shapes
from accounts.changefeed import BadPlace, OldPlace, Place
from accounts.door import ApiView, require, token_of
from accounts.fields import Day, Moment
from accounts.idempotency import idempotent
from accounts.kinds import Kind, Problem
from accounts.models import Scope, Source
from accounts.openapi import Described
from accounts.payloads import payloads
from accounts.problems import BAD_PARAMETER, GONE, INVALID, MISSING_SCOPE, OTHER_SOURCE, TOO_LARGE, Refused
from accounts.pushes import push
from accounts.rows import Known, Row

MOST_RECORDS: Final = 1_000
MOST_ON_A_PAGE: Final = 500
USUALLY_ON_A_PAGE: Final = 100
WENT_IN: Final = {"created", "updated", "unchanged"}
STATUSES: Final = {"created": 201, "unmatched": 202}


class RecordsView(ApiView):
    """A door for records of one kind."""

    kind: ClassVar[Any] = None
    verbs: ClassVar[dict[str, str]] = {}

    @property
    def tags(self) -> tuple[str, ...]:
        return (self.kind.name,)

    def described(self, method: str) -> Described:
        """What the OpenAPI document says of this door."""
        return record_shapes.described(self.kind.name, self.verbs[method])

    def sender(self, request: Request, named: Any = None) -> Source:
        """The source of this token, which may send this kind. Raises Refused, also where another source is named."""
        require(request, self.kind.scope)
        source = token_of(request).source
        if source is None:
            raise Refused(MISSING_SCOPE, "The token belongs to no source, and so sends nothing.")
        if named is not None and named != source.name:
            raise Refused(OTHER_SOURCE, f"The token sends for the source {source.name}.")
        return source


class OneRecord(RecordsView):
    """One record, by the id that its source knows it by."""

    verbs: ClassVar[dict[str, str]] = {"PUT": "put", "DELETE": "delete"}

    def put(self, request: Request, source: str, external_id: str) -> Response:
        body = request.data
        sender = self.sender(request, source)
        if not isinstance(body, dict):
            refuse([Problem("", "invalid", "A record is an object of members.")])
        self.sender(request, body.get("source"))
        if body.get("external_id", external_id) != external_id:
            refuse([Problem("external_id", "mismatch", "The address names another id.")])
        members = {name: value for name, value in body.items() if name != "source"}
        return self.apply(sender, {**members, "external_id": external_id})

    def delete(self, request: Request, source: str, external_id: str) -> Response:
        return self.apply(self.sender(request, source), {"external_id": external_id, "deleted": True})

    def apply(self, sender: Source, record: dict[str, Any]) -> Response:
        (row,) = push(self.kind, sender, [record], timezone.now())
        if row.status == "rejected":
            refuse(row.problems)
        return Response(result_of(row), status=STATUSES.get(str(row.status), 200))


class Batch(RecordsView):
    """Up to a thousand records. One bad record never costs the others."""

    verbs: ClassVar[dict[str, str]] = {"POST": "batch"}

    @idempotent
    def post(self, request: Request) -> Response:
        sender = self.sender(request)
        sent = Sent.read(request.data)
        self.sender(request, sent.source)
        if sent.known != "now":
            require(request, Scope.HISTORY_WRITE)
        rows = push(self.kind, sender, sent.records, timezone.now(), all_or_none=sent.all_or_none, known=sent.known)
        results = [result_of(row) for row in rows]
        if sent.all_or_none and any(row.status == "rejected" for row in rows):
            raise Refused(INVALID, "A record was rejected, so none was applied.", results=results)
        return Response({"results": results}, status=200 if all(row.status in WENT_IN for row in rows) else 207)


@dataclass(frozen=True)
class Sent:
    """The records of a batch, whether it goes in whole or not at all, when it would have been known, and the source if it
    names one."""

    records: list[Any]
    all_or_none: bool
    known: Known
    source: Any

    @classmethod
    def read(cls, body: Any) -> "Sent":
        """Raises Refused, which names every member that cannot be used."""
        if not isinstance(body, dict):
            refuse([Problem("", "invalid", "A batch is an object with records.")])
        members = {"records", "all_or_none", "source", "known"}
        wrong = [Problem(name, "unknown", "A batch has no such member.") for name in sorted(body.keys() - members)]
        records, all_or_none = body.get("records"), body.get("all_or_none", False)
        known = known_in(body.get("known", "now"))
        if not isinstance(records, list):
            code = "required" if records is None else "invalid"
            wrong.append(Problem("records", code, "A batch has a list of records."))
        if not isinstance(all_or_none, bool):
            wrong.append(Problem("all_or_none", "invalid", "It is true or false."))
        if known is None:
            wrong.append(Problem("known", "invalid", "It is now, occurred, or a day such as 2024-06-30."))
        if wrong or not isinstance(records, list) or known is None:
            refuse(wrong)
        if len(records) > MOST_RECORDS:
            raise Refused(TOO_LARGE, f"A batch has at most {MOST_RECORDS:,} records.")
        return cls(records, all_or_none, known, body.get("source"))


def known_in(given: Any) -> Known | None:
    if given in ("now", "occurred"):
        return cast(Known, given)
    try:
        return Day().run_validation(given)  # type: ignore[no-any-return]
    except ValidationError:
        return None


def refuse(errors: Sequence[Problem]) -> NoReturn:
    raise Refused(INVALID, errors=errors)


def result_of(row: Row) -> dict[str, Any]:
    """What became of a record. Of one without an id that can be used, the id is null."""
    return {
        "index": row.position,
        "external_id": row.external_id or None,
        "status": row.status,
        "errors": [problem._asdict() for problem in row.problems],
    }


@dataclass(frozen=True)
class Asked:
    """What a reader of changes asks for."""

    after: Place
    since: dt.datetime | None
    limit: int

    @classmethod
    def read(cls, request: Request, kind: Kind, now: dt.datetime) -> "Asked":
        """From the address. Raises Refused, which names every parameter that cannot be used."""
        given = request.query_params
        known: dict[str, Callable[[str], Any]] = {
            "cursor": lambda text: changefeed.read(text, kind, now),
            "updated_since": Moment().run_validation,
            "limit": limit_in,
        }
        values: dict[str, Any] = {}
        wrong = []
        for name in given:
            try:
                values[name] = known[name](given[name])
            except KeyError:
                wrong.append(Problem(name, "unknown", f"There are {', '.join(known)}."))
            except BadPlace:
                wrong.append(Problem(name, "invalid", "It is no cursor of this feed."))
            except OldPlace as error:
                raise out_of_date() from error
            except ValidationError as error:
                wrong.append(Problem(name, "invalid", str(error.detail[0])))  # type: ignore[index]
        if wrong:
            raise Refused(BAD_PARAMETER, errors=wrong)
        after = values.get("cursor", changefeed.START)
        return cls(after, values.get("updated_since"), values.get("limit", USUALLY_ON_A_PAGE))


def limit_in(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= MOST_ON_A_PAGE):
        raise ValidationError(f"It is a whole number from 1 to {MOST_ON_A_PAGE}.")
    return int(text)


def out_of_date() -> Refused:
    return Refused(GONE, f"Deletions are told for {changefeed.TOLD.days} days. Begin again without a cursor.")


class Changes(RecordsView):
    """The records of one kind, in the order in which they changed."""

    verbs: ClassVar[dict[str, str]] = {"GET": "list"}

    def get(self, request: Request) -> Response:
        require(request, Scope.HEALTH_READ)
        now = timezone.now()
        asked = Asked.read(request, self.kind, now)
        try:
            page = changefeed.page(
                self.kind, token_of(request), asked.after, since=asked.since, limit=asked.limit, now=now
            )
        except OldPlace as error:
            raise out_of_date() from error
        cursor = changefeed.written(page.end, self.kind, now)
        query = {"cursor": cursor, "limit": str(asked.limit)}
        if asked.since:
            query["updated_since"] = asked.since.isoformat()
        there = f"{request.path}?{urlencode(query)}"
        return Response(
            {
                "results": payloads(self.kind, page.rows),
                "next": request.build_absolute_uri(there) if page.has_more else None,
                "cursor": cursor,
            }
        )
