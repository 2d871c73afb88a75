"""Scorecards from draft to retirement, and what they tell arithmetic and engine."""

import threading
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from health import configuration, scorecards
from health.configuration import Refused
from health.models import Document, Group, Guard, Measure, Scorecard, ScorecardVersion
from health.scoring.card import Band, Comparison, Missing
from health.words import NBSP
from tests.health.company import Company
from tests.health.judgment import PLAIN, add, draft_of, four_metrics, line_up_of, noon, published, sentences

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    four_metrics(monkeypatch)


def test_a_new_draft_of_a_new_scorecard_has_the_usual_groups_and_nothing_in_them() -> None:
    draft = scorecards.new_draft(Scorecard.objects.create(name="fresh", label="Fresh"))
    assert [group.label for group in draft.groups.all()] == [
        "Adoption", "Engagement", "Sentiment", "Support", "Outcomes", "Commercial",
    ]  # fmt: skip
    assert (draft.number, draft.state, draft.measures.count()) == (1, "draft", 0)


def test_a_new_draft_is_like_the_published_version_and_says_that_it_is_based_on_it() -> None:
    version = published(green=75)
    draft = scorecards.new_draft(version.scorecard)
    assert (draft.number, draft.based_on_id, float(draft.green)) == (2, version.pk, 75.0)
    assert scorecards.differences(version, draft) == []
    assert {group.version_id for group in Group.objects.filter(measures__version=draft)} == {draft.pk}


def test_starting_again_from_an_old_version_makes_a_draft_like_it() -> None:
    first = published()
    second = scorecards.new_draft(first.scorecard)
    second.measures.filter(metric="nps").delete()
    second.groups.filter(key="sentiment").update(weight=0)
    scorecards.publish(second, author=None, note="Without NPS.")
    draft = scorecards.start_again_from(first)
    assert draft.based_on == first
    assert scorecards.differences(first, draft) == []
    assert "Adds the measure Nps (group Sentiment" in " ".join(scorecards.differences(second, draft))


def test_a_scorecard_has_one_draft_at_a_time() -> None:
    draft = draft_of()
    with pytest.raises(Refused) as refused:
        scorecards.new_draft(draft.scorecard)
    assert sentences(refused) == ["There is a draft already: Touch 1. Publish or discard it first."]


def test_publishing_notes_author_note_and_moment_and_retires_the_version_before(company: Company) -> None:
    first = published(at="2026-01-05")
    second = scorecards.new_draft(first.scorecard)
    scorecards.publish(second, author=company.aiko, note=" Less noise. ", now=noon("2026-02-01"))
    first.refresh_from_db()
    assert (first.state, first.retired_at) == ("retired", noon("2026-02-01"))
    assert (second.state, second.author, second.note) == ("published", company.aiko, "Less noise.")
    assert second.published_at == noon("2026-02-01")


def test_everything_that_speaks_against_publishing_is_said_at_once() -> None:
    draft = draft_of(green=40, yellow=60)
    adoption = draft.groups.get(key="adoption")
    add(adoption, "frobnication")
    add(adoption, "oldest_ticket", window=7, min_n=3, max_age_days=9, scale="7:0, 3:100")
    add(adoption, "attribute:tier", missing="count")
    Group.objects.create(version=draft, key="support", label="Support", weight=10)
    with pytest.raises(Refused) as refused:
        scorecards.publish(draft, author=None, note="  ")
    assert sentences(refused) == [
        "A note is missing: say what changes, and why.",
        "There is no metric “frobnication”.",
        f"Oldest ticket, 7{NBSP}d: Oldest ticket takes no window.",
        f"Oldest ticket, 7{NBSP}d: Oldest ticket is no sample and takes no least n.",
        f"Oldest ticket, 7{NBSP}d: Oldest ticket is no opinion and cannot be too old.",
        f"Oldest ticket, 7{NBSP}d: The values of a scale rise from anchor to anchor, but 3 comes after 7.",
        "Attribute, tier: say as how many points silence counts.",
        "The group Support weighs 10, but no measure in it weighs anything.",
        "Yellow begins at 60 and green at 40, but yellow has to begin first.",
    ]
    draft.refresh_from_db()
    assert draft.state == Document.State.DRAFT


def test_a_metric_with_its_usual_window_left_blank_and_the_same_window_written_out_is_on_the_scorecard_twice() -> None:
    draft = draft_of()
    add(draft.groups.get(key="sentiment"), "nps", window=180)
    assert "Nps is on the scorecard 2 times; a metric with its window can be there once." in scorecards.refusals(draft)


def test_a_metric_with_two_windows_is_on_the_scorecard_with_both() -> None:
    draft = draft_of()
    add(draft.groups.get(key="sentiment"), "nps", window=90)
    assert scorecards.refusals(draft) == []


def test_a_guard_is_refused_for_its_metric_as_a_measure_is() -> None:
    draft = draft_of()
    Guard.objects.create(version=draft, metric="gone", comparison="is missing", cap=1)
    Guard.objects.create(version=draft, metric="oldest_ticket", comparison=">", value=3, min_n=2, cap=1)
    assert scorecards.refusals(draft) == [
        "There is no metric “gone”.",
        "The guard on Oldest ticket: Oldest ticket is no sample and takes no least n.",
    ]


def test_publishing_writes_out_usual_windows_and_gives_each_distinct_reading_a_slot_in_order() -> None:
    draft = draft_of()
    Guard.objects.create(version=draft, metric="nps", comparison="<", value=-50, cap=1, position=1)
    Guard.objects.create(version=draft, metric="nps", comparison="<", value=-20, cap=2, min_n=5, position=2)
    scorecards.publish(draft, author=None, note="First.")
    readings = [*draft.measures.all(), *draft.guards.all()]
    assert [(one.metric, one.window, one.slot) for one in readings] == [
        ("utilization", 30, 0),
        ("nps", 180, 1),
        ("oldest_ticket", None, 2),
        ("nps", 180, 1),
        ("nps", 180, 3),  # with a least n of its own it may read otherwise
    ]


def test_a_draft_and_the_version_it_becomes_ask_for_the_same_readings_in_the_same_slots() -> None:
    draft = draft_of()
    asked, card = scorecards.asked_of(draft), scorecards.card_of(draft)
    scorecards.publish(draft, author=None, note="First.")
    assert scorecards.asked_of(draft) == asked
    assert scorecards.card_of(draft) == card


def test_what_is_asked_of_the_engine_stands_in_the_order_of_slots_with_its_limits() -> None:
    draft = draft_of()
    add(draft.groups.get(key="sentiment"), "nps:quarterly", min_n=4, max_age_days=200, min_days=30)
    asked = scorecards.asked_of(draft)
    assert [(one.metric.key, one.window, one.argument) for one in asked] == [
        ("utilization", 30, None), ("nps", 180, None), ("nps", 180, "quarterly"), ("oldest_ticket", None, None),
    ]  # fmt: skip
    assert (asked[2].min_n, asked[2].max_age_days, asked[2].min_days) == (4, 200, 30)


def test_a_card_says_what_the_version_says() -> None:
    draft = draft_of(green=75, yellow=45, margin=1.5, min_coverage=0.6)
    draft.measures.filter(metric="nps").update(missing="count", points_when_missing=10)
    card = scorecards.card_of(ScorecardVersion.objects.get(pk=draft.pk))
    assert [(group.key, group.weight) for group in card.groups] == [("adoption", 60.0), ("sentiment", 40.0)]
    utilization, nps = card.measures
    assert (utilization.key, utilization.slot, utilization.group, utilization.weight) == ("utilization[30]", 0, 0, 2.0)
    assert str(utilization.scale) == PLAIN
    assert (nps.missing, nps.points_when_missing) == (Missing.COUNT, 10.0)
    (guard,) = card.guards
    assert (guard.slot, guard.comparison, guard.value, guard.cap) == (2, Comparison.ABOVE, 7.0, Band.YELLOW)
    assert (card.green, card.yellow, card.margin, card.min_coverage) == (75.0, 45.0, 1.5, 0.6)


def test_the_share_of_a_measure_is_that_of_its_group_times_its_own_in_it() -> None:
    draft = draft_of()
    add(draft.groups.get(key="adoption"), "oldest_ticket", weight=1)
    add(draft.groups.get(key="adoption"), "attribute:tier", weight=0)
    parts = scorecards.parts_of(draft)
    shares = scorecards.shares(parts)
    assert [round(shares[measure.pk], 3) for measure in parts.measures] == [40.0, 20.0, 0.0, 40.0]
    nominal = [100 * share for share in scorecards.card_of(draft).nominal]
    assert [shares[measure.pk] for measure in parts.measures] == pytest.approx(nominal)


def test_differences_are_told_in_words() -> None:
    before = published()
    after = scorecards.new_draft(before.scorecard)
    after.green = 75
    after.save()
    after.groups.filter(key="adoption").update(weight=50)
    after.measures.filter(metric="utilization").update(scale="0:0, 100:100", weight=3)
    after.measures.filter(metric="nps").update(min_n=5)
    after.guards.all().delete()
    Guard.objects.create(version=after, metric="nps", window=180, comparison="<", value=0, release=5, cap=1)
    assert scorecards.differences(before, after) == [
        "Green from 70 → 75.",
        "Adoption: weight 60 → 50.",
        "Utilization: weight 2 → 3; scale 0 at 0, 40 at 40, 70 at 70, 100 at 100 → 0 at 0, 100 at 100.",
        "Nps: least n none → 5.",
        "Adds the guard Nps under 0, until 5: at most red.",
        "Drops the guard Oldest ticket over 7: at most yellow.",
    ]


def test_a_published_version_can_be_retired_once_no_line_up_needs_it() -> None:
    version, other = published(), published("other")
    configuration.publish_line_up(line_up_of(("touch", "")), author=None, note="All.")
    with pytest.raises(Refused) as refused:
        scorecards.retire(version)
    assert sentences(refused) == ["Touch is in the line-up. Publish a line-up without it first."]
    scorecards.retire(other, now=noon("2026-03-01"))
    assert (other.state, other.retired_at) == ("retired", noon("2026-03-01"))
    with pytest.raises(Refused, match="is not published"):
        scorecards.retire(other)


def test_a_draft_can_be_discarded_and_its_number_is_free_again() -> None:
    version = published()
    draft = scorecards.new_draft(version.scorecard)
    configuration.discard(draft)
    assert scorecards.new_draft(version.scorecard).number == 2
    with pytest.raises(Refused, match="Touch 1 was published and stays"):
        configuration.discard(version)


def test_what_was_published_cannot_be_published_again() -> None:
    version = published()
    with pytest.raises(Refused, match="Touch 1 is no draft"):
        scorecards.publish(version, author=None, note="Again.")


@pytest.mark.parametrize("retired", [False, True])
def test_nothing_changes_a_published_version_not_even_by_hand(retired: bool) -> None:
    version = published()
    if retired:
        scorecards.retire(version)
    group, measure, guard = version.groups.get(key="adoption"), version.measures.first(), version.guards.get()
    assert measure is not None
    attempts: list[Callable[[], object]] = [
        lambda: ScorecardVersion.objects.filter(pk=version.pk).update(green=80),
        lambda: ScorecardVersion.objects.filter(pk=version.pk).update(note="Other."),
        lambda: ScorecardVersion.objects.filter(pk=version.pk).update(
            state="draft", published_at=None, retired_at=None
        ),
        lambda: ScorecardVersion.objects.filter(pk=version.pk).delete(),
        lambda: Group.objects.filter(pk=group.pk).update(weight=1),
        lambda: Measure.objects.filter(pk=measure.pk).update(scale="0:0, 1:1"),
        lambda: Measure.objects.filter(pk=measure.pk).delete(),
        lambda: Guard.objects.filter(pk=guard.pk).update(cap=1),
        lambda: Guard.objects.filter(pk=guard.pk).delete(),
        lambda: Group.objects.create(version=version, key="late", label="Late"),
        lambda: add(group, "nps:late"),
        lambda: Guard.objects.create(version=version, metric="nps", comparison="is missing"),
    ]
    for attempt in attempts:
        with pytest.raises(DatabaseError, match="A published version never changes"), transaction.atomic():
            attempt()


def test_a_part_cannot_be_moved_out_of_its_version() -> None:
    one, other = draft_of(), draft_of("other")
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        one.guards.update(version=other)


@pytest.mark.parametrize(
    ("columns", "promise"),
    [
        ({"comparison": "is missing", "value": 3}, "a_guard_compares_with_a_value"),
        ({"comparison": ">"}, "a_guard_compares_with_a_value"),
        ({"comparison": "<", "value": 20, "release": 18}, "a_guard_lets_go_on_the_far_side"),
        ({"comparison": "=", "value": 1, "release": 2}, "a_guard_lets_go_on_the_far_side"),
    ],
)
def test_a_guard_makes_sense(columns: dict[str, object], promise: str) -> None:
    draft = draft_of()
    with pytest.raises(DatabaseError, match=promise), transaction.atomic():
        Guard.objects.create(version=draft, metric="nps", **columns)


def test_a_guard_says_itself() -> None:
    guard = Guard(metric="utilization", window=30, comparison="<", value=20, release=22, cap=1)
    assert str(guard) == "utilization[30] < 20, until 22: at most red"
    assert str(Guard(metric="nps", comparison="is missing", cap=2)) == "nps is missing: at most yellow"


@pytest.mark.django_db(transaction=True)
def test_an_edit_at_the_moment_of_publication_comes_first_or_not_at_all() -> None:
    draft = draft_of()
    measure = draft.measures.first()
    assert measure is not None
    outcome: list[str] = []

    def edit() -> None:
        try:
            Measure.objects.filter(pk=measure.pk).update(weight=99)
            outcome.append("edited")
        except DatabaseError as error:
            outcome.append(str(error))
        finally:
            connection.close()

    editor = threading.Thread(target=edit)
    with transaction.atomic():
        scorecards.publish(draft, author=None, note="First.")
        editor.start()
        editor.join(0.5)
        assert editor.is_alive(), "it waits for the publication"
    editor.join(10)
    assert "never changes" in outcome[0]
    measure.refresh_from_db()
    assert measure.weight == 2


def test_two_readings_that_are_called_the_same_are_not_taken_for_one_that_is_there_twice() -> None:
    draft = draft_of()
    group = draft.groups.get(key="sentiment")
    for about in ("a_b", "a b"):
        add(group, f"attribute:{about}", missing="count", points_when_missing=None)
    said = scorecards.refusals(draft)
    assert not [sentence for sentence in said if "2 times" in sentence]
    assert "Attribute, a b: say as how many points silence counts." in said
