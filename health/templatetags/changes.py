"""The bars of what changed. Lengths are SVG attributes: the content policy forbids style."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from health import words
from health.changes import Changed, End, Line

register = template.Library()

AIR = 3.0


@register.filter
def signed_tenths(value: float) -> str:
    """`+2.7`, `−9.4`, and `0.0` without a sign."""
    return words.number(value, 1, signed=True)


@register.simple_tag
def waterfall_bar(change: Changed, part: Line | End | None = None) -> SafeString:
    """The bar of one line, from where the line before it ended; for an end of the change, a mark where it stands."""
    low, high = _span(change)

    def place(value: float) -> float:
        return 100 * (value - low) / (high - low)

    edge: SafeString | str = ""
    if change.crossed is not None:
        edge = format_html(
            '<line class="waterfall-edge" x1="{0}%" x2="{0}%" y1="0" y2="22"/>', _per(place(change.crossed))
        )
    if part is None or isinstance(part, End):
        at = place((part or change.first).shown)
        bar = format_html('<line class="waterfall-mark" x1="{0}%" x2="{0}%" y1="4" y2="18"/>', _per(at))
    elif part.shown == 0:
        bar = format_html('<line class="waterfall-none" x1="{0}%" x2="{0}%" y1="7" y2="15"/>', _per(place(part.end)))
    else:
        left, right = sorted((place(part.start), place(part.end)))
        bar = format_html(
            '<rect class="waterfall-bar" x="{}%" y="6" width="{}%" height="10" rx="1"/>',
            _per(left),
            _per(max(right - left, 0.6)),
        )
    return format_html('<svg class="waterfall-svg" aria-hidden="true">{}{}</svg>', edge, mark_safe(bar))  # noqa: S308


def _span(change: Changed) -> tuple[float, float]:
    ends = [change.first.shown, change.last.shown, *(line.end for line in change.lines)]
    if change.crossed is not None:
        ends.append(change.crossed)
    return min(ends) - AIR, max(ends) + AIR


def _per(value: float) -> str:
    return f"{value:.2f}"
