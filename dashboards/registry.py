"""What a page brings to the frame: its routes, its menu entries, what it finds in a search, what it puts at the bell.

A page module under pages/ ends with `page = Page(...)`; pages/__init__.py lists them in one tuple.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from flask import Blueprint

from core import LazyText, Permission, Scope, Session
from core import lazy_gettext as _l
from dashboards.access import Account

# Groups of the menu, by job, in their order
GROUPS = {
    "watch": _l("Watch"),
    "meetings": _l("Meetings"),
    "inventory": _l("Inventory"),
    "alerting": _l("Alerting"),
    "administration": _l("Administration"),
}


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of the left menu. `order` sorts inside the group; `endpoint` also lights up for its blueprint."""

    group: str
    endpoint: str
    label: LazyText
    icon: str
    permission: Permission
    order: int = 100


@dataclass(frozen=True, slots=True)
class Hit:
    """One result of a search."""

    label: str
    detail: str
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class SearchProvider:
    """Finds things of one kind: `find(session, scope, text, limit)`, best first, within 30 ms."""

    label: LazyText
    find: Callable[[Session, Scope, str, int], Sequence[Hit]]
    permission: Permission = Permission.VIEW


@dataclass(frozen=True, slots=True)
class BellItem:
    """One line at the bell. `tone` as in words.py."""

    text: str
    detail: str
    url: str
    tone: str
    is_mine: bool = False


BellProvider = Callable[[Session, Account], tuple[int, Sequence[BellItem]]]


@dataclass(frozen=True, slots=True)
class Page:
    """Everything one page module offers."""

    blueprint: Blueprint
    menu: tuple[MenuItem, ...] = ()
    search: tuple[SearchProvider, ...] = ()
    bell: tuple[BellProvider, ...] = ()


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """A group with the items that somebody may see."""

    label: LazyText
    items: tuple[MenuItem, ...]


class Frame:
    """The pages together."""

    def __init__(self, pages: Iterable[Page]) -> None:
        self.pages = tuple(pages)
        self._menu = sorted((item for page in self.pages for item in page.menu), key=lambda i: (i.order, i.endpoint))

    def menu(self, account: Account) -> list[MenuGroup]:
        """The menu of this account: only what it may open, no empty groups."""
        groups = []
        for name, label in GROUPS.items():
            items = tuple(i for i in self._menu if i.group == name and account.can(i.permission))
            if items:
                groups.append(MenuGroup(label, items))
        return groups

    def menu_endpoint(self, endpoint: str) -> str:
        """The menu entry that lights up for an endpoint: its own, else the first of its blueprint."""
        if any(item.endpoint == endpoint for item in self._menu):
            return endpoint
        prefix = endpoint.split(".")[0] + "."
        return next((item.endpoint for item in self._menu if item.endpoint.startswith(prefix)), "")

    def search(
        self, session: Session, account: Account, text: str, limit: int = 8
    ) -> list[tuple[LazyText, Sequence[Hit]]]:
        """Hits by kind, for what the account may see; empty kinds are left out."""
        found = []
        for provider in (provider for page in self.pages for provider in page.search):
            if account.can(provider.permission):
                hits = provider.find(session, account.scope, text, limit)
                if hits:
                    found.append((provider.label, hits))
        return found

    def bell(self, session: Session, account: Account) -> tuple[int, list[BellItem]]:
        """(how many in all, the first lines)."""
        total, lines = 0, []
        for provider in (provider for page in self.pages for provider in page.bell):
            count, items = provider(session, account)
            total += count
            lines.extend(items)
        return total, lines
