"""Runs every benchmark and writes docs/benchmarks.md: ours beside the peers, measured in one run on one machine.

Usage: python -m benchmarks [--quick] [NAME ...]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

from benchmarks.result import Result

DOCUMENT = Path(__file__).parent.parent / "docs" / "benchmarks.md"

# name of the module -> heading in the document
BENCHMARKS = {
    "poll": "Polling 52-port switches: ask, decode, derive, store",
    "plans": "Plans of 18,000 devices",
    "layer2": "Forwarding tables and neighbours beside polling",
    "store": "Keeping samples",
    "ping": "A ping round of 10,000 addresses",
    "judge": "Judging 500 rules over 2.4 million series",
    "steady": "A province in steady state",
    "meetings": "A meeting of 700 endpoints",
    "pages": "Pages at 1,000 sites and 60,000 devices",
}


def main() -> int:
    """Run what was asked for; exit code 1 when a budget was missed or a benchmark failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], help="only these")
    parser.add_argument("--quick", action="store_true", help="smaller inputs; figures are then not comparable")
    arguments = parser.parse_args()
    sections: list[tuple[str, list[Result]]] = []
    failed = False
    for name in arguments.names or BENCHMARKS:
        print(f"-- {BENCHMARKS[name]}", flush=True)
        # A benchmark runs in a process of its own: the memory and the caches of one must not help or hurt the next
        results = _run_apart(name, arguments.quick)
        failed = failed or results is None or any(result.is_within is False for result in results)
        for result in results or ():
            print("   " + _line(result), flush=True)
        sections.append((BENCHMARKS[name], results or []))
    if not arguments.quick and not arguments.names:
        DOCUMENT.write_text(document(sections, _machine()), encoding="utf-8")
        print("written: docs/benchmarks.md")
    return 1 if failed else 0


def _run_apart(name: str, is_quick: bool) -> list[Result] | None:
    code = (
        "import sys, dataclasses, json, importlib\n"
        "module = importlib.import_module(sys.argv[1])\n"
        "print('RESULT ' + json.dumps([dataclasses.asdict(r) for r in module.run(sys.argv[2] == '1')]))\n"
    )
    command = [sys.executable, "-c", code, f"benchmarks.{name}", "1" if is_quick else "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if done.returncode or not lines:
        print(done.stdout[-2000:] + done.stderr[-4000:], file=sys.stderr)
        return None
    return [Result(**row) for row in json.loads(lines[-1][7:])]


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2 if abs(value) >= 1 else 4
    return f"{value:,.{digits}f} {unit}".strip()


def _line(result: Result) -> str:
    verdict = {True: "within", False: "MISSED", None: ""}[result.is_within]
    peer = f"; {result.peer} {_figure(result.peer_value, result.unit)}" if result.peer else ""
    ratio = f"; ratio {result.ratio:.2f}" if result.ratio is not None else ""
    value, budget = _figure(result.value, result.unit), result.budget or "none"
    return f"{result.name}: {value}{peer}{ratio}; budget {budget} {verdict}"


def document(sections: list[tuple[str, list[Result]]], machine: str) -> str:
    """docs/benchmarks.md from the results of one run."""
    text = [
        "# Benchmarks", "",
        "Written by `make bench`; do not edit. Ours and the peer run one after the other in the same run; compare the",
        "ratios, not the seconds: the machine differs from yours.", "", f"Machine: {machine}", "",
    ]
    for heading, results in sections:
        text += [f"## {heading}", "", "| what | EduNOC | peer | ratio | budget | within |", "|---|---|---|---|---|---|"]
        for r in results:
            peer = f"{r.peer}: {_figure(r.peer_value, r.unit)}" if r.peer else ""
            ratio = f"{r.ratio:.2f}" if r.ratio is not None else ""
            within = {True: "yes", False: "**no**", None: ""}[r.is_within]
            text.append(f"| {r.name} | {_figure(r.value, r.unit)} | {peer} | {ratio} | {r.budget} | {within} |")
        text.append("")
    return "\n".join(text)


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.machine()}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
