"""One ruler for score and measures: 0–100 with the edges of the bands, what stands on it, and where it stood before."""

from collections.abc import Iterator, Mapping

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from health import words
from health.compared import Compared
from health.explain import Edges, Explanation, MeasureLine
from health.templatetags.verdant import BANDS
from health.words import as_shown

register = template.Library()


@register.simple_tag
def score_ruler(explanation: Explanation, month: float | None = None) -> SafeString:
    """0–100 with the edges, the score as the shape of its band, and where it stood a month ago, given how it moved."""
    edges, shown = explanation.edges, explanation.shown
    said = "No score" if shown is None else f"{shown:.1f} of 100"
    then = None if shown is None or month is None else shown - month
    return format_html(
        '<svg class="ruler ruler-score" role="img" aria-label="{}; yellow from {}, green from {}{}">{}{}{}{}</svg>',
        said,
        f"{edges.yellow:g}",
        f"{edges.green:g}",
        "" if then is None else f"; 30 days ago {as_shown(then):.1f}",
        _zones(edges.yellow, edges.green, 8),
        _labels([(0, "0"), (edges.yellow, f"{edges.yellow:g}"), (edges.green, f"{edges.green:g}"), (100, "100")], 24),
        _before(then, shown, 6),
        "" if shown is None else _mark(shown, words.band(explanation.scored), 6, large=True),
    )


@register.simple_tag
def measure_ruler(line: MeasureLine, edges: Edges, compared: Mapping[str, Compared]) -> SafeString:
    """The points of a measure on the same ruler, beside those of a month ago and of the median of its peers; under its
    edges the readings that give them."""
    labels = list(_edge_labels(line, edges))
    name = _band_at(line.points, edges)
    said = f"{as_shown(line.points):.1f} points, {name}" if line.points is not None else "no points"
    beside = compared.get(line.key)
    then = beside.month.points if beside and beside.month else None
    median = beside.peers.median.points if beside and beside.peers else None
    at = [label for place, label in labels if place in (edges.yellow, edges.green)]
    readings = f"; yellow from {at[0]}, green from {at[1]}" if len(at) == 2 else ""
    return format_html(
        '<svg class="ruler{}" role="img" aria-label="{}{}{}{}">{}{}{}{}{}</svg>',
        " ruler-faded" if line.points is None or line.is_held else "",
        said,
        readings,
        "" if then is None else f"; 30 days ago {as_shown(then):.1f}",
        "" if median is None else f"; median {as_shown(median):.1f}",
        _zones(edges.yellow, edges.green, 6),
        _labels(labels, 22),
        "" if median is None else _median(median),
        _before(then, line.points, 5),
        "" if line.points is None else _mark(line.points, name, 5),
    )


@register.simple_tag
def begins(line: MeasureLine, edges: Edges) -> str:
    """`yellow from 35, green from 60 %`: a scale, as the readings at which its bands begin."""
    if line.metric.unit == words.YES_OR_NO:
        return str(line.scale)
    name = {edges.yellow: "yellow", edges.green: "green"}
    said = ", ".join(f"{name[edge]} from {reading}" for edge, reading in _edge_labels(line, edges))
    return f"{said}{words.NBSP}{words.unit(line.metric)}".rstrip(words.NBSP)


def _edge_labels(line: MeasureLine, edges: Edges) -> Iterator[tuple[float, str]]:
    """Where yellow and green begin, as readings; what is yes or no labels its ends."""
    if line.metric.unit == words.YES_OR_NO:
        yield from ((0.0, "no"), (100.0, "yes"))
        return
    scale = line.scale
    worst = scale.values[scale.points.index(min(scale.points))]
    found = [(edge, scale.nearest(worst, edge)) for edge in (edges.yellow, edges.green)]
    there = [(edge, reading) for edge, reading in found if reading is not None]
    decimals = 0
    if line.metric.unit not in ("%", "points") and not line.metric.decimals:
        # There is no 1.4 of a ticket: the last whole reading that still gives the band.
        there = [(edge, words.at_least_as_far(line.metric, reading, worst)) for edge, reading in there]
    # Two edges that would print the same are told apart by a decimal.
    if len({words.bare(line.metric, reading) for _, reading in there}) < len(there):
        there, decimals = [(edge, reading) for edge, reading in found if reading is not None], 1
    yield from ((edge, words.bare(line.metric, reading, decimals)) for edge, reading in there)


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


def _median(place: float) -> SafeString:
    return format_html('<line class="ruler-median" x1="{0}%" x2="{0}%" y1="-1" y2="11"/>', _per(place))


def _before(place: float | None, now: float | None, y: int) -> SafeString:
    """A hollow dot with a line to where it is now."""
    if place is None:
        return mark_safe("")
    way = "" if now is None else format_html(
        '<line class="ruler-way" x1="{}%" x2="{}%" y1="{}" y2="{}"/>', _per(place), _per(now), y, y
    )  # fmt: skip
    return format_html('{}<circle class="ruler-before" cx="{}%" cy="{}" r="3"/>', way, _per(place), y)


def _per(place: float) -> str:
    return f"{min(max(place, 0), 100):.2f}"


def _mark(place: float, name: str, y: float, *, large: bool = False) -> SafeString:
    size = 1.1 if large else 0.85
    return format_html(
        '<svg class="mark shape-{}" x="{}%" y="{}" overflow="visible" aria-hidden="true">'
        '<g transform="translate({} {}) scale({})">{}</g></svg>',
        name,
        _per(place),
        y,
        f"{-6 * size:g}",
        f"{-6 * size:g}",
        size,
        mark_safe(BANDS[name][1]),  # noqa: S308 - our own constants
    )
