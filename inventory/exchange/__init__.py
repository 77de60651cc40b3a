"""Spreadsheets in and out."""

from __future__ import annotations

from inventory.exchange.exporting import MEDIA_TYPES, export_table, template
from inventory.exchange.importing import ImportOptions, import_table
from inventory.exchange.reading import ReadLimits
from inventory.exchange.report import ImportReport, RowChange

__all__ = [
    "MEDIA_TYPES", "ImportOptions", "ImportReport", "ReadLimits", "RowChange", "export_table", "import_table",
    "template",
]
