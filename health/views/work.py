"""What is done about an account without leaving its page: notes, tasks, overrides; each can be undone."""

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import calendar, work
from accounts.models import Account, Note, Task
from health import overrides, words, worklist
from health.models import Latest, Override
from health.scoring.card import Band
from health.templatetags.verdant import near_day, plain_day
from health.views.answers import asked, done, say, seen
from health.views.requests import PageRequest
from health.work_forms import NoteForm, OverrideForm, TaskEditForm, TaskForm

USUAL_OVERRIDE = dt.timedelta(days=30)
UNDO_WITHIN = 86_400


# --- Notes -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def note_add(request: PageRequest, public_id: str) -> HttpResponse:
    account = seen(request, public_id)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        note = work.add_note(account, form.cleaned_data["text"], author=request.user, now=timezone.now())
        say(request, "Note added.", reverse("note_delete", args=[account.public_id, note.pk]))
        return done(request, account)
    return asked(request, account, "Add note", "health/note_form.html", form)


@require_POST
@login_required
def note_delete(request: PageRequest, public_id: str, number: int) -> HttpResponse:
    account = seen(request, public_id)
    note = get_object_or_404(Note, account=account, pk=number)
    kept = {"text": note.text, "author": note.author_id, "at": note.at.isoformat()}
    note.delete()
    say(request, "Note deleted.", reverse("restore", args=[account.public_id]), kept=_sealed("note", account, kept))
    return done(request, account)


# --- Tasks -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def task_add(request: PageRequest, public_id: str) -> HttpResponse:
    """Add a task; `title` and `reason` may come along from what it is to help with, such as a step of the path."""
    account, now = seen(request, public_id), timezone.now()
    first = {"title": request.GET.get("title", "")[:255]}
    form = TaskForm(
        request.POST or None, accounts=[account], user=request.user, today=calendar.day_of(now), initial=first
    )
    reason = (request.POST.get("reason") or request.GET.get("reason") or "")[:255]
    if request.method == "POST" and form.is_valid():
        task = work.add_task(account, **form.cleaned_data, author=request.user, reason=reason, now=now)
        due = f", due {near_day(task.due_on, calendar.day_of(now))}" if task.due_on else ""
        say(request, f"Task added{due}.", reverse("task_delete", args=[account.public_id, task.pk]))
        return done(request, account)
    return asked(request, account, "Add task", "health/task_form.html", form, reason=reason)


def _task(request: PageRequest, public_id: str, number: int) -> tuple[Account, Task]:
    account = seen(request, public_id)
    return account, get_object_or_404(Task.objects.select_related("owner"), account=account, pk=number)


@require_POST
@login_required
def task_done(request: PageRequest, public_id: str, number: int) -> HttpResponse:
    """Check a task off, or, with `open`, open it again."""
    account, task = _task(request, public_id, number)
    if request.POST.get("open"):
        work.reopen(task)
        say(request, f"Open again: {task}")
    else:
        work.finish(task, by=request.user, now=timezone.now())
        say(request, f"Done: {task}", reverse("task_done", args=[account.public_id, task.pk]), open="1")
    return done(request, account)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def task_edit(request: PageRequest, public_id: str, number: int) -> HttpResponse:
    account, task = _task(request, public_id, number)
    first = {"title": task.title, "due_on": task.due_on, "owner": task.owner_id, "details": task.details}
    today = calendar.day_of(timezone.now())
    form = TaskEditForm(request.POST or None, accounts=[account], user=task.owner, today=today, initial=first)
    if request.method == "POST" and form.is_valid():
        work.edit(task, **form.cleaned_data)
        say(request, f"Saved: {task}")
        return done(request, account)
    return asked(request, account, "Edit task", "health/task_form.html", form, task=task)


@require_POST
@login_required
def task_delete(request: PageRequest, public_id: str, number: int) -> HttpResponse:
    account, task = _task(request, public_id, number)
    kept = {name: getattr(task, name) for name in _KEPT}
    task.delete()
    say(request, f"Deleted: {kept['title']}", reverse("restore", args=[account.public_id]),
        kept=_sealed("task", account, {name: _plain(value) for name, value in kept.items()}))  # fmt: skip
    return done(request, account)


_KEPT = ("title", "details", "reason", "owner_id", "author_id", "due_on", "created_at", "done_at", "done_by_id")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _sealed(what: str, account: Account, kept: dict[str, Any]) -> str:
    """What was deleted, in the hands of the page until it may be wanted back, and signed so that it stays what it was."""
    return signing.dumps({"what": what, "account": account.pk, "kept": kept}, salt="deleted", compress=True)


@require_POST
@login_required
def restore(request: PageRequest, public_id: str) -> HttpResponse:
    """Bring back a task or a note that was just deleted."""
    account = seen(request, public_id)
    try:
        sealed = signing.loads(request.POST.get("kept", ""), salt="deleted", max_age=UNDO_WITHIN)
    except signing.BadSignature as problem:
        raise Http404 from problem
    if sealed["account"] != account.pk:
        raise Http404
    if sealed["what"] == "task":
        restored: Task | Note = Task.objects.create(account=account, **sealed["kept"])
    else:
        kept = sealed["kept"]
        restored = Note.objects.create(account=account, text=kept["text"], author_id=kept["author"], at=kept["at"])
    say(request, f"Restored: {restored}")
    return done(request, account)


@require_safe
@login_required
def next_tasks(request: PageRequest, public_id: str) -> HttpResponse:
    """The panel of open tasks by itself."""
    account = seen(request, public_id)
    return render(request, "health/account_next.html", {"account": account, "tasks": worklist.open_at(account)})


# --- Overrides -------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def override_set(request: PageRequest, public_id: str) -> HttpResponse:
    """Let a band stand above the computed one, with a reason and a last day."""
    account, now = seen(request, public_id), timezone.now()
    today = calendar.day_of(now)
    active = overrides.in_force([account.pk], now).get(account.pk)
    first: dict[str, object] = {"last_day": today + USUAL_OVERRIDE}
    if active is not None:
        first = {"band": active.band, "reason": active.reason, "last_day": active.last_day}
    form = OverrideForm(request.POST or None, today=today, initial=first)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = overrides.override(
                account, band=Band(given["band"]), reason=given["reason"], last_day=given["last_day"],
                author=request.user, now=now,
            )  # fmt: skip
        except overrides.BadOverride as problem:
            form.add_error("last_day" if "ends within" in str(problem) else None, str(problem))
        else:
            says = f"Held at {words.band(Band(made.band))} until {plain_day(made.last_day)}."
            say(request, says, reverse("override_end", args=[account.public_id]))
            return done(request, account)
    latest = Latest.objects.filter(account=account).first()
    return asked(request, account, "Override the band", "health/override_form.html", form, active=active, latest=latest)


@require_POST
@login_required
def override_end(request: PageRequest, public_id: str) -> HttpResponse:
    """End the override in force; the computed band is back at once."""
    account, now = seen(request, public_id), timezone.now()
    active: Override | None = overrides.in_force([account.pk], now).get(account.pk)
    if active is None:
        raise Http404
    overrides.end(account, now=now)
    latest = Latest.objects.filter(account=account).first()
    says = f" The computed band is back: {words.band(Band(latest.computed))}." if latest else ""
    say(request, f"The override has ended.{says}")
    return done(request, account)
