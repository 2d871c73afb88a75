"""What every page may rely on of its request."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class PageRequest(HttpRequest):
    """The request of somebody who is signed in; `htmx` is true when only a part of the page is asked for."""

    user: User  # `login_required` sees to it
    htmx: HtmxDetails
