"""Finding things by what they are called: accounts that somebody sees, with people, tickets and tasks; pages; words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Case, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.urls import reverse

from accounts import calendar
from accounts.models import Account, EndUser, ExternalId, Stakeholder, Task, User
from accounts.words import begin
from health import glossary
from health.book import CHURNED, with_band
from health.templatetags.verdant import plain_day
from health.words import label
from support.models import Ticket

MOST = 8
SHORTEST = 2


@dataclass(frozen=True)
class Hit:
    """Something that was found, what tells it from others, and what it leads to: an account, else an address."""

    name: str
    says: str
    account: Account | None = None
    band: int | None = None
    to: str = ""

    @property
    def address(self) -> str:
        return self.to if self.account is None else reverse("account", args=[self.account.public_id])


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
        Group("Pages", tuple(_pages(user, words))),
        Group("Words", tuple(_terms(words))),
    )
    return [group for group in groups if group.hits]


def accounts_called(user: User, words: str) -> list[Account]:
    """The accounts that somebody sees and that are called like this, the likeliest first."""
    words = " ".join(words.split())[:100]
    if len(words) < SHORTEST:
        return []
    hits = _accounts(Account.objects.visible_to(user), words)
    return [hit.account for hit in hits if hit.account is not None]


def _known_as(kind: str, words: str) -> list[int]:
    """The first that a source knows by an id that begins like this. Sources keep the case of their ids."""
    ids = ExternalId.objects.filter(kind=kind, external_id__startswith=words, deleted_at=None).order_by("external_id")
    # As numbers: beside a subquery no index is used.
    return list(ids.values_list("record", flat=True)[:MOST])


def _first(column: str, words: str) -> Case:
    """What begins like this comes before what holds it elsewhere."""
    return Case(When(**{f"{column}__istartswith": words}, then=Value(0)), default=Value(1), output_field=IntegerField())


def _accounts(seen: QuerySet[Account], words: str) -> Iterator[Hit]:
    found: QuerySet[Any] = with_band(seen).filter(begin("name", words) | Q(pk__in=_known_as("accounts", words)))
    for account in found.select_related("owner").order_by(_first("name", words), "name", "pk")[:MOST]:
        band = {None: "not scored", CHURNED: "churned"}.get(account.band, "")
        says = _said(band, account.owner or "no owner", label(account.tier))
        yield Hit(str(account), says, account, None if band else account.band)


def _people(seen: QuerySet[Account], words: str) -> list[Hit]:
    """Stakeholders before end users; who is both is listed once."""
    hits: dict[tuple[int, str], Hit] = {}
    models: tuple[type[Any], ...] = (Stakeholder, EndUser)
    for model in models:
        called = begin("name", words) | Q(email__istartswith=words)
        found = model.objects.known().filter(called, account__in=seen).select_related("account")
        for person in found.order_by(_first("name", words), "name", "record")[:MOST]:
            key = (person.account_id, (person.email or person.name).lower())
            hit = Hit(person.name or person.email, _said(_part_of(person), person.account), person.account)
            hits.setdefault(key, hit)
    return list(hits.values())[:MOST]


def _part_of(person: Stakeholder | EndUser) -> str:
    """`Champion, Director`: what a contact is to us, and at the customer."""
    if isinstance(person, EndUser):
        return "End user"
    role = "" if person.role == Stakeholder.StakeholderRole.OTHER else person.get_role_display()
    return _said(role, person.title) or "Contact"


def _tickets(seen: QuerySet[Account], words: str) -> Iterable[Hit]:
    called = begin("subject", words) | Q(record__in=_known_as("tickets", words.removeprefix("#")))
    ids = ExternalId.objects.filter(kind="tickets", record=OuterRef("record"), deleted_at=None)
    number = Subquery(ids.order_by("source_id", "-external_id").values("external_id")[:1])
    found: QuerySet[Any] = Ticket.objects.known().filter(called, account__in=seen).annotate(number=number)
    order = (_first("subject", words), "-opened_at", "record")
    for ticket in found.select_related("account").order_by(*order)[:MOST]:
        on, status = plain_day(calendar.day_of(ticket.opened_at)), ticket.get_status_display()
        yield Hit(
            ticket.subject or "Ticket", _said(ticket.number, f"{status}, opened {on}", ticket.account), ticket.account
        )


def _tasks(seen: QuerySet[Account], words: str) -> Iterable[Hit]:
    found = Task.objects.filter(begin("title", words), account__in=seen, done_at=None)
    for task in found.select_related("account", "owner").order_by(_first("title", words), "due_on", "pk")[:MOST]:
        due = f"due {plain_day(task.due_on)}" if task.due_on else ""
        yield Hit(task.title, _said(task.account, due, task.owner), task.account)


# --- Pages and words -------------------------------------------------------------------------------------------------

PAGES = (
    ("Home", "home"), ("Accounts", "accounts"), ("Tasks", "tasks"), ("Alerts", "alerts"), ("Data health", "data"),
    ("Help", "help"), ("Change password", "account_change_password"), ("Second factor", "mfa_index"),
    ("E-mail address", "account_email"),
)  # fmt: skip


def _pages(user: User, words: str) -> Iterator[Hit]:
    """Those of the menu, as far as the user's role may open them."""
    pages = [(name, "", reverse(to)) for name, to in PAGES]
    if user.sees_every_account:
        pages.append(("Nights", "", reverse("nights")))
    if user.is_admin:
        sidebar: Any = settings.UNFOLD["SIDEBAR"]
        menu = sidebar["navigation"]
        pages += [
            (item["title"], "Admin", str(item["link"])) for part in menu if "title" in part for item in part["items"]
        ]
    for name, says, to in pages:
        if _begins(name, words):
            yield Hit(name, says, to=to)


def _terms(words: str) -> list[Hit]:
    found = [(key, term) for key, term in glossary.TERMS.items() if _begins(term.name, words)]
    return [Hit(term.name, term.says, to=f"{reverse('help')}#{key}") for key, term in found[:MOST]]


def _begins(name: str, words: str) -> bool:
    """Whether each word begins one of the name."""
    parts = name.lower().split()
    return all(any(part.startswith(word) for part in parts) for word in words.lower().split())


def _said(*parts: object) -> str:
    return ", ".join(str(part) for part in parts if part)
