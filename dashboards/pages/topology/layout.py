"""Where the nodes of a map stand until somebody moves them: a tree from the entry downwards, what hangs last in stacks.

Deterministic: the same graph gives the same picture. Pure; knows nothing of devices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

WIDTH, HEIGHT = 196.0, 46.0  # of a node, in the map's units (CSS pixels at zoom 1)
GAP_X, GAP_Y = 28.0, 58.0
STACK_GAP, INDENT = 10.0, 26.0
SHORT_STACK = 8


@dataclass(frozen=True, slots=True)
class Hanging:
    """One node: `uppers` are the nodes it hangs on, the nearest first; `order` sorts it among its like."""

    key: str
    uppers: tuple[str, ...] = ()
    order: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a node's centre stands. `form` is stem, leaf (hangs in a stack, the line enters from the left) or loose
    (hangs on nothing that is known); `parent` is the node it is drawn below, "" at the top."""

    x: float
    y: float
    form: str
    parent: str = ""


@dataclass(slots=True)
class _Block:
    """A node with all that is drawn below it; offsets are from the block's left edge."""

    key: str
    stems: list[_Block]
    leaves: list[str]
    width: float = WIDTH
    height: float = HEIGHT
    centre: float = WIDTH / 2
    stack_width: float = 0.0


def arrange(nodes: Sequence[Hanging]) -> dict[str, Spot]:
    """A place for every node. Circles are cut where they are met second."""
    known = {node.key: node for node in sorted(nodes, key=lambda one: (one.order, one.key))}
    children = _tree(known)
    tops = children.pop("", [])
    standing = [key for key in tops if children.get(key)]
    loose = [key for key in tops if not children.get(key)]
    if not standing:
        standing, loose = loose[:1], loose[1:]
    spots: dict[str, Spot] = {}
    left = 0.0
    for key in standing:
        block = _measure(key, children)
        _place(block, left, spots)
        left += block.width + 2 * GAP_X
    _place_loose(loose, left, spots)
    return spots


def _tree(known: Mapping[str, Hanging]) -> dict[str, list[str]]:
    """Parent to children, "" to the tops: breadth first from those that hang on nothing, then from whatever is left."""
    hangs_on = {key: [upper for upper in node.uppers if upper in known and upper != key] for key, node in known.items()}
    below: dict[str, list[str]] = {}
    for key, uppers in hangs_on.items():
        for upper in uppers:
            below.setdefault(upper, []).append(key)
    children: dict[str, list[str]] = {"": []}
    seen: set[str] = set()
    for top in [*(key for key in known if not hangs_on[key]), *known]:
        if top in seen:
            continue
        children[""].append(top)
        seen.add(top)
        row = [top]
        while row:
            following = []
            for key in row:
                fresh = [child for child in below.get(key, ()) if child not in seen]
                seen.update(fresh)
                children.setdefault(key, []).extend(fresh)
                following.extend(fresh)
            row = following
    return children


def _measure(top: str, children: Mapping[str, list[str]]) -> _Block:
    """The block of a top node. Not recursive: a chain of switches may be long."""
    order, blocks = [top], {}
    for key in order:
        order.extend(child for child in children.get(key, ()) if children.get(child))
    for key in reversed(order):
        below = children.get(key, [])
        stems = [blocks[child] for child in below if children.get(child)]
        blocks[key] = _sized(_Block(key, stems, [child for child in below if not children.get(child)]))
    return blocks[top]


def _sized(block: _Block) -> _Block:
    if not block.stems and not block.leaves:
        return block
    rows = _rows(len(block.leaves))
    columns = ceil(len(block.leaves) / rows) if rows else 0
    block.stack_width = columns * (INDENT + WIDTH) + max(0, columns - 1) * GAP_X / 2
    widths = [*([block.stack_width] if columns else []), *(stem.width for stem in block.stems)]
    block.width = max(WIDTH, sum(widths) + GAP_X * (len(widths) - 1))
    stack_height = rows * (HEIGHT + STACK_GAP) - STACK_GAP if rows else 0.0
    block.height = HEIGHT + GAP_Y + max([stack_height, *(stem.height for stem in block.stems)])
    block.centre = _centre(block, columns)
    return block


def _centre(block: _Block, columns: int) -> float:
    """Above the middle of what hangs below; above the trunk where there is but one stack."""
    if not block.stems and columns == 1:
        return WIDTH / 2
    at = block.stack_width + GAP_X if columns else 0.0
    centres = [INDENT] if columns else []
    for stem in block.stems:
        centres.append(at + stem.centre)
        at += stem.width + GAP_X
    middle = (centres[0] + centres[-1]) / 2 if len(centres) > 1 else block.width / 2
    return min(max(middle, WIDTH / 2), block.width - WIDTH / 2)


def _rows(count: int) -> int:
    """How high a stack is: eight, then about three times as high as there are columns."""
    return count if count <= SHORT_STACK else max(SHORT_STACK, ceil(sqrt(count * 3)))


def _place(top: _Block, left: float, spots: dict[str, Spot]) -> None:
    todo: list[tuple[_Block, float, float, str]] = [(top, left, 0.0, "")]
    for block, x, y, parent in todo:
        spots[block.key] = Spot(x + block.centre, y + HEIGHT / 2, "stem", parent)
        below = y + HEIGHT + GAP_Y
        at = x
        if block.leaves:
            _place_stack(block, at, below, spots)
            at += block.stack_width + GAP_X
        for stem in block.stems:
            todo.append((stem, at, below, block.key))
            at += stem.width + GAP_X


def _place_stack(block: _Block, left: float, top: float, spots: dict[str, Spot]) -> None:
    rows = _rows(len(block.leaves))
    for number, key in enumerate(block.leaves):
        column, row = divmod(number, rows)
        x = left + column * (INDENT + WIDTH + GAP_X / 2) + INDENT + WIDTH / 2
        spots[key] = Spot(x, top + row * (HEIGHT + STACK_GAP) + HEIGHT / 2, "leaf", block.key)


def _place_loose(keys: Sequence[str], left: float, spots: dict[str, Spot]) -> None:
    """Nodes whose place in the network nobody knows: in columns beside the tree."""
    rows = _rows(len(keys))
    for number, key in enumerate(keys):
        column, row = divmod(number, rows)
        x = left + column * (WIDTH + GAP_X) + WIDTH / 2
        spots[key] = Spot(x, row * (HEIGHT + STACK_GAP) + HEIGHT / 2, "loose")
