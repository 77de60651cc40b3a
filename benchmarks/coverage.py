"""How much of the recordings is read right: replays each over UDP, reads it as `app.py poll --topology` does.

Usage: python -m benchmarks.coverage [--folder FOLDER]. Prints the shares by kind and every disagreement, and writes
docs/coverage.md. The recordings stand beside the checkout; EDUNOC_RECORDINGS names another place.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.expectations import Told, Verdict, expectations, judge
from benchmarks.identities import Identified, identified, manifest
from collectors.layer2 import read_network_of
from collectors.profiles import load_profiles
from collectors.snmp import Patience, Target, community, read_device
from deploy.demo.replay import ReplayAgent, ReplayServer, read_recording

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "coverage.md"
ASPECTS = ("vendor", "model", "kind")


def recordings_folder() -> Path:
    """Where the recordings stand."""
    return Path(os.environ.get("EDUNOC_RECORDINGS") or ROOT.parent / "shared" / "recordings")


def recordings(folder: Path) -> list[Path]:
    """The files of recordings."""
    return [path for path in sorted(folder.iterdir()) if path.suffix in (".snmprec", ".snmpwalk")]


async def read_all(files: Iterable[Path]) -> dict[str, Told]:
    """Each recording replayed on loopback and read, by name."""
    told = {}
    for path in files:
        with ReplayServer({("127.0.0.1", 0): ReplayAgent(read_recording(path))}) as server:
            target, asker, patience = Target(*server.addresses[0]), community(), Patience()
            reading = await read_device(target, asker, patience, load_profiles())
            network = await read_network_of(reading, target, asker, patience, load_profiles())
            told[path.stem] = Told(reading, network)
    return told


# -- what people see --------------------------------------------------------------------------------------------


def shares(verdicts: Iterable[Verdict]) -> list[tuple[str, str, int, int]]:
    """(source, kind, right, all)."""
    right, total = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for verdict in verdicts:
        key = (verdict.row.source, verdict.row.kind)
        total[key] += 1
        right[key] += verdict.agrees
    return [(source, kind, right[source, kind], count) for (source, kind), count in sorted(total.items())]


def document(verdicts: Sequence[Verdict], known: Sequence[Identified], told: Mapping[str, Told]) -> str:
    """The Markdown of docs/coverage.md."""
    silent = sum(not one.reading.is_read for one in told.values())
    right = sum(verdict.agrees for verdict in verdicts)
    lines = [
        "# What of the recordings is read right", "",
        "Written by `python -m benchmarks.coverage`; do not edit. Each recording is replayed by the fake agent over UDP"
        " and read as `app.py poll --topology` reads a device. `derived` are literal readings of standard columns,"
        " `expected` are third parties' expectations. Tolerances: percent 1, temperature 0.5, voltage 1 %; of a"
        " processor's load over several spans of time one that agrees is enough.", "",
        f"{len(told)} recordings read, {silent} without any answer; {right} of {len(verdicts)} expectations met.", "",
        "| Source | Kind | Right | All | Share |", "|---|---|---|---|---|",
    ]  # fmt: skip
    lines += [f"| {source} | {kind} | {ok} | {n} | {100 * ok / n:.1f} % |" for source, kind, ok, n in shares(verdicts)]
    return "\n".join([*lines, *_disagreements(verdicts), *_identities(known)]) + "\n"


def _disagreements(verdicts: Iterable[Verdict]) -> list[str]:
    lines = ["", "## Disagreements, one by one", ""]
    groups: dict[tuple[str, str, str], list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        if not verdict.agrees:
            groups[verdict.row.recording, verdict.row.kind, verdict.why].append(verdict)
    for (recording, kind, why), found in sorted(groups.items()):
        shown = "; ".join(
            f"{v.row.key or '-'}: expected {v.row.value}, read {v.found or 'nothing'}" for v in found
        )
        lines.append(f"- **{recording}** {kind} ({len(found)}): {why}<br>{shown}")
    return lines


def _identities(known: Sequence[Identified]) -> list[str]:
    names = dict.fromkeys(one.recording for one in known)
    by_name = {(one.recording, one.aspect): one for one in known}
    lines = [
        "", "## Who the devices are", "",
        "Maker and kind as MANIFEST.csv says; the model as the device writes it, where the recording holds it.", "",
        "| | Right | All | Share |", "|---|---|---|---|",
    ]  # fmt: skip
    for aspect in ASPECTS:
        right, total = identity_share(known, aspect)
        lines.append(f"| {aspect} | {right} | {total} | {100 * right / total:.1f} % |")
    lines += ["", "| Recording | Maker | Model | Kind |", "|---|---|---|---|"]
    for name in names:
        cells = [by_name[name, aspect] for aspect in ASPECTS]
        shown = [(one.found or "-") + ("" if one.is_right else " (*)") for one in cells]
        lines.append(f"| {name} | {' | '.join(shown)} |")
    lines += ["", "Not as it should be (*), one by one:", ""]
    lines += [
        f"- **{one.recording}** {one.aspect}: {one.wanted or 'not told'}, found {one.found or 'nothing'}: {one.why}"
        for one in known if not one.is_right
    ]  # fmt: skip
    return lines


def identity_share(known: Iterable[Identified], aspect: str) -> tuple[int, int]:
    """(right, all) of vendor, model or kind."""
    mine = [one for one in known if one.aspect == aspect]
    return sum(one.is_right for one in mine), len(mine)


def main() -> int:
    """Read, compare, print, write. Exit code 1 when a disagreement has no explanation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=recordings_folder(), help="where the recordings stand")
    folder = parser.parse_args().folder
    told = asyncio.run(read_all(recordings(folder)))
    verdicts = judge(expectations(folder), told)
    known = identified(manifest(folder), told)
    for source, kind, ok, total in shares(verdicts):
        print(f"{source:<9} {kind:<22} {ok:>5} of {total:>5}  {100 * ok / total:6.1f} %")
    for aspect in ASPECTS:
        right, total = identity_share(known, aspect)
        print(f"identity  {aspect:<22} {right:>5} of {total:>5}  {100 * right / total:6.1f} %")
    DOCUMENT.write_text(document(verdicts, known, told), encoding="utf-8")
    print("written: docs/coverage.md")
    unexplained = [one for one in verdicts if not one.agrees and not one.why]
    unknown = [one for one in known if not one.is_right and not one.why]
    for one in (*unexplained, *unknown):
        print(f"UNEXPLAINED {one}")
    return 1 if unexplained or unknown else 0


if __name__ == "__main__":
    raise SystemExit(main())
