"""What accounts are judged by: the catalog of metrics, and the scorecards that are published."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.door import ApiView, needs
from accounts.models import Scope
from accounts.problems import NOT_FOUND, Refused
from health.api import asked
from health.api.shapes import MetricsShape, ScorecardShape, ScorecardsShape
from health.metrics import declare
from health.models import Document, ScorecardVersion
from health.scorecards import parts_of


class MetricsView(ApiView):
    """Every metric that a scorecard can use, as it is declared."""

    permission_classes = (needs(Scope.CONFIG_READ),)
    tags = ("configuration",)

    @extend_schema(operation_id="metrics_list", summary="The catalog of metrics", responses=MetricsShape)
    def get(self, request: Request) -> Response:
        asked.parameters(request, {})
        return Response(MetricsShape({"results": declare.every()}).data)


def published() -> Any:
    return ScorecardVersion.objects.filter(state=Document.State.PUBLISHED).select_related("scorecard")


class ScorecardsView(ApiView):
    """The scorecards that are published."""

    permission_classes = (needs(Scope.CONFIG_READ),)
    tags = ("configuration",)

    @extend_schema(operation_id="scorecards_list", summary="The published scorecards", responses=ScorecardsShape)
    def get(self, request: Request) -> Response:
        asked.parameters(request, {})
        return Response(ScorecardsShape({"results": published().order_by("scorecard__name")}).data)


class ScorecardView(ApiView):
    """One scorecard, in the version that is published."""

    permission_classes = (needs(Scope.CONFIG_READ),)
    tags = ("configuration",)

    @extend_schema(operation_id="scorecard_read", summary="A published scorecard", responses=ScorecardShape)
    def get(self, request: Request, name: str) -> Response:
        asked.parameters(request, {})
        version = published().filter(scorecard__name=name).first()
        if version is None:
            raise Refused(NOT_FOUND)
        return Response(ScorecardShape(document(version)).data, headers={"ETag": f'"{name}-{version.number}"'})


def document(version: ScorecardVersion) -> dict[str, Any]:
    """A version with its parts, by four queries."""
    parts = parts_of(version)
    groups = [
        {
            "key": group.key,
            "label": group.label,
            "weight": group.weight,
            "measures": [one for one in parts.measures if one.group_id == group.pk],
        }
        for group in parts.groups
    ]
    return {"version": version, "groups": groups, "guards": parts.guards}
