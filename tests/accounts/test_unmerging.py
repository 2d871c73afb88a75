"""Undoing a merge: nothing is left of it in what is known, and what came since is where it belongs."""

import datetime as dt

import pytest

from accounts import merging, undo
from accounts.merging import NotMerged
from accounts.models import Account, FeatureDay, UserDay
from accounts.undo import CannotUndo
from tests.accounts.build import account, attribute, company, job, known, send
from tests.accounts.merged import (
    DAY,
    MEANWHILE,
    MERGED,
    UNDONE,
    differing,
    merge,
    state,
    take_back,
    track,
    two_accounts,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("at", [MERGED, MERGED + dt.timedelta(hours=3), UNDONE], ids=["at once", "same day", "later"])
def test_an_undo_leaves_everything_as_it_was(at: dt.datetime) -> None:
    two_accounts()
    track(("ann-t", "A-1"), ("bob-t", "A-2"))
    track(("ann-t", "A-1"), ("bob-t", "A-2"), at="2024-06-12 08:00")
    send("licenses", {"external_id": "gone", "account": "A-2", "starts_on": "2024-01-01"}, at="2024-05-01")
    send("licenses", {"external_id": "gone", "deleted": True}, at="2024-05-02")
    before = state()
    made = merge()
    assert differing(before, state())
    take_back(made, at)
    assert not differing(before, state())


def test_merging_and_undoing_again_and_again_leaves_everything_as_it_was() -> None:
    two_accounts()
    track(("ann-t", "A-1"), ("bob-t", "A-2"))
    before = state()
    for hours in (0, 1, 24, 25):
        at = MERGED + dt.timedelta(hours=hours)
        take_back(merge(at=at), at + dt.timedelta(minutes=20))
    assert not differing(before, state())


def test_what_is_new_since_the_merge_stays_and_what_moved_goes_back_as_it_is_by_then() -> None:
    two_accounts()
    track(("ann-t", "A-1"), ("bob-t", "A-2"))
    loser, survivor = account("A-2"), account("A-1")
    made = merge()
    send("licenses", {"external_id": "new", "account": "A-2", "starts_on": "2024-06-01"}, at=MEANWHILE)
    send("licenses", {"external_id": "two X-1", "seats": 99}, at=MEANWHILE)
    send("accounts", {"external_id": "A-1", "stage": "Renewal"}, at=MEANWHILE)
    send("usage", {"external_id": "bob-1", "count": 5}, at=MEANWHILE)
    track(("ann-t", "A-1"), at="2024-06-13 09:00")
    take_back(made)
    assert known("licenses", "new").account == survivor
    back = known("licenses", "two X-1")
    assert (back.account, back.seats) == (loser, 99)
    assert attribute("stage") == "Renewal"
    counted = FeatureDay.objects.known().filter(feature__name="Export", day=dt.date(2024, 6, 1))
    assert dict(counted.values_list("account", "uses")) == {survivor.pk: 3, loser.pk: 8}
    tracked_since = UserDay.objects.known().get(day=dt.date(2024, 6, 13))
    assert tracked_since.account == survivor


def test_a_chain_of_merges_is_undone_from_its_end() -> None:
    company("A-1", "A-2", "A-3")
    send("licenses", {"external_id": "L", "account": "A-3", "starts_on": "2024-01-01"}, at="2024-04-01")
    before = state()
    first = merge("A-3", "A-2")
    second = merge("A-2", "A-1", MERGED + DAY)
    assert known("licenses", "L").account == account("A-1") == account("A-3")
    assert merging.follow(Account.objects.get(pk=first.loser_id)) == account("A-1")
    with pytest.raises(NotMerged, match="Undo that first"):
        take_back(first)
    take_back(second)
    take_back(first)
    assert not differing(before, state())


def test_a_merge_can_be_undone_for_30_days_and_once() -> None:
    company("A-1", "A-2")
    made = merge()
    with pytest.raises(NotMerged) as late:
        take_back(made, MERGED + 30 * DAY + dt.timedelta(seconds=1))
    assert late.value.code == "too_late"
    take_back(made, MERGED + 30 * DAY)
    with pytest.raises(NotMerged) as twice:
        take_back(made)
    assert twice.value.code == "undone"


def test_an_import_cannot_be_taken_back_over_a_merge() -> None:
    company("A-1", "A-2")
    first = job("licenses", at="2024-05-01")
    send("licenses", {"external_id": "L", "account": "A-2", "starts_on": "2024-01-01"}, at="2024-05-01", job=first)
    made = merge()
    with pytest.raises(CannotUndo, match="merged since"):
        undo.undo(first, MEANWHILE)
    take_back(made, MEANWHILE)
    undo.undo(first, UNDONE)
    assert known("licenses", "L") is None
