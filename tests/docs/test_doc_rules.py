"""Each rule about documents catches a small violation and lets its clean twin pass."""
# ruff: noqa: E501 - a case is easier to read on one line

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import Field, SecretStr

from core import Section
from tests.docs import doc_rules, settings_page
from tests.docs.doc_rules import Command

PATHS = ("README.md", "core/cli.py", "core/audit.py", "docs/web.md", "alerts/rules/device.yaml", "Makefile")
LINE = Command(frozenset({"--settings"}), {
    "poll": Command(frozenset({"--json"})),
    "audit": Command(commands={"verify": Command(frozenset({"--expect"})), "export": Command()}),
})


@pytest.mark.parametrize("text", [
    "see docs/wbe.md", "`core/nothing.py`", "in core/missing/ it stands", "`alerts/rules/*.yml`", "`cli_.py`",
    "(docs/old.md)", "docs/old.md, docs/web.md",
])
def test_path_that_is_not_there_is_flagged(text: str) -> None:
    assert doc_rules.missing_paths("docs/x.md", text, PATHS)


@pytest.mark.parametrize("text", [
    "see docs/web.md.", "`core/cli.py`", "core/ and `alerts/rules/`", "`alerts/rules/*.yaml`", "`cli.py` or `Makefile`",
    "`/api/v1/devices`", "https://example.vn/core/x.py", "and/or 24/7", "`data/edunoc.db`, .venv/bin/python",
    "`/etc/edunoc/x.toml`", "10.0.0.0/8", "`my-rules.yaml`", "kB/s",
])
def test_path_that_is_there_passes(text: str) -> None:
    assert not doc_rules.missing_paths("docs/x.md", text, PATHS)


@pytest.mark.parametrize(("text", "is_broken"), [
    ("`make runn`", True), ("    make tset  # all tests", True), ("```\nmake nothing\n```", True), ("`make run`", False),
    ("people make things", False), ("`apt install make git`", False), ("`cd x && make runn`", True),
    ("    make test ARGS=-x", False),
])
def test_make_target(text: str, is_broken: bool) -> None:
    assert bool(doc_rules.missing_targets("docs/x.md", text, ["run", "test"])) is is_broken


@pytest.mark.parametrize(("text", "words"), [
    ("`app.py pol 1.2.3.4`", "no command pol"), ("`app.py audit verfy`", "app.py audit has no command verfy"),
    ("`app.py poll HOST --jsn`", "app.py poll has no option --jsn"), ("    .venv/bin/python app.py demo", "no command demo"),
    ("```\npython app.py audit export --expect X\n```", "no option --expect"),
])
def test_command_that_is_not_there_is_flagged(text: str, words: str) -> None:
    assert words in str(doc_rules.missing_commands("docs/x.md", text, LINE)[0])


@pytest.mark.parametrize("text", [
    "`app.py poll HOST[:PORT] --json`", "`app.py audit verify --expect DIGEST`", "`app.py --settings x.toml poll 1.2.3.4`",
    "`app.py`", "`app.py --help`", "`app.py COMMAND`", "`app.py poll X --json | less -R`", "in app.py pollution is rare",
])
def test_command_that_is_there_passes(text: str) -> None:
    assert not doc_rules.missing_commands("docs/x.md", text, LINE)


def test_unnamed_commands() -> None:
    texts = ["run `app.py poll HOST` or `app.py audit\nverify`"]
    assert doc_rules.unnamed_commands(LINE, texts) == ["the command app.py audit export is in no document"]


def test_unnamed_names() -> None:
    assert doc_rules.unnamed(["ping_rtt_seconds", "view"], ["the `ping_rtt_seconds_total` and `view`."], "metric") == [
        "metric ping_rtt_seconds is in no document"
    ]


def test_names_of_settings_in_a_text() -> None:
    text = "EDUNOC_PORT, EDUNOC_TELEMETRY_<FIELD>, `EDUNOC_ALERTS_*`, EDUNOC_TEST_X, EDUNOC_NONSENSE."
    assert doc_rules.setting_names(text) == {"EDUNOC_PORT", "EDUNOC_NONSENSE"}


def test_targets_of_a_makefile() -> None:
    text = "VENV := .venv\n.PHONY: run\nrun: install\n\t@x\n$(VENV)/x: y\nnew-thing:\n"
    assert doc_rules.make_targets(text) == ["run", "new-thing"]


class PondSettings(Section):
    """A section of each kind of field."""

    section = "pond"
    fish: int = Field(3, ge=1, le=99, description="How many fish | frogs")
    season: Literal["dry", "rain"] = Field("dry", description="Half of the year")
    is_open: bool = Field(True, description="Whether people may come")
    key: SecretStr = Field(SecretStr(""), description="Opens the gate")
    gates: tuple[str, ...] = Field(("a", "b"), description="Names")


def test_table_of_settings() -> None:
    lines = settings_page.table_of(PondSettings).splitlines()
    assert lines[0] == "## `[pond]`"
    assert lines[4:] == [
        "| `fish` | `EDUNOC_POND_FISH` | `3` | at least 1, at most 99 | How many fish \\| frogs |",
        "| `season` | `EDUNOC_POND_SEASON` | `dry` | `dry`, `rain` | Half of the year |",
        "| `is_open` | `EDUNOC_POND_IS_OPEN` | `true` | true, false | Whether people may come |",
        "| `key` | `EDUNOC_POND_KEY` | (empty) |  | Opens the gate |",
        "| `gates` | `EDUNOC_POND_GATES` | `a, b` |  | Names |",
    ]


def test_page_is_rewritten_between_its_marks() -> None:
    page = f"before\n{settings_page.BEGIN}\nold\n{settings_page.END}\nafter\n"
    once = settings_page.with_tables(page, [PondSettings])
    assert once.startswith("before\n") and once.endswith("after\n") and "old" not in once and "EDUNOC_POND_FISH" in once
    assert settings_page.with_tables(once, [PondSettings]) == once
