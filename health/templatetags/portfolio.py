"""The list of accounts: its addresses, sparklines and causes."""

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from health import filters, words
from health.book import today
from health.causes import MainCause
from health.filters import Chosen
from health.listing import Choice
from health.templatetags.scores import LEAST_RANGE
from health.templatetags.verdant import BANDS, money
from health.words import as_shown

register = template.Library()

WIDTH, HEIGHT = 76.0, 18.0
# Fewer days are no course.
FEWEST_DAYS = 7
EDGES = (40.0, 70.0)


@register.simple_tag
def toggled(choice: Choice, key: str, value: str) -> str:
    return choice.toggled(key, value)


@register.simple_tag
def turned(choice: Choice, one: Chosen) -> str:
    return choice.turned(one)


@register.simple_tag
def lifted(choice: Choice, one: Chosen) -> str:
    return choice.lifted(one)


@register.filter
def costs(choice: Choice) -> list[tuple[str, int, str]]:
    """Which filters are in the way: how many accounts there would be without each, most first, and the address of that
    list. One without which there would still be none is not told."""
    found = []
    if choice.words:
        without = choice.query.copy()
        without.pop("q", None)
        found.append(
            (
                choice.words,
                filters.narrowed(Choice.of(without, choice.user).within, choice.filters).count(),
                without.urlencode(),
            )
        )
    for one in choice.filters:
        rest = [other for other in choice.filters if other is not one]
        label = f"{one.field.label} {'is not' if one.without else 'is'} {one.words}"
        found.append((label, filters.narrowed(choice.within, rest).count(), choice.lifted(one)))
    return sorted((cost for cost in found if cost[1]), key=lambda cost: -cost[1])


@register.filter
def marked(text: str, words: str) -> SafeString:
    """The text with the beginnings of words that were looked for marked."""
    looked_for = "|".join(re.escape(word) for word in words.split())
    pieces = re.split(rf"((?<!\w)(?:{looked_for}))", text, flags=re.IGNORECASE) if looked_for else [text]
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", piece) if at % 2 else piece,) for at, piece in enumerate(pieces))
    )


@register.filter
def round_money(value: Decimal, currency: str) -> str:
    """An amount in a list: without cents."""
    return money(value.quantize(Decimal(1)), currency)


@register.filter
def sign(currency: str) -> str:
    """What stands before an amount: `$`, or `CHF ` where there is no symbol."""
    return money(Decimal(), currency).removesuffix("0")


@register.filter
def late(day: dt.date) -> bool:
    return day < today()


@register.simple_tag
def cause(found: MainCause | None) -> SafeString | str:
    """`Executive sponsor −9.4`, `NPS now known −2.1`, or in gray why there is none."""
    if found is None:
        return ""
    if found.shown is None:
        return format_html('<span class="muted">{}</span>', found.label)
    return format_html(
        '<span class="cause"><span class="cut" title="{0}">{0}</span> <span class="second">{1}</span></span>',
        found.label,
        words.number(found.shown, 1, signed=True),
    )


@register.simple_tag
def course(scores: Sequence[float | None], band: int | None) -> SafeString | str:
    """Ninety days as a line that ends in the shape of the band; an edge is drawn only where it falls inside the range."""
    known = [(place, score) for place, score in enumerate(scores) if score is not None]
    if len(known) < FEWEST_DAYS:
        return ""
    low, high = min(score for _, score in known), max(score for _, score in known)
    air = max(LEAST_RANGE - (high - low), 2.0) / 2
    low, high = low - air, high + air

    def at(place: int, score: float) -> tuple[float, float]:
        return 2 + (WIDTH - 8) * place / (len(scores) - 1), 2 + HEIGHT * (high - score) / (high - low)

    points = [at(place, score) for place, score in known]
    x, y = points[-1]
    edges = [at(0, edge)[1] for edge in EDGES if low < edge < high]
    mark = BANDS.get(words.band(band)) if band is not None and band >= 0 else None
    shape: SafeString | str = "" if mark is None or band is None else format_html(
        '<g class="shape-{}" transform="translate({} {}) scale(.62)">{}</g>',
        words.band(band), f"{x - 3.7:.1f}", f"{y - 3.7:.1f}", mark_safe(mark[1]),  # noqa: S308 – our own constants
    )  # fmt: skip
    return format_html(
        '<svg class="spark" viewBox="0 0 82 22" role="img" aria-label="{}">{}<polyline points="{}"/>{}</svg>',
        f"{as_shown(known[0][1]):.1f} ninety days ago, {as_shown(known[-1][1]):.1f} now",
        format_html_join(
            "", '<line class="spark-edge" x1="0" x2="76" y1="{0}" y2="{0}"/>', ((f"{edge:.1f}",) for edge in edges)
        ),
        " ".join(f"{x:.1f},{y:.1f}" for x, y in points),
        shape,
    )
