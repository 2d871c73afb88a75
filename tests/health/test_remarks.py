"""What an account's page says beside its measures: from when one counts, since when days are counted, what one can do."""

import numpy as np
import pytest

from accounts.models import Account, License, Touchpoint
from health import configuration, scorecards
from health.metrics.read import Read
from health.models import Group, Scorecard, ScorecardVersion
from health.scoring.card import State
from tests.health.company import DAY as ONE_DAY
from tests.health.company import Company, client_of, text_of
from tests.health.judgment import add, line_up_of, noon
from tests.health.worked import DAY, stored


@pytest.fixture
def account(company: Company) -> Account:
    """Five days old, of which too little can be read for a band."""
    found = company.account("Calloway Freight", company.dana)
    company.fact(License, account=found, starts_on=DAY - 4 * ONE_DAY, seats=60)
    draft = configuration.begin(ScorecardVersion(scorecard=Scorecard.objects.create(name="young", label="Young")))
    group = Group.objects.create(version=draft, key="all", label="All", weight=100, position=0)
    for metric, weight in (("days_since_touchpoint", 1), ("license_utilization", 4), ("nps", 3), ("pulse", 1)):
        add(group, metric, weight=weight)
    scorecards.publish(draft, author=None, note="First.", now=noon("2025-01-05"))
    configuration.publish_settings(configuration.new_settings(), author=None, note="First.", now=noon("2025-01-05"))
    configuration.publish_line_up(line_up_of(("young", "")), author=None, note="First.", now=noon("2025-01-05"))
    nan = np.nan
    stored(
        found,
        Read(
            values=np.asarray([[4.0, 11.1, nan, nan]]),
            states=np.asarray([[State.FRESH, State.TOO_YOUNG, State.NOT_CONNECTED, State.NEVER]], dtype=np.int16),
            n=np.asarray([[1, 60, 0, 0]]),
            ages=np.asarray([[0, 0, 0, 0]]),
        ),
    )
    return found


def page_of(company: Company, account: Account, address: str = "", **headers: str) -> str:
    return text_of(client_of(company.dana).get(f"/accounts/{account.public_id}/{address}", headers=headers))


def test_a_measure_that_is_too_young_says_from_when_it_counts(company: Company, account: Account) -> None:
    page = page_of(company, account)
    assert "too young counts from Jul 2" in page
    assert "1 License utilization counts from Jul 2" in page
    assert "Jul 2, 2025 : coverage 55 %, then it gets a band. By then License utilization counts. Coverage is" in page
    assert "What has no reading yet 1 License utilization" in page


def test_days_since_what_never_happened_say_since_when_they_are_counted(company: Company, account: Account) -> None:
    assert "4 d none yet; counted from Jun 26" in page_of(company, account)
    by_lost = page_of(company, account, "why/?by=lost", **{"HX-Request": "true"})
    assert "4 d none yet; counted from Jun 26" in by_lost
    company.fact(Touchpoint, account=account, at=noon("2025-07-01"))
    assert "none yet; counted from" in page_of(company, account)
    company.fact(Touchpoint, account=account, at=noon("2025-06-26"))
    assert "none yet; counted from" not in page_of(company, account)


def test_who_looks_is_offered_what_they_can_do_for_a_reading(company: Company, account: Account) -> None:
    page = client_of(company.dana).get(f"/accounts/{account.public_id}/")
    path = page.content.decode().split('id="path"')[1].split("</section>")[0]
    assert "Set pulse" in path
    assert "Ask%20an%20admin%20for%20a%20source%20of%3A%20NPS" in path
    assert "Log touchpoint" not in path
    for_admin = client_of(company.aiko).get(f"/accounts/{account.public_id}/").content.decode()
    assert 'href="/data/kinds/"' in for_admin.split('id="path"')[1].split("</section>")[0]
