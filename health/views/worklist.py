"""What is to be done over all accounts that somebody sees: the page of tasks."""

import re

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import calendar, work
from accounts.models import Account
from health import worklist
from health.book import rules_now
from health.quickadd import day_in, without_day
from health.views.answers import say
from health.views.requests import PageRequest


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def tasks(request: PageRequest) -> HttpResponse:
    """Tasks by when they are due; a POST adds one from a line that names the account."""
    problem = add_by_line(request) if request.method == "POST" else ""
    if request.method == "POST" and not problem and not request.htmx:
        return redirect(request.get_full_path())
    scopes = worklist.scopes(request.user)
    whose = request.GET.get("whose", "mine")
    whose = whose if whose in dict(scopes) else "mine"
    only = _only(request)
    found = worklist.tasks_of(request.user, whose)
    found = found.filter(account=only) if only else found
    now = timezone.now()
    today = calendar.day_of(now)
    listed = list(found.filter(done_at=None)[: worklist.MOST])
    rules = rules_now()
    parts, done = worklist.parts(listed, today), worklist.done_recently(found, now)
    context = {
        "section": "tasks",
        "scopes": scopes,
        "whose": whose,
        "only": only,
        "pressing": [part for part in parts if part.is_pressing],
        "others": [part for part in parts if not part.is_pressing],
        "total": len(listed),
        "due": sum(task.due_on == today for task in listed),
        "late": sum(task.due_on is not None and task.due_on < today for task in listed),
        "for_others": 0 if listed or only else worklist.for_others(request.user, whose),
        "done": done,
        "accounts": worklist.accounts_of([*listed, *done], rules),
        "currency": rules.currency,
        "ending": worklist.ending(request.user, today),
        "problem": problem,
        "line": request.POST.get("line", "") if problem else "",
    }
    return render(request, "health/tasks_answer.html" if request.htmx else "health/tasks.html", context)


def _only(request: PageRequest) -> Account | None:
    """The one account that the address asks for, as far as it may be seen."""
    asked = request.GET.get("account", "")
    if not re.fullmatch(r"[0-9a-f-]{36}", asked):
        return None
    found: Account = get_object_or_404(Account.objects.visible_to(request.user), public_id=asked)
    return found


def add_by_line(request: PageRequest) -> str:
    """Add the task that a line describes. Returns what is wrong with the line, if anything is."""
    line = request.POST.get("line", "").strip()[:255]
    now = timezone.now()
    today = calendar.day_of(now)
    account = _only(request)
    if account is None:
        named = re.search(r"(?<!\w)@(\S.*)", line)
        if named is None:
            return "Say which account it is for, with @ and the beginning of its name."
        fits = _accounts_named(request, without_day(named.group(1)))
        if len(fits) != 1:
            several = " or ".join(str(one) for one in fits[:3])
            return f"Which one: {several}?" if fits else "You have no account of that name."
        account = fits[0]
        line = _without_name(line, named.start(), account)
    title = without_day(line)
    if not title.strip(" @"):
        return "Say what is to be done."
    task = work.add_task(
        account, title, owner=request.user, author=request.user, due_on=day_in(line, today, ahead=True), now=now
    )
    say(request, f"Task added for {account}.", reverse("task_delete", args=[account.public_id, task.pk]))
    return ""


def _accounts_named(request: PageRequest, text: str) -> list[Account]:
    """The accounts that the text after an @ begins with; else those that begin with as many of its words as fit any."""
    visible = Account.objects.visible_to(request.user)
    words = text.split()
    for length in range(min(len(words), 6), 0, -1):
        begun = " ".join(words[:length])
        found = list(visible.filter(name__iexact=begun)[:4]) or list(visible.filter(name__istartswith=begun)[:4])
        if found:
            return found
    return []


def _without_name(line: str, at: int, account: Account) -> str:
    """The line without @ and as much of the account's name as was typed."""
    rest, name = line[at + 1 :], account.name.split()
    taken = 0
    for said, word in zip(rest.split(), name, strict=False):
        if not word.casefold().startswith(said.casefold().strip(",.;")):
            break
        taken = rest.index(said, taken) + len(said)
    return f"{line[:at].rstrip()} {rest[taken:].strip()}".strip()
