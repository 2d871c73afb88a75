"""One account: its score and why, and what is recorded about it, each fact with where it came from."""

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import calendar
from accounts.merging import open_merges
from accounts.models import Account
from health import contract, course_sheet, facts, worklist
from health.book import rules_now
from health.changes import SINCE, Changed, Line, NoChange, changed
from health.charts.account import Charts
from health.inputs import Inputs
from health.lost import lost
from health.models import Latest
from health.neighbors import neighbors
from health.remarks import remarks
from health.segments import briefly
from health.standing import standing
from health.tickets import tickets
from health.views import merging
from health.views.panels import panels
from health.views.requests import PageRequest, here, in_address, kept, spanned

# Attributes that the head of the page names.
IN_THE_HEAD = {"name", "owner"}
# How the measures may stand in the table of why it is this score.
ORDERS = (("group", "By group"), ("lost", "By points lost"))


@require_safe
@login_required
def account(request: PageRequest, public_id: str) -> HttpResponse:
    """The page of one account. Somebody else's is not there at all, rather than forbidden."""
    try:
        found = _seen(request, public_id)
    except Http404:
        return merging.moved(request, public_id)
    rules = rules_now()
    licenses = contract.licenses(found, rules)
    stands = standing(found, _day(request.GET.get("day", "")))
    it = stands.explanation
    change = _change(request, found, it.day, it.inputs) if it else None
    attributes, renewals = list(facts.attributes(found)), contract.renewals(found)
    gone = lost(stands.latest, licenses, renewals, rules) if stands.latest and stands.latest.churned else None
    last = it.day if it else gone.until if gone else None
    touches, shown = facts.touches(found), panels(found, request.user, spanned(request), last, rules)
    context = {
        "section": "accounts",
        "account": found,
        "standing": stands,
        "change": change,
        "summary": stands.summary(change.of_the_month) if change else "",
        "briefly": briefly(it.why, {each.definition.name: each.text or "" for each in attributes}) if it else "",
        "remarks": remarks(it, shown["charts"], touches) if it else None,
        "lost": gone,
        "attributes": [each for each in attributes if each.definition.name not in IN_THE_HEAD],
        "licenses": licenses,
        "arr": contract.arr(licenses),
        "seats": contract.seats(licenses),
        "renewals": renewals,
        "touched_at": touches.last,
        "tasks": worklist.open_at(found),
        "parent_seen": found.parent_id and Account.objects.visible_to(request.user).filter(pk=found.parent_id).exists(),
        "near": neighbors(found, request.GET["list"], request.user) if "list" in request.GET else None,
    }
    if request.user.is_admin:
        context["merges"] = open_merges(found, timezone.now())
    context |= _order(request) | _lists(found) | shown
    return render(request, "health/account.html", context)


@require_safe
@login_required
def course(request: PageRequest, public_id: str) -> StreamingHttpResponse:
    """Every scored day of an account as a file."""
    found = _seen(request, public_id)
    answer = StreamingHttpResponse(course_sheet.lines(found), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="scores-{found.public_id}.csv"'
    return answer


@require_safe
@login_required
def changes(request: PageRequest, public_id: str) -> HttpResponse:
    """What changed between two days, as a part of the page or as the page that shows it."""
    found = _seen(request, public_id)
    page = kept(reverse("account", args=[public_id]), here(request))
    if not request.htmx:
        return redirect(page)
    latest = Latest.objects.filter(account=found).values_list("day", flat=True).first()
    last = latest or calendar.day_of(timezone.now())
    context = {"account": found, "change": _change(request, found, last)}
    return in_address(render(request, "health/account_changes.html", context), page)


@require_safe
@login_required
def why(request: PageRequest, public_id: str) -> HttpResponse:
    """The measures of a day's score in another order, as a part of the page or as the page that shows it."""
    found = _seen(request, public_id)
    page = kept(reverse("account", args=[public_id]), here(request))
    stands = standing(found, _day(request.GET.get("day", "")))
    if not request.htmx or stands.explanation is None:
        return redirect(page)
    it = stands.explanation
    said = remarks(it, Charts.of(found, spanned(request), it.day, rules_now()), facts.touches(found))
    context = {"account": found, "it": it, "compared": stands.compared, "remarks": said, **_order(request)}
    return in_address(render(request, "health/account_why.html", context), page)


def _order(request: PageRequest) -> dict[str, object]:
    asked = request.GET.get("by", "")
    return {"orders": ORDERS, "by": asked if asked in dict(ORDERS) else ORDERS[0][0]}


@dataclass(frozen=True)
class Compared:
    """Two days and what changed between them. `days` is how far they lie apart where that is one of the usual spans."""

    first: dt.date
    last: dt.date
    days: int | None
    told: Changed | NoChange
    since: tuple[int, ...] = SINCE

    @property
    def of_the_month(self) -> tuple[Line, ...]:
        """What moved the score most, where it is the last month that is looked at."""
        return self.told.biggest if isinstance(self.told, Changed) and self.days == SINCE[-1] else ()


def _change(request: PageRequest, found: Account, last: dt.date, known: Inputs | None = None) -> Compared:
    """The days that the address asks for, else the month up to the day that is shown."""
    first, until = _day(request.GET.get("from", "")), _day(request.GET.get("to", ""))
    if first and until and first < until:
        return Compared(first, until, None, changed(found, first, until, known))
    asked = request.GET.get("since", "")
    days = int(asked) if asked in map(str, SINCE) else SINCE[-1]
    first = last - dt.timedelta(days=days)
    return Compared(first, last, days, changed(found, first, last, known))


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
        "invoices": contract.invoices(found),
        "pulses": facts.pulses(found),
        "objectives": facts.objectives(found),
        "tickets": tickets(found),
        "answers": facts.answers(found),
        "external_ids": facts.external_ids(found),
    }
