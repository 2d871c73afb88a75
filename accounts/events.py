"""Events as client libraries write them (Segment's HTTP API), made out one by one: rows to be kept, and what is wrong with
the others."""

import datetime as dt
import hashlib
import json
import marshal
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from accounts.fields import storable
from accounts.models import Event, Source

TYPES: Final = {kind.label: kind for kind in Event.Type}
# A client's clock that is further off than this is not believed. A server may send the same request again and again, as
# rudder-sdk-node does, still saying when it did so first: it can be late for that long.
BELIEVED: Final = dt.timedelta(seconds=60)
SENT_AGAIN: Final = dt.timedelta(hours=1)
FUTURE: Final = dt.timedelta(days=1)
LONGEST_ID, LONGEST_MESSAGE_ID, LONGEST_PATH = 255, 100, 500
LARGEST: Final = 32 * 1024
DAY_SECONDS: Final = 86_400
# What is known of a person and an account without being asked for.
KNOWN_TRAITS: Final = frozenset({"name", "firstName", "lastName", "email", "internal"})
# RFC 3986, appendix B, of which the path is wanted.
ADDRESS: Final = re.compile(r"(?:[^:/?#]+:)?(?://[^/?#]*)?([^?#]*)")
NONE: Final[Mapping[str, Any]] = {}


class Row(NamedTuple):
    """An event to be kept. Texts are empty where nothing is said, `seconds` is −1; `traits` is JSON."""

    message: str
    type: int
    at: dt.datetime
    name: str
    user_id: str
    anonymous_id: str
    group_id: str
    path: str
    seconds: int
    traits: str


class BadEvent(Exception):
    """An event that cannot be kept: a stable code, and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class Refusal:
    """The place of a bad event in its batch, its type where that is known, and why it was refused."""

    index: int
    type: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for all events of a request. `browser`: its key is public, so that traits are dropped."""

    source: Source
    received_at: dt.datetime
    sent_at: dt.datetime | None = None
    browser: bool = False
    type: str = ""

    @property
    def shift(self) -> dt.timedelta:
        """By how much the sender's clock is off; nothing where it is nearly right or says nothing, or where the request may
        have been under way for so long."""
        off = self.received_at - self.sent_at if self.sent_at is not None else dt.timedelta()
        is_right = -BELIEVED <= off <= (BELIEVED if self.browser else SENT_AGAIN)
        return dt.timedelta() if is_right else off

    @property
    def zone(self) -> dt.tzinfo | None:
        return ZoneInfo(self.source.time_zone) if self.source.time_zone else None


@dataclass(slots=True)
class Found:
    """The events of a request, and of how many traits were dropped."""

    rows: list[Row] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    dropped: int = 0


def read(sent: Sequence[Any], terms: Terms, *, large: bool = False) -> Found:
    """Make out the events of a request. `large`: some of them may be larger than an event may be."""
    found, reader = Found(), _Reader(terms)
    for index, event in enumerate(sent):
        try:
            if large and _is_too_large(event):
                raise BadEvent("too_large", f"An event has at most {LARGEST:,} bytes.")
            found.rows.append(reader.row(event))
        except BadEvent as error:
            kind = event.get("type", terms.type) if isinstance(event, dict) else ""
            named = kind if isinstance(kind, str) and kind in TYPES else ""
            found.refused.append(Refusal(index, named, error.code, error.message))
    found.dropped = reader.dropped
    return found


def _is_too_large(event: Any) -> bool:
    """Whether its JSON is too large. To write each as JSON again takes long, so first comes a form that takes a third of
    the time and of which no byte is more than seven characters of JSON."""
    return len(marshal.dumps(event, 2)) * 7 > LARGEST and len(json.dumps(event)) > LARGEST


def moment(value: Any, zone: dt.tzinfo | None) -> dt.datetime | None:
    """A time as ISO 8601 has it; None where none is given. Raises BadEvent."""
    if value is None or value == "":
        return None
    try:
        at = dt.datetime.fromisoformat(value)
        return (at if at.tzinfo else at.replace(tzinfo=zone or _no_zone())).astimezone(dt.UTC)
    except (TypeError, ValueError, OverflowError):
        raise BadEvent("timestamp", "A time looks like 2026-11-21T18:50:37Z.") from None


def _no_zone() -> dt.tzinfo:
    raise BadEvent("timestamp", "The time says no zone, and the source has none.")


class _Reader:
    def __init__(self, terms: Terms) -> None:
        self.terms, self.shift, self.zone = terms, terms.shift, terms.zone
        self.latest = terms.received_at + FUTURE
        self.otherwise = terms.sent_at + self.shift if terms.sent_at is not None else terms.received_at
        self.wanted = KNOWN_TRAITS.union(terms.source.accepted_traits)
        self.dropped = 0

    def row(self, event: Any) -> Row:
        """What is kept of an event. Raises BadEvent."""
        if not isinstance(event, dict):
            raise BadEvent("not_an_object", "An event is an object.")
        named = event.get("type") or self.terms.type
        kind = TYPES.get(named) if isinstance(named, str) else None
        if kind is None:
            raise BadEvent("type", f"The type of an event is one of {', '.join(TYPES)}.")
        context = _object(event, "context")
        user, visitor = _text(event, "userId"), _text(event, "anonymousId")
        if kind is Event.Type.ALIAS:
            visitor = _text(event, "previousId") or visitor
        if not user and not visitor:
            raise BadEvent("no_user", "An event needs a userId or an anonymousId.")
        properties = _object(event, "properties")
        group, traits = self._about(kind, event, context)
        row = Row(
            _message(event.get("messageId")), kind, self._at(event), _name(kind, event), user, visitor, group,
            _path(properties, context), _seconds(properties), traits,
        )  # fmt: skip
        if not storable(f"{row.name}{user}{visitor}{group}{row.path}") or not storable(traits) or "\\u0000" in traits:
            raise BadEvent("text", "A NUL or half a character cannot be kept.")
        return row

    def _at(self, event: Mapping[str, Any]) -> dt.datetime:
        said = moment(event.get("timestamp") or event.get("originalTimestamp"), self.zone)
        try:
            at = said + self.shift if said is not None else self.otherwise
        except OverflowError:
            raise BadEvent("timestamp", "That is no time.") from None
        if at > self.latest:
            raise BadEvent("future", "It is more than a day in the future.")
        return at

    def _about(self, kind: int, event: Mapping[str, Any], context: Mapping[str, Any]) -> tuple[str, str]:
        """The account that the event names, and what it says of that or of the user."""
        traits = {**_object(context, "traits"), **_object(event, "traits")}
        group = _text(event, "groupId") if kind == Event.Type.GROUP else _text(context, "groupId")
        if kind == Event.Type.GROUP and not group:
            raise BadEvent("no_group", "A group event needs a groupId.")
        if not traits:
            return group, ""
        if self.terms.browser:
            self.dropped += 1
            return group, ""
        if not group and self.terms.source.account_trait:
            group = _text(traits, self.terms.source.account_trait)
        if kind not in (Event.Type.GROUP, Event.Type.IDENTIFY):
            return group, ""
        said = {name: value for name, value in traits.items() if name in self.wanted}
        return group, json.dumps(said, ensure_ascii=False) if said else ""


def _object(holder: Mapping[str, Any], member: str) -> Mapping[str, Any]:
    found = holder.get(member)
    if found is None:
        return NONE
    if not isinstance(found, dict):
        raise BadEvent("not_an_object", f"{member} is an object.")
    return found


def _text(holder: Mapping[str, Any], member: str, most: int = LONGEST_ID) -> str:
    found = holder.get(member)
    if found is None:
        return ""
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    if not isinstance(found, str) or len(found) > most:
        raise BadEvent(member, f"{member} is a text of at most {most} characters.")
    return found


def _message(given: Any) -> str:
    """The digest of a messageId, by which an event counts once. One without it always counts."""
    if given is None or given == "":
        return uuid.uuid4().hex
    if not isinstance(given, str) or len(given) > LONGEST_MESSAGE_ID:
        raise BadEvent("messageId", f"messageId is a text of at most {LONGEST_MESSAGE_ID} characters.")
    return hashlib.blake2b(given.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _name(kind: int, event: Mapping[str, Any]) -> str:
    """The name under which an event is counted. Views are named as Segment's own destinations name them."""
    if kind == Event.Type.TRACK:
        name = _text(event, "event")
        if not name.strip():
            raise BadEvent("no_event", "A track event needs the name of its event.")
        return name
    if kind not in (Event.Type.PAGE, Event.Type.SCREEN):
        return ""
    what = "Page" if kind == Event.Type.PAGE else "Screen"
    name = _text(event, "name", 240) or _text(event, "category", 240)
    return f"Viewed {name} {what}" if name else f"Loaded a {what}"


def _path(properties: Mapping[str, Any], context: Mapping[str, Any]) -> str:
    for said in (properties, _object(context, "page")):
        for member in ("path", "url"):
            found = said.get(member)
            if isinstance(found, str) and found:
                return _path_of(found)
    return ""


def _path_of(address: str) -> str:
    """The path alone: what follows it may be personal."""
    found = ADDRESS.match(address)
    return found[1][:LONGEST_PATH] if found else ""


def _seconds(properties: Mapping[str, Any]) -> int:
    """How long it took, as `duration` in seconds; a day at most."""
    found = properties.get("duration")
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < float("inf"):
        return -1
    return int(min(found, DAY_SECONDS))
