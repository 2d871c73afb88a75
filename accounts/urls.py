"""Addresses under /api. Those under /api/v1 have no final slash, and nothing here leads on by a redirect."""

from collections.abc import Iterator

from django.urls import URLPattern, path

from accounts import api, kinds
from accounts.record_api import Batch, Changes, OneRecord


def of_records() -> Iterator[URLPattern]:
    """The doors of every kind, each with its own shapes in the OpenAPI document."""
    for kind in kinds.every():
        there = f"v1/{kind.name}"
        yield path(there, Changes.as_view(kind=kind), name=f"api_{kind.name}")
        yield path(f"{there}/batch", Batch.as_view(kind=kind), name=f"api_{kind.name}_batch")
        one = OneRecord.as_view(kind=kind)
        yield path(f"{there}/by-external-id/<str:source>/<path:external_id>", one, name=f"api_{kind.name}_one")


urlpatterns = [
    path("schema/", api.schema, name="api_schema"),
    path("docs/", api.documentation, name="api_docs"),
    path("problems/", api.problem_types, name="api_problems"),
    path("v1/token", api.TokenView.as_view(), name="api_token"),
    *of_records(),
]
