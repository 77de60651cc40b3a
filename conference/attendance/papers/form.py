"""The office form of minutes as a Word template, made here: no file of unknown origin (Decree 30/2020/NĐ-CP: Times New
Roman, margins 20, 20, 30 and 15 mm, the state's name and motto at the right, the issuing body at the left)."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from core import gettext as _

FONT = "Times New Roman"
CENTRE, RIGHT, BOTH = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.JUSTIFY


@cache
def form(language: str) -> bytes:
    """The template in a language (papers are written in Vietnamese); `language` is the cache's key."""
    page = docx.Document()
    _prepare(page)
    _head(page)
    _opening(page)
    _course(page)
    _attendance(page)
    _signatures(page)
    out = io.BytesIO()
    page.save(out)
    return out.getvalue()


def _prepare(page: Any) -> None:
    section = page.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(20), Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    style = page.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(13)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.paragraph_format.space_after = Pt(4)


def _line(place: Any, text: str, **how: Any) -> Any:
    """A paragraph; how: align, bold, italic, size, underline."""
    paragraph = place.add_paragraph()
    paragraph.alignment = how.get("align", BOTH)
    run = paragraph.add_run(text)
    run.bold, run.italic, run.underline = how.get("bold"), how.get("italic"), how.get("underline")
    if "size" in how:
        run.font.size = Pt(how["size"])
    return paragraph


def _cell(cell: Any, *lines: tuple[str, dict[str, Any]]) -> None:
    """Lines into a cell, without the empty paragraph that each cell begins with."""
    for text, how in lines:
        _line(cell, text, **{"align": CENTRE, **how})
    first = cell.paragraphs[0]._element
    first.getparent().remove(first)


def _head(page: Any) -> None:
    table = page.add_table(rows=1, cols=2)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for cell, width in zip(table.rows[0].cells, (Mm(70), Mm(95)), strict=True):
        cell.width = width
    _cell(
        table.cell(0, 0), ("{{ above }}", {"size": 12}), ("{{ unit }}", {"bold": True, "size": 12}),
        ("―――――――", {"size": 8}), (_("No.: %(n)s", n="{{ number }}"), {"size": 13}),
    )  # fmt: skip
    _cell(
        table.cell(0, 1), (_("SOCIALIST REPUBLIC OF VIET NAM"), {"bold": True, "size": 12}),
        (_("Independence - Freedom - Happiness"), {"bold": True, "size": 13}), ("――――――――――――", {"size": 8}),
        ("{{ dated }}", {"italic": True}),
    )  # fmt: skip


def _opening(page: Any) -> None:
    _line(page, "")
    _line(page, _("MINUTES"), align=CENTRE, bold=True, size=15)
    _line(page, "{{ title }}", align=CENTRE, bold=True, size=14)
    _line(page, "")
    _line(page, _("I. Time and place"), bold=True)
    _line(page, _("1. Began: %(start)s; ended: %(end)s.", start="{{ starts }}", end="{{ ends }}"))
    _line(page, _("2. Held online; chaired from: %(place)s.", place="{{ place }}"))
    _line(page, _("II. Taking part"), bold=True)
    _line(page, _("1. Chair: %(name)s.", name="{{ chair }}"))
    _line(page, _("2. Secretary: %(name)s.", name="{{ secretary }}"))
    _line(page, "3. {{ sentence }}")
    _line(page, "{%p if heads %}")
    _line(page, "4. {{ heads }}")
    _line(page, "{%p endif %}")


def _course(page: Any) -> None:
    _line(page, _("III. Course of the meeting"), bold=True)
    _line(page, "{%p for item in agenda %}")
    _line(page, "- {{ item }}")
    _line(page, "{%p endfor %}")
    _line(page, "{%p for line in content %}")
    _line(page, "{{ line }}")
    _line(page, "{%p endfor %}")
    _line(page, "{%p if speakers %}")
    _line(page, "{{ speakers }}")
    _line(page, "{%p endif %}")
    _line(page, "{%p if recording %}")
    _line(page, _("Recording: %(url)s", url="{{ recording }}"))
    _line(page, "{%p endif %}")
    _line(page, _("IV. Conclusions"), bold=True)
    _line(page, "{%p for line in conclusions %}")
    _line(page, "{{ line }}")
    _line(page, "{%p endfor %}")


def _attendance(page: Any) -> None:
    _line(page, _("V. Attendance"), bold=True)
    _line(page, "{{ counted }}", italic=True)
    _grid(page, "totals", (
        (_("Area"), "name", 55), (_("Invited"), "invited", 22), (_("Present"), "present", 22),
        (_("Partly"), "partial", 22), (_("Absent"), "absent", 22), (_("Excused"), "excused", 22),
    ))  # fmt: skip
    _line(page, "")
    _grid(page, "rows", (
        (_("No."), "n", 11), (_("Attendee"), "name", 62), (_("Came"), "first", 17), (_("Left at"), "last", 17),
        (_("Minutes"), "minutes", 18), (_("Attendance"), "state", 40),
    ))  # fmt: skip


def _grid(page: Any, name: str, columns: tuple[tuple[str, str, int], ...]) -> None:
    """A table whose one row is repeated for each of a list of the context."""
    table = page.add_table(rows=4, cols=len(columns))
    table.style, table.alignment = "Table Grid", WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    table.rows[1].cells[0].text, table.rows[3].cells[0].text = f"{{%tr for row in {name} %}}", "{%tr endfor %}"
    for place, (label, word, width) in enumerate(columns):
        for row in table.rows:
            row.cells[place].width = Mm(width)
        is_text = word in ("name", "state")
        for row, text, is_bold in ((table.rows[0], label, True), (table.rows[2], f"{{{{ row.{word} }}}}", False)):
            paragraph = row.cells[place].paragraphs[0]
            paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if is_text and not is_bold else CENTRE
            run = paragraph.add_run(text)
            run.bold, run.font.size = is_bold, Pt(11)
    mark = table.rows[0]._tr.get_or_add_trPr()
    repeat = mark.makeelement(qn("w:tblHeader"), {qn("w:val"): "true"})  # the head again on every page
    mark.append(repeat)


def _signatures(page: Any) -> None:
    _line(page, "")
    _line(page, "{{ closing }}")
    table = page.add_table(rows=1, cols=2)
    _cell(table.cell(0, 0), (_("SECRETARY"), {"bold": True}), (_("(signature, full name)"), {"italic": True}),
          ("", {}), ("", {}), ("", {}), ("{{ secretary }}", {"bold": True}))  # fmt: skip
    _cell(table.cell(0, 1), (_("CHAIR"), {"bold": True}), (_("(signature, full name)"), {"italic": True}),
          ("", {}), ("", {}), ("", {}), ("{{ chair }}", {"bold": True}))  # fmt: skip
    _line(page, "{%p if recipients %}")
    _line(page, _("Sent to:"), bold=True, italic=True, size=12)
    _line(page, "{%p endif %}")
    _line(page, "{%p for line in recipients %}")
    _line(page, "- {{ line }}", size=11)
    _line(page, "{%p endfor %}")
