"""Reading a spreadsheet file, CSV or XLSX, as rows of text. Knows nothing of what the columns mean.

The rows are copied to a temporary file first: memory stays small however long the file is, and the slow reading is
over before the database is touched.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, BinaryIO

from openpyxl import load_workbook

from core import gettext as _
from inventory.exchange.cells import text_of_cell, unguarded
from inventory.problems import FieldProblem, InvalidInput

MEGABYTE = 1 << 20
COLUMN_LIMIT = 200
CELL_LIMIT = 20_000             # longer cells are cut: every field is refused far below this
UNPACKED_LIMIT = 400 * MEGABYTE  # a 60,000-row workbook unpacks to about 100 MB
STRINGS_LIMIT = 100 * MEGABYTE   # the shared strings are held in memory
ENTRY_LIMIT = 2_000
BLANK_ROWS_LIMIT = 10_000
DELIMITERS = ",;\t"

Row = tuple[int, list[str]]  # (number as the spreadsheet shows it, texts)


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How large a file may be."""

    megabytes: int = 20
    rows: int = 100_000


class Spool:
    """The rows of a file, kept in a temporary file; read them as often as needed. Closing deletes it."""

    def __init__(self, headings: Sequence[str]) -> None:
        self.headings = tuple(headings)
        self.count = 0
        self._file: IO[str] = TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - close() ends it

    def add(self, number: int, texts: Sequence[str]) -> None:
        """Keep one row."""
        self._file.write(json.dumps([number, texts], ensure_ascii=False) + "\n")
        self.count += 1

    def __iter__(self) -> Iterator[Row]:
        self._file.seek(0)
        for line in self._file:
            number, texts = json.loads(line)
            yield number, texts

    def close(self) -> None:
        """Delete the temporary file."""
        self._file.close()


def read_table(source: Path | BinaryIO, limits: ReadLimits, progress: Callable[[int], None] | None = None) -> Spool:
    """All rows below the headings. Raises InvalidInput when the file is no spreadsheet or too large."""
    if isinstance(source, Path):
        try:
            with source.open("rb") as file:
                return _read(file, limits, progress)
        except OSError as error:
            raise _refused(_("The file cannot be opened: %(reason)s.", reason=error.strerror or "")) from error
    return _read(source, limits, progress)


def _read(file: BinaryIO, limits: ReadLimits, progress: Callable[[int], None] | None) -> Spool:
    content = file.read(limits.megabytes * MEGABYTE + 1)
    if len(content) > limits.megabytes * MEGABYTE:
        raise _refused(_("The file is larger than %(limit)d MB. Split it into several files.", limit=limits.megabytes))
    if not content.strip():
        raise _refused(_("The file is empty. Download the template and fill it in."))
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refused(_("This is an old or protected workbook. Save it as .xlsx without a password and try again."))
    rows = _xlsx_rows(content) if content.startswith(b"PK") else _csv_rows(content)
    spool: Spool | None = None
    try:
        for number, texts in rows:
            if not any(texts):
                continue
            if spool is None:
                spool = Spool(texts)
                continue
            if spool.count >= limits.rows:
                raise _refused(_(
                    "The file has more than %(limit)d rows. Split it into several files.", limit=limits.rows))
            spool.add(number, texts)
            if progress is not None and spool.count % 1000 == 0:
                progress(spool.count)
    except BaseException:
        if spool is not None:
            spool.close()
        raise
    if spool is None:
        raise _refused(_("The file is empty. Download the template and fill it in."))
    return spool


def _csv_rows(content: bytes) -> Iterator[Row]:
    encoding = _encoding_of(content)
    text = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
    number, heading = 0, ""
    while not heading.strip():  # the file is not blank: its reader has seen to it
        start, number, heading = text.tell(), number + 1, text.readline()
        if not heading:
            return
    if heading.strip().lower().startswith("sep=") and len(heading.strip()) == 5:  # as spreadsheet programs write it
        delimiter = heading.strip()[4]
    else:
        text.seek(start)
        number -= 1
        delimiter = _delimiter(heading)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        number += 1
        try:
            texts = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InvalidInput([FieldProblem(
                number, "", _("The row cannot be read: a quotation mark is not closed, or a cell is far too long."))
            ]) from error
        yield number, _cut(texts)


def _encoding_of(content: bytes) -> str:
    """The encoding in which all of the content makes sense; old Vietnamese programs for Windows wrote 1258."""
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1258")
    for encoding in encodings:
        decoder = codecs.getincrementaldecoder(encoding)()
        pieces = (content[start:start + MEGABYTE] for start in range(0, len(content), MEGABYTE))
        try:
            if not any("\x00" in decoder.decode(piece) for piece in pieces):
                decoder.decode(b"", final=True)
                return encoding
        except UnicodeDecodeError:
            continue
    raise _refused(_("This is not a spreadsheet. Save it as .xlsx, or as CSV in UTF-8, and try again."))


def _delimiter(heading: str) -> str:
    """The mark that parts the headings: the one that occurs most outside of quotation marks."""
    outside = "".join(heading.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _cut(texts: Sequence[str]) -> list[str]:
    return [unguarded(text.strip()[:CELL_LIMIT]) for text in texts[:COLUMN_LIMIT]]


def _xlsx_rows(content: bytes) -> Iterator[Row]:
    broken = _("The workbook is damaged. Open it in a spreadsheet program, save it as .xlsx and try again.")
    try:
        _check_archive(content)
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        if not workbook.worksheets:
            raise _refused(_("The workbook has no sheet. Download the template and fill it in."))
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its own size is often wrong
        blank = 0
        for number, values in enumerate(sheet.iter_rows(max_col=COLUMN_LIMIT, values_only=True), 1):
            texts = _cut([text_of_cell(value) for value in _without_tail(values)])
            blank = 0 if any(texts) else blank + 1
            if blank > BLANK_ROWS_LIMIT:
                return
            yield number, texts
    except (InvalidInput, MemoryError):
        raise
    # openpyxl raises whatever it stumbles over: KeyError, ValueError, ParseError, BadZipFile...
    except Exception as error:
        raise _refused(broken) from error


def _without_tail(values: Sequence[object]) -> Sequence[object]:
    end = len(values)
    while end and values[end - 1] is None:
        end -= 1
    return values[:end]


def _check_archive(content: bytes) -> None:
    """Refuse an archive that unpacks to far more than a workbook needs, before anything is unpacked."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    strings = sum(entry.file_size for entry in entries if "sharedstrings" in entry.filename.lower())
    if len(entries) > ENTRY_LIMIT or unpacked > UNPACKED_LIMIT or strings > STRINGS_LIMIT:
        raise _refused(_("The workbook unpacks to far more than a spreadsheet needs. Copy the rows into a new one."))


def _refused(message: str) -> InvalidInput:
    return InvalidInput([FieldProblem(None, "", message)])
