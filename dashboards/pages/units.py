"""Units: the tree of departments, communes and schools, opened branch by branch, with the state of each branch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flask import Blueprint, current_app, g, render_template, request

from core import Permission, Scope, Session
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.pages.devices.listing import STATE_LABELS
from dashboards.pages.overview.board import Share
from dashboards.pages.sites.listing import Line, sites_of
from dashboards.registry import MenuItem, Page
from dashboards.status import STATES, Board, board_now
from inventory import UNIT_KINDS, TreeNode, Unit, ancestors, get_record, unit_children, unit_summary

blueprint = Blueprint("units", __name__)
BRANCHES_SHOWN = 200
SITES_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of the tree. `share` counts the devices of the whole branch by state."""

    node: TreeNode
    share: Share


@dataclass(frozen=True, slots=True)
class Level:
    """What stands directly below a unit: a part of its units, and its own sites."""

    branches: Sequence[Branch]
    total: int
    first: int
    sites: Sequence[Line]
    sites_total: int

    @property
    def next_first(self) -> int:
        """Where the next part begins; 0 when this was the last."""
        end = self.first + len(self.branches)
        return end if end < self.total else 0


def level_below(session: Session, scope: Scope, board: Board, unit: Unit | None, first: int = 0) -> Level:
    """The units below one (the topmost of the scope for None) with counts and states, and the unit's own sites."""
    nodes = unit_children(session, scope, unit.id if unit else None)
    shown = nodes[first : first + BRANCHES_SHOWN]
    counts = board.counts_by_branch()
    branches = [Branch(node, branch_share(counts, node)) for node in shown]
    own: list[Line] = []
    if unit is not None and not first:
        own = sites_of(session, scope, board, unit)
    return Level(branches, len(nodes), first, own[:SITES_SHOWN], len(own))


def branch_share(counts: Mapping[str, np.ndarray], node: TreeNode) -> Share:
    """The devices of a branch by state; `counts` is the board's counts_by_branch()."""
    own = counts[node.path].tolist() if node.path in counts else [0] * len(STATES)
    return Share(node.id, node.name, {word: n for word, n in zip(STATES, own, strict=True) if word != "unwatched"})


def _words() -> dict[str, Any]:
    has_editing = "inventory.new" in current_app.view_functions
    return {"unit_kinds": UNIT_KINDS, "state_labels": STATE_LABELS, "has_editing": has_editing}


@blueprint.get("/units")
@needs(Permission.VIEW)
def index() -> str:
    """The tree, closed but for its tops."""
    level = level_below(g.session, g.scope, board_now(), None)
    if len(level.branches) == 1:  # a lone top gives way to what is below it
        unit = get_record(g.session, g.scope, Unit, level.branches[0].node.id)
        return _page(unit, is_top=True)
    return render_template("units/index.html", level=level, unit=None, **_words())


@blueprint.get("/units/<int:unit_id>")
@needs(Permission.VIEW)
def show(unit_id: int) -> str:
    """One unit: what it holds, whom to call, what is below it."""
    return _page(get_record(g.session, g.scope, Unit, unit_id), is_top=False)


def _page(unit: Unit, is_top: bool) -> str:
    above = [one for one in ancestors(g.session, unit) if g.scope.includes(one.path)]
    return render_template(
        "units/show.html",
        unit=unit,
        above=above,
        is_top=is_top,
        level=level_below(g.session, g.scope, board_now(), unit),
        summary=unit_summary(g.session, g.scope, unit),
        share=_share_of(unit),
        **_words(),
    )


def _share_of(unit: Unit) -> Share:
    node = TreeNode(unit.id, unit.parent_id, unit.kind, unit.name, unit.code, unit.path, False, 0, 0)
    return branch_share(board_now().counts_by_branch(), node)


@blueprint.get("/units/<int:unit_id>/below")
@needs(Permission.VIEW)
def below(unit_id: int) -> str:
    """A branch of the tree, when somebody opens it; ?first= goes on where the part before ended."""
    unit = get_record(g.session, g.scope, Unit, unit_id)
    word = request.args.get("first", "")
    first = int(word) if word.isdecimal() and len(word) < 9 else 0
    level = level_below(g.session, g.scope, board_now(), unit, first)
    return render_template("units/below.html", level=level, unit=unit, **_words())


page = Page(blueprint, menu=(MenuItem("inventory", "units.index", _l("Units"), "sitemap", Permission.VIEW, 10),))
