"""Import: a spreadsheet of one kind of record into the database, all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from core import Scope, Session
from core import gettext as _
from inventory.exchange.engine import Importer, Progress
from inventory.exchange.headings import match_headings
from inventory.exchange.reading import ReadLimits, read_table
from inventory.exchange.report import ImportReport
from inventory.problems import FieldProblem, InvalidInput
from inventory.subjects import EXCHANGED


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to import: only look, how large the file may be, whom to tell how far it is."""

    is_dry_run: bool = False
    limits: ReadLimits = field(default_factory=ReadLimits)
    progress: Progress | None = None


def import_table(
    session: Session, scope: Scope, kind: str, source: Path | BinaryIO, options: ImportOptions = ImportOptions()
) -> ImportReport:
    """Import a CSV or XLSX file of "units", "sites", "rooms", "devices", "links", "assets" or "calendar".

    With problems nothing is written and the report lists all of them; a dry run writes nothing either and needs no
    writing session. The caller commits. The file is read before the session is first used.
    """
    subject = EXCHANGED.get(kind)
    if subject is None:
        shown = ", ".join(EXCHANGED)
        return _failed(kind, InvalidInput([FieldProblem(None, "", _("Choose one of: %(values)s.", values=shown))]))
    progress = options.progress
    try:
        spool = read_table(source, options.limits, (lambda n: progress("read", n, 0)) if progress else None)
    except InvalidInput as error:
        return _failed(kind, error)
    try:
        columns = match_headings(subject, spool.headings)
        importer = Importer(session, scope, subject, spool, columns, progress)
    except InvalidInput as error:
        spool.close()
        return _failed(kind, error)
    try:
        importer.check()
        report = importer.report()
        if report.problems or options.is_dry_run:
            return report
        try:
            with session.begin_nested():
                importer.write()
        except InvalidInput as error:
            return _failed(kind, error)
        return importer.report(is_written=True)
    finally:
        importer.close()
        spool.close()


def _failed(kind: str, error: InvalidInput) -> ImportReport:
    return ImportReport(kind, problems=error.problems)
