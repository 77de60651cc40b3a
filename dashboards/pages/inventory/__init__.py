"""The inventory by hand and by spreadsheet: lists, forms, deleting, import and export of every kind of record."""

from core import Permission
from core import lazy_gettext as _l
from dashboards.pages.inventory import importing, routes
from dashboards.registry import MenuItem, Page

importing.add_to(routes.blueprint)
page = Page(
    routes.blueprint,
    menu=(
        MenuItem("inventory", "inventory.index", _l("Inventory"), "list-details", Permission.VIEW, 20),
        MenuItem(
            "inventory", "inventory.import_file", _l("Import and export"), "file-import", Permission.EDIT_INVENTORY, 30
        ),
    ),
)

__all__ = ["page"]
