"""JSON as strangers send it: unpacked within a ceiling, and nothing in it that means two things or cannot be kept."""

import json
import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import IO, Any, Final, NoReturn

from django.http import HttpRequest
from rest_framework.parsers import BaseParser

from accounts.fields import storable
from accounts.problems import (
    BAD_COMPRESSION,
    BAD_NUMBER,
    BAD_TEXT,
    DUPLICATE_MEMBER,
    MEDIA_TYPE,
    NOT_JSON,
    TOO_DEEP,
    TOO_LARGE,
    ProblemType,
    Refused,
)

DEEPEST: Final = 20
DIGITS: Final = 40
LARGEST: Final = 5_000_000  # bytes, as sent and when unpacked
GZIP: Final = 16 + zlib.MAX_WBITS
SHOWN: Final = 60


def body_of(request: HttpRequest, largest: int = LARGEST) -> bytes:
    """The body, unpacked where it is said to be gzip. Raises Refused for one over `largest` bytes, before or after."""
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in {"identity", "gzip", "x-gzip", ""}:
        raise Refused(MEDIA_TYPE, "The Content-Encoding is none of gzip, identity.")
    sent = request.read(largest + 1)
    if len(sent) > largest:
        raise Refused(TOO_LARGE, f"A body has at most {largest:,} bytes.")
    return unpacked(sent, largest) if coding.endswith("gzip") else sent


def unpacked(data: bytes, largest: int) -> bytes:
    """What gzip data holds, be it of several members. No more than `largest` bytes of it are ever made."""
    parts: list[bytes] = []
    room = largest
    while data:
        member = zlib.decompressobj(GZIP)
        try:
            parts.append(member.decompress(data, room + 1))
        except zlib.error as error:
            raise Refused(BAD_COMPRESSION) from error
        room -= len(parts[-1])
        if room < 0:
            raise Refused(TOO_LARGE, f"A body has at most {largest:,} bytes after unpacking.")
        if not member.eof:
            raise Refused(BAD_COMPRESSION, "The gzip data ends too early.")
        data = member.unused_data
    return b"".join(parts)


def parse(data: bytes) -> Any:
    """What a body says. Raises Refused, with the problem that it is."""
    value = read(data)
    problem = problem_in(value, DEEPEST, texts=b"\\u" in data)
    if problem is not None:
        raise Refused(problem)
    return value


def read(data: bytes) -> Any:
    """What JSON says, without `problem_in`: for a body of many parts that are to be judged one by one."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Refused(NOT_JSON, f"It is not UTF-8: byte {error.start} cannot be read.") from error
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_whole, parse_float=_number
        )
    except RecursionError as error:
        raise Refused(TOO_DEEP) from error
    except json.JSONDecodeError as error:
        raise Refused(NOT_JSON, f"Line {error.lineno}, column {error.colno}: {error.msg}.") from error


def problem_in(value: Any, deepest: int = DEEPEST, *, texts: bool = True) -> ProblemType | None:
    """What is wrong with a value that was read: nested deeper than `deepest`, or (with `texts`) text that cannot be kept."""
    level, depth = [value], 0
    while level:
        if texts and not all(storable(text) for text in _texts(level)):
            return BAD_TEXT
        if depth == deepest and any(isinstance(inner, dict | list) for inner in level):
            return TOO_DEEP
        level, depth = [inner for outer in level for inner in _inside(outer)], depth + 1
    return None


def _texts(level: list[Any]) -> Iterator[str]:
    for value in level:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from value


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        ((twice, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise Refused(DUPLICATE_MEMBER, f"The member is {_shown(twice)}.")
    return found


def _constant(name: str) -> NoReturn:
    raise Refused(BAD_NUMBER, f"{name} is no number of JSON.")


def _whole(digits: str) -> int:
    if len(digits) > DIGITS:
        raise Refused(BAD_NUMBER, f"A number has at most {DIGITS} digits.")
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Refused(BAD_NUMBER, f"{_shown(digits)} is too large.")
    return number


def _shown(text: str) -> str:
    plain = re.sub("[\0-\x1f\ud800-\udfff]", "�", text)
    return f"“{plain if len(plain) <= SHOWN else plain[: SHOWN - 1] + '…'}”"


class StrictJSONParser(BaseParser):
    """The one parser of bodies under /api. JSON is UTF-8; a charset that says otherwise is refused."""

    media_type = "application/json"

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        request: HttpRequest = parser_context["request"]._request
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower() not in {"utf-8", "utf8", "us-ascii"}:
            raise Refused(MEDIA_TYPE, "JSON is UTF-8; the Content-Type names another charset.")
        return parse(body_of(request))
