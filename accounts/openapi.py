"""The OpenAPI document: what every operation has in common is said here, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from accounts.problems import CONTENT_TYPE, GENERAL

# What any door can answer, before it looks at what it was asked.
ANYWHERE: Final = (400, 401, 403, 404, 429)
WITH_A_BODY: Final = (413, 415, 422)


class ProblemError(serializers.Serializer[Any]):
    """What is wrong with one member."""

    field = serializers.CharField(help_text="The member, or the way to it with dots between.")
    code = serializers.CharField(help_text="For programs; it never changes.")
    message = serializers.CharField(help_text="For people.")


class ProblemDocument(serializers.Serializer[Any]):
    """An error, as RFC 9457 has it."""

    type = serializers.CharField(help_text="What kind of problem it is: the address of its explanation.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)
    errors = ProblemError(many=True, required=False)  # type: ignore[assignment] # a member like the others


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.door.Bearer"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "An API token, which an admin makes: `vdt_…`."}


def errors(*statuses: int) -> dict[Any, OpenApiResponse]:
    """Responses of an operation that can fail in these ways, besides those of every one."""
    return {(status, CONTENT_TYPE): OpenApiResponse(ProblemDocument, GENERAL[status].title) for status in statuses}


@dataclass(frozen=True, kw_only=True)
class Described:
    """An operation whose shape follows from something else than its view alone."""

    name: str
    summary: str
    responses: Mapping[int, Any]
    request: Any = None
    parameters: Sequence[OpenApiParameter] = ()
    fails: Sequence[int] = ()


class Schema(AutoSchema):
    """Adds to each operation the errors that it shares with others, and asks a view that is `described` what it is."""

    def described(self) -> Described | None:
        ask = getattr(self.view, "described", None)
        return ask(self.method) if ask else None

    def get_operation_id(self) -> str:
        described = self.described()
        return described.name if described else super().get_operation_id()

    def get_summary(self) -> str | None:
        described = self.described()
        return described.summary if described else super().get_summary()

    def get_override_parameters(self) -> list[Any]:
        described = self.described()
        return list(described.parameters) if described else super().get_override_parameters()

    def get_request_serializer(self) -> Any:
        described = self.described()
        return described.request if described else super().get_request_serializer()

    def get_response_serializers(self) -> Any:
        described = self.described()
        if described is None:
            return super().get_response_serializers()
        return {**described.responses, **errors(*described.fails)}

    def get_tags(self) -> list[str]:
        tags: list[str] = getattr(self.view, "tags", None) or super().get_tags()
        return tags

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        shared = ANYWHERE + (WITH_A_BODY if self.method in {"PUT", "POST"} else ())
        for status in shared:
            if str(status) not in responses:
                told = OpenApiResponse(ProblemDocument, GENERAL[status].title)
                responses[str(status)] = self._response_of(told, status)
        return dict(sorted(responses.items()))

    def _response_of(self, told: OpenApiResponse, status: int) -> Any:
        return self._get_response_for_code(told, str(status), [CONTENT_TYPE])  # type: ignore[no-untyped-call]
