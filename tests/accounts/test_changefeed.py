"""The feed of changes: in order, in pages, with tombstones, for who may see; and nothing is missed behind a slow writer."""

import datetime as dt
import functools
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from accounts import changefeed, imports, kinds, tokens, undo, work
from accounts.models import Account, Job, Product, Source, User
from accounts.pushes import push
from tests.accounts.build import account, source
from tests.accounts.examples import everything
from tests.accounts.interface import Program, codes_of, problem_of

pytestmark = pytest.mark.django_db(transaction=True)

DAY = dt.timedelta(days=1)


@pytest.fixture
def crm() -> Program:
    return Program()


def ids(results: list[dict[str, Any]]) -> list[str]:
    return [result["external_id"] for result in results]


def products(crm: Program, *external_ids: str) -> None:
    records = [{"external_id": external_id, "name": "Atlas"} for external_id in external_ids]
    assert crm.batch("products", *records).status_code == 200


def test_records_are_given_in_the_words_in_which_they_are_sent(crm: Program) -> None:
    crm.put("accounts", "A-0", name="Holding")
    sent: dict[str, Any] = {"name": "Calloway", "parent": {"source": "crm", "external_id": "A-0"}, "owner": None, "stage": "live",
            "tier": None, "region": None, "attributes": {"industry": "Freight"}}  # fmt: skip
    crm.put("accounts", "A-1", **sent)
    found, _ = crm.changes("accounts")
    heading = {
        "id": str(account("A-1").public_id),
        "external_ids": [{"source": "crm", "external_id": "A-1"}],
        "deleted": False,
        "merged_into": None,
    }
    assert {name: value for name, value in found[1].items() if name != "updated_at"} == {**heading, **sent}
    crm.put("products", "P-1", name="Atlas")
    crm.put("stakeholders", "S-1", account="A-1", name="Ada")
    of = {"account": {"source": "crm", "external_id": "A-1"}}
    license_sent = {**of, "product": {"source": "crm", "external_id": "P-1"}, "name": None, "starts_on": "2024-01-01",
                    "ends_on": None, "canceled_on": None, "seats": 5, "unlimited": False, "amount": "1200.00",
                    "currency": "EUR", "interval": "year"}  # fmt: skip
    usage_sent = {**of, "end_user": None, "event": "Report", "day": "2024-06-03", "grain": "week", "count": 7}
    call_sent = {**of, "at": "2024-06-01T12:00:00+00:00", "kind": "call", "status": "held", "direction": None, "reason": None,
                 "subject": "Kick-off", "notes": None, "participants": [{"source": "crm", "external_id": "S-1"}]}  # fmt: skip
    for kind, sent in (("licenses", license_sent), ("usage", usage_sent), ("touchpoints", call_sent)):
        assert crm.put(kind, "X-1", **sent).status_code == 201
        (given,), _ = crm.changes(kind)
        assert {name: given[name] for name in sent} == sent
        assert (given["source"], given["external_id"], given["deleted"]) == ("crm", "X-1", False)


@pytest.mark.parametrize("kind", [kind.name for kind in kinds.every()])
def test_what_the_feed_gives_can_be_sent_again_and_changes_nothing(kind: str, crm: Program) -> None:
    everything(crm)
    found, _ = crm.changes(kind)
    assert found
    told = kinds.get(kind)
    for given in found:
        if given.get("external_id") is None and told.model is not None:
            continue  # what was derived here has no outside id
        external_id = given["external_ids"][0]["external_id"] if told.model is None else given["external_id"]
        members = {name: given[name] for name in (*told.members, "attributes") if name in given}
        if told.model is None:
            members.pop("external_ids", None)
        answer = crm.put(kind, external_id, **members)
        assert answer.json()["status"] == "unchanged", (given, answer.json())


def test_pages_follow_one_another_without_gap_or_repetition(crm: Program) -> None:
    names = [f"P-{number:02}" for number in range(23)]
    products(crm, *names[:10])
    products(crm, *names[10:])
    found, _ = crm.changes("products", limit=5)
    assert ids(found) == names
    page = crm.ask("GET", "products?limit=5")
    there = urlsplit(page.json()["next"])
    assert (there.scheme, there.netloc, there.path) == ("http", "testserver", "/api/v1/products")


def test_next_works_from_where_the_client_is(crm: Program, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["verdant.example.com"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    push(
        kinds.get("products"), source(), [{"external_id": f"P-{n}", "name": "Atlas"} for n in range(3)], timezone.now()
    )
    headers = {"Host": "verdant.example.com", "X-Forwarded-Proto": "https"}
    page = crm.raw("GET", "products?limit=1", headers=headers)
    assert page.json()["next"].startswith("https://verdant.example.com/api/v1/products?cursor=")


def test_a_change_comes_again_at_its_new_place_and_only_as_it_is_now(crm: Program) -> None:
    products(crm, "P-1", "P-2", "P-3")
    _, cursor = crm.changes("products")
    assert crm.changes("products", cursor=cursor)[0] == []
    crm.put("products", "P-2", name="Borealis")
    crm.put("products", "P-1", name="Cirrus")
    found, cursor = crm.changes("products", cursor=cursor)
    assert [(given["external_id"], given["name"]) for given in found] == [("P-2", "Borealis"), ("P-1", "Cirrus")]
    crm.put("products", "P-1", name="Cirrus")  # says nothing new
    assert crm.changes("products", cursor=cursor)[0] == []
    assert ids(crm.changes("products")[0]) == ["P-3", "P-2", "P-1"]


def test_a_deletion_is_a_tombstone_for_ninety_days(crm: Program) -> None:
    products(crm, "P-1", "P-2")
    _, cursor = crm.changes("products")
    crm.delete("products", "P-1")
    (gone,), _ = crm.changes("products", cursor=cursor)
    assert gone.keys() == {"id", "source", "external_id", "updated_at", "deleted"}
    assert (gone["external_id"], gone["deleted"]) == ("P-1", True)
    assert ids(crm.changes("products")[0]) == ["P-2", "P-1"]
    with time_machine.travel(timezone.now() + 91 * DAY):
        assert ids(crm.changes("products")[0]) == ["P-2"]


def test_what_was_deleted_and_sent_again_is_there(crm: Program) -> None:
    products(crm, "P-1")
    crm.delete("products", "P-1")
    products(crm, "P-1")
    crm.delete("products", "P-1")
    assert [(given["external_id"], given["deleted"]) for given in crm.changes("products")[0]] == [("P-1", True)]
    products(crm, "P-1")
    assert [(given["external_id"], given["deleted"]) for given in crm.changes("products")[0]] == [("P-1", False)]


def test_a_deleted_account_is_a_tombstone_too(crm: Program) -> None:
    crm.put("accounts", "A-1", name="Calloway")
    there = str(account().public_id)
    crm.delete("accounts", "A-1")
    (gone,), _ = crm.changes("accounts")
    assert (gone["id"], gone["deleted"], gone["external_ids"]) == (
        there,
        True,
        [{"source": "crm", "external_id": "A-1"}],
    )
    assert "name" not in gone


def test_a_cursor_older_than_the_tombstones_is_gone(crm: Program) -> None:
    products(crm, "P-1")
    _, cursor = crm.changes("products")
    with time_machine.travel(timezone.now() + 89 * DAY):
        assert crm.changes("products", cursor=cursor)[0] == []
    with time_machine.travel(timezone.now() + 91 * DAY):
        assert problem_of(crm.ask("GET", f"products?cursor={cursor}")) == (410, "gone")


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=%D9%A3", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("limit=", "limit"),
        ("cursor=", "cursor"),
        ("cursor=abc", "cursor"),
        ("cursor=%ff", "cursor"),
        ("updated_since=yesterday", "updated_since"),
        ("updated_since=2024-01-01T00:00:00", "updated_since"),
        ("updated_since=1900-01-01", "updated_since"),
        ("update_since=2024-01-01", "update_since"),
        ("format=xml", "format"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(query: str, wrong: str, crm: Program) -> None:
    answer = crm.ask("GET", f"products?{query}")
    assert problem_of(answer) == (400, "bad-parameter")
    assert [field for field, _ in codes_of(answer)] == [wrong]


def test_a_cursor_is_of_one_kind_and_nobody_can_make_one_up(crm: Program) -> None:
    products(crm, "P-1")
    _, cursor = crm.changes("products")
    for made_up in (cursor[:-1], cursor + "x", cursor.replace(":", "", 1), "W10:1:2"):
        assert problem_of(crm.ask("GET", f"products?cursor={made_up}")) == (400, "bad-parameter")
    assert problem_of(crm.ask("GET", f"accounts?cursor={cursor}")) == (400, "bad-parameter")


def test_updated_since_gives_what_changed_since(crm: Program) -> None:
    products(crm, "P-1", "P-2")
    before = timezone.now()
    crm.put("products", "P-1", name="Borealis")
    since = before.isoformat().replace("+", "%2B")
    assert ids(crm.changes("products", updated_since=since, limit=1)[0]) == ["P-1"]
    assert crm.changes("products", updated_since=timezone.now().isoformat().replace("+", "%2B"))[0] == []


def test_a_book_is_all_that_a_token_sees_that_acts_for_a_user(crm: Program) -> None:
    dana = User.objects.create_user("dana@loomline.example")
    crm.put("accounts", "A-1", name="Calloway", owner=dana.email)
    crm.put("accounts", "A-2", name="Jade", owner="somebody@else.example")
    for number in (1, 2):
        crm.put("licenses", f"L-{number}", account=f"A-{number}", starts_on="2024-01-01")
    products(crm, "P-1")
    crm.delete("licenses", "L-2")
    crm.acting(tokens.issue("Book", scopes=["health:read"], user=dana))
    assert [given["name"] for given in crm.changes("accounts")[0]] == ["Calloway"]
    assert ids(crm.changes("licenses")[0]) == ["L-1"]
    assert ids(crm.changes("products")[0]) == ["P-1"]


def test_the_feed_hears_of_what_is_logged_by_hand_and_of_what_is_taken_back(crm: Program) -> None:
    crm.put("accounts", "A-1", name="Calloway")
    _, cursor = crm.changes("touchpoints")
    now = timezone.now()
    logged = work.log_touchpoint(account(), at=now, kind="call", status="held", now=now)
    (given,), cursor = crm.changes("touchpoints", cursor=cursor)
    assert (given["source"], given["kind"], given["deleted"]) == ("verdant", "call", False)
    work.take_back("touchpoints", account(), logged.record, timezone.now())
    (gone,), _ = crm.changes("touchpoints", cursor=cursor)
    assert gone["deleted"]


def test_the_feed_hears_of_an_import_and_of_its_undo(crm: Program, tmp_path: Any) -> None:
    products(crm, "P-1")
    file = tmp_path / "products.csv"
    file.write_text("external_id,name\nP-1,Borealis\nP-2,Cirrus\n")
    _, cursor = crm.changes("products")
    imports.run(imports.Order(kind=kinds.get("products"), path=file, source="crm"))
    found, cursor = crm.changes("products", cursor=cursor)
    assert [(given["external_id"], given["name"]) for given in found] == [("P-1", "Borealis"), ("P-2", "Cirrus")]
    undo.undo(Job.objects.get(), timezone.now())
    found, _ = crm.changes("products", cursor=cursor)
    assert {(given["external_id"], given.get("name")) for given in found} == {("P-1", "Atlas"), ("P-2", None)}


def in_a_thread(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_nothing_is_missed_behind_a_slow_writer(crm: Program) -> None:
    products(crm, "before")
    wrote, may_commit = threading.Event(), threading.Event()
    billing = source("billing")

    def slowly() -> None:
        with transaction.atomic():
            push(kinds.get("products"), billing, [{"external_id": "slow", "name": "Atlas"}], timezone.now())
            wrote.set()
            assert may_commit.wait(20)

    writer = in_a_thread(slowly)
    assert wrote.wait(20)
    products(crm, "quick")  # begins later and commits earlier
    found, cursor = crm.changes("products")
    assert ids(found) == ["before"]
    may_commit.set()
    writer.join()
    found, _ = crm.changes("products", cursor=cursor)
    assert ids(found) == ["slow", "quick"]


def test_a_writer_in_another_database_of_the_server_is_not_waited_for(crm: Program) -> None:
    elsewhere: dict[str, Any] = {**connection.get_connection_params(), "dbname": "postgres"}
    with psycopg.connect(**elsewhere) as other:
        other.execute("select pg_current_xact_id()")
        products(crm, "P-1")
        assert ids(crm.changes("products")[0]) == ["P-1"]


def test_a_reader_among_many_writers_hears_of_everything_once_it_is_written(crm: Program) -> None:
    writers = [in_a_thread(functools.partial(several, source(f"source-{number}"))) for number in range(4)]
    heard: list[str] = []
    cursor = ""
    while any(writer.is_alive() for writer in writers):
        found, cursor = crm.changes("products", limit=3, **({"cursor": cursor} if cursor else {}))
        heard += [f"{given['source']} {given['external_id']}" for given in found]
    found, _ = crm.changes("products", limit=3, cursor=cursor)
    heard += [f"{given['source']} {given['external_id']}" for given in found]
    assert sorted(heard) == sorted(
        f"source-{number} {turn}-{part}" for number in range(4) for turn in range(8) for part in "ab"
    )


def several(source: Source) -> None:
    for turn in range(8):
        with transaction.atomic():
            for part in "ab":
                record = {"external_id": f"{turn}-{part}", "name": "Atlas"}
                push(kinds.get("products"), source, [record], timezone.now())


def test_where_a_dump_was_restored_everything_is_told_and_old_cursors_are_gone(crm: Program) -> None:
    products(crm, "P-1", "P-2")
    with connection.cursor() as cursor:
        cursor.execute("update accounts_product set changed_in = changed_in + 1000000")
    _, ahead = crm.changes("products")
    products(crm, "P-3")
    assert ids(crm.changes("products")[0]) == ["P-1", "P-2", "P-3"]
    assert ids(crm.changes("products", cursor=ahead)[0]) == ["P-3"]
    with connection.cursor() as cursor:
        cursor.execute("update accounts_product set changed_in = 0")
    future = changefeed.written(changefeed.Place(10**12, 1), kinds.get("products"), timezone.now())
    assert problem_of(crm.ask("GET", f"products?cursor={future}")) == (410, "gone")


def test_a_page_costs_as_many_queries_as_one_record(crm: Program, django_assert_max_num_queries: Any) -> None:
    crm.put("accounts", "A-1", name="Calloway")
    for number in range(30):
        crm.put("licenses", f"L-{number}", account="A-1", starts_on="2024-01-01")
    for kind in ("licenses", "accounts"):
        with django_assert_max_num_queries(14) as one:
            crm.ask("GET", f"{kind}?limit=1")
        with django_assert_max_num_queries(14) as many:
            crm.ask("GET", f"{kind}?limit=30")
        assert len(one) == len(many)


def test_what_closes_a_version_changes_it_too(crm: Program) -> None:
    products(crm, "P-1")
    before = Product.objects.get()
    crm.put("products", "P-1", name="Borealis")
    closed, current = Product.objects.order_by("id")
    assert closed.changed_in == current.changed_in > before.changed_in


def test_a_further_id_of_an_account_is_a_change_of_it(crm: Program) -> None:
    crm.put("accounts", "A-1", name="Calloway")
    _, cursor = crm.changes("accounts")
    assert crm.put("accounts", "A-1", external_ids=["B-1"]).json()["status"] == "updated"
    assert crm.put("accounts", "A-1", external_ids=["B-1"]).json()["status"] == "unchanged"
    (given,), _ = crm.changes("accounts", cursor=cursor)
    assert [name["external_id"] for name in given["external_ids"]] == ["A-1", "B-1"]


def test_what_is_only_noted_of_an_account_does_not_change_it(crm: Program) -> None:
    crm.put("accounts", "A-1", name="Calloway")
    _, cursor = crm.changes("accounts")
    Account.objects.update(dirty_since=None)
    crm.put("pulses", "U-1", account="A-1", at="2024-06-01T12:00:00Z", rating=4)
    assert Account.objects.get().dirty_since is not None
    assert crm.changes("accounts", cursor=cursor)[0] == []
