"""Finding things by what they are called, over the accounts that somebody sees: accounts, people, tickets, tasks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from accounts.models import Account, EndUser, ExternalId, Stakeholder, Task, User
from support.models import Ticket

MOST = 8
SHORTEST = 2


@dataclass(frozen=True)
class Hit:
    """Something that was found, and the account that it leads to."""

    name: str
    says: str
    account: Account


@dataclass(frozen=True)
class Group:
    label: str
    hits: tuple[Hit, ...]


def search(user: User, words: str) -> list[Group]:
    """What is called like this, the likeliest first, at most a few of each kind; kinds without any are left out."""
    words = " ".join(words.split())[:100]
    if len(words) < SHORTEST:
        return []
    seen = Account.objects.visible_to(user)
    groups = (
        Group("Accounts", tuple(_accounts(seen, words))),
        Group("People", tuple(_people(seen, words))),
        Group("Tickets", tuple(_tickets(seen, words))),
        Group("Tasks", tuple(_tasks(seen, words))),
    )
    return [group for group in groups if group.hits]


def _known_as(kind: str, words: str) -> QuerySet[Any]:
    """What a source knows by an id that begins like this. Sources keep the case of their ids."""
    return ExternalId.objects.filter(kind=kind, external_id__startswith=words, deleted_at=None).values("record")


def _first(column: str, words: str) -> Case:
    """What begins like this comes before what holds it elsewhere."""
    return Case(When(**{f"{column}__istartswith": words}, then=Value(0)), default=Value(1), output_field=IntegerField())


def _accounts(seen: QuerySet[Account], words: str) -> Iterator[Hit]:
    found = seen.filter(Q(name__icontains=words) | Q(pk__in=_known_as("accounts", words)))
    for account in found.select_related("owner").order_by(_first("name", words), "name", "pk")[:MOST]:
        yield Hit(str(account), ", ".join(filter(None, [str(account.owner or "no owner"), account.tier])), account)


def _people(seen: QuerySet[Account], words: str) -> list[Hit]:
    """Stakeholders before end users; who is both is listed once."""
    hits: dict[tuple[int, str], Hit] = {}
    for model, what in ((Stakeholder, "contact"), (EndUser, "end user")):
        called = Q(name__icontains=words) | Q(email__istartswith=words)
        found = model.objects.known().filter(called, account__in=seen).select_related("account")
        for person in found.order_by(_first("name", words), "name", "record")[:MOST]:
            title = getattr(person, "title", "") or what
            key = (person.account_id, (person.email or person.name).lower())
            hits.setdefault(key, Hit(person.name or person.email, f"{title}, {person.account}", person.account))
    return list(hits.values())[:MOST]


def _tickets(seen: QuerySet[Account], words: str) -> Iterable[Hit]:
    called = Q(subject__icontains=words) | Q(record__in=_known_as("tickets", words.removeprefix("#")))
    found = Ticket.objects.known().filter(called, account__in=seen).select_related("account")
    for ticket in found.order_by(_first("subject", words), "-opened_at", "record")[:MOST]:
        yield Hit(
            ticket.subject or "Ticket", f"{ticket.get_status_display().lower()}, {ticket.account}", ticket.account
        )


def _tasks(seen: QuerySet[Account], words: str) -> Iterable[Hit]:
    found = Task.objects.filter(account__in=seen, done_at=None, title__icontains=words)
    for task in found.select_related("account", "owner").order_by(_first("title", words), "due_on", "pk")[:MOST]:
        yield Hit(task.title, f"{task.owner}, {task.account}", task.account)
