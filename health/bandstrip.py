"""The strip of bands above the list of accounts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Aggregate, Count, Q, Sum

from health import filters
from health.book import BANDS
from health.filters import BAND, UNSCORED, Chosen, Facet
from health.listing import Choice
from health.lost import lost_arr

NO_BAND = -2  # no account has it, so that a filter that lets no band through is none for the database as well


@dataclass(frozen=True)
class Share:
    """One band in the strip above the list: how many of the accounts have it, what they pay, and whether the filter by
    band lets it through."""

    name: str
    count: int
    arr: Decimal
    percent: float
    start: float
    is_chosen: bool
    is_listed: bool


@dataclass(frozen=True)
class Strip:
    """`accounts`, `arr` and `unrated` are of what is listed; `of` counts the accounts of all bands, which the shares are
    of. Where all of them churned there are no shares, but what was `lost`, a year."""

    shares: tuple[Share, ...]
    accounts: int
    of: int
    arr: Decimal
    currency: str
    unrated: int
    lost: float | None = None


def counted(choice: Choice) -> tuple[Strip, list[Facet]]:
    """What is listed, and beside it how it would be without the filter by band; no shares where nothing is scored. And what
    the list can be filtered by: of the same accounts, so that both are counted at once."""
    by_band = [one for one in choice.filters if one.field.key == BAND]
    through = _through(by_band)
    facets, totals = filters.facets(choice.within, choice.offered, choice.filters, choice.own, _totals(through))
    taken = {option.value for one in by_band for option in one.options}
    total = sum(totals[f"n_{name}"] for name in BANDS)
    start, shares = 0.0, []
    for name in BANDS:
        count = totals[f"n_{name}"]
        if count or name in taken:
            percent = 100 * count / total if total else 0.0
            arr = totals[f"arr_{name}"] or Decimal()
            shares.append(Share(name, count, arr, percent, start, name in taken, name in through))
            start += percent
    lost = None
    if [share.name for share in shares] == ["churned"]:
        shares, lost = [], sum(lost_arr(choice.found.numbers(), choice.rules).values())
    strip = Strip(
        tuple(shares), totals["accounts"], totals["of"], totals["arr"] or Decimal(), choice.rules.currency,
        totals["without_rate"], lost,
    )  # fmt: skip
    return strip, facets


def _totals(through: Collection[str]) -> dict[str, Aggregate]:
    shown = Q(band__in=[NO_BAND, *(value for name, value in BANDS.items() if name in through)])
    if UNSCORED in through:
        shown |= Q(band=None)
    wanted: dict[str, Aggregate] = {
        "of": Count("pk"), "accounts": Count("pk", filter=shown), "arr": Sum("arr_converted", filter=shown),
        "without_rate": Count("pk", filter=shown & Q(unrated__gt=0)),
    }  # fmt: skip
    for name, value in BANDS.items():
        wanted[f"n_{name}"] = Count("pk", filter=Q(band=value))
        wanted[f"arr_{name}"] = Sum("arr_converted", filter=Q(band=value))
    return wanted


def _through(by_band: Sequence[Chosen]) -> set[str]:
    """The bands that the filters by band let through, among them that of accounts without one."""
    names = {*BANDS, UNSCORED}
    for one in by_band:
        values = {option.value for option in one.options}
        names = names - values if one.without else names & values
    return names
