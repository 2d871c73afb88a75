"""The accounts of a book as columns of numbers, and as lines by name: the first page counts a hundred thousand as it counts
ten, and spells out the few that it shows."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import numpy as np
from django.db.models import BigIntegerField, DateField, DecimalField, FloatField, IntegerField, QuerySet, Value
from django.db.models.functions import Cast, Coalesce
from numpy.typing import NDArray

from accounts import columns
from accounts.models import Account
from health.book import CHURNED, with_renewal, with_score
from health.metrics.cases import Ints
from health.models import Snapshot
from health.portfolio import Portfolio
from health.scoring.card import Bools
from health.scoring.scale import Floats

# What stands in the place of a band for an account that was never scored.
UNSCORED: Final = -2
NOBODY: Final = 0
NEVER: Final = dt.date.max
BEFORE_ALL: Final = dt.date.min


def number_of(day: dt.date) -> int:
    """A day as the columns hold it."""
    return (day - columns.DAY_ZERO).days


@dataclass(frozen=True)
class Census:
    """One row an account, in the order of their numbers. `arr` is what it pays a year in the organization's currency, `unrated`
    how many amounts besides have no rate. A score or coverage that there is not is nan, a renewal that there is not is never,
    an owner that there is not is nobody; a band may be CHURNED or UNSCORED too, and the day of a score that
    there is not is before all others."""

    ids: Ints
    owners: Ints
    bands: Ints
    scores: Floats
    coverage: Floats
    renewals: Ints
    days: Ints
    arr: Floats
    unrated: Ints

    @property
    def customers(self) -> Bools:
        found: Bools = self.bands != CHURNED
        return found

    @property
    def last(self) -> dt.date | None:
        """The last day on which any of them was scored."""
        last = int(self.days.max(initial=number_of(BEFORE_ALL)))
        return columns.DAY_ZERO + dt.timedelta(days=last) if last > number_of(BEFORE_ALL) else None

    def due(self, until: dt.date) -> Bools:
        """The customers whose earliest undecided renewal comes by then, or is late."""
        within: Bools = self.customers & (self.renewals <= number_of(until))
        return within


def census(accounts: Portfolio) -> Census:
    return Census(
        *fetched(
            accounts,
            ("pk", "int8"),
            (Cast(Coalesce("owner_id", Value(NOBODY)), BigIntegerField()), "int8"),
            (Cast(Coalesce("band", Value(UNSCORED)), IntegerField()), "int4"),
            (_or_nan("score"), "float8"),
            (_or_nan("coverage"), "float8"),
            (Coalesce("renewal_on", Value(NEVER), output_field=DateField()), "date"),
            (Coalesce("day", Value(BEFORE_ALL)), "date"),
            (Cast(Coalesce("arr_converted", Value(0), output_field=DecimalField()), FloatField()), "float8"),
            (Cast(Coalesce("unrated", Value(0)), IntegerField()), "int4"),
        )
    )


def stood(accounts: QuerySet[Account], ids: Ints, day: dt.date) -> tuple[Floats, Ints]:
    """Score and band of each account as they stood on a day: nan and UNSCORED where there is no snapshot. `ids` are the numbers
    of the accounts in their order; whoever came among them since those were fetched is left out."""
    found = Snapshot.objects.filter(account__in=accounts.values("pk"), day=day)
    stored, stored_scores, stored_bands = fetched(
        found, ("account_id", "int8"), (_or_nan("score"), "float8"), ("effective", "int2")
    )
    scores, bands = np.full(len(ids), np.nan), np.full(len(ids), UNSCORED)
    known = np.isin(stored, ids)
    places = np.searchsorted(ids, stored[known])
    scores[places], bands[places] = stored_scores[known], stored_bands[known]
    return scores, bands


def _or_nan(name: str) -> Coalesce:
    return Coalesce(name, Value(float("nan")), output_field=FloatField())


def fetched(rows: Portfolio | QuerySet[Any], *cells: tuple[str | Any, str]) -> list[NDArray[Any]]:
    """Cells of rows as columns, each with its type; see `accounts.columns.fetch`."""
    wanted = [cell for cell, _ in cells]
    query = rows.written(*wanted) if isinstance(rows, Portfolio) else rows.values_list(*wanted).query.sql_with_params()
    return columns.fetch(*query, [kind for _, kind in cells])


@dataclass(frozen=True)
class Line:
    """One account as the panels show it. `band` is None where it was never scored."""

    id: int
    public_id: UUID
    name: str
    band: int | None
    score: float | None
    renewal_on: dt.date | None
    override_band: int | None
    lowered: bool
    arr: float
    unrated: bool


def lines(arr: Mapping[int, float], unrated: frozenset[int]) -> dict[int, Line]:
    """Some accounts, given by number with what they pay, by number."""
    if not arr:
        return {}
    rows: QuerySet[Any] = with_score(with_renewal(Account.objects.filter(pk__in=list(arr))))
    shown = rows.values("id", "public_id", "name", "band", "score", "renewal_on", "override_band", "lowered")
    return {
        pk: Line(**one | {"name": one["name"] or f"account {pk}", "arr": arr[pk], "unrated": pk in unrated})
        for one in shown
        for pk in [one["id"]]
    }
