"""Mapping files: columns of a file become members of a record, and what cannot become one says why."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import conversions
from accounts.cells import ABSENT, Bad, LookUp
from accounts.csvfile import CsvFile
from accounts.mapping import BadMapping, bind, identity, load

MEMBERS = ["external_id", "account", "name", "email", "notes", "on", "at", "arr", "internal", "grain", "outcome"]

MapText = Callable[..., list[object]]
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "users.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def mapped(write: Write) -> MapText:
    """The values that one line of [fields] makes of some rows. The columns are a, b, c …"""

    def values(line: str, *rows: str | list[str]) -> list[object]:
        table = [[row] if isinstance(row, str) else row for row in rows]
        header = "abcdef"[: len(table[0])]
        mapping = load(write(f"[fields]\n{line}\n"), [*MEMBERS, "attributes.*"])
        [made] = bind(mapping, header).columns(table).values()
        return made

    return values


@pytest.fixture
def refused(write: Write) -> Callable[[str], str]:
    def message(text: str) -> str:
        with pytest.raises(BadMapping) as refusal:
            load(write(text), [*MEMBERS, "attributes.*"])
        return str(refusal.value)

    return message


class TestText:
    def test_a_column_is_handed_on_as_it_is(self, mapped: MapText) -> None:
        assert mapped('external_id = "a"', "7", " 07 ", "\t", "É") == ["7", " 07 ", "\t", "É"]

    def test_an_empty_cell_leaves_what_is_there(self, mapped: MapText) -> None:
        assert mapped('notes = "a"', "x", "") == ["x", ABSENT]
        assert mapped('notes = { column = "a", empty = "leave" }', "") == [ABSENT]

    def test_an_empty_cell_clears_where_the_mapping_says_so(self, mapped: MapText) -> None:
        assert mapped('notes = { column = "a", empty = "clear" }', "x", "") == ["x", None]

    @pytest.mark.parametrize(
        ("written", "value"),
        [("false", False), ("7", 7), ('"week"', "week"), ("2024-03-01", date(2024, 3, 1)), ("1.5", 1.5), ('""', "")],
    )
    def test_a_constant_is_the_same_for_every_row(self, mapped: MapText, written: str, value: object) -> None:
        assert mapped(f"internal = {{ constant = {written} }}", "x", "", "y") == [value] * 3

    def test_several_columns_make_one_text(self, mapped: MapText) -> None:
        line = 'external_id = { columns = ["a", "c"], join = ":" }'
        assert mapped(line, ["U1", "x", "2024"], ["U1", "x", ""], ["", "x", ""]) == ["U1:2024", "U1:", ABSENT]

    def test_several_columns_are_joined_by_nothing_at_first(self, mapped: MapText) -> None:
        assert mapped('external_id = { columns = ["b", "a"] }', ["1", "2"]) == ["21"]

    def test_attributes_may_stand_in_quotes_or_in_a_table_of_their_own(self, write: Write) -> None:
        for text in (
            '[fields]\n"attributes.tier" = "a"\n',
            '[fields]\nattributes.tier = "a"\n',
            '[fields.attributes]\ntier = "a"\n',
        ):
            [field] = load(write(text), ["attributes.*"]).fields
            assert (field.member, field.columns) == ("attributes.tier", ("a",))


class TestDaysAndMoments:
    def test_a_format_without_a_time_gives_days(self, mapped: MapText) -> None:
        line = 'on = { column = "a", format = "%d/%m/%Y" }'
        assert mapped(line, "29/02/2024", " 1/3/2024 ", "", "  ") == [
            date(2024, 2, 29),
            date(2024, 3, 1),
            ABSENT,
            ABSENT,
        ]

    def test_a_day_that_does_not_exist_is_bad_and_named(self, mapped: MapText) -> None:
        line = 'on = { column = "a", format = "%d/%m/%Y" }'
        assert mapped(line, "31/02/2024", "2024-02-01", "01/02/2024x") == [
            Bad("invalid", "'31/02/2024' is not a date of the form %d/%m/%Y"),
            Bad("invalid", "'2024-02-01' is not a date of the form %d/%m/%Y"),
            Bad("invalid", "'01/02/2024x' is not a date of the form %d/%m/%Y"),
        ]

    def test_what_is_named_is_kept_short(self, mapped: MapText) -> None:
        [bad] = mapped('on = { column = "a", format = "%Y-%m-%d" }', "x" * 5_000_000)
        assert isinstance(bad, Bad)
        assert len(bad.message) < 120

    def test_an_empty_day_clears_where_the_mapping_says_so(self, mapped: MapText) -> None:
        assert mapped('on = { column = "a", format = "%Y-%m-%d", empty = "clear" }', "", " ") == [None, None]

    def test_a_moment_without_a_zone_stays_naive(self, mapped: MapText) -> None:
        [moment] = mapped('at = { column = "a", format = "%Y-%m-%d %H:%M" }', "2024-07-01 12:30")
        assert moment == datetime(2024, 7, 1, 12, 30)  # noqa: DTZ001 - the source's zone comes later

    def test_a_moment_belongs_to_the_zone_of_the_mapping(self, mapped: MapText) -> None:
        line = 'at = { column = "a", format = "%d/%m/%Y %H:%M", time_zone = "Europe/Berlin" }'
        summer, winter, twice = mapped(line, "01/07/2024 12:30", "01/01/2024 12:30", "27/10/2024 02:30")
        assert summer == datetime(2024, 7, 1, 10, 30, tzinfo=UTC)
        assert winter == datetime(2024, 1, 1, 11, 30, tzinfo=UTC)
        assert isinstance(twice, datetime)
        assert twice.astimezone(UTC) == datetime(2024, 10, 27, 0, 30, tzinfo=UTC)

    def test_an_offset_in_the_cell_outdoes_the_zone_of_the_mapping(self, mapped: MapText) -> None:
        line = 'at = { column = "a", format = "%Y-%m-%dT%H:%M:%S%z", time_zone = "Europe/Berlin" }'
        assert mapped(line, "2024-07-01T12:30:00Z") == [datetime(2024, 7, 1, 12, 30, tzinfo=UTC)]

    def test_month_names_are_read(self, mapped: MapText) -> None:
        assert mapped('on = { column = "a", format = "%d %b %Y" }', "3 Mar 2024") == [date(2024, 3, 3)]

    def test_a_month_is_its_first_day(self, mapped: MapText) -> None:
        assert mapped('on = { column = "a", format = "%Y-%m" }', "2024-03") == [date(2024, 3, 1)]

    def test_unix_times_are_utc(self, mapped: MapText) -> None:
        moment = datetime(2024, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
        assert mapped('at = { column = "a", format = "unix" }', "1709294400.25", "") == [moment, ABSENT]
        assert mapped('at = { column = "a", format = "unix_ms" }', "1709294400250") == [moment]

    def test_what_is_no_unix_time_is_bad(self, mapped: MapText) -> None:
        assert mapped('at = { column = "a", format = "unix" }', "nan", "1e9", "99999999999999999") == [
            Bad("invalid", "'nan' is not a number of seconds since 1970"),
            Bad("invalid", "'1e9' is not a number of seconds since 1970"),
            Bad(
                "invalid",
                "'99999999999999999' seconds since 1970 is beyond the year 9999; milliseconds have the format unix_ms",
            ),
        ]

    def test_day_and_time_may_come_from_two_columns(self, mapped: MapText) -> None:
        line = 'at = { columns = ["a", "b"], join = " ", format = "%Y-%m-%d %H:%M" }'
        assert mapped(line, ["2024-07-01", "12:30"], ["", ""])[1] is ABSENT

    @given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)))  # noqa: DTZ001 - formats know no zone
    def test_what_strftime_writes_comes_back(self, moment: datetime) -> None:
        for form in ("%Y-%m-%d %H:%M:%S", "%d.%m.%Y,  %H:%M:%S", "%Y%m%dT%H%M%S", "%B %d %Y %I:%M:%S %p"):
            assert conversions.moment(form, None)(moment.strftime(form)) == moment.replace(microsecond=0)

    @given(
        st.sampled_from(["%Y-%m-%d", "%d/%m/%Y %H:%M", "%Y%m%d%H%M%S", "on %m.%d.%Y", "%Y\t%m %d", "%d%%%m%%%Y"]),
        st.lists(st.integers(0, 62), min_size=7, max_size=7),
        st.text("0123456789-/.:% ", max_size=1),
    )
    def test_the_fast_way_reads_exactly_what_strptime_reads(self, form: str, parts: list[int], stray: str) -> None:
        text = form.replace("%%", "%").replace("%Y", f"{parts.pop():04}") + stray
        for directive in ("%m", "%d", "%H", "%M", "%S"):
            text = text.replace(directive, f"{parts.pop():0{1 + len(stray)}}")
        try:
            slow = datetime.strptime(text.strip(), form)  # noqa: DTZ007
        except ValueError:
            slow = None
        quick = conversions.moment(form, None)(text)
        if slow is None:
            assert quick is ABSENT or isinstance(quick, Bad)
        else:
            assert quick == (slow if "%H" in form else slow.date())

    @given(st.datetimes(timezones=st.just(UTC)))
    def test_unix_times_come_back_to_the_microsecond(self, moment: datetime) -> None:
        micros = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        text = f"{Decimal(micros) / 1_000_000:f}"
        made = conversions.moment("unix", None)(text)
        assert isinstance(made, datetime)
        assert abs(made - moment) <= timedelta(microseconds=abs(math.ulp(micros / 1e6)) * 1e6 + 1)


class TestNumbers:
    @pytest.mark.parametrize(
        ("example", "written", "number"),
        [
            ("1.234,56", "1.234.567,89", "1234567.89"),
            ("1.234,56", "1234,5", "1234.5"),
            ("1.234,56", "1.234", "1234"),
            ("1,234.56", "1,234.50", "1234.50"),
            ("1,234.56", "1.234", "1.234"),
            ("1 234,56", "1\u202f234\u00a0567,8", "1234567.8"),
            ("1'234.56", "1’234.56", "1234.56"),
            ("1234.56", ".5", "0.5"),
            ("1234,56", "-7", "-7"),
            ("1234.56", "+7", "7"),
            ("1234.56", "−7", "-7"),
            ("1234.56", "7-", "-7"),
            ("1,234.56", "(1,234.56)", "-1234.56"),
            ("1,234.56", " $ 1,234.56 ", "1234.56"),
            ("1.234,56", "1.234,56 €", "1234.56"),
            ("1,234.56", "-$5", "-5"),
            ("1,234.56", "$-5", "-5"),
        ],
    )
    def test_a_number_is_read_as_its_example_is_written(
        self, mapped: MapText, example: str, written: str, number: str
    ) -> None:
        assert mapped(f'arr = {{ column = "a", number = "{example}" }}', written) == [number]

    @pytest.mark.parametrize(
        ("example", "written"),
        [
            ("1.234,56", "1,234.56"),
            ("1,234.56", "1,5"),
            ("1,234.56", "12,34.5"),
            ("1,234.56", "1 234"),
            ("1234.56", "1,234"),
            ("1234.56", "1e5"),
            ("1234.56", "n/a"),
            ("1234.56", "."),
            ("1234.56", "-"),
            ("1234.56", "$"),
            ("1234.56", "--5"),
            ("1234.56", "(5"),
            ("1234.56", "5)"),
            ("1234.56", "(-5)"),
            ("1234.56", "٣"),
        ],
    )
    def test_another_way_of_writing_is_bad_rather_than_wrong_by_a_thousand(
        self, mapped: MapText, example: str, written: str
    ) -> None:
        [bad] = mapped(f'arr = {{ column = "a", number = "{example}" }}', written)
        assert bad == Bad("invalid", f"'{written}' is not a number written like {example}")

    def test_an_empty_number_leaves(self, mapped: MapText) -> None:
        assert mapped('arr = { column = "a", number = "1234.56" }', "", "  ") == [ABSENT, ABSENT]

    @given(st.decimals(-(10**12), 10**12, places=2))
    def test_a_number_written_in_any_of_the_ways_comes_back(self, number: Decimal) -> None:
        plain = f"{number:,.2f}"
        for example in conversions.NUMBER_EXAMPLES:
            group, decimal = example[1:-6], example[-3]
            written = plain.replace(".", "d").replace(",", group).replace("d", decimal)
            read = conversions.number(example)(written)
            assert isinstance(read, str)
            assert Decimal(read) == number


class TestValues:
    LINE = 'outcome = { column = "a", values = { churned = "lost", renewed = "renewed", "n/a" = "", old = 7 } }'

    def test_a_value_stands_for_another(self, mapped: MapText) -> None:
        assert mapped(self.LINE, "churned", " renewed ", "n/a", "", "old") == ["lost", "renewed", ABSENT, ABSENT, 7]

    def test_an_unknown_value_is_bad_and_named_with_the_known_ones(self, mapped: MapText) -> None:
        assert mapped(self.LINE, "Churned") == [
            Bad("invalid", "'Churned' is not among the values of the mapping: 'churned', 'renewed', 'n/a', 'old'")
        ]

    def test_an_empty_cell_may_stand_for_something(self, mapped: MapText) -> None:
        assert mapped('outcome = { column = "a", values = { "" = "open", won = "renewed" } }', "", "won") == [
            "open",
            "renewed",
        ]


class TestReferences:
    def test_a_plain_column_is_an_id_of_the_source_itself(self, mapped: MapText) -> None:
        assert mapped('account = "a"', "S01", "") == ["S01", ABSENT]

    def test_a_reference_may_name_another_source(self, mapped: MapText) -> None:
        assert mapped('account = { column = "a", source = "crm" }', "S01", "") == [
            {"source": "crm", "external_id": "S01"},
            ABSENT,
        ]

    def test_a_column_may_name_the_source(self, mapped: MapText) -> None:
        line = 'account = { column = "a", source = { column = "b" }, empty = "clear" }'
        assert mapped(line, ["S01", "crm"], ["S02", ""], ["", "crm"]) == [
            {"source": "crm", "external_id": "S01"},
            "S02",
            None,
        ]

    def test_rows_do_not_share_a_reference(self, mapped: MapText) -> None:
        first, second = mapped('account = { column = "a", source = "crm" }', "S01", "S01")
        assert first == second
        assert first is not second

    def test_a_record_is_looked_up_by_the_id_of_another(self, mapped: MapText) -> None:
        line = 'account = { column = "a", of = "end-users", take = "account" }'
        assert mapped(line, "U1", "") == [LookUp("end-users", None, "U1", "account"), ABSENT]

    def test_a_look_up_takes_the_member_of_the_same_name_and_may_name_a_source(self, mapped: MapText) -> None:
        line = 'account = { column = "a", of = "end-users", source = "app" }'
        assert mapped(line, "U1") == [LookUp("end-users", "app", "U1", "account")]


class TestBinding:
    def test_columns_that_nothing_takes_are_reported(self, write: Write) -> None:
        mapping = load(write('[fields]\nname = "a"\naccount = { column = "b", source = { column = "d" } }\n'), MEMBERS)
        assert bind(mapping, ["a", "b", "c", "d", "e"]).unused == ("c", "e")

    def test_a_column_that_the_file_does_not_have_is_refused_with_close_names(self, write: Write) -> None:
        mapping = load(write('[fields]\naccount = "scool_id"\nname = "Name"\n'), MEMBERS)
        with pytest.raises(BadMapping) as refusal:
            bind(mapping, ["school_id", "x"])
        assert str(refusal.value) == (
            "users.toml: account: column scool_id is not in the header (perhaps school_id); "
            "name: column Name is not in the header, which has school_id, x."
        )

    def test_two_members_may_share_a_column(self, write: Write) -> None:
        mapping = load(write('[fields]\nexternal_id = "email"\nemail = "email"\n'), MEMBERS)
        assert bind(mapping, ["email"]).columns([["a@b.example"]]) == {
            "external_id": ["a@b.example"],
            "email": ["a@b.example"],
        }

    def test_ever_new_values_are_not_remembered_for_ever(self, write: Write) -> None:
        bound = bind(load(write('[fields]\narr = { column = "a", number = "1234.56" }\n'), MEMBERS), ["a"])
        rows = [[str(number)] for number in range(120_000)]
        assert bound.columns(rows) == {"arr": [str(number) for number in range(120_000)]}

    def test_a_chunk_goes_from_file_to_members(self, write: Write, tmp_path: Path) -> None:
        path = tmp_path / "users.csv"
        path.write_text("user_id;school;signed up;kind\n1;S01;01.03.2024;t\n2;;;t\n", encoding="utf-8")
        mapping = load(
            write(
                """
                [fields]
                external_id = "user_id"
                account = "school"
                on = { column = "signed up", format = "%d.%m.%Y" }
                internal = { constant = false }
                [options]
                delimiter = ";"
                encoding = "utf-8"
                """
            ),
            MEMBERS,
        )
        opened = CsvFile(path, delimiter=mapping.delimiter, encoding=mapping.encoding)
        bound = bind(mapping, opened.table.header)
        [chunk] = opened.chunks()
        assert bound.unused == ("kind",)
        assert bound.columns(chunk.rows) == {
            "external_id": ["1", "2"],
            "account": ["S01", ABSENT],
            "on": [date(2024, 3, 1), ABSENT],
            "internal": [False, False],
        }


class TestWithoutAMappingFile:
    def test_columns_map_to_the_members_that_they_are_named_after(self) -> None:
        header = ["External ID", "E-Mail", "email", "Attributes.Contract Type", "other", "ACCOUNT"]
        mapping = identity(header, [*MEMBERS, "attributes.*"])
        assert {field.member: field.columns for field in mapping.fields} == {
            "external_id": ("External ID",),
            "email": ("email",),
            "attributes.contract_type": ("Attributes.Contract Type",),
            "account": ("ACCOUNT",),
        }
        assert bind(mapping, header).unused == ("E-Mail", "other")

    def test_a_second_column_may_name_the_source_of_a_reference(self) -> None:
        for header in (["account", "account.source"], ["account.external_id", "Account.Source"]):
            bound = bind(identity(header, MEMBERS), header)
            assert bound.columns([["S01", "crm"], ["S02", ""]]) == {
                "account": [{"source": "crm", "external_id": "S01"}, "S02"]
            }
            assert bound.unused == ()

    def test_a_source_without_its_id_is_left_over(self) -> None:
        assert bind(identity(["account.source"], MEMBERS), ["account.source"]).unused == ("account.source",)

    def test_attributes_are_only_for_kinds_that_have_them(self) -> None:
        assert identity(["attributes.tier", "attributes."], MEMBERS).fields == ()

    def test_a_column_named_id_is_the_external_id_unless_one_is_named_so(self) -> None:
        assert bind(identity(["Id", "name"], MEMBERS), ["Id", "name"]).columns([["7", "Acme"]])["external_id"] == ["7"]
        header = ["id", "external_id"]
        assert bind(identity(header, MEMBERS), header).columns([["7", "A-7"]]) == {"external_id": ["A-7"]}

    def test_two_columns_for_one_member_are_refused(self) -> None:
        with pytest.raises(
            BadMapping, match=r"The columns Email and EMAIL both name email; choose one in a mapping file."
        ):
            identity(["Email", "EMAIL"], MEMBERS)


class TestRefusals:
    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ('emial = "a"', "emial is not a member of this kind (perhaps email)."),
            ("email = 7", "email is a table in braces, not 7."),
            ('email = ""', "email: column is a text in quotes, not ''."),
            ('email = { colunm = "a" }', "email: a field has column, columns, join, constant, "),
            ("email = {}", "email: takes one of column, columns and constant, not none."),
            (
                'email = { column = "a", constant = 1 }',
                "takes one of column, columns and constant, not column and constant.",
            ),
            ('email = { constant = 1, empty = "clear" }', "email: constant stands alone; leave out empty."),
            ("email = { constant = [1] }", "email: constant is a text, a number, true, false or a date."),
            ('email = { column = "a", empty = "drop" }', 'email: empty is "leave" or "clear", not \'drop\'.'),
            ('email = { column = "a", join = ":" }', "email: join needs columns."),
            ('email = { columns = "a" }', 'email: columns is a list such as ["user_id", "week"].'),
            ('email = { columns = ["a", 1] }', "email: column is a text in quotes, not 1."),
            ('on = { column = "a", time_zone = "UTC" }', "on: time_zone needs format."),
            ('on = { column = "a", format = "%q" }', "on: format is unix, unix_ms or like %d/%m/%Y %H:%M; in '%q': "),
            (
                'on = { column = "a", format = "%H:%M" }',
                "on: format names a year, a month and a day, and '%H:%M' does not.",
            ),
            ('on = { column = "a", format = "%Y-W%W" }', "on: format names a year, a month and a day, and "),
            (
                'on = { column = "a", format = "unix", time_zone = "UTC" }',
                "on: time_zone has no place beside unix times",
            ),
            ('on = { column = "a", format = "%Y-%m-%d", time_zone = "UTC" }', "time_zone has no place beside a day"),
            (
                'at = { column = "a", format = "%Y-%m-%d %H", time_zone = "Berlin" }',
                "at: time_zone is a name such as Europe/Berlin, not 'Berlin'.",
            ),
            (
                'arr = { column = "a", number = "1,5" }',
                'arr: number is 1234.56 as the file would write it, such as "1.2',
            ),
            (
                'arr = { column = "a", number = "1234.56", format = "unix" }',
                "arr: takes one of format, values, number and",
            ),
            ('outcome = { column = "a", values = {} }', "outcome: values is a table such as { churned = "),
            ('outcome = { column = "a", values = { x = [1] } }', "outcome: values is a table such as { churned = "),
            ('account = { column = "a", take = "account" }', "account: take needs of."),
            ('account = { column = "a", source = { name = "x" } }', "account: source has column, not name."),
            ('account = { column = "a", source = 3 }', "account: source is a text in quotes, not 3."),
        ],
    )
    def test_a_field_that_makes_no_sense(self, refused: Callable[[str], str], line: str, message: str) -> None:
        found = refused(f"[fields]\n{line}\n")
        assert found.startswith("users.toml: ")
        assert found.endswith(".")
        assert message in found

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", 'users.toml: needs a table [fields] with at least one line such as external_id = "id".'),
            ('[field]\nemail = "a"\n', "users.toml: a mapping file has fields, options, not field."),
            ('[options]\nquote = "x"\n', "users.toml: options are delimiter, encoding, not quote."),
            ("[options]\ndelimiter = 1\n", "users.toml: delimiter is a text in quotes, not 1."),
            ("options = 1\n", "users.toml: options is a table in braces, not 1."),
            ('[fields]\nemail = "a"\nemail = "b"\n', "users.toml cannot be read as TOML in UTF-8: Cannot overwrite"),
        ],
    )
    def test_a_file_that_makes_no_sense(self, refused: Callable[[str], str], text: str, message: str) -> None:
        assert refused(text).startswith(message)

    def test_a_file_that_is_not_there_or_not_utf_8(self, tmp_path: Path) -> None:
        with pytest.raises(BadMapping, match=r"There is no mapping file .*gone.toml"):
            load(tmp_path / "gone.toml", MEMBERS)
        (tmp_path / "old.toml").write_bytes(b'[fields]\nname = "Zo\xeb"\n')
        with pytest.raises(BadMapping, match=r"old.toml cannot be read as TOML in UTF-8"):
            load(tmp_path / "old.toml", MEMBERS)
        with pytest.raises(BadMapping, match="cannot be read"):
            load(tmp_path, MEMBERS)

    def test_attributes_are_refused_for_kinds_that_have_none(self, write: Write) -> None:
        with pytest.raises(BadMapping, match=r"attributes.tier is not a member of this kind"):
            load(write('[fields]\n"attributes.tier" = "a"\n'), MEMBERS)


def test_absent_is_one_thing_and_counts_as_nothing() -> None:
    assert not ABSENT
    assert repr(ABSENT) == "ABSENT"
    assert ABSENT is type(ABSENT)("absent")


def test_a_zone_is_kept_by_its_name() -> None:
    made = conversions.moment("%Y-%m-%d %H:%M", "Europe/Berlin")("2024-07-01 12:30")
    assert isinstance(made, datetime)
    assert made.tzinfo == ZoneInfo("Europe/Berlin")
