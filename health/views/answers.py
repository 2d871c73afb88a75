"""How a door answers: with the part of the page that asked, or, without scripts, with a page of its own or a way back."""

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import Account
from health.views.requests import PageRequest


def seen(request: PageRequest, public_id: object) -> Account:
    """An account that the user may see; somebody else's is not there."""
    visible = Account.objects.visible_to(request.user).select_related("owner")
    found: Account = get_object_or_404(visible, public_id=public_id)
    return found


def say(request: HttpRequest, words: str, undo: str = "", **fields: str) -> None:
    """Tell what was done; with `undo`, the address that takes it back and what is sent there."""
    context = {"says": words, "undo": undo, "fields": fields, "back": back(request)}
    messages.success(request, render_to_string("health/did.html", context, request) if undo else words)


def done(request: PageRequest, account: Account) -> HttpResponse:
    """After a change: what shows the account is told to refresh, and an open dialog to close."""
    if not request.htmx:
        return redirect(back(request) or reverse("account", args=[account.public_id]))
    return changed(request, str(account.public_id))


def changed(request: PageRequest, account: str = "") -> HttpResponse:
    """Tell the page that asked that an account, or several, are not what they were."""
    answer = render(request, "health/done.html", {})
    answer["HX-Trigger-After-Swap"] = json.dumps({"account-changed": {"account": account}})
    answer["HX-Reswap"] = "none"
    return answer


def asked(
    request: PageRequest, account: Account, title: str, template: str, form: forms.Form, **more: Any
) -> HttpResponse:
    """The form, in a dialog or as a page of its own."""
    context = {"account": account, "title": title, "form": form, "part": template, "section": "accounts",
               "back": back(request), **more}  # fmt: skip
    return render(request, template if request.htmx else "health/asked.html", context)


def back(request: HttpRequest) -> str:
    """Where to return to without scripts: a page of ours that the form names, or the one that it stands on."""
    named = request.POST.get("back", "") or request.GET.get("back", "")
    safe = url_has_allowed_host_and_scheme(named, allowed_hosts=None) and named.startswith("/")
    return named if safe else ""
