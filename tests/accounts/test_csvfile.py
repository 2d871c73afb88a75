"""The reader of CSV files: any usual delimiter and encoding, and a reason for whatever cannot be read."""

import codecs
import csv
import gzip
import io
import os
import stat
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.csvfile import Chunk, CsvFile, Rejected, Unreadable, neutralized, restored, write_rejected

File = Callable[[bytes | str], Path]

ACCOUNTS = [
    ["name", "type", "phone", "website", "revenue"],
    ["Riverside School", "Customer", "415-555-0000", "https://riverside.example", "0"],
    ["Hill; Dale, Ltd", "Customer", "415-555-0001", "https://hill.example?a|b^c", "1000"],
    ['The "Old" `Mill`', "Prospect", "+49 170 555", "\thttps://mill.example", "2000"],
    ["Two\nlines", "Customer", "", "", "-3.5"],
]

# hypothesis gives the same tmp_path to each example, which is fine: each writes its file anew.
shared_path = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

cells = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
tricky_cells = st.one_of(cells, st.text("'=+-@\t\r\n\",;|^`3.5e ", max_size=6))


@pytest.fixture
def file(tmp_path: Path) -> File:
    def write(content: bytes | str) -> Path:
        path = tmp_path / "table.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def read(path: Path, rows: int = 10_000, **options: str) -> tuple[tuple[str, ...], list[list[str]]]:
    """Header and rows of a file without faults."""
    opened = CsvFile(path, **options)
    chunks = list(opened.chunks(rows))
    assert [fault for chunk in chunks for fault in chunk.faults] == []
    return opened.table.header, [row for chunk in chunks for row in chunk.rows]


def only_chunk(path: Path) -> Chunk:
    [chunk] = CsvFile(path).chunks()
    return chunk


def as_csv(table: Sequence[Sequence[str]], **how: Any) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, **how).writerows(table)
    return text.getvalue()


def refusal(path: Path, **options: str) -> str:
    with pytest.raises(Unreadable) as refused:
        list(CsvFile(path, **options).chunks())
    return str(refused.value)


class TestDelimiters:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "`"])
    def test_six_delimiters_give_the_same_rows(self, file: File, delimiter: str) -> None:
        path = file(as_csv(ACCOUNTS, delimiter=delimiter))
        assert CsvFile(path).table.delimiter == delimiter
        assert read(path) == (tuple(ACCOUNTS[0]), ACCOUNTS[1:])

    def test_a_quote_around_every_cell_changes_nothing(self, file: File) -> None:
        quoted = "".join(",".join(f'"{cell}"' for cell in row) + "\r\n" for row in [["a", "b"], ["1", "x;y;z"]])
        assert read(file(quoted)) == (("a", "b"), [["1", "x;y;z"]])

    def test_delimiters_within_quotes_do_not_count(self, file: File) -> None:
        assert read(file('"a,b,c,d";e\n1;2\n')) == (("a,b,c,d", "e"), [["1", "2"]])

    def test_the_first_rows_break_a_tie_in_the_header(self, file: File) -> None:
        assert read(file("Name, legal;City\nAcme;Rome\nBeta;Oslo\n")) == (
            ("Name, legal", "City"),
            [["Acme", "Rome"], ["Beta", "Oslo"]],
        )

    def test_the_delimiter_that_makes_more_columns_wins_when_all_rows_agree(self, file: File) -> None:
        assert read(file("a;b;c,d\n1;2;3,4\n"))[0] == ("a", "b", "c,d")

    def test_one_broken_row_does_not_sway_the_choice(self, file: File) -> None:
        path = file("a,b,c|d\n1,2,3|4\n1,2\n5,6,7|8\n9,9,9|9\n")
        assert CsvFile(path).table.delimiter == ","

    def test_one_column_is_a_table_too(self, file: File) -> None:
        assert read(file("email\na@b.example\nc@d.example\n")) == (("email",), [["a@b.example"], ["c@d.example"]])

    def test_excels_first_line_names_the_delimiter(self, file: File) -> None:
        path = file("sep=;\r\na;b\r\n1;2\r\n")
        assert read(path) == (("a", "b"), [["1", "2"]])
        assert only_chunk(path).lines == [3]

    def test_a_given_delimiter_is_taken_as_it_is(self, file: File) -> None:
        assert read(file("a:b,c\n1:2\n"), delimiter=":") == (("a", "b,c"), [["1", "2"]])

    def test_a_delimiter_of_two_characters_is_refused(self, file: File) -> None:
        assert refusal(file("a\n"), delimiter="||") == (
            "'||' cannot be a delimiter; give one character, such as a semicolon or a tab."
        )


class TestEncodings:
    @pytest.mark.parametrize(
        ("encoding", "found"),
        [
            ("utf-8", "utf-8"),
            ("utf-8-sig", "utf-8-sig"),
            ("utf-16", "utf-16"),
            ("utf-32", "utf-32"),
            ("cp1252", "cp1252"),
        ],
    )
    def test_the_encoding_is_found(self, file: File, encoding: str, found: str) -> None:
        path = file("name,city\nZoë,Köln\n".encode(encoding))
        assert CsvFile(path).table.encoding == found
        assert read(path) == (("name", "city"), [["Zoë", "Köln"]])

    def test_big_endian_utf_16_is_told_by_its_mark(self, file: File) -> None:
        path = file(codecs.BOM_UTF16_BE + "name;city\nZoë;Köln\n".encode("utf-16-be"))
        assert read(path) == (("name", "city"), [["Zoë", "Köln"]])

    def test_one_byte_at_the_end_of_a_long_file_decides_for_all_of_it(self, file: File) -> None:
        path = file(b"name,city\n" + b"Zoe,Oslo\n" * 100_000 + "Zoë,Köln\n".encode("cp1252"))
        assert CsvFile(path).table.encoding == "cp1252"
        assert read(path)[1][-1] == ["Zoë", "Köln"]

    def test_bytes_that_windows_does_not_know_are_latin_1(self, file: File) -> None:
        path = file(b"name\nA\x81\xe9\n")
        assert CsvFile(path).table.encoding == "latin-1"
        assert read(path)[1] == [["A\x81é"]]

    def test_a_given_encoding_is_used(self, file: File) -> None:
        assert read(file("name\nŁódź\n".encode("cp1250")), encoding="cp1250")[1] == [["Łódź"]]

    def test_a_mark_outdoes_a_given_encoding(self, file: File) -> None:
        assert read(file("name\nŁódź\n".encode("utf-8-sig")), encoding="latin-1") == (("name",), [["Łódź"]])

    def test_a_given_encoding_that_does_not_fit_is_refused_with_the_line(self, file: File) -> None:
        assert refusal(file(b"name\nZoe\nZo\xeb\n"), encoding="utf-8") == (
            "The file is not in the encoding utf-8: byte 0xeb in line 3 does not belong to it; "
            "save it as UTF-8, or name the encoding that it is in."
        )

    def test_a_mark_that_promises_too_much_is_refused(self, file: File) -> None:
        assert "byte 0xeb in line 2" in refusal(file(codecs.BOM_UTF8 + b"name\nZo\xeb\n"))
        assert "not in the encoding utf-16" in refusal(file("name\nZoe\n".encode("utf-16") + b"x"))

    @pytest.mark.parametrize("encoding", ["klingon", "base64"])
    def test_an_encoding_that_nobody_knows_is_refused(self, file: File, encoding: str) -> None:
        assert refusal(file("a\n"), encoding=encoding).startswith(f"There is no encoding '{encoding}'; usual ones are ")

    @shared_path
    @given(text=st.text(st.characters(codec="utf-8", exclude_characters='"\0\r\n,;\t|^`'), min_size=1))
    def test_whatever_is_written_in_utf_8_is_read_as_it_was(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "table.csv"
        path.write_bytes(f"a,b\nx,{text}\n".encode())
        assert read(path)[1] == [["x", text]]


class TestLines:
    @pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
    def test_any_end_of_line_will_do(self, file: File, newline: str) -> None:
        path = file(newline.join(["a,b", "1,2", "", "3,4"]))
        assert read(path) == (("a", "b"), [["1", "2"], ["3", "4"]])
        assert only_chunk(path).lines == [2, 4]

    def test_rows_know_the_line_where_they_begin(self, file: File) -> None:
        path = file('a,b\n1,"two\nlines"\n\n2,"three\r\nmore\nlines"\n3,4\n')
        assert only_chunk(path).lines == [2, 5, 8]

    def test_doubled_quotes_are_one_quote(self, file: File) -> None:
        assert read(file('a,b\n"say ""hi""",5"\n'))[1] == [['say "hi"', '5"']]

    def test_blank_lines_and_rows_of_empty_cells_are_skipped(self, file: File) -> None:
        assert read(file("\n\na,b\n\n1,2\n   \n,\n,,,\n3,4\n\n")) == (("a", "b"), [["1", "2"], ["3", "4"]])

    def test_spaces_in_cells_stay_and_those_around_names_go(self, file: File) -> None:
        assert read(file(" a , b\n 1 ,2 \n")) == (("a", "b"), [[" 1 ", "2 "]])

    def test_a_delimiter_at_the_end_of_every_line_is_no_column(self, file: File) -> None:
        assert read(file("a;b;\n1;2;\n3;4\n")) == (("a", "b"), [["1", "2"], ["3", "4"]])

    def test_a_delimiter_at_the_end_of_rows_alone_is_no_cell(self, file: File) -> None:
        assert read(file("a,b\n1,2,\n3,4,,\n"))[1] == [["1", "2"], ["3", "4"]]

    def test_empty_columns_between_named_ones_are_dropped(self, file: File) -> None:
        assert read(file("a,,b\n1,,2\n")) == (("a", "b"), [["1", "2"]])

    def test_a_header_alone_has_no_rows(self, file: File) -> None:
        assert read(file("a,b\n")) == (("a", "b"), [])
        assert read(file("a,b")) == (("a", "b"), [])

    def test_a_thousand_columns_are_read(self, file: File) -> None:
        header = [f"column_{number}" for number in range(1_000)]
        assert read(file(as_csv([header, header]))) == (tuple(header), [header])

    @shared_path
    @given(
        rows=st.lists(st.lists(cells, min_size=3, max_size=3), max_size=12),
        dialect=st.fixed_dictionaries(
            {"delimiter": st.sampled_from(",;\t|^`"), "lineterminator": st.sampled_from(["\n", "\r\n"])}
        ),
        encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
        at_a_time=st.integers(1, 5),
    )
    def test_what_the_csv_module_writes_comes_back(
        self, tmp_path: Path, rows: list[list[str]], dialect: dict[str, str], encoding: str, at_a_time: int
    ) -> None:
        path = tmp_path / "table.csv"
        table = [["first", "second", "third"], *rows]
        # Everything in quotes, since the csv module leaves a lone CR without them when lines end with LF.
        path.write_bytes(as_csv(table, quoting=csv.QUOTE_ALL, **dialect).encode(encoding))
        assert read(path, at_a_time) == (("first", "second", "third"), [row for row in rows if any(row)])


class TestChunks:
    def test_a_file_comes_in_pieces_and_as_often_as_asked(self, file: File) -> None:
        opened = CsvFile(file("n\n" + "".join(f"{number}\n" for number in range(25))))
        for _ in range(2):
            chunks = list(opened.chunks(10))
            assert [len(chunk.rows) for chunk in chunks] == [10, 10, 5]
            assert [chunk.lines[0] for chunk in chunks] == [2, 12, 22]

    def test_the_bytes_read_grow_to_the_size_of_the_file(self, file: File) -> None:
        path = file("n,text\n" + "".join(f"{number},{'x' * 500}\n" for number in range(10_000)))
        opened = CsvFile(path)
        progress = [chunk.read for chunk in opened.chunks(1_000)]
        assert progress == sorted(progress)
        assert 0 < progress[0] < opened.table.size == path.stat().st_size == progress[-1]

    def test_a_gzip_is_read_through_and_counts_its_own_bytes(self, file: File) -> None:
        text = "n,text\n" + "".join(f"{number},{os.urandom(200).hex()}\n" for number in range(5_000))
        path = file(gzip.compress(text.encode()))
        opened = CsvFile(path)
        chunks = list(opened.chunks(1_000))
        assert sum(len(chunk.rows) for chunk in chunks) == 5_000
        assert chunks[0].read < chunks[-1].read == path.stat().st_size == opened.table.size < len(text)

    def test_memory_holds_a_chunk_and_not_the_file(self, file: File) -> None:
        path = file("n,text\n" + "".join(f"{number},{'x' * 400}\n" for number in range(60_000)))
        tracemalloc.start()
        try:
            assert sum(len(chunk.rows) for chunk in CsvFile(path).chunks(500)) == 60_000
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert path.stat().st_size > 24_000_000
        assert peak < 6_000_000

    def test_wide_rows_make_a_chunk_end_early(self, file: File) -> None:
        path = file("n,text\n" + "".join(f"{number},{'x' * 900_000}\n" for number in range(50)))
        chunks = list(CsvFile(path).chunks())
        assert len(chunks) == 2
        assert sum(len(chunk.rows) for chunk in chunks) == 50

    def test_a_reader_that_stops_early_leaves_nothing_open(self, file: File) -> None:
        chunks = CsvFile(file("n\n1\n2\n")).chunks(1)
        assert next(chunks).rows == [["1"]]
        del chunks  # an open file would be a ResourceWarning, which fails the test


class TestFaults:
    def test_too_few_and_too_many_cells_cost_only_their_row(self, file: File) -> None:
        chunk = only_chunk(file("a;b;c\n1;2;3\n1;2\n1;2;3;4\n7;8;9\n"))
        assert chunk.rows == [["1", "2", "3"], ["7", "8", "9"]]
        assert chunk.lines == [2, 5]
        assert [(fault.line, fault.message, fault.cells) for fault in chunk.faults] == [
            (3, "Line 3 has 2 cells and the header has 3.", ("1", "2")),
            (
                4,
                "Line 4 has 4 cells and the header has 3. A cell with a semicolon in it needs quotes.",
                ("1", "2", "3", "4"),
            ),
        ]

    def test_a_nul_byte_is_named_with_its_column(self, file: File) -> None:
        chunk = only_chunk(file(b"id,notes\n1,fine\n2,b\0d\n3,fine\n"))
        assert chunk.rows == [["1", "fine"], ["3", "fine"]]
        [fault] = chunk.faults
        assert fault.message == "Line 3, column 'notes': the cell has a NUL byte, which no text has; remove it."
        assert fault.cells == ("2", "b\0d")

    @pytest.mark.parametrize("cell", ["x" * 10_000_000, '"' + "x\n" * 5_000_000 + '"'], ids=["one line", "many lines"])
    def test_a_cell_of_ten_megabytes_costs_only_its_row(self, file: File, cell: str) -> None:
        chunk = only_chunk(file(f"id,notes\n1,fine\n2,{cell}\n3,fine\n"))
        assert chunk.rows == [["1", "fine"], ["3", "fine"]]
        [fault] = chunk.faults
        assert fault.message == "Line 3, column 'notes': the cell has 10,000,000 characters; the limit is 1,000,000."

    def test_a_cell_at_the_limit_is_fine(self, file: File) -> None:
        assert read(file(f"id,notes\n1,{'x' * 1_000_000}\n"))[1] == [["1", "x" * 1_000_000]]

    def test_a_quote_that_is_not_doubled_costs_only_its_row(self, file: File) -> None:
        chunk = only_chunk(file('id,notes\n1,"He said "hi" to me"\n2,fine\n3,"x" ,\n4,fine\n'))
        assert chunk.rows == [["2", "fine"], ["4", "fine"]]
        assert [fault.line for fault in chunk.faults] == [2, 4]
        assert chunk.faults[0].message == (
            "Line 2 has text after a closing quote; a quote within quotes is written twice."
        )
        assert chunk.faults[0].cells[0] == "1"

    def test_lines_stay_right_after_a_broken_row_of_several_lines(self, file: File) -> None:
        chunk = only_chunk(file('id,notes\n1,"one\ntwo" three\n2,fine\n'))
        assert [fault.line for fault in chunk.faults] == [2]
        assert chunk.faults[0].cells == ("1", "one\ntwo three")
        assert chunk.lines == [4]


class TestRefusals:
    @pytest.mark.parametrize("content", [b"", b"\n\n", codecs.BOM_UTF8, gzip.compress(b""), b"sep=;\n"])
    def test_an_empty_file(self, file: File, content: bytes) -> None:
        assert refusal(file(content)) == "The file is empty."

    def test_a_quote_that_never_closes_is_named_with_its_line(self, file: File) -> None:
        path = file('a,b\n1,2\n3,"four\n5,6\n7,8\n')
        assert refusal(path) == "A quote opens in the row of line 3 and never closes; close it, or remove it."
        assert CsvFile(path).table.header == ("a", "b")

    def test_a_quote_that_never_closes_does_not_fill_the_memory(self, file: File) -> None:
        path = file('a,b\n1,"2\n' + f"{'x' * 998},\n" * 40_000)
        assert refusal(path) == (
            "A cell in the row of line 2 goes on for over 32,000,000 characters; its closing quote may be missing."
        )

    def test_a_line_without_end(self, file: File) -> None:
        assert refusal(file(b"a,b\n1," + b"x" * 33_000_000)) == (
            "Line 2 is over 32,000,000 characters long, so this is no table of lines."
        )

    def test_repeated_names(self, file: File) -> None:
        assert refusal(file("id,email,name,email, id \n1,2,3,4,5\n")) == (
            "The header repeats 'id' in columns 1 and 5, 'email' in columns 2 and 4; every column needs a name of its own."
        )

    def test_a_column_without_a_name_that_holds_something(self, file: File) -> None:
        assert refusal(file("a,,b\n1,,2\n3,x,4\n")) == (
            "Column 2 has no name but holds 'x' in line 3; name it or remove it."
        )

    def test_a_header_of_empty_names(self, file: File) -> None:
        assert refusal(file(",,\n")) == "Line 1 names no columns; the first line must be the header."

    def test_too_many_columns(self, file: File) -> None:
        assert refusal(file(",".join(f"c{number}" for number in range(1_204)))) == (
            "The header has 1,204 columns; the limit is 1,000. Leave out those that nobody needs."
        )

    def test_a_header_with_nul_bytes_such_as_unmarked_utf_16(self, file: File) -> None:
        assert refusal(file("a,b\n1,2\n".encode("utf-16-le"))) == (
            "Line 1 has NUL bytes, so this is no text; save the table as CSV UTF-8."
        )

    def test_a_broken_quote_in_the_header(self, file: File) -> None:
        assert refusal(file('"a"x,b\n1,2\n')) == (
            "The header cannot be read: Line 1 has text after a closing quote; a quote within quotes is written twice."
        )

    @pytest.mark.parametrize(
        ("content", "what"),
        [
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "an old Excel workbook (.xls); save it as CSV UTF-8"),
            (b"%PDF-1.7\n", "a PDF; export the table behind it as CSV"),
            (b"PAR1\x15\x04", "a Parquet file; export it as CSV"),
            (b"PK\x03\x04 cut short", "a ZIP archive; unpack it first"),
            (gzip.compress(gzip.compress(b"a,b\n")), "a gzip inside a gzip; unpack it first"),
        ],
    )
    def test_other_formats_are_named(self, file: File, content: bytes, what: str) -> None:
        assert refusal(file(content)) == f"The file is {what}."

    @pytest.mark.parametrize(
        ("member", "what"),
        [
            ("xl/workbook.xml", "an Excel workbook (.xlsx); save the sheet as CSV UTF-8"),
            ("content.xml", "an OpenDocument file (.ods); save the sheet as CSV"),
            ("table.csv", "a ZIP archive; unpack it first"),
        ],
    )
    def test_workbooks_and_archives_are_told_apart(self, tmp_path: Path, member: str, what: str) -> None:
        path = tmp_path / "table.csv"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(member, "a,b\n")
        assert refusal(path) == f"The file is {what}."

    def test_a_damaged_gzip(self, file: File) -> None:
        whole = gzip.compress(b"a,b\n1,2\n" * 10_000)
        assert refusal(file(whole[:-20])) == "The file is a gzip that ends early or is damaged; fetch it again."

    def test_a_directory_a_missing_file_and_a_pipe(self, tmp_path: Path) -> None:
        assert refusal(tmp_path) == f"{tmp_path.name} is a directory; name a file."
        assert refusal(tmp_path / "gone.csv") == f"There is no file {tmp_path / 'gone.csv'}."
        os.mkfifo(tmp_path / "pipe")
        assert refusal(tmp_path / "pipe") == "pipe is not a regular file; write the data to a file first."

    @shared_path
    @given(content=st.binary(max_size=200))
    @example(content=b'"')
    @example(content=b"\x1f\x8b")
    @example(content=codecs.BOM_UTF16_LE)
    def test_no_bytes_at_all_make_it_crash(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "table.csv"
        path.write_bytes(content)
        with suppress(Unreadable):
            opened = CsvFile(path)
            assert all(len(row) == len(opened.table.header) for chunk in opened.chunks(3) for row in chunk.rows)


class TestRejectedRows:
    HEADER = ("id", "name", "notes")

    def test_a_row_goes_out_with_its_line_field_and_reason(self, tmp_path: Path) -> None:
        path = tmp_path / "rejected.csv"
        write_rejected(path, self.HEADER, [Rejected(["1", "=cmd()", "-3.5"], 7, "email", "'x' is no address.")])
        assert path.read_text() == (
            "rejected_line,rejected_field,rejected_reason,id,name,notes\n7,email,'x' is no address.,1,'=cmd(),-3.5\n"
        )

    def test_chunks_are_appended_under_one_header(self, tmp_path: Path) -> None:
        path = tmp_path / "rejected.csv"
        for line in range(3):
            write_rejected(path, self.HEADER, [Rejected([str(line), "", "x"], line, "notes", "No.")], bom=True)
        assert path.read_bytes().count(codecs.BOM_UTF8) == 1
        assert read(path) == (self.HEADER, [["0", "", "x"], ["1", "", "x"], ["2", "", "x"]])

    def test_only_the_owner_can_read_it(self, tmp_path: Path) -> None:
        path = tmp_path / "rejected.csv"
        path.touch(0o644)
        write_rejected(path, self.HEADER, [])
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_a_link_put_in_its_place_is_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "rejected.csv").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(OSError, match="symbolic links"):
            write_rejected(tmp_path / "rejected.csv", self.HEADER, [])
        assert not (tmp_path / "elsewhere").exists()

    def test_a_row_of_the_wrong_width_keeps_its_cells_and_stays_a_fault(self, tmp_path: Path, file: File) -> None:
        [long, short] = only_chunk(file("id,name,notes\n1,2,3,4\n1,2\n")).faults
        path = tmp_path / "rejected.csv"
        write_rejected(path, self.HEADER, [Rejected(f.cells, f.line, "", f.message) for f in (long, short)])
        again = only_chunk(path).faults
        assert [fault.cells for fault in again] == [("1", "2", "3", "4"), ("1", "2")]
        assert again[1].message == "Line 3 has 2 cells and the header has 3."

    def test_a_rejected_file_may_be_mended_saved_elsewhere_and_rejected_again(self, tmp_path: Path, file: File) -> None:
        first = file("id;rejected_reason;name;rejected_field;rejected_line\n1;No.;'=A1;name;9\n")
        assert read(first) == (("id", "name"), [["1", "=A1"]])
        second = tmp_path / "again.csv"
        opened = CsvFile(first)
        rows = [
            Rejected(row, line, "name", "Still no.")
            for c in opened.chunks()
            for line, row in zip(c.lines, c.rows, strict=True)
        ]
        write_rejected(second, opened.table.header, rows, delimiter=opened.table.delimiter)
        assert read(second) == (("id", "name"), [["1", "=A1"]])

    @shared_path
    @given(
        names=st.lists(tricky_cells.map(str.strip).filter(bool), min_size=1, max_size=4, unique=True),
        data=st.data(),
        delimiter=st.sampled_from(",;\t|^`"),
    )
    def test_whatever_goes_out_comes_back(
        self, tmp_path: Path, names: list[str], data: st.DataObject, delimiter: str
    ) -> None:
        path = tmp_path / "rejected.csv"
        path.unlink(missing_ok=True)
        row = st.lists(tricky_cells, min_size=len(names), max_size=len(names)).filter(any)
        rows = data.draw(st.lists(row, max_size=5))
        for line, cells_of_row in enumerate(rows):
            write_rejected(path, names, [Rejected(cells_of_row, line, "name", "=No")], delimiter=delimiter)
        if rows:
            assert read(path, delimiter=delimiter) == (tuple(names), rows)

    @given(tricky_cells)
    def test_an_apostrophe_that_was_added_is_taken_away_and_no_other(self, cell: str) -> None:
        assert restored(neutralized(cell)) == cell
        if neutralized(cell) == cell:
            assert not cell.startswith(("=", "@", "\t", "\r"))

    @pytest.mark.parametrize(
        "cell", ["=1+1", "+1+1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "-", "+49 170 5", "-3.5=", "'=x"]
    )
    def test_what_a_spreadsheet_might_run_gets_an_apostrophe(self, cell: str) -> None:
        assert neutralized(cell) == f"'{cell}"

    @pytest.mark.parametrize(
        "cell", ["", "-3.5", "+7", "-1.234,56", "-1e-5", "-.5", "-12%", "a=b", "'twas", "'-3.5", "2=2"]
    )
    def test_what_nothing_would_run_stays_as_it_is(self, cell: str) -> None:
        assert neutralized(cell) == restored(cell) == cell


def test_ordinary_rows_are_not_looked_at_cell_by_cell(file: File) -> None:
    path = file(as_csv([[f"c{number}" for number in range(100)], *([["value"] * 100] * 2_000)]))
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        list(CsvFile(path).chunks())
    finally:
        sys.setprofile(None)
    assert calls < 2_000 * 30
