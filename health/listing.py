"""The list of accounts as its address says it: a view, filters, words, columns, an order."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from django.db.models import Count, OrderBy, Q
from django.http import QueryDict

from accounts.models import Account, Sees, User, seen_by
from health import attention, filters
from health.book import CUSTOMERS, EVERY, FORMER, called, listed, rules_now, today
from health.columns import BY_KEY, COLUMNS, Column, ordering
from health.filters import MUCH, NOT, Chosen, Field
from health.metrics.rules import Rules
from health.models import SavedView
from health.portfolio import Portfolio

PAGE = 50
SOON = dt.timedelta(days=90)
# Tabs that say whose accounts they hold.
WHOSE = ("mine", "team", "all")
# What of an address belongs to no view: where in the list somebody is.
PASSING = ("page", "view")
# The filters that say the same as a tab, and its order: what stands above it, and what views keep that are saved from it. Whose
# accounts they are is left to who looks.
SAME = {
    "renewing": "due=30&due=90", "fell": "moved=fell&sort=month", "silent": "wants=silent", "unowned": "owner=none",
    "churned": "band=churned&sort=-lost",
}  # fmt: skip

# What there is to say of an account that is no customer any more.
STILL_TOLD = {"lost", "lost_arr", "last", "reason", "owner"}

# A guard or a person may have put an account in a worse band than its score: that comes first, then the score.
USUAL_SORT = "band"


@dataclass(frozen=True)
class View:
    """One tab above the list. A saved one brings the query that it stands for."""

    key: str
    label: str
    saved: SavedView | None = None
    is_own: bool = True

    @property
    def query(self) -> str:
        """The address of the tab."""
        asked = QueryDict(self.saved.query if self.saved else "", mutable=True)
        asked["view"] = self.key
        return asked.urlencode()


def _narrow(user: User) -> dict[str, tuple[str, Q]]:
    """Tab → its label and what it holds: customers, except for the one that holds those who were."""
    of_customers = {
        "mine": ("My book", Q(owner=user)),
        "team": ("My team", Q(owner__team=user.team_id) if user.team_id else Q(owner=user)),
        "all": ("All customers", Q()),
        "renewing": ("Renews in 90 days", Q(renewal_on__range=(today(), today() + SOON))),
        "fell": ("Fell in 30 days", Q(moved_30__lte=-MUCH)),
        "silent": ("Silent", attention.silence()),
        "unowned": ("Without owner", Q(owner__isnull=True)),
    }
    narrow = {key: (label, where & CUSTOMERS) for key, (label, where) in of_customers.items()}
    return {**narrow, "churned": ("Churned", FORMER)}


def views(user: User) -> tuple[View, ...]:
    """The tabs. Who sees no account but their own needs no "all", which would say the same."""
    hidden = {"team", "all", "unowned"} if user.scope == Sees.OWN else {"unowned"} if user.scope == Sees.TEAM else set()
    if user.team_id is None:
        hidden.add("team")
    kept = SavedView.objects.filter(Q(owner=user) | Q(shared=True)).select_related("owner")
    return (
        *(View(key, label) for key, (label, _) in _narrow(user).items() if key not in hidden),
        *(View(f"s{one.pk}", one.name, one, one.owner_id == user.pk) for one in kept),
    )


def _usual(user: User, offered: Sequence[View], accounts: Portfolio) -> View:
    """One's own book, or the first of team and all that holds anything if one has none."""
    narrow = _narrow(user)
    whose = [view for view in offered if view.key in WHOSE]
    return next((view for view in whose if accounts.filter(narrow[view.key][1]).exists()), offered[0])


def _chosen(query: QueryDict, offered: Sequence[View]) -> View | None:
    """The tab that is asked for. Who asks for those that churned and names none means theirs: the others hold none."""
    usual = "churned" if "churned" in query.getlist("band") else ""
    return next((view for view in offered if view.key == query.get("view", usual)), None)


def _own(view: View, same: QueryDict, fields: Sequence[Field]) -> tuple[Chosen, ...]:
    """What a tab filters by. Who churned stand apart: no filter that could be taken away leads there from customers."""
    return () if view.key == "churned" else tuple(filters.chosen(same, fields))


def _words(query: QueryDict) -> str:
    return query.get("q", "").replace("\0", "").strip()[:100]


def _where(query: QueryDict, fields: Sequence[Field]) -> Q:
    """What an address asks of accounts as a saved view."""
    where = called(_words(query)) & _held_by_saved(query)
    for one in filters.chosen(query, fields):
        where &= one.where
    return where


def _held_by_saved(query: QueryDict) -> Q:
    """A saved view holds customers, unless it asks for others."""
    return Q() if "churned" in query.getlist("band") else CUSTOMERS


@dataclass(frozen=True)
class Choice:
    """What somebody wants to see of the list. Whatever makes no sense in an address is ignored. `own`: what the tab filters by."""

    user: User
    query: QueryDict
    views: tuple[View, ...]
    view: View
    offered: tuple[Field, ...]
    filters: tuple[Chosen, ...]
    own: tuple[Chosen, ...]
    words: str
    column: Column
    descending: bool
    columns: tuple[Column, ...]
    rules: Rules
    accounts: Portfolio

    @classmethod
    def of(cls, query: QueryDict, user: User) -> Self:
        """Without a word in the address: one's own book, or all if one has none; worst band first, or as the tab has it."""
        rules = rules_now()
        accounts = Portfolio.of(seen_by(user), rules)
        fields = tuple(filters.fields(user))
        offered = views(user)
        view = _chosen(query, offered) or _usual(user, offered, accounts)
        same = QueryDict(SAME.get(view.key, ""))
        sort = query.get("sort", same.get("sort", USUAL_SORT))
        column = BY_KEY.get(sort.removeprefix("-"), BY_KEY[USUAL_SORT])
        return cls(
            user=user, query=query, views=offered, view=view, offered=fields,
            filters=tuple(filters.chosen(query, fields)), own=_own(view, same, fields), words=_words(query),
            column=column if column.order else BY_KEY[USUAL_SORT], descending=sort.startswith("-"),
            columns=_columns(query, view, user), rules=rules, accounts=accounts,
        )  # fmt: skip

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many accounts each tab holds, and "all" of them; of all tabs by one query."""
        wanted = {key: where for key, (_, where) in _narrow(self.user).items()}
        for view in self.views:
            if view.saved:
                wanted[view.key] = _where(QueryDict(view.saved.query), self.offered)
        return self.accounts.counted(
            {key: Count("pk", filter=where) if where else Count("pk") for key, where in wanted.items()}
        )

    @property
    def tabs(self) -> list[tuple[View, int]]:
        """Each with how many accounts it holds. Where nobody churned nothing is said of it."""
        found = [(view, self.counts[view.key]) for view in self.views]
        return [(view, count) for view, count in found if count or view.key != "churned" or view == self.view]

    @property
    def churned(self) -> int:
        """How many of those that the user may see are no customers any more."""
        return self.counts["churned"]

    @property
    def churned_too(self) -> int:
        """How many of those are what the list is filtered by, where it holds none of them."""
        if not self.churned or self.view.key == "churned":
            return 0
        return filters.narrowed(self.accounts.filter(called(self.words), FORMER), self.filters).count()

    @property
    def visible(self) -> int:
        """How many accounts the user may see at all."""
        return self.counts["all"] + self.churned

    @property
    def sorted_by(self) -> str:
        return self.column.words[self.descending]

    @property
    def orders(self) -> list[tuple[str, str, bool]]:
        """What the list can be sorted by: what the address says for it, words, whether it is chosen. The chosen one keeps its
        direction, the others have the one that a head begins with."""
        found = []
        for column in (one for one in COLUMNS if one.order):
            is_chosen = column == self.column
            descending = self.descending if is_chosen else column.descending_first
            words = column.words[descending]
            found.append((_sort(column, descending=descending), words[:1].upper() + words[1:], is_chosen))
        return found

    @property
    def turned_order(self) -> str:
        """What the address says for the contrary order."""
        return _sort(self.column, descending=not self.descending)

    @property
    def turned_words(self) -> str:
        return self.column.words[not self.descending]

    @property
    def is_changed(self) -> bool:
        """Whether the list is another one than its tab stands for, so that it can be saved as a view."""
        return asked(self.query) != (asked(QueryDict(self.view.saved.query)) if self.view.saved else "")

    @property
    def asked(self) -> str:
        """What a saved view keeps of the address, and of the tab that it is saved from."""
        return asked(_spelled_out(self.query, self.view))

    @property
    def chips(self) -> tuple[Chosen, ...]:
        """What the list is filtered by, beginning with what its tab says."""
        return (*self.own, *self.filters)

    @cached_property
    def within(self) -> Portfolio:
        """The accounts of the tab that hold the words, before the filters."""
        where = _held_by_saved(self.query) if self.view.saved else _narrow(self.user)[self.view.key][1]
        return self.accounts.filter(called(self.words), where)

    @cached_property
    def found(self) -> Portfolio:
        """The accounts as filtered."""
        return filters.narrowed(self.within, self.filters)

    @property
    def order(self) -> tuple[OrderBy, ...]:
        return ordering(self.column, self.descending)

    def numbers(self, start: int = 0, stop: int = EVERY) -> list[int]:
        """Those of the accounts as filtered, in their order: what a row shows is worked out for those that are shown."""
        return self.found.numbers(*self.order, start=start, stop=stop)

    def shown(self, numbers: Sequence[int]) -> list[Account]:
        """These accounts in this order, with all that a row shows."""
        found = listed(Account.objects.visible_to(self.user), self.rules).in_bulk(numbers)
        return [found[number] for number in numbers if number in found]

    # --- Addresses of what differs in one thing ---

    def toggled(self, key: str, value: str, *, without: bool = False) -> str:
        """The query with this value of a field added, or taken away if it is there."""
        name = f"{NOT}{key}" if without else key
        query = self._without_own() if any(one.field.key == key for one in self.own) else self._copy()
        values = query.getlist(name)
        query.setlist(name, [one for one in values if one != value] if value in values else [*values, value])
        return query.urlencode()

    def turned(self, one: Chosen) -> str:
        """The query with *is* turned into *is not*, and back."""
        query = self._without_own() if one in self.own else self._copy()
        for name, other in zip(one.names, one.names_turned, strict=True):
            if name in query:
                query.setlist(other, query.pop(name))
        return query.urlencode()

    def lifted(self, one: Chosen) -> str:
        """The query without a filter, be it the tab's own."""
        query = self._without_own() if one in self.own else self._copy()
        for name in one.names:
            query.pop(name, None)
        return query.urlencode()

    def _without_own(self) -> QueryDict:
        """The query with what the tab filters by spelled out, of all accounts that there is a tab for: so that it can differ."""
        query = _spelled_out(self._copy(), self.view)
        query["view"] = self.widest
        return query

    @property
    def widest(self) -> str:
        """The tab of all accounts that there is a tab for."""
        return next(view.key for view in reversed(self.views) if view.key in WHOSE)

    def _copy(self) -> QueryDict:
        query = self.query.copy()
        query.pop("page", None)
        return query


def _spelled_out(query: QueryDict, view: View) -> QueryDict:
    """The query with what its tab stands for, as far as it does not say that itself."""
    spelled = query.copy()
    for name, values in QueryDict(SAME.get(view.key, "")).lists():
        spelled.setlist(name, query.getlist(name) or values)
    return spelled


def _sort(column: Column, *, descending: bool) -> str:
    return f"{'-' if descending else ''}{column.key}"


def query_of(text: str) -> QueryDict:
    """The query that an address within an address, or within a form, stands for."""
    return QueryDict(text.replace("\0", "").replace("%00", "")[:2000])


def asked(query: QueryDict) -> str:
    kept = query.copy()
    for name in PASSING:
        kept.pop(name, None)
    return "&".join(sorted(part for part in kept.urlencode().split("&") if part and not part.endswith("=")))


def _columns(query: QueryDict, view: View, user: User) -> tuple[Column, ...]:
    """Those asked for, else the usual ones. In one's own book, and for who sees no other, the owner goes without saying."""
    wanted = {name for value in query.getlist("columns") for name in value.split(",")} & BY_KEY.keys()
    usual = {column.key for column in COLUMNS if column.usual} - (
        {"owner"} if view.key == "mine" or user.scope == Sees.OWN else set()
    )
    if view.key == "churned" or query.getlist("band") == ["churned"]:
        usual = STILL_TOLD
    return tuple(column for column in COLUMNS if column.key == "name" or column.key in (wanted or usual))
