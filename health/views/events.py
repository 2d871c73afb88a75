"""Events of client libraries as they come, for whoever builds tracking into a product."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import live
from accounts.models import Account, Source
from health.views.requests import PageRequest


@require_safe
@login_required
def of_source(request: PageRequest, name: str) -> HttpResponse:
    """The latest events of a source, whatever their account: for those who see all. What was refused, and why."""
    if not request.user.sees_every_account:
        raise PermissionDenied
    source = get_object_or_404(Source, name=name)
    context = {
        "section": "data",
        "source": source,
        "events": live.of_source(source, timezone.now()),
        "refused": source.refused_events.all()[: live.SHOWN],
        "tallies": source.event_tallies.order_by("-day")[:7],
    }
    return render(request, "health/source_events.html", context)


@require_safe
@login_required
def of_account(request: PageRequest, public_id: str) -> HttpResponse:
    """The latest events that count at an account."""
    account = get_object_or_404(Account.objects.visible_to(request.user), public_id=public_id)
    context = {"section": "accounts", "account": account, "events": live.of_account(account, timezone.now())}
    return render(request, "health/account_events.html", context)
