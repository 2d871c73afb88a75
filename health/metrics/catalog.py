"""The catalog as text: the README's table, and one line a metric of what is promised and must not change silently."""

from collections.abc import Iterator

from health.metrics import declare
from health.metrics.declare import Above, Metric, Nothing

ABOVE = {
    Above.FACTS: "all facts together",
    Above.SHARE: "share of accounts",
    Above.WORST: "the worst account",
    Above.MEDIAN: "median of accounts",
}
NOTHING = {
    Nothing.ZERO: "0",
    Nothing.ZERO_ONCE_SEEN: "0 once seen",
    Nothing.SINCE_THE_BEGINNING: "the days so far",
    Nothing.MISSING: "missing",
}


def name(metric: Metric) -> str:
    """The key, with what may or must follow it: `nps[:survey]`, `attribute:attribute`."""
    if metric.argument is None:
        return metric.key
    return f"{metric.key}:{metric.argument}" if metric.needs_argument else f"{metric.key}[:{metric.argument}]"


def markdown() -> str:
    """All metrics as a table for the README."""
    return "\n".join(_rows())


def _rows() -> Iterator[str]:
    yield "| group | key | what it reads | days | unit | nothing is | above the account |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for metric in declare.every():
        cells = (
            metric.group.value.capitalize(),
            f"`{name(metric)}`",
            metric.formula,
            "" if metric.window is None else str(metric.window),
            metric.unit,
            NOTHING[metric.nothing],
            ABOVE[metric.above],
        )
        yield f"| {' | '.join(cell.replace('|', '∣') for cell in cells)} |"


def promises() -> list[str]:
    """A line for each metric, of all that a reading depends on. A key is never reused and never redefined."""
    return [
        " | ".join(
            (
                name(metric),
                metric.group,
                metric.unit,
                f"window {metric.window}",
                f"nothing is {metric.nothing}",
                f"above {metric.above}",
                f"streams {' '.join(metric.streams)}",
                metric.formula,
            )
        )
        for metric in sorted(declare.every(), key=lambda metric: metric.key)
    ]
