"""The checklist of a new installation: its state is what the database holds, and its commands work as they stand."""

from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import Account, FeatureDay, License, Renewal
from health.book import today
from health.firstday import checklist
from tests.health.company import DAY, Company, client_of, text_of


def done() -> list[bool]:
    return [step.done for step in checklist().steps]


def test_each_step_is_done_once_its_facts_are_in(company: Company) -> None:
    assert done() == [False, False, False, False]
    account = company.account("Calloway Freight")
    assert done() == [True, False, False, False]
    account.owner = company.dana
    account.save()
    assert done() == [True, True, False, False]
    company.fact(License, account=account, starts_on=today())
    assert done() == [True, True, False, False]
    company.fact(Renewal, account=account, due_on=today() + DAY)
    assert done() == [True, True, True, False]
    company.usage(account)
    assert done() == [True, True, True, True]


def test_the_page_shows_the_command_of_the_next_step_only(company: Company) -> None:
    company.account("Calloway Freight", company.dana)
    page = text_of(client_of(company.aiko).get("/first-day/"))
    assert "2 of 4 done. Next: licenses and renewals ." in page
    assert "import licenses" in page
    assert "import renewals" in page
    assert "import usage" not in page


def test_a_complete_installation_is_told_so(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    company.everything_about(account)
    assert "Set up. Accounts, people, contracts and usage are in." in text_of(
        client_of(company.mona).get("/first-day/")
    )


@pytest.mark.django_db
def test_the_files_of_the_checklist_can_be_imported_as_they_stand(tmp_path: Path) -> None:
    steps = {step.title: step for step in checklist().steps}
    for title, kind in (("Accounts", "accounts"), ("Licenses and renewals", "licenses"), ("Usage", "usage")):
        path = tmp_path / f"{kind}.csv"
        path.write_text(steps[title].example + "\n")
        assert f"import {kind} {path.name} --source crm" in steps[title].command
        call_command("import", kind, str(path), "--source", "crm")
    account = Account.objects.get()
    assert account.name == "Calloway Freight"
    assert License.objects.known().get(account=account).seats == 160
    assert FeatureDay.objects.known().get(account=account).uses == 12
