"""The score of one account: of a day with all that it was made of, over time, and what changed it."""

import datetime as dt
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.door import ApiView, needs
from accounts.kinds import Problem
from accounts.models import Account, Scope
from accounts.openapi import errors
from accounts.problems import BAD_PARAMETER, NOT_FOUND, Refused
from health.api import asked
from health.api.asked import described
from health.api.shapes import ChangeShape, HealthShape, HistoryShape
from health.changes import Changed, changed
from health.explain import explanation_of, nearest_day
from health.hindsight import known_now
from health.models import Run, ScorecardVersion, Settings, Snapshot

LONGEST: Final = 800
USUAL: Final = 90
DAY: Final = dt.timedelta(days=1)


class HealthView(ApiView):
    """The score of a day, with every reading, weight and rule that it was made of."""

    permission_classes = (needs(Scope.HEALTH_READ),)
    tags = ("health",)

    @extend_schema(
        operation_id="account_health_read",
        summary="An account’s score of a day, with all it was made of",
        parameters=[
            described("as_of", "The day; the last scored one unless said.", OpenApiTypes.DATE),
            described("as_known", "`then`: as it was scored. `now`: with what came late.", enum=["then", "now"]),
        ],
        responses={200: HealthShape, **errors(308)},
    )
    def get(self, request: Request, public_id: UUID) -> Response:
        given = asked.parameters(request, {"as_of": asked.day, "as_known": asked.one_of("then", "now")})
        account = asked.account(request, public_id)
        known = given.get("as_known", "then")
        snapshot = snapshot_of(account, given.get("as_of"))
        if known == "now":
            snapshot = known_now(account, snapshot.day, timezone.now())
        explained = explanation_of(account, snapshot)
        return Response(HealthShape(explained, context={"as_known": known}).data)


def snapshot_of(account: Account, day: dt.date | None) -> Snapshot:
    """The snapshot of a day, or the latest. Raises Refused, which names the nearest day that has one."""
    stored = Snapshot.objects.filter(account=account)
    found: Snapshot | None = stored.filter(day=day).first() if day else stored.order_by("-day").first()
    if found is not None:
        return found
    nearest = nearest_day(account, day) if day else None
    if nearest is None:
        raise Refused(NOT_FOUND, "The account was never scored.")
    raise Refused(NOT_FOUND, f"There is no score of {day}; the nearest is of {nearest}.", nearest=nearest.isoformat())


class HistoryView(ApiView):
    """Every scored day of an account, earliest first."""

    permission_classes = (needs(Scope.HEALTH_READ),)
    tags = ("health",)

    @extend_schema(
        operation_id="account_health_history",
        summary="The course of an account’s score",
        parameters=[
            described("from", f"The first day; {USUAL} days before the last unless said.", OpenApiTypes.DATE),
            described("to", "The last day; the last scored one unless said.", OpenApiTypes.DATE),
        ],
        responses={200: HistoryShape, **errors(308)},
    )
    def get(self, request: Request, public_id: UUID) -> Response:
        given = asked.parameters(request, {"from": asked.day, "to": asked.day})
        account = asked.account(request, public_id)
        last = given.get("to") or snapshot_of(account, None).day
        first = given.get("from") or dt.date.fromordinal(max(last.toordinal() - USUAL + 1, 1))
        in_order(first, last)
        return Response(HistoryShape({"account": account, "results": history(account, first, last)}).data)


def in_order(first: dt.date, last: dt.date) -> None:
    """Raises Refused where the days are none from which one comes to the other."""
    if first > last:
        raise Refused(BAD_PARAMETER, errors=[Problem("from", "order", f"{first} is after {last}.")])
    if (last - first).days >= LONGEST:
        raise Refused(BAD_PARAMETER, errors=[Problem("from", "too_long", f"At most {LONGEST} days at once.")])


def history(account: Account, first: dt.date, last: dt.date) -> list[dict[str, Any]]:
    """What each scored day says, by three queries."""
    columns = ("day", "score", "scored", "computed", "effective", "coverage", "which", "version_id", "settings_id")
    rows = list(Snapshot.objects.filter(account=account, day__range=(first, last)).order_by("day").values(*columns))
    versions = ScorecardVersion.objects.select_related("scorecard").in_bulk({row["version_id"] for row in rows})
    numbers = dict(Settings.objects.values_list("pk", "number"))
    return [
        {
            **row,
            "settled": row["which"] == Run.Pass.SETTLED,
            "version": versions[row["version_id"]],
            "settings_version": numbers[row["settings_id"]],
        }
        for row in rows
    ]


class ChangeView(ApiView):
    """What moved the score from one day to a later one."""

    permission_classes = (needs(Scope.HEALTH_READ),)
    tags = ("health",)

    @extend_schema(
        operation_id="account_health_change",
        summary="What changed an account’s score between two days",
        parameters=[
            described("from", "The earlier day; 30 days before the later unless said.", OpenApiTypes.DATE),
            described("to", "The later day; the last scored one unless said.", OpenApiTypes.DATE),
        ],
        responses={200: ChangeShape, **errors(308)},
    )
    def get(self, request: Request, public_id: UUID) -> Response:
        given = asked.parameters(request, {"from": asked.day, "to": asked.day})
        account = asked.account(request, public_id)
        last = snapshot_of(account, given.get("to")).day
        first = given.get("from") or last - 30 * DAY
        in_order(first, last)
        found = changed(account, snapshot_of(account, first).day, last)
        if not isinstance(found, Changed):
            raise Refused(NOT_FOUND, found.says)
        return Response(ChangeShape(found).data)
