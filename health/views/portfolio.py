"""The list of accounts, the views of it that people keep, and what stands there while there is none."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import owners
from accounts.models import Account
from health import bandstrip, listing, sheet
from health.columns import COLUMNS
from health.firstday import checklist
from health.glance import glances
from health.models import SavedView
from health.selection import MOST
from health.views.requests import PageRequest


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for this address whatever a page says; it leads to the logo."""
    return redirect(static("verdant/logo.svg"))


@require_safe
@login_required
def accounts(request: PageRequest) -> HttpResponse:
    """The accounts that the user may see: their own book by default, filtered, searched, sorted and in pages."""
    saved = _saved(request)
    if saved is not None:
        return saved
    chosen = listing.Choice.of(request.GET, request.user)
    if not chosen.visible:
        return nothing_yet(request)
    strip, facets = bandstrip.counted(chosen)
    pages: Paginator[Any] = Paginator(range(strip.accounts), listing.PAGE)
    page = pages.get_page(request.GET.get("page"))
    before = listing.PAGE * (page.number - 1)
    rows = chosen.shown(chosen.numbers(before, before + listing.PAGE))
    page.object_list = rows
    beside = glances([account.pk for account in rows], chosen)
    context = {
        "section": "accounts",
        "chosen": chosen,
        "page": page,
        "rows": [(account, beside[account.pk]) for account in rows],
        "columns": COLUMNS,
        "shown": {column.key: column in chosen.columns for column in COLUMNS},
        "strip": strip,
        "foreign": any(set(vars(account)["currencies"] or ()) - {strip.currency} for account in rows),
        "facets": facets,
        "may_assign": owners.may_assign(request.user),
        "most": MOST,
        "own_views": [view for view in chosen.views if view.saved and view.is_own],
    }
    template = "health/accounts_list.html" if request.htmx else "health/accounts.html"
    return render(request, template, context)


def _saved(request: PageRequest) -> HttpResponse | None:
    """A saved view that is asked for by its key alone leads to what it stands for; one of somebody else's is not there."""
    key = request.GET.get("view", "")
    if not (key.startswith("s") and key[1:].isdecimal() and len(key) < 12):
        return None
    view = get_object_or_404(
        SavedView.objects.filter(shared=True) | SavedView.objects.filter(owner=request.user), pk=key[1:]
    )
    if set(request.GET) == {"view"} and view.query:
        return redirect(f"{reverse('accounts')}?view={key}&{view.query}")
    return None


@require_safe
@login_required
def export(request: PageRequest) -> HttpResponseBase:
    """The list as a file: what is filtered, in its order, with the columns that are shown."""
    chosen = listing.Choice.of(request.GET, request.user)
    return file_of(chosen.numbers(), chosen)


def file_of(accounts: Sequence[int], chosen: listing.Choice) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(sheet.lines(accounts, chosen), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="accounts-{timezone.localdate():%Y-%m-%d}.csv"'
    return answer


@require_POST
@login_required
def view_save(request: PageRequest) -> HttpResponse:
    """Keep the list as it is under a name."""
    name, query = _name(request), listing.asked(listing.query_of(request.POST.get("query", "")))
    if not name:
        messages.error(request, "A view needs a name.")
        return redirect(f"{reverse('accounts')}?{query}")
    try:
        with transaction.atomic():
            saved = SavedView.objects.create(
                owner=request.user, name=name, query=query, shared="shared" in request.POST, created_at=timezone.now()
            )
    except IntegrityError:
        messages.error(request, f"You have a view “{name}” already.")
        return redirect(f"{reverse('accounts')}?{query}")
    messages.success(request, f"Saved as “{name}”{', for everybody' if saved.shared else ''}.")
    return redirect(f"{reverse('accounts')}?view=s{saved.pk}&{query}")


@require_POST
@login_required
def view_change(request: PageRequest, number: int) -> HttpResponse:
    """Rename a view, share it or not, or give it what the list shows now. Only its owner can."""
    view = get_object_or_404(SavedView, pk=number, owner=request.user)
    view.name = _name(request) or view.name
    view.shared = "shared" in request.POST
    if "query" in request.POST:
        view.query = listing.asked(listing.query_of(request.POST["query"]))
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        messages.error(request, f"You have a view “{view.name}” already.")
    return redirect(f"{reverse('accounts')}?view=s{view.pk}&{view.query}")


@require_POST
@login_required
def view_delete(request: PageRequest, number: int) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=number, owner=request.user)
    view.delete()
    messages.success(request, f"The view “{view.name}” is gone. The accounts in it are as they were.")
    return redirect("accounts")


def _name(request: PageRequest) -> str:
    return request.POST.get("name", "").replace("\0", "").strip()[:60]


def nothing_yet(request: PageRequest, section: str = "accounts") -> HttpResponse:
    """No account at all, or none that is this user's: say which, and what comes next."""
    some = Account.objects.existing().exists()  # only whether there are any, never which
    context = {"section": section, "some": some, "checklist": None if some else checklist()}
    return render(request, "health/accounts_none.html", context)


@require_safe
@login_required
def first_day(request: PageRequest) -> HttpResponse:
    """The checklist of a new installation, for as long as somebody wants to look at it. Who looks on is told when a step is
    done, and nothing is put in place anew before that: commands are being copied from it."""
    steps = checklist()
    if request.htmx and request.GET.get("done") == str(steps.done):
        return HttpResponse(status=204)
    return render(request, "health/first_day.html", {"section": "home", "checklist": steps})
