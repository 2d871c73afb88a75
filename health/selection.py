"""Accounts selected in the list, as a page sends them: some by their ids, or all of the list that an address stands for."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Self

from django.db.models import Q
from django.http import QueryDict

from accounts.models import Account, User
from health.listing import Choice, query_of

MOST = 1000


class BadSelection(ValueError):
    """It is no selection that something can be done with; the message says why."""


@dataclass(frozen=True)
class Selection:
    """What is selected, as far as the user may see it. `ids` is empty where it is the whole list; `missing` counts those
    named that are not to be seen, or not any more."""

    choice: Choice
    query: str
    ids: tuple[uuid.UUID, ...]
    accounts: tuple[Account, ...]

    @classmethod
    def of(cls, sent: QueryDict, user: User) -> Self:
        """Raises BadSelection."""
        query = query_of(sent.get("list", ""))
        ids = () if "all" in sent else tuple(dict.fromkeys(map(_id, sent.getlist("id"))))
        if "all" not in sent and not ids:
            raise BadSelection("No account is selected. Select one first.")
        if len(ids) > MOST:
            raise BadSelection(_too_many(len(ids)))
        choice = Choice.of(query, user)
        numbers = _numbers(choice, ids)
        if len(numbers) > MOST:
            raise BadSelection(_too_many(choice.found.count()))
        return cls(choice, query.urlencode(), ids, tuple(choice.shown(numbers)))

    @property
    def missing(self) -> int:
        return len(self.ids) - len(self.accounts) if self.ids else 0

    @property
    def numbers(self) -> list[int]:
        return [account.pk for account in self.accounts]

    @cached_property
    def arr(self) -> Decimal:
        """In the organization's currency; what has no rate is not in it."""
        # Annotations are no fields.
        return sum((vars(account)["arr_converted"] or Decimal() for account in self.accounts), Decimal())

    @cached_property
    def unrated(self) -> int:
        return sum(bool(vars(account)["unrated"]) for account in self.accounts)

    def owners(self, other: User) -> Mapping[Account, User]:
        """Each account with its owner; with `other` where it has none who still works here."""
        return {one: one.owner if one.owner and one.owner.is_active else other for one in self.accounts}


def _numbers(choice: Choice, ids: tuple[uuid.UUID, ...]) -> list[int]:
    """In the order of the list; one more than can be selected, if there is. What was named stays selected whatever is filtered
    meanwhile."""
    if not ids:
        return choice.numbers(stop=MOST + 1)
    named = Account.objects.filter(public_id__in=ids).values("pk")
    return choice.accounts.filter(Q(pk__in=named)).numbers(*choice.order)


def _id(text: Any) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as problem:
        raise BadSelection("What is selected names something that is no account.") from problem


def _too_many(count: int) -> str:
    return f"{count:,} accounts are too many at once: at most {MOST:,}. Filter the list first."
