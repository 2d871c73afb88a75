"""One account: its score and why, and what is recorded about it, each fact with where it came from."""

import datetime as dt

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import Account
from health import facts
from health.standing import standing
from health.views.requests import PageRequest


@require_safe
@login_required
def account(request: PageRequest, public_id: str) -> HttpResponse:
    """The page of one account. Somebody else's is not there at all, rather than forbidden."""
    seen = Account.objects.visible_to(request.user).select_related("owner", "parent")
    found = get_object_or_404(seen, public_id=public_id)
    licenses = facts.licenses(found)
    context = {
        "section": "accounts",
        "account": found,
        "standing": standing(found, _day(request.GET.get("day", ""))),
        "children": Account.objects.visible_to(request.user).filter(parent=found)[: facts.FEW],
        "attributes": facts.attributes(found),
        "licenses": licenses,
        "arr": facts.arr(licenses),
        "seats": facts.seats(licenses),
        "renewals": facts.renewals(found),
        "touched_at": facts.last_touch(found),
        "open_tickets": facts.open_tickets(found),
        "usage": facts.usage(found),
    }
    return render(request, "health/account.html", context | _lists(found))


def _day(text: str) -> dt.date | None:
    """The day that the address asks for; whatever is none is ignored."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _lists(found: Account) -> dict[str, object]:
    return {
        "invoices": facts.invoices(found),
        "stakeholders": facts.stakeholders(found),
        "touchpoints": facts.touchpoints(found),
        "pulses": facts.pulses(found),
        "objectives": facts.objectives(found),
        "tickets": facts.tickets(found),
        "answers": facts.answers(found),
        "external_ids": facts.external_ids(found),
    }
