"""The accounts that somebody sees, as lists find, count and sort them: most by the rows that were made ahead, those few whose
rows say nothing any more by what is worked out now."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.db import connection
from django.db.models import Aggregate, Count, F, OrderBy, Q, QuerySet

from accounts.arrays import numbers_in
from accounts.models import Account
from health.book import EVERY, aggregated, listed, lost_on, owner_name, today
from health.metrics.rules import Rules
from health.models import ListRow

Rows = QuerySet[Any]


@dataclass(frozen=True)
class Portfolio:
    """Two sets of rows that say the same by the same names: of `ListRow`, and of `book.listed` accounts. The latter are missing
    where there are none, so that nobody has to ask for them."""

    parts: tuple[Rows, ...]

    @classmethod
    def of(cls, seen: Q, rules: Rules) -> Self:
        """The accounts of which a condition on number and owner lets see."""
        accounts, rows = Account.objects.existing().filter(seen), ListRow.objects.filter(seen)
        # Those that are seen by what they are now, and those that their rows would let see.
        changed = accounts.filter(dirty_since__isnull=False).order_by().values("pk")
        said = rows.filter(account__dirty_since__isnull=False).values("pk")
        over = accounts.filter(list_row__until__lte=today()).order_by().values("pk")
        rows = rows.filter(until__gt=today())
        # Looked up once: what changes after that is told as it was, not left out.
        mute = list(changed.union(said, over).values_list("pk", flat=True))
        if not mute:
            return cls((rows,))
        return cls((rows.exclude(pk__in=numbers_in(mute)), listed(accounts, rules).filter(pk__in=numbers_in(mute))))

    def each(self, change: Callable[[Rows], Rows]) -> Self:
        return type(self)(tuple(map(change, self.parts)))

    def filter(self, *where: Q) -> Self:
        return self.each(lambda rows: rows.filter(*where))

    def hold(self, account: str) -> Q:
        """A condition on something else: that the account it names is one of these."""
        held = Q()
        for rows in self.parts:
            held |= Q(**{f"{account}__in": rows.order_by().values("pk")})
        return held

    def exists(self) -> bool:
        return any(rows.exists() for rows in self.parts)

    def count(self) -> int:
        return sum(rows.count() for rows in self.parts)

    def counted(self, wanted: Mapping[str, Aggregate]) -> dict[str, Any]:
        """Counts and sums over all of them; a sum of nothing is None."""
        kept, *rest = self.parts
        found: dict[str, Any] = kept.order_by().aggregate(**wanted)
        for rows in rest:
            beside = aggregated(rows, **wanted)
            found = {name: _sum(found[name], beside[name]) for name in wanted}
        return found

    def grouped(self, *names: str) -> Iterable[tuple[Any, ...]]:
        """The combinations of these columns, each with how many accounts have it; a combination may come twice."""
        for rows in self.parts:
            yield from rows.order_by().values_list(*names).annotate(count=Count("pk"))

    def numbers(self, *order: OrderBy, start: int = 0, stop: int = EVERY) -> list[int]:
        """Their numbers, in this order, from one place to another."""
        query, by, given = self.in_order(*order)
        with connection.cursor() as cursor:
            cursor.execute(f"{query} order by {by} limit %s offset %s", [*given, stop - start, start])
            return [number for number, *_ in cursor.fetchall()]

    def in_order(self, *order: OrderBy) -> tuple[str, str, tuple[Any, ...]]:
        """SQL of their numbers, as `who`, with what they are put in order by; how they are then, null last; and parameters."""
        names = {f"by_{place}": one.expression for place, one in enumerate(order)}
        query, given = _united(
            self._told(rows).annotate(who=F("pk"), **names).order_by().values_list("who", *names) for rows in self.parts
        )
        ways = (
            f"{name} {'desc' if one.descending else 'asc'} nulls last" for name, one in zip(names, order, strict=True)
        )
        return query, ", ".join(ways) or "who", given

    def written(self, *cells: Any) -> tuple[str, tuple[Any, ...]]:
        """SQL of these cells of all of them, in the order of the first, and its parameters."""
        query, given = _united(rows.order_by().values_list(*cells) for rows in self.parts)
        return f"{query} order by 1", given

    @staticmethod
    def _told(rows: Rows) -> Rows:
        """Rows with what `listed` accounts have and rows that were made ahead can say without it."""
        return rows.annotate(owner_name=owner_name(), lost_on=lost_on()) if rows.model is ListRow else rows


def _united(parts: Iterable[Rows]) -> tuple[str, tuple[Any, ...]]:
    written = [rows.query.sql_with_params() for rows in parts]
    return " union all ".join(f"({sql})" for sql, _ in written), tuple(one for _, given in written for one in given)


def _sum(one: Any, other: Any) -> Any:
    return other if one is None else one if other is None else one + other
