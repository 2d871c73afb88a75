"""The parts of an account's page that stand below its score, each also at an address of its own."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.models import Account, User
from health import facts
from health.book import today
from health.charts.account import Charts
from health.compared import compared
from health.evidence import as_of, evidence
from health.explain import explanation_of, nearest_day
from health.inputs import inputs_of
from health.metrics.rules import Rules
from health.models import Settings, Snapshot
from health.models.snapshots import MOST
from health.people import people
from health.rollup import family
from health.rules import rules_of
from health.timeline import FEW, SIZE, Cursor, Show
from health.timeline import timeline as timeline_of
from health.views.answers import seen
from health.views.requests import PageRequest
from health.voices import features, nps


def panels(account: Account, user: User, query: Mapping[str, str], day: dt.date | None, rules: Rules) -> dict[str, Any]:
    """What the panels of the account's page show, its charts to the day that is shown."""
    charts = Charts.of(account, query, day, rules)
    last = charts.period.last
    return {
        "charts": charts,
        "features": features(account, last, charts.born, rules) if charts.told else None,
        "uses": () if charts.told else facts.features(account, last),
        "timeline": timeline_of(account, size=FEW),
        "family": family(account, user, rules),
        "people": people(account, today(), rules),
        "nps": nps(account, today()),
    }


@require_safe
@login_required
def timeline(request: PageRequest, public_id: str) -> HttpResponse:
    """A piece of the timeline, as a part of the page or as a page of its own."""
    account = seen(request, public_id)
    wanted = request.GET.get("show", "")
    show = Show(wanted) if wanted in list(Show) else Show.ALL
    before = Cursor.parse(request.GET.get("before", ""))
    found = timeline_of(account, show, before, FEW if request.htmx and before is None else SIZE)
    template = "health/account_timeline_part.html" if request.htmx else "health/timeline.html"
    return render(request, template, {"account": account, "timeline": found, "section": "accounts"})


@require_safe
@login_required
def measure(request: PageRequest, public_id: str, key: str) -> HttpResponse:
    """The facts behind one measure of a day's score, as known when it was made. Where nothing is scored, the page says why."""
    account = seen(request, public_id)
    snapshot = shown_snapshot(account, request.GET.get("day", ""))
    if snapshot is None:
        return redirect("account", account.public_id)
    inputs = inputs_of(snapshot)
    index = next((index for index, one in enumerate(inputs.card.measures) if one.key == key), None)
    if index is None:
        raise Http404(f"{inputs.version} has no measure “{key}”.")
    asked = inputs.asked[inputs.card.measures[index].slot]
    it = explanation_of(account, snapshot)
    line = next(one for one in it.measures if one.key == key)
    rules = rules_of(Settings.objects.get(pk=snapshot.settings_id).document)
    found = evidence(account, asked, as_of(asked, snapshot.day, line.age), snapshot.known_at, rules)
    beside = compared(inputs)
    context = {"account": account, "it": it, "line": line, "asked": asked, "evidence": found, "snapshot": snapshot,
               "scorecard": inputs.version, "compared": beside, "beside": beside[key],
               "lacks": line.n != min(found.n, MOST)}  # fmt: skip
    template = "health/measure_facts.html" if request.htmx else "health/measure.html"
    return render(request, template, {"section": "accounts", **context})


def shown_snapshot(account: Account, text: str) -> Snapshot | None:
    """The snapshot of the day that the address names, else of the nearest; of the latest where it names none."""
    stored = Snapshot.objects.filter(account=account).order_by("-day")
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return stored.first()
    return stored.filter(day=day).first() or stored.filter(day=nearest_day(account, day) or day).first()
