"""The parts of an account's page that stand below its score, each also at an address of its own."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Account, User
from health.timeline import Cursor, Show
from health.timeline import timeline as timeline_of
from health.views.answers import seen
from health.views.requests import PageRequest


def panels(account: Account, user: User) -> dict[str, object]:
    """What the panels of the account's page show."""
    return {"timeline": timeline_of(account)}


@require_safe
@login_required
def timeline(request: PageRequest, public_id: str) -> HttpResponse:
    """A piece of the timeline, as a part of the page or as a page of its own."""
    account = seen(request, public_id)
    wanted = request.GET.get("show", "")
    show = Show(wanted) if wanted in list(Show) else Show.ALL
    found = timeline_of(account, show, Cursor.parse(request.GET.get("before", "")))
    template = "health/account_timeline_part.html" if request.htmx else "health/timeline.html"
    return render(request, template, {"account": account, "timeline": found, "section": "accounts"})
