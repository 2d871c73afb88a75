"""What is answered where no view was reached, or when the server itself fails: a page, or a problem to a program."""

from typing import Final

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template import loader
from django.views import defaults

from accounts import problems

SHORT: Final = 8
INTERFACE: Final = "/api/"


def broken(request: HttpRequest) -> HttpResponse:
    """An answer that needs neither user nor database, with the number under which the log has the cause."""
    number = str(structlog.contextvars.get_contextvars().get("request_id", ""))[:SHORT]
    if request.path_info.startswith(INTERFACE):
        return problems.plain(problems.BROKEN, f"The log has the cause under {number}." if number else "")
    return HttpResponseServerError(loader.render_to_string("500.html", {"reference": number}))


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path_info.startswith(INTERFACE):
        return problems.plain(problems.NOT_FOUND)
    return defaults.page_not_found(request, exception)


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path_info.startswith(INTERFACE):
        return problems.plain(problems.BAD_REQUEST)
    return defaults.bad_request(request, exception)
