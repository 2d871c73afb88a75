"""What changed between two days, told apart and adding up."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account, User
from health import configuration
from health.causes import MainCause, main_causes
from health.changes import Changed, NoChange, changed
from health.models import Settings, Snapshot
from tests.health.metrics.contracts import attributed
from tests.health.metrics.facts import account, day, moment
from tests.health.nights import ITSELF, card, in_force, nights, rated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tasks_run_at_once")]

TWO = (("attribute:health", ITSELF), ("attribute:mood", ITSELF))


@pytest.fixture
def acme(db: None) -> Account:
    """Health 80 and mood 60, so 70, from June 1 on."""
    card(*TWO)
    in_force()
    made = account()
    rated(made, 80, "2025-06-01")
    attributed(made, "mood", "60", "2025-06-01")
    return made


def told(made: Account, first: str, last: str) -> Changed:
    found = changed(made, day(first), day(last))
    assert isinstance(found, Changed)
    assert round(found.first.shown + sum(line.shown for line in found.lines), 1) == found.last.shown
    assert found.lines[-1].end == found.last.shown
    return found


def sizes(found: Changed) -> dict[str, float]:
    return {line.label: line.shown for line in found.lines if line.shown}


def test_behavior_is_told_by_measure_in_natural_units(acme: Account) -> None:
    rated(acme, 50, "2025-06-12")
    attributed(acme, "mood", "70", "2025-06-12")
    nights("2025-06-10", "2025-06-12")
    found = told(acme, "2025-06-10", "2025-06-12")
    assert (found.first.shown, found.last.shown, found.shown) == (70, 60, -10)
    assert [(line.label, line.detail, line.shown) for line in found.lines] == [
        ("Health", "80 → 50", -15),
        ("Mood", "60 → 70", 5),
        ("Coverage", "", 0),
        ("Late data", "", 0),
        ("Configuration", "Touch 1 both days", 0),
    ]
    assert [line.label for line in found.biggest] == ["Health"]
    assert found.crossed == 70


def test_coming_or_going_is_coverage_and_names_the_measure(acme: Account) -> None:
    attributed(acme, "mood", None, "2025-06-12")
    nights("2025-06-10", "2025-06-12")
    found = told(acme, "2025-06-10", "2025-06-12")
    assert sizes(found) == {"Coverage": 10}
    assert found.lines[0].detail == "Mood now missing"
    assert [line.named for line in found.biggest] == ["Mood now missing"], "it is weighed like any other part"


def test_what_came_or_moved_is_said_as_the_earlier_scorecard_reads_it_where_the_later_has_no_such_measure(
    db: None,
) -> None:
    card(*TWO)
    card(("attribute:other", ITSELF), name="small")
    in_force(("small", "tier is small"), ("touch", ""))
    made = account()
    rated(made, 80, "2025-06-01")
    attributed(made, "other", "50", "2025-06-01")
    nights("2025-06-10", "2025-06-10")
    rated(made, 60, "2025-06-11")
    attributed(made, "mood", "70", "2025-06-11")
    attributed(made, "tier", "small", "2025-06-11", type="text")
    nights("2025-06-11", "2025-06-12")
    found = told(made, "2025-06-10", "2025-06-12")
    said = {line.label: line.detail for line in found.lines}
    assert said["Health"] == "80 → 60"
    assert said["Coverage"] == "Mood now known"
    assert sizes(found)["Other scorecard"] < 0


def test_what_the_earlier_day_did_not_know_yet_is_late_data(acme: Account) -> None:
    nights("2025-06-10", "2025-06-12")
    rated(acme, 40, "2025-06-05", received="2025-06-13")
    nights("2025-06-13", "2025-06-14")
    found = told(acme, "2025-06-10", "2025-06-14")
    assert sizes(found) == {"Late data": -20}
    assert Snapshot.objects.get(account=acme, day=day("2025-06-10")).score == 70, "the snapshot stays"


def test_another_version_is_configuration(acme: Account) -> None:
    nights("2025-06-10", "2025-06-11")
    card(("attribute:health", "0:0, 100:50"), ("attribute:mood", ITSELF), at="2025-06-12")
    nights("2025-06-12", "2025-06-13")
    found = told(acme, "2025-06-10", "2025-06-13")
    assert sizes(found) == {"Configuration": -20}
    assert found.lines[-1].detail == "Touch 1 → Touch 2"


def test_the_list_names_another_version_and_leaves_to_the_page_what_it_did(acme: Account) -> None:
    nights("2025-06-10", "2025-06-11")
    card(("attribute:health", "0:0, 100:50"), ("attribute:mood", ITSELF), at="2025-06-12")
    nights("2025-06-12", "2025-06-13")
    assert main_causes([acme.pk], days=2) == {acme.pk: MainCause("New version")}


def test_behavior_and_configuration_at_once_are_told_apart(acme: Account) -> None:
    nights("2025-06-10", "2025-06-11")
    card(("attribute:health", "0:0, 100:50"), ("attribute:mood", ITSELF), at="2025-06-12")
    rated(acme, 60, "2025-06-12")
    nights("2025-06-12", "2025-06-13")
    assert sizes(told(acme, "2025-06-10", "2025-06-13")) == {"Health": -10, "Configuration": -15}


def test_a_move_to_another_scorecard_is_said_so(acme: Account) -> None:
    card(("attribute:mood", ITSELF), name="small")
    in_force(("small", "tier is small"), ("touch", ""), at="2025-06-09")
    nights("2025-06-10", "2025-06-11")
    attributed(acme, "tier", "small", "2025-06-12", type="text")
    nights("2025-06-12", "2025-06-13")
    assert sizes(told(acme, "2025-06-11", "2025-06-13")) == {"Other scorecard": -10}
    assert main_causes([acme.pk], days=2) == {acme.pk: MainCause("Other scorecard")}


def test_other_settings_are_configuration(acme: Account) -> None:
    nights("2025-06-10", "2025-06-11")
    draft = configuration.new_settings(Settings.objects.get())
    draft.document |= {"hold_days": 9}
    draft.save()
    configuration.publish_settings(draft, author=None, note="Longer.", now=moment("2025-06-12"))
    nights("2025-06-12", "2025-06-13")
    found = told(acme, "2025-06-11", "2025-06-13")
    assert (sizes(found), found.lines[-1].detail) == ({}, "other settings")


def test_at_most_six_measures_stand_alone(db: None) -> None:
    names = [f"m{number}" for number in range(9)]
    card(*((f"attribute:{name}", ITSELF) for name in names))
    in_force()
    made = account()
    for number, name in enumerate(names):
        attributed(made, name, "50", "2025-06-01")
        attributed(made, name, str(50 - number), "2025-06-12")
    nights("2025-06-10", "2025-06-12")
    found = told(made, "2025-06-10", "2025-06-12")
    assert [line.label for line in found.lines][6] == "2 smaller measures"
    assert len(found.lines) == 10


def test_a_day_without_a_snapshot_gives_way_to_the_latest_before_it_which_is_named(acme: Account) -> None:
    nights("2025-06-10", "2025-06-12")
    Snapshot.objects.filter(day=day("2025-06-11")).delete()
    found = told(acme, "2025-06-11", "2025-06-12")
    assert (found.first.day, found.first.asked) == (day("2025-06-10"), day("2025-06-11"))


def test_where_one_of_the_days_has_no_score_there_is_no_difference(acme: Account) -> None:
    nights("2025-06-10", "2025-06-11")
    attributed(acme, "mood", None, "2025-06-12")
    attributed(acme, "health", None, "2025-06-12")
    nights("2025-06-12", "2025-06-12")
    found = changed(acme, day("2025-06-10"), day("2025-06-12"))
    assert found == NoChange("Jun 12, 2025 has no score, so there is no difference.")


def test_before_the_first_score_there_is_nothing_to_compare(acme: Account) -> None:
    nights("2025-06-10", "2025-06-11")
    assert changed(acme, day("2025-05-01"), day("2025-06-11")) == NoChange("The first score is of Jun 10, 2025.")
    assert isinstance(changed(acme, day("2025-06-11"), day("2025-06-15")), NoChange)


def test_the_panel_is_a_fragment_with_its_own_address_and_only_for_those_who_see_the_account(
    acme: Account, client: Client
) -> None:
    nights("2025-06-10", "2025-06-12")
    dana = User.objects.create_user("dana@loomline.example", None)
    client.force_login(dana)
    address = reverse("account_changes", args=[acme.public_id])
    assert client.get(f"{address}?since=1", headers={"HX-Request": "true"}).status_code == 404
    Account.objects.filter(pk=acme.pk).update(owner=dana)
    answer = client.get(f"{address}?from=2025-06-10&to=2025-06-12", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert b"What changed" in answer.content
    assert b"<html" not in answer.content
    assert client.get(f"{address}?since=7").headers["Location"] == (
        f"{reverse('account', args=[acme.public_id])}?since=7"
    )
