"""Facts that users log by hand: touchpoints from one line, and the pulse. Each can be taken back."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts import work
from accounts.models import Account, Pulse, Touchpoint
from health.explain import explained
from health.metrics import declare
from health.models import Latest
from health.names import named
from health.views.answers import asked, done, say, seen
from health.views.requests import PageRequest
from health.work_forms import PulseForm, TouchpointForm, subject_and_notes

# --- Touchpoints -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def touchpoint_add(request: PageRequest, public_id: str) -> HttpResponse:
    """Log a touchpoint from one line."""
    account, now = seen(request, public_id), timezone.now()
    form = TouchpointForm(request.POST or None, account=account, now=now)
    if request.method == "POST" and form.is_valid():
        try:
            logged = _log(account, form)
        except work.NotLogged as problem:
            form.add_error(None, str(problem))
        else:
            word = "planned" if logged.status == Touchpoint.Status.PLANNED else "logged"
            say(request, f"{logged.get_kind_display()} {word}. {_counts(account)}".strip(),
                reverse("touchpoint_undo", args=[account.public_id, logged.record]))  # fmt: skip
            return done(request, account)
    return asked(request, account, "Log touchpoint", "health/touchpoint_form.html", form, **form.chips())


def _log(account: Account, form: TouchpointForm) -> Touchpoint:
    subject, notes = subject_and_notes(form.told)
    return work.log_touchpoint(
        account, at=form.at, kind=form.meant_kind, status=form.meant_status, subject=subject, notes=notes,
        participants=form.participants, now=form.now,
    )  # fmt: skip


@require_POST
@login_required
def understood(request: PageRequest, public_id: str) -> HttpResponse:
    """What the line says so far, as chips. Nothing is saved."""
    account = seen(request, public_id)
    form = TouchpointForm(request.POST, account=account, now=timezone.now())
    return render(request, "health/composer_marks.html", {"account": account, "form": form, **form.chips()})


@require_POST
@login_required
def touchpoint_undo(request: PageRequest, public_id: str, record: int) -> HttpResponse:
    return _take_back(request, public_id, "touchpoints", record, "The touchpoint is taken back.")


def _take_back(request: PageRequest, public_id: str, kind: str, record: int, says: str) -> HttpResponse:
    account = seen(request, public_id)
    try:
        work.take_back(kind, account, record, timezone.now())
    except work.NotLogged as problem:
        raise Http404(str(problem)) from problem
    say(request, says)
    return done(request, account)


def _counts(account: Account) -> str:
    """When a fact that was logged now begins to count; nothing for an account that is not scored."""
    scored = Latest.objects.filter(account=account, churned=False).exists()
    return "It counts in the score from tonight." if scored else ""


# --- Pulses ----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def pulse_set(request: PageRequest, public_id: str) -> HttpResponse:
    """Set a pulse, beside the last one and what it weighs in the score."""
    account, now = seen(request, public_id), timezone.now()
    pulses = Pulse.objects.known().filter(account=account).annotate(who=named("author"))
    last = pulses.order_by("-at", "-record").first()
    form = PulseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        pulse = work.set_pulse(account, given["rating"], author=request.user, comment=given["comment"], now=now)
        before = f"{last.rating} → " if last else ""
        say(request, f"Pulse set: {before}{pulse.rating}. {_counts(account)}".strip(),
            reverse("pulse_undo", args=[account.public_id, pulse.record]))  # fmt: skip
        return done(request, account)
    return asked(
        request, account, "Set pulse", "health/pulse_form.html", form, last=last, weight=_pulse_weight(account)
    )


def _pulse_weight(account: Account) -> float | None:
    """The effective weight of the pulse in the score of the latest day, where the scorecard has one."""
    explanation = explained(account, None)
    pulse, _ = declare.get("pulse")
    lines = explanation.measures if explanation else ()
    return next((line.effective for line in lines if line.metric is pulse), None)


@require_POST
@login_required
def pulse_undo(request: PageRequest, public_id: str, record: int) -> HttpResponse:
    return _take_back(request, public_id, "pulses", record, "The pulse is taken back.")
