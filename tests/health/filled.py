"""Loomline with something on every page: a book of scored accounts in two currencies, some of which moved."""

import datetime as dt

from django.utils import timezone

from accounts.models import Account, License, Note, Pulse, Renewal, Stream, Task, Team, Touchpoint, User
from health import overrides
from health.book import today
from health.models import SavedView
from health.scoring.card import Band, State
from tests.health.company import DAY, Company
from tests.health.worked import scored, worked_example

# Name, reading of the license utilization a month ago, a week ago and yesterday.
BOOK = (
    ("Calloway Freight", 70, 52, 41),
    ("Northgate Casinos", 40, 30, 8),
    ("Quillfeather Retail", 90, 88, 74),
    ("Kestrel Air Cargo", 60, 71, 82),
    ("Saltmarsh Seafood & Söhne, Wholesale and Cold Storage Limited", 55, 54, 50),
    ("Tamarack Health", 75, 80, 91),
    ("Oakhurst Schools", 20, 22, 25),
    ("Larkspur Hotels", 66, 66, 66),
)


def fill(company: Company) -> Account:
    """Fill every page, and return the account of which most is known."""
    worked_example()
    company.dana.team = company.marco.team = Team.objects.create(name="North")
    User.objects.filter(pk__in=[company.dana.pk, company.marco.pk]).update(team=company.dana.team)
    accounts = [_customer(company, number, name) for number, (name, *_) in enumerate(BOOK)]
    for account, (_, *utilization) in zip(accounts, BOOK, strict=True):
        for days, reading in zip((31, 8, 1), utilization, strict=True):
            scored(account, float(reading), State.NEVER, 20.0, 3.0, day=today() - days * DAY)
    first, second, *_ = accounts
    company.everything_about(first)
    second.parent = first
    second.save()
    company.account("Prospect without anything", company.dana)
    _work(company, first, second)
    _arrivals(company)
    return first


def _customer(company: Company, number: int, name: str) -> Account:
    owner = (company.dana, company.marco)[number % 3 == 2]
    account = company.account(name, owner, stage="Adoption", tier="Enterprise", region="EMEA")
    ends = today() + (15 + 40 * number) * DAY
    company.fact(License, account=account, starts_on=today() - 300 * DAY, ends_on=ends, seats=60,
                 amount=48_000 * (number + 1), currency="EUR" if number == 3 else "USD")  # fmt: skip
    company.fact(Renewal, account=account, due_on=ends)
    if number % 2:
        company.fact(Touchpoint, account=account, at=timezone.now() - 12 * number * DAY, subject="Check-in")
    company.fact(Pulse, account=account, at=timezone.now() - 3 * DAY, rating=1 + number % 5, comment="As it seems.")
    return account


def _work(company: Company, first: Account, second: Account) -> None:
    now = timezone.now()
    for account, title, days in (
        (first, "Call the sponsor", -2),
        (second, "Prepare the renewal", 1),
        (first, "Plan", 9),
    ):
        Task.objects.create(account=account, title=title, owner=company.dana, author=company.dana, created_at=now,
                            due_on=today() + days * DAY)  # fmt: skip
        Task.objects.create(
            account=account, title=title, owner=company.aiko, created_at=now, due_on=today() + days * DAY
        )
    Note.objects.create(account=first, text="They plan to merge two sites.", author=company.dana, at=now)
    overrides.override(second, band=Band.YELLOW, reason="New sponsor, meeting on Monday.", last_day=today() + 4 * DAY,
                       author=company.dana, now=now)  # fmt: skip
    for user in (company.dana, company.aiko):
        SavedView.objects.create(owner=user, name="Red ones", query="band=red", shared=True, created_at=now)


def _arrivals(company: Company) -> None:
    company.job()
    company.delivery("accounts")
    late: Stream = company.delivery("tickets")
    late.syncs.update(complete_through=timezone.now() - dt.timedelta(days=4))
    company.waiting("T-1")
