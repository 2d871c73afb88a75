"""How often one may ask: so many requests a minute, evenly or at once, counted in Redis for all web processes together.

Each key has the moment at which its bucket would be full again (the generic cell rate algorithm); one script reads, judges
and writes it, so that no two requests share a place. Without Redis requests pass: who sends facts must not lose them
because a counter is away. It is logged once, and again when it is away the next time.
"""

import functools
from dataclasses import dataclass
from typing import Any, Final

import structlog
from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)

MINUTE: Final = 60_000_000  # microseconds, as all times here
SECOND: Final = 1_000_000
PATIENCE: Final = 0.5  # seconds that a request waits for Redis

# Numbers over 1e14 would be written as 1e+14 by themselves. A bucket is never fuller than full, so that a clock that is put
# back shuts nobody out.
TAKE: Final = """
local now, each, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full = math.min(math.max(tonumber(redis.call('get', KEYS[1]) or 0), now), now + most) + each
if full - now > most then
    return {0, string.format('%.0f', full - each - now)}
end
redis.call('set', KEYS[1], string.format('%.0f', full), 'px', math.ceil(most / 1000))
return {1, string.format('%.0f', full - now)}
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether a request may pass, and what its answer says of the limit (requests a minute; seconds)."""

    passes: bool
    limit: int
    remaining: int
    reset: int
    retry_after: int

    @property
    def headers(self) -> dict[str, str]:
        told = {
            "RateLimit-Limit": f"{self.limit}",
            "RateLimit-Remaining": f"{self.remaining}",
            "RateLimit-Reset": f"{self.reset}",
        }
        return told if self.passes else {**told, "Retry-After": f"{self.retry_after}"}


class _Watch:
    """Whether Redis was there when it was last asked."""

    is_away = False


def take(key: str, limit: int, now: float) -> Turn | None:
    """Take a place for one request of `key` (`limit` a minute; `now` in seconds). None where nothing is counted."""
    if limit <= 0:
        return None
    each = MINUTE // limit
    most = each * limit
    try:
        passes, taken = _script(settings.REDIS_URL)(keys=[f"verdant:turn:{key}"], args=[int(now * SECOND), each, most])
    except RedisError:
        if not _Watch.is_away:
            log.warning("Redis is away: requests are not counted")
        _Watch.is_away = True
        return None
    _Watch.is_away = False
    used = int(taken)
    wait = 0 if passes else max(1, _seconds(used + each - most))
    return Turn(bool(passes), limit, (most - used) // each if passes else 0, _seconds(used), wait)


def _seconds(time: int) -> int:
    return -(-time // SECOND)


@functools.cache
def _script(url: str) -> Any:
    once = Retry(NoBackoff(), 0)
    redis = Redis.from_url(url, retry=once, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)
    return redis.register_script(TAKE)
