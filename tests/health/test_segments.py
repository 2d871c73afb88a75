"""Rules that say which accounts a scorecard is for."""

import datetime as dt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account, AttributeDefinition, AttributeValue, License
from health.metrics.cases import Cases
from health.segments import BadSegment, Condition, Segment, Traits, briefly, first_of, read_traits, refusals
from tests.health.company import Company
from tests.health.judgment import midnight, noon

DAY = dt.date.fromisoformat


def holds(rule: str, **values: str | None) -> bool:
    return bool(Segment.parse(rule).holds(Traits(1, {name: [text] for name, text in values.items()}))[0])


@pytest.mark.parametrize(
    ("rule", "tier", "expected"),
    [
        ("tier is Enterprise", "enterprise ", True),
        ("tier is enterprise", "small", False),
        ("tier is not enterprise", "small", True),
        ("tier in small, mid market", "Mid Market", True),
        ("tier in small, mid", "large", False),
        ("tier not in small, mid", "large", True),
        ("tier not in small, mid", "mid", False),
        ("tier is missing", "mid", False),
        ("tier is not missing", "mid", True),
        ('tier is "missing"', "missing", True),
        ('tier is "a, b and c"', "A, B and C", True),
        ("tier is 50", "50.0", True),
        ("tier is yes", "true", True),
        ("tier > 5", "12", True),
        ("tier >= 5", "5", True),
        ("tier < 5", "12", False),
        ("tier <= 5", "small", False),
        ("tier < 2026-02-01", "2026-01-31", True),
        ("tier >= 2026-02-01", "2026-02-01T10:00:00Z", True),
        ("tier > 2026-02-01", "12", False),
        ("tier > 5", "2026-02-01", False),
    ],
)
def test_a_condition_compares_as_people_read_it(rule: str, tier: str, expected: bool) -> None:
    assert holds(rule, tier=tier) is expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("tier is missing", True),
        ("tier is not missing", False),
        ("tier is small", False),
        ("tier is not small", True),
        ("tier in small, mid", False),
        ("tier not in small, mid", True),
        ("tier < 5", False),
        ("tier >= 5", False),
    ],
)
def test_a_missing_value_is_none_of_the_values_that_it_could_be(rule: str, expected: bool) -> None:
    assert holds(rule, tier=None) is expected
    assert holds(rule) is expected


def test_all_conditions_have_to_hold() -> None:
    rule = "tier in enterprise, strategic AND region is not EMEA and tenure >= 90"
    assert holds(rule, tier="strategic", region="APAC", tenure="90")
    assert not holds(rule, tier="strategic", region="emea", tenure="90")
    assert not holds(rule, tier="strategic", region="APAC", tenure="89")


def test_without_a_condition_everybody_is_in_it() -> None:
    assert holds("  ")
    assert str(Segment.parse("")) == ""


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("tier", "“tier” is compared with is, is not, in"),
        ("tier equals small", "“tier” is compared with is, is not, in"),
        ("tier is", "“tier is” needs a value."),
        ("tier in small,", "“tier in” needs a value."),
        ("tier is small and", "After “tier is small” comes “and” and another condition, or nothing."),
        ("tier is small, mid", "“tier is” takes one value; several are “in”"),
        ("tier is small > 5", "After “tier is small” comes “and”"),
        ("tier > large", "“tier >” takes a number or a day such as 2026-01-31, not “large”."),
        ("> 5", "A condition begins with an attribute, not with “>”."),
        ('tier is "small', 'A quotation mark is left open in “"small”.'),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused_in_a_sentence(rule: str, said: str) -> None:
    with pytest.raises(BadSegment) as refused:
        Segment.parse(rule)
    assert said in str(refused.value)


TEXT = st.text(st.characters(blacklist_characters='"', blacklist_categories=["Cc", "Cs"]), max_size=12)
CONDITIONS = st.one_of(
    st.builds(Condition, TEXT.filter(str.strip), st.sampled_from(["is missing", "is not missing"])),
    st.builds(Condition, TEXT.filter(str.strip), st.sampled_from(["is", "is not"]), st.tuples(TEXT)),
    st.builds(
        Condition,
        TEXT.filter(str.strip),
        st.sampled_from(["in", "not in"]),
        st.lists(TEXT, min_size=1, max_size=3).map(tuple),
    ),
    st.builds(
        Condition,
        TEXT.filter(str.strip),
        st.sampled_from(["<", "<=", ">", ">="]),
        st.integers().map(lambda number: (str(number),)),
    ),
)


@given(st.lists(CONDITIONS, max_size=3).map(tuple))
def test_a_rule_reads_back_as_it_is_written(conditions: tuple[Condition, ...]) -> None:
    segment = Segment(conditions)
    assert Segment.parse(str(segment)) == segment


class TestTraits:
    @pytest.fixture(autouse=True)
    def found(self, company: Company, settings: Any) -> None:
        settings.ORGANIZATION_TIME_ZONE = "UTC"
        self.company = company
        self.account = company.account("Calloway")

    def said(
        self, name: str, text: str | None, occurred: str, received: str | None = None, **more: Any
    ) -> AttributeValue:
        """A value of Calloway's, which ends the one before it as something received does."""
        definition, _ = AttributeDefinition.objects.get_or_create(name=name)
        at = midnight(received or occurred)
        current = AttributeValue.objects.known().filter(account=self.account, definition=definition)
        current.update(superseded_at=at)
        return AttributeValue.objects.create(
            account=self.account, definition=definition, text=text, source=self.company.crm,
            occurred_at=midnight(occurred), received_at=at, **{"applied": True, **more},
        )  # fmt: skip

    def tier(self, day: str, known_at: str | None = None) -> str | None:
        known = None if known_at is None else noon(known_at)
        return read_traits({"tier"}, Cases.on([self.account.pk], DAY(day), known))["tier"][0]

    def test_a_value_counts_from_the_day_it_came_until_the_next_one(self) -> None:
        self.said("tier", "small", "2026-01-10")
        self.said("tier", "large", "2026-03-01")
        days = ("2026-01-09", "2026-01-10", "2026-02-28", "2026-03-01")
        assert [self.tier(day) for day in days] == [None, "small", "small", "large"]

    def test_a_value_learned_later_counts_from_when_it_was_so_but_not_as_known_before(self) -> None:
        self.said("tier", "small", "2026-01-10")
        self.said("tier", "large", "2026-01-20", received="2026-02-10")
        assert self.tier("2026-01-25") == "large"
        assert self.tier("2026-01-25", known_at="2026-01-26") == "small"

    def test_a_value_taken_back_counts_only_as_known_before(self) -> None:
        value = self.said("tier", "small", "2026-01-10", received="2026-01-20")
        AttributeValue.objects.filter(pk=value.pk).update(superseded_at=midnight("2026-02-01"))
        assert self.tier("2026-01-15") is None
        assert self.tier("2026-01-15", known_at="2026-01-25") == "small"
        assert self.tier("2026-02-05") is None

    def test_a_cleared_value_is_missing(self) -> None:
        self.said("tier", "small", "2026-01-10")
        self.said("tier", None, "2026-01-12")
        assert self.tier("2026-01-12") is None

    def test_a_value_that_another_source_overrules_is_not_looked_at(self) -> None:
        self.said("tier", "small", "2026-01-10", applied=False)
        assert self.tier("2026-01-12") is None

    def test_tenure_counts_from_the_first_license(self) -> None:
        for starts in ("2026-01-10", "2025-12-01", "2026-06-01"):
            self.company.fact(License, account=self.account, starts_on=DAY(starts))
        cases = Cases([self.account.pk] * 3, [DAY("2025-11-30"), DAY("2025-12-01"), DAY("2026-01-11")])
        assert list(read_traits({"tenure"}, cases)["tenure"]) == [None, "0", "41"]

    def test_many_accounts_on_many_days_are_read_by_two_queries(self, django_assert_num_queries: Any) -> None:
        self.said("tier", "small", "2026-01-10")
        self.said("region", "EMEA", "2026-01-10")
        accounts = [self.account.pk, *(self.company.account(f"No. {n}").pk for n in range(5))]
        segments = [Segment.parse("tier is small and tenure is missing"), Segment.parse("region is EMEA"), Segment()]
        cases = Cases(accounts * 2, [DAY("2026-01-09")] * 6 + [DAY("2026-01-10")] * 6)
        with django_assert_num_queries(2):
            chosen = first_of(segments, cases)
        assert chosen.tolist() == [2, 2, 2, 2, 2, 2, 0, 2, 2, 2, 2, 2]

    def test_a_line_up_that_asks_nothing_reads_nothing(self, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(0):
            assert first_of([Segment()], Cases.on([self.account.pk], DAY("2026-01-10"))).tolist() == [0]

    def test_an_account_in_no_segment_has_no_place(self) -> None:
        assert first_of([Segment.parse("tier is small")], Cases.on([self.account.pk], DAY("2026-01-10"))).tolist() == [
            -1
        ]

    def test_another_accounts_values_are_its_own(self) -> None:
        other: Account = self.company.account("Other")
        self.said("tier", "small", "2026-01-10")
        cases = Cases.on([other.pk, self.account.pk], DAY("2026-01-10"))
        assert list(read_traits({"tier"}, cases)["tier"]) == [None, "small"]
        assert np.array_equal(Segment.parse("tier is small").holds(read_traits({"tier"}, cases)), [False, True])


@pytest.mark.django_db
def test_an_attribute_that_nobody_knows_is_refused() -> None:
    AttributeDefinition.objects.create(name="Plan type")
    rule = Segment.parse(
        '"Plan type" is pro and tier is small and owner is dana@x.example and tenure > 9 and colour is red'
    )
    assert refusals(rule) == ["There is no attribute “colour”."]


def test_a_rule_is_said_briefly_by_what_the_account_has() -> None:
    tiers = "tier in enterprise, strategic and region is not EMEA"
    assert briefly(tiers, {"tier": "Strategic"}) == "tier is Strategic and region is not EMEA"
    assert briefly(tiers, {"tier": "small"}) == tiers
    assert briefly("tier is a or stage is b", {}) == "tier is a or stage is b"
