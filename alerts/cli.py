"""Commands about rules: `app.py rules list`, `app.py rules test FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from alerts.rule_cases import CaseResult, check_expectations, run_case
from alerts.rule_file import RuleFile, RuleFileError, load_rule_file
from alerts.situation import load_rules
from core import current_language, gettext
from telemetry import METRICS

rules = typer.Typer(no_args_is_help=True, help="Rules: what needs a person.")


def mount(app: typer.Typer) -> None:
    """Add `rules` to the command line."""
    app.add_typer(rules, name="rules")


@rules.command("list")
def list_rules(
    rules_dir: Annotated[str, typer.Option(help="Folder with rules files of your own.")] = "",
) -> None:
    """List the rules in force: identifier, severity, title."""
    try:
        loaded = load_rules(rules_dir)
    except RuleFileError as error:
        _tell_problems(error)
        raise typer.Exit(2) from None
    table = Table("id", gettext("Severity"), gettext("Title"), gettext("File"))
    for rule in loaded:
        table.add_row(rule.id, rule.severity, rule.titles[current_language()], rule.place)
    Console().print(table)


@rules.command("test")
def test_rules(
    files: Annotated[list[Path], typer.Argument(help="Rules files, or folders of them.")],
) -> None:
    """Check rules files and run the test cases in them.

    Ends with 0 when all is good, 1 when a case fails, 2 when a file cannot be used; then every problem is listed.
    """
    problems: list[str] = []
    loaded: list[RuleFile] = []
    for path in _files(files):
        try:
            loaded.append(load_rule_file(path, METRICS))
        except RuleFileError as error:
            problems.extend(error.problems)
    for file in loaded:
        problems.extend(_case_problems(file))
    if problems:
        _tell_problems(RuleFileError(problems))
        raise typer.Exit(2)
    results = [result for file in loaded for result in _results(file)]
    failed = [result for result in results if not result.is_good]
    for result in failed:
        typer.echo(
            gettext("%(rule)s: %(case)s: at %(at)s expected %(expected)s, found %(found)s", rule=result.rule_id,
                    case=result.case, at=result.at, expected=result.expected, found=result.found)
        )
    number = sum(len(file.rules) for file in loaded)
    typer.echo(
        gettext("%(rules)d rules, %(checks)d expectations, %(failed)d failed", rules=number, checks=len(results),
                failed=len(failed))
    )
    raise typer.Exit(1 if failed else 0)


def _files(paths: list[Path]) -> list[Path]:
    return [file for path in paths for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])]


def _case_problems(file: RuleFile) -> list[str]:
    return [
        f"{file.path}: {rule.id}: {case.name}: {problem}"
        for rule in file.rules for case in file.cases[rule.id] for problem in check_expectations(rule, case)
    ]


def _results(file: RuleFile) -> list[CaseResult]:
    return [result for rule in file.rules for case in file.cases[rule.id] for result in run_case(rule, case)]


def _tell_problems(error: RuleFileError) -> None:
    for problem in error.problems:
        typer.echo(problem, err=True)
