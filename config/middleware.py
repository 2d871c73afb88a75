"""The site's own turns on middlewares of others."""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

import pghistory
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.middleware.common import CommonMiddleware
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails
from django_structlog.middlewares import RequestMiddleware

from accounts import calendar
from config.errors import INTERFACE, unreadable

# Programs come here, and want no pages.
INTERFACES = ("/v1/", INTERFACE)


class SlashingCommonMiddleware(CommonMiddleware):
    """Adds a missing final slash to addresses of pages only.

    Clients of the HTTP interfaces follow a redirect with an empty GET, take its answer for success and lose the data.
    """

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        return not request.path_info.startswith(INTERFACES) and super().should_redirect_with_slash(request)


class RequestLogMiddleware(RequestMiddleware):
    """Logs each request by method and path: a query string may hold what somebody searched for."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"


class NulMiddleware:
    """Refuses an address with a NUL in it: no text of ours has one, and PostgreSQL takes none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path:
            return unreadable(request, SuspiciousOperation("The address has a NUL in it."))
        return self.get_response(request)


class NoPageMiddleware:
    """Gives whoever opens an address that only takes forms a page that says so; Django answers with nothing at all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET" and not request.path_info.startswith(INTERFACES):
            page = render(request, "405.html", status=405)
            page["Allow"] = response["Allow"]
            return page
        return response


class AuditMiddleware:
    """Lets the audit log know who is behind a write."""

    safe = ("GET", "HEAD", "OPTIONS", "TRACE")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in self.safe or not request.user.is_authenticated:
            return self.get_response(request)
        with pghistory.context(user=request.user.pk):
            return self.get_response(request)


class SignInAgainMiddleware:
    """Leads the whole page to the sign-in where a part of it was asked for after the session had ended; else the form
    for signing in would stand in the place of that part."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        asked = HtmxDetails(request)
        if not asked or response.status_code != 302:
            return response
        sign_in = resolve_url(settings.LOGIN_URL)
        if urlsplit(response["Location"]).path != sign_in:
            return response
        back = urlencode({"next": asked.current_url_abs_path or "/"})
        return HttpResponseClientRedirect(f"{sign_in}?{back}")


class AdminClockMiddleware:
    """Lets the admin write moments by the organization's clock, as every other page does. Interfaces stay in UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/admin/"):
            return self.get_response(request)
        with timezone.override(calendar.zone()):
            return self.get_response(request)
