"""The types that members of a record can have.

They are Django REST framework fields, so that one declaration checks every door and documents it. What differs from the
framework's own: real senders write `2024-03-01` where a time is meant and a time where a day is meant, `High` for `high`,
`"12"` for 12; that is understood, and everything else is refused in words.
"""

import contextvars
import datetime as dt
import math
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_date, parse_datetime
from rest_framework import serializers

from accounts import calendar
from accounts.cells import LookUp

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
EARLIEST, LATEST = dt.date(1970, 1, 1), dt.date(2200, 1, 1)

# The declared zone of the source whose records are being checked: its times may come without one.
source_zone: contextvars.ContextVar[ZoneInfo | None] = contextvars.ContextVar("source_zone", default=None)


class Ref(NamedTuple):
    """A record named from outside. Without `source` it is one of the sender's own. `kind` says what the id names;
    when that is not what the member means, the record is looked up *through* it, as an account through its end user."""

    kind: str
    source: str | None
    external_id: str


class Text(serializers.CharField):
    """Text kept exactly as it came."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, "allow_blank": True, **kwargs})


def storable(text: str) -> bool:
    """Whether PostgreSQL can keep this text: without NUL and without half a surrogate pair, which JSON can send."""
    return not UNSTORABLE.search(text)


class ExternalIdText(Text):
    """An outside id: up to 255 characters, kept exactly."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 255, "allow_blank": False, **kwargs})

    def run_validation(self, data: Any = serializers.empty) -> Any:
        # Nearly every id takes this short way; a file has a different one in each row.
        if data.__class__ is str and 0 < len(data) <= 255 and data.isascii() and "\0" not in data:
            return data
        return super().run_validation(data)


class EmailText(Text):
    """An address as the source has it. Real systems hold malformed ones, which are no reason to lose a person."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 254, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data).strip().lower()


class Word(serializers.ChoiceField):
    """One of a few words; capitals, spaces and hyphens do not matter."""

    default_error_messages = {"invalid_choice": "{input} is none of {words}."}

    def to_internal_value(self, data: Any) -> str:
        word = str(data).strip().lower().replace(" ", "_").replace("-", "_") if isinstance(data, str) else data
        if isinstance(word, str) and word in self.choices:
            return word
        self.fail("invalid_choice", input=_shown(data), words=", ".join(str(choice) for choice in self.choices))


class Flag(serializers.BooleanField):
    default_error_messages = {"invalid": "{input} is neither yes nor no."}

    def to_internal_value(self, data: Any) -> bool:
        value = data.strip().lower() if isinstance(data, str) else data
        if isinstance(value, bool):
            return value
        if value in ("true", "yes", "y", "t", "1", 1):
            return True
        if value in ("false", "no", "n", "f", "0", 0):
            return False
        self.fail("invalid", input=_shown(data))


class Day(serializers.DateField):
    """A day; of a time, its day in the organization's time zone."""

    default_error_messages = {
        "invalid": "{input} is not a day like 2024-03-31.",
        "range": "{input} is not between 1970 and 2200.",
    }

    def to_internal_value(self, data: Any) -> dt.date:
        value = _day_or_time(data)
        if value is None:
            self.fail("invalid", input=_shown(data))
        if not EARLIEST <= (value.date() if isinstance(value, dt.datetime) else value) < LATEST:
            self.fail("range", input=_shown(data))
        if isinstance(value, dt.datetime):
            return calendar.day_of(value) if value.tzinfo else value.date()
        return value


class Moment(serializers.DateTimeField):
    """A time with its zone, or in the source's declared one; a bare day begins at midnight in the organization's."""

    default_error_messages = {
        "invalid": "{input} is not a time like 2024-03-31T14:05:00Z.",
        "zone": "{input} has no time zone, and the source declares none.",
        "range": "{input} is not between 1970 and 2200.",
    }

    def to_internal_value(self, data: Any) -> dt.datetime:
        value = _day_or_time(data)
        if value is None:
            self.fail("invalid", input=_shown(data))
        if not EARLIEST < (value.date() if isinstance(value, dt.datetime) else value) < LATEST:
            self.fail("range", input=_shown(data))
        if not isinstance(value, dt.datetime):
            value = calendar.start_of(value)
        elif value.tzinfo is None:
            zone = source_zone.get()
            if zone is None:
                self.fail("zone", input=_shown(data))
            value = value.replace(tzinfo=zone)
        return value.astimezone(dt.UTC)


class Whole(serializers.IntegerField):
    """A whole number, also written as text or as 12.0."""

    default_error_messages = {"invalid": "{input} is not a whole number."}

    def to_internal_value(self, data: Any) -> int:
        number = _decimal(data)
        if number is None or number != number.to_integral_value():
            self.fail("invalid", input=_shown(data))
        return int(number)


class Number(serializers.FloatField):
    default_error_messages = {"invalid": "{input} is not a number."}

    def to_internal_value(self, data: Any) -> float:
        number = _decimal(data)
        if number is None or not math.isfinite(float(number)):
            self.fail("invalid", input=_shown(data))
        return float(number)


class Amount(serializers.DecimalField):
    """Money: up to 12 digits before the point and two after it, half up."""

    default_error_messages = {
        "invalid": "{input} is not an amount like 1234.50.",
        "range": "{input} is over 999,999,999,999.99.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 14, "decimal_places": 2, **kwargs})

    def to_internal_value(self, data: Any) -> Decimal:
        number = _decimal(data)
        if number is None:
            self.fail("invalid", input=_shown(data))
        if abs(number) >= Decimal(10) ** 12:
            self.fail("range", input=_shown(data))
        cents = number.quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
        if abs(cents) >= Decimal(10) ** 12:
            self.fail("range", input=_shown(data))
        return cents


class Currency(Text):
    """An ISO 4217 code such as EUR."""

    default_error_messages = {"code": "{input} is not a currency code like EUR."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 3, "min_length": 3, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        code = super().to_internal_value(data).strip().upper()
        if not (len(code) == 3 and code.isascii() and code.isalpha()):
            self.fail("code", input=_shown(data))
        return code


class GrainField(serializers.ChoiceField):
    """Whether a count covers a day or a week; kept as its number of days."""

    default_error_messages = {"invalid_choice": "{input} is none of day, week."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"choices": ["day", "week"], **kwargs})

    def to_internal_value(self, data: Any) -> int:  # type: ignore[override]
        days = {"day": 1, "daily": 1, "1": 1, "week": 7, "weekly": 7, "7": 7}
        word = str(data).strip().lower() if isinstance(data, str | int) else ""
        if word not in days:
            self.fail("invalid_choice", input=_shown(data))
        return days[word]


class Reference(serializers.Field[Ref, Any, Any, Any]):
    """Another record by its outside id: `"X-1"`, or `{"source": "crm", "external_id": "X-1"}` for another source's.

    `{"end_user": …}` inside an account's reference means: the account of that end user.
    """

    default_error_messages = {
        "invalid": "{input} is not an external id, nor an object with source and external_id.",
        "through": "“{take}” cannot be taken of {of}; an account can be, of {known}.",
        "length": "An external id has 1 to 255 characters.",
    }

    def __init__(self, kind: str, through: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        self.kind = kind
        self.through = dict(through or {})
        super().__init__(**kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data.__class__ is str and 0 < len(data) <= 255 and data.isascii() and "\0" not in data:
            return Ref(self.kind, None, data)
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> Ref:
        kind = self.kind
        if isinstance(data, LookUp):
            if data.take != "account" or data.kind not in self.through.values():
                self.fail("through", take=data.take, of=data.kind, known=", ".join(self.through.values()) or "none")
            kind, data = data.kind, {"source": data.source, "external_id": data.external_id}
        if isinstance(data, Mapping) and len(data) == 1 and (word := next(iter(data))) in self.through:
            kind, data = self.through[word], data[word]
        source: Any = None
        external_id: Any = data
        if isinstance(data, Mapping):
            if not set(data) <= {"source", "external_id"}:
                self.fail("invalid", input=_shown(data))
            source, external_id = data.get("source"), data.get("external_id")
        if not isinstance(external_id, str) or not (source is None or isinstance(source, str)):
            self.fail("invalid", input=_shown(data))
        if not 0 < len(external_id) <= 255:
            self.fail("length")
        if not (storable(external_id) and storable(source or "")):
            self.fail("invalid", input=_shown(data))
        return Ref(kind, source, external_id)

    def to_payload(self, ref: Ref) -> Any:
        """The reference as it came, for keeping."""
        plain = {"source": ref.source, "external_id": ref.external_id} if ref.source else ref.external_id
        word = next((word for word, kind in self.through.items() if kind == ref.kind), None)
        return {word: plain} if word and ref.kind != self.kind else plain


class References(serializers.ListField):
    """Several records, in JSON as a list, in a CSV cell separated by semicolons."""

    def __init__(self, kind: str, **kwargs: Any) -> None:
        super().__init__(child=Reference(kind), max_length=100, **kwargs)

    def to_internal_value(self, data: Any) -> tuple[Ref, ...]:  # type: ignore[override]
        if isinstance(data, str):
            data = [part.strip() for part in data.split(";") if part.strip()]
        return tuple(dict.fromkeys(super().to_internal_value(data)))


class Custom(serializers.DictField):
    """Free members of a person, such as persona or plan: up to 50 short values."""

    child = serializers.CharField(max_length=255, allow_null=True, allow_blank=True)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, Mapping) and len(data) > 50:
            raise serializers.ValidationError("At most 50 attributes.", code="too_many")
        checked: dict[str, Any] = super().to_internal_value(data)
        if not all(len(name) <= 255 and storable(name) for name in checked):
            raise serializers.ValidationError("An attribute's name has at most 255 characters.", code="name")
        return checked


def _shown(data: Any) -> str:
    text = repr(data) if not isinstance(data, str) else f"“{data}”"
    return text if len(text) <= 60 else text[:59] + "…"


def _day_or_time(data: Any) -> dt.date | dt.datetime | None:
    if isinstance(data, dt.date):
        return data
    if not isinstance(data, str) or len(data) > 40:
        return None
    text = data.strip()
    try:
        return parse_date(text) or parse_datetime(text)
    except ValueError:
        return None


def _decimal(data: Any) -> Decimal | None:
    """The finite number that `data` is or spells, of at most 40 digits; else nothing."""
    if isinstance(data, bool) or not isinstance(data, int | float | Decimal | str):
        return None
    if isinstance(data, str) and (len(data) > 40 or "_" in data):
        return None
    if isinstance(data, int) and data.bit_length() > 128:
        return None
    try:
        number = Decimal(str(data).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and number.adjusted() < 40 else None
