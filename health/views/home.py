"""The first page, and each of its panels by itself."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Account
from health import attention, breakdown, dashboard, movers
from health.book import today
from health.dashboard import Book, Choice
from health.views.answers import changed
from health.views.portfolio import nothing_yet
from health.views.requests import PageRequest, in_address, kept
from health.views.worklist import add_by_line

PANELS: dict[str, Callable[[Book], object]] = {
    "strip": dashboard.strip,
    "movers": movers.movers,
    "renewals": breakdown.renewals,
    "csms": breakdown.by_csm,
    "bands": dashboard.bands,
    "tasks": attention.tasks,
    "overrides": attention.overrides,
    "silent": attention.silent,
    "divergence": attention.divergence,
    "sources": attention.sources,
}

SET_BY_ADDRESS = {"movers", "renewals", "bands"}


@require_safe
@login_required
def home(request: PageRequest) -> HttpResponse:
    """How the book stands this morning; what is missing first, where there is no book."""
    if not Account.objects.visible_to(request.user).exists():
        return nothing_yet(request, section="home")
    book = _book(request)
    context = {name: panel(book) for name, panel in PANELS.items()}
    said = {"section": "home", "book": book, "today": today(), "sentence": dashboard.sentence(book)}
    return render(request, "health/home.html", said | context)


@require_safe
@login_required
def panel(request: PageRequest, name: str) -> HttpResponse:
    """One panel, set as the address says; the browser's own address follows what was chosen."""
    if name not in PANELS:
        raise Http404
    book = _book(request)
    answer = render(request, f"health/home/{name}.html", {"book": book, name: PANELS[name](book)})
    if request.htmx and name in SET_BY_ADDRESS:
        return in_address(answer, kept(reverse("home"), request.GET))
    return answer


@require_POST
@login_required
def task_add(request: PageRequest) -> HttpResponse:
    """Add a task from a line, and stay."""
    problem = add_by_line(request)
    if not request.htmx:
        if problem:
            messages.error(request, problem)
        return redirect("home")
    line = request.POST.get("line", "") if problem else ""
    context = {"tasks": attention.tasks(_book(request)), "problem": problem, "line": line}
    return render(request, "health/home/tasks_answer.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def task_form(request: PageRequest) -> HttpResponse:
    """The same line in a dialog, from wherever on the page; the page of tasks asks for it without scripts."""
    if not request.htmx:
        return redirect("tasks")
    problem = add_by_line(request) if request.method == "POST" else ""
    if request.method == "POST" and not problem:
        return changed(request)
    context = {"title": "Add task", "problem": problem, "line": request.POST.get("line", "")}
    return render(request, "health/home/task_form.html", context)


def _book(request: PageRequest) -> Book:
    return Book(Choice.of(request.GET, request.user), request.user)
