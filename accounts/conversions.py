"""The text of a cell as something else: a number, a day, a moment, one of a few values.

Each function here takes what a mapping file says and gives back a converter. A converter answers ABSENT for a blank
cell and Bad for one that it cannot read. A setting that makes no sense raises ValueError, which says what is allowed.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from accounts.cells import ABSENT, Bad, shown

Converter = Callable[[str], object]

NUMBER_EXAMPLES: Final = ("1234.56", "1234,56", "1,234.56", "1.234,56", "1 234,56", "1 234.56", "1'234.56", "1'234,56")
# What separates thousands, with its look-alikes.
GROUPS: Final = {"": "", ".": ".", ",": ",", " ": " \u00a0\u202f", "'": "'\u2019"}

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Not the first of a month and not a round hour, so that a format which loses a part of it is found out.
MOMENT: Final = datetime(2021, 11, 23, 14, 35, 46, tzinfo=UTC)
TIME_DIRECTIVES: Final = re.compile(r"%[HIMSfpzZcX]")
# As strptime reads them, so that the fast way and the slow one agree on every text; in the order of `datetime`.
PLAIN_DIRECTIVES: Final = {
    "%Y": "[0-9]{4}",
    "%m": "1[0-2]|0[1-9]|[1-9]",
    "%d": "3[01]|[12][0-9]|0[1-9]|[1-9]| [1-9]",
    "%H": "2[0-3]|[01][0-9]|[0-9]",
    "%M": "[0-5][0-9]|[0-9]",
    "%S": "6[01]|[0-5][0-9]|[0-9]",
}


def number(example: str) -> Converter:
    """Numbers written the way that `example` writes 1234.56. They come out as text, with a decimal point at most."""
    if example not in NUMBER_EXAMPLES:
        raise ValueError(f'number is 1234.56 as the file would write it, such as "1.234,56", not {example!r}')
    group, decimal = GROUPS[example[1:-6]], re.escape(example[-3])
    digits = rf"[0-9]{{1,3}}(?:[{group}][0-9]{{3}})+|[0-9]+" if group else "[0-9]+"
    usual = re.compile(rf"-?(?:{digits})(?:{decimal}[0-9]+)?")
    money = r"[€$£¥₹]?\s*"
    form = re.compile(
        rf"(?P<minus>[-−(])?\+?{money}(?P<after>[-−])?"
        rf"(?P<number>(?:{digits})?(?:{decimal}[0-9]+)?)\s*{money}(?P<end>[-−)])?"
    )
    plain = str.maketrans({example[-3]: ".", **dict.fromkeys(group)})

    def convert(text: str) -> object:
        if usual.fullmatch(text):
            return text.translate(plain)
        text = text.strip()
        found = form.fullmatch(text)
        if not text:
            return ABSENT
        if not found or not found["number"] or not _one_sign(found):
            return Bad("invalid", f"{shown(text)} is not a number written like {example}")
        value = found["number"].translate(plain)
        minus = "-" if found["minus"] or found["after"] or found["end"] else ""
        return f"{minus}{'0' if value.startswith('.') else ''}{value}"

    return convert


def _one_sign(found: re.Match[str]) -> bool:
    minus, after, end = found["minus"], found["after"], found["end"]
    if minus == "(" or end == ")":  # a loss as accountants write it
        return minus == "(" and end == ")" and not after
    return [minus, after, end].count(None) >= 2


def moment(form: str, time_zone: str | None) -> Converter:
    """Days or moments of a `strptime` format, or seconds ("unix") or milliseconds ("unix_ms") since 1970.

    A moment without an offset of its own belongs to `time_zone`: the earlier of two when clocks go back. Without a zone
    it stays naive.
    """
    if form in {"unix", "unix_ms"}:
        if time_zone:
            raise ValueError("time_zone has no place beside unix times, which are UTC")
        return _unix(thousandths=form == "unix_ms")
    has_time = bool(TIME_DIRECTIVES.search(form.replace("%%", "")))
    if time_zone and not has_time:
        raise ValueError("time_zone has no place beside a day without a time")
    _refuse_useless(form)
    zone = _zone(time_zone) if time_zone else None
    what = "time" if has_time else "date"
    parse = _plain_parser(form, zone) or _parser(form, zone, has_time=has_time)

    def convert(text: str) -> object:
        text = text.strip()
        if not text:
            return ABSENT
        try:
            return parse(text)
        except ValueError:
            return Bad("invalid", f"{shown(text)} is not a {what} of the form {form}")

    return convert


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError(f"time_zone is a name such as Europe/Berlin, not {name!r}") from None


def _refuse_useless(form: str) -> None:
    try:
        found = datetime.strptime(MOMENT.strftime(form), form)  # noqa: DTZ007 - only its day matters
    except ValueError as error:
        raise ValueError(f"format is unix, unix_ms or like %d/%m/%Y %H:%M; in {form!r}: {error}") from None
    if (found.year, found.month) != (MOMENT.year, MOMENT.month):
        raise ValueError(f"format names a year, a month and a day, and {form!r} does not")


def _parser(form: str, zone: ZoneInfo | None, *, has_time: bool) -> Callable[[str], date]:
    def parse(text: str) -> date:
        found = datetime.strptime(text, form)  # noqa: DTZ007 - the zone follows
        if not has_time:
            return found.date()
        return found.replace(tzinfo=zone) if zone and not found.tzinfo else found

    return parse


def _plain_parser(form: str, zone: ZoneInfo | None) -> Callable[[str], date] | None:
    """The same for a format of nothing but digits, several times as fast: moments seldom repeat within a file."""
    parts = re.split("(%.)", form)
    directives = parts[1::2]
    used = list(PLAIN_DIRECTIVES)[: len(directives)]
    if sorted(directives) != sorted(used) or len(used) < len("Ymd"):
        return None
    literals = [re.sub(r"(?:\\\s)+", r"\\s+", re.escape(part)) for part in parts[::2]]
    groups = [f"({PLAIN_DIRECTIVES[directive]})" for directive in directives]
    pattern = re.compile("".join(a + b for a, b in zip(literals, [*groups, ""], strict=True)))
    order = [directives.index(directive) + 1 for directive in used]
    make: Callable[..., date] = date if len(used) == len("Ymd") else partial(datetime, tzinfo=zone)

    def parse(text: str) -> date:
        found = pattern.fullmatch(text)
        if not found:
            raise ValueError(text)
        return make(*map(int, found.group(*order)))

    return parse


def _unix(*, thousandths: bool) -> Converter:
    form = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,9})?")
    unit = "milliseconds" if thousandths else "seconds"

    def convert(text: str) -> object:
        text = text.strip()
        if not text:
            return ABSENT
        if not form.fullmatch(text):
            return Bad("invalid", f"{shown(text)} is not a number of {unit} since 1970")
        try:
            return EPOCH + timedelta(**{unit: float(text)})
        except OverflowError:
            hint = "" if thousandths else "; milliseconds have the format unix_ms"
            return Bad("invalid", f"{shown(text)} {unit} since 1970 is beyond the year 9999{hint}")

    return convert


def choice(values: Mapping[str, object]) -> Converter:
    """One of a few texts, each with what it stands for. Spaces around it do not matter; an empty result is no value."""

    def convert(text: str) -> object:
        for key in (text, text.strip()):
            if key in values:
                return ABSENT if values[key] == "" else values[key]
        if not text.strip():
            return ABSENT
        return Bad("invalid", f"{shown(text)} is not among the values of the mapping: {', '.join(map(shown, values))}")

    return convert
