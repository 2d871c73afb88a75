"""What the OpenAPI document says of records: shapes that follow from the serializer of each kind."""

import functools
import re
from typing import Any, Final

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from accounts import kinds
from accounts.fields import Amount, Reference, References
from accounts.kinds import Kind
from accounts.openapi import Described

Shape = dict[str, Any]
STATUSES: Final = ("created", "updated", "unchanged", "unmatched", "stale", "rejected", "not_applied")
ID: Final[Shape] = {"type": "string", "minLength": 1, "maxLength": 255}
NAMED: Final[Shape] = {
    "type": "object",
    "properties": {"source": {"type": ["string", "null"]}, "external_id": ID},
    "required": ["external_id"],
    "additionalProperties": False,
}
GIVEN: Final[Shape] = {
    "type": "object",
    "properties": {"source": {"type": "string"}, "external_id": ID},
    "required": ["source", "external_id"],
}


class ReferenceShape(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Sent as an id, or an object that also names the source; given as the latter."""

    target_class = Reference

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> Shape:
        if direction == "response":
            return GIVEN
        through = [
            {"type": "object", "properties": {word: {"anyOf": [ID, NAMED]}}, "required": [word], "additionalProperties": False}
            for word in self.target.through
        ]  # fmt: skip
        return {"anyOf": [ID, NAMED, *through]}


class ReferencesShape(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = References

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> Shape:
        items = GIVEN if direction == "response" else {"anyOf": [ID, NAMED]}
        return {"type": "array", "items": items, "maxItems": self.target.max_length}


class AmountShape(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = Amount

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> Shape:
        return {"type": "string", "pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,2})?$", "example": "1200.00"}


KNOWN: Final = "When history would have been known: when it happened (`occurred`), or on a day. It wants the scope `history:write`."


class Result(serializers.Serializer[Any]):
    """What became of a record."""

    index = serializers.IntegerField(help_text="Its place in the batch, from 0.")
    external_id = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(STATUSES)
    errors = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))  # type: ignore[assignment]


class BatchResult(serializers.Serializer[Any]):
    results = Result(many=True)


@functools.cache
def described(kind_name: str, verb: str) -> Described:
    """One of the four operations on records of a kind."""
    kind = kinds.get(kind_name)
    name = f"{kind.name.replace('-', '_')}_{verb}"
    if verb == "list":
        return Described(
            name=name,
            summary=f"The {kind.name} that changed, with tombstones of those that were deleted",
            parameters=PARAMETERS,
            responses={200: page_of(kind)},
            fails=[410],
        )
    if verb == "batch":
        went = OpenApiResponse(BatchResult, "All went in.")
        some = OpenApiResponse(BatchResult, "Some did not.")
        summary = f"Create and update up to 1,000 {kind.name}"
        return Described(
            name=name,
            summary=summary,
            request=batch_of(kind),
            responses={200: went, 207: some},
            fails=[409],
            parameters=[IDEMPOTENCY_KEY],
        )
    responses = {
        200: OpenApiResponse(Result, "It went in, or newer news of it is known already."),
        201: OpenApiResponse(Result, "It is new."),
        202: OpenApiResponse(Result, "It waits for a record that it refers to."),
    }
    if verb == "delete":
        return Described(name=name, summary=f"Delete one {kind.singular}", responses={200: Result}, fails=[422])
    summary = f"Create or update one {kind.singular}"
    return Described(name=name, summary=summary, request=members_of(kind), responses=responses)


IDEMPOTENCY_KEY: Final = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    OpenApiParameter.HEADER,
    description="The same request with the same key is done once, and answered again for a day.",
)
PARAMETERS: Final = (
    OpenApiParameter("updated_since", OpenApiTypes.DATETIME, description="Only what changed since then."),
    OpenApiParameter("cursor", str, description="Where to go on: from an earlier answer."),
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 500, "default": 100}),
)


def noun(kind: Kind) -> str:
    return re.sub(r"\W", "", kind.singular.title())


def extra(kind: Kind) -> dict[str, Any]:
    """The free members of an account."""
    return {"attributes": serializers.DictField(required=False)} if kind.model is None else {}


def members_of(kind: Kind) -> Any:
    """A record whose id is in the address."""
    return type(f"{noun(kind)}Members", (kind.serializer,), {"external_id": None, **extra(kind)})


def batch_of(kind: Kind) -> Any:
    record = type(f"{noun(kind)}Record", (kind.serializer,), extra(kind))
    fields = {
        "records": record(many=True, max_length=1000),
        "all_or_none": serializers.BooleanField(required=False),
        "known": serializers.RegexField(
            r"^(now|occurred|[0-9]{4}-[0-9]{2}-[0-9]{2})$", required=False, help_text=KNOWN
        ),
    }
    return type(f"{noun(kind)}Batch", (serializers.Serializer,), fields)


def page_of(kind: Kind) -> Any:
    """Records as they are given. Of those that are gone there are only the ids and the time."""
    heading: dict[str, Any] = (
        {"id": serializers.UUIDField()}
        if kind.model is None
        else {"id": serializers.IntegerField(), "source": serializers.CharField(),
              "external_id": serializers.CharField(allow_null=True)}
    )  # fmt: skip
    heading |= {"updated_at": serializers.DateTimeField(), "deleted": serializers.BooleanField()}
    if kind.model is None:
        heading["external_ids"] = References("accounts")
        heading["merged_into"] = serializers.UUIDField(
            allow_null=True, help_text="The account that it turned out to be; then it is told as deleted."
        )
    given = {member: field for member in kind.members if member not in heading for field in [as_given(kind, member)]}
    record = type(noun(kind), (serializers.Serializer,), {**heading, **given, **extra(kind)})
    fields = {
        "results": record(many=True),
        "next": serializers.URLField(allow_null=True, help_text="Where the next page is; null on the last one."),
        "cursor": serializers.CharField(help_text="Where to go on another day, also after the last page."),
    }
    return type(f"{noun(kind)}Page", (serializers.Serializer,), fields)


def as_given(kind: Kind, member: str) -> Any:
    field = kind.fields[member]
    arguments = {**field._kwargs, "required": False, "allow_null": True}  # type: ignore[attr-defined]
    return type(field)(*field._args, **arguments)  # type: ignore[attr-defined]
