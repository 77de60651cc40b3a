"""The import of one file: every row checked and compared first, then all written in one go, or nothing at all."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any

from core import Scope, Session
from core import gettext as _
from inventory.exchange.drafting import Drafter, file_keys
from inventory.exchange.headings import heading_of
from inventory.exchange.matching import KEYS, Draft, FileKeys, match
from inventory.exchange.pointers import Pointers, missing_message, splits
from inventory.exchange.reading import Spool
from inventory.exchange.report import CHANGES_LIMIT, ImportReport, RowChange
from inventory.fields import Field, Subject, check_rules
from inventory.problems import FieldProblem
from inventory.store import bulk
from inventory.store.records import taken_message

CHUNK = 500
Progress = Callable[[str, int, int], None]  # (stage: "read", "check" or "write"; rows done; rows in all)

_FIRST = ("unit", "site", "credential", "service")  # what is looked up before a row is recognised
_PLACED = ("room", "device", "link")  # what is looked up within the row's site
_SELF = {"unit": "parent_id", "device": "parent_device_id"}
_UNKNOWN = 0


def _silent(_stage: str, _done: int, _total: int) -> None:
    return None


class Importer:
    """Checks the rows of a spool, and writes what the check decided. Use it once, in one transaction."""

    def __init__(
        self, session: Session, scope: Scope, subject: Subject, spool: Spool, columns: Mapping[int, Field],
        progress: Progress | None = None,
    ) -> None:
        self._session = session
        self._scope = scope
        self._subject = subject
        self._spool = spool
        self._columns = columns
        self._titles = {field.name: spool.headings[column] for column, field in columns.items()}
        self._progress = progress or _silent
        self._pointers = Pointers(session, scope)
        self._names = tuple(field.name for field in subject.fields)
        self._keys = FileKeys()
        self._seen: dict[tuple, int] = {}          # key to the number of the row that has it
        self._taken: set[int] = set()              # records that a row has matched
        self._ids = array("q")                     # by index: the record, _UNKNOWN for a new one
        self._numbers = array("q")
        self._above: dict[int, int] = {}           # index of a row to the index of the row it hangs on
        self._parents: dict[int, int | None] = {}  # index of a row to the record it hangs on
        self._freed: list[int] = []                # devices whose name or code changes
        self._clashes: list[tuple[int, int]] = []  # (row's number, device that has its name now)
        self._counts = {"create": 0, "update": 0, "same": 0}
        self._problems: list[FieldProblem] = []
        self._missing: set[str] = set()
        self._changes: list[RowChange] = []
        self._outbox: IO[str] = TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - close() ends it

    def check(self) -> None:
        """Read and compare every row. Writes nothing to the database."""
        drafter = Drafter(self._columns)
        if self._subject.word in ("unit", "device"):
            self._keys = file_keys(self._spool, self._columns)
        rows = enumerate(self._spool)
        while chunk := [drafter.draft(index, number, cells) for index, (number, cells) in islice(rows, CHUNK)]:
            self._check_chunk(chunk)
            self._progress("check", len(self._ids), self._spool.count)
        self._check_clashes()
        self._check_circles()
        self._problems.sort(key=lambda problem: problem.row or 0)

    def report(self, *, is_written: bool = False) -> ImportReport:
        """What the check found."""
        return ImportReport(
            self._subject.plural, self._spool.count, self._counts["create"], self._counts["update"],
            self._counts["same"], tuple(self._problems), tuple(self._changes), is_written,
        )

    def close(self) -> None:
        """Delete the temporary file."""
        self._outbox.close()

    # -- checking --------------------------------------------------------------------------------------------------

    def _check_chunk(self, drafts: Sequence[Draft]) -> None:
        self._point_first(drafts)
        match(self._session, self._subject.word, drafts, self._keys, self._taken)
        ids = {draft.row_id for draft in drafts if draft.row_id is not None}
        known = bulk.rows_by_id(self._session, self._scope, self._subject.word, ids, self._names)
        wholes = [self._whole(draft, known) for draft in drafts]
        self._point_placed(drafts, wholes)
        for draft, whole in zip(drafts, wholes, strict=True):
            self._decide(draft, whole, known.get(draft.row_id or _UNKNOWN))

    def _point_first(self, drafts: Sequence[Draft]) -> None:
        fields = [field for field in self._columns.values() if field.refers in _FIRST]
        for field in fields:
            self._pointers.learn(field.refers, {text for d in drafts if (text := d.texts.get(field.name))})
        for draft in drafts:
            for field in fields:
                text = draft.texts.get(field.name)
                if text is None:
                    continue
                found = self._pointers.simple(field.refers, text) if text else None
                draft.values[field.name] = found
                if found is None and text and not self._hangs_on_row(draft, field, self._keys.codes.get(text)):
                    draft.problems.append((field.name, missing_message(field.refers, text)))

    def _hangs_on_row(self, draft: Draft, field: Field, index: int | None) -> bool:
        """Note that a row hangs on another row of the same file, if it does."""
        if index is None or field.name != _SELF.get(self._subject.word):
            return False
        self._above[draft.index] = index
        return True

    def _whole(self, draft: Draft, known: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
        """The record as it will be: what is there, or the usual values, and over it what the row says."""
        old = known.get(draft.row_id or _UNKNOWN)
        if draft.row_id is not None and old is None:
            name = "code" if "code" in draft.values else "name"
            draft.problems.append((name, taken_message(self._subject.word, "code")))
        if old is None:
            for field in self._subject.fields:
                if field.required and field.name not in self._titles:
                    self._miss(field, draft)
        whole = dict(old) if old is not None else {field.name: field.default for field in self._subject.fields}
        whole.update(draft.values)
        is_moved = old is not None and "room_id" in whole and whole["site_id"] != old["site_id"]
        if is_moved and "room_id" not in self._titles:
            whole["room_id"] = None  # a room does not move along
        return whole

    def _miss(self, field: Field, draft: Draft) -> None:
        if field.name not in self._missing and not draft.problems:
            self._missing.add(field.name)
            self._problems.append(FieldProblem(draft.number, heading_of(field), _(
                "This column is missing, and this row makes something new. Add the column from the template.")))

    def _point_placed(self, drafts: Sequence[Draft], wholes: Sequence[dict[str, Any]]) -> None:
        fields = [field for field in self._columns.values() if field.refers in _PLACED]
        wanted: dict[str, set[tuple[int, str]]] = {word: set() for word in _PLACED}
        for draft, whole in zip(drafts, wholes, strict=True):
            for field in fields:
                if draft.texts.get(field.name) and whole.get("site_id"):
                    wanted[field.refers].add((whole["site_id"], draft.texts[field.name]))
        self._pointers.learn_placed(wanted)
        for draft, whole in zip(drafts, wholes, strict=True):
            for field in fields:
                self._point_one(draft, whole, field)

    def _point_one(self, draft: Draft, whole: dict[str, Any], field: Field) -> None:
        text = draft.texts.get(field.name)
        if text is None:
            return
        draft.values[field.name] = whole[field.name] = None
        site_id = whole.get("site_id")
        if not text or site_id is None:  # without a site the row has a problem already
            return
        found = getattr(self._pointers, field.refers)(site_id, text)
        draft.values[field.name] = whole[field.name] = found
        if found is None and not self._hangs_on_row(draft, field, self._row_named(draft, text)):
            draft.problems.append((field.name, missing_message(field.refers, text)))

    def _row_named(self, draft: Draft, text: str) -> int | None:
        site = draft.texts.get("site_id", "")
        for key in [(site, text), *splits(text)]:
            if key in self._keys.names:
                return self._keys.names[key]
        return self._keys.codes.get(text)

    def _decide(self, draft: Draft, whole: dict[str, Any], old: dict[str, Any] | None) -> None:
        self._ids.append(draft.row_id or _UNKNOWN)
        self._numbers.append(draft.number)
        if not draft.problems:  # a rule across fields makes no sense of half a record
            draft.problems.extend(check_rules(self._subject, whole))
            self._check_topmost(draft, whole, old)
        self._check_twice(draft, whole)
        if draft.problems:
            self._problems.extend(
                FieldProblem(draft.number, self._titles.get(name, name), message) for name, message in draft.problems
            )
            return
        parent = _SELF.get(self._subject.word)
        if parent is not None:
            self._parents[draft.index] = whole[parent]
            if draft.index in self._above and old is not None:
                whole[parent] = old[parent]  # compared once the row above has its id
        changed = () if old is None else tuple(name for name in self._names if whole[name] != old[name])
        self._note(draft, whole, old, changed)

    def _note(self, draft: Draft, whole: dict[str, Any], old: dict[str, Any] | None, changed: tuple[str, ...]) -> None:
        action = "create" if old is None else "update" if changed or draft.index in self._above else "same"
        self._counts[action] += 1
        if action == "same":
            return
        if len(self._changes) < CHANGES_LIMIT:
            columns = tuple(self._titles.get(name, name) for name in changed)
            title = str(whole["name"] or whole.get("target", ""))
            self._changes.append(RowChange(draft.number, action, title, columns))
        if self._subject.word == "device" and old is not None and {"name", "code", "site_id"} & set(changed):
            self._freed.append(draft.row_id or _UNKNOWN)
        if draft.clash_id is not None:
            self._clashes.append((draft.number, draft.clash_id))
        json.dump((draft.index, draft.row_id, whole), self._outbox, default=_packed)
        self._outbox.write("\n")

    def _check_topmost(self, draft: Draft, whole: dict[str, Any], old: dict[str, Any] | None) -> None:
        if self._subject.word != "unit" or self._scope.is_everything:
            return
        if whole["parent_id"] or draft.index in self._above:
            return
        if old is None or old["parent_id"] is not None:
            draft.problems.append(("parent_id", _("Choose the unit above; only the department makes topmost units.")))

    def _check_twice(self, draft: Draft, whole: dict[str, Any]) -> None:
        columns = KEYS[self._subject.word]
        keys = [(columns[-1], tuple(whole.get(column) for column in columns))]
        if self._subject.word == "device" and whole.get("code"):
            keys.append(("code", ("code", whole["code"])))
        if draft.row_id is not None:
            keys.append((columns[-1], ("id", draft.row_id)))
            self._taken.add(draft.row_id)
        for name, key in keys:
            if None in key or "" in key:
                continue
            first = self._seen.setdefault((name, *key), draft.number)
            if first != draft.number:
                message = _("The same stands in row %(row)d already. Delete one of the two rows.", row=first)
                draft.problems.append((name, message))
                return

    def _check_clashes(self) -> None:
        freed = set(self._freed)
        for number, other in self._clashes:
            if other not in freed:
                title = self._titles.get("name", "name")
                self._problems.append(FieldProblem(number, title, taken_message("device", "name")))

    def _check_circles(self) -> None:
        """Refuse rows that would hang on themselves. Nodes: a record's id, or -1 - index of a row that is new."""
        parent = _SELF.get(self._subject.word)
        if parent is None or self._problems:
            return
        above: dict[int, int | None] = dict(bulk.parent_map(self._session, self._subject.word))
        nodes = {index: self._ids[index] or -1 - index for index in self._parents}
        for index, node in nodes.items():
            target = self._above.get(index)
            above[node] = self._parents[index] if target is None else nodes.get(target)
        safe: set[int] = set()
        for index, node in nodes.items():
            trail: list[int] = []
            seen: set[int] = set()
            step: int | None = node
            while step is not None and step not in safe and step not in seen:
                seen.add(step)
                trail.append(step)
                step = above.get(step)
            if step is not None and step in seen and step == node:
                self._problems.append(FieldProblem(
                    self._numbers[index], self._titles.get(parent, parent),
                    _("This would hang on itself in a circle. Choose another one.")))
            elif step is None or step in safe:
                safe.update(trail)

    # -- writing ---------------------------------------------------------------------------------------------------

    def write(self) -> None:
        """Write what the check decided. Only after a check without problems."""
        word, total = self._subject.word, self._counts["create"] + self._counts["update"]
        if self._freed:
            bulk.free_keys(self._session, self._freed)
        done = 0
        entries = self._entries()
        while chunk := list(islice(entries, CHUNK)):
            new = [(index, whole) for index, row_id, whole in chunk if row_id is None]
            if new:
                ids = bulk.insert_rows(self._session, word, [whole for _index, whole in new])
                for (index, _whole), row_id in zip(new, ids, strict=True):
                    self._ids[index] = row_id
            changed = [{"id": row_id, **whole} for _index, row_id, whole in chunk if row_id is not None]
            if changed:
                bulk.update_rows(self._session, word, changed)
            done += len(chunk)
            self._progress("write", done, total)
        pairs = [(self._ids[index], self._ids[target]) for index, target in self._above.items()]
        if pairs:
            bulk.set_parents(self._session, word, pairs)
        if total:
            bulk.finish_import(self._session, word)

    def _entries(self) -> Iterator[tuple[int, int | None, dict[str, Any]]]:
        self._outbox.seek(0)
        for line in self._outbox:
            index, row_id, whole = json.loads(line, object_hook=_unpacked)
            yield index, row_id, whole


def _packed(value: object) -> dict[str, str]:
    """JSON for the three types it does not know."""
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, time):
        return {"time": value.isoformat()}
    raise TypeError(f"{type(value).__name__} is in no spreadsheet")


def _unpacked(found: dict[str, Any]) -> Any:
    if len(found) == 1 and "moment" in found:
        return datetime.fromisoformat(found["moment"])
    if len(found) == 1 and "day" in found:
        return date.fromisoformat(found["day"])
    if len(found) == 1 and "time" in found:
        return time.fromisoformat(found["time"])
    return found
