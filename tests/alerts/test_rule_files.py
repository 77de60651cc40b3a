"""Rules as data: shipped ones pass their own cases, bad ones are told by line and field, commands end as promised."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from alerts.cli import rules as app
from alerts.rule_cases import check_expectations, parse_series, run_case
from alerts.rule_file import RULES_DIR, RuleFileError, load_rule_file, load_shipped_rules
from telemetry import METRICS

BAD = Path(__file__).parent / "bad_rules"
SHIPPED = sorted(RULES_DIR.glob("*.yaml"))
WANTED = {
    "device_down", "site_dark", "interface_down", "interface_errors", "interface_discards", "interface_saturated",
    "cpu_busy", "memory_full", "storage_full", "temperature_high", "fan_failed", "ups_on_battery", "ups_low",
    "check_failing", "certificate_expiring", "snmp_silent",
}
GOOD = """
rules:
  - id: busy
    severity: minor
    title: {vi: "a", en: "b"}
    message: {vi: "a", en: "b"}
    next_step: {vi: "a", en: "b"}
    when: {metric: cpu_used_ratio, above: 0.9}
    tests:
      - name: case
        series: {cpu_used_ratio: "0.95x3"}
        expect: {1m: EXPECTED}
"""


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_rules_pass_their_own_cases(path):
    file = load_rule_file(path, METRICS)
    for rule in file.rules:
        for case in file.cases[rule.id]:
            assert check_expectations(rule, case) == []
            assert [result for result in run_case(rule, case) if not result.is_good] == []


def test_every_promised_rule_is_shipped_and_tested():
    assert {rule.id for rule in load_shipped_rules(METRICS)} >= WANTED
    untested = {
        rule.id for path in SHIPPED for file in [load_rule_file(path, METRICS)] for rule in file.rules
        if not file.cases[rule.id]
    }
    assert untested <= {"device_away"}, "the case format has no calendar; tests/alerts/test_stages.py tries this one"


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_problem_of_a_bad_file_is_told(path):
    expected = path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    with pytest.raises(RuleFileError) as caught:
        load_rule_file(path, METRICS)
    told = [problem.removeprefix(f"{path}:").strip() for problem in caught.value.problems]
    assert len(told) == len(expected), told
    for wanted in expected:
        assert any(wanted in problem for problem in told), (wanted, told)


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (GOOD.replace("EXPECTED", "firing"), 0, "1 "),
        (GOOD.replace("EXPECTED", "ok"), 1, "firing"),
        (GOOD.replace("EXPECTED", "happy"), 2, "is no state"),
        (GOOD.replace("0.95x3", "lots"), 2, "is not a value"),
        (GOOD.replace("above", "over the"), 2, "rules[0]"),
    ],
)
def test_the_command_ends_with_what_it_found(tmp_path, content, code, said):
    file = tmp_path / "rules.yaml"
    file.write_text(content, encoding="utf-8")
    result = CliRunner().invoke(app, ["test", str(file)])
    assert result.exit_code == code, result.output
    assert said in result.output


def test_a_missing_file_is_told(tmp_path):
    result = CliRunner().invoke(app, ["test", str(tmp_path / "none.yaml")])
    assert result.exit_code == 2
    assert "cannot be read" in result.output


def test_the_list_names_every_rule_and_refuses_a_bad_folder(tmp_path):
    result = CliRunner().invoke(app, ["list"])
    assert result.exit_code == 0
    assert all(name in result.output for name in ("site_dark", "cpu_busy"))
    (tmp_path / "own.yaml").write_text("rules: 3", encoding="utf-8")
    assert CliRunner().invoke(app, ["list", "--rules-dir", str(tmp_path)]).exit_code == 2


def test_series_notation():
    assert parse_series("1x2 0.5 2e3") == [1, 1, 0.5, 2000]
    assert [value != value for value in parse_series("_x2 -1")] == [True, True, False]
    with pytest.raises(ValueError, match="more than"):
        parse_series("1x999999999")
