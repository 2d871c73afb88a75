"""What every page may rely on of its request, and what it keeps in its address."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class PageRequest(HttpRequest):
    """The request of somebody who is signed in; `htmx` is true when only a part of the page is asked for."""

    user: User  # `login_required` sees to it
    htmx: HtmxDetails


def in_address(answer: HttpResponse, page: str) -> HttpResponse:
    """The browser's own address follows what was chosen in a panel."""
    answer["HX-Push-Url"] = page
    return answer


def kept(page: str, query: QueryDict) -> str:
    """The address of a page whose panels are set so; that something is shown as a chart goes without saying."""
    said = query.copy()
    for name in [name for name, value in query.items() if name.endswith("-as") and value != "table"]:
        del said[name]
    return f"{page}?{said.urlencode()}" if said else page
