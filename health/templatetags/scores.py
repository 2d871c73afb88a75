"""Scores as drawings: rulers, bars, the course of a score. Lengths are SVG attributes: the content policy forbids style."""

from collections.abc import Mapping, Sequence

import numpy as np
from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from health import words
from health.bandstrip import Share
from health.explain import MeasureLine
from health.scoring.judge import whole_percent
from health.templatetags.verdant import BANDS, NBSP
from health.words import as_shown

register = template.Library()

STRONG_FROM = 5.0
LEAST_RANGE = 12.0


@register.filter
def band_name(value: int) -> str:
    """`green` for 3."""
    return words.band(value)


@register.filter
def points(value: float | None) -> str:
    """A score or points: one decimal, half up."""
    return "–" if value is None else f"{as_shown(value):.1f}"


@register.filter
def tenths(value: float) -> str:
    """What was rounded already so that it adds up."""
    return f"{value:.1f}".replace("-", words.MINUS)


@register.filter
def hundredths(value: float) -> str:
    return f"{value:.2f}"


@register.filter
def of(values: Mapping[object, object] | str, key: object) -> object:
    """What is said of a measure, or of an account; nothing where nothing is."""
    return values.get(key) if isinstance(values, Mapping) else None


@register.filter
def minus(value: float | None, other: float) -> float:
    return (value or 0.0) - other


@register.filter
def age(days: int) -> str:
    return "today" if days <= 0 else f"{days}{NBSP}d"


@register.filter
def movement(value: float | None) -> SafeString | str:
    """An arrow and an unsigned number, in a heavier weight from five points."""
    if value is None:
        return mark_safe('<span class="muted">new</span>')
    size = as_shown(abs(value))
    if size == 0:
        return mark_safe('<span class="muted">0.0</span>')
    arrow, word = ("↑", "up") if value > 0 else ("↓", "down")
    return format_html(
        '<span class="moved{}"><span aria-hidden="true">{}</span><span class="visually-hidden">{}</span>{}{}</span>',
        " strong" if size >= STRONG_FROM else "",
        arrow,
        word,
        NBSP,
        f"{size:.1f}",
    )


@register.simple_tag
def shape(name: str) -> SafeString:
    """The shape of a band alone, where its word stands in the row or beside it."""
    word, drawing = BANDS[name]
    return format_html(
        '<svg class="shape shape-{}" viewBox="0 0 12 12" role="img" aria-label="{}">{}</svg>',
        name,
        word.lower(),
        mark_safe(drawing),  # noqa: S308 - our own constants
    )


@register.filter
def coverage(value: float) -> str:
    """Coverage as a floor in percent, in words of its own."""
    return f"coverage {int(whole_percent(np.asarray(value)))}{NBSP}%"


@register.simple_tag
def strip_bar(strip: Sequence[Share]) -> SafeString:
    """How the accounts spread over the bands, as one bar; the words and counts stand beside it."""
    return format_html(
        '<svg class="strip-bar" aria-hidden="true">{}</svg>',
        format_html_join(
            "",
            '<rect class="strip-{}{}" x="{}%" width="{}%" height="6"/>',
            (
                (
                    share.name,
                    "" if share.is_listed else " strip-off",
                    f"{share.start:.2f}",
                    f"{max(share.percent - 0.4, 0):.2f}",
                )
                for share in strip
            ),
        ),
    )


# --- Bars ----------------------------------------------------------------------------------------------------------


@register.simple_tag
def adds_bar(line: MeasureLine, heaviest: float) -> SafeString:
    """Its length is the weight, its fill what is added, its hollow part what is lost. All bars share one scale."""
    share = 99 * line.effective / heaviest if heaviest else 0.0
    fill = share * (line.points or 0.0) / 100
    return format_html(
        '<svg class="adds" aria-hidden="true"><rect class="adds-weight" x=".5" y=".5" width="{}%" height="7" rx="1.5"/>'
        '<rect class="adds-fill" x=".5" y=".5" width="{}%" height="7" rx="1.5"/></svg>',
        f"{share:.2f}",
        f"{fill:.2f}",
    )
