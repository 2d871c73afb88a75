"""Drawings of the first page: sparklines, bars over bands, bands over time. Lengths are SVG attributes."""

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from decimal import Decimal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from accounts import calendar
from accounts.models import User
from health import words
from health.breakdown import Row
from health.charts.scale import round_top
from health.dashboard import Course, Week
from health.frame import Frame
from health.frame import frame as frame_of
from health.scoring.card import Band
from health.scoring.scale import TINY
from health.templatetags.scores import LEAST_RANGE
from health.templatetags.verdant import BANDS, NBSP, plain_day, short_money, today
from health.words import as_shown

register = template.Library()

LABEL_GAP = 15.0
PLOT_HEIGHT = 168.0


@register.simple_tag
def frame(user: User) -> Frame:
    """What sidebar and top bar say."""
    return frame_of(user)


@register.filter
def scored(at: dt.datetime | None) -> str:
    """`Scored today, 02:14`: when the newest scores were made. They are of the day that had ended."""
    if at is None:
        return ""
    on, local = calendar.day_of(at), at.astimezone(calendar.zone())
    day = "today" if on == today() else plain_day(on)
    return f"Scored {day}, {local:%H:%M}"


@register.filter
def whole_percent(share: float) -> str:
    """`95 %`, rounded down: a share is never said to be more than it is."""
    return f"{math.floor(100 * share + TINY)}{NBSP}%"


@register.simple_tag
def spark(course: Sequence[float | None], band: int) -> SafeString:
    """The last thirty days as a line that ends in the shape of the band."""
    scored = [(place, score) for place, score in enumerate(course) if score is not None]
    if len(scored) < 2:
        return mark_safe("")
    low, high = min(score for _, score in scored), max(score for _, score in scored)
    air = max(LEAST_RANGE - (high - low), 0.0) / 2
    low, high = low - air, high + air
    points = [(2 + 72 * place / (len(course) - 1), 20 - 18 * (score - low) / (high - low)) for place, score in scored]
    x, y = points[-1]
    first, last = as_shown(scored[0][1]), as_shown(scored[-1][1])
    return format_html(
        '<svg class="spark" viewBox="0 0 82 22" role="img" aria-label="{}"><polyline points="{}"/>'
        '<g class="shape-{}" transform="translate({} {}) scale(.62)">{}</g></svg>',
        f"{first:.1f} thirty days ago, {last:.1f} now",
        " ".join(f"{x:.1f},{y:.1f}" for x, y in points),
        words.band(band),
        f"{x - 3.7:.1f}",
        f"{y - 3.7:.1f}",
        mark_safe(BANDS[words.band(band)][1]),  # noqa: S308 - our own constants
    )


@register.simple_tag
def band_bar(row: Row, most: float) -> SafeString:
    """ARR of a row by band, as long as its share of the longest row; the figures stand beside it."""
    return format_html(
        '<svg class="band-bar" aria-hidden="true">{}</svg>',
        format_html_join(
            "",
            '<rect class="strip-{}" x="{}%" width="{}%" height="7" rx="1.5"/>',
            (
                (name, f"{start:.2f}", f"{max(length - 0.8, 0.6):.2f}")
                for name, start, length in row.shares(most)
                if length
            ),
        ),
    )


# --- Bands over time -------------------------------------------------------------------------------------------------


@register.simple_tag
def bands_chart(course: Course) -> SafeString:
    """Step areas, red from zero, with the words at the right end."""
    weeks, top = course.weeks, round_top(course.most)
    return format_html(
        '<div class="bands-chart" role="img" aria-label="{}"><svg class="bands-scale">{}</svg>'
        '<svg class="bands-plot" viewBox="0 0 100 100" preserveAspectRatio="none">{}{}</svg>'
        '<svg class="bands-ends">{}</svg><svg class="bands-months">{}</svg></div>',
        _said(course),
        _scale(course, top),
        format_html_join("", '<line class="grid" x1="0" x2="100" y1="{0}" y2="{0}"/>', ((y,) for y in (0, 25, 50, 75))),
        format_html_join("", "{}", ((area,) for area in _areas(weeks, top))),
        _ends(course, top),
        _months(weeks),
    )


def _amount(course: Course, value: float) -> str:
    return short_money(Decimal(value), course.currency) if course.money else f"{value:,.0f}"


def _scale(course: Course, top: float) -> SafeString:
    marks = [(100 - 25 * step, _amount(course, top * step / 4)) for step in range(5)]
    return format_html_join("", '<text x="100%" y="{}%" dy="4" text-anchor="end">{}</text>', marks)


def _areas(weeks: Sequence[Week], top: float) -> Iterator[SafeString]:
    """From the bottom up, each between the band below and itself."""
    below = [0.0] * len(weeks)
    for number, (name, _) in enumerate(weeks[-1].in_order):
        above = [start + week.in_order[number][1] for start, week in zip(below, weeks, strict=True)]
        upper, lower = _steps(above, top), _steps(below, top)
        if above != below:
            yield format_html(
                '<path class="area-{0}" d="M{1} L{2}z"/><polyline class="edge-{0}" points="{1}"/>',
                name,
                " ".join(upper),
                " ".join(reversed(lower)),
            )
        below = above


def _steps(values: Sequence[float], top: float) -> list[str]:
    """The corners of a staircase over the width of the plot."""
    width = 100 / len(values)
    corners = []
    for number, value in enumerate(values):
        y = f"{100 - 100 * value / top:.2f}"
        corners += [f"{width * number:.2f},{y}", f"{width * (number + 1):.2f},{y}"]
    return corners


def _ends(course: Course, top: float) -> SafeString:
    """Shape, word and figure of each band where it ends, kept apart from its neighbors."""
    start, lowest, places = 0.0, PLOT_HEIGHT + LABEL_GAP, []
    for name, amount in course.weeks[-1].in_order:
        if amount:
            lowest = min(PLOT_HEIGHT * (1 - (start + amount / 2) / top), lowest - LABEL_GAP)
            places.append((lowest, name, amount))
        start += amount
    return format_html_join(
        "",
        '<g transform="translate(2 {})"><g class="shape-{}" transform="translate(0 -5) scale(.8)">{}</g>'
        '<text x="15" dy="4" class="end-{}">{} <tspan>{}</tspan></text></g>',
        (
            (f"{y:.1f}", name, mark_safe(BANDS[name][1]), name, BANDS[name][0], _amount(course, amount))  # noqa: S308
            for y, name, amount in places
        ),
    )


def _months(weeks: Sequence[Week]) -> SafeString:
    """The name of each month at its first day."""
    first, last = weeks[0].day, weeks[-1].day
    days = (last - first).days + 7
    found, at = [], (first.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    while at <= last:
        place = 100 * (at - first).days / days
        if place < 96:
            found.append((f"{place:.1f}", f"{at:%b}"))
        at = (at + dt.timedelta(days=32)).replace(day=1)
    return format_html_join("", '<text x="{}%" y="11">{}</text>', found)


def _said(course: Course) -> str:
    first, last = course.weeks[0], course.weeks[-1]
    now = ", ".join(f"{_amount(course, last.amounts[band])} {words.band(band)}" for band in reversed(Band))
    then = ", ".join(f"{_amount(course, first.amounts[band])} {words.band(band)}" for band in reversed(Band))
    what = "ARR" if course.money else "Accounts"
    return f"{what} by band, weekly. {plain_day(first.day)}: {then}. {plain_day(last.day)}: {now}."
