"""Two clocks: whatever changes, what was known at any earlier moment can still be read."""

import datetime as dt
from typing import Any, NamedTuple

import pytest
from django.db import IntegrityError, transaction

from accounts import kinds
from accounts.models import Account, AttributeDefinition, AttributeValue, License, UsageCount
from accounts.models.relationship import Pulse
from tests.accounts.build import (
    account,
    applied,
    attribute,
    company,
    day,
    everything_known,
    known,
    noon,
    record_of,
    send,
    source,
    statuses,
    taken_back,
)

pytestmark = pytest.mark.django_db

MARCH, APRIL, MAY, JUNE = "2024-03-01", "2024-04-01", "2024-05-01", "2024-06-01"
MOMENTS = (MARCH, APRIL, MAY)


class Story(NamedTuple):
    """A record in three states, and the column in which they differ."""

    kind: str
    always: dict[str, Any]
    member: str
    values: tuple[Any, Any, Any]

    def at(self, chapter: int, **more: Any) -> dict[str, Any]:
        changed = {"source_updated_at": f"{MOMENTS[chapter]}T12:00:00Z", self.member: self.values[chapter]}
        return {"external_id": "X-1", **self.always, **changed, **more}


OF_A1 = {"account": "A-1"}
STORIES = [
    Story("products", {}, "name", ("Atlas", "Atlas 2", "Atlas 3")),
    Story("licenses", {**OF_A1, "starts_on": "2024-01-01"}, "seats", (10, 20, 15)),
    Story("renewals", {**OF_A1, "due_on": "2024-12-31"}, "outcome", ("undecided", "lost", "renewed")),
    Story("stakeholders", {**OF_A1, "name": "Ada"}, "role", ("user", "champion", "executive_sponsor")),
    Story(
        "invoices",
        {**OF_A1, "issued_on": "2024-02-01", "due_on": "2024-03-01", "currency": "EUR"},
        "amount",
        ("100.00", "120.00", "90.50"),
    ),
    Story("objectives", {**OF_A1, "name": "Go live"}, "status", ("open", "at_risk", "achieved")),
    Story("end-users", {**OF_A1}, "name", ("Bob", "Bobby", "Robert")),
    Story("tickets", {**OF_A1, "opened_at": "2024-02-20T08:00:00Z"}, "status", ("open", "pending", "solved")),
    Story("surveys", {"name": "Ease", "kind": "ces", "minimum": 1}, "maximum", (5, 7, 10)),
    Story(
        "survey-requests",
        {**OF_A1, "survey": "V-1", "sent_at": "2024-02-01"},
        "delivered_at",
        ("2024-02-01T01:00:00Z", "2024-02-02T01:00:00Z", "2024-02-03T01:00:00Z"),
    ),
    Story("usage", {**OF_A1, "event": "report run", "day": "2024-02-05"}, "count", (3, 9, 4)),
    Story("touchpoints", {**OF_A1, "at": "2024-02-05"}, "status", ("planned", "no_show", "held")),
    Story("messages", {**OF_A1, "delivered_at": "2024-02-05"}, "campaign", ("Spring", "May", "Launch")),
    Story("reach", {**OF_A1, "platform": "forum", "day": "2024-02-05", "reach": 90}, "interactions", (1, 5, 3)),
    Story("opt-outs", {**OF_A1, "at": "2024-02-05"}, "channel", ("email", "push", "app_uninstalled")),
    Story("pulses", {**OF_A1, "at": "2024-02-05"}, "rating", (1, 5, 3)),
    Story("ticket-events", {"ticket": "T-1", "kind": "replied"}, "at", ("2024-02-05", "2024-02-06", "2024-02-07")),
    Story(
        "survey-responses",
        {**OF_A1, "survey": "V-1", "at": "2024-02-05"},
        "value",
        (2, 5, 3),
    ),
]

each_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.kind)


@pytest.fixture(autouse=True)
def cast() -> None:
    company("A-1", "A-2")
    applied(send("surveys", {"external_id": "V-1", "name": "CSAT", "kind": "csat", "minimum": 1, "maximum": 5}))
    applied(send("tickets", {"external_id": "T-1", **OF_A1, "opened_at": "2024-02-01"}))


def shown(story: Story, at: str | None = None) -> Any:
    """The changing column as it is known at noon of a day, or now; None when the record is unknown then."""
    version = known(story.kind, "X-1", noon(at) if at else None)
    return None if version is None else getattr(version, kinds.get(story.kind).columns[story.member])


def stated(story: Story) -> list[Any]:
    """The three values as the database holds them."""
    field = kinds.get(story.kind).fields[story.member]
    return [field.run_validation(value) for value in story.values]


def test_every_kind_with_a_state_has_its_story() -> None:
    assert {story.kind for story in STORIES} == {kind.name for kind in kinds.every() if kind.model is not None}


@each_story
def test_what_was_known_is_known_as_it_was_at_each_moment(story: Story) -> None:
    for chapter, moment in enumerate(MOMENTS):
        applied(send(story.kind, story.at(chapter), at=moment))

    first, second, third = stated(story)
    assert shown(story, "2024-02-29") is None
    assert [shown(story, at) for at in ("2024-03-01", "2024-03-20", "2024-03-31")] == [first] * 3
    assert [shown(story, at) for at in ("2024-04-01", "2024-04-20", "2024-04-30")] == [second] * 3
    assert [shown(story, at) for at in ("2024-05-01", "2024-12-31")] == [third] * 2
    assert shown(story) == third


@each_story
def test_a_deleted_record_is_unknown_from_then_on_and_known_before(story: Story) -> None:
    applied(send(story.kind, story.at(0), at=MARCH))
    applied(send(story.kind, {"external_id": "X-1", "deleted": True}, at=APRIL))

    assert shown(story, "2024-03-31") == stated(story)[0]
    assert shown(story, "2024-04-01") is None
    assert shown(story) is None


@each_story
def test_a_record_sent_again_after_its_deletion_is_known_but_for_the_gap(story: Story) -> None:
    send(story.kind, story.at(0), at=MARCH)
    send(story.kind, {"external_id": "X-1", "deleted": True}, at=APRIL)
    assert statuses(send(story.kind, story.at(2), at=MAY)) == ["created"]

    first, _, third = stated(story)
    assert [shown(story, at) for at in ("2024-03-31", "2024-04-20", "2024-05-20")] == [first, None, third]


@each_story
def test_history_loaded_after_a_deletion_does_not_reach_back_over_it(story: Story) -> None:
    send(story.kind, story.at(0), at=MARCH)
    send(story.kind, {"external_id": "X-1", "deleted": True}, at=APRIL)
    send(story.kind, {**story.at(2)}, at=JUNE, known=day("2024-03-10"))

    first, _, third = stated(story)
    assert [shown(story, at) for at in ("2024-03-20", "2024-06-20")] == [first, third]


@each_story
def test_changes_in_the_wrong_order_end_in_the_same_state(story: Story) -> None:
    def end_of(*order: int) -> Any:
        with taken_back():
            for chapter, moment in zip(order, MOMENTS, strict=True):
                send(story.kind, story.at(chapter), at=moment)
            assert shown(story) == stated(story)[2]
            return everything_known()[story.kind]

    in_order = end_of(0, 1, 2)
    assert end_of(0, 2, 1) == in_order
    assert end_of(1, 0, 2) == in_order
    assert end_of(2, 1, 0) == in_order


@each_story
def test_changes_in_the_wrong_order_within_a_batch_are_put_in_order(story: Story) -> None:
    rows = send(story.kind, story.at(2), story.at(0), story.at(1), at=MAY)
    assert statuses(rows) == ["updated", "created", "updated"]
    assert shown(story) == stated(story)[2]


@each_story
@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in two"])
def test_a_deletion_that_comes_before_its_record_is_still_a_deletion(story: Story, together: bool) -> None:
    gone = {"external_id": "X-1", "deleted": True, "source_updated_at": f"{APRIL}T12:00:00Z"}
    if together:
        send(story.kind, gone, story.at(0), at=MAY)
    else:
        assert statuses(send(story.kind, gone, at=APRIL)) == ["unchanged"]
        assert statuses(send(story.kind, story.at(0), at=MAY)) == ["stale"]
    assert shown(story) is None

    assert statuses(send(story.kind, story.at(2), at=JUNE)) == ["created"]
    assert shown(story) == stated(story)[2]


@each_story
def test_a_change_that_changes_nothing_adds_no_version(story: Story) -> None:
    model = kinds.get(story.kind).model
    assert model is not None
    send(story.kind, story.at(0), at=MARCH)
    before = model.objects.count()
    assert statuses(send(story.kind, story.at(0), at=APRIL)) == ["unchanged"]
    assert statuses(send(story.kind, story.at(0, source_updated_at=f"{APRIL}T00:00:00Z"), at=APRIL)) == ["unchanged"]
    assert model.objects.count() == before


@each_story
def test_two_current_versions_of_one_record_are_refused_by_the_database(story: Story) -> None:
    send(story.kind, story.at(0), at=MARCH)
    version = known(story.kind, "X-1")
    version.pk = None
    with pytest.raises(IntegrityError, match="one_current_"), transaction.atomic():
        version.save(force_insert=True)


@each_story
def test_a_version_that_ends_before_it_begins_is_refused_by_the_database(story: Story) -> None:
    send(story.kind, story.at(0), at=MARCH)
    version = known(story.kind, "X-1")
    version.superseded_at = version.received_at - dt.timedelta(microseconds=1)
    with pytest.raises(IntegrityError, match="superseded_after_received"), transaction.atomic():
        version.save()


class TestAttributes:
    """What sources say of accounts has the same two clocks."""

    NAMES = ("name", "owner", "stage", "tier", "region", "attributes.industry")
    each_name = pytest.mark.parametrize("name", NAMES)

    @staticmethod
    def said(name: str, value: Any, updated: str | None = None) -> dict[str, Any]:
        stamp = {"source_updated_at": f"{updated}T12:00:00Z"} if updated else {}
        if name.startswith("attributes."):
            return {"external_id": "A-1", "attributes": {name.removeprefix("attributes."): value}, **stamp}
        return {"external_id": "A-1", name: value, **stamp}

    @staticmethod
    def shown(name: str, at: str | None = None) -> str | None:
        return attribute(name.removeprefix("attributes."), at=noon(at) if at else None)

    @each_name
    def test_what_was_said_is_known_as_it_was_at_each_moment(self, name: str) -> None:
        for value, at in zip(("a@x.org", "b@x.org", "c@x.org"), MOMENTS, strict=True):
            applied(send("accounts", self.said(name, value), at=at))
        at_each = [self.shown(name, at) for at in ("2024-03-31", "2024-04-30", "2024-05-31")]
        assert at_each == ["a@x.org", "b@x.org", "c@x.org"]
        assert self.shown(name) == "c@x.org"

    @each_name
    def test_a_cleared_value_was_known_before(self, name: str) -> None:
        send("accounts", self.said(name, "a@x.org"), at=MARCH)
        send("accounts", self.said(name, None), at=APRIL)
        assert [self.shown(name, at) for at in ("2024-03-31", "2024-04-30")] == ["a@x.org", None]
        assert self.shown(name) is None

    @each_name
    def test_of_a_deleted_account_nothing_is_known_but_before(self, name: str) -> None:
        send("accounts", self.said(name, "a@x.org"), at=MARCH)
        send("accounts", {"external_id": "A-1", "deleted": True}, at=APRIL)
        assert [self.shown(name, at) for at in ("2024-03-31", "2024-04-30")] == ["a@x.org", None]
        assert not Account.objects.existing().filter(pk=account().pk).exists()

        send("accounts", self.said(name, "b@x.org"), at=MAY)
        assert [self.shown(name, at) for at in ("2024-04-30", "2024-05-30")] == [None, "b@x.org"]
        assert Account.objects.existing().filter(pk=account().pk).exists()

    @each_name
    def test_history_loaded_after_a_deletion_does_not_reach_back_over_it(self, name: str) -> None:
        send("accounts", self.said(name, "a@x.org"), at=MARCH)
        send("accounts", {"external_id": "A-1", "deleted": True}, at=APRIL)
        send("accounts", self.said(name, "b@x.org"), at=JUNE, known=day("2024-03-10"))
        assert [self.shown(name, at) for at in ("2024-03-20", "2024-06-20")] == ["a@x.org", "b@x.org"]

    @each_name
    def test_values_in_the_wrong_order_end_the_same(self, name: str) -> None:
        order = (2, 0, 1)
        records = [
            self.said(name, value, at) for value, at in zip(("a@x.org", "b@x.org", "c@x.org"), MOMENTS, strict=True)
        ]
        with taken_back():
            for chapter, at in zip(order, MOMENTS, strict=True):
                send("accounts", records[chapter], at=at)
            assert self.shown(name) == "c@x.org"
        with taken_back():
            send("accounts", *(records[chapter] for chapter in order), at=MAY)
            assert self.shown(name) == "c@x.org"

    def test_a_parent_has_history_too(self) -> None:
        company("A-3", at=MARCH)
        for parent, at in (("A-2", MARCH), ("A-3", APRIL), (None, MAY)):
            applied(send("accounts", {"external_id": "A-1", "parent": parent}, at=at))
        shown = [attribute("parent", at=noon(at)) for at in ("2024-03-31", "2024-04-30", "2024-05-31")]
        assert shown == [str(account("A-2").pk), str(account("A-3").pk), None]
        assert account().parent is None

    def test_two_current_values_of_one_source_are_refused_by_the_database(self) -> None:
        value = AttributeValue.objects.known().get(account=account(), definition__name="name")
        value.pk, value.applied = None, False
        with pytest.raises(IntegrityError, match="one_current_value_per_attribute_and_source"), transaction.atomic():
            value.save(force_insert=True)

    def test_two_values_that_apply_are_refused_by_the_database(self) -> None:
        value = AttributeValue.objects.known().get(account=account(), definition__name="name")
        value.pk, value.source = None, source("billing")
        with pytest.raises(IntegrityError, match="one_applied_value_per_attribute"), transaction.atomic():
            value.save(force_insert=True)


class TestWhatIsKnownAtTheEdges:
    def test_a_version_is_known_from_the_moment_of_its_receipt(self) -> None:
        send("licenses", STORIES[1].at(0), at=MARCH)
        instant = dt.timedelta(microseconds=1)
        assert known("licenses", "X-1", noon(MARCH)) is not None
        assert known("licenses", "X-1", noon(MARCH) - instant) is None

    def test_at_the_moment_of_a_change_the_new_version_alone_is_known(self) -> None:
        send("licenses", STORIES[1].at(0), at=MARCH)
        send("licenses", STORIES[1].at(1), at=APRIL)
        assert known("licenses", "X-1", noon(APRIL)).seats == 20

    def test_what_came_and_went_in_one_batch_was_never_known(self) -> None:
        send("licenses", STORIES[1].at(0), {"external_id": "X-1", "deleted": True}, at=MARCH)
        assert known("licenses", "X-1", noon(MARCH)) is None
        assert known("licenses", "X-1") is None

    def test_nothing_is_learned_in_the_future(self) -> None:
        send("pulses", {"external_id": "X-1", **OF_A1, "at": "2030-01-01", "rating": 3}, at=MARCH, known="occurred")
        pulse = Pulse.objects.get(record=record_of("pulses", "X-1"))
        assert (pulse.received_at, pulse.receipt_assumed) == (noon(MARCH), False)

    def test_history_is_known_when_it_happened_and_says_that_this_is_assumed(self) -> None:
        send("usage", {**STORIES[10].at(0), "grain": "week"}, at=JUNE, known="occurred")
        count = UsageCount.objects.get(record=record_of("usage", "X-1"))
        assert count.receipt_assumed
        assert count.received_at == dt.datetime(2024, 2, 11, 23, 59, 59, 999999, tzinfo=dt.UTC)

    def test_history_in_which_nothing_says_when_was_learned_now_or_on_the_day_given(self) -> None:
        send("products", {"external_id": "X-1", "name": "Atlas"}, at=JUNE, known="occurred")
        send("products", {"external_id": "X-2", "name": "Atlas"}, at=JUNE, known="occurred", occurred=day(MARCH))
        assert known("products", "X-1").received_at == noon(JUNE)
        assert known("products", "X-2").received_at == dt.datetime(2024, 3, 1, tzinfo=dt.UTC)

    def test_all_of_a_delivery_can_be_known_since_a_day(self) -> None:
        send("licenses", STORIES[1].at(0), at=JUNE, known=day(APRIL))
        version = known("licenses", "X-1")
        assert (version.received_at, version.receipt_assumed) == (dt.datetime(2024, 4, 1, tzinfo=dt.UTC), True)

    def test_history_in_order_gives_a_chain_without_gaps_or_overlaps(self) -> None:
        send("licenses", *(STORIES[1].at(chapter) for chapter in range(3)), at=JUNE, known="occurred")
        chain = list(License.objects.order_by("id").values_list("received_at", "superseded_at"))
        assert chain == [(noon(MARCH), noon(APRIL)), (noon(APRIL), noon(MAY)), (noon(MAY), None)]

    def test_history_that_comes_after_news_is_known_from_the_news_on(self) -> None:
        send("licenses", {**STORIES[1].at(0), "source_updated_at": "2024-02-01T00:00:00Z"}, at=APRIL)
        send("licenses", STORIES[1].at(0, seats=50), at=JUNE, known="occurred")
        assert known("licenses", "X-1", noon(MARCH)) is None
        assert known("licenses", "X-1").received_at == noon(APRIL)


def test_the_dictionary_knows_the_built_in_words() -> None:
    names = AttributeDefinition.objects.filter(accepted=True).values_list("name", flat=True)
    assert set(names) == {"name", "owner", "parent", "region", "stage", "tier"}
