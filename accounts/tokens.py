"""Tokens: made once, known again by their digest, revoked for good."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from accounts.models import Account, Source, Token, User, seen_by

BYTES = 32
SHOWN = 12
MARKS = {Token.Kind.SERVER: "vdt_", Token.Kind.BROWSER: "vdb_"}
# A row that is written with every request would be a queue for all of them.
NOTED_AFTER = dt.timedelta(minutes=1)


def issue(
    name: str,
    *,
    source: Source | None = None,
    kind: Token.Kind = Token.Kind.SERVER,
    scopes: Iterable[str] = (),
    user: User | None = None,
    whole_portfolio: bool = False,
    allowed_origins: Iterable[str] = (),
    expires_at: dt.datetime | None = None,
) -> tuple[Token, str]:
    """Make a token. Its secret, `vdt_…` or of a browser key `vdb_…`, is nowhere to be had again."""
    token = Token(
        name=name,
        source=source,
        kind=kind,
        scopes=list(scopes),
        user=user,
        whole_portfolio=whole_portfolio,
        allowed_origins=list(allowed_origins),
        expires_at=expires_at,
    )
    return token, seal(token)


def seal(token: Token) -> str:
    """Give a token that is not saved yet its secret, and save it with the digest alone."""
    secret = MARKS[Token.Kind(token.kind)] + secrets.token_urlsafe(BYTES)
    token.prefix, token.digest = secret[:SHOWN], digest_of(secret)
    token.save(force_insert=True)
    return secret


def digest_of(secret: str) -> str:
    """SHA-256 in hexadecimal. There is nothing to guess in 256 random bits, so it need not be slow."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def authenticate(secret: str, now: dt.datetime) -> Token | None:
    """The token with this secret, with its source and user, if it still holds at `now`. Its use is noted."""
    if not secret.startswith(tuple(MARKS.values())):
        return None
    holding = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    found = Token.objects.filter(holding, digest=digest_of(secret), revoked_at__isnull=True)
    token = found.select_related("source", "user").first()
    if token is None or (token.user is not None and not token.user.is_active):
        return None
    if token.last_used_at is None or token.last_used_at < now - NOTED_AFTER:
        before = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - NOTED_AFTER)
        Token.objects.filter(before, pk=token.pk).update(last_used_at=now)
    return token


def revoke(token: Token, now: dt.datetime) -> None:
    """From now on nobody comes in by it. That cannot be taken back."""
    Token.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now)


def seen(token: Token) -> Q:
    """Which accounts a token reads: all, or those of the user it acts for; as a condition on their owner."""
    return Q() if token.whole_portfolio else seen_by(token.user or AnonymousUser())


def accounts_seen_by(token: Token) -> Any:
    """The accounts themselves."""
    return Account.objects.existing().filter(seen(token))
