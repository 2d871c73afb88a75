"""The list of accounts, and what stands there while there is none."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from accounts.models import Account
from health import book
from health.firstday import checklist
from health.views.requests import PageRequest


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for this address whatever a page says; it leads to the logo."""
    return redirect(static("verdant/logo.svg"))


@require_safe
@login_required
def accounts(request: PageRequest) -> HttpResponse:
    """The accounts that the user may see: their own book by default, searched, sorted and in pages."""
    chosen = book.Choice.of(request.GET, request.user)
    if not chosen.visible:
        return nothing_yet(request)
    rows = book.rows(chosen, request.user)
    page = Paginator(rows, book.PAGE).get_page(request.GET.get("page"))
    template = "health/accounts_list.html" if request.htmx else "health/accounts.html"
    strip = book.strip(chosen, request.user)
    context = {"section": "accounts", "chosen": chosen, "page": page, "columns": book.COLUMNS, "strip": strip}
    return render(request, template, context)


def nothing_yet(request: PageRequest, section: str = "accounts") -> HttpResponse:
    """No account at all, or none that is this user's: say which, and what comes next."""
    some = Account.objects.existing().exists()  # only whether there are any, never which
    context = {"section": section, "some": some, "checklist": None if some else checklist()}
    return render(request, "health/accounts_none.html", context)


@require_safe
@login_required
def first_day(request: PageRequest) -> HttpResponse:
    """The checklist of a new installation, for as long as somebody wants to look at it."""
    return render(request, "health/first_day.html", {"section": "home", "checklist": checklist()})
