"""What every page may rely on of its request, and what it keeps in its address."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, QueryDict
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class PageRequest(HttpRequest):
    """The request of somebody who is signed in; `htmx` is true when only a part of the page is asked for."""

    user: User  # `login_required` sees to it
    htmx: HtmxDetails


def here(request: PageRequest) -> QueryDict:
    """What a panel asks for, with the day and the list that the page which it stands on was opened with."""
    asked = request.GET.copy()
    page = QueryDict(urlsplit(request.htmx.current_url_abs_path or "").query)
    for name in ("day", "list"):
        if name in page and name not in asked:
            asked[name] = page[name]
    return asked


def spanned(request: PageRequest) -> dict[str, str]:
    """How far back the charts reach: as the address says, else as it was last chosen, on whichever account."""
    return {"range": request.GET.get("range") or request.session.get("range", "")}


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
