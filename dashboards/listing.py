"""Lists by URL: search text, filters, sort, page; and the same list as CSV or XLSX. Knows no table of the database."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, g, has_request_context
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from core import LazyText

PER_PAGE = (25, 50, 100, 200)
EXPORT_LIMIT = 200_000  # rows; above the devices of a province
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `sort` is the word in the URL, empty where one cannot sort; `hide` is a width (sm md lg)."""

    label: LazyText | str
    sort: str = ""
    is_number: bool = False
    hide: str = ""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What the URL asks for. `sort` is checked against the columns, filters against their names."""

    text: str = ""
    sort: str = ""
    is_descending: bool = False
    page: int = 1
    per_page: int = 50
    format: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)

    @property
    def offset(self) -> int:
        """Rows to leave out."""
        return 0 if self.format else (self.page - 1) * self.per_page

    @property
    def limit(self) -> int:
        """Rows to read: a page, or all for an export."""
        return EXPORT_LIMIT if self.format else self.per_page

    def to_args(self, **changes: Any) -> dict[str, Any]:
        """The URL's arguments with some of them changed; defaults are left out. Changing a filter returns to page 1."""
        args = {
            "q": self.text,
            "sort": self.sort,
            "dir": "desc" if self.is_descending else "",
            "page": self.page,
            "per": self.per_page,
            **self.filters,
        }
        if changes and "page" not in changes:
            args["page"] = 1
        args.update(changes)
        plain = {"page": 1, "per": 50}
        return {name: value for name, value in args.items() if value not in ("", None) and value != plain.get(name)}

    def url(self, **changes: Any) -> str:
        """A link to the same list with changes, relative to the page."""
        return "?" + urlencode(self.to_args(**changes))


def read_list_query(
    args: Mapping[str, str], columns: Sequence[Column], filters: Iterable[str] = (), sort: str = ""
) -> ListQuery:
    """The query of a URL; anything that cannot be is replaced by the default, so that no link leads to an error."""
    known = {column.sort for column in columns if column.sort}
    wanted = args.get("sort", "")
    query = ListQuery(
        text=args.get("q", "").strip()[:200],
        sort=wanted if wanted in known else sort.lstrip("-"),
        is_descending=args.get("dir") == "desc" if wanted in known else sort.startswith("-"),
        page=min(max(_whole(args.get("page"), 1), 1), 100_000),
        per_page=_whole(args.get("per"), 50) if _whole(args.get("per"), 50) in PER_PAGE else 50,
        format=args.get("format", "") if args.get("format") in ("csv", "xlsx") else "",
        filters={name: args[name][:200] for name in filters if args.get(name)},
    )
    if has_request_context():
        g.list_query = query  # for dashboards.remembering: this page is a list
    return query


def _whole(word: str | None, default: int) -> int:
    return int(word) if word and word.isdecimal() and len(word) < 9 else default


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of rows, ready to be drawn by `ui.table`."""

    id: str
    columns: Sequence[Column]
    rows: Sequence[Any]
    total: int
    query: ListQuery

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.query.per_page))

    @property
    def is_filtered(self) -> bool:
        """True when something narrows the list: an empty one then says so instead of explaining itself."""
        return bool(self.query.text or self.query.filters)

    @property
    def first(self) -> int:
        """Number of the first row shown, from 1; 0 in an empty list."""
        return min(self.query.offset + 1, self.total)

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return min(self.query.offset + len(self.rows), self.total)


def page_of(rows: Sequence[Any], query: ListQuery) -> tuple[Sequence[Any], int]:
    """(the rows of this page, how many in all) for lists that are short enough to be whole in memory."""
    return rows[query.offset : query.offset + query.limit], len(rows)


def export(name: str, heads: Sequence[object], rows: Iterable[Sequence[Any]], form: str) -> Response:
    """The list as a file. Cells that a spreadsheet would take for a formula are made harmless."""
    body, mimetype = (_csv if form == "csv" else _xlsx)([str(head) for head in heads], rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(body, mimetype=mimetype, headers=headers)


def _csv(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> tuple[bytes, str]:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows([_cell(value, _guarded) for value in row] for row in rows)
    # The byte order mark is what makes Excel read Vietnamese letters
    return out.getvalue().encode("utf-8-sig"), "text/csv"


def _xlsx(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> tuple[bytes, str]:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("EduNOC")
    sheet.append(list(heads))
    for row in rows:
        sheet.append([_text_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _text_cell(sheet: Any, value: Any) -> Any:
    plain = _cell(value, str)
    if not isinstance(plain, str):
        return plain
    cell = WriteOnlyCell(sheet, value="".join(c for c in plain if c >= " " or c in "\n\t")[:32_000])
    cell.data_type = "s"  # text, even when it begins with "="
    return cell


def _cell(value: Any, text: Callable[[str], str]) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value if isinstance(value, int | float) else text(str(value))


def _guarded(text: str) -> str:
    return "'" + text if text.startswith(_FORMULA) else text
