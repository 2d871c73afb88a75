"""Merging on pages: an admin sees what moves, merges, and undoes it on the account that survives."""

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, License, Merge
from health import merges
from health.models import AuditEntry
from health.search import accounts_called
from tests.health.company import Company, client_of, text_of
from tests.health.test_rubbish import NONSENSE

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(company: Company) -> tuple[Account, Account]:
    """Calloway, and a duplicate of it with something of everything."""
    kept, duplicate = company.account("Calloway Freight", company.dana), company.account("Calloway Frt", company.marco)
    for account, owner in ((kept, company.dana), (duplicate, company.marco)):
        company.attribute(account, "name", account.name)
        company.attribute(account, "owner", owner.email)
    company.everything_about(duplicate)
    return kept, duplicate


@pytest.fixture
def admin(company: Company) -> Client:
    return client_of(company.aiko)


def page_of(account: Account, **asked: Any) -> str:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return f"{reverse('account_merge', args=[account.public_id])}?{query}"


def test_an_admin_finds_the_other_account_and_sees_what_moves(two: tuple[Account, Account], admin: Client) -> None:
    kept, duplicate = two
    found = admin.get(page_of(kept, q="Callow"))
    assert text_of(found).count("Calloway Frt") == 1
    assert page_of(kept, **{"with": duplicate.public_id}) in found.content.decode()
    beforehand = text_of(admin.get(page_of(kept, **{"with": duplicate.public_id})))
    assert "Calloway Frt into Calloway Freight" in beforehand
    for moves in ("Licenses 1", "Renewals 2", "Stakeholders 1", "Tickets 1", "Ids outside 1"):
        assert moves in beforehand
    assert not Merge.objects.exists()


def test_merging_leads_to_the_survivor_whose_page_undoes_it(two: tuple[Account, Account], admin: Client) -> None:
    kept, duplicate = two
    answer = admin.post(page_of(kept), {"with": str(duplicate.public_id)}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("account", args=[kept.public_id])
    assert "Calloway Frt is merged into Calloway Freight." in text_of(answer)
    assert "Calloway Frt merged into it" in text_of(answer)
    assert License.objects.known().get().account == kept
    undo = reverse("account_merge_undo", args=[kept.public_id, Merge.objects.get().pk])
    assert undo in answer.content.decode()
    undone = admin.post(undo, follow=True)
    assert "Calloway Frt and Calloway Freight are two accounts again." in text_of(undone)
    assert "merged into it" not in text_of(undone)
    assert License.objects.known().get().account == duplicate
    again = admin.post(undo, follow=True)
    assert "undone already" in text_of(again)
    logged = AuditEntry.objects.filter(pgh_obj_model="health.AuditedMerge").order_by("pgh_id")
    assert [(entry.pgh_label, entry.who.email) for entry in logged] == [
        ("insert", "aiko@loomline.example"),
        ("update", "aiko@loomline.example"),
    ]
    log = text_of(admin.get("/admin/health/auditentry/"))
    assert "merge Calloway Frt added" in log
    assert "Calloway Freight" in log


def test_the_page_of_a_merged_account_leads_on(two: tuple[Account, Account], admin: Client, company: Company) -> None:
    kept, duplicate = two
    merges.merge(duplicate, kept, by=company.aiko, now=timezone.now())
    there = reverse("account", args=[duplicate.public_id])
    answer = client_of(company.dana).get(there)
    assert (answer.status_code, answer.headers["Location"]) == (301, reverse("account", args=[kept.public_id]))
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Calloway Frt has been merged into Calloway Freight." in text_of(admin.get(there, follow=True))
    assert client_of(company.marco).get(there).status_code == 404


def test_who_is_no_admin_is_offered_no_merge(two: tuple[Account, Account], admin: Client, company: Company) -> None:
    kept, duplicate = two
    merges.merge(duplicate, kept, by=company.aiko, now=timezone.now())
    page = reverse("account", args=[kept.public_id])
    assert "Merge another account" in text_of(admin.get(page))
    for told in ("Merge another account", "merged into it"):
        assert told not in text_of(client_of(company.dana).get(page))


def test_two_that_cannot_be_merged_are_told_why(two: tuple[Account, Account], admin: Client) -> None:
    kept, duplicate = two
    Account.objects.filter(pk=duplicate.pk).update(demo=True)
    page = admin.get(page_of(kept, **{"with": duplicate.public_id}))
    assert "made up for the demonstration" in text_of(page)
    assert "This can be undone" not in text_of(page)
    refused = admin.post(page_of(kept), {"with": str(duplicate.public_id)}, follow=True)
    assert "made up for the demonstration" in text_of(refused)
    assert not Merge.objects.exists()


@pytest.mark.parametrize("text", NONSENSE)
def test_the_page_answers_whatever_its_address_says(two: tuple[Account, Account], admin: Client, text: str) -> None:
    for name in ("q", "with"):
        assert admin.get(page_of(two[0], **{name: quote(text)})).status_code in {200, 400}


def test_too_short_a_word_finds_nothing(two: tuple[Account, Account], company: Company) -> None:
    assert accounts_called(company.aiko, "C") == []
