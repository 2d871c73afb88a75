"""One account: its score and why, and what is recorded about it, each fact with where it came from."""

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import calendar
from accounts.models import Account
from health import facts
from health.changes import SINCE, Changed, NoChange, changed
from health.listing import neighbors
from health.models import Latest
from health.standing import standing
from health.views.panels import panels
from health.views.requests import PageRequest


@require_safe
@login_required
def account(request: PageRequest, public_id: str) -> HttpResponse:
    """The page of one account. Somebody else's is not there at all, rather than forbidden."""
    found = _seen(request, public_id)
    licenses = facts.licenses(found)
    stands = standing(found, _day(request.GET.get("day", "")))
    context = {
        "section": "accounts",
        "account": found,
        "standing": stands,
        "change": _change(request, found, stands.explanation.day) if stands.explanation else None,
        "attributes": facts.attributes(found),
        "licenses": licenses,
        "arr": facts.arr(licenses),
        "seats": facts.seats(licenses),
        "renewals": facts.renewals(found),
        "touched_at": facts.last_touch(found),
        "open_tickets": facts.open_tickets(found),
        "near": neighbors(found, request.GET["list"], request.user) if "list" in request.GET else None,
    }
    shown = stands.explanation.day if stands.explanation else None
    below = _lists(found) | panels(found, request.user, request.GET, shown)
    return render(request, "health/account.html", context | below)


@require_safe
@login_required
def changes(request: PageRequest, public_id: str) -> HttpResponse:
    """What changed between two days, as a part of the page or as the page that shows it."""
    found = _seen(request, public_id)
    if not request.htmx:
        return redirect(f"{reverse('account', args=[public_id])}?{request.GET.urlencode()}")
    latest = Latest.objects.filter(account=found).values_list("day", flat=True).first()
    last = latest or calendar.day_of(timezone.now())
    return render(request, "health/account_changes.html", {"account": found, "change": _change(request, found, last)})


@dataclass(frozen=True)
class Compared:
    """Two days and what changed between them. `days` is how far they lie apart where that is one of the usual spans."""

    first: dt.date
    last: dt.date
    days: int | None
    told: Changed | NoChange
    since: tuple[int, ...] = SINCE


def _change(request: PageRequest, found: Account, last: dt.date) -> Compared:
    """The days that the address asks for, else the month up to the day that is shown."""
    first, until = _day(request.GET.get("from", "")), _day(request.GET.get("to", ""))
    if first and until and first < until:
        return Compared(first, until, None, changed(found, first, until))
    asked = request.GET.get("since", "")
    days = int(asked) if asked in map(str, SINCE) else SINCE[-1]
    first = last - dt.timedelta(days=days)
    return Compared(first, last, days, changed(found, first, last))


def _seen(request: PageRequest, public_id: str) -> Account:
    seen = Account.objects.visible_to(request.user).select_related("owner", "parent")
    found: Account = get_object_or_404(seen, public_id=public_id)
    return found


def _day(text: str) -> dt.date | None:
    """The day that the address asks for; whatever is none is ignored."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _lists(found: Account) -> dict[str, object]:
    return {
        "invoices": facts.invoices(found),
        "pulses": facts.pulses(found),
        "objectives": facts.objectives(found),
        "tickets": facts.tickets(found),
        "answers": facts.answers(found),
        "external_ids": facts.external_ids(found),
    }
