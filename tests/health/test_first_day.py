"""The checklist of a new installation: its state is what the database holds, and its commands work as they stand."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import Account, FeatureDay, License, Renewal
from health import configuration
from health.book import today
from health.firstday import checklist
from health.models import Latest
from tests.health.company import DAY, Company, client_of, text_of


def done() -> list[bool]:
    return [step.done for step in checklist().steps]


def scored(account: Account) -> None:
    (version, *_) = configuration.in_force(today()).versions
    bands = dict.fromkeys(("scored", "computed", "effective"), 3)
    Latest.objects.create(account=account, day=today() - DAY, version_id=version.pk, score=80, coverage=1, **bands)


def test_each_step_is_done_once_its_facts_are_in(company: Company) -> None:
    assert done() == [False] * 6
    account = company.account("Calloway Freight")
    assert done() == [True, *[False] * 5]
    account.owner = company.dana
    account.save()
    assert done() == [True, True, *[False] * 4]
    company.fact(License, account=account, starts_on=today())
    assert done() == [True, True, *[False] * 4]
    company.fact(Renewal, account=account, due_on=today() + DAY)
    assert done() == [True, True, True, *[False] * 3]
    company.usage(account)
    assert done() == [*[True] * 4, False, False]
    call_command("ready")
    assert done() == [*[True] * 5, False]
    scored(account)
    assert done() == [True] * 6


def test_the_page_shows_the_command_of_the_next_step_only(company: Company) -> None:
    company.account("Calloway Freight", company.dana)
    page = text_of(client_of(company.aiko).get("/first-day/"))
    assert "2 of 6 done. Next: licenses and renewals ." in page
    assert "import licenses" in page
    assert "import renewals" in page
    assert "import usage" not in page


def test_a_complete_installation_is_told_so(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    company.everything_about(account)
    call_command("ready")
    scored(account)
    page = text_of(client_of(company.mona).get("/first-day/"))
    assert "Set up. Accounts, people, contracts and usage are in, and scores are made each night. Go home" in page


def test_every_step_leads_to_a_page_that_is_there_for_whom_it_is_offered(company: Company) -> None:
    for _ in range(2):
        for user in (company.aiko, company.mona):
            client = client_of(user)
            page = client.get("/first-day/").content.decode()
            offered = re.findall(r'<a class="btn" href="([^"]+)"', page)
            assert len(offered) == (6 if user.is_admin else 4)
            assert {client.get(there).status_code for there in offered} == {200}
        account = company.account("Calloway Freight", company.dana)
        company.everything_about(account)
        call_command("ready")
        scored(account)


def test_a_step_ticks_itself_off_while_somebody_looks_on(company: Company) -> None:
    client, asking = client_of(company.aiko), {"HX-Request": "true"}
    assert "Rather look around first?" in text_of(client.get("/first-day/"))
    assert client.get("/first-day/?done=0", headers=asking).status_code == 204
    company.account("Calloway Freight")
    answer = client.get("/first-day/?done=0", headers=asking)
    assert "1 of 6 done. Next: people and owners" in text_of(answer)
    assert "first-day/?done=1" in answer.content.decode()


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
