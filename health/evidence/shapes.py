"""How facts are listed, whatever they are."""

from collections.abc import Callable
from dataclasses import dataclass

from health.metrics.known import known
from health.metrics.shapes import Facts


@dataclass(frozen=True, kw_only=True)
class Listing:
    """How facts of a metric are listed. `what` is SQL: how much a row adds to n, then a column for each of `heads`.

    Where `adds` is false the listing is beside what n counts, such as the users beside the seats that they are a part of.
    The days of a `contract` are shown with their years.
    """

    title: str
    heads: tuple[str, ...]
    facts: Facts
    what: str
    tail: str = ""
    reach: int = 0
    adds: bool = True
    contract: bool = False


Lists = Callable[[int, str | None], tuple[Listing, ...]]


def name_of(table: str, record: str, name: str) -> str:
    """What a record was called."""
    return f"(select {name} from {table} named where named.record = {record} and {known('named')} limit 1)"
