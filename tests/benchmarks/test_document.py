"""docs/benchmarks.md: what the figures look like, and that every benchmark in the table can be run."""

from __future__ import annotations

import importlib
import inspect
import json
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHMARKS, document
from benchmarks.result import Result, print_results

ROOT = Path(__file__).parent.parent.parent


def table(*results: Result) -> list[str]:
    """The table's rows in the document of one section."""
    lines = document([("Polling", list(results))], "2 cores").splitlines()
    return lines[lines.index("|---|---|---|---|---|---|") + 1 :]


def test_the_document_names_machine_and_sections():
    text = document([("Polling", []), ("Keeping samples", [])], "2 cores, 24 GiB")
    assert text.startswith("# Benchmarks\n")
    assert "Machine: 2 cores, 24 GiB" in text
    assert text.count("| what | EduNOC | peer | ratio | budget | within |") == 2
    assert text.index("## Polling") < text.index("## Keeping samples")
    assert text.endswith("\n")


def test_a_row_shows_ours_the_peer_and_the_verdict():
    kept = Result("a round", 2.5, "s", "fping", 11.0, 0.227, "<= 5 s", True)
    missed = Result("flushes", 3.0, "", budget="0", is_within=False)
    plain = Result("memory", 100.0, "MiB")
    assert table(kept, missed, plain) == [
        "| a round | 2.50 s | fping: 11.00 s | 0.23 | <= 5 s | yes |",
        "| flushes | 3.00 |  |  | 0 | **no** |",
        "| memory | 100.0 MiB |  |  |  |  |",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.04, "0.0400 s"), (0.0, "0.0000 s"), (1.0, "1.00 s"), (123.46, "123.5 s"), (1275.4, "1,275 s"),
     (2.4e6, "2,400,000 s")],
)
def test_figures_have_the_digits_that_mean_something(value: float, shown: str):
    [row] = table(Result("x", value, "s"))
    assert row.split(" | ")[1] == shown


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_can_be_run_by_name(name: str):
    module = importlib.import_module(f"benchmarks.{name}")
    assert "quick" in inspect.signature(module.run).parameters


def test_programs_get_one_object_a_line(capsys):
    print_results([Result("a", 1.0, "s"), Result("b", 2.0, "ms", budget="<= 3 ms", is_within=True)], True)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [Result(**row).name for row in rows] == ["a", "b"]


def test_people_see_the_verdict(capsys):
    print_results([Result("b", 2.0, "ms", "peer", 4.0, 0.5, "<= 1 ms", False)], False)
    assert "ratio 0.50   budget <= 1 ms: MISSED" in capsys.readouterr().out
