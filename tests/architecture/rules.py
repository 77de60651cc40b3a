"""The engine of the architecture tests: what a violation is, how a tree is read, how names in a module are resolved.

Pure functions over paths and sources; which rules exist stands in the neighbouring modules, exceptions in `tables.py`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

# Lower may not import higher; equal ranks of different packages may not import each other (collectors, playbooks).
RANKS: Mapping[str, int] = {
    "core": 0, "inventory": 1, "telemetry": 2, "collectors": 3, "playbooks": 3, "alerts": 4, "conference": 5,
    "dashboards": 6,
}
PACKAGES = frozenset(RANKS)
# Composition: may import every package; nothing below may import them.
TOPS = frozenset({"app", "deploy", "benchmarks", "tests"})
OWN = PACKAGES | TOPS

_LEFT_OUT = frozenset({
    ".git", ".venv", "node_modules", "__pycache__", ".pytest_cache", ".ruff_cache", ".hypothesis", "data", "demo-data",
})
_LEFT_OUT_PATHS = ("dashboards/static/vendor/",)
GENERATED = ("core/migrations/versions/",)


@dataclass(frozen=True, slots=True)
class Violation:
    """One place that breaks a rule."""

    file: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.rule}: {self.message}"


@dataclass(frozen=True, slots=True)
class Import:
    """One imported thing: `module` is the dotted module, `name` what is taken from it ("" for `import module`)."""

    module: str
    name: str
    line: int
    is_hidden: bool  # in a function, a class, a condition: anywhere but at the module's top

    @property
    def root(self) -> str:
        return self.module.split(".")[0]


class Module:
    """One Python file, parsed. `path` is relative to the tree's root, with forward slashes."""

    def __init__(self, path: str, source: str) -> None:
        self.path = path
        self.source = source
        self.tree = ast.parse(source, path)

    def __repr__(self) -> str:
        return f"Module({self.path})"

    @property
    def package(self) -> str:
        """The first folder; "app" for app.py."""
        return self.path.split("/")[0].removesuffix(".py")

    @property
    def name(self) -> str:
        """The file's own name without ".py"."""
        return PurePosixPath(self.path).stem

    @property
    def is_product(self) -> bool:
        """True for the packages and app.py, False for deploy, benchmarks and tests."""
        return self.package in PACKAGES or self.path == "app.py"

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Every import, hidden ones and `importlib.import_module("...")` included."""
        top = {id(node) for node in self.tree.body}
        return tuple(
            found for node in ast.walk(self.tree) for found in self._imports_of(node, id(node) not in top)
        )

    def _imports_of(self, node: ast.AST, is_hidden: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, "", node.lineno, is_hidden)
        elif isinstance(node, ast.ImportFrom):
            module = self._absolute(node)
            for alias in node.names:
                yield Import(module, alias.name, node.lineno, is_hidden)
        elif isinstance(node, ast.Call) and _dotted(node.func) in _IMPORTING and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield Import(first.value, "", node.lineno, True)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = PurePosixPath(self.path).parts
        folder = parts[: len(parts) - node.level]
        return ".".join((*folder, *([node.module] if node.module else [])))

    @cached_property
    def aliases(self) -> dict[str, str]:
        """Local name -> what it stands for: `from datetime import datetime as dt` gives {"dt": "datetime.datetime"}."""
        known: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.split(".")[0]
                    known[alias.asname or first] = alias.name if alias.asname else first
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    known[alias.asname or alias.name] = f"{self._absolute(node)}.{alias.name}"
        return known

    def resolved(self, node: ast.AST) -> str:
        """The full dotted name of a Name or Attribute as far as imports tell it; "" for anything else."""
        dotted = _dotted(node)
        if not dotted:
            return ""
        first, _, rest = dotted.partition(".")
        known = self.aliases.get(first)
        return dotted if known is None else f"{known}.{rest}" if rest else known

    def imported_name(self, node: ast.AST) -> str:
        """As `resolved`, but "" when the name does not come from an import."""
        return self.resolved(node) if _dotted(node).split(".")[0] in self.aliases else ""

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function and method, nested ones included."""
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """(resolved name, call) of every call of a plain or dotted name."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and (name := self.resolved(node.func)):
                yield name, node

    def violation(self, rule: str, line: int, message: str) -> Violation:
        """A violation in this file."""
        return Violation(self.path, line, rule, message)


_IMPORTING = frozenset({"importlib.import_module", "import_module", "__import__"})

Rule = Callable[[Module], list[Violation]]


def _dotted(node: ast.AST) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join((node.id, *reversed(parts)))


def is_listed(path: str, table: Mapping[str, str]) -> bool:
    """True when the table (path or folder/ or */file.py -> reason) excepts this path."""
    return any(
        path == entry
        or (entry.endswith("/") and path.startswith(entry))
        or ("*" in entry and PurePosixPath(path).match(entry))
        for entry in table
    )


def walk_files(root: Path) -> Iterator[Path]:
    """Every file that belongs to the project: no environments, caches, data or built files."""
    for path in sorted(root.iterdir()):
        if path.name in _LEFT_OUT or path.is_symlink():
            continue
        if path.is_dir():
            yield from walk_files(path)
        elif path.is_file():
            yield path


def project_files(root: Path) -> Iterator[tuple[str, Path]]:
    """(path relative to the root, file)."""
    for file in walk_files(root):
        relative = file.relative_to(root).as_posix()
        if not relative.startswith(_LEFT_OUT_PATHS):
            yield relative, file


def read_modules(root: Path) -> list[Module]:
    """All Python files of ours under a root."""
    return [
        Module(path, file.read_text(encoding="utf-8"))
        for path, file in project_files(root)
        if path.endswith(".py") and path.split("/")[0].removesuffix(".py") in OWN
    ]


def run(rule: Rule, modules: Iterable[Module]) -> list[Violation]:
    """One rule over many modules."""
    return [violation for module in modules for violation in rule(module)]


def report(violations: Iterable[Violation]) -> str:
    """All violations as the text of a failed test."""
    lines = [str(violation) for violation in violations]
    return "" if not lines else f"{len(lines)} violation(s):\n" + "\n".join(lines)
