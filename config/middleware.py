"""The site's own turns on middlewares of others."""

from django.http import HttpRequest
from django.middleware.common import CommonMiddleware
from django_structlog.middlewares import RequestMiddleware


class SlashingCommonMiddleware(CommonMiddleware):
    """Adds a missing final slash to addresses of pages only.

    Clients of the HTTP interfaces follow a redirect with an empty GET, take its answer for success and lose the data.
    """

    interfaces = ("/v1/", "/api/")

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        return not request.path_info.startswith(self.interfaces) and super().should_redirect_with_slash(request)


class RequestLogMiddleware(RequestMiddleware):
    """Logs each request by method and path: a query string may hold what somebody searched for."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"
