"""What templates ask about work: open tasks, counts beside the menu, when a task is due, the line to log from."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts import calendar
from accounts.models import Account, Task
from health import inbox, worklist
from health.inbox import Told
from health.models import Alert
from health.templatetags.verdant import NBSP, near_day, plain_day
from health.way import Step
from health.work_forms import TouchpointForm

register = template.Library()


@register.filter
def task_of(step: Step, tasks: Iterable[Task]) -> Task | None:
    """The open task that a step of the path became."""
    return step.task_of(tasks)


@register.simple_tag
def composer(account: Account) -> dict[str, Any]:
    """An empty line with its chips."""
    form = TouchpointForm({}, account=account, now=timezone.now())
    form.is_bound = False
    return {"form": form, **form.chips()}


@register.simple_tag(takes_context=True)
def work_counts(context: template.Context) -> worklist.Counts:
    """How many tasks are open and late, and how many alerts nobody has seen, for whoever looks."""
    return worklist.counts(context["request"].user, calendar.day_of(timezone.now()))


@register.filter
def due(task: Task) -> str:
    """`tomorrow`, `Nov 24`, `2 d late`; empty where no day is set."""
    if task.due_on is None:
        return ""
    days = (task.due_on - calendar.day_of(timezone.now())).days
    if days < 0:
        return f"{-days}{NBSP}d{NBSP}late"
    return {0: "today", 1: "tomorrow"}.get(days, plain_day(task.due_on))


@register.filter
def is_pressing(task: Task) -> bool:
    """Late, today or tomorrow: said in a heavier weight."""
    tomorrow = calendar.day_of(timezone.now()) + dt.timedelta(days=1)
    return task.done_at is None and task.due_on is not None and task.due_on <= tomorrow


@register.filter
def on_day(day: dt.date) -> str:
    """`Today`, `Yesterday`, `Mon, Nov 23`."""
    return near_day(day, calendar.day_of(timezone.now()))


@register.filter
def task_address(told: Told) -> str:
    """Where a task is added that answers an alert, with its words filled in."""
    if told.alert.account is None:
        return ""
    filled = urlencode({"title": told.title, "reason": told.reason, "back": reverse("alerts")})
    return f"{reverse('task_add', args=[told.alert.account.public_id])}?{filled}"


@register.filter
def rule(guard: Alert) -> str:
    """The rule of a guard, as in a sentence."""
    return inbox.rule(guard)
