"""What lists read says the same whether it was made ahead, is worked out now, or one thing for some accounts and the other for
the others; and the night, an override and a merge say in it what they have done."""

import datetime as dt
import random
import time
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F, Q
from django.http import QueryDict
from django.utils import timezone

from accounts import owners
from accounts.models import Account, License, Renewal, Team, Touchpoint, User
from health import bandstrip, listrows, merges, overrides, previews
from health.attention import silence
from health.book import STANDS, listed, rules_now, today
from health.census import census
from health.columns import COLUMNS
from health.listing import Choice
from health.models import Latest, ListRow, ScorecardVersion
from health.neighbors import neighbors
from health.portfolio import Portfolio
from health.scoring.card import Band
from tests.health.company import Company, settle
from tests.health.nights import card, in_force
from tests.health.worked import scored, worked_example

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
ADDRESSES = (
    *(f"view=all&sort={sign}{column.key}" for column in COLUMNS if column.order for sign in ("", "-")),
    "view=churned", "view=silent", "view=fell", "view=renewing", "view=unowned", "view=team", "view=mine",
    "view=all&not-band=red", "view=all&not-moved=fell&not-due=90", "view=all&band=unscored&band=unknown", "view=all&moved=held",
    "view=all&moved=guard", "view=all&wants=thin", "view=all&wants=diverges", "view=all&owner=none", "view=all&not-owner=none",
    "view=all&q=account%201", "view=all&stage=Renewal&not-tier=smb", "view=all&touch=never&due=late",
)  # fmt: skip


@pytest.fixture
def version(db: None) -> ScorecardVersion:
    version = card()
    in_force()
    return version


@pytest.fixture
def many(company: Company, version: ScorecardVersion) -> list[Account]:
    """Accounts of all kinds, the same each time."""
    chance, now = random.Random(7), timezone.now()
    team = Team.objects.create(name="East")
    User.objects.filter(pk__in=[company.dana.pk, company.mona.pk]).update(team=team)
    made = []
    for number in range(24):
        account = company.account(
            f"Account {chance.randrange(8)}", chance.choice([None, company.dana, company.marco]),
            stage=chance.choice(["", "Renewal", "Adoption"]), tier=chance.choice(["smb", "mid"]), region=chance.choice(["", "EMEA"]),
        )  # fmt: skip
        made.append(account)
        if number % 6:
            band = chance.choice([Band.RED, Band.YELLOW, Band.GREEN, Band.UNKNOWN])
            score = None if band == Band.UNKNOWN else chance.choice([20.0, 55.5, 80.25])
            Latest.objects.create(
                account=account, day=today() - chance.randrange(1, 4) * DAY, version_id=version.pk, score=score,
                coverage=chance.choice([0.2, 0.5, 1]), scored=chance.choice([band, Band.GREEN]), computed=band, effective=band,
                score_7=chance.choice([None, 20, 85.3]), score_30=chance.choice([None, 60, 80.2]), churned=not chance.randrange(6),
            )  # fmt: skip
        if number % 3:
            company.fact(
                License, account=account, starts_on=today() - 300 * DAY, ends_on=today() + chance.randrange(2, 300) * DAY,
                seats=chance.choice([None, 10, 25]), amount=chance.choice([None, 100, 1200]), currency=chance.choice(["USD", "EUR"]),
            )  # fmt: skip
            company.fact(Renewal, account=account, due_on=today() + chance.randrange(-9, 99) * DAY)
        if number % 4:
            company.fact(Touchpoint, account=account, at=now - chance.randrange(60) * DAY)
        if not number % 5:
            override(account, company)
    return made


def override(account: Account, company: Company) -> None:
    overrides.override(
        account,
        band=Band.RED,
        reason="They told us.",
        last_day=today() + 5 * DAY,
        author=company.dana,
        now=timezone.now(),
    )


def told(user: User, account: Account) -> list[Any]:
    """All that lists, their numbers and the first page say."""
    rules, found = rules_now(), list[Any]()
    for address in ADDRESSES:
        chosen = Choice.of(QueryDict(address), user)
        strip, facets = bandstrip.counted(chosen)
        numbers = chosen.numbers()
        assert chosen.numbers(2, 5) == numbers[2:5]
        assert chosen.found.count() == strip.accounts == len(numbers)
        options = [(facet.field.key, [(one.value, count) for one, count, _ in facet.options]) for facet in facets]
        found.append((address, numbers, strip, options, chosen.counts, neighbors(account, address, user)))
    portfolio = Portfolio.of(Q(), rules)
    found += [column.astype(str).tolist() for column in vars(census(portfolio)).values()]
    return [*found, portfolio.filter(silence()).numbers(), portfolio.exists()]


def nobody() -> None:
    settle()


def everybody() -> None:
    settle()
    Account.objects.update(dirty_since=timezone.now())


def every_other() -> None:
    settle()
    Account.objects.annotate(odd=F("id") % 4).filter(odd=0).update(dirty_since=timezone.now())
    ListRow.objects.annotate(odd=F("account_id") % 4).filter(odd=1).update(until=today())


@pytest.mark.parametrize(("changed", "user"), [(everybody, "dana"), (every_other, "mona")])
def test_all_that_lists_say_is_the_same_whoever_changed(
    company: Company, many: list[Account], changed: Callable[[], None], user: str
) -> None:
    nobody()
    ahead = told(getattr(company, user), many[4])
    changed()
    for one, other in zip(told(getattr(company, user), many[4]), ahead, strict=True):
        assert one == other


def test_rows_that_say_nothing_are_not_read(company: Company, many: list[Account]) -> None:
    settle()
    ListRow.objects.update(region="Atlantis")
    Account.objects.filter(pk=many[1].pk).update(dirty_since=timezone.now())
    ListRow.objects.filter(pk=many[2].pk).update(until=today())
    found = Portfolio.of(Q(), rules_now()).filter(Q(region="Atlantis")).numbers()
    assert found == sorted(account.pk for account in many if account not in many[1:3])


def standing_of(account: Account) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """What the row says of the latest score, and what that is."""
    row = ListRow.objects.values_list(*STANDS).get(account=account)
    return row, listed(Account.objects.filter(pk=account.pk), rules_now()).values_list(*STANDS).get()


def test_a_score_is_in_the_row_as_soon_as_it_is_stored(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    worked_example()
    settle()
    scored(account)
    kept, worked_out = standing_of(account)
    assert kept == worked_out
    assert kept[STANDS.index("band")] == Band.YELLOW
    override(account, company)
    kept, worked_out = standing_of(account)
    assert kept == worked_out
    assert kept[STANDS.index("band")] == Band.RED
    scored(account, day=Latest.objects.get().day + DAY)
    assert standing_of(account)[0] == standing_of(account)[1]


def test_a_merged_account_is_in_no_list_before_the_next_previews(company: Company, many: list[Account]) -> None:
    settle()
    loser, survivor = many[0], many[1]
    merges.merge(loser, survivor, by=company.aiko, now=timezone.now())
    assert loser.pk not in Portfolio.of(Q(), rules_now()).numbers()
    settle()
    assert loser.pk not in Portfolio.of(Q(), rules_now()).numbers()


def test_an_account_that_is_deleted_is_in_no_list_from_then_on(company: Company, many: list[Account]) -> None:
    settle()
    gone = many[1]
    Account.objects.filter(pk=gone.pk).update(deleted_at=timezone.now(), dirty_since=timezone.now())
    assert gone.pk not in Portfolio.of(Q(), rules_now()).numbers()
    previews.refresh(timezone.now())
    assert not ListRow.objects.filter(pk=gone.pk).exists()
    assert Account.objects.get(pk=gone.pk).dirty_since is None
    Account.objects.filter(pk=gone.pk).update(deleted_at=None, dirty_since=timezone.now())
    assert gone.pk in Portfolio.of(Q(), rules_now()).numbers()


def test_an_account_that_is_given_away_is_seen_by_its_new_owner_alone(company: Company, many: list[Account]) -> None:
    account = company.account("Zonda", company.dana)
    settle()
    owners.assign([account], company.marco, by=company.mona, now=timezone.now())
    seen = {user: Portfolio.of(Q(owner=user), rules_now()).numbers() for user in (company.dana, company.marco)}
    assert account.pk not in seen[company.dana]
    assert account.pk in seen[company.marco]


def test_an_account_that_just_came_is_listed_at_once(company: Company, many: list[Account]) -> None:
    settle()
    new = company.account("Zonda", company.dana)
    assert Choice.of(QueryDict("view=mine&sort=-name"), company.dana).numbers()[0] == new.pk


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_another_writer_of_a_row_says_what_that_one_has_committed(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    card()
    in_force()
    settle()

    def make() -> None:
        with transaction.atomic():
            listrows.make([account.pk])
        connection.close()

    other = Thread(target=make)
    with transaction.atomic():
        ListRow.objects.select_for_update().get(account=account)
        other.start()
        waiting()
        Account.objects.filter(pk=account.pk).update(stage="Renewal")
    other.join()
    assert ListRow.objects.get(account=account).stage == "Renewal"


def waiting() -> None:
    """Until somebody waits for a lock."""
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from pg_locks where not granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise AssertionError("Nobody waits.")
