"""The admin's first page: how things stand at each place of its menu."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AttributeDefinition, Job, Role, Source, Team, User
from health import scorecards
from health.admin.front import STATES
from health.models import ScorecardVersion
from health.ready_made import publish_ready_made
from tests.health.company import Company, client_of, text_of
from tests.health.judgment import noon

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(company: Company) -> Client:
    publish_ready_made(noon("2026-01-05"))
    return client_of(company.aiko)


def said(client: Client) -> str:
    return text_of(client.get("/admin/"))


def test_every_place_of_the_menu_says_how_things_stand(client: Client) -> None:
    items = [item for group in client.get("/admin/").context["sidebar_navigation"] for item in group["items"]]
    silent = [item["title"] for item in items if not item["state"]]
    assert silent == ["Back to accounts"]
    assert len(items) == len(STATES) + 1


def test_drafts_waiting_words_and_closed_users_are_told(client: Client, company: Company) -> None:
    page = said(client)
    assert "Scorecards 4 in force, no draft" in page
    assert "Line-up version 1 in force since Jan 5, 2026 , no draft" in page
    assert "none with a second factor" in page
    assert "closed" not in page
    scorecards.new_draft(ScorecardVersion.objects.get(scorecard__name="high-touch").scorecard)
    AttributeDefinition.objects.update(accepted=True)
    AttributeDefinition.objects.create(name="plan")
    User.objects.filter(pk=company.dana.pk).update(is_active=False)
    Job.objects.create(name="accounts.csv", started_at=timezone.now(), state="done")
    page = said(client)
    assert "Scorecards 4 in force, a draft of High touch" in page
    assert ", 1 not accepted" in page
    assert "and 1 closed" in page
    assert "Imports the last now : accounts.csv, done" in page


def test_no_state_asks_for_more_the_more_there_is(client: Client, company: Company) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/admin/")
        return len(queries)

    before = asked()
    for number in range(5):
        Source.objects.create(name=f"source-{number}")
        User.objects.create_user(f"csm-{number}@loomline.example", role=Role.CSM)
        Team.objects.create(name=f"Team {number}")
        company.account(f"Account {number}")
    assert asked() == before
