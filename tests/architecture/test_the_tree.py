"""STYLE's executable rules over the real tree, one test a rule; `test_the_rules.py` proves that each can fail."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path

from tests.architecture import import_rules, purity_rules, shape_rules, tables
from tests.architecture.rules import Module, Rule, project_files, read_modules, report, run

ROOT = Path(__file__).parents[2]


@cache
def modules() -> tuple[Module, ...]:
    return tuple(read_modules(ROOT))


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """(path, text) of every file that is text."""
    found = []
    for path, file in project_files(ROOT):
        raw = file.read_bytes()
        if b"\0" not in raw[:8000]:
            found.append((path, raw.decode("utf-8", "replace")))
    return tuple(found)


def check(rule: Rule) -> None:
    problem = report(run(rule, modules()))
    assert not problem, problem


def test_tree_is_read() -> None:
    paths = {module.path for module in modules()}
    assert {"core/__init__.py", "core/settings.py", "tests/conftest.py"} <= paths


def test_1_imports_point_down() -> None:
    check(import_rules.imports_point_down)


def test_1_no_hidden_imports() -> None:
    check(import_rules.no_hidden_imports)


def test_1_no_computed_imports() -> None:
    check(import_rules.no_computed_imports)


def test_3_no_hidden_inputs() -> None:
    check(partial(purity_rules.no_hidden_inputs, shells=tables.SHELLS))


def test_7_registries_are_complete() -> None:
    by_path = {module.path: module for module in modules()}
    paths = [path for path, _text in texts()]
    found = []
    for registry in tables.REGISTRIES:
        assert registry.file in by_path, f"{registry.file} is gone: correct tables.REGISTRIES"
        assert import_rules.variants_of(registry, paths), f"{registry.folder} has no variant: correct tables.REGISTRIES"
        found += import_rules.registry_is_complete(registry, paths, by_path[registry.file])
    assert not found, report(found)


def test_8_the_centre_knows_no_variant() -> None:
    paths = [path for path, _text in texts()]
    found = [
        violation
        for registry in tables.REGISTRIES
        for module in modules()
        for violation in import_rules.centre_knows_no_variant(
            module, registry, import_rules.variants_of(registry, paths)
        )
    ]
    assert not found, report(found)


def test_14_secrets_are_revealed_in_shells() -> None:
    check(partial(purity_rules.secrets_are_revealed_in_shells, revealers=tables.REVEALERS))


def test_15_one_section_a_package() -> None:
    found = purity_rules.one_section_a_package(modules())
    assert not found, report(found)


def test_16_sqlalchemy_in_its_place() -> None:
    check(partial(purity_rules.sqlalchemy_in_its_place, exceptions=tables.TABLE_TOOLS))


def test_16_models_are_passive() -> None:
    check(purity_rules.models_are_passive)


def test_16_relationships_stay_at_home() -> None:
    found = purity_rules.relationships_stay_at_home(modules())
    assert not found, report(found)


def test_18_views_are_short() -> None:
    check(purity_rules.views_are_short)


def test_21_files_have_a_subject() -> None:
    check(shape_rules.file_has_a_subject)


def test_22_sizes() -> None:
    check(partial(shape_rules.sizes, exceptions=tables.SIZES))


def test_23_modules_say_what_they_are_for() -> None:
    check(shape_rules.has_docstring)


def test_24_imports_from_faces() -> None:
    check(partial(import_rules.imports_from_faces, faces=import_rules.faces_of(modules())))


def test_24_faces_list_their_names() -> None:
    check(import_rules.faces_list_names)


def test_28_contract_tests_run_over_the_registries() -> None:
    found = [
        violation for registry in tables.REGISTRIES
        for violation in import_rules.contract_is_tested(registry, modules())
    ]
    assert not found, report(found)


def test_29_no_test_is_left_out() -> None:
    check(shape_rules.no_test_left_out)


def test_29_no_sleeping_in_tests() -> None:
    check(shape_rules.no_sleeping_in_tests)


def test_29_tests_measure_no_time() -> None:
    check(partial(shape_rules.tests_measure_no_time, timers=tables.TIMERS))


def test_nothing_unfinished_in_python() -> None:
    check(shape_rules.nothing_unfinished)


def test_nothing_unfinished_in_other_texts() -> None:
    others = (".html", ".js", ".mjs", ".css", ".sh", ".yaml", ".yml", ".toml", ".md", ".po", ".json", ".mako")
    found = [
        violation for path, text in texts() if path.endswith(others) and not path.endswith("package-lock.json")
        for violation in shape_rules.unfinished_text(path, text)
    ]
    assert not found, report(found)


def test_only_commands_print() -> None:
    check(partial(shape_rules.no_printing, printers=tables.PRINTERS))


def test_nothing_dangerous() -> None:
    check(shape_rules.nothing_dangerous)


def test_no_machine_paths() -> None:
    found = [violation for path, text in texts() for violation in shape_rules.no_machine_paths(path, text)]
    assert not found, report(found)


def test_no_registry_addresses_in_lock_files() -> None:
    by_path = dict(texts())
    locks = shape_rules.lock_files(by_path)
    assert "requirements.txt" in locks
    found = [violation for path in locks for violation in shape_rules.no_registry_addresses(path, by_path[path])]
    assert not found, report(found)


def test_exceptions_are_needed() -> None:
    """An exception whose file or function is gone, or small again, is taken out of the table."""
    by_path = {module.path: module for module in modules()}
    stale = []
    for entry in tables.SIZES:
        path, _, function = entry.partition(":")
        others = {key: reason for key, reason in tables.SIZES.items() if key != entry}
        found = shape_rules.sizes(by_path[path], others) if path in by_path else []
        if not any(function in violation.message.split() if function else violation.line == 1 for violation in found):
            stale.append(f"SIZES {entry}")
    for table, rule in ((tables.SHELLS, purity_rules.no_hidden_inputs),
                        (tables.REVEALERS, purity_rules.secrets_are_revealed_in_shells),
                        (tables.TIMERS, shape_rules.tests_measure_no_time)):
        stale += [path for path in table if "*" not in path and path in by_path and not rule(by_path[path], {})]
        stale += [path for path in table if path.endswith(".py") and "*" not in path and path not in by_path]
    assert not stale, f"no longer needed in tables.py: {', '.join(stale)}"
