"""What is answered when the server itself fails."""

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template import loader

SHORT = 8


def broken(request: HttpRequest) -> HttpResponse:
    """A page that needs neither user nor database, with the number under which the log has the cause."""
    number = str(structlog.contextvars.get_contextvars().get("request_id", ""))[:SHORT]
    return HttpResponseServerError(loader.render_to_string("500.html", {"reference": number}))
