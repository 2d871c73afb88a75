"""What templates say with one tag: icons, bands, days, spans, money."""

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path

from django import template
from django.conf import settings
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from accounts import calendar
from health import words
from health.facts import Week

register = template.Library()

ICONS = Path(__file__).resolve().parents[1] / "static" / "vendor" / "icons"
NBSP = "\N{NO-BREAK SPACE}"
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}

# A week that is not over would look like a fall.
PART = mark_safe(' class="part"')

# Shapes of equal optical weight in a box of 12: a band is never color alone.
BANDS = {
    "green": ("Green", '<circle cx="6" cy="6" r="4.5"/>'),
    "yellow": ("Yellow", '<path d="M6 .6 11.4 6 6 11.4.6 6z"/>'),
    "red": ("Red", '<path d="M6 1.2 11.3 10.7H.7z"/>'),
    "unknown": ("Unknown", '<circle cx="6" cy="6" r="3.7"/>'),
}


@cache
def _paths(name: str) -> str:
    """The drawing inside one vendored icon. An unknown name fails loudly, in the first test that shows it."""
    drawing = re.findall(r"<(?:path|circle|rect|line)\b[^>]*/>", (ICONS / f"{name}.svg").read_text())
    return "".join(part for part in drawing if 'stroke="none"' not in part)


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon for the eye only: the text beside it, or the control's own label, says what it means."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke-linecap="round" stroke-linejoin="round" '
        'aria-hidden="true">{}</svg>',
        mark_safe(_paths(name)),  # noqa: S308 - our own committed files
    )


@register.simple_tag
def band(name: str, *, pill: bool = False) -> SafeString:
    """A band as shape and word; `pill` once per view, in a head or a banner."""
    word, shape = BANDS[name]
    return format_html(
        '<span class="band band-{}{}"><svg viewBox="0 0 12 12" aria-hidden="true">{}</svg>{}</span>',
        name,
        " band-pill" if pill else "",
        mark_safe(shape),  # noqa: S308 - the constants above
        word,
    )


@register.simple_tag
def organization() -> str:
    """Whose installation this is; nothing while nobody has named it."""
    return "" if settings.ORGANIZATION_NAME == "Verdant" else str(settings.ORGANIZATION_NAME)


@register.simple_tag
def bar(done: int, total: int) -> SafeString:
    """How much of a whole, as a bar whose length is an attribute: the content policy forbids inline style."""
    share = 100 * min(done, total) / total if total else 0
    return format_html(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect width="{}" height="8"/></svg>',
        f"{share:.0f}{NBSP}%",
        f"{share:.2f}",
    )


@register.filter
def initials(user: object) -> str:
    """Two letters for the circle beside a name."""
    parts = re.findall(r"\w+", str(user).split("@")[0])
    return "".join(word[0] for word in parts[:2]).upper()


@register.filter
def label(value: str) -> str:
    """A value as a source wrote it where it stands as a label: `Mid-market`; `SMB`, which without a vowel is no word."""
    return words.label(value)


@register.filter
def day(value: dt.date | dt.datetime | None) -> SafeString | str:
    """`Nov 1`, with the year once it is more than a year away."""
    return _time(value, long=False)


@register.filter
def full_day(value: dt.date | dt.datetime | None) -> SafeString | str:
    """`Nov 1, 2026`: contracts always say the year."""
    return _time(value, long=True)


def _time(value: dt.date | dt.datetime | None, *, long: bool) -> SafeString | str:
    if value is None:
        return "–"
    on = calendar.day_of(value) if isinstance(value, dt.datetime) else value
    far = abs((on - today()).days) > 365
    text = f"{on:%b}{NBSP}{on.day}" + (f",{NBSP}{on.year}" if long or far else "")
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), text)


@register.filter
def moment(value: dt.datetime | None) -> SafeString | str:
    """`4 min ago` up to a day, then the day and the clock."""
    if value is None:
        return "–"
    seconds = int((timezone.now() - value).total_seconds())
    if 0 <= seconds < 86400:
        text = "now" if seconds < 60 else f"{_span(seconds)} ago"
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), text)
    local = value.astimezone(calendar.zone())
    return format_html("{}, {}", day(value), f"{local:%H:%M}")


@register.filter
def clock(value: dt.datetime) -> SafeString:
    """`09:14`, on the organization's clock."""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), f"{value.astimezone(calendar.zone()):%H:%M}")


def _span(seconds: int) -> str:
    return f"{seconds // 60}{NBSP}min" if seconds < 3600 else f"{seconds // 3600}{NBSP}h"


@register.filter
def days_since(value: dt.date | dt.datetime | None) -> str:
    """`9 d`: how long ago."""
    if value is None:
        return "–"
    on = calendar.day_of(value) if isinstance(value, dt.datetime) else value
    return f"{(today() - on).days}{NBSP}d"


@register.filter
def days_to(value: dt.date | None) -> str:
    """`85 d` ahead, or `2 d late`."""
    if value is None:
        return "–"
    days = (value - today()).days
    return f"{days}{NBSP}d" if days >= 0 else f"{-days}{NBSP}d{NBSP}late"


@register.filter
def near(value: dt.date) -> bool:
    """Within a month, or late: said in a heavier weight."""
    return (value - today()).days <= 30


def today() -> dt.date:
    """The organization's day, which every page counts from."""
    return calendar.day_of(timezone.now())


@register.filter
def money(amount: Decimal | None, currency: str = "") -> str:
    """`$184,200`, and cents only where there are some."""
    if amount is None:
        return "–"
    digits = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
    return _signed(digits, currency)


@register.filter
def whole_money(amount: Decimal | None, currency: str = "") -> str:
    """`$184,200`, of what recurs: nobody reads the cents of a year."""
    return "–" if amount is None else _signed(f"{amount:,.0f}", currency)


@register.filter
def short_money(amount: Decimal | None, currency: str = "") -> str:
    """`$184k` and `$5.00M`, for lists and totals."""
    if amount is None:
        return "–"
    if abs(amount) >= 999_500:
        return _signed(f"{amount / 1_000_000:.2f}M", currency)
    return _signed(f"{amount / 1000:.0f}k" if abs(amount) >= 1000 else f"{amount:.0f}", currency)


def _signed(digits: str, currency: str) -> str:
    text = (
        f"{SYMBOLS[currency]}{digits.lstrip('-')}" if currency in SYMBOLS else f"{currency}{NBSP}{digits.lstrip('-')}"
    )
    return f"\N{MINUS SIGN}{text.strip()}" if digits.startswith("-") else text.strip()


@register.filter
def with_code(text: str) -> SafeString:
    """A text in which what stands between `these` is code."""
    pieces = enumerate(text.split("`"))
    return format_html_join("", "{}", ((format_html("<code>{}</code>", one) if at % 2 else one,) for at, one in pieces))


@register.filter
def sentence(label: str) -> str:
    """`New password` for `New Password`: labels of other people's forms in sentence case."""
    first, *rest = str(label).split(" ")
    return " ".join([first, *(word if word.isupper() else word.lower() for word in rest)])


@register.filter
def control(field: BoundField) -> SafeString:
    """The form control of a field in the product's look; its label says what a placeholder would repeat."""
    kind = "form-check-input" if field.widget_type == "checkbox" else "form-control"
    if field.widget_type == "select":
        kind = "form-select"
    wrong = {"class": f"{kind} is-invalid", "aria-invalid": "true"} if field.errors else {"class": kind}
    if field.errors:
        wrong["aria-describedby"] = f"{field.auto_id}_error"
    return field.as_widget(attrs={"placeholder": False, **wrong})


@register.filter
def intcomma_or_dash(value: int | None) -> str:
    """`1,204`, or a dash where there is none."""
    return "–" if value is None else f"{value:,}"


@register.filter
def span(value: dt.timedelta) -> str:
    """`4 s`, `12 min`, `36 h`: how long something took; `under 1 s` rather than none at all."""
    seconds = int(value.total_seconds())
    if not seconds:
        return f"under 1{NBSP}s"
    return f"{seconds}{NBSP}s" if seconds < 60 else _span(seconds)


@register.simple_tag
def weekly(weeks: Sequence[Week]) -> SafeString:
    """Use by week as bars from zero, the highest named, the ends dated; the sentence is its name for a reader."""
    most = max(weeks, key=lambda week: week.uses)
    first, last = plain_day(weeks[0].day), plain_day(weeks[-1].day) + ("" if weeks[-1].over else ", so far")
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="8" height="{}"{}><title>{}: {}</title></rect>',
        (
            (
                n * 10,
                f"{64 - week.share * 0.64:.1f}",
                f"{week.share * 0.64:.1f}",
                "" if week.over else PART,
                *_said(week),
            )
            for n, week in enumerate(weeks)
        ),
    )
    return format_html(
        '<svg class="weekly" viewBox="0 0 {} 64" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
        '<div class="weekly-axis"><span>{}</span><span>most {} in the week of {}</span><span>{}</span></div>',
        len(weeks) * 10 - 2,
        f"Uses a week, {first} to {last}; most {most.uses:,}, last {weeks[-1].uses:,}.",
        bars,
        first,
        f"{most.uses:,}",
        plain_day(most.day),
        last,
    )


def _said(week: Week) -> tuple[str, str]:
    return plain_day(week.day), f"{week.uses:,}" + ("" if week.over else " so far")


def plain_day(value: dt.date) -> str:
    """`Nov 1`, or `Nov 1, 2021` once it is far away, as text alone."""
    text = f"{value:%b}{NBSP}{value.day}"
    return f"{text}, {value.year}" if abs((today() - value).days) > 365 else text


def near_day(day: dt.date, on: dt.date) -> str:
    """`Today`, `Tomorrow`, `Fri, Nov 27`."""
    near = {0: "Today", 1: "Tomorrow", -1: "Yesterday"}
    return near.get((day - on).days, f"{day:%a}, {plain_day(day)}")
