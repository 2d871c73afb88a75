"""Scores as drawings: rulers, bars, the course of a score. Lengths are SVG attributes: the content policy forbids style."""

from collections.abc import Iterator, Sequence

import numpy as np
from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from health import words
from health.explain import Edges, Explanation, MeasureLine, as_shown
from health.listing import Share
from health.scoring.judge import whole_percent
from health.templatetags.verdant import BANDS, NBSP

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


# --- Rulers ----------------------------------------------------------------------------------------------------------


@register.simple_tag
def score_ruler(explanation: Explanation) -> SafeString:
    """0–100 with the edges, and the score as the shape of its band."""
    edges, shown = explanation.edges, explanation.shown
    said = "No score" if shown is None else f"{shown:.1f} of 100"
    return format_html(
        '<svg class="ruler ruler-score" role="img" aria-label="{}; yellow from {}, green from {}">{}{}{}</svg>',
        said,
        f"{edges.yellow:g}",
        f"{edges.green:g}",
        _zones(edges.yellow, edges.green, 8),
        _labels([(0, "0"), (edges.yellow, f"{edges.yellow:g}"), (edges.green, f"{edges.green:g}"), (100, "100")], 24),
        "" if shown is None else _mark(shown, words.band(explanation.scored), 6, large=True),
    )


@register.simple_tag
def measure_ruler(line: MeasureLine, edges: Edges) -> SafeString:
    """The points of a measure on the same ruler; under its edges the readings that give them."""
    labels = list(_edge_labels(line, edges))
    name = _band_at(line.points, edges)
    said = f"{as_shown(line.points):.1f} points, {name}" if line.points is not None else "no points"
    at = [label for place, label in labels if place in (edges.yellow, edges.green)]
    readings = f"; yellow from {at[0]}, green from {at[1]}" if len(at) == 2 else ""
    return format_html(
        '<svg class="ruler{}" role="img" aria-label="{}{}">{}{}{}</svg>',
        " ruler-faded" if line.points is None or line.is_held else "",
        said,
        readings,
        _zones(edges.yellow, edges.green, 6),
        _labels(labels, 22),
        "" if line.points is None else _mark(line.points, name, 5),
    )


def _edge_labels(line: MeasureLine, edges: Edges) -> Iterator[tuple[float, str]]:
    """Where yellow and green begin, as readings; what is yes or no labels its ends."""
    if line.metric.unit == words.YES_OR_NO:
        yield from ((0.0, "no"), (100.0, "yes"))
        return
    scale = line.scale
    worst = scale.values[scale.points.index(min(scale.points))]
    for edge in (edges.yellow, edges.green):
        reading = scale.nearest(worst, edge)
        if reading is not None:
            yield edge, words.bare(line.metric, reading)


def _band_at(value: float | None, edges: Edges) -> str:
    if value is None:
        return "unknown"
    shown = as_shown(value)
    return "green" if shown >= edges.green else "yellow" if shown >= edges.yellow else "red"


@register.simple_tag
def band_at(value: float | None, edges: Edges) -> str:
    """The band that points would be, without margin."""
    return _band_at(value, edges)


def _zones(yellow: float, green: float, height: int) -> SafeString:
    """Three zones split by gaps."""
    zones = [("red", 0.0, yellow), ("yellow", yellow, green), ("green", green, 100.0)]
    return format_html(
        "{}{}",
        format_html_join(
            "",
            '<rect class="zone-{}" x="{}%" y="2" width="{}%" height="{}"/>',
            ((name, f"{start:g}", f"{end - start:g}", height) for name, start, end in zones),
        ),
        format_html_join(
            "",
            '<line class="gap" x1="{}%" x2="{}%" y1="1" y2="{}"/>',
            ((f"{edge:g}", f"{edge:g}", height + 3) for edge in (yellow, green)),
        ),
    )


def _labels(labels: list[tuple[float, str]], y: int) -> SafeString:
    anchors = {0: "start", 100: "end"}
    return format_html_join(
        "",
        '<text x="{}%" y="{}" text-anchor="{}" aria-hidden="true">{}</text>',
        ((f"{place:g}", y, anchors.get(int(place), "middle"), label) for place, label in labels),
    )


def _mark(place: float, name: str, y: float, *, large: bool = False) -> SafeString:
    size = 1.1 if large else 0.85
    return format_html(
        '<svg class="mark shape-{}" x="{}%" y="{}" overflow="visible" aria-hidden="true">'
        '<g transform="translate({} {}) scale({})">{}</g></svg>',
        name,
        f"{min(max(place, 0), 100):.2f}",
        y,
        f"{-6 * size:g}",
        f"{-6 * size:g}",
        size,
        mark_safe(BANDS[name][1]),  # noqa: S308 - our own constants
    )


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
