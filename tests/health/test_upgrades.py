"""What an installation of before finds after an upgrade."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q

from accounts.models import Account, User
from health import listrows
from health.book import CUSTOMERS
from health.metrics.rules import Rules
from health.models import ListRow
from health.portfolio import Portfolio
from tests.health.company import Company

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE_LIST_ROWS_SAID_EVERYTHING = [("health", "0007_audited_users_by_e_mail"), ("accounts", "0005_linked_end_users")]


@pytest.fixture
def back(company: Company) -> Iterator[None]:
    """The schema of before, with accounts in it: of one no row was ever made."""
    for name in ("Calloway Freight", "Northgate Casinos"):
        company.account(name, company.dana, dirty_since=None)
    listrows.make([Account.objects.get(name="Calloway Freight").pk])
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    MigrationExecutor(connection).migrate(BEFORE_LIST_ROWS_SAID_EVERYTHING)
    yield
    MigrationExecutor(connection).migrate(newest)


def test_every_account_has_a_row_that_says_whose_it_is_and_else_nothing(back: None, company: Company) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    rows = ListRow.objects.values_list("account__name", "name", "owner", "until")
    assert {(name, kept, owner) for name, kept, owner, _ in rows} == {
        (name, name, company.dana.pk) for name in ("Calloway Freight", "Northgate Casinos")
    }
    assert {until for *_, until in rows} == {dt.date.min}
    for user, count in ((company.dana, 2), (company.marco, 0)):
        assert Portfolio.of(Q(owner=User(pk=user.pk)), Rules()).filter(CUSTOMERS).count() == count
    assert listrows.refresh() == 2
