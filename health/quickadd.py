"""What a line that somebody types says: whom, when, what kind, held or planned. A pure function of the line and of the day.

What was recognized is shown beside the line, and can be corrected there. Where it is kept, names stand for the marks.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = rf"(?P<month>{'|'.join(MONTHS)})[a-z]*\.?"

# Word at the beginning of a word → kind of touchpoint. The longer ones come first.
KINDS = {
    "business review": "business_review",
    "qbr": "business_review",
    "ebr": "business_review",
    "e-mail": "email",
    "email": "email",
    "mailed": "email",
    "webinar": "webinar",
    "training": "training",
    "trained": "training",
    "interview": "interview",
    "meeting": "meeting",
    "met ": "meeting",
    "call": "call",
    "phone": "call",
    "spoke": "call",
}


@dataclass(frozen=True)
class Mark:
    """An @ and the name after it: where they stand in the line, and whom the name fits: one person, several, or nobody."""

    start: int
    end: int
    name: str
    fits: tuple[int, ...]


@dataclass(frozen=True)
class Said:
    """What was recognized in a line. `open` is the beginning of a name after the last @ that fits more than one person,
    or nobody."""

    contacts: tuple[int, ...] = ()
    day: dt.date | None = None
    kind: str = ""
    open: str | None = None
    marks: tuple[Mark, ...] = ()


def understand(line: str, today: dt.date, people: Mapping[int, str], *, ahead: bool) -> Said:
    """Whom and when a line names. `people`: record → name. `ahead`: a day without a year lies ahead, as a task's does;
    else it is the nearest one."""
    marks = tuple(_marks(line, people))
    contacts = dict.fromkeys(mark.fits[0] for mark in marks if len(mark.fits) == 1)
    day, kind = day_in(line, today, ahead=ahead), kind_in(line)
    return Said(tuple(contacts), day, kind, _open(line, marks[-1]) if marks else None, marks)


def kind_in(line: str) -> str:
    """The kind of touchpoint that is named first, if any is."""
    folded = _folded(line)
    found = [(at.start(), kind) for word, kind in KINDS.items() if (at := re.search(rf"\b{re.escape(word)}", folded))]
    return min(found)[1] if found else ""


# --- Contacts --------------------------------------------------------------------------------------------------------


def _marks(line: str, people: Mapping[int, str]) -> Iterator[Mark]:
    for at in re.finditer(r"(?<!\w)@", line):
        fits, length = _named(line[at.end() :], people)
        end = at.end() + length
        yield Mark(at.start(), end, line[at.end() : end], tuple(fits))


def _open(line: str, last: Mark) -> str | None:
    """What follows the last @, where that names nobody yet and may still be in the making."""
    rest = line[last.start + 1 :]
    return rest if len(last.fits) != 1 and re.fullmatch(r"[\w'’.-]*(?: [\w'’.-]*)?", rest) else None


def _named(rest: str, people: Mapping[int, str]) -> tuple[list[int], int]:
    """Whom the text after an @ names, and how much of it does: the whole name, else its first word, or any of its words."""
    said = _folded(rest)
    whole = [record for record, name in people.items() if re.match(rf"{re.escape(_folded(name))}\b", said)]
    if whole:
        longest = max(whole, key=lambda record: len(people[record]))
        return [longest], _unfolded(rest, len(_folded(people[longest])))
    word = re.match(r"[\w-]+(?:['’](?!s\b)[\w-]+)*", said)  # O’Brien, but of Renée’s only Renée
    if word is None:
        return [], 0
    for fits in (_begins_with, _has_word, _has_word_that_begins):
        named = [record for record, name in people.items() if fits(_folded(name).split(), word.group())]
        if named:
            return named, _unfolded(rest, word.end())
    return [], 0


def spelled_out(line: str, people: Mapping[int, str], present: Collection[int]) -> str:
    """The line with names in place of the marks: `Call with @ines` is `Call with Ines Carrow`. `present`: who is meant where
    a mark fits several."""
    for mark in reversed(list(_marks(line, people))):
        names = [people[record] for record in mark.fits if record in present]
        if names:
            line = f"{line[: mark.start]}{' and '.join(names)}{line[mark.end :]}"
    return line


def _begins_with(words: list[str], said: str) -> bool:
    return bool(words) and words[0] == said


def _has_word(words: list[str], said: str) -> bool:
    return said in words


def _has_word_that_begins(words: list[str], said: str) -> bool:
    return len(said) > 1 and any(word.startswith(said) for word in words)


def suggested(begun: str, people: Mapping[int, str], most: int = 5) -> list[int]:
    """Those whose name has a word that begins like this, for somebody who is still typing it."""
    said = _folded(begun)
    fits = [r for r, name in people.items() if _folded(name).startswith(said) or any(
        word.startswith(said) for word in _folded(name).split())]  # fmt: skip
    return fits[:most]


def _folded(text: str) -> str:
    """In small letters and without accents, so that @Renee is Renée."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


def _unfolded(text: str, length: int) -> int:
    """How much of a text is so long in small letters without accents, which some letters shorten or lengthen."""
    end = 0
    while end < len(text) and len(_folded(text[: end + 1])) <= length:
        end += 1
    return end


# --- Days ------------------------------------------------------------------------------------------------------------


def day_in(line: str, today: dt.date, *, ahead: bool) -> dt.date | None:
    """The first day that a line names, if it names one."""
    found = [
        (at.start(), day)
        for pattern, read in _DAYS
        for at in re.finditer(pattern, _folded(line))
        if (day := read(at, today, ahead)) is not None
    ]
    return min(found)[1] if found else None


def _relative(at: re.Match[str], today: dt.date, ahead: bool) -> dt.date:
    days = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1}[at.group()]
    return today + dt.timedelta(days=days)


def _in_days(at: re.Match[str], today: dt.date, ahead: bool) -> dt.date | None:
    return _shifted(today, int(at["number"]) * (7 if at["unit"] == "week" else 1))


def _ago(at: re.Match[str], today: dt.date, ahead: bool) -> dt.date | None:
    return _shifted(today, -int(at["number"]) * (7 if at["unit"] == "week" else 1))


def _shifted(today: dt.date, days: int) -> dt.date | None:
    return today + dt.timedelta(days=days) if abs(days) <= 3660 else None


def _weekday(at: re.Match[str], today: dt.date, ahead: bool) -> dt.date:
    """`friday` lies ahead in a task, and behind in what has happened; `next` and `last` say which."""
    number = next(n for n, name in enumerate(WEEKDAYS) if name.startswith(at["weekday"][:3]))
    to_come = (number - today.weekday()) % 7
    if at["which"] == "last" or not (ahead or at["which"]):
        return today - dt.timedelta(days=(-to_come) % 7 or (7 if at["which"] else 0))
    return today + dt.timedelta(days=to_come or 7)


def _dated(at: re.Match[str], today: dt.date, ahead: bool) -> dt.date | None:
    month = MONTHS.index(at["month"]) + 1
    return _in_year(month, int(at["day"]), at["year"], today, ahead)


def _iso(at: re.Match[str], today: dt.date, ahead: bool) -> dt.date | None:
    return _day(int(at["year"]), int(at["month"]), int(at["day"]))


def _in_year(month: int, day: int, year: str | None, today: dt.date, ahead: bool) -> dt.date | None:
    if year:
        return _day(int(year), month, day)
    near = [found for years in (-1, 0, 1) if (found := _day(today.year + years, month, day))]
    if ahead:
        near = [found for found in near if found >= today]
    return min(near, key=lambda found: abs(found - today), default=None)


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


_YEAR = r"(?:,? (?P<year>20\d\d))?"
_DAYS: tuple[tuple[str, Callable[[re.Match[str], dt.date, bool], dt.date | None]], ...] = (
    (r"\b(?:today|tonight|tomorrow|yesterday)\b", _relative),
    (r"\bin (?P<number>\d{1,4}) (?P<unit>day|week)s?\b", _in_days),
    (r"\b(?P<number>\d{1,4}) (?P<unit>day|week)s? ago\b", _ago),
    (
        rf"\b(?:(?P<which>next|last) )?(?P<weekday>{'|'.join(WEEKDAYS)}|mon|tue|tues|wed|thu|thur|thurs|fri)\b",
        _weekday,
    ),
    (rf"\b{MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b{_YEAR}", _dated),
    (rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.? {MONTH}{_YEAR}\b", _dated),
    (r"\b(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)\b", _iso),
)


def without_day(line: str) -> str:
    """The line without a day at its end: `Call Renée tomorrow` is the task `Call Renée`. Nothing is left of a day alone."""
    folded = _folded(line)
    if len(folded) != len(line):
        return line  # letters that fold to more than one would shift what is cut
    for pattern, _ in _DAYS:
        ending = re.search(rf"[\s,]*(?:\b(?:by|on|until|due) )?(?:{pattern})[\s.]*$", folded)
        if ending:
            return line[: ending.start()].rstrip()
    return line
