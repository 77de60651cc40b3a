"""Rules 3, 14, 15, 16, 18 and 29: what only shells, models, stores and settings may do."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from tests.architecture.rules import PACKAGES, Module, Violation, is_listed

_IMPURE = (
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today", "time.time",
    "time.time_ns", "time.localtime", "time.strftime", "random", "numpy.random", "secrets", "uuid.uuid1", "uuid.uuid4",
    "os.environ", "os.getenv", "os.urandom",
)
_CLOCK_CALLS = ("core.utc_now", "core.clock.utc_now")


def no_hidden_inputs(module: Module, shells: Mapping[str, str]) -> list[Violation]:
    """Rule 3: time, chance and environment are arguments, except in listed shells."""
    if not module.is_product or is_listed(module.path, shells):
        return []
    found: dict[int, str] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute | ast.Name):
            name = module.imported_name(node)
            if any(name == word or name.startswith(f"{word}.") for word in _IMPURE):
                found[node.lineno] = name
    found.update({call.lineno: f"{name}()" for name, call in module.calls() if name in _CLOCK_CALLS})
    return [
        module.violation("3 hidden input", line, f"{name}: take it as an argument; shells are listed in tables.py")
        for line, name in sorted(found.items())
    ]


def secrets_are_revealed_in_shells(module: Module, revealers: Mapping[str, str]) -> list[Violation]:
    """Rule 14: `.reveal()` and `.get_secret_value()` stand in the module that opens the socket."""
    if module.package == "tests" or is_listed(module.path, revealers):
        return []
    return [
        module.violation("14 secret", node.lineno, f".{node.attr}() belongs in the module that opens the socket")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in ("reveal", "get_secret_value", "_secret_value")
    ]


def one_section_a_package(modules: Iterable[Module]) -> list[Violation]:
    """Rule 15: at most one settings class a package, in `<package>/settings.py`."""
    found: list[Violation] = []
    seen: dict[str, str] = {}
    for module in modules:
        if not module.is_product:
            continue
        for node in ast.walk(module.tree):
            if not (isinstance(node, ast.ClassDef) and any(_is_section(module, base) for base in node.bases)):
                continue
            if module.path != f"{module.package}/settings.py":
                found.append(module.violation("15 settings", node.lineno, f"{node.name} belongs in"
                                              f" {module.package}/settings.py"))
            elif module.package in seen:
                found.append(module.violation("15 settings", node.lineno, f"{module.package} has {seen[module.package]}"
                                              " already: one class a package"))
            seen.setdefault(module.package, node.name)
    return found


def _is_section(module: Module, base: ast.expr) -> bool:
    return module.resolved(base) in ("core.Section", "core.settings.Section", "pydantic_settings.BaseSettings") or (
        module.package == "core" and module.resolved(base) == "Section"
    )


def is_table_module(path: str) -> bool:
    """True for models.py, store.py, their folders, and what core has instead."""
    parts = path.split("/")
    if path == "core/database.py" or path.startswith("core/migrations/"):
        return True
    return parts[-1] in ("models.py", "store.py") or any(part in ("models", "store") for part in parts[1:-1])


def sqlalchemy_in_its_place(module: Module, exceptions: Mapping[str, str]) -> list[Violation]:
    """Rule 16: SQLAlchemy and Alembic stay in models and stores."""
    if module.package == "tests" or is_table_module(module.path) or is_listed(module.path, exceptions):
        return []
    return [
        module.violation("16 tables", item.line, f"{item.module} belongs in models.py or store.py")
        for item in module.imports
        if item.root in ("sqlalchemy", "alembic")
    ]


_ACTIVE = frozenset({
    "socket", "ssl", "http", "urllib", "urllib3", "httpx", "requests", "smtplib", "asyncio", "threading", "subprocess",
    "multiprocessing", "concurrent", "time", "random", "gufo", "pysnmp", "netmiko", "apprise", "influxdb_client",
    "duckdb", "zoneinfo",
})


def models_are_passive(module: Module) -> list[Violation]:
    """Rule 16: a models module reaches no network, no process and no clock."""
    if module.name != "models" and "models" not in module.path.split("/")[1:-1]:
        return []
    found = [
        module.violation("16 passive", item.line, f"a model does not need {item.module}")
        for item in module.imports
        if item.root in _ACTIVE or item.name in ("utc_now", "Clock")
    ]
    return found + [
        module.violation("16 passive", call.lineno, f"a model does not call {name}")
        for name, call in module.calls()
        if name in ("datetime.datetime.now", "datetime.datetime.utcnow", "sqlalchemy.func.now")
    ]


def relationships_stay_at_home(modules: Iterable[Module]) -> list[Violation]:
    """Rule 16: no relationship() to a class of another package; a foreign id and a function do."""
    modules = [module for module in modules if module.package in PACKAGES]
    homes = {
        node.name: module.package
        for module in modules if is_table_module(module.path)
        for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)
    }
    return [
        module.violation("16 relationship", node.lineno, f"relationship to {name} of {homes[name]}: keep the id and ask"
                         f" {homes[name]} for it")
        for module in modules
        for node in ast.walk(module.tree) if isinstance(node, ast.AnnAssign | ast.Assign)
        if isinstance(node.value, ast.Call) and module.resolved(node.value.func).endswith("relationship")
        for name in sorted(_class_names(node)) if homes.get(name, module.package) != module.package
    ]


def _class_names(node: ast.AST) -> set[str]:
    names = {leaf.id for leaf in ast.walk(node) if isinstance(leaf, ast.Name)}
    texts = (leaf.value for leaf in ast.walk(node) if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str))
    for text in texts:
        names.update(text.replace("[", " ").replace("]", " ").replace("|", " ").replace(".", " ").split())
    return names


VIEW_LINES = 30
_SESSION_WORDS = frozenset({
    "execute", "scalar", "scalars", "query", "add", "add_all", "delete", "merge", "connection", "flush", "get",
    "get_one",
})
_WAITING = frozenset({"threading", "asyncio", "concurrent", "multiprocessing", "subprocess"})


def views_are_short(module: Module) -> list[Violation]:
    """Rule 18: a route reads the form, calls one function, chooses a template; no SQL, await or thread in it."""
    if module.package != "dashboards":
        return []
    routes = [function for function in module.functions() if any(_is_route(d) for d in function.decorator_list)]
    if not routes:
        return []
    found = [
        module.violation("18 view", item.line, f"a module with routes does not need {item.module}")
        for item in module.imports if item.root in _WAITING
    ]
    for function in routes:
        found += _view_problems(module, function)
    return found


def _view_problems(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[Violation]:
    found = []
    if isinstance(function, ast.AsyncFunctionDef):
        found.append(module.violation("18 view", function.lineno, f"{function.name} is async; work waits in tables"))
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if lines > VIEW_LINES:
        found.append(module.violation("18 view", function.lineno, f"{function.name} has {lines} lines, at most"
                                      f" {VIEW_LINES}: move the deciding into a function"))
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and node.attr in _SESSION_WORDS and _is_database_session(node):
            found.append(module.violation("18 view", node.lineno, f"{function.name}: session.{node.attr} belongs in a"
                                          " store"))
    return found


def _is_route(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute) and (
        decorator.func.attr in ("route", "get", "post", "put", "patch", "delete")
    )


def _is_database_session(node: ast.Attribute) -> bool:
    if isinstance(node.value, ast.Name):  # flask.session, a cookie, also has .get
        return node.value.id == "session" and node.attr != "get"
    return isinstance(node.value, ast.Attribute) and node.value.attr == "session"
