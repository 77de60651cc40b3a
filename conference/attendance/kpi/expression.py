"""Conditions such as "held and share >= least_share", over numbers or whole columns. Nothing is ever executed.

The text is parsed by Python's own parser into a tree, and only the nodes named here are computed: numbers, known names,
+ - * /, comparisons, and, or, not, min and max. Everything else is refused with the place where it stands.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np

from core import gettext as _

LONGEST = 300
DEEPEST = 20
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
}  # fmt: skip
_COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}  # fmt: skip
_CALLED: dict[str, Callable[[Any, Any], Any]] = {"min": np.minimum, "max": np.maximum}


class BadCondition(ValueError):
    """The text is no condition; the message says what to change."""


def parse(text: str, names: Mapping[str, Any]) -> ast.expr:
    """The checked tree of a condition. Raises BadCondition."""
    if len(text) > LONGEST:
        raise BadCondition(_("At most %(n)s characters.", n=LONGEST))
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise BadCondition(_("This cannot be read. Write for example: held and share >= least_share")) from None
    _check(tree, names, 0)
    return tree


def _check(node: ast.expr, names: Mapping[str, Any], depth: int) -> None:
    if depth > DEEPEST:
        raise BadCondition(_("Too many brackets inside each other."))
    for child in _children(node, names):
        _check(child, names, depth + 1)


def _children(node: ast.expr, names: Mapping[str, Any]) -> list[ast.expr]:
    """The parts of an allowed node. Raises BadCondition for any other."""
    match node:
        case ast.Constant(value=bool() | int() | float() as value) if not isinstance(value, complex):
            if abs(value) > 1e9:
                raise BadCondition(_("A number is too large."))
            return []
        case ast.Name(id=name):
            if name not in names:
                raise BadCondition(_("“%(name)s” is not known. Known are: %(names)s.", name=name,
                                     names=", ".join(names)))  # fmt: skip
            return []
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div()):
            return [node.left, node.right]
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            return [node.operand]
        case ast.BoolOp():
            return node.values
        case ast.Compare() if all(type(one) in _COMPARED for one in node.ops):
            return [node.left, *node.comparators]
        case ast.Call(func=ast.Name(id="min" | "max"), keywords=[]) if len(node.args) >= 2:
            return node.args
    raise BadCondition(_("Only numbers, the known names, + - * /, comparisons, and, or, not, min and max are allowed."))


def holds(tree: ast.expr, values: Mapping[str, Any]) -> np.ndarray:
    """Whether the condition holds, for each place of the columns."""
    size = max((np.size(one) for one in values.values()), default=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = _value(tree, values)
    return np.broadcast_to(np.nan_to_num(np.asarray(found, float), nan=0.0) != 0, (size,)).copy()


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant():
            return np.float64(node.value)
        case ast.Name():
            return np.asarray(values[node.id], float)
        case ast.BinOp():
            left, right = _value(node.left, values), _value(node.right, values)
            # Nothing divided by nothing is nothing, not an error
            if isinstance(node.op, ast.Div):
                return np.where(right == 0, 0.0, left / np.where(right == 0, 1.0, right))
            return _BINARY[type(node.op)](left, right)
        case ast.UnaryOp():
            inner = _value(node.operand, values)
            return -inner if isinstance(node.op, ast.USub) else (inner == 0).astype(float)
        case ast.BoolOp():
            parts = [_value(one, values) != 0 for one in node.values]
            joined = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
            return np.asarray(reduce(joined, parts), float)
        case ast.Compare():
            terms = [_value(one, values) for one in (node.left, *node.comparators)]
            pairs = [_COMPARED[type(op)](terms[i], terms[i + 1]) for i, op in enumerate(node.ops)]
            return np.asarray(reduce(np.logical_and, pairs), float)
        case ast.Call(func=ast.Name(id=name)):
            return reduce(_CALLED[name], [_value(one, values) for one in node.args])
    raise BadCondition(type(node).__name__)
