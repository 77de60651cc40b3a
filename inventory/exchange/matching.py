"""Which record a spreadsheet's row means: known by its key, so that a second import changes instead of doubling."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from core import Session
from inventory.check_targets import check_target
from inventory.problems import BadValue
from inventory.store import bulk

# A row's key beside the code: the columns that name a record within its place
KEYS: dict[str, tuple[str, ...]] = {
    "unit": ("code",),
    "site": ("code",),
    "asset": ("code",),
    "room": ("site_id", "code"),
    "link": ("site_id", "name"),
    "service": ("unit_id", "name"),
    "check": ("service_id", "kind", "target"),
    "calendar": ("unit_id", "kind", "weekday", "name"),
    "device": ("site_id", "name"),
    "room_use": ("site_id", "room_id", "starts_at", "name"),
    "endpoint": ("code",),
}


@dataclass(slots=True)
class Draft:
    """One row on its way to a record. `row_id` is the record it changes; None makes a new one."""

    number: int
    index: int
    values: dict[str, Any]
    texts: dict[str, str]
    problems: list[tuple[str, str]] = field(default_factory=list)
    row_id: int | None = None
    clash_id: int | None = None  # another device that has this row's name now


@dataclass(slots=True)
class FileKeys:
    """Names and codes of all rows of a file of devices or units, as written, each with the index of its row."""

    codes: dict[str, int] = field(default_factory=dict)
    names: dict[tuple[str, str], int] = field(default_factory=dict)


def match(session: Session, word: str, drafts: Sequence[Draft], keys: FileKeys, taken: set[int]) -> None:
    """Set `row_id` of each draft. `taken`: ids that earlier rows of the file have matched."""
    if word == "device":
        _match_devices(session, drafts, keys, taken)
        return
    if word == "room_use":
        _match_uses(session, drafts)
        return
    if word == "check":
        _usual_targets(drafts)
    columns = KEYS[word]
    wanted = {draft.index: key for draft in drafts if (key := key_of(draft, columns)) is not None}
    if len(columns) == 1:
        by_code = bulk.ids_by(session, word, columns[0], {key[0] for key in wanted.values()})
        found: dict[tuple, int] = {(code,): row_id for code, row_id in by_code.items()}
    else:
        found = bulk.ids_by_tuple(session, word, columns, wanted.values())
    for draft in drafts:
        draft.row_id = found.get(wanted.get(draft.index, ()))


def _match_uses(session: Session, drafts: Sequence[Draft]) -> None:
    """A use without a room is one of the whole site; its room is known by the code in the row."""
    codes = {
        (site, code) for draft in drafts
        if (site := draft.values.get("site_id")) and (code := draft.texts.get("room_id"))
    }
    rooms = bulk.ids_by_tuple(session, "room", ("site_id", "code"), codes)
    wanted: dict[int, tuple] = {}
    for draft in drafts:
        site, start, name = (draft.values.get(column) for column in ("site_id", "starts_at", "name"))
        code = draft.texts.get("room_id")
        room = rooms.get((site, code)) if code else None
        if site and start and name and (room is not None or not code):
            wanted[draft.index] = (site, room, start, name)
    found = bulk.ids_by_tuple(session, "room_use", KEYS["room_use"], wanted.values())
    for draft in drafts:
        draft.row_id = found.get(wanted.get(draft.index, ()))


def _usual_targets(drafts: Sequence[Draft]) -> None:
    """Targets in their usual form, as the records hold them; what is wrong with one is told by the rules."""
    for draft in drafts:
        with suppress(BadValue, KeyError):
            draft.values["target"] = check_target(draft.values["kind"], draft.values["target"])


def key_of(draft: Draft, columns: Sequence[str]) -> tuple | None:
    """The row's key, or None when a part of it is missing or wrong."""
    key = tuple(draft.values.get(column) for column in columns)
    return None if any(value is None or value == "" for value in key) else key


def _match_devices(session: Session, drafts: Sequence[Draft], keys: FileKeys, taken: set[int]) -> None:
    by_code = bulk.ids_by(session, "device", "code", {code for draft in drafts if (code := draft.values.get("code"))})
    names = {key for draft in drafts if (key := key_of(draft, KEYS["device"])) is not None}
    by_name = bulk.ids_by_tuple(session, "device", KEYS["device"], names)
    codes = bulk.device_codes(session, by_name.values())
    for draft in drafts:
        code = draft.values.get("code")
        named = by_name.get(key_of(draft, KEYS["device"]) or ())
        # A device that another row means by its code is not the one this row names: it is about to be renamed
        is_meant = named is not None and (codes.get(named) == code or codes.get(named) not in keys.codes)
        draft.row_id = by_code.get(code or "") or (named if is_meant else None)
        draft.clash_id = named if named != draft.row_id else None
    left = [d for d in drafts if d.row_id is None and d.values.get("address") and d.values.get("site_id")]
    if left:
        _match_addresses(session, left, keys, taken | {d.row_id for d in drafts if d.row_id})


def _match_addresses(session: Session, left: Sequence[Draft], keys: FileKeys, taken: set[int]) -> None:
    """By address within the site, if just one device has it there and no row of the file means that one by name."""
    found: dict[tuple[int, str, int], list[tuple[int, str]]] = {}
    rows = bulk.addresses_of_sites(session, {draft.values["site_id"] for draft in left})
    for row_id, site_id, address, port, name, code in rows:
        if code is None or code not in keys.codes:
            found.setdefault((site_id, address, port), []).append((row_id, name))
    for draft in left:
        place = (draft.values["site_id"], draft.values["address"], draft.values.get("snmp_port", 161))
        same = found.get(place, [])
        if len(same) != 1 or same[0][0] in taken or (draft.texts.get("site_id", ""), same[0][1]) in keys.names:
            continue
        draft.row_id = same[0][0]
        taken.add(same[0][0])
