"""What is done with several accounts at once: their owner, a task at each of them, their file. Each can be undone."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts import calendar, owners, work
from accounts.models import Account, Task
from accounts.owners import Assignment
from accounts.undo import CannotUndo
from health.bulk_forms import AssignForm, TasksForm
from health.selection import BadSelection, Selection
from health.templatetags.verdant import near_day
from health.views.answers import back, changed, say
from health.views.portfolio import file_of
from health.views.requests import PageRequest

UNDO_WITHIN = 86_400


@require_POST
@login_required
def assign(request: PageRequest) -> HttpResponse:
    """Give the selected accounts an owner. What comes with `ask` asks for the form."""
    if not owners.may_assign(request.user):
        raise PermissionDenied
    try:
        selection = _selected(request)
    except BadSelection as problem:
        return _refused(request, problem)
    form = AssignForm(_sent(request), candidates=owners.candidates(request.user))
    if not form.is_valid():
        return _asked(request, selection, "Assign", "health/bulk_assign.html", form)
    owner = form.cleaned_data["owner"]
    made = owners.assign(selection.accounts, owner, by=request.user, now=timezone.now())
    words = _assigned(made, str(owner)) + _left_out(selection)
    if made.job is None:
        messages.info(request, words)
    else:
        say(request, words, reverse("bulk_assign_undo", args=[made.job.pk]))
    return _done(request)


def _assigned(made: Assignment, owner: str) -> str:
    """`3 accounts now belong to Marco Reyes. 1 did already. 2 stay: their owner comes from Salesforce.`"""
    said = (
        [f"{_accounts(made.changed)} now belong{'s' if made.changed == 1 else ''} to {owner}."] if made.changed else []
    )
    if made.already:
        said.append(f"{made.already} did already." if made.changed else f"{_accounts(made.already)} already {owner}’s.")
    said += [
        f"{count} stay{'s' if count == 1 else ''}: {'its' if count == 1 else 'their'} owner comes from {source}."
        for source, count in made.elsewhere.items()
    ]
    return " ".join(said)


@require_POST
@login_required
def assign_undo(request: PageRequest, number: int) -> HttpResponse:
    """Take back what one has just assigned."""
    if not owners.may_assign(request.user):
        raise Http404
    now = timezone.now()
    job = get_object_or_404(owners.assignments(request.user, now), pk=number)
    try:
        owners.take_back(job, now)
    except CannotUndo:
        messages.error(request, "Somebody has assigned one of them since. Nothing was undone.")
    else:
        say(request, f"{_accounts(job.rows)}: the owner is who it was before.")
    return _done(request)


@require_POST
@login_required
def task(request: PageRequest) -> HttpResponse:
    """Add the same task at each of the selected accounts."""
    try:
        selection = _selected(request)
    except BadSelection as problem:
        return _refused(request, problem)
    now = timezone.now()
    today = calendar.day_of(now)
    form = TasksForm(_sent(request), accounts=selection.accounts, user=request.user, today=today)
    if not form.is_valid():
        return _asked(request, selection, "Add task", "health/bulk_task.html", form)
    given = form.cleaned_data
    owner = given.pop("owner")
    whose = dict.fromkeys(selection.accounts, owner) if owner else selection.owners(request.user)
    made = work.add_tasks(whose, **given, author=request.user, now=now)
    due = f", due {near_day(given['due_on'], today)}" if given["due_on"] else ""
    words = f"Task added at {_accounts(len(made))}{due}.{_left_out(selection)}"
    sealed = signing.dumps([one.pk for one in made], salt="tasks", compress=True)
    say(request, words, reverse("bulk_task_undo"), kept=sealed)
    return _done(request)


@require_POST
@login_required
def task_undo(request: PageRequest) -> HttpResponse:
    """Delete the tasks that one has just added, as far as nobody has done them."""
    try:
        numbers = signing.loads(request.POST.get("kept", ""), salt="tasks", max_age=UNDO_WITHIN)
    except signing.BadSignature as problem:
        raise Http404 from problem
    visible = Account.objects.visible_to(request.user)
    found = Task.objects.open().filter(pk__in=numbers, author=request.user, account__in=visible)
    count, _ = found.delete()
    say(request, f"{count} task{'' if count == 1 else 's'} deleted.")
    return _done(request)


@require_POST
@login_required
def export(request: PageRequest) -> HttpResponseBase:
    """The selected accounts as a file, in the order of the list and with its columns."""
    try:
        selection = _selected(request)
    except BadSelection as problem:
        return _refused(request, problem)
    return file_of(selection.numbers, selection.choice)


def _selected(request: PageRequest) -> Selection:
    """What is selected; nothing of it to be seen is as good as nothing there."""
    selection = Selection.of(request.POST, request.user)
    if not selection.accounts:
        raise Http404
    return selection


def _sent(request: PageRequest) -> QueryDict | None:
    return None if "ask" in request.POST else request.POST


def _accounts(count: int) -> str:
    return f"{count:,} account{'' if count == 1 else 's'}"


def _left_out(selection: Selection) -> str:
    return f" {selection.missing} left out: not there for you any more." if selection.missing else ""


def _refused(request: PageRequest, problem: BadSelection) -> HttpResponse:
    return render(request, "400.html", {"says": str(problem)}, status=400)


def _asked(request: PageRequest, selection: Selection, title: str, template: str, form: forms.Form) -> HttpResponse:
    context: dict[str, Any] = {
        "selection": selection, "title": title, "form": form, "part": template, "section": "accounts",
        "back": back(request), "leave": _list(request),
    }  # fmt: skip
    return render(request, template if request.htmx else "health/bulk_asked.html", context)


def _list(request: PageRequest) -> str:
    return back(request) or reverse("accounts")


def _done(request: PageRequest) -> HttpResponse:
    return changed(request) if request.htmx else redirect(_list(request))
