"""The latest events of a source and of an account, and what became of each."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import live, meanings
from accounts.models import Account, Role
from tests.accounts.tracked import accounts, event, group, keep, page, roll, source, track
from tests.health.company import Company, client_of, text_of

NOW = timezone.now
MINUTE = dt.timedelta(minutes=1)

pytestmark = pytest.mark.django_db


def became(found: list[live.LiveEvent]) -> dict[str, str]:
    return {f"{one.person} {one.name or one.type}": one.became for one in found}


@pytest.fixture
def sent(company: Company) -> Account:
    """Events with every fate, of people of an account of somebody else."""
    accounts("A-1")
    meanings.publish([("Ping", "ignored")], [])
    keep(
        group(NOW() - MINUTE), track(NOW() - MINUTE), track(NOW(), name="Ping"), track(NOW() - 500 * 1440 * MINUTE, name="Old"),
        track(NOW(), "bob"), event("identify", NOW(), "bob"), page(NOW(), None, anonymousId="v-1"), {"type": "track"}, at=NOW(),
    )  # fmt: skip
    roll(NOW())
    keep(track(NOW(), name="New"), at=NOW())
    found: Account = Account.objects.get(name="A-1 Ltd")
    return found


def test_each_event_tells_what_became_of_it(sent: Account) -> None:
    assert became(live.of_source(source(), NOW())) == {
        "ann group": "read", "ann Report Exported": "counted", "ann Ping": "ignored", "ann Old": "too old to count",
        "bob Report Exported": "waiting for an account", "bob identify": "read", "v-1 Viewed Pricing Page": "counted",
        "ann New": "about to be rolled up",
    }  # fmt: skip
    assert became(live.of_source(source(), NOW() + dt.timedelta(days=31)))["bob Report Exported"] == "waited too long"


def test_an_account_has_the_events_of_its_own_people(sent: Account) -> None:
    assert set(became(live.of_account(sent, NOW()))) == {
        "ann group", "ann Report Exported", "ann Ping", "ann Old", "ann New"
    }  # fmt: skip


def test_who_sees_all_accounts_sees_the_events_of_a_source_and_what_was_refused(
    sent: Account, company: Company
) -> None:
    company.dana.role = Role.MANAGER
    company.dana.save()
    answer: Any = client_of(company.dana).get(reverse("source_events", args=["product"]))
    said = text_of(answer)
    assert "about to be rolled up" in said
    assert "An event needs a userId or an anonymousId." in said


def test_a_csm_sees_the_events_of_their_own_accounts_only(sent: Account, company: Company) -> None:
    there = reverse("account_events", args=[sent.public_id])
    assert client_of(company.dana).get(there).status_code == 404
    Account.objects.filter(pk=sent.pk).update(owner=company.dana)
    assert "Report Exported" in text_of(client_of(company.dana).get(there))
    assert client_of(company.dana).get(reverse("source_events", args=["product"])).status_code == 403
