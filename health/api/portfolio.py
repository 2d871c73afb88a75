"""The scores of all accounts that a token sees, and how bands turned."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import Q
from django.http import QueryDict
from django.utils.http import urlencode
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import tokens
from accounts.arrays import numbers_in
from accounts.door import ApiView, needs, token_of
from accounts.kinds import Problem
from accounts.models import Account, Scope
from accounts.problems import BAD_PARAMETER, Refused
from health import filters
from health.api import asked
from health.api.asked import PAGED, described
from health.api.shapes import PortfolioShape, TransitionsShape
from health.book import CHURNED, called, listed, rules_now, today
from health.filters import NOT, Chosen, Field
from health.metrics.rules import Rules
from health.models import Latest, ScorecardVersion, Transition
from health.portfolio import Portfolio

TOLD_DAYS: Final = 30
# What addresses of the list have besides the fields that it offers.
MORE: Final = ("renews", "renews_from", "renews_to", "wants")


class PortfolioView(ApiView):
    """Where every account stands, in a fixed order. Filters are those of the list of accounts."""

    permission_classes = (needs(Scope.HEALTH_READ),)
    tags = ("health",)

    @extend_schema(
        operation_id="health_list",
        summary="Where every account stands",
        parameters=[
            described("band", "`green`, `yellow`, `red`, `unknown`, `churned`, `unscored`.", many=True),
            described("moved", "`fell`, `rose`, `changed`, `held`, `guard`: in 30 days.", many=True),
            described("due", "The next renewal: `late`, `30`, `90`, `180`, `later`.", many=True),
            described("stage", "", many=True),
            described("tier", "", many=True),
            described("region", "", many=True),
            described("owner", "The number of a CSM, or `none`.", many=True),
            described("touch", "The last touchpoint: `14`, `30`, `never`.", many=True),
            described("q", "Words of the name, an external id, or a contact."),
            *PAGED,
        ],
        responses=PortfolioShape,
    )
    def get(self, request: Request) -> Response:
        given, words, chosen = wanted(request)
        rules, limit = rules_now(), given.get("limit", asked.USUAL)
        seen, after = tokens.seen(token_of(request)), place(given.get("cursor"), 1)
        found = filters.narrowed(Portfolio.of(seen, rules).filter(called(words)), chosen).filter(Q(pk__gt=after[0]))
        numbers = found.numbers(stop=limit + 1)
        rows = listed(Account.objects.existing().filter(seen, pk__in=numbers_in(numbers[:limit])), rules).order_by("pk")
        more = asked.next_page(request, [numbers[limit - 1]]) if len(numbers) > limit else None
        return Response(PortfolioShape({"results": standings(list(rows), rules), "next": more}).data)


def wanted(request: Request) -> tuple[dict[str, Any], str, list[Chosen]]:
    """Page, words and filters of an address. Raises Refused, naming every one that cannot be used."""
    query: QueryDict = request._request.GET
    token = token_of(request)
    offered = filters.fields(None if token.whole_portfolio else token.user)
    known: dict[str, asked.Reader] = {"limit": asked.limit, "cursor": asked.cursor, "q": str}
    given: dict[str, Any] = {}
    wrong = [problem for name in query for problem in refusals(name, query.getlist(name), offered, known, given)]
    if wrong:
        raise Refused(BAD_PARAMETER, errors=wrong)
    return given, given.get("q", "").replace("\0", "").strip()[:100], filters.chosen(query, offered)


def refusals(
    name: str, values: Sequence[str], offered: Sequence[Field], known: Mapping[str, asked.Reader], given: dict[str, Any]
) -> list[Problem]:
    """What is wrong with a parameter; one that is no filter is read into `given`."""
    if name in known:
        try:
            given[name] = known[name](values[-1])
        except ValueError as error:
            return [Problem(name, "invalid", str(error))]
        return []
    plain = name.removeprefix(NOT)
    if plain in MORE:
        return [] if filters.chosen(QueryDict(urlencode({name: values[-1]})), ()) else [_no_value(name, values[-1])]
    field = next((one for one in offered if one.key == plain), None)
    if field is None:
        return [Problem(name[:80], "unknown", "There is no such filter.")]
    return [_no_value(name, value) for value in values if field.of(value[:200]) is None]


def _no_value(name: str, value: str) -> Problem:
    return Problem(name, "invalid", f"“{value[:80]}” is none of its values.")


def place(cursor: list[Any] | None, size: int) -> list[Any]:
    """Where a page begins. Raises Refused where a cursor is that of another list."""
    if cursor is None:
        return [0] * size
    if len(cursor) != size:
        raise Refused(BAD_PARAMETER, errors=[Problem("cursor", "invalid", "It is no cursor of this list.")])
    return cursor


def standings(accounts: Sequence[Any], rules: Rules) -> list[dict[str, Any]]:
    """What is told of listed accounts, by two queries more."""
    latest = Latest.objects.in_bulk([account.pk for account in accounts])
    of = {one.version_id for one in latest.values()}
    versions = ScorecardVersion.objects.select_related("scorecard").in_bulk(of)
    return [standing(account, latest.get(account.pk), versions, rules) for account in accounts]


def standing(account: Any, latest: Latest | None, versions: Mapping[int, Any], rules: Rules) -> dict[str, Any]:
    scored = latest is not None and account.band != CHURNED
    told: dict[str, Any] = dict.fromkeys(("day", "bands", "scorecard", "preview"))
    if latest is not None and scored:
        told = {
            "day": latest.day,
            "bands": {"scored": latest.scored, "computed": latest.computed, "effective": account.band},
            "scorecard": versions[latest.version_id],
            "preview": preview(latest),
        }
    return {
        "account": account,
        "owner": account.owner.email if account.owner else None,
        "churned": account.band == CHURNED,
        "score": account.score,
        "coverage": account.coverage,
        "moved_7": account.moved_7,
        "moved_30": account.moved_30,
        "arr": None if account.arr_converted is None else {"amount": round(account.arr_converted, 2), "currency": rules.currency},
        "renewal_on": account.renewal_on,
        **told,
    }  # fmt: skip


def preview(latest: Latest) -> dict[str, Any] | None:
    if latest.preview_at is None:
        return None
    return {"at": latest.preview_at, "score": latest.preview_score, "band": latest.preview_band}


class TransitionsView(ApiView):
    """How bands turned, earliest day first. A day may be told anew in the night after it, when it settles."""

    permission_classes = (needs(Scope.HEALTH_READ),)
    tags = ("health",)

    @extend_schema(
        operation_id="health_transitions",
        summary="Bands that turned",
        parameters=[
            described("since", f"The first day; {TOLD_DAYS} days ago unless said.", OpenApiTypes.DATE),
            *PAGED,
        ],
        responses=TransitionsShape,
    )
    def get(self, request: Request) -> Response:
        given = asked.parameters(request, {"since": asked.day, "limit": asked.limit, "cursor": asked.cursor})
        limit = given.get("limit", asked.USUAL)
        ordinal, number = place(given.get("cursor"), 2)
        since = given.get("since") or today() - dt.timedelta(days=TOLD_DAYS)
        seen = tokens.accounts_seen_by(token_of(request))
        found = Transition.objects.filter(account__in=seen.values("pk"), day__gte=since)
        if ordinal:
            day = dt.date.fromordinal(ordinal)
            found = found.filter(Q(day__gt=day) | Q(day=day, pk__gt=number))
        rows = list(found.select_related("account").order_by("day", "pk")[: limit + 1])
        last = rows[limit - 1] if len(rows) > limit else None
        more = asked.next_page(request, [last.day.toordinal(), last.pk]) if last else None
        return Response(TransitionsShape({"results": rows[:limit], "next": more}).data)
