"""The log of who changed what of the configuration."""

import json
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import AttributeDefinition, Role, Source, Team, User
from health import configuration, scorecards
from health.models import AuditEntry, Guard
from tests.health.company import Company, client_of, text_of
from tests.health.judgment import draft_of, four_metrics, line_up_of, published

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    four_metrics(monkeypatch)


def entries(model: str) -> list[Any]:
    found = AuditEntry.objects.filter(pgh_obj_model=f"health.{model}").order_by("pgh_id")
    return [(entry.pgh_label, entry.pgh_diff) for entry in found]


def test_every_write_to_a_scorecard_is_logged_with_before_and_after() -> None:
    draft = draft_of()
    group = draft.groups.get(key="adoption")
    group.weight = 50
    group.save()
    draft.guards.all().delete()
    assert entries("Scorecard") == [("insert", None)]
    assert entries("ScorecardVersion") == [("insert", None)]
    assert entries("Group") == [("insert", None), ("insert", None), ("update", {"weight": [60, 50]})]
    assert entries("Measure") == [("insert", None), ("insert", None)]
    assert [label for label, _ in entries("Guard")] == ["insert", "delete"]


def test_many_rows_written_by_one_statement_are_logged_one_by_one() -> None:
    draft = draft_of()
    draft.measures.update(weight=7)
    assert [diff for label, diff in entries("Measure") if label == "update"] == [{"weight": [2, 7]}, {"weight": [1, 7]}]


def test_settings_and_line_up_are_logged() -> None:
    published()
    configuration.publish_settings(configuration.new_settings(), author=None, note="First.")
    configuration.publish_line_up(line_up_of(("touch", "")), author=None, note="First.")
    assert [label for label, _ in entries("Settings")] == ["insert", "update"]
    assert [label for label, _ in entries("LineUp")] == ["insert", "update"]
    assert entries("LineUpEntry") == [("insert", None)]


def test_users_teams_sources_and_attributes_are_logged(company: Company) -> None:
    User.objects.filter(pk=company.dana.pk).update(role=Role.MANAGER)
    Team.objects.create(name="North")
    Source.objects.filter(pk=company.crm.pk).update(label="CRM")
    AttributeDefinition.objects.create(name="plan")
    assert entries("AuditedUser")[-1] == ("update", {"role": ["csm", "manager"]})
    assert entries("AuditedTeam") == [("insert", None)]
    assert entries("AuditedSource")[-1] == ("update", {"label": ["Salesforce", "CRM"]})
    assert entries("AuditedAttribute")[-1] == ("insert", None)


def test_no_password_is_in_the_log_and_a_sign_in_is_no_change(company: Company) -> None:
    before = len(entries("AuditedUser"))
    company.dana.set_password("another-harvest-moon")
    company.dana.save()
    Client().force_login(company.dana)
    assert len(entries("AuditedUser")) == before
    logged = AuditEntry.objects.filter(pgh_obj_model="health.AuditedUser").values_list("pgh_data", flat=True)
    assert all("password" not in data for data in logged)


def test_the_log_knows_who_did_it_in_the_browser_and_of_commands_that_nobody_did(company: Company) -> None:
    Team.objects.create(name="South")
    client = Client()
    client.force_login(company.aiko)
    client.post("/admin/accounts/team/add/", {"name": "North"})
    who = AuditEntry.objects.filter(pgh_obj_model="health.AuditedTeam").order_by("pgh_id").values_list("who", flat=True)
    assert list(who) == [None, company.aiko.pk]


def test_nobody_rewrites_the_log() -> None:
    draft = draft_of()
    event: Any = Guard._meta.apps.get_model("health", "GuardEvent")
    logged = event.objects.get(pgh_obj=draft.guards.get())
    for attempt in (logged.delete, lambda: event.objects.update(pgh_label="nothing")):
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            attempt()


def test_the_note_of_a_publication_is_in_the_log() -> None:
    draft = draft_of()
    scorecards.publish(draft, author=None, note="Fewer, better.")
    assert "Fewer, better." in json.dumps(entries("ScorecardVersion"))


def test_the_log_is_narrowed_by_who_what_kind_days_and_words(company: Company) -> None:
    client = client_of(company.aiko)
    Team.objects.create(name="Southwind").delete()
    client.post("/admin/accounts/team/add/", {"name": "Northwind"})
    log = "/admin/health/auditentry/"

    def said(query: str) -> tuple[bool, bool]:
        page = text_of(client.get(f"{log}?{query}"))
        return "team Northwind added" in page, "team Southwind deleted" in page

    assert said("") == (True, True)
    assert said(f"who={company.aiko.pk}") == (True, False)
    assert said("who=nobody") == (False, True)
    assert said("what=health.AuditedTeam&did=delete") == (False, True)
    assert said("what=health.AuditedUser") == (False, False)
    assert said("days=1") == (True, True)
    assert said("q=team+northw") == (True, False)
    assert "Nothing fits." in text_of(client.get(f"{log}?q=zebra"))


def test_what_changed_nothing_but_a_date_of_the_books_is_left_out(company: Company) -> None:
    client = client_of(company.aiko)
    User.objects.filter(pk=company.dana.pk).update(date_joined=timezone.now())
    page = text_of(client.get("/admin/health/auditentry/"))
    assert "user dana@loomline.example added" in page
    assert "user dana@loomline.example changed" not in page
    assert "date_joined" not in page


def test_the_history_of_a_scorecard_and_of_its_versions_is_in_the_log(company: Company) -> None:
    draft, client = draft_of(), client_of(company.aiko)
    for page in (f"scorecard/{draft.scorecard_id}", f"scorecardversion/{draft.pk}"):
        answer = client.get(f"/admin/health/{page}/history/", follow=True)
        assert answer.redirect_chain[0][0].endswith(f"/auditentry/?scorecard={draft.scorecard_id}")
        assert "guard" in text_of(answer)
        assert "user dana" not in text_of(answer)
