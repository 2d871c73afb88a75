"""Whatever an address or a form says, a page answers; it never breaks."""

from urllib.parse import quote

import pytest
from django.urls import reverse

from health.models import SavedView
from tests.health.company import Company, client_of

pytestmark = pytest.mark.django_db

NONSENSE = (
    "\0",
    "a\0b",
    "9" * 30,
    "-1",
    "0001-01-01",
    "9999-12-31",
    "s9999999999",
    "٣",
    "'\"<>%",
    "é" * 300,
    "[]",
    "=1+1",
)
LISTS = (
    *(
        "q",
        "view",
        "sort",
        "band",
        "not-band",
        "moved",
        "due",
        "touch",
        "stage",
        "not-tier",
        "region",
        "owner",
        "columns",
    ),
    *("renews", "renews_from", "renews_to", "a.industry", "page", "list"),
)


@pytest.mark.parametrize("text", NONSENSE)
def test_the_list_and_its_file_answer_whatever_the_address_says(company: Company, text: str) -> None:
    company.account("Calloway Freight", company.dana)
    client = client_of(company.dana)
    for name in LISTS:
        for address in (reverse("accounts"), reverse("accounts_export")):
            answer = client.get(f"{address}?{name}={quote(text)}")
            assert answer.status_code in {200, 302, 400, 404}, (address, name, text)
    span = f"renews_from={quote(text)}&renews_to={quote(text)}"
    assert client.get(f"{reverse('accounts')}?{span}").status_code in {200, 400}


@pytest.mark.parametrize("text", NONSENSE)
def test_the_pages_of_an_account_answer_whatever_the_address_says(company: Company, text: str) -> None:
    account = company.account("Calloway Freight", company.dana)
    company.everything_about(account)
    client, said = client_of(company.dana), quote(text)
    own = [account.public_id]
    for address in (
        *(
            f"{reverse('account', args=own)}?{name}={said}"
            for name in ("day", "since", "from", "to", "list", "range", "history-as")
        ),
        *(f"{reverse('account_charts', args=own)}?{name}={said}" for name in ("range", "day", "history-as")),
        f"{reverse('account_changes', args=own)}?from={said}&to={said}",
        *(f"{reverse('timeline', args=own)}?{name}={said}" for name in ("show", "before")),
        *(f"{reverse(name)}?q={said}" for name in ("search", "tasks", "alerts")),
        *(f"{reverse('home')}?{name}={said}" for name in ("scope", "days", "renewals", "bands", "bands-as")),
        *(f"{reverse('tasks')}?{name}={said}" for name in ("whose", "account")),
    ):
        for headers in ({}, {"HX-Request": "true"}):
            assert client.get(address, headers=headers).status_code in {200, 302, 400, 404}, address


@pytest.mark.parametrize("text", NONSENSE)
def test_forms_answer_whatever_they_are_sent(company: Company, text: str) -> None:
    account = company.account("Calloway Freight", company.dana)
    client, own = client_of(company.dana), [account.public_id]
    fields = ("title", "text", "what", "line", "at", "due_on", "rating", "band", "reason", "last_day", "kind", "owner")
    for name in ("task_add", "note_add", "touchpoint_add", "pulse_set", "override_set"):
        answer = client.post(reverse(name, args=own), dict.fromkeys(fields, text), headers={"HX-Request": "true"})
        assert answer.status_code < 500, name
    client.post(reverse("view_save"), {"name": text, "query": text})
    assert all("\0" not in view.name + view.query for view in SavedView.objects.all())
