"""A CSV file from outside as chunks of rows, and the file of rejected rows that goes back to be mended.

What a program or a spreadsheet calls CSV is read as it comes: delimiter and encoding are found, not asked for. A row
that cannot be used becomes a fault with its line and a reason; only a file that is no table at all is refused.
"""

import csv
import io
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple, Self

from accounts.cells import shown
from accounts.csvformat import LONGEST_CELL, LONGEST_LINE, SAMPLE, Bytes, Text, Unreadable, delimiter_of, text_of

__all__ = ["Chunk", "CsvFile", "Fault", "Rejected", "Table", "Unreadable", "neutralized", "restored", "write_rejected"]

MOST_COLUMNS: Final = 1_000
# A chunk ends early here, so that wide rows do not make it grow without end.
LARGEST_CHUNK: Final = 32_000_000
# Enough that a block costs no more than its rows, and little to read again when one of them is odd.
PLAIN_AT_ONCE: Final = 250

DELIMITER_NAMES: Final = {
    ",": "a comma",
    ";": "a semicolon",
    "\t": "a tab",
    "|": "a pipe",
    "^": "a caret",
    "`": "a backquote",
}

# These stand before the row's own cells, so that a row with too many or too few of them does not push the reason aside.
REJECTED_COLUMNS: Final = ("rejected_line", "rejected_field", "rejected_reason")


@dataclass(frozen=True, slots=True)
class Table:
    """What a file turned out to be. `size` is in bytes, as it lies on the disk."""

    header: tuple[str, ...]
    delimiter: str
    encoding: str
    size: int


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that cannot be used: the line where it begins, why, and its cells as far as they could be told apart."""

    line: int
    message: str
    cells: tuple[str, ...]


@dataclass(slots=True)
class Chunk:
    """Some rows, each as wide as the header, with their lines; the faults among them; the bytes read so far."""

    lines: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    read: int = 0


class CsvFile:
    """A table in a file, read in chunks as often as asked.

    Lines count from 1 as an editor shows them. Blank lines and rows without a single character are skipped. A file that
    was written by `write_rejected` gives the rows that went into it. Raises Unreadable, at once or when the chunks come
    to an unclosed quote.
    """

    def __init__(self, path: Path, *, delimiter: str | None = None, encoding: str | None = None) -> None:
        if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n\0'):
            raise Unreadable(f"{delimiter!r} cannot be a delimiter; give one character, such as a semicolon or a tab.")
        self._path = path
        self._text = text_of(path, encoding)
        with _Walk(path, self._text, ",") as walk:
            sample = walk.text.read(SAMPLE)
        declared = re.match(r'"?sep=([^"\r\n])"?(?:\r\n|\r|\n|$)', sample, re.IGNORECASE)
        self._skip = 1 if declared else 0
        if delimiter is None:
            delimiter = declared[1] if declared else delimiter_of(sample, truncated=len(sample) == SAMPLE)
        self._delimiter = delimiter
        names = self._read_names()
        self._dropped = self._unnamed(names)
        self._mended = set(REJECTED_COLUMNS) <= set(names)
        if self._mended:
            self._dropped |= {names.index(name) for name in REJECTED_COLUMNS}
            names = [restored(name) for name in names]
        header = tuple(name for column, name in enumerate(names) if column not in self._dropped)
        self._check(header, names)
        self.table = Table(header, delimiter, self._text.encoding, path.stat().st_size)

    def chunks(self, rows: int = 10_000) -> Iterator[Chunk]:
        """The rows in order, up to `rows` at a time."""
        with self._walk() as walk:
            records = walk.records()
            while (chunk := self._chunk(walk, records, rows)) is not None:
                yield chunk

    def _walk(self) -> "_Walk":
        return _Walk(self._path, self._text, self._delimiter, self._skip)

    def _read_names(self) -> list[str]:
        with self._walk() as walk:
            for line, record in walk.records():
                if isinstance(record, _Stray):
                    raise Unreadable(f"The header cannot be read: {record.message}")
                if any(cell.strip() for cell in record) or len(record) > 1:
                    self._skip = walk.line
                    if any("\0" in cell for cell in record):
                        raise Unreadable(f"Line {line} has NUL bytes, so this is no text; save the table as CSV UTF-8.")
                    return [name.strip() for name in record]
        raise Unreadable("The file is empty.")

    def _unnamed(self, names: list[str]) -> set[int]:
        """Columns without a name, as a delimiter at the end of each line makes them. None of them may hold anything."""
        unnamed = {column for column, name in enumerate(names) if not name}
        if not unnamed:
            return unnamed
        with self._walk() as walk:
            for line, row in walk.records():
                for column in unnamed:
                    if column < len(row) and row[column].strip():
                        where = f"holds {shown(row[column])} in line {line:,}"
                        raise Unreadable(f"Column {column + 1} has no name but {where}; name it or remove it.")
        return unnamed

    def _check(self, header: tuple[str, ...], names: list[str]) -> None:
        if not header:
            raise Unreadable(f"Line {self._skip} names no columns; the first line must be the header.")
        if len(header) > MOST_COLUMNS:
            limit = f"the limit is {MOST_COLUMNS:,}"
            raise Unreadable(f"The header has {len(header):,} columns; {limit}. Leave out those that nobody needs.")
        columns = defaultdict(list)
        for column, name in enumerate(names, start=1):
            columns[name].append(str(column))
        twice = [
            f"{shown(name)} in columns {' and '.join(columns[name])}"
            for name in dict.fromkeys(header)
            if len(columns[name]) > 1
        ]
        if twice:
            raise Unreadable(f"The header repeats {', '.join(twice)}; every column needs a name of its own.")

    def _chunk(self, walk: "_Walk", records: Iterator["_Record"], rows: int) -> Chunk | None:
        chunk = Chunk()
        stop = walk.bytes.passed + LARGEST_CHUNK
        if not (self._dropped or self._text.has_nul or self._text.has_long_lines):
            self._take_plain(walk, chunk, rows, stop)
        taken = len(chunk.rows)
        while taken < rows and walk.bytes.passed <= stop and (found := next(records, None)):
            self._judge(*found, chunk)
            taken += 1
        chunk.read = min(walk.bytes.consumed, self.table.size)
        return chunk if taken else None

    def _take_plain(self, walk: "_Walk", chunk: Chunk, rows: int, stop: int) -> None:
        """Take what is as plain as nearly every file, by the block, and stop before whatever has to be judged."""
        width = len(self.table.header)
        while len(chunk.rows) < rows and walk.bytes.passed <= stop:
            block = walk.plain_rows(min(rows - len(chunk.rows), PLAIN_AT_ONCE), width)
            if not block:
                return
            chunk.lines.extend(range(walk.line - len(block) + 1, walk.line + 1))
            chunk.rows.extend(block)

    def _judge(self, line: int, record: "list[str] | _Stray", chunk: Chunk) -> None:
        cells = [cell for column, cell in enumerate(record) if column not in self._dropped]
        if self._mended:
            cells = [restored(cell) for cell in cells]
        width = len(self.table.header)
        if isinstance(record, _Stray):
            chunk.faults.append(Fault(line, record.message, tuple(cells)))
        elif not any(cells) or (len(cells) != width and not "".join(cells).strip()):
            return
        elif len(cells) != width and (len(cells) < width or any(cells[width:])):
            message = f"Line {line:,} has {len(cells):,} cells and the header has {width:,}."
            if len(cells) > width:
                delimiter = DELIMITER_NAMES.get(self.table.delimiter, "the delimiter")
                message += f" A cell with {delimiter} in it needs quotes."
            chunk.faults.append(Fault(line, message, tuple(cells)))
        elif message := self._odd_cell(line, cells):
            chunk.faults.append(Fault(line, message, tuple(cells)))
        else:
            chunk.lines.append(line)
            chunk.rows.append(cells[:width])

    def _odd_cell(self, line: int, cells: list[str]) -> str:
        for name, cell in zip(self.table.header, cells, strict=False):
            if len(cell) > LONGEST_CELL:
                size = f"the cell has {len(cell):,} characters; the limit is {LONGEST_CELL:,}"
                return f"Line {line:,}, column {shown(name)}: {size}."
            if "\0" in cell:
                return f"Line {line:,}, column {shown(name)}: the cell has a NUL byte, which no text has; remove it."
        return ""


class _Stray(list[str]):
    """The cells of a record with a quote in the wrong place, as well as they can be guessed."""

    def __init__(self, cells: Iterable[str], message: str) -> None:
        super().__init__(cells)
        self.message = message


_Record = tuple[int, list[str] | _Stray]


class _Walk:
    """One way through the file. It keeps the lines of the record at hand, to show them should the record be broken."""

    def __init__(self, path: Path, text: Text, delimiter: str, skip: int = 0) -> None:
        # The limit belongs to the whole process and is 131,072 at first, less than a cell may have. This one only ends
        # what an unclosed quote would swallow; a row with too long a cell is judged later.
        csv.field_size_limit(max(csv.field_size_limit(), LONGEST_LINE))
        self.bytes = Bytes(path)
        self.text = io.TextIOWrapper(self.bytes, text.encoding, newline="")
        self.line = skip
        self._skip = skip
        self._delimiter = delimiter
        self._pending: list[str] = []
        self._source: Iterator[str] = islice(self.text, skip, None)
        self._ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.text.close()

    def records(self) -> Iterator[_Record]:
        """Each record with the line where it begins; `line` is then the one where it ends."""
        reader = csv.reader(self._lines(), delimiter=self._delimiter, strict=True)
        while True:
            try:
                for row in reader:
                    begins = self.line + 1
                    self.line = self._skip + reader.line_num
                    self._pending.clear()
                    yield begins, row
            except csv.Error:
                begins = self.line + 1
                self.line = self._skip + reader.line_num
                yield begins, self._stray(begins)
                self._pending.clear()
            else:
                return

    def plain_rows(self, most: int, width: int) -> list[list[str]]:
        """The next rows, if each is one line, as wide as this, and begins with something; else none, and they are still
        to come. As many rows as lines means that no row goes over two."""
        lines = list(islice(self._source, most))
        try:
            rows = list(csv.reader(lines, delimiter=self._delimiter, strict=True))
        except csv.Error:
            rows = []
        if len(rows) == len(lines) and set(map(len, rows)) <= {width} and all(map(itemgetter(0), rows)):
            self._skip += len(lines)
            self.line += len(lines)
            return rows
        self._source = chain(lines, self._source)
        return []

    def _lines(self) -> Iterator[str]:
        keep = self._pending.append
        while (line := next(self._source, None)) is not None:
            keep(line)
            yield line
        self._ended = True

    def _stray(self, line: int) -> _Stray:
        if self._ended:
            raise Unreadable(f"A quote opens in the row of line {line:,} and never closes; close it, or remove it.")
        if sum(map(len, self._pending)) > LONGEST_LINE:
            limit = f"goes on for over {LONGEST_LINE:,} characters"
            raise Unreadable(f"A cell in the row of line {line:,} {limit}; its closing quote may be missing.")
        cells = next(csv.reader(self._pending, delimiter=self._delimiter))
        return _Stray(cells, f"Line {line:,} has text after a closing quote; a quote within quotes is written twice.")


class Rejected(NamedTuple):
    """A row to hand back: its cells as they came, the line where it begins, the field at fault and the reason."""

    cells: Sequence[str]
    line: int
    field: str
    reason: str


def write_rejected(
    path: Path, header: Sequence[str], rows: Iterable[Rejected], *, delimiter: str = ",", bom: bool = False
) -> None:
    """Append rejected rows to a file that only its owner can read, with a header when it is new.

    With the delimiter of the file that they came from, it opens in a spreadsheet as that one did. `bom` marks a new
    file as UTF-8, for Excel.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8", newline="") as file:
        os.fchmod(descriptor, 0o600)
        writer = csv.writer(file, delimiter=delimiter)
        if not os.fstat(descriptor).st_size:
            file.write("\ufeff" if bom else "")
            writer.writerow([*REJECTED_COLUMNS, *map(neutralized, header)])
        for row in rows:
            writer.writerow([row.line, neutralized(row.field), neutralized(row.reason), *map(neutralized, row.cells)])


_RUNS: Final = re.compile(r"'*[=+\-@\t\r]")
_NUMBER: Final = re.compile(r"'*[+-]?(?:[0-9]+(?:[.,][0-9]+)*|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?%?")


def neutralized(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula; a number keeps its sign.

    Apostrophes before such a beginning get one more, so that `restored` can always tell which one was added.
    """
    return f"'{cell}" if _RUNS.match(cell) and not _NUMBER.fullmatch(cell) else cell


def restored(cell: str) -> str:
    """Undo `neutralized`."""
    return cell[1:] if cell.startswith("'") and neutralized(cell[1:]) == cell else cell
