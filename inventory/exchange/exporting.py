"""Export and templates: what an import takes, written by us. An exported file imported again changes nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from core import Scope, Session
from core import gettext as _
from inventory.exchange.cells import guarded, shown_value, text_for_csv
from inventory.exchange.headings import heading_of
from inventory.fields import Field, Subject
from inventory.store.bulk import export_rows
from inventory.subjects import EXCHANGED

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
TEMPLATE_ROWS = 5_000  # rows of a template that have their lists of choices
_BOLD = Font(bold=True)
_HEAD_FILL = PatternFill("solid", fgColor="DCE6F1")
_WRAP = Alignment(wrap_text=True, vertical="top")
_DATE_FORMAT = "dd/mm/yyyy"


def export_table(
    session: Session, scope: Scope, kind: str, target: BinaryIO, form: str = "xlsx", unit_path: str | None = None
) -> int:
    """Write all records of a kind that the scope shows, as CSV (UTF-8 with BOM) or XLSX; how many there were.

    `unit_path` narrows to a unit's branch. Raises KeyError for an unknown kind or form.
    """
    subject, write = EXCHANGED[kind], {"csv": _write_csv, "xlsx": _write_xlsx}[form]
    rows = export_rows(session, scope, subject.word, [field.name for field in subject.fields], unit_path)
    return write(subject, ([shown_value(f, row[f.name]) for f in subject.fields] for row in rows), target)


def _write_csv(subject: Subject, rows: Iterator[list[Any]], target: BinaryIO) -> int:
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([heading_of(field) for field in subject.fields])
    count = 0
    for row in rows:
        writer.writerow([text_for_csv(value) for value in row])
        count += 1
    text.flush()
    text.detach()
    return count


def _write_xlsx(subject: Subject, rows: Iterator[list[Any]], target: BinaryIO) -> int:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(_(subject.title)[:31])
    sheet.freeze_panes = "A2"
    for number, field in enumerate(subject.fields, 1):
        sheet.column_dimensions[get_column_letter(number)].width = _width(field)
    sheet.append([_head_cell(sheet, field) for field in subject.fields])
    count = 0
    for row in rows:
        sheet.append([_xlsx_cell(sheet, value) for value in row])
        count += 1
    workbook.save(target)
    return count


def _head_cell(sheet: Any, field: Field) -> Any:
    cell = WriteOnlyCell(sheet, heading_of(field))
    cell.font, cell.fill = _BOLD, _HEAD_FILL
    return cell


def _xlsx_cell(sheet: Any, value: Any) -> Any:
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        return guarded(value)
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = _DATE_FORMAT
    return cell


def _width(field: Field) -> float:
    return max(12.0, min(40.0, len(heading_of(field)) + 4.0))


def template(kind: str) -> bytes:
    """An empty XLSX file to be filled in: headings, lists of choices, explanations. KeyError: unknown kind."""
    subject = EXCHANGED[kind]
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = _(subject.title)[:31]
    sheet.freeze_panes = "A2"
    explained = workbook.create_sheet(_("Explanations"))
    lists = workbook.create_sheet(_("Lists"))
    for number, field in enumerate(subject.fields, 1):
        letter = get_column_letter(number)
        cell = sheet.cell(1, number, heading_of(field))
        cell.font, cell.fill, cell.alignment = _BOLD, _HEAD_FILL, _WRAP
        sheet.column_dimensions[letter].width = _width(field)
        # As text, so that a code keeps its leading zeros and a date is read as it was typed
        sheet.column_dimensions[letter].number_format = "@"
        if field.choices is not None:
            _offer(sheet, lists, number, field)
    _explain(explained, subject)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _offer(sheet: Any, lists: Any, number: int, field: Field) -> None:
    """Give a column its list of choices, kept on a sheet of its own: inside the rule 255 letters are the limit."""
    labels = [_(label) for label in (field.choices or {}).values()]
    letter = get_column_letter(number)
    lists.cell(1, number, heading_of(field)).font = _BOLD
    for row, label in enumerate(labels, 2):
        lists.cell(row, number, label)
    title = lists.title.replace("'", "''")
    area = f"'{title}'!${letter}$2:${letter}${len(labels) + 1}"
    rule = DataValidation("list", formula1=area, allow_blank=not field.required)
    rule.errorTitle, rule.error = _(field.title)[:32], _("Choose a value from the list.")
    rule.showErrorMessage = True
    sheet.add_data_validation(rule)
    rule.add(f"{letter}2:{letter}{TEMPLATE_ROWS}")


def _explain(sheet: Any, subject: Subject) -> None:
    texts = [
        _("Fill in the first sheet, one line for each. Columns with * must be filled in."),
        _(subject.key_help),
        _("A later file with the same keys changes what is there; an empty cell empties the field, a missing column"
          " leaves it as it is."),
    ]
    for row, text in enumerate(texts, 1):
        sheet.cell(row, 1, text)
    start = len(texts) + 2
    _explain_row(sheet, start, [_("Column"), _("Required"), _("Meaning"), _("Possible values"), _("Example")], _BOLD)
    for row, field in enumerate(subject.fields, start + 1):
        labels = ", ".join(_(label) for label in (field.choices or {}).values())
        _explain_row(sheet, row, [
            heading_of(field), _("Yes") if field.required else _("No"), _(field.help) if field.help else "", labels,
            guarded(field.example),
        ], None)
    for letter, width in zip("ABCDE", (30, 12, 60, 60, 28), strict=True):
        sheet.column_dimensions[letter].width = width


def _explain_row(sheet: Any, row: int, texts: Sequence[str], font: Font | None) -> None:
    for column, text in enumerate(texts, 1):
        cell = sheet.cell(row, column, text)
        cell.alignment = _WRAP
        if font is not None:
            cell.font = font
