"""Forms out of inventory's table of fields: what is in each box, and what a person entered, kept whatever is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from hashlib import sha256
from typing import Any

from core import Scope, Session
from core import gettext as _
from dashboards.pages.inventory.kinds import Kind, label_of
from dashboards.pages.inventory.pointers import NoSuchRecord, is_visible, meant, text_of
from inventory import Credential, Field, InvalidInput, ListQuery, list_records, local_moment

POINTER_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Box:
    """One box of a form. `kind` is text, date, time, datetime-local, textarea, select, checkbox or pointer."""

    name: str
    label: str
    kind: str
    value: str
    hint: str
    example: str
    is_required: bool
    refers: str = ""
    choices: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Entered:
    """What came with a form: `raw` for inventory, `texts` to be shown again, `errors` of pointers by field."""

    raw: Mapping[str, Any]
    texts: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)


def boxes(session: Session, scope: Scope, kind: Kind, texts: Mapping[str, str]) -> list[Box]:
    """The boxes of a form, in the order of the fields."""
    found = [_box(session, scope, one, texts.get(one.name, "")) for one in kind.subject.fields]
    return [replace(box, choices=_signing_in(session, scope, box)) if _is_sign_in(kind, box) else box for box in found]


def _is_sign_in(kind: Kind, box: Box) -> bool:
    return kind.word == "check" and box.name == "credential_id"


def _signing_in(session: Session, scope: Scope, box: Box) -> list[tuple[str, str]]:
    """Credentials with a user name and a password; the one that is there stays."""
    query = ListQuery(filters={"kind": "http"}, page_size=500)
    names = [row.name for row in list_records(session, scope, Credential, query).rows]
    names += [box.value] if box.value and box.value not in names else []
    return [("", _("none: without signing in")), *zip(names, names, strict=True)]


def _box(session: Session, scope: Scope, one: Field, value: str) -> Box:
    hint, choices = _(one.help) if one.help else "", ()
    if one.refers == "credential":
        is_second = one.name == "pjlink_credential_id"
        query = ListQuery(filters={"kind": "pjlink"} if is_second else {}, page_size=500)
        known = [row.name for row in list_records(session, scope, Credential, query).rows]
        blank = _("none, or the one above") if is_second else _("none: ping alone")
        # Whoever sees no credentials may keep the one that is there
        names = known if value in known or not value else [value, *known]
        return Box(
            one.name,
            label_of(one),
            "select",
            value,
            "",
            "",
            one.required,
            "",
            [("", blank), *zip(names, names, strict=True)],
        )
    if one.refers:
        hint = _("Type a part of the code or name and choose.")
        return Box(one.name, label_of(one), "pointer", value, hint, one.example, one.required, one.refers)
    shape = _shape(one)
    if shape == "select":
        blank = [] if one.required or one.default not in ("", None, -1) else [("", "–")]
        choices = [*blank, *((str(key), _(label)) for key, label in (one.choices or {}).items())]
    return Box(one.name, label_of(one), shape, value, hint, one.example, one.required, "", choices)


def _shape(one: Field) -> str:
    if one.choices is not None:
        return "checkbox" if set(one.choices) == {True, False} else "select"
    if one.shape == "moment":
        return "datetime-local"
    if one.name == "notes":
        return "textarea"
    if one.name.endswith("_on") or one.name == "warranty_until":
        return "date"
    return "time" if one.name.endswith("_at") else "text"


def texts_of(session: Session, kind: Kind, record: Any) -> dict[str, str]:
    """What stands in the boxes for a record."""
    return {one.name: _text(session, one, getattr(record, one.name)) for one in kind.subject.fields}


def blank_texts(session: Session, scope: Scope, kind: Kind, args: Mapping[str, str]) -> dict[str, str]:
    """What stands in the boxes of a new record: the usual values, and what the address names (pointers by number)."""
    texts = {one.name: _text(session, one, one.default) for one in kind.subject.fields}
    for one in kind.subject.fields:
        given = args.get(one.name, "")
        if one.refers and one.refers != "credential" and given.isdecimal() and len(given) < 10:
            if is_visible(session, scope, one.refers, int(given)):
                texts[one.name] = text_of(session, one.refers, int(given))
        elif given and not one.refers:
            texts[one.name] = given[:200]
    return texts


def _text(session: Session, one: Field, value: Any) -> str:
    if value is None or (one.name == "weekday" and value == -1):
        return ""
    if one.refers:
        return text_of(session, one.refers, value or None)
    if isinstance(value, bool):
        return "true" if value else ""
    if one.name.endswith("_bps") and value != "":
        return f"{value / 1_000_000:g}"
    if isinstance(value, datetime):
        return local_moment(value).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return f"{value:g}" if isinstance(value, float) and abs(value) >= 1000 else str(value)


def read_form(session: Session, scope: Scope, kind: Kind, form: Mapping[str, str], record: Any = None) -> Entered:
    """What a person entered. Pointers become numbers; one that means nothing is an error at its field."""
    raw: dict[str, Any] = {}
    texts: dict[str, str] = {}
    errors: dict[str, str] = {}
    for one in kind.subject.fields:
        given = form.get(one.name, "")
        texts[one.name] = given
        if not one.refers:
            # The key itself: as text, "2" would be "thứ 2", and Monday is 0
            keys = {str(key): key for key in one.choices or {}}
            raw[one.name] = (given or "false") if _shape(one) == "checkbox" else keys.get(given, given)
    site_text = texts.get("site_id", "")
    for one in sorted((f for f in kind.subject.fields if f.refers), key=lambda f: f.name != "site_id"):
        given = texts[one.name].strip()
        if not given or (one.name != "site_id" and one.refers == "room" and not site_text.strip()):
            raw[one.name] = None
            continue
        try:
            raw[one.name] = _meant(session, scope, one, given[:POINTER_LIMIT], (raw.get("site_id"), record))
        except NoSuchRecord as problem:
            raw[one.name], errors[one.name] = None, str(problem)
    return Entered(raw, texts, errors)


def _meant(session: Session, scope: Scope, one: Field, given: str, known: tuple[int | None, Any]) -> int:
    site_id, record = known
    current = getattr(record, one.name, None)
    if current is not None and text_of(session, one.refers, current) == given:
        return current  # unchanged: it may be something that the person could not choose anew
    if one.refers == "credential":
        for row in list_records(session, scope, Credential, ListQuery(page_size=500)).rows:
            if row.name == given:
                return row.id
        raise NoSuchRecord(_("Choose one of the list."))
    return meant(session, scope, one.refers, given, site_id)


def errors_of(error: InvalidInput, entered: Entered) -> dict[str, str]:
    """Field -> text, of everything that is wrong; "" holds what belongs to no field."""
    found: dict[str, str] = {}
    for problem in error.problems:
        found[problem.column] = (
            f"{found[problem.column]} {problem.message}" if problem.column in found else problem.message
        )
    return {**found, **entered.errors}


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What a change changed, as the audit keeps it."""
    changed = [name for name in after if before.get(name) != after[name]]
    return {
        "before": {name: _plain(before.get(name)) for name in changed},
        "after": {name: _plain(after[name]) for name in changed},
    }


def values_of(kind: Kind, record: Any) -> dict[str, Any]:
    """The fields of a record as they are."""
    return {one.name: getattr(record, one.name) for one in kind.subject.fields}


def mark_of(kind: Kind, record: Any) -> str:
    """A short mark of a record's fields as they are: a form that carries it tells when somebody else was faster."""
    return sha256(repr(sorted(values_of(kind, record).items())).encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, time)) else value
