"""What has been told of the accounts that somebody sees, and marking it as seen."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from health import inbox, worklist
from health.book import rules_now
from health.models import Alert
from health.views.answers import back, say
from health.views.requests import PageRequest

ALERTS = 50


@require_safe
@login_required
def alerts(request: PageRequest) -> HttpResponse:
    """By day, newest first; those of one kind, or those that nobody has seen, if the address says so."""
    template = "health/alerts_list.html" if request.htmx else "health/alerts.html"
    return render(request, template, _listed(request))


def _listed(request: PageRequest) -> dict[str, Any]:
    kind = request.GET.get("kind", "")
    kind = kind if kind in Alert.Kind.values else ""
    unseen = inbox.unseen(request.user)
    found = worklist.alerts(request.user)
    found = found.filter(kind=kind) if kind else found
    only_unseen = request.GET.get("show") == "unseen"
    found = found.filter(seen_at=None) if only_unseen else found
    listed = inbox.in_order(found).select_related("account", "stream__source", "seen_by")
    page, rules = Paginator(listed, ALERTS).get_page(request.GET.get("page")), rules_now()
    return {
        "section": "alerts",
        "page": page,
        "days": inbox.days(list(page), rules),
        "currency": rules.currency,
        "kind": kind,
        "kinds": [(name, label, unseen.get(name, 0)) for name, label in Alert.Kind.choices],
        "only_unseen": only_unseen,
        "unseen": unseen.get(kind, 0) if kind else sum(unseen.values()),
        "unseen_elsewhere": sum(unseen.values()),
    }


@require_POST
@login_required
def alert_seen(request: PageRequest, number: int) -> HttpResponse:
    """Mark one as seen, and those that are told with it."""
    alert = get_object_or_404(worklist.alerts(request.user), pk=number)
    others = [int(other) for other in request.POST.getlist("with") if other.isdecimal() and len(other) < 19]
    told = worklist.alerts(request.user).filter(pk__in=[alert.pk, *others], seen_at=None)
    Alert.objects.filter(pk__in=list(told.values_list("pk", flat=True))).update(
        seen_at=timezone.now(), seen_by=request.user
    )
    if request.htmx:
        return render(request, "health/alerts_answer.html", _listed(request))
    return redirect(back(request) or reverse("alerts"))


@require_POST
@login_required
def alerts_seen(request: PageRequest) -> HttpResponse:
    """Mark all that the user sees, of one kind or of all, as seen."""
    kind = request.POST.get("kind", "")
    found = worklist.alerts(request.user).filter(seen_at=None)
    found = found.filter(kind=kind) if kind in Alert.Kind.values else found
    numbers = list(found.values_list("pk", flat=True))
    Alert.objects.filter(pk__in=numbers).update(seen_at=timezone.now(), seen_by=request.user)
    say(request, f"{len(numbers)} marked as seen.")
    return redirect("alerts")
