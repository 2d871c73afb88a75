"""A parent with all that belongs to it: one mean, weighed by ARR, with what it does not vouch for beside it."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, License
from health.book import today
from health.metrics.rules import Rules
from health.models import Latest
from health.rollup import Member, RollUp, families, family, rolled_up
from health.scoring.card import Band
from tests.health.company import DAY, Company, client_of, text_of


def together(*members: Member) -> RollUp:
    return rolled_up(members, yellow=40, green=70)


def test_scores_are_weighed_by_arr() -> None:
    found = together(Member(1, 300, 50, Band.YELLOW), Member(2, 100, 90, Band.GREEN))
    assert (found.score, found.band, found.arr, found.by_number) == (60, Band.YELLOW, 400, False)


def test_where_nobody_pays_each_account_counts_alike() -> None:
    found = together(Member(1, 0, 50, Band.YELLOW), Member(2, 0, 90, Band.GREEN), Member(3, 0))
    assert (found.score, found.band, found.by_number) == (70, Band.GREEN, True)
    assert found.unknown == pytest.approx(1 / 3)


def test_what_is_unknown_or_red_is_a_share_of_the_arr() -> None:
    found = together(Member(1, 100, 80, Band.GREEN), Member(2, 60, 20, Band.RED), Member(3, 40))
    assert (found.score, found.scored, found.accounts) == (57.5, 2, 3)
    assert (found.red, found.unknown) == (0.3, 0.2)
    assert found.shares == [(Band.RED, 30), (Band.UNKNOWN, 20), (Band.GREEN, 50)]
    odd = together(Member(1, 1, 80, Band.GREEN), Member(2, 1, 20, Band.RED), Member(3, 1, 50, Band.YELLOW))
    assert sum(percent for _, percent in odd.shares) == 100


def test_where_only_accounts_without_arr_have_a_score_they_count_alike() -> None:
    found = together(Member(1, 100), Member(2, 0, 30, Band.RED), Member(3, 0, 50, Band.YELLOW))
    assert (found.score, found.unknown, found.red) == (40, 1, 0)


@pytest.mark.parametrize(
    ("score", "band"), [(69.94, Band.YELLOW), (69.95, Band.GREEN), (40, Band.YELLOW), (39.9, Band.RED)]
)
def test_the_band_has_no_margin_and_goes_by_the_score_that_is_shown(score: float, band: Band) -> None:
    assert together(Member(1, 1, score)).band == band


def test_without_any_score_the_band_is_unknown() -> None:
    found = together(Member(1, 5), Member(2, 0))
    assert (found.score, found.band, found.unknown) == (None, Band.UNKNOWN, 1)


def judged(company: Company, name: str, score: float, amount: int, **values: Any) -> Account:
    account = company.account(name, **values)
    company.fact(License, account=account, starts_on=today() - 9 * DAY, amount=amount, currency="USD")
    band = 3 if score >= 70 else 2 if score >= 40 else 1
    Latest.objects.create(
        account=account, day=today(), version_id=0, score=score, coverage=1, scored=band, computed=band, effective=band
    )
    return account


def test_descendants_at_any_depth_count_as_far_as_they_are_seen(company: Company) -> None:
    group = company.account("Calloway Group", company.dana)
    freight = judged(company, "Calloway Freight", 50, 300, owner=company.dana, parent=group)
    judged(company, "Calloway Road", 90, 100, owner=company.dana, parent=freight)
    judged(company, "Calloway Air", 20, 900, owner=company.marco, parent=freight)
    gone = judged(company, "Calloway Rail", 0, 900, owner=company.dana, parent=group)
    Latest.objects.filter(account=gone).update(churned=True)
    judged(company, "Another", 10, 900, owner=company.dana)
    found = family(group, company.dana, Rules())
    assert found is not None
    assert (found.rollup.score, found.rollup.accounts, found.rollup.scored) == (60, 3, 2)
    assert [part.account.name for part in found.parts] == ["Calloway Freight", "Calloway Road", "Calloway Group"]
    assert found.hidden == 1
    page = text_of(client_of(company.dana).get(f"/accounts/{group.public_id}/"))
    assert (
        "With all its parts 3 accounts, weighted by ARR 60.0 Yellow 2 of 3 scored. Of the ARR 75 % yellow, 25 % green."
        in page
    )
    assert "1 more account of others not counted in it." in page
    assert "Calloway Air" not in page
    everything = family(group, company.mona, Rules())
    assert everything is not None
    assert (everything.rollup.score, everything.rollup.accounts, everything.hidden) == (32.3, 4, 0)


def test_where_no_part_is_seen_there_is_no_roll_up(company: Company) -> None:
    group = judged(company, "Group", 50, 100, owner=company.dana)
    judged(company, "Part", 90, 100, owner=company.marco, parent=group)
    assert family(group, company.dana, Rules()) is None
    page = client_of(company.dana).get("/accounts/?columns=family,score")
    assert "2 accounts" not in text_of(page)


def test_the_list_shows_the_roll_up_of_each_parent_on_demand(company: Company) -> None:
    group = judged(company, "Group", 50, 300, owner=company.dana)
    judged(company, "Part", 90, 100, owner=company.dana, parent=group)
    judged(company, "Alone", 20, 100, owner=company.dana)
    client = client_of(company.dana)
    page = client.get("/accounts/?columns=family,score&sort=name")
    assert "Group 50.0 60.0 Yellow 2 accounts" in text_of(page)
    assert [beside.family is not None for _, beside in page.context["rows"]] == [False, True, False]
    assert "With all its parts" not in text_of(client.get("/accounts/?columns=score")).split("Show these columns")[1]
    sheet = b"".join(client.get("/accounts/export.csv?columns=family&sort=name").streaming_content)  # type: ignore[attr-defined]
    assert "60.0 yellow, 2 accounts" in sheet.decode()


def test_a_circle_of_parents_ends(company: Company) -> None:
    one = company.account("One", company.dana)
    other = company.account("Other", company.dana, parent=one)
    one.parent = other
    one.save()
    found = family(one, company.dana, Rules())
    assert found is not None
    assert found.rollup.accounts == 2


def test_an_account_without_parts_has_no_roll_up(company: Company) -> None:
    assert family(company.account("One", company.dana), company.dana, Rules()) is None


def test_it_takes_the_same_queries_however_many_parts_there_are(
    company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    group = company.account("Group", company.dana)
    for number in range(7):
        judged(company, f"Part {number}", 50, 100, owner=company.dana, parent=group)
    with django_assert_num_queries(5):
        family(group, company.dana, Rules())


def test_families_of_many_parents_take_the_same_queries_as_of_one(
    company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    groups = []
    for number in range(9):
        group = company.account(f"Group {number}", company.dana)
        judged(company, f"Part {number}", 50 + number, 100, owner=company.dana, parent=group)
        groups.append(group.pk)
    with django_assert_num_queries(5):
        found = families(groups, company.dana, Rules())
    assert [found[pk].rollup.score for pk in groups] == [50 + number for number in range(9)]
