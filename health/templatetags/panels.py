"""What the panels of an account say with one tag."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django import template
from django.utils.safestring import SafeString

from health.templatetags.verdant import day

register = template.Library()


@register.filter
def beside(heads: Iterable[object], row: Iterable[object]) -> list[tuple[object, object]]:
    """Each cell of a row with the head of its column."""
    return list(zip(heads, row, strict=True))


@register.filter
def fact(value: object) -> SafeString | str:
    """A cell of any kind: a day, a number, yes or no, words; a dash where there is nothing."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.date):
        return day(value)
    if isinstance(value, int | float | Decimal):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return str(value)
