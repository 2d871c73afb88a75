"""Whatever an address or a form says, a page answers; it never breaks."""

from collections.abc import Iterable
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


def asking(names: Iterable[str], text: str) -> list[str]:
    """All of these at once, and one of them alone, another one for each text."""
    names = list(names)
    alone = names[NONSENSE.index(text) % len(names) :: len(NONSENSE)]
    return ["&".join(f"{name}={quote(text)}" for name in names), *(f"{name}={quote(text)}" for name in alone)]


@pytest.mark.parametrize("text", NONSENSE)
def test_the_list_and_its_file_answer_whatever_the_address_says(company: Company, text: str) -> None:
    company.account("Calloway Freight", company.dana)
    client = client_of(company.dana)
    for address in (reverse("accounts"), reverse("accounts_export")):
        for query in asking(LISTS, text):
            assert client.get(f"{address}?{query}").status_code in {200, 302, 400, 404}, (address, query)


# What each page of an account, and each page beside it, can be asked.
OF_AN_ACCOUNT = {
    "account": ("day", "since", "from", "to", "list", "range", "history-as"),
    "account_charts": ("range", "day", "history-as"),
    "account_changes": ("from", "to"),
    "timeline": ("show", "before"),
}
BESIDE = {
    "search": ("q",),
    "alerts": ("q",),
    "home": ("scope", "days", "renewals", "bands", "bands-as"),
    "tasks": ("q", "whose", "account"),
}


@pytest.mark.parametrize("text", NONSENSE)
def test_the_pages_of_an_account_answer_whatever_the_address_says(company: Company, text: str) -> None:
    account = company.account("Calloway Freight", company.dana)
    company.everything_about(account)
    client = client_of(company.dana)
    pages = {reverse(name, args=[account.public_id]): names for name, names in OF_AN_ACCOUNT.items()}
    pages |= {reverse(name): names for name, names in BESIDE.items()}
    for address, names in pages.items():
        for query in asking(names, text):
            for headers in ({}, {"HX-Request": "true"}):
                answer = client.get(f"{address}?{query}", headers=headers)
                assert answer.status_code in {200, 302, 400, 404}, (address, query)


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
