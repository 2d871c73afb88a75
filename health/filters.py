"""What the list of accounts can be filtered by. Each field is a parameter of the address; several values of one mean any of
them, and `not-` before its name means none of them:

    band=red&band=yellow   moved=fell|fell-7|rose|changed|held|guard   due=late|30|90|180|later   touch=14|30|never
    stage=…  tier=…  region=…  owner=<number>|none  a.<attribute>=…
    renews=<days>|any  renews_from=<day>  renews_to=<day>
    wants=silent|diverges|thin
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from typing import Any

from django.db.models import Aggregate, BooleanField, Case, Count, Q, When
from django.http import QueryDict
from django.utils import timezone

from accounts.models import Account, AttributeDefinition, AttributeValue, User
from health import attention, dashboard, words
from health.book import BANDS, today
from health.models import Transition
from health.portfolio import Portfolio

DAY = dt.timedelta(days=1)
# A movement counts from so many points, as shown.
MUCH = dashboard.FELL
MOST_VALUES = 8
NOT = "not-"
# The field whose values the strip above the list shows.
BAND = "band"
UNSCORED = "unscored"


@dataclass(frozen=True)
class Option:
    """One value of a field, in words, and which accounts have it."""

    value: str
    label: str
    where: Q


@dataclass(frozen=True)
class Field:
    """Something to filter by. Its options are fixed, or found among the accounts, or are what stands in some columns of these,
    beginning with that which says it in an address."""

    key: str
    label: str
    options: Callable[[Portfolio], Sequence[Option]]
    of: Callable[[str], Option | None]
    also: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    said: Callable[..., Option | None] = lambda *cells: None

    @property
    def parameters(self) -> tuple[str, ...]:
        """What it is called in an address. A span has two ends."""
        return (self.key, *self.also)


@dataclass(frozen=True)
class Chosen:
    """A field with the values asked for: accounts that have any of them, or where `without`, none."""

    field: Field
    options: tuple[Option, ...]
    without: bool

    @property
    def where(self) -> Q:
        """Which accounts, as a condition on them."""
        any_of = Q()
        for option in self.options:
            any_of |= option.where
        # What has no value at all is not one of those values either.
        return Q(Case(When(any_of, then=False), default=True, output_field=BooleanField())) if self.without else any_of

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that the address says it by."""
        return self._names(without=self.without)

    @property
    def names_turned(self) -> tuple[str, ...]:
        """Those that would say the contrary."""
        return self._names(without=not self.without)

    def _names(self, *, without: bool) -> tuple[str, ...]:
        return tuple(f"{NOT if without else ''}{name}" for name in self.field.parameters)

    @property
    def words(self) -> str:
        return " or ".join(option.label for option in self.options)


def _fixed(key: str, label: str, options: Callable[[], Sequence[Option]]) -> Field:
    def of(value: str) -> Option | None:
        return next((option for option in options() if option.value == value), None)

    return Field(key, label, lambda accounts: options(), of)


def _bands() -> Sequence[Option]:
    bands = [Option(name, name.capitalize(), Q(band=value)) for name, value in BANDS.items()]
    return [*bands, Option(UNSCORED, "Not scored", Q(band__isnull=True))]


def _movements() -> Sequence[Option]:
    turned = Transition.objects.filter(kind=Transition.Kind.BAND, day__gt=today() - 31 * DAY, day__lt=today())
    return (
        Option("fell", "Fell 5+, 30 d", Q(moved_30__lte=-MUCH)),
        Option("fell-7", "Fell 5+, 7 d", Q(moved_7__lte=-MUCH)),
        Option("rose", "Rose 5+, 30 d", Q(moved_30__gte=MUCH)),
        Option("changed", "Changed band, 30 d", Q(pk__in=turned.values("account"))),
        Option("held", "Held by override", Q(override_band__isnull=False)),
        Option("guard", "Lowered by a guard", Q(lowered=True)),
    )


def _renewals() -> Sequence[Option]:
    def between(first: int, last: int) -> Q:
        return Q(renewal_on__range=(today() + first * DAY, today() + last * DAY))

    return (
        Option("late", "Overdue", Q(renewal_on__lt=today())),
        Option("30", "Within 30 d", between(0, 30)),
        Option("90", "31–90 d", between(31, 90)),
        Option("180", "91–180 d", between(91, 180)),
        Option("later", "Later", Q(renewal_on__gt=today() + 180 * DAY)),
    )


def _touches() -> Sequence[Option]:
    now = timezone.now()
    return (
        Option("14", "Over 14 d ago", Q(touched_at__lt=now - 14 * DAY)),
        Option("30", "Over 30 d ago", Q(touched_at__lt=now - 30 * DAY)),
        Option("never", "Never", Q(touched_at__isnull=True)),
    )


def _none(accounts: Portfolio) -> Sequence[Option]:
    return ()


def _column(name: str, label: str) -> Field:
    def of(value: str) -> Option | None:
        return Option(value, words.label(value) or "none", Q(**{name: value}))

    return Field(name, label, _none, of, columns=(name,), said=lambda value: of(value) if value else None)


def _owners(user: User | None) -> Field:
    names = cache(lambda: _colleagues(user))

    def of(value: str) -> Option | None:
        if value == "none":
            return Option("none", "nobody", Q(owner=None))
        if not value.isdecimal() or len(value) > 18:
            return None
        return Option(value, names().get(int(value), "somebody else"), Q(owner=int(value)))

    return Field("owner", "CSM", _none, of, columns=("owner",), said=lambda owner: of(str(owner or "none")))


def _colleagues(user: User | None) -> dict[int, str]:
    """The names that `user` may learn: their own, and of those whose accounts they see."""
    everybody = User.objects.all()
    if user is not None and not user.sees_every_account:
        theirs = Account.objects.visible_to(user).values("owner")
        everybody = everybody.filter(Q(pk=user.pk) | Q(pk__in=theirs))
    return {one.pk: str(one) for one in everybody}


def _attribute(definition: AttributeDefinition) -> Field:
    current = AttributeValue.objects.known().filter(definition=definition, applied=True)

    def where(value: str) -> Q:
        return Q(pk__in=current.filter(text=value).values("account"))

    def options(accounts: Portfolio) -> list[Option]:
        held = current.filter(accounts.hold("account"), text__isnull=False)
        found = held.order_by().values_list("text").annotate(count=Count("pk")).order_by("-count", "text")
        return [Option(text, words.label(text), where(text)) for text, _ in found[:MOST_VALUES]]

    return Field(
        f"a.{definition.name}", str(definition), options, lambda value: Option(value, words.label(value), where(value))
    )


FIXED = (
    _fixed(BAND, "Band", _bands),
    _fixed("moved", "Movement", _movements),
    _fixed("due", "Renewal", _renewals),
    _column("stage", "Stage"),
    _fixed("touch", "Last touchpoint", _touches),
    _column("tier", "Tier"),
    _column("region", "Region"),
)
NOT_FACETS = ("name", "owner", "parent", "region", "stage", "tier", "status")


def fields(user: User | None) -> list[Field]:
    """All fields: the fixed ones, owners as far as `user` may know them (None: all), and the attributes that were accepted
    into the dictionary."""
    kinds = (AttributeDefinition.Type.TEXT, AttributeDefinition.Type.RANKED, AttributeDefinition.Type.YES_NO)
    accepted = AttributeDefinition.objects.filter(accepted=True, type__in=kinds).exclude(name__in=NOT_FACETS)
    return [*FIXED, _owners(user), *map(_attribute, accepted)]


def chosen(query: QueryDict, offered: Iterable[Field]) -> list[Chosen]:
    """What the address asks for; whatever makes no sense there is ignored."""
    found = []
    for field in offered:
        for prefix in ("", NOT):
            values = dict.fromkeys(query.getlist(prefix + field.key))
            options = tuple(option for value in values if (option := field.of(value[:200])) is not None)
            if options:
                found.append(Chosen(field, options, bool(prefix)))
    return [*found, *_spans(query), *_wants(query)]


def _spans(query: QueryDict) -> list[Chosen]:
    """Renewals between two days, or within so many, or not: what the numbers of other pages lead to."""
    found = (_span(query, prefix) for prefix in ("", NOT))
    return [one for one in found if one is not None]


def _span(query: QueryDict, prefix: str) -> Chosen | None:
    first, last = _day(query.get(f"{prefix}renews_from", "")), _day(query.get(f"{prefix}renews_to", ""))
    days = query.get(f"{prefix}renews", "")
    wanted: dict[str, Any]
    key, also = "renews", tuple[str, ...]()
    if first or last:
        wanted = {f"renewal_on__{side}": day for side, day in (("gte", first), ("lte", last)) if day}
        words = " ".join(
            f"{word} {day:%b} {day.day}, {day.year}" for word, day in (("from", first), ("to", last)) if day
        )
        key, also = "renews_from", ("renews_to",)
    elif days == "any":
        wanted, words = {"renewal_on__isnull": False}, "ahead or late"
    elif days.isdecimal() and len(days) < 6:
        wanted, words = {"renewal_on__lte": today() + int(days) * DAY}, f"within {int(days):,} d"
    else:
        return None
    field = Field(key, "Renewal", lambda accounts: [], lambda value: None, also)
    return Chosen(field, (Option("", words, Q(**wanted)),), bool(prefix))


def _wants(query: QueryDict) -> list[Chosen]:
    """What wants attention on the first page, as far as it is about accounts."""
    offered = {
        "silent": ("silent", attention.silence),
        "diverges": ("score against pulse", attention.divergent),
        "thin": ("coverage below 50 %", lambda: Q(coverage__lt=dashboard.THIN)),
    }
    field = Field("wants", "Attention", lambda accounts: [], lambda value: None)
    return [
        Chosen(field, (Option("", wanted[0], wanted[1]()),), bool(prefix))
        for prefix in ("", NOT)
        if (wanted := offered.get(query.get(f"{prefix}wants", "")))
    ]


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def narrowed(accounts: Portfolio, by: Iterable[Chosen]) -> Portfolio:
    return accounts.filter(*(one.where for one in by))


@dataclass(frozen=True)
class Facet:
    """A field beside the list: its options with how many accounts have each under the other filters."""

    field: Field
    options: tuple[tuple[Option, int, bool], ...]


def facets(
    accounts: Portfolio,
    offered: Sequence[Field],
    by: Sequence[Chosen],
    own: Sequence[Chosen],
    totals: Mapping[str, Aggregate],
) -> tuple[list[Facet], dict[str, Any]]:
    """Fields that nothing is filtered by are counted together, each of the others by itself: those that are columns of accounts
    by one query, all others by another, and one more finds the values of a word of the dictionary. So it takes the same
    queries whatever the number of accounts. `own`: what all the accounts have been found by already. `totals`: what else to
    count, of the accounts that the bands are counted of."""
    filtered, taken = {one.field.key for one in by}, [*by, *own]
    together = [field for field in offered if field.key not in filtered]
    found, counted = _counted(narrowed(accounts, by), together, taken, {} if BAND in filtered else totals)
    for field in offered:
        if field.key in filtered:
            others = [one for one in by if one.field.key != field.key]
            alone, beside = _counted(narrowed(accounts, others), [field], taken, totals if field.key == BAND else {})
            found, counted = found | alone, counted | beside
    chosen_by = {one.field.key for one in taken}
    # What all accounts have in common tells nothing apart.
    told = [found[key] for key in (field.key for field in offered) if len(found[key].options) > 1 or key in chosen_by]
    return told, counted


def _counted(
    accounts: Portfolio, fields: Sequence[Field], by: Sequence[Chosen], totals: Mapping[str, Aggregate]
) -> tuple[dict[str, Facet], dict[str, Any]]:
    """Key → the field with those of its options that any of the accounts has, and those asked for; and the totals."""
    taken = {
        field.key: {option.value: option for one in by if one.field is field for option in one.options}
        for field in fields
    }
    told = _told_by_columns(accounts, [field for field in fields if field.columns], taken)
    others = {field.key: _offered(field.options(accounts), taken[field.key]) for field in fields if not field.columns}
    wanted = {f"n{place}": Count("pk", filter=option.where) for place, option in enumerate(chain(*others.values()))}
    counted: dict[str, Any] = accounts.counted({**wanted, **totals}) if wanted or totals else {}
    counts = iter([counted[name] for name in wanted])
    told |= {key: [(option, next(counts)) for option in options] for key, options in others.items()}
    found = {}
    for field in fields:
        options = [(option, count, option.value in taken[field.key]) for option, count in told[field.key]]
        found[field.key] = Facet(field, tuple(entry for entry in options if entry[1] or entry[2]))
    return found, {name: counted[name] for name in totals}


def _told_by_columns(
    accounts: Portfolio, fields: Sequence[Field], taken: Mapping[str, Mapping[str, Option]]
) -> dict[str, list[tuple[Option, int]]]:
    """Key → the most frequent of what stands in a field's columns and what is asked for, each with the accounts that have it.
    One query counts the combinations: usually few, at most one an account."""
    counts: dict[str, Counter[tuple[Any, ...]]] = {field.key: Counter() for field in fields}
    names = list(chain(*(field.columns for field in fields)))
    for *cells, count in accounts.grouped(*names) if fields else ():
        left = iter(cells)
        for field in fields:
            counts[field.key][tuple(islice(left, len(field.columns)))] += count
    found = {}
    for field in fields:
        told = [(option, count) for cells, count in counts[field.key].items() if (option := field.said(*cells))]
        told.sort(key=lambda one: (-one[1], one[0].label))
        by_value = {option.value: count for option, count in told}
        options = _offered([option for option, _ in told[:MOST_VALUES]], taken[field.key])
        found[field.key] = [(option, by_value.get(option.value, 0)) for option in options]
    return found


def _offered(found: Sequence[Option], taken: Mapping[str, Option]) -> list[Option]:
    values = {option.value for option in found}
    return [*found, *(option for value, option in taken.items() if value not in values)]
