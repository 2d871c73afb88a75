"""What each night came to: whom it scored, whose band changed, what was silent, what failed; the same is said once."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from health import nights
from health.book import today
from health.models import Alert, Run, Snapshot, Transition
from health.scoring.card import Band, State
from tests.health.company import DAY, Company, client_of, text_of
from tests.health.worked import scored, worked_example

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(company: Company) -> Account:
    """Scored on each of the last nine days."""
    worked_example()
    account = company.account("Calloway Freight", company.dana)
    for days in range(9, 0, -1):
        scored(account, 45.0, State.NEVER, 20.0, 3.0, day=today() - days * DAY)
    return account


def turn(account: Account, days: int, before: Band, after: Band) -> None:
    Transition.objects.create(account=account, day=today() - days * DAY, kind="band", before=before, after=after)


def page(company: Company, query: str = "") -> str:
    return text_of(client_of(company.mona).get(f"/data/nights/{query}"))


def said(day: dt.date) -> str:
    return f"{day:%b} {day.day}"


def test_nights_that_came_to_the_same_stand_together(company: Company, acme: Account) -> None:
    turn(acme, 4, Band.GREEN, Band.YELLOW)
    rows = nights.page().nights
    assert [(row.day, row.days) for row in rows] == [
        (today() - DAY, 3), (today() - 4 * DAY, 1), (today() - 5 * DAY, 5),
    ]  # fmt: skip
    assert f"{said(today() - 3 * DAY)} – {said(today() - DAY)} 3 nights settled 1 1 0 none" in page(company)


def test_who_changed_band_is_named_the_worst_first_and_leads_to_what_changed(company: Company, acme: Account) -> None:
    turn(acme, 1, Band.YELLOW, Band.GREEN)
    other = company.account("Northgate Casinos", company.marco)
    scored(other, 8.0, State.NEVER, 20.0, 3.0, day=today() - DAY)
    turn(other, 1, Band.YELLOW, Band.RED)
    answer = client_of(company.mona).get("/data/nights/")
    text, source = text_of(answer), answer.content.decode()
    assert "scored 2 accounts: 2 changed band ." in text
    assert text.index("Northgate Casinos") < text.index("Calloway Freight")
    assert f"/accounts/{other.public_id}/?from={today() - 2 * DAY}&amp;to={today() - DAY}#changes" in source


def test_of_many_that_changed_so_many_are_named_and_the_others_counted(company: Company, acme: Account) -> None:
    for number in range(nights.NAMED + 5):
        turn(company.account(f"Account {number}", company.dana), 1, Band.GREEN, Band.RED)
    text = page(company)
    assert f"{nights.NAMED + 5} in all" in text
    assert "and 5 more" in text


def test_accounts_that_are_unknown_are_counted(company: Company, acme: Account) -> None:
    Snapshot.objects.filter(day=today() - DAY).update(effective=Band.UNKNOWN)
    assert nights.page().nights[0].counted.unknown == 1
    assert "1 is unknown." in page(company)


def test_columns_without_content_are_not_shown(company: Company, acme: Account) -> None:
    text = page(company)
    assert not any(head in text for head in ("Took", "Work", "Failed", "Silent", "What was read"))
    moment = timezone.now()
    Run.objects.filter(day=today() - DAY).update(
        started_at=moment - dt.timedelta(minutes=4), finished_at=moment, seconds=9, metrics={"nps": {"failed": 2}}
    )
    text = page(company)
    assert "NPS for 2 accounts 4 min 9 s 1 part" in text
    assert "What failed is kept as read before, and read again the next night" in text
    assert "Silent" not in text


def test_a_source_that_was_silent_stands_beside_its_nights(company: Company, acme: Account) -> None:
    def silent(**more: Any) -> None:
        Alert.objects.create(kind="source_silent", says="Silent.", stream=company.delivery(), **more)

    silent(day=today() - 5 * DAY, raised_at=timezone.now() - 4 * DAY, ended_at=timezone.now() - 2 * DAY)
    late = {night.day: night.late for night in nights.page().nights}
    assert late == {
        today() - DAY: (),
        today() - 4 * DAY: ("accounts of Salesforce",),
        today() - 6 * DAY: (),
    }
    assert "accounts of Salesforce" in page(company)


def test_both_passes_over_a_day_are_one_night(company: Company, acme: Account) -> None:
    moment = timezone.now()
    Run.objects.create(
        day=today() - DAY, which=Run.Pass.PROVISIONAL, state="done", known_at=moment, started_at=moment - DAY,
        finished_at=moment - DAY + dt.timedelta(seconds=3), accounts=1,
    )  # fmt: skip
    (first, *_) = nights.page().nights
    assert (first.newest.run.which, first.took) == (Run.Pass.SETTLED, dt.timedelta(seconds=3))


def test_one_that_is_running_says_how_far_it_is(company: Company, acme: Account) -> None:
    moment = timezone.now()
    Run.objects.create(day=today(), which=1, known_at=moment, started_at=moment, accounts=40)
    assert f"The night of {said(today())} is running : 40 accounts so far." in page(company)


def test_earlier_nights_are_a_page_further(company: Company) -> None:
    moment = timezone.now()
    for number in range(nights.NIGHTS + 4):
        Run.objects.create(
            day=today() - number * DAY, which=2, state="done", known_at=moment, started_at=moment, finished_at=moment,
            accounts=number,
        )  # fmt: skip
    assert "Earlier" in page(company)
    before = today() - (nights.NIGHTS - 1) * DAY
    earlier = page(company, f"?before={before}")
    assert said(before - 4 * DAY) in earlier
    assert "Earlier" not in earlier
    assert "There is no earlier night." in page(company, "?before=1999-01-01")
    assert client_of(company.mona).get("/data/nights/?before=x").status_code == 200


def test_the_page_takes_the_same_queries_however_many_nights_there_are(
    company: Company, acme: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(9):
        turn(acme, number + 1, Band.GREEN, Band.RED)
        Alert.objects.create(kind="source_silent", says="Silent.", stream=company.delivery(f"kind-{number}"),
                             day=today() - 5 * DAY, raised_at=timezone.now() - 4 * DAY)  # fmt: skip
    client = client_of(company.mona)
    client.get("/data/nights/")
    with django_assert_num_queries(9):  # user, frame (2), counts, runs, those stopped, snapshots, transitions, alerts
        client.get("/data/nights/")


def test_who_may_not_see_nights_reads_what_they_hold_and_whom_to_ask(company: Company) -> None:
    answer = client_of(company.dana).get("/data/nights/")
    assert answer.status_code == 403
    assert "Nights lists what each night scored" in text_of(answer)
    assert "ask an admin" in text_of(answer)
