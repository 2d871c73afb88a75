"""Records over HTTP: one or a thousand, by the same rules as any other door, each with what became of it."""

import datetime as dt
from typing import Any

import pytest
import time_machine

from accounts import kinds, tokens
from accounts.models import (
    Account,
    AttributeValue,
    ExternalId,
    License,
    Product,
    Scope,
    StreamSync,
    Touchpoint,
    Unmatched,
)
from tests.accounts.build import attribute, known, source
from tests.accounts.examples import EVERYTHING
from tests.accounts.interface import SENDS, Program, codes_of, problem_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def crm() -> Program:
    return Program()


@pytest.fixture
def historian() -> Program:
    return Program(scopes=(Scope.CRM_WRITE, Scope.HISTORY_WRITE))


def results(answer: Any) -> list[tuple[str | None, str]]:
    """The id and the status of each record, whose places are in order."""
    said = answer.json()["results"]
    assert [result["index"] for result in said] == list(range(len(said)))
    return [(result["external_id"], result["status"]) for result in said]


def test_a_record_is_created_updated_and_left_alone(crm: Program) -> None:
    answers = [crm.put("accounts", "A-1", name=name) for name in ("Calloway", "Calloway Freight", "Calloway Freight")]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert [answer.json()["status"] for answer in answers] == ["created", "updated", "unchanged"]
    assert answers[0].json() == {"index": 0, "external_id": "A-1", "status": "created", "errors": []}
    assert Account.objects.get().name == "Calloway Freight"


def test_an_absent_member_is_left_and_null_clears(crm: Program) -> None:
    crm.put("accounts", "A-1", name="Calloway", tier="gold", attributes={"industry": "Freight"})
    crm.put("accounts", "A-1", name="Calloway Freight", tier=None)
    assert (attribute("name"), attribute("tier"), attribute("industry")) == ("Calloway Freight", None, "Freight")


def test_accounts_that_come_together_with_their_parents_belong_to_them_at_once(crm: Program) -> None:
    family = [("B-2", "B-1"), ("B-1", "A-1"), ("A-1", None), ("C-1", "gone")]
    records = [{"external_id": one, "name": one, "parent": parent} for one, parent in family]
    assert results(crm.batch("accounts", *records))[0] == ("B-2", "created")
    parents = dict(Account.objects.values_list("name", "parent__name"))
    assert parents == {"B-2": "B-1", "B-1": "A-1", "A-1": None, "C-1": None}
    assert Unmatched.objects.get().external_id == "C-1"


@pytest.mark.parametrize("external_id", ["a/b", "a b", "ä", "..", "%2e", "x" * 255, "+", "a;b"])
def test_an_id_is_kept_exactly(external_id: str, crm: Program) -> None:
    spelled = external_id.replace("%", "%25").replace(";", "%3B").replace(" ", "%20").replace("+", "%2B")
    assert crm.put("accounts", spelled, name="Calloway").status_code == 201
    assert ExternalId.objects.get(kind="accounts").external_id == external_id


def test_a_record_that_refers_to_the_unknown_waits(crm: Program) -> None:
    answer = crm.put("licenses", "L-1", account={"source": "crm", "external_id": "A-1"}, starts_on="2024-01-01")
    assert (answer.status_code, answer.json()["status"]) == (202, "unmatched")
    assert Unmatched.objects.get().waits_external_id == "A-1"


def test_a_rejected_record_is_a_problem_with_its_members(crm: Program) -> None:
    crm.put("accounts", "A-1", name="Calloway")
    answer = crm.put("licenses", "L-1", account="A-1", starts_on="soon", seats=-1, color="red")
    assert problem_of(answer) == (422, "invalid")
    assert sorted(codes_of(answer)) == [("color", "unknown"), ("seats", "min_value"), ("starts_on", "invalid")]
    assert not License.objects.exists()


def test_older_news_is_stale_and_changes_nothing(crm: Program) -> None:
    crm.put("accounts", "A-1", name="New", source_updated_at="2024-06-02T00:00:00Z")
    answer = crm.put("accounts", "A-1", name="Old", source_updated_at="2024-06-01T00:00:00Z")
    assert (answer.status_code, answer.json()["status"]) == (200, "stale")
    assert Account.objects.get().name == "New"


def test_a_deleted_id_that_is_sent_again_is_a_new_version(crm: Program) -> None:
    crm.put("products", "P-1", name="Atlas")
    assert crm.delete("products", "P-1").json()["status"] == "updated"
    assert known("products", "P-1") is None
    assert crm.delete("products", "P-1").json()["status"] == "unchanged"
    assert crm.put("products", "P-1", name="Atlas").json()["status"] == "created"
    assert Product.objects.count() == 2


def test_a_batch_is_200_when_all_went_in_and_207_when_some_did_not(crm: Program) -> None:
    fine = [{"external_id": f"P-{number}", "name": "Atlas"} for number in range(3)]
    answer = crm.batch("products", *fine)
    assert (answer.status_code, results(answer)) == (200, [("P-0", "created"), ("P-1", "created"), ("P-2", "created")])
    answer = crm.batch("products", {"external_id": "P-3", "name": 7}, {"name": "Nobody"}, "rubbish", *fine)
    assert answer.status_code == 207
    assert results(answer)[3:] == [("P-0", "unchanged"), ("P-1", "unchanged"), ("P-2", "unchanged")]
    assert results(answer)[:3] == [("P-3", "created"), (None, "rejected"), (None, "rejected")]
    assert [error["code"] for error in answer.json()["results"][1]["errors"]] == ["required"]


def test_records_of_one_id_are_applied_in_the_order_of_their_times(crm: Program) -> None:
    answer = crm.batch(
        "products",
        {"external_id": "P-1", "name": "Third", "source_updated_at": "2024-06-03T00:00:00Z"},
        {"external_id": "P-1", "name": "First", "source_updated_at": "2024-06-01T00:00:00Z"},
        {"external_id": "P-1", "name": "Second", "source_updated_at": "2024-06-02T00:00:00Z"},
    )
    assert [status for _, status in results(answer)] == ["updated", "created", "updated"]
    assert known("products", "P-1").name == "Third"


def test_unmatched_and_stale_did_not_go_in_but_are_no_rejections(crm: Program) -> None:
    license_of_nobody = {"external_id": "L-1", "account": "A-9", "starts_on": "2024-01-01"}
    answer = crm.batch("licenses", license_of_nobody, all_or_none=True)
    assert (answer.status_code, results(answer)) == (207, [("L-1", "unmatched")])


def test_all_or_none_with_a_rejection_applies_nothing(crm: Program) -> None:
    answer = crm.batch("products", {"external_id": "P-1", "name": "Atlas"}, {"name": "Nobody"}, all_or_none=True)
    assert problem_of(answer) == (422, "invalid")
    assert results(answer) == [("P-1", "not_applied"), (None, "rejected")]
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"records": [], "all_or_none": "yes"}, [("all_or_none", "invalid")]),
        ({"records": {}}, [("records", "invalid")]),
        ({}, [("records", "required")]),
        ({"records": [], "dry_run": True}, [("dry_run", "unknown")]),
        ({"records": [], "known": "yesterday"}, [("known", "invalid")]),
        ({"records": [], "known": 20240601}, [("known", "invalid")]),
        ({"records": [], "known": None}, [("known", "invalid")]),
        ([], [("", "invalid")]),
        ("records", [("", "invalid")]),
        (None, [("", "invalid")]),
    ],
)
def test_what_is_no_batch_is_refused(body: Any, expected: list[tuple[str, str]], crm: Program) -> None:
    answer = crm.ask("POST", "products/batch", body if body is not None else "")
    assert (problem_of(answer), codes_of(answer)) == ((422, "invalid"), expected)


def test_a_batch_has_at_most_a_thousand_records(crm: Program) -> None:
    records = [{"external_id": f"P-{number}", "name": "Atlas"} for number in range(1001)]
    assert problem_of(crm.batch("products", *records)) == (413, "too-large")
    assert not Product.objects.exists()
    assert crm.batch("products", *records[:1000]).status_code == 200
    assert Product.objects.count() == 1000


def test_a_taken_id_is_rejected_and_names_the_account(crm: Program) -> None:
    billing = Program("stripe")
    billing.put("accounts", "cus_1", name="Calloway")
    answer = crm.put("accounts", "A-1", name="Jade", external_ids=[{"source": "stripe", "external_id": "cus_1"}])
    assert codes_of(answer) == [("external_ids", "id_taken")]
    assert f"account {Account.objects.get().pk}" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("kind", [kind.name for kind in kinds.every()])
def test_each_kind_wants_its_scope_and_the_source_of_the_token(kind: str, crm: Program) -> None:
    wanted = kinds.get(kind).scope
    assert crm.batch(kind).status_code == 200
    other = f"{kind}/by-external-id/billing/X-1"
    for method in ("PUT", "DELETE"):
        assert problem_of(crm.ask(method, other, {})) == (403, "other-source")
    assert problem_of(crm.batch(kind, source="billing")) == (403, "other-source")
    assert problem_of(crm.put(kind, "X-1", source="billing")) == (403, "other-source")
    crm.acting(tokens.issue("Other scopes", source=source(), scopes=sorted(set(crm.scopes) - {wanted, "health:read"})))
    for answer in (crm.batch(kind), crm.put(kind, "X-1"), crm.delete(kind, "X-1"), crm.ask("GET", kind)):
        assert problem_of(answer) == (403, "missing-scope")
    assert not ExternalId.objects.exists()


def test_a_token_of_no_source_sends_nothing(crm: Program) -> None:
    crm.acting(tokens.issue("Report", scopes=["health:read"], whole_portfolio=True))
    assert problem_of(crm.batch("products")) == (403, "missing-scope")


def test_what_is_sent_makes_accounts_dirty_like_an_import(crm: Program) -> None:
    crm.put("accounts", "A-1", name="Calloway")
    Account.objects.update(dirty_since=None)
    crm.put("pulses", "U-1", account="A-1", at="2024-06-01T12:00:00Z", rating=4)
    assert Account.objects.get().dirty_since is not None


def test_a_stream_that_is_pushed_counts_as_heard_once_an_hour(crm: Program) -> None:
    begin = dt.datetime(2024, 6, 1, 12, tzinfo=dt.UTC)
    with time_machine.travel(begin, tick=False) as clock:
        for minutes in (0, 5, 50, 20):
            clock.shift(dt.timedelta(minutes=minutes))
            sent = crm.batch("products", {"external_id": f"P-{minutes}", "name": "Atlas"}, {"name": "Nobody"})
            assert sent.status_code == 207, sent.content
    syncs = StreamSync.objects.order_by("at")
    assert [sync.at - begin for sync in syncs] == [dt.timedelta(0), dt.timedelta(minutes=75)]
    assert [sync.complete_through - begin for sync in syncs] == [dt.timedelta(minutes=55), dt.timedelta(minutes=75)]
    assert all(sync.at == sync.received_at for sync in syncs)
    assert [(sync.rows, sync.rejected) for sync in syncs] == [(6, 3), (2, 1)]


def test_times_without_a_zone_are_taken_in_that_of_the_source(crm: Program) -> None:
    crm.put("accounts", "A-1", name="Calloway")
    told = {"account": "A-1", "rating": 4, "at": "2024-06-01T12:00:00"}
    assert codes_of(crm.put("pulses", "U-1", **told)) == [("at", "zone")]
    own = source()
    own.time_zone = "Europe/Berlin"
    own.save()
    assert crm.put("pulses", "U-1", **told).status_code == 201
    assert known("pulses", "U-1").at == dt.datetime(2024, 6, 1, 10, tzinfo=dt.UTC)


def test_a_batch_of_many_costs_as_many_queries_as_one_of_few(crm: Program, django_assert_max_num_queries: Any) -> None:
    crm.put("accounts", "A-1", name="Calloway")

    def many(first: int, count: int) -> list[dict[str, Any]]:
        return [{"external_id": f"L-{number}", "account": "A-1", "starts_on": "2024-01-01"} for number in range(first, first + count)]  # fmt: skip

    crm.batch("licenses", *many(0, 1))
    with django_assert_max_num_queries(45) as few:
        crm.batch("licenses", *many(10, 10))
    with django_assert_max_num_queries(45) as lots:
        crm.batch("licenses", *many(1000, 500))
    assert len(lots) == len(few)


# --- History ---------------------------------------------------------------------------------------------------------

CALLS = (
    {"external_id": "T-1", "account": "A-1", "at": "2024-03-04T09:00:00Z", "kind": "call", "status": "held"},
    {"external_id": "T-2", "account": "A-1", "at": "2024-05-06T09:00:00Z", "kind": "call", "status": "held"},
)


@pytest.mark.parametrize(
    ("known", "learned"),
    [
        ("occurred", ["2024-03-04T09:00:00+00:00", "2024-05-06T09:00:00+00:00"]),
        ("2024-06-01", ["2024-06-01T00:00:00+00:00"] * 2),
    ],
)
def test_history_is_known_since_it_happened_or_since_the_day_that_is_said(
    known: str, learned: list[str], historian: Program
) -> None:
    historian.put("accounts", "A-1", name="Calloway")
    assert historian.batch("touchpoints", *CALLS, known=known).status_code == 200
    told = Touchpoint.objects.order_by("at").values_list("received_at", "receipt_assumed")
    assert [(at.isoformat(), assumed) for at, assumed in told] == [(at, True) for at in learned]


@pytest.mark.django_db(transaction=True)
def test_a_stream_with_history_is_complete_from_its_first_fact_through_its_last_and_noted_once_an_hour(
    historian: Program,
) -> None:
    historian.put("accounts", "A-1", name="Calloway")
    for call in CALLS:
        historian.batch("touchpoints", call, known="occurred")
    historian.batch("touchpoints", *CALLS, known="occurred")
    (sync,) = StreamSync.objects.filter(stream__kind="touchpoints")
    assert sync.receipt_assumed
    assert sync.rows == 2
    assert [at.isoformat() for at in (sync.received_at, sync.complete_from, sync.complete_through)] == [
        "2024-03-04T09:00:00+00:00", "2024-03-04T09:00:00+00:00", "2024-05-06T09:00:00+00:00",
    ]  # fmt: skip
    historian.batch("touchpoints", {**CALLS[0], "external_id": "T-3"})
    assert StreamSync.objects.filter(stream__kind="touchpoints", receipt_assumed=False).count() == 1


@pytest.mark.django_db(transaction=True)
def test_history_of_accounts_is_known_since_the_day_that_is_said_and_noted_as_complete_from_then_on(
    historian: Program,
) -> None:
    historian.batch("accounts", {"external_id": "A-0", "name": "Meridian"})
    for day, external_id in (("2024-06-01", "A-1"), ("2024-03-01", "A-2")):
        sent = {"external_id": external_id, "name": "Calloway"}
        assert historian.batch("accounts", sent, known=day).status_code == 200
    values = AttributeValue.objects.filter(receipt_assumed=True).order_by("-received_at")
    learned = [value.received_at for value in values]
    assert [str(at.date()) for at in learned] == ["2024-06-01", "2024-03-01"]
    sync = StreamSync.objects.get(stream__kind="accounts", receipt_assumed=True)
    assert (sync.rows, sync.complete_from, sync.received_at) == (2, learned[1], learned[1])


def test_every_kind_takes_history() -> None:
    historian = Program(scopes=(*SENDS, Scope.HISTORY_WRITE))
    for kind, record in EVERYTHING:
        answer = historian.batch(kind, record, known="2024-12-31")
        assert (kind, answer.status_code) == (kind, 200)
    assert StreamSync.objects.filter(receipt_assumed=True).count() == len(EVERYTHING)


def test_history_wants_a_scope_of_its_own_and_nothing_is_kept_without_it(crm: Program) -> None:
    crm.put("accounts", "A-1", name="Calloway")
    assert problem_of(crm.batch("touchpoints", *CALLS, known="occurred")) == (403, "missing-scope")
    assert not Touchpoint.objects.exists()
    assert crm.batch("touchpoints", *CALLS, known="now").status_code == 200
