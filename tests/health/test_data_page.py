"""Whether data arrives: streams, refused events, imports, records that wait."""

import datetime as dt
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import handbook, kinds, work
from accounts.models import AccountStream, EventTally, RefusedEvent, Source, Stream, StreamSync
from health.book import today
from health.models import Latest
from tests.accounts import tracked
from tests.health.company import DAY, Company, client_of, text_of
from tests.health.nights import card, in_force


def test_an_installation_without_data_says_what_brings_some(company: Company) -> None:
    page = text_of(client_of(company.aiko).get("/data/"))
    assert "Nothing has arrived yet." in page
    assert "No import has run." in page
    assert "No record waits." in page


def test_a_stream_shows_its_last_delivery_that_still_stands(company: Company) -> None:
    company.delivery(rows=61)
    stream = company.delivery(rows=7)
    assert "Salesforce 1 stream, usually every 1 min accounts on time now" in text_of(
        client_of(company.dana).get("/data/")
    )
    assert client_of(company.dana).get("/data/").context["streams"][0].last_rows == 7
    last = StreamSync.objects.latest("at")
    StreamSync.objects.filter(pk=last.pk).update(superseded_at=last.received_at)
    (seen,) = client_of(company.dana).get("/data/").context["streams"]
    assert (seen.pk, seen.last_rows, seen.total_rows) == (stream.pk, 61, 61)


def test_a_late_stream_says_since_when_what_was_usual_and_what_it_does_to_scores(company: Company) -> None:
    company.account("Calloway Freight", company.dana)
    judge_by_tickets(company)
    stream, now = company.delivery("tickets"), timezone.now()
    AccountStream.objects.create(account=company.dana.accounts.get(), stream=stream, first_received_at=now)
    company.delivery("accounts")

    def said(days: int) -> str:
        stream.syncs.update(complete_through=now - dt.timedelta(days=days, hours=1))
        return text_of(client_of(company.dana).get("/data/"))

    assert "2 streams of records, all on time." in said(0)
    assert "Open tickets of 1 account" in said(0)
    assert "one delivery so far" in said(0)
    late = said(3)
    assert "1 of 2 streams is late." in late
    assert "tickets silent since" in late
    assert "1 measure of 1 account , kept since" in late
    assert "1 measure of 1 account , missing since" in said(30)
    assert "1 measure of 1 account" not in text_of(client_of(company.marco).get("/data/"))
    stream.lag_hours = 100_000
    stream.save()
    assert "may be 100000 h old" in said(30)


def judge_by_tickets(company: Company) -> None:
    """Yesterday the account was scored by one measure that reads tickets."""
    version = card(("open_tickets", "0:100, 10:0"))
    in_force()
    Latest.objects.create(
        account=company.dana.accounts.get(), day=today() - DAY, version_id=version.pk, coverage=0, scored=0, computed=0,
        effective=0,
    )  # fmt: skip


def test_what_rests_on_a_stream_is_named_and_what_is_not_known_said(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    stream = company.delivery("tickets")
    assert "no score rests on it yet" in text_of(client_of(company.dana).get("/data/"))
    judge_by_tickets(company)
    AccountStream.objects.create(account=account, stream=stream, first_received_at=timezone.now())
    company.delivery("accounts")
    page = text_of(client_of(company.dana).get("/data/"))
    assert "Open tickets of 1 account" in page
    assert "no measure rests on it" in page
    StreamSync.objects.filter(stream__kind="accounts").update(superseded_at=timezone.now() + DAY)
    assert "not known: no delivery stands" in text_of(client_of(company.dana).get("/data/"))


def test_a_late_stream_of_opinions_holds_nothing_and_says_so(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    version = card(("pulse", "1:0, 5:100"))
    in_force()
    Latest.objects.create(
        account=account, day=today() - DAY, version_id=version.pk, coverage=0, scored=0, computed=0, effective=0
    )
    stream = company.delivery("pulses")
    AccountStream.objects.create(account=account, stream=stream, first_received_at=timezone.now())
    stream.syncs.update(complete_through=timezone.now() - 9 * DAY)
    page = text_of(client_of(company.dana).get("/data/"))
    assert "of 1 account: what was said counts until it is stale" in page
    assert "no measure rests on it" not in page


def test_a_source_with_a_late_stream_comes_first(company: Company) -> None:
    company.delivery("accounts")
    billing = Source.objects.create(name="zuora", label="Zuora")
    late = Stream.objects.create(source=billing, kind="invoices")
    moment = timezone.now() - 9 * DAY
    StreamSync.objects.create(
        stream=late, source=billing, at=moment, received_at=moment, complete_through=moment, rows=3
    )
    sources = client_of(company.dana).get("/data/").context["sources"]
    assert [(str(block.source), block.late) for block in sources] == [("Zuora", 1), ("Salesforce", 0)]


def test_a_stream_whose_deliveries_were_all_taken_back_says_so(company: Company) -> None:
    company.delivery()
    StreamSync.objects.update(superseded_at=StreamSync.objects.get().received_at)
    assert "none stands" in text_of(client_of(company.dana).get("/data/"))


def test_a_csm_sees_streams_but_neither_imports_nor_what_waits(company: Company) -> None:
    company.delivery()
    company.job(name="secret-customers.csv")
    company.waiting("T-1", for_account="org_88213")
    page = text_of(client_of(company.dana).get("/data/"))
    assert "Salesforce" in page
    assert "secret-customers" not in page
    assert "org_88213" not in page


def test_a_source_says_how_many_of_its_latest_events_were_refused_and_why(company: Company) -> None:
    now = timezone.now()
    bad = {"type": "track"}, {"type": "track"}, {"type": "dance", "userId": "ann"}
    tracked.send(*bad, at=now - 7 * DAY)
    tracked.send(tracked.track(now), *bad, at=now)
    answer = client_of(company.mona).get("/data/")
    assert "3 events refused in 7 days : no_user 2, type 1" in text_of(answer)
    assert "/data/sources/product/events/#refused" in answer.content.decode()


def test_refusals_count_though_only_the_latest_say_why(company: Company) -> None:
    now = timezone.now()
    tracked.send(*[{"type": "track"}] * 120, at=now)
    said = "120 events refused in 7 days : of the last 100 no_user 100"
    assert said in text_of(client_of(company.mona).get("/data/"))
    tracked.keep({"type": "track"}, at=now)
    RefusedEvent.objects.exclude(pk=RefusedEvent.objects.latest("pk").pk).delete()
    EventTally.objects.all().delete()
    assert "1 event refused in 7 days : no_user 1" in text_of(client_of(company.mona).get("/data/"))
    assert "refused" not in text_of(client_of(company.dana).get("/data/"))


def test_waiting_records_are_counted_by_what_they_wait_for(company: Company) -> None:
    for number in range(3):
        company.waiting(f"T-{number}")
    company.waiting("T-9", for_account="CUST-0417")
    page = text_of(client_of(company.mona).get("/data/"))
    assert "4 records wait for another." in page
    assert "tickets crm accounts org_88213 of crm 3" in page
    assert "tickets crm accounts CUST-0417 of crm 1" in page


def test_an_import_shows_its_counts_its_rejected_rows_and_how_to_take_it_back(company: Company) -> None:
    job = company.job(
        rejections=[{"line": 17, "field": "owner", "code": "unknown", "message": "There is no such user."}]
    )
    page = text_of(client_of(company.mona).get(f"/data/jobs/{job.pk}/"))
    assert "Created 60 of 62" in page
    assert "17 owner There is no such user." in page
    assert f"python manage.py import --undo {job.pk}" in page


def test_an_import_that_failed_says_why(company: Company) -> None:
    job = company.job(state="failed", counts={}, error="The file is empty.")
    assert "The file is empty." in text_of(client_of(company.mona).get(f"/data/jobs/{job.pk}/"))


@pytest.mark.django_db(transaction=True)
def test_a_running_import_keeps_the_page_up_to_date(company: Company) -> None:
    job = company.job(state="running", finished_at=None, total=200, done=50)
    client = client_of(company.mona)
    with psycopg.connect(**connection.get_connection_params()) as other:  # the process that imports
        other.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [f"job {job.pk}"])
        page = client.get(f"/data/jobs/{job.pk}/")
        lists = client.get("/data/", headers={"HX-Request": "true"})
    assert "25 % of the file read" in text_of(page)
    assert 'hx-trigger="every 2s"' in page.content.decode()
    assert 'hx-trigger="every 2s"' in lists.content.decode()
    assert "<html" not in lists.content.decode()


def test_an_import_whose_process_died_is_called_stopped(company: Company) -> None:
    job = company.job(state="running", finished_at=None)
    client = client_of(company.mona)
    page = client.get(f"/data/jobs/{job.pk}/")
    assert "The process ended before the file did." in text_of(page)
    assert "every 2s" not in page.content.decode()
    assert "Stopped" in text_of(client.get("/data/"))


def test_rejected_rows_come_as_the_file_to_correct(company: Company, tmp_path: Path) -> None:
    path = tmp_path / "accounts.rejected.csv"
    path.write_text("external_id,field,reason\n")
    job = company.job(rejected_file=str(path))
    client = client_of(company.mona)
    assert f"/data/jobs/{job.pk}/rejected/" in client.get(f"/data/jobs/{job.pk}/").content.decode()
    answer = client.get(f"/data/jobs/{job.pk}/rejected/")
    assert b"".join(answer.streaming_content) == b"external_id,field,reason\n"  # type: ignore[attr-defined]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="accounts.rejected.csv"'


def test_a_file_on_another_machine_is_named_instead_of_offered(company: Company) -> None:
    job = company.job(
        rejected_file="/elsewhere/accounts.rejected.csv",
        rejections=[{"line": 1, "field": "", "code": "x", "message": "No."}],
    )
    page = client_of(company.mona).get(f"/data/jobs/{job.pk}/").content.decode()
    assert "/elsewhere/accounts.rejected.csv" in page
    assert f"/data/jobs/{job.pk}/rejected/" not in page


def test_the_page_takes_the_same_queries_however_much_arrives(
    company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(company.mona)
    for number in range(12):
        company.delivery(f"kind-{number}")
        company.job()
        company.waiting(f"T-{number}", for_account=f"org-{number}")
        source = Source.objects.create(name=f"product-{number}")
        Stream.objects.create(source=source, kind="usage")
        RefusedEvent.objects.create(source=source, received_at=timezone.now(), code="type", message="None.")
        EventTally.objects.create(source=source, day=today(), events=0, repeated=0, refused=1, traits_dropped=0)
    with django_assert_num_queries(11):  # user, frame (2), counts, streams, refused (2), jobs, waiting, their number
        client.get("/data/")


def test_the_page_of_record_kinds_names_every_member_of_every_kind(
    company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(company.dana)
    client.get("/data/kinds/")
    with django_assert_num_queries(4):  # who it is, the frame and what is counted in it; the session is cached by now
        page = text_of(client.get("/data/kinds/"))
    for kind in kinds.every():
        assert kind.name in page
        for member in handbook.members(kind):
            assert member.name in page
            assert all(word in page for word in member.words)


def test_a_new_license_needs_its_account_and_start_and_may_lose_its_end(company: Company) -> None:
    members = {member.name: member for member in handbook.members(kinds.get("licenses"))}
    assert {name for name, member in members.items() if member.needed} == {"external_id", "account", "starts_on"}
    assert members["ends_on"].clearable
    assert not members["starts_on"].clearable
    assert members["product"].type == "id of products"


def test_what_users_log_by_hand_is_no_stream_that_could_be_late(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    work.set_pulse(account, 4, author=company.dana, now=timezone.now())
    assert "Nothing has arrived yet." in text_of(client_of(company.dana).get("/data/"))
