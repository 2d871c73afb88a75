"""The nights: what was scored, whose band changed, what was late, what failed. For those who see every account."""

import datetime as dt

import structlog
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role
from health import nights as recent
from health.models import Run
from health.recompute import go_on as let_go_on
from health.views.requests import PageRequest

REFUSED = (
    "Nights lists what each night scored, whose band changed, and what was silent or failed, of all accounts. "
    "It is for those who see every account: ask an admin to let you, or your manager for what you need."
)
log = structlog.get_logger(__name__)


@require_safe
@login_required
def nights(request: PageRequest) -> HttpResponse:
    """The latest nights, or those before a day, newest first; those that were stopped on top."""
    if not request.user.sees_every_account:
        raise PermissionDenied(REFUSED)
    before = _day(request.GET.get("before", ""))
    context = {
        "section": "data",
        "page": recent.page(before),
        "before": before,
        "stopped": recent.stopped(),
        "may_go_on": request.user.role == Role.ADMIN,
    }
    return render(request, "health/nights.html", context)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


@require_POST
@login_required
def go_on(request: PageRequest, number: int) -> HttpResponse:
    """Let a night that was stopped go on, once what stopped it is mended."""
    if request.user.role != Role.ADMIN:
        raise PermissionDenied
    run = get_object_or_404(Run, pk=number)
    if run.state == Run.State.STOPPED:
        let_go_on(run)
        log.warning("night_goes_on", day=str(run.day), run=run.pk, by=request.user.pk)
        messages.success(request, f"The night of {run.day} goes on with the next sweep, within minutes.")
    else:
        messages.info(request, f"The night of {run.day} is not stopped.")
    return redirect("nights")
