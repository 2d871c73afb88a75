"""The interface itself: who one is, and its documentation."""

import functools
import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import problems
from accounts.door import ApiView, token_of
from accounts.models import Token


class TokenSerializer(serializers.Serializer[Token]):
    """A token without its secret."""

    name = serializers.CharField()
    prefix = serializers.CharField()
    source = serializers.CharField(source="source.name", allow_null=True, default=None)  # type: ignore[assignment]
    scopes = serializers.ListField(child=serializers.CharField())
    acts_for = serializers.EmailField(source="user.email", allow_null=True, default=None)
    whole_portfolio = serializers.BooleanField()
    expires_at = serializers.DateTimeField(allow_null=True)


class TokenView(ApiView):
    """The token by which one asks: a way to try it out."""

    tags = ("token",)

    @extend_schema(operation_id="token_read", summary="What your token may do", responses=TokenSerializer)
    def get(self, request: Request) -> Response:
        return Response(TokenSerializer(token_of(request)).data)


@functools.cache
def openapi_document() -> bytes:
    """The OpenAPI document as JSON, made once."""
    return json.dumps(SchemaGenerator().get_schema(public=True)).encode()  # type: ignore[no-untyped-call]


# These say nothing that is not in the published source, so anybody may read them.


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    return HttpResponse(openapi_document(), content_type="application/vnd.oai.openapi+json")


@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    """The document as pages, to try operations out."""
    return render(request, "api/docs.html")


@require_safe
def problem_types(request: HttpRequest) -> HttpResponse:
    """What each type of problem means: the addresses that errors name."""
    return render(request, "api/problems.html", {"problems": problems.TYPES})
