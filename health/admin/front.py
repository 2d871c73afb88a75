"""The admin's first page: beside each place of its menu, how things stand there. One query or two for each."""

from collections.abc import Callable
from typing import Any

from django.db.models import Count, Max, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.models import AttributeDefinition, Job, Product, Role, Source, Team, Token, User
from health import audit, lateness
from health.models import AuditEntry, Document, LineUp, ScorecardVersion, Settings
from health.templatetags.verdant import full_day, moment
from support.models import Ticket
from surveys.models import Survey

DRAFT, PUBLISHED = Document.State.DRAFT, Document.State.PUBLISHED


def with_states(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Put its state beside each item of the menu."""
    said = {reverse(f"admin:{place}_changelist"): state for place, state in STATES.items()}
    for group in context["sidebar_navigation"]:
        for item in group["items"]:
            state = said.get(str(item["link"]))
            item["state"] = state() if state else ""
    return context


def _users() -> str:
    active = Q(is_active=True)
    found = User.objects.aggregate(
        active=Count("pk", filter=active, distinct=True),
        admins=Count("pk", filter=active & Q(role=Role.ADMIN), distinct=True),
        safe=Count("pk", filter=active & Q(authenticator__isnull=False), distinct=True),
        closed=Count("pk", filter=~active, distinct=True),
    )
    admins = f"{found['admins']} of them admin{'' if found['admins'] == 1 else 's'}"
    closed = f", and {found['closed']} closed" if found["closed"] else ""
    return f"{found['active']} active, {admins}, {found['safe'] or 'none'} with a second factor{closed}"


def _teams() -> str:
    outside = User.objects.filter(is_active=True, team=None, role=Role.CSM).count()
    return f"{Team.objects.count() or 'none'}, {outside or 'no'} CSM{'' if outside == 1 else 's'} outside of them"


def _scorecards() -> str:
    versions = ScorecardVersion.objects.filter(state__in=[DRAFT, PUBLISHED]).select_related("scorecard")
    in_force = [version for version in versions if not version.is_draft]
    drafts = ", ".join(str(version.scorecard) for version in versions if version.is_draft)
    return f"{len(in_force) or 'none'} in force, {f'a draft of {drafts}' if drafts else 'no draft'}"


def _document(model: type[LineUp] | type[Settings]) -> Callable[[], str]:
    def state() -> str:
        found = {one.state: one for one in model._default_manager.filter(state__in=[DRAFT, PUBLISHED])}
        draft = f"{found[DRAFT].number} is a draft" if DRAFT in found else "no draft"
        if PUBLISHED not in found:
            return f"none in force, {draft}"
        published = found[PUBLISHED]
        return format_html(
            "version {} in force since {}, {}", published.number, full_day(published.published_at), draft
        )

    return state


def _log() -> str:
    found = audit.telling(AuditEntry.objects.all()).aggregate(count=Count("pgh_id"), last=Max("pgh_created_at"))
    return (
        format_html("{} changes, the last {}", f"{found['count']:,}", moment(found["last"]))
        if found["count"]
        else "none"
    )


def _sources() -> str:
    paces = lateness.paces().values()
    late = sum(pace.is_late for pace in paces)
    if not paces:
        return f"{Source.objects.count() or 'none'}, nothing delivered yet"
    streams = f"{len(paces)} stream{'' if len(paces) == 1 else 's'}"
    return f"{late} of {streams} late" if late else f"{streams} on time"


def _attributes() -> str:
    found = AttributeDefinition.objects.aggregate(count=Count("pk"), waiting=Count("pk", filter=Q(accepted=False)))
    waiting = f"{found['waiting']} not accepted" if found["waiting"] else "all accepted"
    return f"{found['count']}, {waiting}" if found["count"] else "none"


def _tickets() -> str:
    solved = Q(status=Ticket.Status.SOLVED)
    found = Ticket.objects.known().aggregate(count=Count("pk"), open=Count("pk", filter=~solved))
    return f"{found['count']:,}, {found['open']:,} not solved" if found["count"] else "none"


def _tokens() -> str:
    over = Q(revoked_at__isnull=False) | Q(expires_at__lte=timezone.now())
    found = Token.objects.aggregate(live=Count("pk", filter=~over), over=Count("pk", filter=over))
    return f"{found['live'] or 'none'} in use" + (f", {found['over']} over" if found["over"] else "")


def _imports() -> str:
    last = Job.objects.order_by("-pk").first()
    if last is None:
        return "none"
    return format_html("the last {}: {}, {}", moment(last.started_at), last.name, last.get_state_display().lower())


STATES: dict[str, Callable[[], str]] = {
    "accounts_user": _users,
    "accounts_team": _teams,
    "health_scorecard": _scorecards,
    "health_lineup": _document(LineUp),
    "health_settings": _document(Settings),
    "health_auditentry": _log,
    "accounts_source": _sources,
    "accounts_attributedefinition": _attributes,
    "accounts_product": lambda: f"{Product.objects.known().count():,}",
    "surveys_survey": lambda: f"{Survey.objects.known().count():,}",
    "support_ticket": _tickets,
    "accounts_token": _tokens,
    "accounts_job": _imports,
}
