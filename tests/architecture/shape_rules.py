"""Rules 21, 22, 23, 29 and the house's prohibitions: names, sizes, docstrings, unfinished work, dangerous calls."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping

from tests.architecture.rules import GENERATED, Module, Violation, is_listed

MODULE_LINES = 400
FUNCTION_LINES = 50
PARAMETERS = 6


def sizes(module: Module, exceptions: Mapping[str, str]) -> list[Violation]:
    """Rule 22: a module has at most 400 lines, a function 50 lines and six parameters (without self and cls)."""
    if module.path.startswith(GENERATED):
        return []
    found = []
    lines = len(module.source.splitlines())
    if lines > MODULE_LINES and module.path not in exceptions:
        found.append(module.violation("22 size", 1, f"{lines} lines, at most {MODULE_LINES}: split by subject"))
    for function in module.functions():
        if f"{module.path}:{function.name}" not in exceptions:
            found += _function_sizes(module, function)
    return found


def _function_sizes(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Violation]:
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if lines > FUNCTION_LINES:
        yield module.violation("22 size", function.lineno, f"{function.name} has {lines} lines, at most"
                               f" {FUNCTION_LINES}")
    # A command's parameters are its options, a test's are its fixtures: neither is ever called by position.
    if _is_command(function) or function.name.startswith("test_"):
        return
    given = function.args
    names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg) if a]
    count = len([name for name in names if name not in ("self", "cls")])
    if count > PARAMETERS:
        yield module.violation("22 size", function.lineno, f"{function.name} has {count} parameters, at most"
                               f" {PARAMETERS}")


def _is_command(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    if any(argument.annotation and "typer." in ast.unparse(argument.annotation) for argument in function.args.args):
        return True
    return any(
        isinstance(d, ast.Call) and isinstance(d.func, ast.Attribute) and d.func.attr in ("command", "callback")
        for d in function.decorator_list
    )


_EMPTY_NAMES = frozenset({"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"})


def file_has_a_subject(module: Module) -> list[Violation]:
    """Rule 21: a file is named after what it holds."""
    parts = module.path.removesuffix(".py").split("/")
    return [
        module.violation("21 name", 1, f"{part} says nothing; name the file after its subject")
        for part in parts if part in _EMPTY_NAMES
    ]


def has_docstring(module: Module) -> list[Violation]:
    """Rule 23: a module opens with what it is for."""
    if ast.get_docstring(module.tree) or not module.source.strip():
        return []
    return [module.violation("23 docstring", 1, "say in one or two sentences what the module is for")]


_UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|HA" r"CK|XX" r"X)\b")


def nothing_unfinished(module: Module) -> list[Violation]:
    """No note of unfinished work in comments and docstrings, no raise of the exception that says so."""
    found = []
    for token in tokenize.generate_tokens(io.StringIO(module.source).readline):
        is_docstring = token.type == tokenize.STRING and token.string.startswith(('"""', "'''"))
        if (token.type == tokenize.COMMENT or is_docstring) and (match := _UNFINISHED.search(token.string)):
            found.append(module.violation("unfinished", token.start[0], f"{match[0]}: do it or drop it"))
    found += [
        module.violation("unfinished", node.lineno, "a stub is not finished work; use a Protocol or an abstract method")
        for node in ast.walk(module.tree) if isinstance(node, ast.Raise) and node.exc is not None
        if "NotImplemented" "Error" in {leaf.id for leaf in ast.walk(node.exc) if isinstance(leaf, ast.Name)}
    ]
    return found


def unfinished_text(path: str, text: str) -> list[Violation]:
    """The same for templates, scripts, styles, data and documents."""
    return [
        Violation(path, number, "unfinished", f"{match[0]}: do it or drop it")
        for number, line in enumerate(text.splitlines(), 1) if (match := _UNFINISHED.search(line))
    ]


def no_test_left_out(module: Module) -> list[Violation]:
    """No skip and no expected failure: a missing part fails the test."""
    if module.package != "tests":
        return []
    return [
        module.violation("29 skip", node.lineno, f"{name}: a missing part fails the test")
        for node in ast.walk(module.tree) if isinstance(node, ast.Attribute | ast.Name)
        if (name := module.imported_name(node)) in _SKIPS
    ]


_SKIPS = frozenset(
    f"{prefix}.{word}"
    for prefix in ("pytest", "pytest.mark", "unittest")
    for word in ("skip", "skipif", "xfail", "importorskip", "skipIf", "skipUnless", "expectedFailure", "SkipTest")
)
WAITING = "tests/waiting.py"
SHORTEST_PAUSE = 0.05


def no_sleeping_in_tests(module: Module) -> list[Violation]:
    """Rule 29: tests wait through tests/waiting.py; asyncio.sleep of at most 0.05 s lets other tasks run."""
    if module.package != "tests" or module.path == WAITING:
        return []
    return [
        module.violation("29 sleep", call.lineno, f"{name}: wait with tests.waiting.wait_until")
        for name, call in module.calls()
        if name == "time.sleep" or (name in ("asyncio.sleep", "trio.sleep", "anyio.sleep") and not _is_short(call))
    ]


_CLOCKS = ("perf_counter", "monotonic", "process_time", "thread_time")
_STOPWATCHES = tuple(f"time.{name}{unit}" for name in _CLOCKS for unit in ("", "_ns"))


def tests_measure_no_time(module: Module, timers: Mapping[str, str]) -> list[Violation]:
    """Rule 29: how long something takes is measured in benchmarks/; a busy machine makes no test fail."""
    if module.package != "tests" or is_listed(module.path, timers):
        return []
    lines = {item.line for item in module.imports if item.root == "timeit"} | {
        node.lineno for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute | ast.Name) and module.imported_name(node) in _STOPWATCHES
    }
    return [
        module.violation("29 time", line, "measure it in benchmarks/; files with another need stand in tables.py")
        for line in sorted(lines)
    ]


def _is_short(call: ast.Call) -> bool:
    first = call.args[0] if call.args else None
    return isinstance(first, ast.Constant) and isinstance(first.value, int | float) and first.value <= SHORTEST_PAUSE


def no_printing(module: Module, printers: Mapping[str, str]) -> list[Violation]:
    """Only commands print; everything else answers or logs."""
    if is_listed(module.path, printers):
        return []
    return [
        module.violation("print", call.lineno, "answer with a value or log; commands print")
        for name, call in module.calls() if name in ("print", "pprint.pprint", "rich.print")
    ]


_DANGEROUS = {
    "os.system": "use subprocess.run with a list", "os.popen": "use subprocess.run with a list",
    "subprocess.getoutput": "use subprocess.run with a list",
    "subprocess.getstatusoutput": "use subprocess.run with a list",
    "asyncio.create_subprocess_shell": "use create_subprocess_exec", "eval": "parse the text", "exec": "parse the text",
    "yaml.full_load": "use yaml.safe_load", "yaml.unsafe_load": "use yaml.safe_load",
    "yaml.load_all": "use yaml.safe_load_all", "tempfile.mktemp": "use mkstemp",
}
_DANGEROUS_MODULES = frozenset({"pickle", "cPickle", "marshal", "shelve", "dill", "imp"})


def nothing_dangerous(module: Module) -> list[Violation]:
    """No shell, no pickle, no unsafe YAML, no evaluated text."""
    found = [
        module.violation("dangerous", item.line, f"{item.module} runs what it reads; use JSON")
        for item in module.imports if item.root in _DANGEROUS_MODULES
    ]
    for name, call in module.calls():
        if name in _DANGEROUS:
            found.append(module.violation("dangerous", call.lineno, f"{name}: {_DANGEROUS[name]}"))
        elif name == "yaml.load" and not _has_safe_loader(module, call):
            found.append(module.violation("dangerous", call.lineno, "yaml.load: use yaml.safe_load"))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.keyword) and node.arg == "shell" and not (
            isinstance(node.value, ast.Constant) and node.value.value is False
        ):
            found.append(module.violation("dangerous", node.value.lineno, "shell: give the program and its words"))
    return found


def _has_safe_loader(module: Module, call: ast.Call) -> bool:
    loaders = [keyword.value for keyword in call.keywords if keyword.arg == "Loader"] + call.args[1:2]
    return bool(loaders) and module.resolved(loaders[0]).endswith("SafeLoader")


_MACHINE_PATH = re.compile(r"(?<![\w.:/~-])/(?:" + "|".join(("work", "home", "root", "Users")) + r")/[\w.]")
_ADDRESS = re.compile(r"https?://|--index-url|--extra-index|registry\s*=|_authToken", re.IGNORECASE)


def no_machine_paths(path: str, text: str) -> list[Violation]:
    """No absolute path of somebody's machine in any file."""
    return [
        Violation(path, number, "machine path", f"{match[0]}...: give it relative to the project or as a setting")
        for number, line in enumerate(text.splitlines(), 1) if (match := _MACHINE_PATH.search(line))
    ]


def no_registry_addresses(path: str, text: str) -> list[Violation]:
    """Lock files say what, never from where: the address is the machine's own configuration."""
    return [
        Violation(path, number, "registry address", "take the address out of the lock file")
        for number, line in enumerate(text.splitlines(), 1) if _ADDRESS.search(line) and not _is_about_funding(line)
    ]


def _is_about_funding(line: str) -> bool:
    # package-lock.json quotes each package's own donation page as "url"
    return '"url":' in line


def lock_files(paths: Iterable[str]) -> list[str]:
    """The files that pin packages."""
    names = re.compile(r"(^|/)(requirements[\w-]*\.(txt|in)|package-lock\.json|\.npmrc|uv\.lock|pyproject\.toml)$")
    return [path for path in paths if names.search(path)]
