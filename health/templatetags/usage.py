"""Charts of who uses the product, and of the licenses bought. Series differ by weight and dash before shade."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from health.charts.scale import GRID, kept_apart, round_top
from health.charts.spans import Period
from health.charts.thin import thinned
from health.charts.usage import Day, Seats, Users, runs
from health.templatetags.charts import days_axis, reads
from health.templatetags.verdant import plain_day

register = template.Library()

HEIGHT = 140.0
GAP = 14.0

Values = Mapping[dt.date, str | int]
Label = tuple[float, str, str]  # value, words, what the style sheet calls the series


@register.simple_tag
def users_chart(users: Users) -> SafeString:
    """Active people of each day, of seven and of thirty, with labels where the lines end."""
    top = round_top(max(day.monthly for day in users.days))
    shown: list[tuple[str, str, Callable[[Day], int]]] = [
        ("monthly", "MAU", lambda day: day.monthly),
        ("weekly", "WAU", lambda day: day.weekly),
        *([("daily", "DAU", lambda day: day.daily)] if users.by_day else []),
    ]
    return _chart(
        users.period,
        top,
        _users_said(users),
        format_html_join(
            "",
            '<polyline class="line-{}" points="{}"/>',
            ((name, _line(users.days, value, users.period, top)) for name, _, value in reversed(shown)),
        ),
        [(value(users.last), f"{word} {value(users.last):,}", name) for name, word, value in shown],
        series={word: {day.day: value(day) for day in users.days} for _, word, value in shown},
    )


@register.simple_tag
def seats_chart(seats: Seats) -> SafeString:
    """Licenses as steps, active people of thirty days as a line over an area."""
    period, top, last = seats.period, round_top(seats.most), seats.last
    line = _line(seats.users.days, lambda day: day.monthly, period, top)
    ends: list[Label] = [(seats.users.last.monthly, f"{seats.users.last.monthly:,} active", "active")]
    if last is not None and last.seats is not None:
        ends.insert(0, (last.seats, f"{last.seats:,} licenses", "seats"))
    elif last is not None and last.unlimited:
        ends.insert(0, (top, "unlimited", "seats"))
    return _chart(
        period,
        top,
        _seats_said(seats),
        format_html(
            '<polygon class="area-active" points="0,100 {} 100,100"/>{}<polyline class="line-active" points="{}"/>',
            line,
            format_html_join("", '<polyline class="line-seats" points="{}"/>', ((one,) for one in _stairs(seats, top))),
            line,
        ),
        ends,
        series={
            "licenses": {day.day: _licenses(seats, day) for day in seats.users.days},
            "active": {day.day: day.monthly for day in seats.users.days},
        },
    )


def _licenses(seats: Seats, day: Day) -> str | int:
    step = seats.on(day.day)
    return "–" if step is None or (step.seats is None and not step.unlimited) else step.seats or "unlimited"


def _chart(
    period: Period, top: float, said: str, lines: SafeString, ends: Sequence[Label], *, series: Mapping[str, Values]
) -> SafeString:
    """A plot with its scale on the left, words where the lines end, and the days under it."""
    return format_html(
        '<div class="chart chart-small"><svg class="chart-scale" aria-hidden="true">{}</svg>'
        '<svg class="chart-plot" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="{}" '
        'data-reads="{}">{}{}</svg>'
        '<svg class="chart-ends" aria-hidden="true">{}</svg>{}</div>',
        format_html_join(
            "",
            '<text x="100%" y="{}%" dy="4" text-anchor="end">{}</text>',
            ((100 - 25 * step, f"{top * step / 4:,.0f}") for step in range(5)),
        ),
        said,
        reads(period, series),
        format_html_join("", '<line class="grid" x1="0" x2="100" y1="{0}" y2="{0}"/>', ((y,) for y in GRID)),
        lines,
        _ends(ends, top),
        days_axis(period),
    )


def _line(days: Sequence[Day], value: Callable[[Day], int], period: Period, top: float) -> str:
    values = [float(value(day)) for day in days]
    return " ".join(f"{period.place(days[at].day):.2f},{_up(values[at], top)}" for at in thinned(values))


def _up(value: float, top: float) -> str:
    return f"{100 - 100 * value / top:.2f}"


def _stairs(seats: Seats, top: float) -> Iterator[str]:
    """The corners of the steps, one line for each time without a break."""
    corners: list[str] = []
    before = None
    for first, end, count in runs(seats.steps, seats.period):
        if corners and before != first:
            yield " ".join(corners)
            corners = []
        corners += [f"{seats.period.place(day):.2f},{_up(count, top)}" for day in (first, end)]
        before = end
    if corners:
        yield " ".join(corners)


def _ends(labels: Sequence[Label], top: float) -> SafeString:
    """The words beside the ends of the lines, the highest first, none on another."""
    ordered = sorted(labels, key=lambda label: -label[0])
    places = kept_apart([HEIGHT * (1 - value / top) for value, _, _ in ordered], GAP, HEIGHT)
    return format_html_join(
        "",
        '<text class="end-{}" x="2" y="{}" dy="4">{}</text>',
        ((name, f"{y:.1f}", words) for y, (_, words, name) in zip(places, ordered, strict=True)),
    )


def _users_said(users: Users) -> str:
    first, last = users.days[0], users.last
    return (
        f"Monthly users from {first.monthly:,} on {plain_day(first.day)} to {last.monthly:,} on {plain_day(last.day)}, "
        f"weekly from {first.weekly:,} to {last.weekly:,}"
        + (f", on that last day {last.daily:,}." if users.by_day else "; usage comes by the week.")
    )


def _seats_said(seats: Seats) -> str:
    first, last = seats.users.days[0], seats.users.last
    people = f"{last.monthly:,} people active in thirty days on {plain_day(last.day)}, {first.monthly:,} on {plain_day(first.day)}."
    counts = ["unlimited" if s.unlimited else "none" if s.seats is None else f"{s.seats:,}" for s in seats.steps]
    days = ["", *(f" from {plain_day(step.day)}" for step in seats.steps[1:])]
    steps = [count + day for count, day in zip(counts, days, strict=False)]
    return f"Licenses: {', '.join(steps)}. {people}" if steps else f"No licenses known. {people}"
