"""What a file from outside is: text or something else, in which encoding, with which delimiter."""

import codecs
import csv
import gzip
import io
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

DELIMITERS: Final = (",", ";", "\t", "|", "^", "`")

# A longer cell is refused with its row. A longer line is no part of a table, and holding it could take all memory.
LONGEST_CELL: Final = 1_000_000
LONGEST_LINE: Final = 32_000_000

SAMPLE: Final = 1 << 18
BLOCK: Final = 1 << 18

BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # UTF-32 before UTF-16: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Latin-1 comes last because it never fails: it takes the five bytes that Windows-1252 leaves undefined.
UNMARKED_ENCODINGS: Final = ("utf-8", "cp1252", "latin-1")

BINARY_FORMATS: Final = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls); save it as CSV UTF-8"),
    (b"%PDF-", "a PDF; export the table behind it as CSV"),
    (b"PAR1\x15", "a Parquet file; export it as CSV"),
    (b"SQLite format 3\0", "an SQLite database; export its table as CSV"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it first"),
    (b"\xfd7zXZ\0", "an xz archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive; unpack it first"),
    (b"BZh91AY&SY", "a bzip2 archive; unpack it first"),
    (b"\x1f\x8b", "a gzip inside a gzip; unpack it first"),
)


class Unreadable(Exception):
    """The file cannot be read as a table. The message says why and what would help."""


class _Undecodable(Unreadable):
    pass


class Bytes(io.BufferedReader):
    """The bytes of a file, unpacked on the way when it is a gzip."""

    def __init__(self, path: Path) -> None:
        self.file = io.FileIO(path)
        packed = self.file.read(2) == b"\x1f\x8b"
        self.file.seek(0)
        super().__init__(gzip.GzipFile(fileobj=self.file) if packed else self.file, BLOCK)
        self.passed = 0

    def read1(self, size: int = -1, /) -> bytes:
        data = super().read1(size)
        self.passed += len(data)
        return data

    def close(self) -> None:
        super().close()
        self.file.close()

    @property
    def consumed(self) -> int:
        """How far the reading has come in the file as it lies on the disk."""
        return self.file.tell()


@dataclass(frozen=True, slots=True)
class Text:
    """The encoding of a file that has been decoded once from end to end, and what was seen on the way."""

    encoding: str
    has_nul: bool = False
    has_long_lines: bool = False


def text_of(path: Path, encoding: str | None) -> Text:
    """Find the encoding of a file by decoding all of it: a byte order mark decides, else `encoding`, else what fits.

    Raises Unreadable for what is not a file, not text, or not in the encoding that it should have.
    """
    start = _start(path)
    _refuse_binary(path, start)
    marked = next((name for mark, name in BYTE_ORDER_MARKS if start.startswith(mark)), None)
    candidates = (marked,) if marked else (_known(encoding),) if encoding else UNMARKED_ENCODINGS
    for candidate in candidates:
        try:
            return _scan(path, candidate)
        except _Undecodable as problem:
            undecodable = problem
    raise undecodable


def _start(path: Path) -> bytes:
    if path.is_dir():
        raise Unreadable(f"{path.name} is a directory; name a file.")
    if not path.exists():
        raise Unreadable(f"There is no file {path}.")
    if not path.is_file():
        raise Unreadable(f"{path.name} is not a regular file; write the data to a file first.")
    if not os.access(path, os.R_OK):
        raise Unreadable(f"{path.name} may not be read; allow it with chmod.")
    return next(_blocks(path), b"")[:64]


def _refuse_binary(path: Path, start: bytes) -> None:
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise Unreadable(f"The file is {_kind_of_zip(path)}.")
    for magic, what in BINARY_FORMATS:
        if start.startswith(magic):
            raise Unreadable(f"The file is {what}.")


def _kind_of_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        names = []
    if any(name.startswith("xl/") for name in names):
        return "an Excel workbook (.xlsx); save the sheet as CSV UTF-8"
    if "content.xml" in names:
        return "an OpenDocument file (.ods); save the sheet as CSV"
    return "a ZIP archive; unpack it first"


def _known(encoding: str) -> str:
    try:
        io.TextIOWrapper(io.BytesIO(), encoding)
    except (LookupError, ValueError):
        usual = "utf-8, cp1252, latin-1 and utf-16"
        raise Unreadable(f"There is no encoding {encoding!r}; usual ones are {usual}.") from None
    return encoding


def _blocks(path: Path) -> Iterator[bytes]:
    try:
        with Bytes(path) as stream:
            while block := stream.read(BLOCK):
                yield block
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise Unreadable("The file is a gzip that ends early or is damaged; fetch it again.") from None


def _scan(path: Path, encoding: str) -> Text:
    decoder = codecs.getincrementaldecoder(encoding)()
    has_nul, line, unbroken, longest = False, 1, 0, 0
    for block in _with_end(_blocks(path)):
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeError as error:
            raise _Undecodable(_undecodable(error, encoding, line)) from None
        has_nul = has_nul or "\0" in text
        # A line that ends in this block counts with all of the block: a bound is enough to know when to look closer.
        unbroken += len(text)
        longest = max(longest, unbroken)
        if unbroken > LONGEST_LINE + BLOCK:
            raise Unreadable(f"Line {line:,} is over {LONGEST_LINE:,} characters long, so this is no table of lines.")
        newline = "\n" if "\n" in text else "\r"
        line += text.count(newline)
        if (last := text.rfind(newline)) >= 0:
            unbroken = len(text) - last - 1
    return Text(encoding, has_nul, longest > LONGEST_CELL)


def _with_end(blocks: Iterable[bytes]) -> Iterator[bytes]:
    yield from blocks
    yield b""


def _undecodable(error: UnicodeError, encoding: str, line: int) -> str:
    name = "UTF-8" if encoding == "utf-8-sig" else encoding
    if isinstance(error, UnicodeDecodeError):
        line += error.object[: error.start].count(b"\n")
        where = f"byte 0x{error.object[error.start]:02x} in line {line:,} does not belong to it"
    else:
        where = str(error)
    return f"The file is not in the encoding {name}: {where}; save it as UTF-8, or name the encoding that it is in."


class _Fit(NamedTuple):
    """How well a delimiter explains the first records; the greatest wins."""

    most_rows_are_as_wide_as_the_header: bool
    boundaries: int


def delimiter_of(sample: str, *, truncated: bool) -> str:
    """The delimiter that cuts the header into columns and the first records into as many; a comma for one column."""
    fits = {delimiter: fit for delimiter in DELIMITERS if (fit := _fit(sample, delimiter, truncated=truncated))}
    return max(fits, key=lambda delimiter: fits[delimiter], default=",")


def _fit(sample: str, delimiter: str, *, truncated: bool) -> _Fit | None:
    records = [row for row in islice(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), 50) if row]
    if truncated and len(records) > 1:
        records.pop()  # its end is missing
    width = len(records[0]) if records else 0
    if width < 2:
        return None
    same = sum(len(row) == width for row in records[1:])
    return _Fit(same * 2 >= len(records) - 1, (1 + same) * (width - 1))
