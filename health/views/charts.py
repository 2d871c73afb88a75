"""The charts of an account's page, together and each by itself."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import Account
from health.book import rules_now
from health.charts.account import Charts
from health.charts.spans import Span
from health.views.answers import seen
from health.views.panels import shown_snapshot
from health.views.requests import PageRequest, here, in_address, kept, spanned

PANELS = {name: f"health/account_{name}.html" for name in ("history", "licenses", "users")}


@require_safe
@login_required
def charts(request: PageRequest, public_id: str) -> HttpResponse:
    """All of them, over the days that the address asks for."""
    return _answer(request, seen(request, public_id), "health/account_charts.html", "charts")


@require_safe
@login_required
def chart(request: PageRequest, public_id: str, name: str) -> HttpResponse:
    """One of them, as a chart or as a table."""
    account = seen(request, public_id)
    if name not in PANELS:
        raise Http404
    return _answer(request, account, PANELS[name], name)


def _answer(request: PageRequest, account: Account, template: str, name: str) -> HttpResponse:
    """A part of the account's page, whose address follows what was chosen; without scripts the page itself."""
    query = here(request)
    page = kept(reverse("account", args=[account.public_id]), query)
    if not request.htmx:
        return redirect(f"{page}#{name}")
    if "range" in query:
        request.session["range"] = Span.of(query)
    snapshot = shown_snapshot(account, query.get("day", ""))
    last = snapshot.day if snapshot else None
    found = Charts.of(account, spanned(request), last, rules_now())
    answer = render(request, template, {"account": account, "charts": found})
    return in_address(answer, page)
