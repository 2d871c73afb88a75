"""Merging accounts: what moves, what stays, and that what was known before is as it was."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import kinds, merging
from accounts.merging import NotMerged
from accounts.models import Account, ExternalId, FeatureDay, Origin, UserDay
from tests.accounts.build import account, applied, attribute, company, known, noon, record_of, send, statuses
from tests.accounts.merged import (
    BEFORE,
    MEANWHILE,
    MERGED,
    differing,
    merge,
    rows,
    state,
    take_back,
    track,
    two_accounts,
)

pytestmark = pytest.mark.django_db

# Queries of a merge and of an undo: some for each kind of record, none for each record.
MERGING, UNDOING = 64, 58


def refused(loser: str = "A-2", survivor: str = "A-1") -> str:
    with pytest.raises(NotMerged) as error:
        merge(loser, survivor)
    return error.value.code


# --- Merging ---------------------------------------------------------------------------------------------------------


def test_every_kind_of_record_moves_with_its_ids() -> None:
    two_accounts()
    loser, survivor = account("A-2"), account("A-1")
    before = {
        kind.name: set(kind.model.objects.known().filter(account=loser).values_list("record", flat=True))
        for kind in kinds.every() if kind.model is not None and kind.belongs_to_account
    }  # fmt: skip
    made = merge()
    for name, records in before.items():
        model: Any = kinds.get(name).model
        assert records, f"the test has no {name}"
        assert not model.objects.known().filter(account=loser).exists(), name
        assert records <= set(model.objects.known().filter(account=survivor).values_list("record", flat=True)), name
        assert made.counts[name] == len(records)
    assert not ExternalId.objects.filter(account=loser).exists()
    assert account("A-2") == survivor


def test_what_was_known_before_a_merge_stays_as_it_was() -> None:
    two_accounts()
    track(("ann-t", "A-1"), ("bob-t", "A-2"))
    moments = [noon("2024-03-15"), noon("2024-04-15"), BEFORE]
    ids = {name: record_of("accounts", name) for name in ("A-1", "A-2")}

    def as_known_then(at: dt.datetime) -> dict[str, Any]:
        return {
            **{
                kind.name: rows(kind.model, kind.model.objects.known(at).filter(account__in=ids.values()),
                                leave=("superseded_at", "changed_in", "changed_at"))
                for kind in kinds.every() if kind.model is not None and kind.belongs_to_account
            },
            "days": rows(UserDay, UserDay.objects.known(at.date()), leave=("pk", "superseded_on")),
            "uses": rows(FeatureDay, FeatureDay.objects.known(at.date()), leave=("pk", "superseded_on")),
        }  # fmt: skip

    before = [as_known_then(at) for at in moments]
    made = merge()
    assert [as_known_then(at) for at in moments] == before
    take_back(made)
    assert [as_known_then(at) for at in moments] == before
    of_the_loser = known("licenses", "two X-1", MEANWHILE), known("licenses", "two X-1", BEFORE)
    assert [version.account_id for version in of_the_loser] == [ids["A-1"], ids["A-2"]]


def test_days_of_use_add_up_at_the_survivor() -> None:
    two_accounts()
    track(("ann-t", "A-1"), ("bob-t", "A-2"))
    merge()
    survivor, loser = account("A-1"), Account.objects.get(merged_into__isnull=False)
    assert not UserDay.objects.known().filter(account=loser).exists()
    assert not FeatureDay.objects.known().filter(account=loser).exists()
    uses = FeatureDay.objects.known().filter(account=survivor)
    exports = dict(uses.filter(feature__name="Export").values_list("day", "uses"))
    assert exports == {dt.date(2024, 6, day): 9 for day in (1, 3, 12)}
    assert uses.get(feature__name="Report Exported").uses == 4
    people = UserDay.objects.known().filter(account=survivor, day=dt.date(2024, 6, 3))
    assert people.count() == 3
    tracked = UserDay.objects.known().filter(account=survivor, origin=Origin.TRACKED)
    assert [(one.sessions, one.session_pages, one.session_landings) for one in tracked] == [(1, [0], [0])] * 2


def test_events_of_the_losers_users_count_at_the_survivor_from_then_on() -> None:
    company("A-1", "A-2")
    track(("bob-t", "A-2"))
    merge()
    track(("bob-t", "A-2"), ("new-t", "A-2"), at="2024-06-13 09:00")
    day = UserDay.objects.known().filter(day=dt.date(2024, 6, 13))
    assert set(day.values_list("account", flat=True)) == {account("A-1").pk}
    assert day.count() == 2


def test_the_survivors_attributes_stand_and_gaps_are_filled() -> None:
    two_accounts()
    merge()
    assert attribute("name") == "A-1 Ltd"
    assert (attribute("stage"), attribute("plan")) == ("Live", "Pro")
    assert attribute("status") is None, "a churned duplicate made its survivor churn"
    assert account("A-1").stage == "Live"


def test_open_tasks_and_notes_move_and_what_is_done_stays() -> None:
    two_accounts()
    loser, survivor = account("A-2"), account("A-1")
    merge()
    assert set(survivor.tasks.values_list("title", flat=True)) == {"Call A-1", "Call A-2", "Done"}
    assert [task.title for task in loser.tasks.all()] == ["Done"]
    assert survivor.notes.count() == 2


def test_children_move_and_a_child_that_survives_comes_in_the_place_of_the_loser() -> None:
    company("top", "A-2", "A-1", "other")
    send("accounts", {"external_id": "A-2", "parent": "top"}, at="2024-05-01")
    send("accounts", *({"external_id": name, "parent": "A-2"} for name in ("A-1", "other")), at="2024-05-01")
    before = state()
    made = merge()
    top, survivor = account("top"), account("A-1")
    assert (survivor.parent, account("other").parent) == (top, survivor)
    assert attribute("parent", "A-1") == str(top.pk)
    assert attribute("parent", "other") == str(survivor.pk)
    take_back(made)
    assert not differing(before, state())


def test_the_loser_is_gone_for_every_list_and_names_its_survivor() -> None:
    company("A-1", "A-2")
    loser, survivor = account("A-2"), account("A-1")
    Account.objects.update(dirty_since=None)
    merge()
    loser.refresh_from_db()
    assert loser.merged_into == survivor
    assert list(Account.objects.existing()) == [survivor]
    assert survivor in Account.objects.filter(dirty_since=MERGED)


def test_a_record_that_names_the_loser_afterwards_is_the_survivors() -> None:
    company("A-1", "A-2")
    merge()
    applied(send("licenses", {"external_id": "L", "account": "A-2", "starts_on": "2024-01-01"}, at=MEANWHILE))
    assert known("licenses", "L").account == account("A-1")
    applied(send("accounts", {"external_id": "A-2", "stage": "Renewal"}, at=MEANWHILE))
    assert account("A-1").stage == "Renewal"


def test_a_duplicate_that_its_source_deletes_after_the_merge_takes_nothing_of_the_survivor() -> None:
    company("A-1", "A-2")
    merge()
    applied(send("accounts", {"external_id": "A-2", "deleted": True}, at=MEANWHILE))
    assert attribute("name") == "A-1 Ltd"
    assert account("A-1") in Account.objects.existing()


def test_a_person_who_moved_between_the_two_is_at_the_survivor_as_who_they_are_now() -> None:
    company("A-1", "A-2")
    send("end-users", {"external_id": "bob", "account": "A-1"}, at="2024-04-01")
    was = record_of("end-users", "bob")
    send("end-users", {"external_id": "bob", "account": "A-2"}, at="2024-05-01")
    now = record_of("end-users", "bob")
    before = state()
    made = merge()
    assert known("end-users", "bob").account == account("A-1")
    assert record_of("end-users", "bob") == now != was
    take_back(made)
    assert not differing(before, state())


# --- What is refused -------------------------------------------------------------------------------------------------


def test_two_accounts_that_cannot_be_one_are_refused_with_the_reason() -> None:
    company("A-1", "A-2", "A-3", "demo")
    Account.objects.filter(pk=account("demo").pk).update(demo=True)
    assert refused("A-1", "A-1") == "itself"
    assert refused("demo", "A-1") == refused("A-1", "demo") == "demo"
    gone = account("A-3")
    merge("A-3", "A-2")
    for loser, survivor in ((gone, account("A-1")), (account("A-1"), gone)):
        with pytest.raises(NotMerged) as error:
            merging.merge(loser, survivor, by=None, now=MEANWHILE)
        assert (error.value.code, error.value.into) == ("merged", account("A-2"))


def test_what_lies_between_the_two_never_lies_beneath_itself() -> None:
    company("A-2", "between", "A-1")
    send(
        "accounts",
        {"external_id": "between", "parent": "A-2"},
        {"external_id": "A-1", "parent": "between"},
        at="2024-05-01",
    )
    assert refused("A-2", "A-1") == "circle"
    merge("A-1", "A-2")
    assert account("between").parent == account("A-2")


def test_ids_of_two_sources_are_no_obstacle() -> None:
    company("A-1")
    assert statuses(send("accounts", {"external_id": "cus_1", "name": "A-1 in billing"}, by="billing")) == ["created"]
    merging.merge(account("cus_1", by="billing"), account("A-1"), by=None, now=MERGED)
    assert account("cus_1", by="billing") == account("A-1")


def test_the_same_number_of_queries_whatever_moves() -> None:
    company("A-1", "A-2", "A-3", "A-4")
    for name, count in (("A-2", 1), ("A-4", 40)):
        send("stakeholders", *({"external_id": f"{name}-{n}", "account": name, "name": "x"} for n in range(count)))
    asked = []
    for loser, survivor in (("A-2", "A-1"), ("A-4", "A-3")):
        with CaptureQueriesContext(connection) as queries:
            made = merge(loser, survivor)
        with CaptureQueriesContext(connection) as back:
            take_back(made)
        asked.append((len(queries), len(back)))
    assert asked == [(MERGING, UNDOING)] * 2
