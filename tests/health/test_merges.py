"""Merged accounts at every door: what refers to an account is considered, and programs can follow."""

import datetime as dt
import threading
import uuid
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts import kinds, tokens
from accounts.models import Account, License, Merge, Scope, User
from health import merges, overrides, recompute
from health.book import today
from health.customers import all_accounts
from health.merges import REFERS, Becomes
from health.metrics.cases import Cases
from health.metrics.read import births
from health.metrics.rules import Rules
from health.models import Alert, AuditEntry, Latest, Override, Snapshot
from health.scoring.card import Band
from tests.accounts.build import account, applied, company, known, record_of, send
from tests.accounts.interface import Program, codes_of, problem_of
from tests.health.metrics.facts import account as other_account
from tests.health.nights import card, in_force, night, night_after, rated, runs, scored_days

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


# --- What refers to an account ---------------------------------------------------------------------------------------


def references() -> set[str]:
    """Every column of ours that names an account, with a constraint in the database or without."""
    ours = [
        model
        for name in ("accounts", "support", "surveys", "health")
        for model in apps.get_app_config(name).get_models()
    ]
    kept = [model for model in ours if not model._meta.proxy and not hasattr(model, "pgh_tracked_model")]
    return {
        f"{model._meta.label}.{field.name}" for model in kept for field in model._meta.concrete_fields
        if field.related_model is Account or field.attname == "account_id"
    }  # fmt: skip


def test_whatever_refers_to_an_account_is_considered() -> None:
    related = {f"{one.related_model._meta.label}.{one.field.name}" for one in Account._meta.related_objects
               if not hasattr(one.related_model, "pgh_tracked_model")}  # fmt: skip
    assert related <= references()
    assert set(REFERS) == references()


def test_every_kind_of_record_that_belongs_to_an_account_moves() -> None:
    of_kinds = {f"{kind.model._meta.label}.account" for kind in kinds.every() if kind.model and kind.belongs_to_account}
    assert {name for name in of_kinds if REFERS[name] is not Becomes.MOVES} == set()


# --- What was thought of it ------------------------------------------------------------------------------------------


@pytest.fixture
def dana() -> User:
    return User.objects.create_user("dana@loomline.example", "x", name="Dana")


def merge(loser: str = "A-2", survivor: str = "A-1") -> Merge:
    return merges.merge(account(loser), account(survivor), by=None, now=timezone.now())


def test_an_override_and_alerts_of_the_loser_end_and_stand_again_after_an_undo(dana: User) -> None:
    company("A-1", "A-2")
    loser, now = account("A-2"), timezone.now()
    made = overrides.override(loser, band=Band.RED, reason="So.", last_day=today() + 2 * DAY, author=dana, now=now)
    assert Alert.objects.filter(account=loser, ended_at=None).count() == 1
    merged = merge()
    assert not Override.objects.filter(ended_at=None).exists()
    assert not Alert.objects.filter(ended_at=None).exists()
    assert overrides.in_force([account("A-1").pk], timezone.now()) == {}
    merges.undo(merged, by=None, now=timezone.now())
    assert Override.objects.get(ended_at=None) == made
    assert Alert.objects.filter(account=loser, ended_at=None).count() == 1


def test_the_night_scores_the_survivor_alone_and_snapshots_stay_under_the_loser() -> None:
    company("A-1", "A-2")
    loser = account("A-2")
    merge()
    assert all_accounts() == [account("A-1").pk]
    assert REFERS["health.Snapshot.account"] is Becomes.STAYS
    assert not Snapshot.objects.exclude(account=loser).exists()


def test_the_survivors_life_began_with_that_of_the_loser_as_far_as_that_was_known() -> None:
    company("A-1", "A-2")
    loser, survivor = account("A-2"), account("A-1")
    long_ago, lately = timezone.now() - 300 * DAY, timezone.now() - 10 * DAY
    Account.objects.filter(pk=loser.pk).update(created_at=long_ago)
    Account.objects.filter(pk=survivor.pk).update(created_at=lately)
    before = timezone.now()
    merge()

    def born(known_at: dt.datetime | None) -> dt.date:
        return births(Cases.on([survivor.pk], today(), known_at), Rules())[0]

    assert (born(None), born(before)) == (long_ago.date(), lately.date())


def test_the_made_up_company_goes_with_its_merges() -> None:
    company("A-1", "A-2", "A-3")
    merge()
    Account.objects.exclude(pk=account("A-3").pk).update(demo=True)
    call_command("demo_company", "--remove")
    assert list(Account.objects.all()) == [account("A-3")]


# --- The interface ---------------------------------------------------------------------------------------------------


@pytest.fixture
def crm() -> Program:
    company("A-1", "A-2")
    return Program()


def there(name: str = "A-2") -> str:
    return f"accounts/{account(name).public_id}/merge"


def into(name: str = "A-1") -> dict[str, str]:
    return {"into": str(account(name).public_id)}


def test_a_program_merges_two_accounts_and_undoes_it(crm: Program) -> None:
    applied(send("licenses", {"external_id": "L", "account": "A-2", "starts_on": "2024-01-01"}))
    loser, survivor, door = account("A-2"), account("A-1"), there()
    answer = crm.ask("POST", door, into())
    assert answer.status_code == 200
    said = answer.json()
    assert (said["merged"], said["into"]) == (str(loser.public_id), str(survivor.public_id))
    assert said["moved"] == {"licenses": 1, "ids": 1}
    assert dt.datetime.fromisoformat(said["undo_until"]) - dt.datetime.fromisoformat(said["at"]) == 30 * DAY
    assert known("licenses", "L").account == survivor
    undone = crm.ask("DELETE", door)
    assert undone.status_code == 200
    assert undone.json()["undone_at"] is not None
    assert known("licenses", "L").account == loser


def test_a_merge_sent_again_with_its_key_is_done_once(crm: Program) -> None:
    door, body, key = there(), into(), {"Idempotency-Key": "k-1"}
    first, again = crm.ask("POST", door, body, **key), crm.ask("POST", door, body, **key)
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Merge.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ([], ("", "invalid")),
        ({}, ("into", "required")),
        ({"into": None}, ("into", "null")),
        ({"into": "A-1"}, ("into", "invalid")),
        ({"into": str(uuid.uuid4()), "why": "so"}, ("why", "unknown")),
    ],
    ids=["no object", "nothing", "null", "no id", "more"],
)
def test_a_body_that_names_no_account_is_told_so(crm: Program, body: Any, wrong: tuple[str, str]) -> None:
    answer = crm.ask("POST", there(), body)
    assert problem_of(answer) == (422, "invalid")
    assert wrong in codes_of(answer)


def test_what_cannot_be_merged_is_refused(crm: Program) -> None:
    itself = crm.ask("POST", there("A-1"), into("A-1"))
    assert (problem_of(itself), codes_of(itself)) == ((422, "invalid"), [("into", "itself")])
    assert problem_of(crm.ask("POST", f"accounts/{uuid.uuid4()}/merge", into())) == (404, "not-found")
    assert problem_of(crm.ask("POST", there(), {"into": str(uuid.uuid4())})) == (404, "not-found")
    assert problem_of(crm.ask("DELETE", there())) == (409, "conflict")
    door, body = there(), into()
    crm.ask("POST", door, body)
    again = crm.ask("POST", door, body)
    assert problem_of(again) == (409, "conflict")
    assert (again.json()["code"], again.json()["merged_into"]) == ("merged", body["into"])
    with time_machine.travel(timezone.now() + 31 * DAY):
        late = crm.ask("DELETE", door)
    assert (problem_of(late), late.json()["code"]) == ((409, "conflict"), "too_late")


def test_merging_wants_the_scope_and_both_accounts(crm: Program, dana: User) -> None:
    door, body = there(), into()
    reader = Program(scopes=(Scope.HEALTH_READ,))
    assert problem_of(reader.ask("POST", door, body)) == (403, "missing-scope")
    assert problem_of(reader.ask("DELETE", door)) == (403, "missing-scope")
    Account.objects.filter(pk=account("A-2").pk).update(owner=dana)
    hers = Program().acting(tokens.issue("hers", source=crm.token.source, scopes=[Scope.CRM_WRITE], user=dana))
    assert problem_of(hers.ask("POST", door, body)) == (404, "not-found")
    blind = Program(scopes=(Scope.CRM_WRITE,))
    assert problem_of(blind.ask("POST", door, body)) == (404, "not-found")
    assert not Merge.objects.exists()


def test_the_feed_tells_where_an_account_went_and_that_it_came_back(crm: Program, dana: User) -> None:
    loser, survivor = account("A-2"), account("A-1")
    Account.objects.update(owner=dana)
    hers = Program().acting(tokens.issue("hers", scopes=[Scope.HEALTH_READ], user=dana))
    applied(send("licenses", {"external_id": "L", "account": "A-2", "starts_on": "2024-01-01"}))
    merged = merge()
    for reader in (crm, hers):
        told = {row["id"]: row for row in reader.ask("GET", "accounts").json()["results"]}
        assert told[str(loser.public_id)] == {
            "id": str(loser.public_id), "external_ids": [], "deleted": True, "merged_into": str(survivor.public_id),
            "updated_at": told[str(loser.public_id)]["updated_at"],
        }  # fmt: skip
        ids = [one["external_id"] for one in told[str(survivor.public_id)]["external_ids"]]
        assert (ids, told[str(survivor.public_id)]["merged_into"]) == (["A-1", "A-2"], None)
    (license_,) = crm.ask("GET", "licenses").json()["results"]
    assert (license_["deleted"], license_["account"]["external_id"]) == (False, "A-1")
    merges.undo(merged, by=None, now=timezone.now())
    told = {row["id"]: row for row in crm.ask("GET", "accounts").json()["results"]}
    assert (told[str(loser.public_id)]["deleted"], told[str(loser.public_id)]["merged_into"]) == (False, None)


@pytest.mark.parametrize(
    ("door", "asked"), [("health", "?as_of=2024-06-01"), ("health/history", ""), ("health/change", "?to=2024-06-01")]
)
def test_the_id_of_a_merged_account_leads_on(crm: Program, door: str, asked: str) -> None:
    loser, survivor = account("A-2"), account("A-1")
    merge()
    answer = crm.ask("GET", f"accounts/{loser.public_id}/{door}{asked}")
    assert problem_of(answer) == (308, "merged")
    assert answer.headers["Location"].endswith(f"/api/v1/accounts/{survivor.public_id}/{door}{asked}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["merged_into"] == str(survivor.public_id)
    nobody = User.objects.create_user("marco@loomline.example", "x")
    his = Program().acting(tokens.issue("his", scopes=[Scope.HEALTH_READ], user=nobody))
    assert problem_of(his.ask("GET", f"accounts/{loser.public_id}/{door}")) == (404, "not-found")


def test_a_merge_and_its_undo_are_in_the_audit_log(crm: Program, dana: User) -> None:
    acting = Program().acting(
        tokens.issue("hers", source=crm.token.source, scopes=[Scope.CRM_WRITE], user=dana, whole_portfolio=True)
    )
    door = there()
    acting.ask("POST", door, into())
    acting.ask("DELETE", door)
    found = list(AuditEntry.objects.filter(pgh_obj_model="health.AuditedMerge").order_by("pgh_id"))
    assert [(entry.pgh_label, entry.who) for entry in found] == [("insert", dana), ("update", dana)]


def test_merging_asks_a_number_of_queries_that_does_not_grow(crm: Program, django_assert_max_num_queries: Any) -> None:
    applied(send("stakeholders", *({"external_id": f"S-{n}", "account": "A-2", "name": "x"} for n in range(50))))
    door, body = there(), into()
    with django_assert_max_num_queries(140):
        crm.ask("POST", door, body)
    with django_assert_max_num_queries(140):
        crm.ask("DELETE", door)


# --- At once ---------------------------------------------------------------------------------------------------------


def at_once(*acts: Any) -> list[Any]:
    """What each comes to, all of them begun at the same moment."""
    done: list[Any] = [None] * len(acts)
    begin = threading.Barrier(len(acts))

    def run(number: int) -> None:
        begin.wait()
        try:
            done[number] = acts[number]()
        except Exception as error:  # noqa: BLE001 – looked at by the test
            done[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return done


@pytest.mark.django_db(transaction=True)
def test_of_two_merges_at_once_one_is_done() -> None:
    company("A-1", "A-2")
    one, other = account("A-1"), account("A-2")
    now = timezone.now()
    done = at_once(
        lambda: merges.merge(one, other, by=None, now=now), lambda: merges.merge(other, one, by=None, now=now)
    )
    assert sorted(type(each).__name__ for each in done) == ["Merge", "NotMerged"]
    assert Account.objects.existing().count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_delivery_under_way_is_waited_for_and_one_that_follows_is_the_survivors() -> None:
    company("A-1", "A-2")
    loser, survivor, now = account("A-2"), account("A-1"), timezone.now()
    written, merging_now = threading.Event(), threading.Event()

    def deliver() -> None:
        with transaction.atomic():
            applied(send("licenses", {"external_id": "first", "account": "A-2", "starts_on": "2024-01-01"}))
            written.set()
            merging_now.wait(10)

    def and_merge() -> Merge:
        written.wait(10)
        threading.Timer(0.3, merging_now.set).start()
        return merges.merge(loser, survivor, by=None, now=now)

    done = at_once(deliver, and_merge)
    assert isinstance(done[1], Merge), done
    applied(send("licenses", {"external_id": "second", "account": "A-2", "starts_on": "2024-01-01"}))
    assert set(License.objects.known().values_list("account", flat=True)) == {survivor.pk}
    assert record_of("licenses", "first") != record_of("licenses", "second")


# --- In the middle of a night ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("tasks_run_at_once")
@pytest.mark.parametrize("scored", [False, True])
def test_a_merge_in_the_middle_of_a_night_counts_from_the_next_one(*, scored: bool) -> None:
    card()
    in_force()
    survivor, loser = other_account("Acme"), other_account("Acme Ltd")
    rated(loser, 20, "2025-06-01")
    night("2025-06-09")
    began = night_after("2025-06-10")
    for run in recompute.open_runs(began) if scored else ():
        for bucket in recompute.waiting(run):
            recompute.score_bucket(run, bucket)
    merges.merge(loser, survivor, by=None, now=began + dt.timedelta(minutes=10))
    night("2025-06-10")
    assert runs() == [("2025-06-09", 1, "done"), ("2025-06-09", 2, "done"), ("2025-06-10", 1, "done")]
    assert [text for text, *_ in scored_days(loser)] == ["2025-06-09", "2025-06-10"][: 1 + scored]
    assert scored_days(survivor) == [("2025-06-09", None, 2), ("2025-06-10", None, 1)]
    night("2025-06-11")
    assert scored_days(survivor)[1:] == [("2025-06-10", 20, 2), ("2025-06-11", 20, 1)]
    assert not Latest.objects.filter(churned=True).exists()
