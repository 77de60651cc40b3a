"""Rules 1, 7, 8 and 24: who may import whom, from where, and whether registries name all their variants."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from tests.architecture.rules import OWN, PACKAGES, RANKS, Module, Violation
from tests.architecture.tables import INNER_IMPORTS, Registry


def imports_point_down(module: Module) -> list[Violation]:
    """Rule 1: a package imports only what lies below it, never app, tests, deploy or benchmarks."""
    return [
        module.violation("1 direction", found.line, f"{module.package} must not import {found.module}: {why}")
        for found in module.imports
        if (why := _why_not(module.package, found.root))
    ]


def _why_not(importer: str, imported: str) -> str:
    if imported not in OWN or imported == importer:
        return ""
    if importer in PACKAGES:
        if imported not in PACKAGES:
            return "it stands above all packages"
        if RANKS[imported] >= RANKS[importer]:
            return "imports point down; move the shared word to a package below both"
    if imported in ("tests", "benchmarks") and importer not in ("tests", "benchmarks"):
        return "the product does not need its tests"
    return ""


def no_hidden_imports(module: Module) -> list[Violation]:
    """Rule 1: our own packages are imported at the top of a module, not in a function or under a condition."""
    if module.package == "tests":
        return []
    return [
        module.violation("1 hidden import", found.line, f"import {found.module} at the top of the module; a cycle is a"
                         " design question: move the shared word down")
        for found in module.imports
        if found.is_hidden and found.root in OWN
    ]


def no_computed_imports(module: Module) -> list[Violation]:
    """Rule 1: a module's name is not computed, or the direction could not be checked."""
    return [
        module.violation("1 computed import", call.lineno, "name the module in an import statement")
        for name, call in module.calls()
        if name in ("importlib.import_module", "__import__", "pkgutil.iter_modules", "pkgutil.walk_packages")
        and not (call.args and isinstance(call.args[0], ast.Constant))
        and module.package != "tests"
    ]


def imports_from_faces(module: Module, faces: Mapping[str, frozenset[str]]) -> list[Violation]:
    """Rule 24: another package is imported by its face: `from alerts import x`, x in `alerts.__all__`.

    `faces` gives each package's `__all__`. Tests and benchmarks try and measure inner parts by themselves.
    """
    if module.package in ("tests", "benchmarks"):
        return []
    inner, _reason = INNER_IMPORTS.get(module.path, ((), ""))
    found = []
    for item in module.imports:
        if item.root not in PACKAGES or item.root == module.package:
            continue
        path = item.module.split(".")
        if len(path) > 1 and path[1] not in inner:
            found.append(module.violation("24 face", item.line, f"import from {item.root}, not from {item.module}"))
        elif len(path) == 1 and item.name and item.name not in faces.get(item.root, frozenset()) | set(inner):
            found.append(module.violation("24 face", item.line, f"{item.name} is not in {item.root}.__all__"))
    return found + _attributes_of_faces(module, faces, inner)


def _attributes_of_faces(
    module: Module, faces: Mapping[str, frozenset[str]], inner: tuple[str, ...]
) -> list[Violation]:
    imported = {item.module for item in module.imports if not item.name and item.module in PACKAGES}
    imported.discard(module.package)
    return [
        module.violation("24 face", node.lineno, f"{node.attr} is not in {node.value.id}.__all__")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in imported
        and module.aliases.get(node.value.id) == node.value.id
        and node.attr not in faces.get(node.value.id, frozenset()) | set(inner)
    ]


def listed_names(module: Module) -> frozenset[str] | None:
    """The names in a module's literal `__all__`; None when there is none."""
    value = _literal(module, "__all__")
    return None if value is None else frozenset(ast.literal_eval(value))


def faces_of(modules: Iterable[Module]) -> dict[str, frozenset[str]]:
    """`__all__` of each package."""
    return {m.package: listed_names(m) or frozenset() for m in modules if m.path == f"{m.package}/__init__.py"}


def faces_list_names(module: Module) -> list[Violation]:
    """Rule 24: an `__init__.py` that takes names in lists them in `__all__`, and each listed name exists."""
    if module.name != "__init__":
        return []
    bound = {name for node in module.tree.body for name in _bound(node)} - {"annotations"}
    names = listed_names(module)
    if names is None:
        return [module.violation("24 face", 1, "list the public names in __all__")] if bound else []
    return [
        module.violation("24 face", 1, f"__all__ names {name}, which does not exist here")
        for name in sorted(names - bound)
    ]


def _bound(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.split(".")[0] for alias in node.names)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name) and target.id != "__all__")
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id != "__all__":
        yield node.target.id


def registry_is_complete(registry: Registry, files: Iterable[str], module: Module) -> list[Violation]:
    """Rule 7: the literal names every variant of its folder: by module, by a name taken from it, or by file name."""
    literal = _literal(module, registry.literal)
    if literal is None:
        return [module.violation("7 registry", 1, f"there is no literal {registry.literal} here")]
    words = _words(module, literal)
    missing = [variant for variant in variants_of(registry, files) if variant not in words]
    return [
        module.violation("7 registry", literal.lineno, f"{registry.literal} does not name"
                         f" {registry.folder}{variant}") for variant in missing
    ]


def variants_of(registry: Registry, files: Iterable[str]) -> list[str]:
    """The variants on disk: names of the files, and folders of modules, directly in the registry's folder."""
    others = ("", "__init__", *registry.besides)
    found = set()
    for file in files:
        if file.startswith(registry.folder) and file != registry.file and file.endswith(registry.suffix):
            inner = file[len(registry.folder):].removesuffix("/__init__.py")  # a variant may be a folder
            found.add("" if "/" in inner else inner.removesuffix(registry.suffix))
    return sorted(found - set(others))


def contract_is_tested(registry: Registry, modules: Iterable[Module]) -> list[Violation]:
    """Rule 28: the package's tests run over the registry, which shows in the words they hold."""
    package = registry.folder.split("/")[0]
    held: set[str] = set()
    for module in modules:
        if module.path.startswith(f"tests/{package}/"):
            for node in ast.walk(module.tree):
                words = (getattr(node, name, None) for name in ("id", "attr", "value"))
                held.update(word for word in words if isinstance(word, str))
    return [
        Violation(registry.file, 1, "28 contract", f"no test in tests/{package}/ runs over {registry.literal}: {word}"
                  " is in none of them")
        for word in registry.contract or (registry.literal,) if word not in held
    ]


def _literal(module: Module, name: str) -> ast.expr | None:
    for node in module.tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                return node.value
    return None


def _words(module: Module, literal: ast.expr) -> set[str]:
    words: set[str] = set()
    made_here = {node.name: node for node in module.tree.body if isinstance(node, ast.FunctionDef)}
    nodes = list(ast.walk(literal))
    for node in ast.walk(literal):  # `"duckdb": _open_duckdb`: the function beside the literal names the variant
        if isinstance(node, ast.Name) and node.id in made_here:
            nodes += ast.walk(made_here[node.id])
    for node in nodes:
        if isinstance(node, ast.Name):
            words.update((node.id, *module.aliases.get(node.id, "").split(".")))
        elif isinstance(node, ast.Attribute):
            words.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            words.update((node.value, PurePosixPath(node.value).stem))
    return words


def centre_knows_no_variant(module: Module, registry: Registry, variants: Iterable[str]) -> list[Violation]:
    """Rule 8: outside the folder, the package neither compares with a variant's name nor imports the variant."""
    package = registry.folder.split("/")[0]
    is_inside = module.path.startswith(registry.folder) or module.path == registry.file
    if is_inside or module.package != package or module.path == f"{package}/__init__.py":  # the face may show a variant
        return []
    names = frozenset(variants)
    folder = registry.folder.strip("/").replace("/", ".")
    found = [
        module.violation("8 variant", item.line, f"the centre imports the variant {item.module}.{item.name}; go through"
                         f" {registry.literal}")
        for item in module.imports
        if f"{item.module}.{item.name}.".startswith(tuple(f"{folder}.{name}." for name in names))
    ]
    return found + [
        module.violation("8 variant", node.lineno, f"the centre knows the variant {word!r}; let the variant answer")
        for node in ast.walk(module.tree) for word in _compared(node) if word in names
    ]


def _compared(node: ast.AST) -> Iterator[str]:
    parts: list[ast.AST] = []
    if isinstance(node, ast.Compare):
        parts = [node.left, *node.comparators]
    elif isinstance(node, ast.MatchValue):
        parts = [node.value]
    for part in parts:
        yield from (
            leaf.value for leaf in ast.walk(part) if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)
        )
