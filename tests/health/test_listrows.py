"""The rows that lists read say what the facts say, and nothing once these may say something else."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Account, AccountStream, License, Renewal, Touchpoint, UserDay
from accounts.partitions import ensure_months
from accounts.versions import mark_dirty
from health import listrows, overrides, previews
from health.book import NEVER_USED, listed, rules_now, today
from health.models import ListRow
from health.scoring.card import Band
from tests.health.company import Company
from tests.health.nights import card, in_force

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
SHOWN = (
    *("override_band", "renewal_on", "touched_at", "used_on", "began_on"),
    *("seats", "arr", "arr_converted", "unrated", "currencies"),
)


def shown(account: Account) -> tuple[Any, ...]:
    """What the list says of an account."""
    found: tuple[Any, ...] = listed(Account.objects.filter(pk=account.pk), rules_now()).values_list(*SHOWN).get()
    return found


def without_row(account: Account) -> tuple[Any, ...]:
    """What the list says where nothing was worked out ahead."""
    kept = ListRow.objects.filter(account=account).values().get()
    ListRow.objects.filter(account=account).delete()
    found = shown(account)
    ListRow.objects.create(**kept)
    return found


def used(account: Account, company: Company, day: dt.date) -> None:
    """Somebody used the product on this day."""
    AccountStream.objects.get_or_create(
        account=account, stream=company.delivery("usage"), defaults={"first_received_at": timezone.now()}
    )
    ensure_months("accounts_userday", {day})
    UserDay.objects.create(
        account=account, day=day, received_on=today(), grain=1, receipt_assumed=False, end_user_record=1, events=4
    )


@pytest.fixture
def acme(company: Company) -> Account:
    account = company.account("Acme", company.dana)
    company.fact(
        License,
        account=account,
        starts_on=today() - 90 * DAY,
        ends_on=today() + 30 * DAY,
        seats=20,
        amount=1200,
        currency="USD",
    )
    company.fact(
        License, account=account, starts_on=today() + 10 * DAY, ends_on=today() + 400 * DAY, seats=5, amount=100,
        currency="EUR", interval="month",
    )  # fmt: skip
    company.fact(Renewal, account=account, due_on=today() + 30 * DAY)
    company.fact(Touchpoint, account=account, at=timezone.now() - 3 * DAY)
    used(account, company, today() - 2 * DAY)
    card()
    in_force()
    listrows.make([account.pk])
    Account.objects.update(dirty_since=None)
    return account


def test_a_row_says_what_the_facts_say(acme: Account) -> None:
    assert shown(acme) == without_row(acme)
    ListRow.objects.update(seats=999)
    assert shown(acme)[SHOWN.index("seats")] == 999, "the row is not read at all"


@pytest.mark.parametrize("days", [1, 9, 10, 11, 30, 31, 32, 400, 401, 402])
def test_on_whatever_day_the_list_says_what_the_facts_say_then(acme: Account, days: int) -> None:
    with time_machine.travel(timezone.now() + days * DAY):
        assert shown(acme) == without_row(acme)


def test_a_row_says_nothing_from_the_day_on_which_time_changes_it_and_is_made_anew(acme: Account) -> None:
    assert ListRow.objects.get().until == today() + 10 * DAY
    assert listrows.refresh() == 0
    with time_machine.travel(timezone.now() + 10 * DAY):
        assert listrows.refresh() == 1
        assert ListRow.objects.get().until == today() + 21 * DAY
        assert ListRow.objects.get().seats == 25
        assert listrows.refresh() == 0


def test_use_that_is_told_ahead_of_its_day_counts_from_that_day_on(acme: Account, company: Company) -> None:
    used(acme, company, today() + DAY)
    listrows.make([acme.pk])
    assert (ListRow.objects.get().used_on, ListRow.objects.get().until) == (today() - 2 * DAY, today() + DAY)
    with time_machine.travel(timezone.now() + DAY):
        assert shown(acme) == without_row(acme)
        assert listrows.refresh() == 1
        assert (ListRow.objects.get().used_on, ListRow.objects.get().until) == (today(), today() + 9 * DAY)


def test_it_tells_no_use_from_nothing_told_of_use(acme: Account) -> None:
    UserDay.objects.all().delete()
    listrows.make([acme.pk])
    assert ListRow.objects.get().used_on == NEVER_USED
    AccountStream.objects.all().delete()
    listrows.make([acme.pk])
    assert ListRow.objects.get().used_on is None


def test_a_fact_that_comes_in_shows_at_once_and_is_in_the_row_with_the_next_preview(
    acme: Account, company: Company
) -> None:
    company.fact(Touchpoint, account=acme, at=timezone.now() - dt.timedelta(hours=1))
    mark_dirty([acme.pk], timezone.now())
    latest = without_row(acme)
    assert shown(acme) == latest
    assert ListRow.objects.get().touched_at != latest[SHOWN.index("touched_at")]
    previews.refresh(timezone.now())
    assert ListRow.objects.get().touched_at == latest[SHOWN.index("touched_at")]
    assert shown(acme) == latest


def test_an_override_is_in_the_row_for_as_long_as_it_stands(acme: Account, company: Company) -> None:
    def override() -> None:
        overrides.override(
            acme, band=Band.RED, reason="Their sponsor left.", last_day=today() + 5 * DAY, author=company.dana,
            now=timezone.now(),
        )  # fmt: skip

    override()
    row = ListRow.objects.get()
    assert (row.override_band, row.until) == (Band.RED, today() + 6 * DAY)
    with time_machine.travel(timezone.now() + 6 * DAY):
        assert shown(acme)[0] is None
    overrides.end(acme, now=timezone.now())
    assert ListRow.objects.get().override_band is None
    assert shown(acme)[0] is None


def test_a_touchpoint_that_is_yet_to_come_counts_from_its_moment_on(acme: Account, company: Company) -> None:
    company.fact(Touchpoint, account=acme, at=timezone.now() + 2 * DAY)
    listrows.make([acme.pk])
    assert ListRow.objects.get().until == today() + 2 * DAY
    for days in (1, 2, 3):
        with time_machine.travel(timezone.now() + days * DAY + dt.timedelta(minutes=1)):
            assert shown(acme) == without_row(acme)


def test_other_rates_let_no_row_say_anything(acme: Account) -> None:
    from health import configuration

    draft = configuration.new_settings()
    draft.document = draft.document | {"rates": [["EUR", "2020-01-01", 2.0]]}
    draft.save()
    configuration.publish_settings(draft, author=None, note="The euro is known.", now=timezone.now())
    with time_machine.travel(timezone.now() + 10 * DAY):
        assert shown(acme) == without_row(acme)
        assert shown(acme)[SHOWN.index("arr_converted")] == 1200 + 12 * 100 * 2


def test_an_account_without_a_row_gets_one(acme: Account) -> None:
    ListRow.objects.all().delete()
    assert listrows.refresh() == 1
    assert shown(acme) == without_row(acme)


def test_a_row_that_says_nothing_all_day_is_made_once_a_sweep(acme: Account, company: Company) -> None:
    with time_machine.travel(timezone.now().replace(hour=9)):
        company.fact(Touchpoint, account=acme, at=timezone.now() + dt.timedelta(hours=1))
        listrows.make([acme.pk])
        assert ListRow.objects.get().until == today()
        assert listrows.refresh() == 1
    with time_machine.travel(timezone.now().replace(hour=10, minute=59)):
        assert shown(acme) == without_row(acme)
        assert listrows.refresh() == 1
        assert ListRow.objects.get().until == today() + 10 * DAY
