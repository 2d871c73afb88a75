"""The one way in: each record on its own, each id once, in any order."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import attributes, unmatched
from accounts.models import (
    Account,
    AttributeDefinition,
    AttributeValue,
    EndUser,
    ExternalId,
    License,
    Stakeholder,
    Unmatched,
    User,
)
from tests.accounts.build import (
    account,
    applied,
    attribute,
    company,
    count_every_table,
    everything_known,
    known,
    noon,
    problems,
    record_of,
    send,
    source,
    statuses,
    taken_back,
)

pytestmark = pytest.mark.django_db

LATER = "2024-06-03"
LICENSE = {"external_id": "L-1", "account": "A-1", "starts_on": "2024-01-01"}


def license_(**members: Any) -> dict[str, Any]:
    return {**LICENSE, **members}


def seats(external_id: str = "L-1") -> Any:
    return known("licenses", external_id).seats


class TestResults:
    def test_each_record_gets_its_result_in_order(self) -> None:
        company()
        send("licenses", license_(seats=5))
        rows = send(
            "licenses",
            license_(external_id="L-2"),
            license_(seats="many"),
            license_(seats=5),
            license_(external_id="L-3", account="A-9"),
            license_(seats=6),
        )
        assert statuses(rows) == ["created", "rejected", "unchanged", "unmatched", "updated"]
        assert [row.external_id for row in rows] == ["L-2", "L-1", "L-1", "L-3", "L-1"]

    def test_one_bad_record_costs_no_other(self) -> None:
        company()
        rows = send("licenses", license_(external_id="L-0"), 7, None, [], {}, {"external_id": None}, license_())
        assert statuses(rows) == ["created", *["rejected"] * 5, "created"]
        assert License.objects.known().count() == 2

    def test_every_complaint_names_its_member_and_a_code(self) -> None:
        company()
        rows = send("licenses", license_(seats=-1, ends_on="soon", colour="red", amount="5", interval="decade"))
        assert sorted(problems(rows)) == [
            ("colour", "unknown"),
            ("ends_on", "invalid"),
            ("interval", "invalid_choice"),
            ("seats", "min_value"),
        ]

    def test_a_rule_over_several_members_names_one(self) -> None:
        company()
        assert problems(send("licenses", license_(ends_on="2023-01-01"))) == [("ends_on", "order")]
        assert problems(send("licenses", license_(amount="5"))) == [("currency", "required")]

    def test_a_record_without_its_needs_is_refused_when_new_and_when_known(self) -> None:
        company()
        assert problems(send("licenses", {"external_id": "L-1", "account": "A-1"})) == [("starts_on", "required")]
        assert problems(send("licenses", {"external_id": "L-1", "starts_on": "2024-01-01"})) == [
            ("account", "required")
        ]
        send("products", {"external_id": "P-1", "name": "Atlas"})
        assert problems(send("products", {"external_id": "P-1", "name": ""})) == [("name", "required")]
        assert known("products", "P-1").name == "Atlas"

    def test_all_or_none_takes_nothing_when_one_is_refused(self) -> None:
        company()
        before = count_every_table()
        rows = send("licenses", license_(), license_(external_id="L-2", seats="x"), all_or_none=True)
        assert statuses(rows) == ["not_applied", "rejected"]
        assert count_every_table() == before

    def test_all_or_none_does_not_mind_the_unmatched_and_the_stale(self) -> None:
        company()
        send("licenses", license_(source_updated_at="2024-05-02T00:00:00Z"))
        rows = send(
            "licenses",
            license_(external_id="L-2"),
            license_(external_id="L-3", account="A-9"),
            license_(source_updated_at="2024-05-01T00:00:00Z", seats=1),
            all_or_none=True,
        )
        assert statuses(rows) == ["created", "unmatched", "stale"]


class TestMembers:
    def test_an_absent_member_leaves_and_null_clears(self) -> None:
        company()
        send("licenses", license_(seats=5, name="Gold"))
        assert statuses(send("licenses", {"external_id": "L-1", "seats": None})) == ["updated"]
        version = known("licenses", "L-1")
        assert (version.seats, version.name, version.starts_on) == (None, "Gold", dt.date(2024, 1, 1))

    def test_null_in_a_reference_clears_it(self) -> None:
        company()
        applied(send("products", {"external_id": "P-1", "name": "Atlas"}))
        applied(send("licenses", license_(product="P-1")))
        assert known("licenses", "L-1").product_record == record_of("products", "P-1")
        applied(send("licenses", license_(product=None)))
        assert known("licenses", "L-1").product_record is None

    def test_an_external_id_is_kept_exactly(self) -> None:
        names = ["7", "07", " 7", "7 ", "É", "E\u0301", "x" * 255, "'; drop table --", "💡", "a\nb"]
        rows = send("products", *({"external_id": name, "name": "x"} for name in names))
        assert statuses(rows) == ["created"] * len(names)
        kept = ExternalId.objects.filter(kind="products").values_list("external_id", flat=True)
        assert sorted(kept) == sorted(names)

    @pytest.mark.parametrize("bad", ["", "x" * 256, "a\0b", "\ud800", None, {}, []])
    def test_what_cannot_be_an_external_id_is_refused(self, bad: Any) -> None:
        rows = send("products", {"external_id": bad, "name": "x"})
        assert statuses(rows) == ["rejected"]
        assert problems(rows)[0][0] == "external_id"


class TestRepeats:
    def test_the_same_again_is_unchanged_and_adds_no_row(self) -> None:
        company()
        send("licenses", license_(seats=5))
        before = count_every_table()
        assert statuses(send("licenses", license_(seats=5), at="2024-07-01")) == ["unchanged"]
        assert statuses(send("licenses", {"external_id": "L-1", "seats": "5.0"}, at="2024-07-01")) == ["unchanged"]
        assert statuses(send("accounts", {"external_id": "A-1", "name": "A-1 Ltd"})) == ["unchanged"]
        assert count_every_table() == before

    def test_back_to_an_earlier_payload_is_a_change(self) -> None:
        company()
        for number in (5, 6, 5):
            applied(send("licenses", license_(seats=number)))
        assert seats() == 5
        assert License.objects.count() == 3

    def test_older_and_different_is_stale_and_equally_old_and_different_too(self) -> None:
        company()
        at_noon = {"source_updated_at": "2024-05-02T12:00:00Z"}
        applied(send("licenses", license_(seats=5, **at_noon)))
        assert statuses(send("licenses", license_(seats=4, source_updated_at="2024-05-01T12:00:00Z"))) == ["stale"]
        assert statuses(send("licenses", license_(seats=4, **at_noon))) == ["stale"]
        assert statuses(send("licenses", license_(seats=5, source_updated_at="2024-05-01T12:00:00Z"))) == ["unchanged"]
        assert seats() == 5
        assert statuses(send("licenses", license_(seats=4, source_updated_at="2024-05-02T12:00:00.000001Z"))) == [
            "updated"
        ]

    def test_an_unchanged_record_brings_its_newer_time(self) -> None:
        company()
        send("licenses", license_(seats=5, source_updated_at="2024-05-01T00:00:00Z"))
        send("licenses", license_(seats=5, source_updated_at="2024-05-09T00:00:00Z"))
        assert statuses(send("licenses", license_(seats=6, source_updated_at="2024-05-05T00:00:00Z"))) == ["stale"]

    def test_a_record_without_a_time_is_never_stale(self) -> None:
        company()
        send("licenses", license_(seats=5, source_updated_at="2024-05-01T00:00:00Z"))
        assert statuses(send("licenses", license_(seats=6))) == ["updated"]
        assert statuses(send("licenses", license_(seats=7, source_updated_at="2024-04-01T00:00:00Z"))) == ["stale"]

    def test_two_sources_do_not_make_each_other_stale(self) -> None:
        company()
        send("accounts", {"external_id": "A-1", "source_updated_at": "2024-05-02T00:00:00Z", "tier": "gold"})
        send(
            "accounts", {"external_id": "A-1", "external_ids": [{"source": source("billing").name, "external_id": "c"}]}
        )
        older = {"external_id": "c", "region": "EU", "source_updated_at": "2024-05-01T00:00:00Z"}
        assert statuses(send("accounts", older, by="billing")) == ["updated"]


class TestTwins:
    """Records of one id in one batch are applied as if they had been sent one by one."""

    def test_they_go_in_the_order_of_their_times(self) -> None:
        company()
        rows = send(
            "licenses",
            *(license_(seats=number, source_updated_at=f"2024-05-0{number}T00:00:00Z") for number in (3, 1, 2)),
        )
        assert statuses(rows) == ["updated", "created", "updated"]
        assert seats() == 3

    def test_without_times_they_go_in_the_order_of_the_batch(self) -> None:
        company()
        rows = send("licenses", *(license_(seats=number) for number in (3, 1, 2)))
        assert statuses(rows) == ["created", "updated", "updated"]
        assert seats() == 2

    def test_one_without_a_time_keeps_its_place(self) -> None:
        company()
        send(
            "licenses", license_(seats=1, source_updated_at="2024-05-01T00:00:00Z"), {"external_id": "L-1", "seats": 2}
        )
        assert seats() == 2

    def test_a_bad_twin_costs_only_itself(self) -> None:
        company()
        rows = send(
            "licenses", license_(seats=1), license_(seats="x"), license_(ends_on="2020-01-01"), license_(seats=2)
        )
        assert statuses(rows) == ["created", "rejected", "rejected", "updated"]
        assert seats() == 2

    def test_created_deleted_and_created_again(self) -> None:
        company()
        rows = send("licenses", license_(seats=1), {"external_id": "L-1", "deleted": True}, license_(seats=2))
        assert statuses(rows) == ["created", "updated", "created"]
        assert seats() == 2

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from("12"), st.sampled_from([None, 1, 2, 3, "x"]), st.booleans()), max_size=8))
    def test_a_batch_is_the_same_as_its_records_one_by_one(self, told: list[tuple[str, Any, bool]]) -> None:
        records = [
            {"external_id": name, "deleted": True} if gone else license_(external_id=name, seats=number)
            for name, number, gone in told
        ]
        with taken_back():
            company()
            together = statuses(send("licenses", *records))
            as_batch = everything_known()
        with taken_back():
            company()
            one_by_one = [status for record in records for status in statuses(send("licenses", record))]
            assert everything_known() == as_batch
        assert together == one_by_one


class TestDeletion:
    def test_twice_is_once(self) -> None:
        company()
        send("licenses", license_())
        gone = {"external_id": "L-1", "deleted": True}
        assert statuses(send("licenses", gone)) == ["updated"]
        assert statuses(send("licenses", gone)) == ["unchanged"]
        assert known("licenses", "L-1") is None

    def test_a_record_made_again_begins_anew(self) -> None:
        company()
        send("licenses", license_(seats=5, name="Gold"))
        send("licenses", {"external_id": "L-1", "deleted": True})
        assert statuses(send("licenses", license_(seats=6))) == ["created"]
        version = known("licenses", "L-1")
        assert (version.seats, version.name) == (6, "")
        assert License.objects.values("record").distinct().count() == 1

    def test_an_account_that_another_source_knows_outlives_its_deletion(self) -> None:
        company()
        further = {"source": source("billing").name, "external_id": "c"}
        applied(send("accounts", {"external_id": "A-1", "external_ids": [further]}))
        applied(send("accounts", {"external_id": "c", "tier": "gold"}, by="billing"))
        applied(send("accounts", {"external_id": "A-1", "deleted": True}))
        assert Account.objects.existing().get() == account("c", by="billing")
        assert (attribute("name", "A-1"), attribute("tier", "A-1")) == (None, "gold")
        applied(send("accounts", {"external_id": "c", "deleted": True}, by="billing"))
        assert not Account.objects.existing().exists()

    def test_a_person_who_moved_and_is_deleted_is_gone_from_every_account(self) -> None:
        company("A-1", "A-2")
        for name in ("A-1", "A-2"):
            applied(send("end-users", {"external_id": "U-1", "account": name}))
        assert EndUser.objects.known().count() == 2
        applied(send("end-users", {"external_id": "U-1", "deleted": True}))
        assert EndUser.objects.known().count() == 0
        assert statuses(send("end-users", {"external_id": "U-1", "account": "A-1"})) == ["created"]
        assert EndUser.objects.known().get().account == account("A-1")


class TestReferences:
    def test_an_account_is_named_by_its_own_or_another_sources_id(self) -> None:
        company()
        applied(send("licenses", license_(account={"source": "crm", "external_id": "A-1"}), by="billing"))
        applied(send("licenses", license_(external_id="L-2", account={"external_id": "A-1"})))
        assert {version.account for version in License.objects.known()} == {account()}

    def test_an_unknown_source_is_a_mistake_and_not_worth_waiting_for(self) -> None:
        company()
        nobody = {"source": "nobody", "external_id": "1"}
        assert problems(send("licenses", license_(account=nobody))) == [("account", "unknown_source")]
        assert problems(send("licenses", license_(account="A-9", product=nobody))) == [("product", "unknown_source")]
        assert problems(send("accounts", {"external_id": "A-5", "external_ids": [nobody]})) == [
            ("external_ids", "unknown_source")
        ]
        assert problems(send("accounts", {"external_id": "A-5", "parent": nobody})) == [("parent", "unknown_source")]
        assert not Unmatched.objects.exists()

    @pytest.mark.parametrize(
        "odd",
        [
            "\ud800",
            "a\0b",
            {"source": "\ud800", "external_id": "1"},
            {"source": "a\0b", "external_id": "1"},
            {"x": 1},
            5,
            "",
        ],
    )
    def test_what_cannot_be_a_reference_is_refused(self, odd: Any) -> None:
        assert statuses(send("licenses", license_(account=odd))) == ["rejected"]

    def test_an_account_is_known_through_the_end_user(self) -> None:
        company()
        applied(send("end-users", {"external_id": "U-1", "account": "A-1"}))
        applied(send("licenses", license_(account={"end_user": "U-1"})))
        assert known("licenses", "L-1").account == account()

    def test_a_record_finds_its_account_by_what_it_names(self) -> None:
        company()
        applied(send("licenses", LICENSE))
        applied(send("renewals", {"external_id": "R-1", "license": "L-1", "due_on": "2024-12-31"}))
        assert known("renewals", "R-1").account == account()

    def test_what_belongs_to_another_account_is_refused(self) -> None:
        company("A-1", "A-2")
        applied(send("licenses", LICENSE))
        rows = send("renewals", {"external_id": "R-1", "license": "L-1", "account": "A-2", "due_on": "2024-12-31"})
        assert problems(rows) == [("license", "account_mismatch")]

    def test_participants_are_several_stakeholders(self) -> None:
        company()
        applied(send("stakeholders", *({"external_id": n, "account": "A-1", "name": n} for n in ("S-1", "S-2"))))
        held = {"external_id": "M-1", "account": "A-1", "at": "2024-05-01", "participants": ["S-1", "S-2", "S-1"]}
        applied(send("touchpoints", held))
        both = [record_of("stakeholders", "S-1"), record_of("stakeholders", "S-2")]
        assert known("touchpoints", "M-1").participants == both


class TestFurtherIds:
    @pytest.fixture(autouse=True)
    def billing(self) -> None:
        source("billing")

    @staticmethod
    def also(name: str, by: str = "billing") -> list[dict[str, str]]:
        return [{"source": by, "external_id": name}]

    def test_an_account_is_known_by_each_of_its_ids(self) -> None:
        applied(send("accounts", {"external_id": "A-1", "external_ids": self.also("c")}))
        applied(send("licenses", license_(account="c"), by="billing"))
        assert known("licenses", "L-1", by="billing").account == account()

    def test_an_id_of_another_account_is_taken(self) -> None:
        applied(send("accounts", {"external_id": "c", "name": "C"}, by="billing"))
        rows = send("accounts", {"external_id": "A-1", "name": "A", "external_ids": self.also("c")})
        assert problems(rows) == [("external_ids", "id_taken")]
        assert str(account("c", by="billing").pk) in rows[0].problems[0].message
        assert Account.objects.count() == 1

    def test_of_two_in_one_batch_the_first_has_it(self) -> None:
        rows = send("accounts", *({"external_id": name, "external_ids": self.also("c")} for name in ("A-1", "A-2")))
        assert statuses(rows) == ["created", "rejected"]
        assert account("c", by="billing") == account("A-1")

    def test_an_account_may_name_another_id_of_the_same_source(self) -> None:
        rows = send(
            "accounts",
            {"external_id": "A-1", "name": "old", "external_ids": ["A-1b"]},
            {"external_id": "A-1b", "name": "new"},
            {"external_id": "A-1", "tier": "gold"},
        )
        assert statuses(rows) == ["created", "updated", "updated"]
        assert (Account.objects.count(), attribute("name"), attribute("tier")) == (1, "new", "gold")
        assert statuses(
            send("accounts", {"external_id": "A-1b", "name": "b"}, {"external_id": "A-1", "name": "a"})
        ) == [
            "updated",
            "updated",
        ]
        assert attribute("name") == "a"

    def test_an_account_may_name_its_own_id(self) -> None:
        for own in ("A-1", {"source": "crm", "external_id": "A-1"}):
            applied(send("accounts", {"external_id": "A-1", "external_ids": [own]}))
        assert ExternalId.objects.filter(kind="accounts").count() == 1

    def test_a_deleted_id_belongs_to_nobody(self) -> None:
        company("A-1", "A-2")
        send("accounts", {"external_id": "A-2", "deleted": True})
        applied(send("accounts", {"external_id": "A-1", "external_ids": ["A-2"]}))
        assert account("A-2") == account("A-1")

    def test_what_waited_for_a_further_id_is_joined(self) -> None:
        assert statuses(send("licenses", license_(account="c"), by="billing")) == ["unmatched"]
        applied(send("accounts", {"external_id": "A-1", "external_ids": self.also("c")}))
        assert known("licenses", "L-1", by="billing").account == account()


class TestFieldMasters:
    """Of several sources that set one field of an account, one is its master."""

    @pytest.fixture(autouse=True)
    def two_sources(self) -> None:
        company()
        billing = {"source": source("billing").name, "external_id": "A-1"}
        applied(send("accounts", {"external_id": "A-1", "external_ids": [billing]}, at="2024-02-01"))

    @staticmethod
    def say(by: str, tier: str | None, at: str) -> None:
        applied(send("accounts", {"external_id": "A-1", "tier": tier}, by=by, at=at))

    @staticmethod
    def master(by: str | None, at: str) -> None:
        definition = AttributeDefinition.objects.get(name="tier")
        attributes.set_master(definition, source(by) if by else None, noon(at))

    def test_the_first_source_is_the_master_and_others_are_kept_as_seen(self) -> None:
        self.say("crm", "gold", "2024-03-01")
        self.say("billing", "silver", "2024-03-02")
        self.say("billing", "bronze", "2024-03-03")
        assert (attribute("tier"), account().tier) == ("gold", "gold")
        seen = AttributeValue.objects.known().get(definition__name="tier", source__name="billing")
        assert (seen.text, seen.applied) == ("bronze", False)

    def test_the_masters_null_clears(self) -> None:
        self.say("crm", "gold", "2024-03-01")
        self.say("billing", "silver", "2024-03-02")
        self.say("crm", None, "2024-03-03")
        assert (attribute("tier"), account().tier) == (None, "")

    def test_the_settings_change_the_master_to_and_fro(self) -> None:
        self.say("crm", "gold", "2024-03-01")
        self.say("billing", "silver", "2024-03-02")
        self.master("billing", "2024-04-01")
        assert (attribute("tier"), account().tier) == ("silver", "silver")
        self.master(None, "2024-05-01")
        assert (attribute("tier"), account().tier) == ("gold", "gold")
        at_each = [attribute("tier", at=noon(at)) for at in ("2024-03-15", "2024-04-15", "2024-05-15")]
        assert at_each == ["gold", "silver", "gold"]

    def test_a_master_that_has_said_nothing_yet_takes_over_when_it_does(self) -> None:
        self.say("crm", "gold", "2024-03-01")
        self.master("billing", "2024-04-01")
        assert attribute("tier") == "gold"
        self.say("crm", "platinum", "2024-04-02")
        assert attribute("tier") == "platinum"
        self.say("billing", "silver", "2024-04-03")
        assert attribute("tier") == "silver"
        self.say("crm", "gold", "2024-04-04")
        assert attribute("tier") == "silver"

    def test_what_the_master_takes_back_is_handed_over(self) -> None:
        self.say("crm", "gold", "2024-03-01")
        self.say("billing", "silver", "2024-03-02")
        applied(send("accounts", {"external_id": "A-1", "deleted": True}, at="2024-04-01"))
        assert attribute("tier") == "silver"
        self.say("crm", "gold", "2024-05-01")
        assert attribute("tier") == "silver"


class TestDictionary:
    def test_an_unknown_word_is_entered_and_waits_to_be_accepted(self) -> None:
        applied(send("accounts", {"external_id": "A-1", "attributes": {"industry": "Education"}}))
        entry = AttributeDefinition.objects.get(name="industry")
        assert (entry.type, entry.accepted) == ("text", False)
        assert attribute("industry") == "Education"

    @pytest.mark.parametrize(
        ("values", "type_"),
        [
            ((1, 2.5, "-3"), "number"),
            ((True, False), "yes_no"),
            (("yes", "No"), "yes_no"),
            (("yes", "maybe"), "text"),
            ((1, True), "text"),
            (("1_000",), "text"),
            ((None,), "text"),
        ],
    )
    def test_its_type_is_what_the_first_values_agree_on(self, values: tuple[Any, ...], type_: str) -> None:
        records = ({"external_id": f"A-{n}", "attributes": {"x": value}} for n, value in enumerate(values))
        applied(send("accounts", *records))
        assert AttributeDefinition.objects.get(name="x").type == type_

    def test_a_value_that_is_a_number_can_be_read_as_one(self) -> None:
        applied(
            send("accounts", {"external_id": "A-1", "attributes": {"n": 12.5, "yes": True, "t": "x", "inf": "inf"}})
        )
        numbers = dict(AttributeValue.objects.known().values_list("definition__name", "number"))
        assert numbers == {"n": 12.5, "yes": 1.0, "t": None, "inf": None}

    @pytest.mark.parametrize(
        "odd",
        [5, None, [], "x", {"": 1}, {"x" * 81: 1}, {"a\0": 1}, {"\ud800": 1}, {"x": "\ud800"}, {"x": "a\0"}, {"x": []}]
        + [{"x": {}}, {"x": float("nan")}, {"x": "y" * 10_001}, {"name": "x"}],
    )
    def test_what_cannot_be_an_attribute_is_refused(self, odd: Any) -> None:
        assert statuses(send("accounts", {"external_id": "A-1", "attributes": odd})) == ["rejected"]
        assert not Account.objects.exists()


class TestWhatFollows:
    def test_an_account_is_dirty_since_its_first_change_that_nobody_has_seen(self) -> None:
        company(at="2024-01-01")
        Account.objects.update(dirty_since=None)
        for at in ("2024-03-01", "2024-04-01"):
            applied(send("licenses", license_(seats=int(at[6])), at=at))
        assert account().dirty_since == noon("2024-03-01")

    @pytest.mark.parametrize(
        ("kind", "record"),
        [
            ("accounts", {"external_id": "A-1", "tier": "gold"}),
            ("accounts", {"external_id": "A-1", "deleted": True}),
            ("licenses", {"external_id": "L-1", "deleted": True}),
            ("licenses", {"external_id": "L-1", "account": "A-2"}),
        ],
    )
    def test_every_change_makes_dirty(self, kind: str, record: dict[str, Any]) -> None:
        company("A-1", "A-2")
        send("licenses", LICENSE)
        Account.objects.update(dirty_since=None)
        applied(send(kind, record))
        assert account().dirty_since == noon("2024-06-03")

    def test_what_changes_nothing_leaves_clean(self) -> None:
        company()
        send("licenses", LICENSE)
        Account.objects.update(dirty_since=None)
        send("licenses", LICENSE, license_(seats="x"), license_(external_id="L-2", account="A-9"))
        assert account().dirty_since is None

    def test_a_change_of_master_makes_dirty(self) -> None:
        company()
        further = {"source": source("billing").name, "external_id": "A-1"}
        send("accounts", {"external_id": "A-1", "external_ids": [further], "tier": "gold"})
        send("accounts", {"external_id": "A-1", "tier": "silver"}, by="billing")
        Account.objects.update(dirty_since=None)
        attributes.set_master(AttributeDefinition.objects.get(name="tier"), source("billing"), noon("2024-07-01"))
        assert account().dirty_since == noon("2024-07-01")

    def test_a_change_of_master_makes_dirty_whose_owner_it_finds_anew(self) -> None:
        send("accounts", {"external_id": "A-1", "owner": "carol@x.org", "tier": "gold"})
        carol = User.objects.create_user("carol@x.org")
        Account.objects.update(dirty_since=None)
        attributes.set_master(AttributeDefinition.objects.get(name="tier"), source(), noon("2024-07-01"))
        assert (account().owner, account().dirty_since) == (carol, noon("2024-07-01"))

    def test_the_owner_is_the_user_with_that_address(self) -> None:
        carol = User.objects.create_user("carol@x.org")
        applied(send("accounts", {"external_id": "A-1", "owner": " Carol@X.org "}))
        assert account().owner == carol
        applied(send("accounts", {"external_id": "A-1", "owner": None}))
        assert account().owner is None

    def test_a_new_user_claims_the_accounts_that_long_named_them(self) -> None:
        send("accounts", {"external_id": "A-1", "owner": "carol@x.org"}, {"external_id": "A-2", "owner": "dan@x.org"})
        carol = User.objects.create_user("Carol@x.org")
        assert attributes.claim_accounts(carol, timezone.now()) == 1
        assert (account("A-1").owner, account("A-2").owner) == (carol, None)


class TestWaiting:
    """A record whose account is not known yet waits, and is joined when the account arrives."""

    def test_it_keeps_everything_it_said(self) -> None:
        full = license_(
            ends_on="2024-12-31",
            seats=5,
            unlimited=False,
            amount="1234.50",
            currency="EUR",
            interval="month",
            name=None,
        )
        assert statuses(send("licenses", full)) == ["unmatched"]
        company(at=LATER)
        applied(send("licenses", {**full, "external_id": "L-2"}))
        joined, other = known("licenses", "L-1"), known("licenses", "L-2")
        for name in ("starts_on", "ends_on", "seats", "unlimited", "amount", "currency", "interval", "name"):
            assert getattr(joined, name) == getattr(other, name)
        assert not Unmatched.objects.exists()

    def test_it_is_learned_when_it_is_joined_or_when_it_was_assumed_to_be(self) -> None:
        send("licenses", LICENSE, at="2024-02-01")
        send("licenses", license_(external_id="L-2"), at="2024-02-01", known=dt.date(2024, 1, 15))
        company(at="2024-03-01")
        assert known("licenses", "L-1").received_at == noon("2024-03-01")
        assert known("licenses", "L-2").received_at == dt.datetime(2024, 1, 15, tzinfo=dt.UTC)

    def test_a_later_record_is_laid_over_what_waits(self) -> None:
        send("licenses", license_(seats=5, name="Gold"))
        assert statuses(send("licenses", {"external_id": "L-1", "seats": 6})) == ["unmatched"]
        company(at=LATER)
        version = known("licenses", "L-1")
        assert (version.seats, version.name) == (6, "Gold")

    def test_an_older_one_is_stale(self) -> None:
        send("licenses", license_(seats=5, source_updated_at="2024-05-02T00:00:00Z"))
        older = {"source_updated_at": "2024-05-01T00:00:00Z"}
        assert statuses(send("licenses", license_(seats=4, **older))) == ["stale"]
        assert statuses(send("licenses", {"external_id": "L-1", "deleted": True, **older})) == ["stale"]
        company(at=LATER)
        assert seats() == 5

    def test_a_deletion_ends_the_waiting(self) -> None:
        send("licenses", license_(seats=5))
        send("licenses", {"external_id": "L-1", "deleted": True})
        send("licenses", license_(seats=6))
        send("licenses", {"external_id": "L-1", "deleted": True})
        company(at=LATER)
        assert known("licenses", "L-1") is None
        assert not Unmatched.objects.exists()

    def test_a_change_that_waits_is_not_lost_when_the_earlier_record_is_sent_again(self) -> None:
        company()
        applied(send("licenses", license_(seats=5)))
        assert statuses(send("licenses", license_(seats=6, product="P-1"))) == ["unmatched"]
        assert statuses(send("licenses", license_(seats=5))) == ["unmatched"]
        applied(send("products", {"external_id": "P-1", "name": "Atlas"}))
        version = known("licenses", "L-1")
        assert (version.seats, version.product_record) == (5, record_of("products", "P-1"))

    def test_what_was_joined_is_what_the_next_record_is_compared_with(self) -> None:
        company()
        applied(send("licenses", license_(seats=5)))
        send("licenses", license_(seats=6, product="P-1", source_updated_at="2024-05-02T00:00:00Z"))
        send("products", {"external_id": "P-1", "name": "Atlas"})
        assert seats() == 6
        assert statuses(send("licenses", license_(seats=7, source_updated_at="2024-05-01T00:00:00Z"))) == ["stale"]
        assert statuses(send("licenses", license_(seats=5))) == ["updated"]

    def test_it_waits_for_one_thing_after_the_other(self) -> None:
        send("renewals", {"external_id": "R-1", "account": "A-1", "license": "L-1", "due_on": "2024-12-31"})
        send("licenses", license_(product="P-1"))
        company(at=LATER)
        assert Unmatched.objects.count() == 2
        applied(send("products", {"external_id": "P-1", "name": "Atlas"}))
        assert known("renewals", "R-1").license_record == record_of("licenses", "L-1")

    def test_one_that_turns_out_bad_is_put_aside_and_mended_by_the_next(self) -> None:
        send("licenses", license_(ends_on="2020-01-01"))
        company(at=LATER)
        assert Unmatched.objects.get().expires_at == noon(LATER)
        assert statuses(send("licenses", license_(ends_on="2025-01-01"))) == ["created"]
        assert not Unmatched.objects.exists()

    def test_it_waits_ninety_days(self) -> None:
        send("licenses", LICENSE, at="2024-01-01")
        company(at="2024-03-31")
        assert Unmatched.objects.count() == 1
        assert not License.objects.exists()

    def test_a_source_may_have_only_so_many_waiting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(unmatched, "MOST_PER_SOURCE", 2)
        rows = send("licenses", *(license_(external_id=f"L-{n}") for n in range(3)))
        assert statuses(rows) == ["unmatched", "unmatched", "rejected"]
        assert problems(rows) == [("external_id", "too_many_unmatched")]

    def test_a_record_that_refers_to_a_deleted_one_waits_until_it_is_back(self) -> None:
        company()
        send("accounts", {"external_id": "A-1", "deleted": True})
        assert statuses(send("licenses", LICENSE)) == ["unmatched"]
        applied(send("accounts", {"external_id": "A-1", "name": "back"}))
        assert known("licenses", "L-1").account == account()

    def test_of_an_account_the_link_to_its_parent_waits_alone(self) -> None:
        child = {"external_id": "A-2", "name": "Child", "parent": "A-1"}
        assert statuses(send("accounts", child)) == ["created"]
        assert statuses(send("accounts", child)) == ["unchanged"]
        assert (account("A-2").name, account("A-2").parent) == ("Child", None)
        company("A-1", at=LATER)
        assert account("A-2").parent == account("A-1")
        assert statuses(send("accounts", child)) == ["unchanged"]

    def test_a_link_that_was_taken_back_is_not_joined(self) -> None:
        send("accounts", {"external_id": "A-2", "parent": "A-1"})
        send("accounts", {"external_id": "A-2", "parent": None})
        company("A-1", at=LATER)
        assert account("A-2").parent is None

    def test_a_batch_may_name_the_parent_after_the_child(self) -> None:
        applied(send("accounts", {"external_id": "A-2", "parent": "A-1"}, {"external_id": "A-1"}))
        assert account("A-2").parent == account("A-1")

    def test_nobody_is_their_own_parent(self) -> None:
        applied(send("accounts", {"external_id": "A-1", "name": "A"}))
        applied(send("accounts", {"external_id": "A-1", "parent": "A-1"}))
        assert account().parent is None


CAST: list[tuple[str, dict[str, Any]]] = [
    ("accounts", {"external_id": "A-1", "name": "One", "parent": "A-2", "owner": "carol@x.org"}),
    ("accounts", {"external_id": "A-2", "name": "Two", "attributes": {"industry": "x"}}),
    ("products", {"external_id": "P-1", "name": "Atlas"}),
    ("licenses", {"external_id": "L-1", "account": "A-1", "product": "P-1", "starts_on": "2024-01-01", "seats": 5}),
    (
        "renewals",
        {"external_id": "R-1", "license": "L-1", "due_on": "2024-12-31", "amount": "10.00", "currency": "EUR"},
    ),
    ("stakeholders", {"external_id": "S-1", "account": "A-1", "name": "Ada"}),
    ("end-users", {"external_id": "U-1", "stakeholder": "S-1", "attributes": {"plan": "pro"}}),
    ("usage", {"external_id": "N-1", "end_user": "U-1", "event": "run", "day": "2024-05-01", "count": 3}),
    ("touchpoints", {"external_id": "M-1", "account": "A-1", "at": "2024-05-01", "participants": ["S-1"]}),
    ("messages", {"external_id": "B-1", "stakeholder": "S-1", "delivered_at": "2024-05-01"}),
    ("opt-outs", {"external_id": "D-1", "end_user": "U-1", "channel": "push", "at": "2024-05-01"}),
    ("tickets", {"external_id": "T-1", "end_user": "U-1", "opened_at": "2024-05-01", "status": "solved"}),
    ("ticket-events", {"external_id": "E-1", "ticket": "T-1", "kind": "solved", "at": "2024-05-02"}),
    ("surveys", {"external_id": "V-1", "name": "NPS", "kind": "nps", "minimum": 0, "maximum": 10}),
    ("survey-requests", {"external_id": "Q-1", "survey": "V-1", "stakeholder": "S-1", "sent_at": "2024-05-01"}),
    ("survey-responses", {"external_id": "W-1", "survey": "V-1", "request": "Q-1", "at": "2024-05-02", "value": 9}),
    ("licenses", {"external_id": "L-1", "seats": 6, "source_updated_at": "2024-05-05T00:00:00Z"}),
]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.permutations(CAST[:-1]), st.data())
def test_any_order_and_any_batches_give_the_same(order: list[tuple[str, dict[str, Any]]], data: st.DataObject) -> None:
    with taken_back():
        for kind, record in CAST[:-1]:
            send(kind, record)
        expected = everything_known()
        assert "waiting" not in expected
    with taken_back():
        for kind, batch in _cut(order, data):
            send(kind, *batch)
        assert everything_known() == expected


def _cut(order: list[tuple[str, dict[str, Any]]], data: st.DataObject) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Batches of one kind each, of what stands together in this order."""
    batch: list[dict[str, Any]] = []
    for position, (kind, record) in enumerate(order):
        batch.append(record)
        last = position + 1 == len(order) or order[position + 1][0] != kind
        if last or data.draw(st.booleans()):
            yield kind, batch
            batch = []


def test_a_batch_of_nothing_is_nothing() -> None:
    company()
    before = count_every_table()
    assert send("accounts", at=timezone.now()) == []
    assert count_every_table() == before


def test_a_whole_batch_of_people_keeps_each_name() -> None:
    company()
    people = [{"external_id": f"S-{n}", "account": "A-1", "name": f"Person {n}"} for n in range(300)]
    applied(send("stakeholders", *people))
    assert Stakeholder.objects.known().count() == 300


def test_an_id_is_looked_up_by_its_key_even_where_the_table_is_thought_to_be_empty() -> None:
    company(*(f"A-{number}" for number in range(3_000)))
    with connection.cursor() as cursor:
        cursor.execute(
            "update pg_class set reltuples = 0, relpages = 351 where oid in (select 'accounts_externalid'::regclass "
            "union select indexrelid from pg_index where indrelid = 'accounts_externalid'::regclass)"
        )
        cursor.execute(
            "explain select from unnest(array['A-1', 'A-2']) wanted(external_id) cross join lateral (select from "
            "accounts_externalid known where known.kind = 'usage' and known.source_id = 1 "
            "and known.external_id = wanted.external_id limit 1) known"
        )
        assert "accounts_externalid_pkey" in " ".join(line for (line,) in cursor.fetchall())
