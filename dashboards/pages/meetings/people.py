"""The participants of a meeting's form: a list that travels as JSON in the page, and what is done to it. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from conference import schedule
from core import gettext as _

ParticipantDraft = schedule.ParticipantDraft
ROLES, MODES = schedule.ROLES, schedule.MODES
MOST = 3000
LINES = 2000
_WORDS = {"k": "kind", "u": "unit_id", "e": "endpoint_id", "n": "name", "m": "email", "p": "phone", "r": "role",
          "d": "mode", "q": "is_required"}  # fmt: skip


def dump(people: Sequence[ParticipantDraft]) -> str:
    """The list as short JSON."""
    rows = [{short: getattr(one, word) for short, word in _WORDS.items() if getattr(one, word) not in ("", None)}
            for one in people]  # fmt: skip
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def load(text: str) -> tuple[ParticipantDraft, ...]:
    """The list of a form; whatever is not one of ours is left out."""
    try:
        rows = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return ()
    found = [_participant(row) for row in rows[:MOST] if isinstance(row, dict)] if isinstance(rows, list) else []
    return tuple(one for one in found if one is not None)


def _participant(row: Mapping[str, object]) -> ParticipantDraft | None:
    values = {word: row[short] for short, word in _WORDS.items() if short in row}
    texts = {word: str(values.get(word, ""))[:254] for word in ("name", "email", "phone")}
    ids = {word: value if isinstance(value := values.get(word), int) and not isinstance(value, bool) else None
           for word in ("unit_id", "endpoint_id")}  # fmt: skip
    if values.get("kind") not in (*schedule.PARTICIPANT_KINDS, "branch"):
        return None
    role, mode = str(values.get("role", "participant")), str(values.get("mode", "listen"))
    return ParticipantDraft(
        str(values["kind"]), ids["unit_id"], ids["endpoint_id"], texts["name"], texts["email"], texts["phone"],
        role if role in ROLES else "participant", mode if mode in MODES else "listen",
        bool(values.get("is_required", True)),
    )  # fmt: skip


def added(people: Sequence[ParticipantDraft], new: Sequence[ParticipantDraft]) -> tuple[ParticipantDraft, ...]:
    """The list with others at its end; who stands in it already stays as they are."""
    known = {one.key for one in people}
    more = {one.key: one for one in new if one.key not in known}
    return (*people, *more.values())


def without(people: Sequence[ParticipantDraft], keys: Collection[str]) -> tuple[ParticipantDraft, ...]:
    """The list without some."""
    return tuple(one for one in people if one.key not in keys)


def with_words(people: Sequence[ParticipantDraft], words: Mapping[str, str]) -> tuple[ParticipantDraft, ...]:
    """Roles and modes set by a form: "role:<key>" and "mode:<key>" to their words. Who leads also speaks."""
    changed = []
    for one in people:
        role, mode = words.get(f"role:{one.key}", one.role), words.get(f"mode:{one.key}", one.mode)
        role, mode = role if role in ROLES else one.role, mode if mode in MODES else one.mode
        if role in ("chair", "cohost") and one.role != role:
            mode = "speak"
        changed.append(replace(one, role=role, mode=mode))
    return tuple(changed)


def sorted_people(people: Sequence[ParticipantDraft]) -> list[ParticipantDraft]:
    """Who leads first, then who speaks, then the others, each as entered."""
    order = {"chair": 0, "cohost": 1, "secretary": 2, "participant": 3}
    return sorted(people, key=lambda one: (order[one.role], one.mode != "speak"))


def pasted(
    text: str, ids: Callable[[Collection[str]], Mapping[str, int]], fold: Callable[[str], str]
) -> tuple[list[ParticipantDraft], list[str]]:
    """(participants, problems) of lines "code or name; role; mode", or "name; e-mail" for a person. `ids` finds codes.
    """
    rows = _lines(text)
    found = ids([row[0] for _number, row in rows])
    people, problems = [], []
    for number, row in rows:
        role, mode = _role_and_mode(row[1:], fold)
        endpoint_id = found.get(fold(row[0]))
        email = next((cell for cell in row[1:] if "@" in cell), "")
        if endpoint_id is not None:
            people.append(ParticipantDraft("endpoint", endpoint_id=endpoint_id, role=role, mode=mode))
        elif email:
            people.append(ParticipantDraft("person", name=row[0], email=email, role=role, mode=mode))
        else:
            problems.append(_("Line %(number)s: there is no endpoint with the code or name “%(word)s”.",
                              number=number, word=row[0][:60]))  # fmt: skip
    return people, problems


def _lines(text: str) -> list[tuple[int, list[str]]]:
    plain = text.lstrip("\ufeff")
    mark = next((one for one in ";\t," if one in plain), ";")
    rows = []
    for number, cells in enumerate(csv.reader(io.StringIO(plain), delimiter=mark), 1):
        row = [cell.strip()[:254] for cell in cells]
        if row and row[0] and number <= LINES:
            rows.append((number, row))
    if rows and rows[0][1][0].casefold() in ("code", "mã", "ma", "mã điểm cầu", "endpoint"):
        rows = rows[1:]
    return rows


def _role_and_mode(cells: Sequence[str], fold: Callable[[str], str]) -> tuple[str, str]:
    words = {fold(cell) for cell in cells}
    role = next((word for word, label in ROLES.items() if {fold(word), fold(_(label))} & words), "participant")
    label = MODES["speak"]
    speaks = {"speak", fold(_(label)), "noi", "phat bieu"} & words or role in ("chair", "cohost")
    return role, "speak" if speaks else "listen"
