"""The document of a settings version, and the rules that it is for the engine.

The document is JSON: dates as text, sets as sorted lists. What it leaves out stands as `Rules` has it.
"""

import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any

from accounts import meanings
from accounts.models import Stakeholder
from health.metrics.rules import PEOPLE, SESSIONS, Path, Rules

WEEKDAYS = {1: "Monday", 2: "Tuesday", 3: "Wednesday", 4: "Thursday", 5: "Friday", 6: "Saturday", 7: "Sunday"}
LONGEST_WAIT = 3650
LONGEST_NAME = 255
LONGEST_PATH = 90
MOST_TIMES = 1_000_000

# What a setting is called, and what it does.
WORDS = {
    "hold_days": ("Hold", "For so long after its last delivery, the readings of a silent source count as fresh."),
    "weekdays": ("Working days", "Days on which use is expected; recent use is that of the last five of them."),
    "holidays": ("Holidays", "Days on which nobody works, as on a weekend."),
    "key_roles": ("Key contacts", "The roles whose engagement counts."),
    "core_features": ("Core features", "What a healthy customer uses, by the names of the events."),
    "event_roles": (
        "Event roles",
        (
            "What tracked events mean, from the publication on: login is a login, background no use, ignored nothing at all; "
            "others are your words. Any track, any page and any screen stand for all of a type."
        ),
    ),
    "goals": (
        "Goals",
        (
            "What people, or sessions, should reach once they have seen something: two event roles or core features. So many "
            "days later it is judged. What came first within a day is known from the publication on."
        ),
    ),
    "pairs": ("Pairs", "What is begun and should be finished, in the same way."),
    "grace_days": ("License grace", "For so long a license counts on after its end, while nothing is decided."),
    "response_days": ("Time to answer", "Only requests that are older count in the response rate."),
    "reopen_days": ("Time to reopen", "After so long a solved ticket counts as solved at first contact."),
    "week1_event": (
        "First week, event",
        "What counts in an account's first seven days, by its name; any use where it is empty.",
    ),
    "week1_target": ("First week, target", "So often in the first seven days is a full first week."),
    "currency": ("Reporting currency", "What all amounts are converted to."),
    "rates": ("Exchange rates", "From its day on, so many units of the reporting currency for one of another."),
}

Document = Mapping[str, Any]


class BadRules(ValueError):
    """A document that cannot be; `sentences` say why, all at once."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


def rules_of(document: Document) -> Rules:
    """The rules that a document lays down. Raises BadRules."""
    given: dict[str, Any] = {}
    wrong = [f"There is no setting “{name}”." for name in document if name not in READERS]
    for name, read in READERS.items():
        if name in document:
            try:
                given[name] = read(name, document[name])
            except BadRules as error:
                wrong += error.sentences
    if wrong:
        raise BadRules(*wrong)
    rules = Rules(**given)
    if wrong := [*_too_many(rules), *_unknown_roles(rules)]:
        raise BadRules(*wrong)
    return rules


def _too_many(rules: Rules) -> Iterator[str]:
    names = meanings.named_in(rules.event_roles, rules.core_features, rules.sequences)
    if len(names) > meanings.MOST_ROLES:
        yield (
            f"Event roles, core features and goals are {meanings.MOST_ROLES} at most; “{names[meanings.MOST_ROLES]}” is one more."
        )


def _unknown_roles(rules: Rules) -> Iterator[str]:
    known = meanings.roles_in(rules.event_roles, rules.core_features)
    for path, *roles, _, _ in (*rules.goals, *rules.pairs):
        for role in roles:
            if role not in known:
                yield f"{path} goes by “{role}”, which is no event role and no core feature."


def document_of(rules: Rules) -> dict[str, Any]:
    """The whole document, with nothing left to a default: those may change, a published version must not."""
    return {name: _plain(value) for name, value in asdict(rules).items()}


def differences(before: Rules, after: Rules) -> list[str]:
    """What changes from one to the other, in words."""
    changes: list[str] = []
    for field in fields(Rules):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old == new:
            continue
        if isinstance(old, frozenset | tuple):
            changes += _members(field.name, old, new)
        else:
            changes.append(f"{label(field.name)}: {said(field.name, old)} → {said(field.name, new)}.")
    return changes


def in_words(rules: Rules) -> list[tuple[str, str, str]]:
    """Every setting: what it is called, what it does, and its value."""
    return [(*WORDS[field.name], said(field.name, getattr(rules, field.name))) for field in fields(Rules)]


def label(name: str) -> str:
    return WORDS[name][0] if name in WORDS else name


def does(name: str) -> str:
    return WORDS[name][1]


def told(name: str, value: Any) -> str:
    """The value of a setting as a document has it, in words; itself where it cannot be one."""
    try:
        return said(name, READERS[name](name, value))
    except (BadRules, KeyError):
        return str(value)


def said(name: str, value: Any) -> str:
    """The value of a setting, as people say it."""
    if isinstance(value, frozenset):
        value = sorted(value)
    if isinstance(value, tuple | list):
        return ", ".join(member(name, one) for one in value) or "none"
    if name == "week1_target":
        return f"{value:,} times"
    return f"{value} day{'' if value == 1 else 's'}" if isinstance(value, int) else str(value) or "none"


def member(name: str, value: Any) -> str:
    """One value of a list of settings, as people say it."""
    if name == "rates":
        currency, day, rate = value
        return f"{currency} {rate:g} from {_spoken(day)}"
    if name in ("goals", "pairs"):
        path, begins, ends, by, days = value
        return f"{path}: {meanings.sequence(begins, ends)}, {by}, {days}"
    if name == "event_roles":
        return f"{value[0]}: {value[1]}"
    if name == "key_roles":
        return str(Stakeholder.StakeholderRole(value).label)
    if isinstance(value, dt.date):
        return _spoken(value)
    return WEEKDAYS[value] if isinstance(value, int) else str(value)


def _spoken(day: dt.date) -> str:
    return f"{day:%b} {day.day}, {day.year}"


def _members(name: str, old: Any, new: Any) -> Iterator[str]:
    for verb, ones in (("adds", set(new) - set(old)), ("drops", set(old) - set(new))):
        if ones:
            yield f"{label(name)} {verb} {', '.join(member(name, one) for one in sorted(ones))}."
    if set(old) == set(new):
        yield f"{label(name)} is in another order: {said(name, new)}."


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return [_plain(one) for one in sorted(value)]
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def _days(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LONGEST_WAIT:
        raise BadRules(f"{label(name)} is a whole number of days from 0 to {LONGEST_WAIT:,}.")
    return value


def _times(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_TIMES:
        raise BadRules(f"{label(name)} is a whole number from 1 to {MOST_TIMES:,}.")
    return value


def _event(name: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_NAME:
        raise BadRules(f"{label(name)} is the name of an event, of {LONGEST_NAME} characters at most.")
    return value.strip()


def _weekdays(name: str, value: Any) -> frozenset[int]:
    if not isinstance(value, list) or not value or not all(day in WEEKDAYS for day in value):
        raise BadRules("At least one weekday is a working day: 1 is Monday, 7 is Sunday.")
    return frozenset(value)


def _day(value: Any) -> dt.date:
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadRules(f"“{value}” is no day; one looks like 2026-12-25.") from None


def _holidays(name: str, value: Any) -> frozenset[dt.date]:
    return frozenset(_list(name, value, _day))


def _roles(name: str, value: Any) -> tuple[str, ...]:
    def role(one: Any) -> str:
        if one not in Stakeholder.StakeholderRole.values:
            raise BadRules(f"“{one}” is no role of a stakeholder.")
        return str(one)

    return tuple(dict.fromkeys(_list(name, value, role)))


def _names(name: str, value: Any) -> tuple[str, ...]:
    def named(one: Any) -> str:
        if not isinstance(one, str) or not one.strip():
            raise BadRules(f"{label(name)} are names, one each.")
        return one.strip()

    return tuple(dict.fromkeys(_list(name, value, named)))


def _event_roles(name: str, value: Any) -> tuple[tuple[str, str], ...]:
    def pair(one: Any) -> tuple[str, str]:
        if (
            not isinstance(one, list)
            or len(one) != 2
            or not all(isinstance(word, str) and word.strip() for word in one)
        ):
            raise BadRules("An event role is an event and a role, such as Signed In: login.")
        event, role = (word.strip() for word in one)
        if max(len(event), len(role)) > LONGEST_NAME:
            raise BadRules(f"Events and roles have {LONGEST_NAME} characters at most.")
        if meanings.AFTERWARDS.strip() in role:
            raise BadRules("A role has no arrow: those stand between two roles.")
        return event, role

    return tuple(sorted(set(_list(name, value, pair))))


def _paths(name: str, value: Any) -> tuple[Path, ...]:
    def path(one: Any) -> Path:
        if (
            not isinstance(one, list)
            or len(one) != 5
            or not all(isinstance(word, str) and 0 < len(word.strip()) <= LONGEST_NAME for word in one[:3])
            or one[3] not in (PEOPLE, SESSIONS)
            or isinstance(one[4], bool)
            or not isinstance(one[4], int)
            or not 0 <= one[4] <= LONGEST_PATH
        ):
            raise BadRules(
                f"Of {label(name).lower()} each is a name, two roles, people or sessions, and at most {LONGEST_PATH} days, such as "
                "Orders: checkout started → order completed, people, 1."
            )
        called, begins, ends = (word.strip() for word in one[:3])
        return called, begins, ends, one[3], one[4]

    paths = _list(name, value, path)
    names = [called for called, *_ in paths]
    twice = sorted({called for called in names if names.count(called) > 1})
    if twice:
        raise BadRules(*(f"{label(name)} has two that are called {called}." for called in twice))
    return tuple(sorted(paths))


def _currency(name: str, value: Any) -> str:
    if not isinstance(value, str) or not (len(value) == 3 and value.isascii() and value.isalpha() and value.isupper()):
        raise BadRules(f"“{value}” is no currency; one looks like USD.")
    return value


def _rates(name: str, value: Any) -> tuple[tuple[str, dt.date, float], ...]:
    def rate(one: Any) -> tuple[str, dt.date, float]:
        if not isinstance(one, list) or len(one) != 3:
            raise BadRules("A rate is a currency, a day and a number, such as EUR 2026-01-01 1.08.")
        currency, day, units = one
        if isinstance(units, bool) or not isinstance(units, int | float) or not 0 < units < math.inf:
            raise BadRules(f"The rate of {currency} is a number above 0.")
        return _currency(name, currency), _day(day), float(units)

    rates = _list(name, value, rate)
    twice = {(currency, day) for currency, day, _ in rates if sum(one[:2] == (currency, day) for one in rates) > 1}
    if twice:
        raise BadRules(*(f"{currency} has two rates from {day}." for currency, day in sorted(twice)))
    return tuple(sorted(rates))


def _list(name: str, value: Any, read: Callable[[Any], Any]) -> list[Any]:
    """Each member read, and everything that is wrong with any of them at once."""
    if not isinstance(value, list):
        raise BadRules(f"{label(name)} is a list.")
    found: list[Any] = []
    wrong: list[str] = []
    for one in value:
        try:
            found.append(read(one))
        except BadRules as error:
            wrong += error.sentences
    if wrong:
        raise BadRules(*wrong)
    return found


READERS: dict[str, Callable[[str, Any], Any]] = {
    "hold_days": _days,
    "weekdays": _weekdays,
    "holidays": _holidays,
    "key_roles": _roles,
    "core_features": _names,
    "event_roles": _event_roles,
    "goals": _paths,
    "pairs": _paths,
    "grace_days": _days,
    "response_days": _days,
    "reopen_days": _days,
    "week1_event": _event,
    "week1_target": _times,
    "currency": _currency,
    "rates": _rates,
}
