"""What the panels of an account say with one tag."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from health.templatetags.verdant import NBSP, day, full_day
from health.voices import Nps

register = template.Library()


@register.filter
def beside(heads: Iterable[object], row: Iterable[object]) -> list[tuple[object, object]]:
    """Each cell of a row with the head of its column."""
    return list(zip(heads, row, strict=True))


@register.filter
def fact(value: object, contract: bool = False) -> SafeString | str:
    """A cell of any kind: a day, with its year where it stands in a contract, a number, yes or no, words; a dash where
    there is nothing."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.date):
        return full_day(value) if contract else day(value)
    if isinstance(value, int | float | Decimal):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return str(value)


@register.filter
def span(value: dt.timedelta) -> str:
    """`36 h`, and from two days on `11 d`."""
    hours = round(value.total_seconds() / 3600)
    return f"{hours}{NBSP}h" if hours < 48 else f"{round(hours / 24)}{NBSP}d"


@register.filter
def change(value: float) -> str:
    """`+13`, `−9`, and 0 as it is."""
    rounded = round(value)
    sign = "+" if rounded > 0 else "\N{MINUS SIGN}" if rounded < 0 else ""
    return f"{sign}{abs(rounded):,}"


@register.filter
def share(value: float) -> str:
    """`30 %`."""
    return f"{100 * value:.0f}{NBSP}%"


@register.simple_tag
def votes_bar(nps: Nps) -> SafeString:
    """Detractors, passives and promoters as parts of one bar, told by the words under it."""
    first, second = (100 * count / nps.answers for count in (nps.detractors, nps.detractors + nps.passives))
    return format_html(
        '<svg class="votes-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="votes-against" width="{}" height="8"/><rect class="votes-neutral" x="{}" width="{}" height="8"/>'
        '<rect class="votes-for" x="{}" width="{}" height="8"/></svg>',
        *(f"{number:.2f}" for number in (first, first, second - first, second, 100 - second)),
    )
