"""What every door under /api has in common: who comes in, what they may, how often, and how they are answered."""

import time
from collections.abc import Iterable
from typing import Any, cast

import pghistory
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import NotAuthenticated
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import throttle, tokens
from accounts.models import Token
from accounts.problems import CHALLENGE, MISSING_SCOPE, TOO_MANY, UNAUTHENTICATED, WRONG_KEY, Refused
from accounts.strictjson import StrictJSONParser


class Bearer(BaseAuthentication):
    """`Authorization: Bearer <secret>`. `request.auth` is the token, `request.user` whom it acts for, if anybody."""

    def authenticate(self, request: Request) -> tuple[Any, Token] | None:
        scheme, _, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = tokens.authenticate(secret.strip(), timezone.now())
        if token is None:
            raise Refused(UNAUTHENTICATED, "The token is unknown, has expired, or was revoked.")
        if token.kind == Token.Kind.BROWSER:
            raise Refused(WRONG_KEY)
        return token.user or AnonymousUser(), token

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class HasToken(BasePermission):
    """What every door wants, where it says nothing more."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, Token):
            raise NotAuthenticated
        return True


def needs(scope: str) -> type[BasePermission]:
    """The permission of doors that want this scope."""

    class Needs(HasToken):
        def has_permission(self, request: Request, view: APIView) -> bool:
            super().has_permission(request, view)
            require(request, scope)
            return True

    return Needs


def require(request: Request, scope: str) -> None:
    """Raises Refused when the token of this request has not the scope."""
    if scope not in token_of(request).scopes:
        raise Refused(MISSING_SCOPE, f"It wants the scope {scope}.")


def token_of(request: Request) -> Token:
    """The token by which a request came in."""
    return cast(Token, request.auth)


class AlwaysJson(BaseContentNegotiation):
    """Answers in JSON, whatever is asked for, and takes bodies by their type."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        sent = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == sent), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class ApiView(APIView):
    """A door under /api: its token has a turn, its answers say what is left of the limit, its writes are audited."""

    authentication_classes = (Bearer,)
    permission_classes: tuple[Any, ...] = (HasToken,)
    parser_classes = (StrictJSONParser,)
    content_negotiation_class = AlwaysJson
    turn: throttle.Turn | None = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.method in SAFE_METHODS:
            return super().dispatch(request, *args, **kwargs)
        with pghistory.context():
            return super().dispatch(request, *args, **kwargs)

    def perform_authentication(self, request: Request) -> None:
        """Also who may not go on takes a turn."""
        super().perform_authentication(request)
        token = request.auth
        if not isinstance(token, Token):
            return
        if request.method not in SAFE_METHODS:
            pghistory.context(token=token.pk, **({"user": token.user_id} if token.user_id else {}))
        self.turn = throttle.take(f"token:{token.pk}", settings.API_REQUESTS_PER_MINUTE, time.time())
        if self.turn is not None and not self.turn.passes:
            raise Refused(TOO_MANY, f"At most {self.turn.limit} a minute for one token.")

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in (self.turn.headers if self.turn else {}).items():
            response[name] = value
        response["Cache-Control"] = "no-store"
        return response
