"""Charts of the account's page and of the first, each also as a table. Lengths are SVG attributes."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from django import template
from django.http import HttpRequest, QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from health import words
from health.causes import STEADILY
from health.charts.history import History, Move, Point
from health.charts.lane import BESIDE, RADIUS, Mark, lane
from health.charts.spans import DAY, READ, Period
from health.templatetags.verdant import BANDS, NBSP, plain_day
from health.words import as_shown

register = template.Library()

# How wide a lane is at least where a style sheet shows it.
LANES = {"wide": 620.0, "middle": 430.0, "narrow": 250.0, "tiny": 194.0}
ROW_HEIGHT = 16
# So few days are told by their dates instead of by months.
FEW_DAYS = 45
# From where a label has no more room above or below a point.
NEAR_TOP, NEAR_BOTTOM = 90.0, 12.0
# How many names of months or years have room there.
NAMES = {"many": 13, "some": 6, "few": 4}


# --- A chart or the same data as a table ------------------------------------------------------------------------------


@register.filter
def as_table(query: Mapping[str, str], name: str) -> bool:
    """Whether the address asks for this chart's data as a table."""
    return query.get(f"{name}-as") == "table"


@register.simple_tag(takes_context=True)
def switch(context: Mapping[str, object], name: str, there: str) -> SafeString:
    """Leads from a chart to the same data as a table and back; `there` is the address of the panel, `name` its id."""
    request = context["request"]
    assert isinstance(request, HttpRequest)
    is_table = as_table(request.GET, name)
    other = "chart" if is_table else "table"
    return format_html(
        '<a class="btn btn-quiet" id="{0}-as" href="?{1}#{0}" hx-get="{2}?{0}-as={3}" hx-target="#{0}" '
        'hx-swap="outerHTML">{4}</a>',
        name,
        _with(request.GET, {f"{name}-as": None if is_table else "table"}),
        there,
        other,
        other.capitalize(),
    )


def _with(query: QueryDict, change: Mapping[str, str | None]) -> str:
    """The query of an address with something said otherwise, or no more."""
    said = query.copy()
    for name, value in change.items():
        said.pop(name, None)
        if value is not None:
            said[name] = value
    return said.urlencode()


# --- Days ------------------------------------------------------------------------------------------------------------


def reads(period: Period, series: Mapping[str, Mapping[dt.date, str | int]]) -> str:
    """For the day under the pointer: the values of each series by its name."""
    days = period.read_days
    return json.dumps(
        {
            "first": period.first.isoformat(),
            "last": period.last.isoformat(),
            "step": 1 if period.days <= READ else 7,
            "series": [[name, [values.get(day) for day in days]] for name, values in series.items()],
        },
        separators=(",", ":"),
    )


@register.simple_tag
def days_axis(period: Period) -> SafeString:
    """Months by their names and Januaries by their years, at their first days, and single days where there are few; fewer
    of them where it is narrow."""
    return format_html(
        '<svg class="chart-days" aria-hidden="true">{}</svg>',
        format_html_join(
            "",
            '<text class="names-{}" x="{}%" y="12">{}</text>',
            ((kind, f"{period.place(day):.2f}", name) for kind in NAMES for day, name in _names(period, NAMES[kind])),
        ),
    )


def _names(period: Period, most: int) -> Iterator[tuple[dt.date, str]]:
    if period.days <= FEW_DAYS:
        # A day takes half as much room again as a month.
        apart = -(-period.days // (2 * most // 3))
        yield from ((day, f"{day:%b} {day.day}") for day in list(period)[::apart] if period.place(day) < 95)
        return
    firsts = [day for day in period if day.day == 1]
    step = next((step for step in (1, 2, 3, 6, 12, 24, 60) if len(firsts) <= step * most), 120)
    for day in firsts:
        if (day.year * 12 + day.month - 1) % step == 0 and period.place(day) < 95:
            yield day, f"{day:%Y}" if day.month == 1 and period.days > 366 else f"{day:%b}"


# --- The course of a score --------------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def history_chart(context: Mapping[str, object], history: History) -> SafeString:
    """Bands as zones, the line of the score, a shape at each turn and at the end; under it the lane of events."""
    request = context["request"]
    assert isinstance(request, HttpRequest)
    zone, last = history.zones[-1], history.last
    lines = [" ".join(f"{history.period.place(p.day):.2f},{_up(p)}" for p in line) for line in history.lines()]
    return format_html(
        '<div class="chart chart-history"><svg class="chart-scale" aria-hidden="true">{}</svg>'
        '<svg class="chart-plot" role="img" aria-label="{}" data-reads="{}"><svg viewBox="0 0 100 100" preserveAspectRatio="none" '
        'width="100%" height="100%">{}{}{}</svg>{}{}</svg>'
        '<svg class="chart-ends" aria-hidden="true">{}</svg>{}{}</div>',
        _scale([0, zone.yellow, zone.green, 100]),
        _history_said(history),
        reads(history.period, {"": {point.day: _read(history, point) for point in history.points}}),
        format_html_join("", "{}", ((zones,) for zones in _zones(history))),
        _hairlines(history),
        format_html_join("", '<polyline class="line-score" points="{}"/>', ((line,) for line in lines)),
        _turn_label(history),
        format_html_join("", "{}", ((_shape(history.period, point),) for point in _shaped(history))),
        _end_label(last),
        format_html_join("", "{}", ((_lane(history, request.GET, kind, width),) for kind, width in LANES.items())),
        days_axis(history.period),
    )


def _read(history: History, point: Point) -> str:
    """The score of a day, and in lines below how the band turned and the score moved."""
    band, move = words.band(point.band), history.moves.get(point.day)
    score = f"no score, {band}" if point.score is None else f"{as_shown(point.score):.1f}, {band}"
    said = (score, history.turned.get(point.day, ""), moved(move) if move else "")
    return "\n".join(filter(None, said))


@register.filter
def moved(move: Move) -> str:
    """`−1.8 on the day before, mostly NPS −1.5`."""
    since = "on the day before" if move.since + DAY == move.day else f"since {plain_day(move.since)}"
    by = f"{words.number(move.by, 1, signed=True)} {since}" if move.by else f"no change {since}"
    mostly = "mostly " if move.cause.shown is not None else ""
    return f"{by}, {mostly}{cause(move)}" if cause(move) else by


@register.filter
def cause(move: Move) -> str:
    """`NPS −1.5`, `coverage 35 %`; empty where nothing moved it."""
    found = move.cause
    if found == STEADILY:
        return ""
    return found.label if found.shown is None else f"{found.label}{NBSP}{words.number(found.shown, 1, signed=True)}"


def _up(point: Point) -> str:
    """How far down from the top of the plot a score lies."""
    return f"{100 - (point.score or 0.0):.2f}"


def _scale(marks: Sequence[float]) -> SafeString:
    return format_html_join(
        "", '<text x="100%" y="{}%" dy="4" text-anchor="end">{}</text>', ((f"{100 - m:g}", f"{m:g}") for m in marks)
    )


def _zones(history: History) -> Iterator[SafeString]:
    """The bands as zones, from each day on which their edges became others; a line at each edge."""
    period = history.period
    starts = [0.0, *(period.place(zone.first) for zone in history.zones[1:]), 100.0]
    for zone, (start, end) in zip(history.zones, pairwise(starts), strict=True):
        for name, low, high in (
            ("red", 0.0, zone.yellow),
            ("yellow", zone.yellow, zone.green),
            ("green", zone.green, 100),
        ):
            yield format_html(
                '<rect class="tint-{}" x="{}" width="{}" y="{}" height="{}"/>',
                name, f"{start:.2f}", f"{end - start:.2f}", f"{100 - high:g}", f"{high - low:g}",
            )  # fmt: skip
        for edge in (zone.yellow, zone.green):
            yield format_html(
                '<line class="grid" x1="{}" x2="{}" y1="{y}" y2="{y}"/>',
                f"{start:.2f}",
                f"{end:.2f}",
                y=f"{100 - edge:g}",
            )


def _hairlines(history: History) -> SafeString:
    """A line through the plot for each day on which something happened."""
    places = sorted({f"{history.period.place(event.day):.2f}" for event in history.events})
    return format_html_join("", '<line class="hairline" x1="{0}" x2="{0}" y1="0" y2="100"/>', ((x,) for x in places))


def _shaped(history: History) -> list[Point]:
    """The points that stand out: where the band turned, and the last."""
    turns = [point for point in history.turns if point.score is not None]
    return list(dict.fromkeys([*turns, *([history.last] if history.last else [])]))


def _shape(period: Period, point: Point) -> SafeString:
    name = words.band(point.band)
    return format_html(
        '<svg class="mark shape-{}" x="{}%" y="{}%" overflow="visible">'
        '<g transform="translate(-5.1 -5.1) scale(.85)">{}</g></svg>',
        name,
        f"{period.place(point.day):.2f}",
        _up(point),
        mark_safe(BANDS[name][1]),  # noqa: S308 - our own constants
    )


def _turn_label(history: History) -> SafeString | str:
    """The last turn says its band and day, where there is room beside it."""
    turns = [point for point in history.turns if point.score is not None]
    if not turns:
        return ""
    point, name = turns[-1], words.band(turns[-1].band)
    x, score = history.period.place(point.day), point.score or 0.0
    before = [one.score for one in history.points if one.day < point.day and one.score is not None]
    # The line comes from the left: from below where it rises, so that the label stands above it, and the other way round.
    rises = bool(before) and before[-1] < score
    is_left = x > 40 and not (rises and score > NEAR_TOP and x < 80)
    above = score < NEAR_BOTTOM or (rises and score <= NEAR_TOP)
    return format_html(
        '<text class="turn end-{}" x="{}%" y="{}%" dx="{}" dy="{}" text-anchor="{}" aria-hidden="true">{}, {}</text>',
        name, f"{x:.2f}", _up(point), -9 if is_left else 9, -8 if above else 16, "end" if is_left else "start",
        name.capitalize(), plain_day(point.day),
    )  # fmt: skip


def _end_label(last: Point | None) -> SafeString | str:
    if last is None:
        return ""
    return format_html('<text x="8" y="{}%" dy="4">{}</text>', _up(last), f"{as_shown(last.score or 0.0):.1f}")


def _history_said(history: History) -> str:
    first = next((point for point in history.points if point.score is not None), None)
    last = history.last
    if first is None or last is None:
        return "No score in these days."
    turns = [f"{words.band(point.band)} on {plain_day(point.day)}" for point in history.turns]
    held = (
        f" {len(history.touches)} touchpoint{'' if len(history.touches) == 1 else 's'} took place."
        if history.touches
        else ""
    )
    return (
        f"Score from {as_shown(first.score or 0.0):.1f} on {plain_day(first.day)} to {as_shown(last.score or 0.0):.1f} on "
        f"{plain_day(last.day)}; {', '.join(turns) if turns else f'{words.band(last.band)} throughout'}.{held}"
    )


# --- The lane of events -----------------------------------------------------------------------------------------------


def _lane(history: History, query: QueryDict, kind: str, width: float) -> SafeString:
    """Circles with labels, ticks for touchpoints. Each mark leads to what changed with it."""
    period = history.period
    marks = lane(history.events, lambda day: period.place(day) * width / 100, width)
    ticks = sorted({f"{period.place(day):.2f}" for day in history.touches})
    return format_html(
        '<svg class="chart-lane at-{}" role="group" aria-label="Events">{}{}{}</svg>',
        kind,
        format_html_join(
            "",
            '<line class="hairline" x1="{0}%" x2="{0}%" y1="0" y2="{1}"/>',
            ((f"{period.place(event.day):.2f}", _row(mark) - RADIUS) for mark in marks for event in mark.events),
        ),
        format_html_join("", "{}", ((_mark(mark, query, width),) for mark in marks)),
        format_html_join("", '<line class="tick" x1="{0}%" x2="{0}%" y1="36" y2="42"/>', ((x,) for x in ticks)),
    )


def _row(mark: Mark) -> int:
    return 10 + ROW_HEIGHT * mark.row


def _mark(mark: Mark, query: QueryDict, width: float) -> SafeString:
    first, at, last = (f"{100 * length / width:.2f}" for length in (mark.first, mark.at, mark.last))
    y, beside = _row(mark), RADIUS + BESIDE
    name = ", ".join(f"{plain_day(event.day)}: {event.label}" for event in mark.events)
    said = "; ".join(f"{plain_day(event.day)}: {event.says}" for event in mark.events)
    days = {"from": (mark.events[0].day - DAY).isoformat(), "to": mark.events[-1].day.isoformat()}
    return format_html(
        '<a class="event term" href="?{}#changes" aria-label="{}" aria-description="{}">{}'
        '<circle class="event-area" cx="{at}%" cy="{y}" r="12"/><circle class="event-mark" cx="{at}%" cy="{y}" r="{r}"/>'
        '<text x="{}%" y="{y}" dx="{}" dy="4" text-anchor="{}" aria-hidden="true">{}</text></a>',
        _with(query, days),
        name,
        said,
        format_html('<line class="event-span" x1="{}%" x2="{}%" y1="{y}" y2="{y}"/>', first, last, y=y)
        if mark.first != mark.last
        else "",
        first if mark.before else last,
        -beside if mark.before else beside,
        "end" if mark.before else "start",
        mark.label,
        at=at,
        y=y,
        r=RADIUS,
    )
