"""The company to look at: the same for the same day, full of stories, each number true, and removed without a trace."""

import datetime as dt
from collections import Counter

import pytest

from accounts.models import Account, Source, Stream, User, UserActivity
from health.democompany import build, contracts, people, remove, talk, tickets, usage
from health.democompany.plans import plans
from health.explain import explanation_of
from health.inputs import verify
from health.models import Alert, Latest, Override, Snapshot, Spread, Transition
from health.scoring.card import Band
from tests.health.independent.scores import PRESENT, scored
from tests.health.metrics.facts import account as real_account

TODAY = dt.date(2026, 6, 15)
HALF_A_YEAR = 182
TEN = (
    *("Calloway Freight", "Northgate Casinos", "Brightwater Transit", "Osterhaus Medical", "Westlake Parcel"),
    *("Oakhurst Schools", "Beacon Home Care", "Old Mill Bakery", "Nordlicht Kliniken", "Tessitura Bianchi"),
)


def everything(today: dt.date) -> list[people.Record]:
    """All records of the company but its usage, of which one account's will do."""
    kinds = (
        *(people.accounts, people.stakeholders, people.end_users, contracts.licenses, contracts.renewals),
        *(contracts.invoices, contracts.objectives, talk.touchpoints, talk.pulses, talk.requests, talk.responses),
        *(tickets.tickets, tickets.events),
    )
    told = [record for plan in plans(today) for kind in kinds for record in kind(plan)]
    return told + list(usage.counts(plans(today)[1]))


def test_the_same_day_gives_the_same_company_and_another_day_another() -> None:
    assert everything(TODAY) == everything(TODAY)
    assert everything(TODAY) != everything(TODAY + dt.timedelta(days=1))


@pytest.mark.slow
@pytest.mark.django_db
def test_a_company_with_a_history() -> None:
    """One test, since the company is made once: each part below says what it looks at. The last half year will do."""
    build.build(TODAY, scored=HALF_A_YEAR)
    bands = _it_has_every_band_and_something_is_wrong_with_some()
    _its_stories_are_there(bands)
    _each_number_of_ten_accounts_is_that_of_a_pencil()
    _it_is_removed_and_nothing_else()


def _it_has_every_band_and_something_is_wrong_with_some() -> dict[str, Band]:
    rows = Latest.objects.filter(churned=False).select_related("account")
    assert {row.day for row in rows} == {TODAY - dt.timedelta(days=1)}
    count = Counter(Band(row.effective) for row in rows)
    assert count[Band.GREEN] > 30
    assert min(count[band] for band in (Band.YELLOW, Band.RED)) >= 3
    assert count[Band.UNKNOWN] >= 1
    assert Latest.objects.filter(churned=True).count() == 2
    assert Account.objects.filter(owner__email="csm@example.com").count() == 24
    assert not Account.objects.filter(demo=False).exists()
    return {row.account.name: Band(row.effective) for row in rows}


def _its_stories_are_there(bands: dict[str, Band]) -> None:
    assert bands["Northgate Casinos"] == Band.RED, "nobody has logged in for a month"
    assert bands["Oakhurst Schools"] == Band.UNKNOWN, "too new to tell"
    assert bands["Tessitura Bianchi"] == Band.RED, "notice was given"
    assert bands["Osterhaus Medical"] == Band.GREEN, "it outgrows its licenses"
    freight = Latest.objects.get(account__name="Calloway Freight")
    assert freight.score is not None
    assert freight.score_30 is not None
    assert freight.score_30 - freight.score > 5, "its champion left"
    assert Transition.objects.filter(kind="band").count() > 30
    assert Override.objects.count() == 3
    assert Alert.objects.exists()
    assert Snapshot.objects.values("version_id").distinct().count() == 5, "four scorecards, one of them twice"


def _each_number_of_ten_accounts_is_that_of_a_pencil() -> None:
    for name in TEN:
        account = Account.objects.get(name=name)
        snapshots = Snapshot.objects.filter(account=account).order_by("-day")
        for snapshot in [snapshots[0], *snapshots[40:41]]:
            again, told = scored(snapshot), explanation_of(account, snapshot)
            where = f"{name} on {snapshot.day}"
            lines = {line.key.partition("[")[0]: line for line in told.measures}
            for measure in again.measures:
                line = lines[measure.key]
                if measure.state == PRESENT:
                    assert line.value == pytest.approx(measure.value, abs=1e-9), (where, measure)
                assert (line.points is None) == (measure.points is None), (where, measure, line.state)
                if measure.points is not None:
                    assert line.points == pytest.approx(measure.points, abs=1e-9), (where, measure)
                assert line.exact == pytest.approx(measure.adds, abs=1e-9), (where, measure)
            assert snapshot.score == pytest.approx(again.score, abs=1e-9), where
            assert snapshot.coverage == pytest.approx(again.coverage, abs=1e-9), where
            assert (snapshot.scored, snapshot.computed) == (again.scored, again.computed), where
            assert verify(snapshot).holds, where


def _it_is_removed_and_nothing_else() -> None:
    kept = real_account("Real")
    stream = Stream.objects.filter(source__name="demo-helpdesk").first()
    Alert.objects.create(kind="source_silent", stream=stream, says="Silent.", day=TODAY, raised_at=build.now_of(TODAY))
    assert remove.remove() == 60
    assert list(Account.objects.all()) == [kept]
    assert not Snapshot.objects.exists()
    assert not Spread.objects.exists()
    assert not UserActivity.objects.exists()
    assert not Source.objects.filter(name__startswith="demo-").exists()
    assert not User.objects.filter(email__endswith="@loomline.example").exists()
