"""Files that wait between the trial run and the import: an hour, in the data folder, for the person who sent them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from core import new_one_time_code
from inventory import FieldProblem, ImportReport, RowChange

KEPT = timedelta(hours=1)
PROBLEMS_KEPT = 2_000  # enough to work on; the number of all is kept beside them
MOST_A_PERSON = 5
_NAME = re.compile(r"[A-Za-z0-9-]{8,40}")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file and what its trial run said. `owner` is who sent it, `problems_total` counts also those not kept."""

    token: str
    owner: str
    kind: str
    file_name: str
    sent_at: datetime
    report: ImportReport
    problems_total: int


class WaitingFiles:
    """The folder of waiting files. A file's name is chance; what it is for stands in a small file beside it."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "imports"

    def keep(self, content: bytes, note: Waiting) -> str:
        """Keep a file with its report; answers the name under which it waits. `note.token` is not used."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.sweep(note.sent_at)
        for old in sorted((one for one in self._all() if one.owner == note.owner), key=lambda one: one.sent_at)[
            : 1 - MOST_A_PERSON
        ]:
            self.drop(old.token)
        token = new_one_time_code()
        self._path(token, "bin").write_bytes(content)
        self._path(token, "json").write_text(json.dumps(_as_json(note)), encoding="utf-8")
        return token

    def find(self, token: str, owner: str, now: datetime) -> Waiting | None:
        """The file with this name, when it waits for this person and is not too old."""
        found = self._read(token) if _NAME.fullmatch(token) else None
        return found if found is not None and found.owner == owner and now - found.sent_at <= KEPT else None

    def path_of(self, waiting: Waiting) -> Path:
        """Where the content lies."""
        return self._path(waiting.token, "bin")

    def drop(self, token: str) -> None:
        """Forget a file."""
        for suffix in ("bin", "json"):
            self._path(token, suffix).unlink(missing_ok=True)

    def sweep(self, now: datetime) -> None:
        """Forget what has waited too long."""
        for one in list(self._all()):
            if now - one.sent_at > KEPT:
                self.drop(one.token)

    def _all(self) -> Iterator[Waiting]:
        for path in self._folder.glob("*.json"):
            found = self._read(path.stem)
            if found is not None:
                yield found

    def _path(self, token: str, suffix: str) -> Path:
        return self._folder / f"{token}.{suffix}"

    def _read(self, token: str) -> Waiting | None:
        try:
            return _from_json(token, json.loads(self._path(token, "json").read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None  # another process has just swept it


def note_of(owner: str, file_name: str, report: ImportReport, now: datetime) -> Waiting:
    """The note of a trial run."""
    return Waiting("", owner, report.kind, file_name[:200], now, report, len(report.problems))


def _as_json(note: Waiting) -> dict[str, Any]:
    report = note.report
    return {
        "owner": note.owner, "kind": note.kind, "file_name": note.file_name, "sent_at": note.sent_at.isoformat(),
        "rows": report.rows, "created": report.created, "updated": report.updated, "unchanged": report.unchanged,
        "problems": [asdict(one) for one in report.problems[:PROBLEMS_KEPT]], "problems_total": note.problems_total,
        "changes": [asdict(one) for one in report.changes],
    }


def _from_json(token: str, kept: dict[str, Any]) -> Waiting:
    changes = tuple(
        RowChange(one["row"], one["action"], one["title"], tuple(one["columns"])) for one in kept["changes"]
    )
    report = ImportReport(
        kept["kind"], kept["rows"], kept["created"], kept["updated"], kept["unchanged"],
        tuple(FieldProblem(**one) for one in kept["problems"]), changes,
    )
    sent_at = datetime.fromisoformat(kept["sent_at"])
    return Waiting(token, kept["owner"], kept["kind"], kept["file_name"], sent_at, report, kept["problems_total"])
