"""People who use the product day by day, and the licenses beside them: by hand, and as the metrics count them."""

import datetime as dt
import random
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, EndUser, Feature, FeatureDay, License, Origin, Renewal, UserDay
from accounts.partitions import ensure_months
from health.book import today
from health.charts.account import Charts
from health.charts.contract import Contract, Step, steps
from health.charts.scale import kept_apart, round_top
from health.charts.spans import Period, Span
from health.charts.usage import Day, Users, users
from health.metrics.cases import Cases
from health.metrics.licenses import SEATS, UNLIMITED
from health.metrics.read import births, summed
from health.metrics.rules import Rules
from health.metrics.shapes import Column
from health.metrics.usage import USER_DAYS, active_users
from tests.health.company import DAY, Company, client_of, text_of
from tests.health.test_browser import sign_in, too_wide

LAST = today() - DAY
QUARTER = Period(Span.QUARTER, LAST - 89 * DAY, LAST)
RULES = Rules()


@pytest.fixture
def account(company: Company) -> Account:
    """A customer for a year."""
    made = company.account("Calloway Freight", company.dana)
    company.fact(License, account=made, starts_on=LAST - 365 * DAY, seats=10)
    return made


def used(account: Account, who: int, *ago: int, grain: int = 1, **values: Any) -> None:
    """That somebody used it, so many days before the last one."""
    for days in ago:
        day = LAST - days * DAY
        ensure_months("accounts_userday", {day})
        given = {"received_on": day, "grain": grain, "events": 3, "receipt_assumed": False, **values}
        UserDay.objects.create(account=account, day=day, end_user_record=who, **given)


def read(account: Account, period: Period = QUARTER) -> Users:
    (born,) = births(Cases.on([account.pk], period.last), RULES)
    return users(account, period, born, RULES)


def on(found: Users, ago: int) -> tuple[int, int, int]:
    day = next(day for day in found.days if day.day == LAST - ago * DAY)
    return day.daily, day.weekly, day.monthly


def test_people_count_on_their_day_for_a_week_and_for_a_month(account: Account) -> None:
    used(account, 1, 40)
    used(account, 2, 40, 38, 20)
    found = read(account)
    assert [on(found, ago) for ago in (41, 40, 39, 38, 34, 33, 32, 31)] == [
        (0, 0, 0), (2, 2, 2), (0, 2, 2), (1, 2, 2), (0, 2, 2), (0, 1, 2), (0, 1, 2), (0, 0, 2),
    ]  # fmt: skip
    assert [on(found, ago) for ago in (20, 14, 13, 11, 10, 0)] == [
        (1, 1, 2), (0, 1, 2), (0, 0, 2), (0, 0, 2), (0, 0, 1), (0, 0, 1),
    ]  # fmt: skip


def test_who_was_counted_and_tracked_on_a_day_is_one_of_its_users(account: Account) -> None:
    used(account, 1, 3, 0)
    used(account, 1, 3, origin=Origin.TRACKED)
    assert [on(read(account), ago) for ago in (3, 2, 0)] == [(1, 1, 1), (0, 1, 1), (1, 1, 1)]


def test_what_was_before_the_first_day_counts_in_the_windows_that_reach_back(account: Account) -> None:
    used(account, 1, 89 + 29)
    used(account, 2, 89 + 6)
    used(account, 3, 89 + 30)
    assert on(read(account), 89) == (0, 1, 2)
    assert on(read(account), 88) == (0, 0, 1)


def test_internal_people_and_what_is_no_longer_known_do_not_count_and_late_facts_do(
    company: Company, account: Account
) -> None:
    ours = company.fact(EndUser, account=account, external_id="us", internal=True)
    used(account, ours.record, 3)
    used(account, 7, 3, received_on=LAST - 3 * DAY, superseded_on=LAST - 2 * DAY)
    used(account, 8, 3, received_on=LAST)
    used(account, 9, 3, events=0)
    assert on(read(account), 3) == (1, 1, 1)


def test_a_count_by_the_week_counts_on_its_last_day_and_on_no_single_one(account: Account) -> None:
    used(account, 1, 10, grain=7)
    found = read(account)
    assert [on(found, ago) for ago in (10, 5, 4, 0)] == [(0, 0, 0), (0, 0, 0), (0, 1, 1), (0, 1, 1)]
    assert not found.by_day


def test_nobody_counts_before_the_account_lived(company: Company) -> None:
    account = company.account("New", company.dana)
    company.fact(License, account=account, starts_on=LAST - 10 * DAY, seats=5)
    used(account, 1, 12)
    used(account, 2, 9)
    assert on(read(account), 9) == (1, 1, 1)


@pytest.mark.parametrize("seed", range(4))
def test_every_day_is_as_the_metrics_count_it(seed: int, account: Account) -> None:
    chance = random.Random(seed)
    for who in range(12):
        active = [ago for ago in range(130) if chance.random() < chance.choice((0.02, 0.2, 0.6))]
        used(account, who, *active)
        used(account, who, *(ago for ago in range(6, 130, 7) if chance.random() < 0.2), grain=7)
    days = list(QUARTER)
    cases = Cases([account.pk] * len(days), days)
    daily = Column(USER_DAYS, "count(*) filter (where f.grain = 1 and f.day = c.day)", reach=30)
    columns = (daily, active_users(7), active_users(30))
    found = summed(columns, cases, births(cases, RULES), RULES)
    expected = [Day(day, *(int(found[column][place]) for column in columns)) for place, day in enumerate(days)]
    assert list(read(account).days) == expected


def test_usage_is_read_in_two_queries_however_long_the_span(
    account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    used(account, 1, *range(0, 300, 3))
    with django_assert_num_queries(2):  # when its life began, and the steps of all days
        read(account, Period(Span.YEAR, LAST - 364 * DAY, LAST))


# --- Licenses ---------------------------------------------------------------------------------------------------------


def bought(account: Account) -> tuple[Step, ...]:
    return steps(account, QUARTER, Contract.of(account, RULES), RULES)


def test_licenses_are_steps_on_the_days_on_which_they_change(company: Company, account: Account) -> None:
    company.fact(License, account=account, starts_on=LAST - 60 * DAY, seats=5, canceled_on=LAST - 20 * DAY)
    company.fact(License, account=account, starts_on=LAST - 9 * DAY, unlimited=True)
    assert bought(account) == (
        Step(QUARTER.first, 10, False), Step(LAST - 60 * DAY, 15, False), Step(LAST - 20 * DAY, 10, False),
        Step(LAST - 9 * DAY, None, True),
    )  # fmt: skip


def test_a_license_counts_on_for_its_grace_unless_its_renewal_is_decided(company: Company) -> None:
    ends = LAST - 50 * DAY
    for name, decided, gone in (("Open", None, ends + 31 * DAY), ("Lost", ends + 5 * DAY, ends + 5 * DAY)):
        account = company.account(name)
        company.fact(License, account=account, starts_on=LAST - 300 * DAY, ends_on=ends, seats=10)
        if decided:
            company.fact(Renewal, account=account, due_on=ends, decided_on=decided, outcome="lost")
        assert bought(account) == (Step(QUARTER.first, 10, False), Step(gone, None, False))


@pytest.mark.parametrize("seed", range(4))
def test_every_day_has_as_many_licenses_as_the_metrics_count(seed: int, company: Company) -> None:
    account, chance = company.account("Calloway Freight"), random.Random(seed)
    for number in range(6):
        starts = LAST - chance.randint(0, 200) * DAY
        ends = starts + chance.randint(0, 120) * DAY if chance.random() < 0.7 else None
        canceled = starts + chance.randint(1, 90) * DAY if chance.random() < 0.3 else None
        company.fact(License, account=account, starts_on=starts, ends_on=ends, canceled_on=canceled, seats=number + 1,
                     product_record=chance.choice((1, 2)), unlimited=chance.random() < 0.15)  # fmt: skip
        if ends and chance.random() < 0.5:
            company.fact(Renewal, account=account, due_on=ends, outcome="renewed", decided_on=ends + 9 * DAY)
    days = list(QUARTER)
    found = summed((SEATS, UNLIMITED), Cases([account.pk] * len(days), days), days, RULES)
    told = bought(account)
    for place, day in enumerate(days):
        step = next(one for one in reversed(told) if one.day <= day)
        unlimited = found[UNLIMITED][place] > 0
        assert (step.seats or 0, step.unlimited) == (0 if unlimited else found[SEATS][place], unlimited), day


# --- On the page ------------------------------------------------------------------------------------------------------


def page(company: Company, account: Account, query: str = "") -> str:
    return text_of(client_of(company.dana).get(reverse("account", args=[account.public_id]) + query))


def test_the_charts_say_their_numbers_and_the_tables_have_them(company: Company, account: Account) -> None:
    used(account, 1, 0, 1)
    used(account, 2, 5)
    used(account, 3, 25)
    drawn = page(company, account, "?range=90d")
    assert "10 licenses 3 active" in drawn
    assert "MAU 3 WAU 2 DAU 1" in drawn
    tables = page(company, account, "?range=90d&users-as=table&licenses-as=table")
    assert "Day Licenses Active, 30 days to it" in tables
    assert "Day That day 7 days to it 30 days to it" in tables
    assert "1 2 3" in tables


def test_a_table_of_users_has_every_day_however_long_the_span(company: Company, account: Account) -> None:
    for back in range(1, 8):
        used(account, back, back)
    tables = client_of(company.dana).get(
        reverse("account", args=[account.public_id]) + "?range=1y&users-as=table&licenses-as=table"
    )
    users = tables.context["charts"].users
    days = [row.day for row in users.rows()]
    assert days[:3] == [users.period.last - number * dt.timedelta(days=1) for number in range(3)]
    assert "Day, by the week" not in text_of(tables).partition("Licenses and active people")[2]


def test_each_kind_of_nothing_is_named(company: Company, account: Account) -> None:
    assert "No usage of this account was ever received. Where its source delivers" in page(company, account)
    other = company.account("Other", company.dana)
    Account.objects.filter(pk=other.pk).update(created_at=timezone.now() - 400 * DAY)
    assert "No licenses known, and no usage was ever received." in page(company, other)
    used(other, 1, 300)
    assert "No licenses known, and nobody used it." in page(company, other, "?range=90d")
    assert "Nobody used it in these days. Usage was told of other days" in page(company, other, "?range=90d")
    used(other, 1, 3)
    assert "No licenses known: these are the people alone." in page(company, other)


def test_usage_without_people_is_shown_by_the_week(company: Company, account: Account) -> None:
    ensure_months("accounts_featureday", {LAST})
    FeatureDay.objects.create(feature=Feature.objects.create(name="Planner"), uses=40, account=account, day=LAST,
                              received_on=LAST, grain=1, receipt_assumed=False)  # fmt: skip
    said = page(company, account)
    assert "Usage 26 weeks, uses a week" in said
    assert "Usage comes without people, so nobody can be counted." in said
    monday = LAST - LAST.weekday() * DAY
    table = page(company, account, "?users-as=table")
    assert f"Week from Uses {monday:%b} {monday.day} 40" in table
    assert f"Features 30 d to {LAST:%b} {LAST.day} Feature Days used Uses Planner 1 40" in said


def test_the_charts_of_a_page_read_each_thing_once(
    account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    used(account, 1, *range(0, 80, 2))
    charts = Charts.of(account, {"range": "1y"}, None, RULES)
    # Licenses, renewals; seats; the account's beginning, steps; snapshots, versions, overrides, touchpoints.
    with django_assert_num_queries(10):
        assert charts.seats.users is charts.users
        assert charts.history.points == ()


@pytest.mark.parametrize(("most", "top"), [(0, 4), (3, 4), (5, 8), (75, 80), (116, 120), (1000, 1000), (1001, 1200)])
def test_an_axis_ends_at_a_round_number_above_the_highest(most: float, top: float) -> None:
    assert round_top(most) == top


def test_labels_at_the_ends_of_lines_are_kept_apart() -> None:
    assert kept_apart([0, 5, 100], 14, 140) == [0, 14, 100]
    assert kept_apart([130, 135, 139], 14, 140) == [112, 126, 140]


@pytest.mark.django_db(transaction=True)
def test_a_chart_says_the_numbers_of_the_day_under_the_pointer(company: Company, account: Account, walk: Page) -> None:
    used(account, 1, *range(0, 80, 2))
    used(account, 2, 60)
    sign_in(walk)
    walk.get_by_role("link", name="Calloway Freight").click()
    for span, days in (("90d", 90), ("1y", 365)):
        walk.locator(f"#range-{span}").click()
        expect(walk.locator(f"#range-{span}")).to_have_attribute("aria-current", "true")
        plot = walk.locator("#users .chart-plot")
        box = plot.bounding_box()
        assert box is not None
        plot.hover(position={"x": box["width"] * (1 - 60 / (days - 1)), "y": 40})
        day = LAST - 60 * DAY
        expect(walk.locator("#chart-says")).to_have_text(f"{day:%b} {day.day}, {day.year}: MAU 2, WAU 2, DAU 2")
    walk.locator("#users h2").hover()
    expect(walk.locator("#chart-says")).not_to_be_visible()
    expect(plot.locator(".reader")).to_have_count(0)
    walk.locator("#licenses .chart-plot").hover()
    expect(walk.locator("#chart-says")).to_contain_text("licenses 10, active")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [390, 1440])
def test_a_csm_swaps_each_chart_by_itself(company: Company, account: Account, walk: Page, width: int) -> None:
    used(account, 1, *range(0, 80, 2))
    said: list[str] = []
    walk.on("console", lambda message: said.append(message.text))
    walk.set_viewport_size({"width": width, "height": 900})
    walk.emulate_media(reduced_motion="reduce")
    sign_in(walk)
    walk.get_by_role("link", name="Calloway Freight").click()
    for name, head in (("licenses", "Active, 30 days to it"), ("users", "7 days to it")):
        panel = walk.locator(f"#{name}")
        panel.get_by_role("link", name="Table").press("Enter")
        expect(panel.get_by_role("columnheader", name=head)).to_be_visible()
        expect(panel.get_by_role("link", name="Chart")).to_be_focused()
    walk.locator("#range-90d").click()
    expect(walk.locator("#range-90d")).to_have_attribute("aria-current", "true")
    assert {"range=90d", "users-as=table", "licenses-as=table"} <= set(walk.url.partition("?")[2].split("&"))
    expect(walk.locator("#users").get_by_role("columnheader", name="7 days to it")).to_be_visible()
    assert not too_wide(walk)
    assert said == []
