"""Where the nodes of a map stand until somebody moves them: a tree from the entry downwards, what hangs last in stacks.

Deterministic: the same graph gives the same picture. Pure; knows nothing of devices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, sqrt

WIDTH, HEIGHT = 212.0, 46.0  # of a node, in the map's units (CSS pixels at zoom 1)
GAP_X, GAP_Y = 28.0, 58.0
STACK_GAP, INDENT = 10.0, 26.0
SHORT_STACK = 12
FEW_BESIDE = 6  # nodes beside each other that never need a second row
BREADTH = 2.0  # a row of blocks is broken so that a map becomes about twice as wide as it is high


@dataclass(frozen=True, slots=True)
class Hanging:
    """One node: `uppers` are the nodes it hangs on, the nearest first; `order` sorts it among its like."""

    key: str
    uppers: tuple[str, ...] = ()
    order: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a node's centre stands. `form` is stem, leaf (hangs in a stack, the line enters from the left) or loose
    (hangs on nothing that is known); `parent` is the node it is drawn below, "" at the top. `trunk` is where the line
    to a stem of a second row comes down, None in the first row."""

    x: float
    y: float
    form: str
    parent: str = ""
    trunk: float | None = None


@dataclass(slots=True)
class _Block:
    """A node with all that is drawn below it; offsets are from the block's left edge. `rows` are the stems, broken
    into rows; the stack of leaves stands before the first of them."""

    key: str
    stems: list[_Block]
    leaves: list[str]
    width: float = WIDTH
    height: float = HEIGHT
    centre: float = WIDTH / 2
    stack_width: float = 0.0
    rows: list[list[_Block]] = field(default_factory=list)


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
    left = bottom = 0.0
    for key in standing:
        block = _measure(key, children)
        _place(block, left, spots)
        left += block.width + 2 * GAP_X
        bottom = max(bottom, block.height + GAP_Y)
    _place_loose(loose, left, bottom, spots)
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
    high, columns = _stack(len(block.leaves))
    block.stack_width = columns * (INDENT + WIDTH) + max(0, columns - 1) * GAP_X / 2
    stack_height = high * (HEIGHT + STACK_GAP) - STACK_GAP if high else 0.0
    block.rows = _broken(block)
    first = _first_stem(block) if block.stems else block.stack_width
    widths = [_width_of(row) for row in block.rows] or [0.0]
    block.width = max(WIDTH, first + widths[0], *((INDENT + width) for width in widths[1:]))
    heights = [max(stem.height for stem in row) for row in block.rows] or [0.0]
    heights[0] = max(heights[0], stack_height)
    block.height = HEIGHT + sum(height + GAP_Y for height in heights)
    block.centre = _centre(block, columns, first)
    return block


def _broken(block: _Block) -> list[list[_Block]]:
    """The stems in rows of about the same width, as few as keep the map from becoming a ribbon."""
    area = sum((stem.width + GAP_X) * (stem.height + GAP_Y) for stem in block.stems)
    most = max([sqrt(area * BREADTH), FEW_BESIDE * (WIDTH + GAP_X), *(stem.width for stem in block.stems)])
    rows: list[list[_Block]] = []
    room = 0.0
    for stem in block.stems:
        if not rows or room < stem.width:
            rows.append([])
            room = most - (block.stack_width if len(rows) == 1 else 0.0)
        rows[-1].append(stem)
        room -= stem.width + GAP_X
    return rows


def _first_stem(block: _Block) -> float:
    """Where the first stem begins: beside the stack, else beside the trunk that leads to further rows."""
    if block.leaves:
        return block.stack_width + GAP_X
    return INDENT if len(block.rows) > 1 else 0.0


def _width_of(row: Sequence[_Block]) -> float:
    return sum(stem.width for stem in row) + GAP_X * (len(row) - 1)


def _centre(block: _Block, columns: int, first: float) -> float:
    """Above the middle of what hangs below; above the trunk where there is but one stack."""
    if not block.stems and columns == 1:
        return WIDTH / 2
    at, centres = first, [INDENT] if columns else []
    for stem in block.rows[0] if block.rows else ():
        centres.append(at + stem.centre)
        at += stem.width + GAP_X
    middle = (centres[0] + centres[-1]) / 2 if len(centres) > 1 else centres[0] if block.stems else block.width / 2
    return min(max(middle, WIDTH / 2), block.width - WIDTH / 2)


def _stack(count: int) -> tuple[int, int]:
    """(leaves in a column, columns): a short stack is one column, a long one about three times as high as wide."""
    if not count:
        return 0, 0
    columns = ceil(count / max(SHORT_STACK, ceil(sqrt(count * 3))))
    return ceil(count / columns), columns


def _place(top: _Block, left: float, spots: dict[str, Spot]) -> None:
    todo: list[tuple[_Block, float, float, Spot | None]] = [(top, left, 0.0, None)]
    for block, x, y, above in todo:
        spots[block.key] = above or Spot(x + block.centre, y + HEIGHT / 2, "stem")
        below = y + HEIGHT + GAP_Y
        _place_stack(block, x, below, spots)
        at = x + _first_stem(block)
        high = _stack(len(block.leaves))[0] * (HEIGHT + STACK_GAP)
        for number, row in enumerate(block.rows):
            for stem in row:
                trunk = x + INDENT / 2 if number else None
                spot = Spot(at + stem.centre, below + HEIGHT / 2, "stem", block.key, trunk)
                todo.append((stem, at, below, spot))
                at += stem.width + GAP_X
            below += max([high - STACK_GAP if not number else 0.0, *(stem.height for stem in row)]) + GAP_Y
            at = x + INDENT


def _place_stack(block: _Block, left: float, top: float, spots: dict[str, Spot]) -> None:
    high, _columns = _stack(len(block.leaves))
    for number, key in enumerate(block.leaves):
        column, row = divmod(number, high)
        x = left + column * (INDENT + WIDTH + GAP_X / 2) + INDENT + WIDTH / 2
        spots[key] = Spot(x, top + row * (HEIGHT + STACK_GAP) + HEIGHT / 2, "leaf", block.key)


def _place_loose(keys: Sequence[str], width: float, top: float, spots: dict[str, Spot]) -> None:
    """Nodes whose place in the network nobody knows: in rows below the tree, as wide as it is."""
    columns = max(1, int(max(width, sqrt(len(keys)) * WIDTH) // (WIDTH + GAP_X)))
    for number, key in enumerate(keys):
        row, column = divmod(number, columns)
        x, y = column * (WIDTH + GAP_X) + WIDTH / 2, top + row * (HEIGHT + STACK_GAP) + HEIGHT / 2
        spots[key] = Spot(x, y, "loose")
