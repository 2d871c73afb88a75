"""The types that members can have: what real senders write is understood, and everything else is refused in words."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework import serializers

from accounts import fields, kinds
from accounts.cells import LookUp
from accounts.fields import Ref
from accounts.models import AttributeValue, ExternalId, License, Unmatched
from accounts.records import THROUGH
from tests.accounts.build import Known, company, send, taken_back

UTC = dt.UTC


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def refused(field: serializers.Field[Any, Any, Any, Any], value: Any) -> str:
    """The code with which a value is refused."""
    with pytest.raises(serializers.ValidationError) as refusal:
        field.run_validation(value)
    code: Any = refusal.value.get_codes()
    while not isinstance(code, str):
        code = next(iter(code.values() if isinstance(code, dict) else code))
    return code


def each(code: str, *odd: Any) -> list[tuple[Any, str]]:
    """Values that are refused with one code."""
    return [(value, code) for value in odd]


@pytest.fixture
def berlin() -> Iterator[None]:
    token = fields.source_zone.set(ZoneInfo("Europe/Berlin"))
    yield
    fields.source_zone.reset(token)


class TestDays:
    @pytest.mark.parametrize(
        "written",
        ["2024-03-31", " 2024-03-31 ", "20240331", "2024-03-31T23:59:00Z", "2024-03-31 08:00", "2024-04-01T01:00+02:00"]
        + [dt.date(2024, 3, 31), utc(2024, 3, 31, 12), dt.datetime(2024, 3, 31, 12)],  # noqa: DTZ001
    )
    def test_a_day_is_understood(self, written: Any) -> None:
        assert fields.Day().run_validation(written) == dt.date(2024, 3, 31)

    @pytest.mark.parametrize(
        ("written", "code"),
        each("invalid", "", "soon", "31.03.2024", "2024-02-30", "2024-13-01", "0", "x" * 10_000)
        + each("invalid", 20240331, 1.5, True, [], {}, "2024-03-31\0")
        + [(text, "range") for text in ("1969-12-31", "2200-01-01", "0001-01-01", "9999-12-31")]
        + [(text, "range") for text in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")]
        + [(None, "null")],
    )
    def test_anything_else_is_refused(self, written: Any, code: str) -> None:
        assert refused(fields.Day(), written) == code

    def test_the_edges_are_days(self) -> None:
        assert fields.Day().run_validation("1970-01-01") == dt.date(1970, 1, 1)
        assert fields.Day().run_validation("2199-12-31") == dt.date(2199, 12, 31)


class TestMoments:
    @pytest.mark.parametrize(
        ("written", "moment"),
        [
            ("2024-03-31T14:05:00Z", utc(2024, 3, 31, 14, 5)),
            ("2024-03-31 14:05:00+02:00", utc(2024, 3, 31, 12, 5)),
            ("2024-03-31T14:05:00.123456Z", utc(2024, 3, 31, 14, 5, 0, 123456)),
            ("2024-03-31", utc(2024, 3, 31)),
            (dt.date(2024, 3, 31), utc(2024, 3, 31)),
            (utc(2024, 3, 31, 14), utc(2024, 3, 31, 14)),
        ],
    )
    def test_a_time_with_a_zone_and_a_bare_day_are_understood(self, written: Any, moment: dt.datetime) -> None:
        assert fields.Moment().run_validation(written) == moment

    def test_a_time_without_a_zone_needs_the_sources(self) -> None:
        assert refused(fields.Moment(), "2024-03-31T14:05:00") == "zone"

    @pytest.mark.usefixtures("berlin")
    def test_a_time_without_a_zone_is_in_the_sources(self) -> None:
        assert fields.Moment().run_validation("2024-07-01T14:00:00") == utc(2024, 7, 1, 12)
        assert fields.Moment().run_validation("2024-07-01T14:00:00Z") == utc(2024, 7, 1, 14)

    @pytest.mark.parametrize(
        ("written", "code"),
        each("invalid", "", "noon", "2024-03-31T25:00Z", 1711894000, 1.5, True, [], "2024-03-31T14:05:00Zulu")
        + [(text, "range") for text in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2200-01-01T00:00Z")],
    )
    def test_anything_else_is_refused(self, written: Any, code: str) -> None:
        assert refused(fields.Moment(), written) == code


class TestNumbers:
    @pytest.mark.parametrize(
        ("written", "number"), [(12, 12), ("12", 12), (" 12 ", 12), (12.0, 12), ("12.0", 12), ("1e2", 100), (-0.0, 0)]
    )
    def test_whole_numbers(self, written: Any, number: int) -> None:
        assert fields.Whole().run_validation(written) == number

    @pytest.mark.parametrize(
        "odd",
        [
            "",
            "x",
            "1.5",
            1.5,
            "1_000",
            "1,000",
            float("nan"),
            float("inf"),
            "nan",
            "Infinity",
            True,
            [],
            {},
            10**40,
            "9" * 41,
        ],
    )
    def test_what_is_no_whole_number(self, odd: Any) -> None:
        assert refused(fields.Whole(), odd) == "invalid"

    @pytest.mark.parametrize(
        ("written", "amount"),
        [
            ("1234.50", "1234.50"),
            (0.1, "0.10"),
            ("0.005", "0.01"),
            ("-0.005", "-0.01"),
            (1234, "1234.00"),
            ("999999999999.99", "999999999999.99"),
            ("1e-30", "0.00"),
            (Decimal("7.1"), "7.10"),
        ],
    )
    def test_amounts_have_two_places_half_up(self, written: Any, amount: str) -> None:
        assert fields.Amount().run_validation(written) == Decimal(amount)

    @pytest.mark.parametrize(
        ("odd", "code"),
        [("", "invalid"), ("12 EUR", "invalid"), ("1,50", "invalid"), (float("nan"), "invalid"), (True, "invalid")]
        + [
            ("1000000000000", "range"),
            ("999999999999.995", "range"),
            (-1e12, "range"),
            (1e39, "range"),
            (1e300, "invalid"),
        ],
    )
    def test_what_is_no_amount(self, odd: Any, code: str) -> None:
        assert refused(fields.Amount(), odd) == code

    @pytest.mark.parametrize("odd", ["", "x", float("nan"), float("inf"), "-inf", "1_0", True, [], 10**50])
    def test_what_is_no_number(self, odd: Any) -> None:
        assert refused(fields.Number(), odd) == "invalid"


class TestWords:
    @pytest.mark.parametrize("written", [True, "true", "Yes", " y ", "T", "1", 1, 1.0])
    def test_yes(self, written: Any) -> None:
        assert fields.Flag().run_validation(written) is True

    @pytest.mark.parametrize("written", [False, "false", "No", "n", "F", "0", 0])
    def test_no(self, written: Any) -> None:
        assert fields.Flag().run_validation(written) is False

    @pytest.mark.parametrize("odd", ["", "maybe", 2, -1, [], {}, "\ud800"])
    def test_neither(self, odd: Any) -> None:
        assert refused(fields.Flag(), odd) == "invalid"

    @pytest.mark.parametrize("written", ["executive_sponsor", "Executive Sponsor", " EXECUTIVE-SPONSOR "])
    def test_capitals_spaces_and_hyphens_do_not_matter_in_a_word(self, written: str) -> None:
        assert fields.Word([("executive_sponsor", "")]).run_validation(written) == "executive_sponsor"

    @pytest.mark.parametrize("odd", ["", "boss", 1, True, [], {}, "\ud800", "x" * 100_000])
    def test_another_word_is_refused(self, odd: Any) -> None:
        assert refused(fields.Word([("user", "")]), odd) == "invalid_choice"

    @pytest.mark.parametrize(("written", "days"), [("day", 1), ("Weekly", 7), ("7", 7), (1, 1)])
    def test_a_grain_is_a_number_of_days(self, written: Any, days: int) -> None:
        assert fields.GrainField().run_validation(written) == days

    @pytest.mark.parametrize(("written", "code"), [("eur", "EUR"), (" USD ", "USD")])
    def test_a_currency_is_a_code(self, written: str, code: str) -> None:
        assert fields.Currency().run_validation(written) == code

    @pytest.mark.parametrize("odd", ["€", "EURO", "E1R", "EÜR", 978, None])
    def test_what_is_no_currency(self, odd: Any) -> None:
        refused(fields.Currency(), odd)

    @pytest.mark.parametrize("odd", ["a\0b", "\ud800", "x" * 256, [], {}, True, None])
    def test_what_cannot_be_kept_as_text_is_refused(self, odd: Any) -> None:
        refused(fields.Text(max_length=255), odd)

    def test_text_is_kept_exactly(self) -> None:
        for text in ("", "  ", " x ", "É\n\t💡", "\u202e"):
            assert fields.Text().run_validation(text) == text

    def test_an_address_is_kept_as_the_source_has_it_in_lower_case(self) -> None:
        assert fields.EmailText().run_validation(" Ada@X.org ") == "ada@x.org"
        assert fields.EmailText().run_validation("not an address") == "not an address"


class TestReferences:
    account = fields.Reference("accounts", through=THROUGH)

    @pytest.mark.parametrize(
        ("written", "ref"),
        [
            ("X", Ref("accounts", None, "X")),
            ("É", Ref("accounts", None, "É")),
            ({"external_id": "X"}, Ref("accounts", None, "X")),
            ({"source": "crm", "external_id": "X"}, Ref("accounts", "crm", "X")),
            ({"end_user": "U"}, Ref("end-users", None, "U")),
            ({"ticket": {"source": "desk", "external_id": "T"}}, Ref("tickets", "desk", "T")),
            (LookUp("end-users", "app", "U", "account"), Ref("end-users", "app", "U")),
        ],
    )
    def test_a_reference_is_understood_and_kept_as_it_came(self, written: Any, ref: Ref) -> None:
        assert self.account.run_validation(written) == ref
        assert self.account.run_validation(self.account.to_payload(ref)) == ref

    @pytest.mark.parametrize(
        "odd",
        ["", "x" * 256, "a\0", "\ud800", 5, True, [], {}, {"x": 1}, {"source": "crm"}, {"end_user": {"end_user": "U"}}]
        + [
            {"source": 5, "external_id": "X"},
            {"source": "\ud800", "external_id": "X"},
            {"source": "crm", "external_id": ""},
        ]
        + [
            LookUp("end-users", None, "U", "name"),
            LookUp("surveys", None, "V", "account"),
            LookUp("x", None, "", "account"),
        ],
    )
    def test_anything_else_is_refused(self, odd: Any) -> None:
        refused(self.account, odd)

    def test_several_stand_in_a_list_or_in_a_cell(self) -> None:
        several = fields.References("stakeholders")
        both = (Ref("stakeholders", None, "a"), Ref("stakeholders", None, "b"))
        assert several.run_validation(["a", "b", "a"]) == several.run_validation("a; b;") == both
        assert several.run_validation([]) == ()

    @pytest.mark.parametrize("odd", [["a", 5], [[]], {"a": 1}, 5, [str(n) for n in range(101)], "a;\ud800", [None]])
    def test_a_list_with_something_odd_is_refused(self, odd: Any) -> None:
        refused(fields.References("stakeholders"), odd)


class TestCustom:
    def test_values_are_short_texts(self) -> None:
        assert fields.Custom().run_validation({"plan": "pro", "seats": 5, "x": None}) == {
            "plan": "pro",
            "seats": "5",
            "x": None,
        }

    @pytest.mark.parametrize(
        "odd",
        [
            {str(n): "x" for n in range(51)},
            {"x": "y" * 256},
            {"x" * 256: "y"},
            {"a\0": "y"},
            {"\ud800": "y"},
            {"x": "\ud800"},
        ]
        + [{"x": []}, [], "x", 5, {"x": True}],
    )
    def test_anything_else_is_refused(self, odd: Any) -> None:
        refused(fields.Custom(), odd)


JSON: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**400), max_value=10**400)
    | st.floats()
    | st.text(st.characters(), max_size=30)
    | st.sampled_from(
        ["\ud800", "a\0b", "A-1", "2024-03-31", "0001-01-01T00:00:00+14:00", "1e999999999", "9" * 300, "", "nan"]
    )
    | st.dates().map(str)
    | st.datetimes(timezones=st.just(UTC)).map(str),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["source", "external_id", "end_user", "ticket", "\ud800", "a\0", "x"]), inner, max_size=3
        )
    ),
    max_leaves=5,
)

ONE_OF_EACH: list[Callable[[], serializers.Field[Any, Any, Any, Any]]] = [
    fields.Day,
    fields.Moment,
    fields.Whole,
    fields.Number,
    fields.Amount,
    fields.Currency,
    fields.Flag,
    fields.GrainField,
    fields.Text,
    fields.EmailText,
    fields.ExternalIdText,
    fields.Custom,
    lambda: fields.Word([("user", "")]),
    lambda: fields.Reference("accounts", through=THROUGH),
    lambda: fields.References("stakeholders"),
]


@settings(max_examples=150, deadline=None)
@given(JSON, st.sampled_from(ONE_OF_EACH))
def test_anything_at_all_is_understood_or_refused(value: Any, field: Callable[[], Any]) -> None:
    with suppress(serializers.ValidationError):
        field().run_validation(value)


GOOD: dict[str, dict[str, Any]] = {
    "accounts": {"name": "A"},
    "products": {"name": "Atlas"},
    "licenses": {"account": "A-1", "starts_on": "2024-01-01"},
    "renewals": {"account": "A-1", "due_on": "2024-12-31"},
    "stakeholders": {"account": "A-1", "name": "Ada"},
    "end-users": {"account": "A-1"},
    "touchpoints": {"account": "A-1", "at": "2024-01-01"},
    "pulses": {"account": "A-1", "at": "2024-01-01", "rating": 3},
    "objectives": {"account": "A-1", "name": "Live"},
    "invoices": {"account": "A-1", "issued_on": "2024-01-01", "due_on": "2024-02-01", "amount": 1, "currency": "EUR"},
    "messages": {"account": "A-1", "delivered_at": "2024-01-01"},
    "reach": {"account": "A-1", "platform": "forum", "day": "2024-01-01", "reach": 9, "interactions": 1},
    "opt-outs": {"account": "A-1", "channel": "email", "at": "2024-01-01"},
    "usage": {"account": "A-1", "event": "e", "day": "2024-01-01", "count": 1},
    "tickets": {"account": "A-1", "opened_at": "2024-01-01"},
    "ticket-events": {"account": "A-1", "ticket": "T-1", "kind": "opened", "at": "2024-01-01"},
    "surveys": {"name": "N", "kind": "csat", "minimum": 1, "maximum": 5},
    "survey-requests": {"account": "A-1", "survey": "V-1", "sent_at": "2024-01-01"},
    "survey-responses": {"account": "A-1", "survey": "V-1", "at": "2024-01-01", "value": 3},
}


def kept(kind: kinds.Kind) -> int:
    model = AttributeValue if kind.model is None else kind.model
    return model.objects.count() + Unmatched.objects.count() + ExternalId.objects.count()


@pytest.mark.django_db
def test_there_is_a_good_record_of_every_kind() -> None:
    assert set(GOOD) == {kind.name for kind in kinds.every()}
    company()
    send("tickets", {"external_id": "T-1", **GOOD["tickets"]})
    send("surveys", {"external_id": "V-1", **GOOD["surveys"]})
    for kind, record in GOOD.items():
        assert send(kind, {"external_id": "Z-1", **record})[0].status == "created"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", GOOD)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_record_of_anything_at_all_never_fails_and_leaves_nothing_when_refused(
    kind: str, data: st.DataObject
) -> None:
    members = [*kinds.get(kind).fields, "attributes", "\ud800", "attributes.x", ""]
    odd = data.draw(st.dictionaries(st.sampled_from(members), JSON, min_size=1, max_size=4))
    known: Known = data.draw(st.sampled_from(["now", "occurred"]))
    with taken_back():
        company()
        before = kept(kinds.get(kind))
        [row] = send(kind, {"external_id": "Z-1", **GOOD[kind], **odd}, known=known)
        if row.status == "rejected":
            assert row.problems
            assert kept(kinds.get(kind)) == before
        rows = send(kind, data.draw(JSON), {"external_id": "Z-2", **GOOD[kind]}, known=known)
        assert rows[1].status in {"created", "unmatched"}
        with connection.cursor() as cursor:
            # Whatever was taken in keeps the promises that the database holds deferred.
            cursor.execute("set constraints all immediate")


@pytest.mark.django_db
def test_a_license_of_the_greatest_values_is_kept() -> None:
    company()
    record = {
        "external_id": "L-1",
        **GOOD["licenses"],
        "seats": 2**31 - 1,
        "amount": "999999999999.99",
        "currency": "EUR",
    }
    assert send("licenses", {**record, "name": "💡" * 255, "ends_on": "2199-12-31"})[0].status == "created"
    assert License.objects.get().amount == Decimal("999999999999.99")
