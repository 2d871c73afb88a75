"""Addresses under /api. Those of records have no final slash, and nothing here leads on by a redirect."""

from django.urls import path

from accounts import api

urlpatterns = [
    path("schema/", api.schema, name="api_schema"),
    path("docs/", api.documentation, name="api_docs"),
    path("problems/", api.problem_types, name="api_problems"),
    path("v1/token", api.TokenView.as_view(), name="api_token"),
]
