"""Merging another account into one, by an admin: found by name, seen beforehand, and undone for 30 days."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts import merging
from accounts.merging import NotMerged
from accounts.models import Account, Merge
from health import merges
from health.search import accounts_called
from health.views.answers import say, seen
from health.views.requests import PageRequest

REFUSED = "Only an admin merges accounts."


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def merge(request: PageRequest, public_id: str) -> HttpResponse:
    """Choose the account that is merged into this one, see what moves, and merge it."""
    survivor = _of_admin(request, public_id)
    given = request.POST if request.method == "POST" else request.GET
    words, loser = given.get("q", "").strip(), _chosen(request, given.get("with", ""))
    if request.method == "POST" and loser is not None:
        return _merge(request, loser, survivor)
    found = [account for account in accounts_called(request.user, words) if account != survivor]
    context = {"section": "accounts", "account": survivor, "words": words, "found": found, "loser": loser}
    if loser is not None:
        context |= {
            "moves": merges.preview(loser),
            "refused": _refusal(loser, survivor),
            "days": merging.UNDO_WITHIN.days,
        }
    return render(request, "health/account_merge.html", context)


def _chosen(request: PageRequest, text: str) -> Account | None:
    """The account that the address names; whatever is none is ignored."""
    try:
        return seen(request, UUID(text)) if text else None
    except ValueError:
        return None


def _merge(request: PageRequest, loser: Account, survivor: Account) -> HttpResponse:
    try:
        made = merges.merge(loser, survivor, by=request.user, now=timezone.now())
    except NotMerged as problem:
        messages.error(request, str(problem))
        return redirect("account_merge", survivor.public_id)
    undo = reverse("account_merge_undo", args=[survivor.public_id, made.pk])
    say(request, f"{loser} is merged into {survivor}.", undo)
    return redirect("account", survivor.public_id)


def _refusal(loser: Account, survivor: Account) -> str:
    """Why the two cannot be merged; empty where they can."""
    try:
        merging.check(loser, survivor)
    except NotMerged as problem:
        return str(problem)
    return ""


@require_POST
@login_required
def merge_undo(request: PageRequest, public_id: str, number: int) -> HttpResponse:
    """Make two accounts again of one."""
    survivor = _of_admin(request, public_id)
    made = get_object_or_404(Merge.objects.select_related("loser", "survivor"), survivor=survivor, pk=number)
    try:
        merges.undo(made, by=request.user, now=timezone.now())
    except NotMerged as problem:
        messages.error(request, str(problem))
    else:
        say(request, f"{made.loser} and {survivor} are two accounts again.")
    there = reverse("account", args=[survivor.public_id])
    return HttpResponse(headers={"HX-Redirect": there}) if request.htmx else redirect(there)


def _of_admin(request: PageRequest, public_id: str) -> Account:
    account = seen(request, public_id)
    if not request.user.is_admin:
        raise PermissionDenied(REFUSED)
    return account


def moved(request: PageRequest, public_id: str) -> HttpResponse:
    """Where the page of a merged account leads, for who sees that. It can be undone, so no browser is to keep where."""
    merged = get_object_or_404(
        Account.objects.select_related("merged_into"), public_id=public_id, merged_into__isnull=False
    )
    survivor = merging.follow(merged)
    if not Account.objects.visible_to(request.user).filter(pk=survivor.pk).exists():
        raise Http404
    messages.info(request, f"{merged} has been merged into {survivor}.")
    answer = HttpResponsePermanentRedirect(reverse("account", args=[survivor.public_id]))
    answer["Cache-Control"] = "no-store"
    return answer
