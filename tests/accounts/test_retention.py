"""Months are made ahead, and let go as a whole."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from accounts import activity, retention
from accounts.models import EndUser, UsageCount, UserDay
from accounts.models.activity import UserActivity
from accounts.partitions import keep_months, kept_from
from tests.accounts.build import applied, company, send

NOW = dt.datetime(2026, 3, 15, 4, 20, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


def months(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select relid::text from pg_partition_tree(%s) where isleaf order by 1", [table])
        return [name.removeprefix(f"{table}_") for (name,) in cursor.fetchall()]


@pytest.fixture
def used() -> None:
    company("A-1")
    applied(send("end-users", {"external_id": "U-1", "account": "A-1"}, at="2023-01-01"))
    for number, day in enumerate(("2024-11-30", "2024-12-31", "2025-01-01", "2026-03-01")):
        record = {"external_id": f"N-{number}", "end_user": "U-1", "event": "run", "day": day, "count": 1}
        applied(send("usage", record, at=day))


def test_the_kept_months_are_whole_ones_beside_the_present() -> None:
    assert kept_from(dt.date(2026, 3, 15), 14) == dt.date(2025, 1, 1)
    assert kept_from(dt.date(2026, 3, 31), 2) == dt.date(2026, 1, 1)
    assert kept_from(dt.date(2026, 1, 1), 12) == dt.date(2025, 1, 1)


def test_this_month_and_the_next_are_made_ahead() -> None:
    keep_months("health_snapshot", dt.date(2031, 12, 31), 0)
    assert {"2031_12", "2032_01"} <= set(months("health_snapshot"))


@pytest.mark.usefixtures("used")
def test_all_is_kept_where_nothing_else_is_said(settings: Any) -> None:
    settings.USAGE_MONTHS = 0
    assert retention.keep(NOW) == []
    assert UserDay.objects.count() == 4


@pytest.mark.usefixtures("used")
def test_usage_before_the_kept_months_goes_with_its_counts_and_bitmaps(settings: Any) -> None:
    settings.USAGE_MONTHS = 14
    assert retention.keep(NOW) == [
        "accounts_userday_2024_11", "accounts_userday_2024_12", "accounts_featureday_2024_11", "accounts_featureday_2024_12",
    ]  # fmt: skip
    left = [dt.date(2025, 1, 1), dt.date(2026, 3, 1)]
    assert list(UserDay.objects.order_by("day").values_list("day", flat=True)) == left
    assert list(UsageCount.objects.order_by("day").values_list("day", flat=True)) == left
    assert EndUser.objects.known().count() == 1
    kept = list(UserActivity.objects.order_by("block").values_list("block", "days"))
    activity.derive_all(activity.USERS)
    derived = list(UserActivity.objects.order_by("block").values_list("block", "days"))
    assert kept[-1] == derived[-1], "what is kept is as it was"
    assert retention.keep(NOW) == []
