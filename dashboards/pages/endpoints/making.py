"""Making and changing endpoints: out of a room in one step, many at once, the form; and pairing their kiosks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from conference import kiosk
from core import Deed, Permission, Session, append_audit
from core import gettext as _
from dashboards.access import needs
from dashboards.gate import services
from dashboards.pages.endpoints import store
from inventory import (
    ENDPOINT_KINDS,
    SUBJECTS,
    Endpoint,
    InvalidInput,
    NotFound,
    Room,
    Site,
    create_record,
    get_record,
    update_record,
)

FIELDS = (
    "name", "code", "kind", "room_id", "seats", "can_speak", "camera", "microphone", "speaker", "contact", "phone",
    "email", "link_id", "computer_id", "codec_id", "display_id", "ups_id", "sip_uri", "is_active", "notes",
)  # fmt: skip
CHOICES = {"room_id": "rooms", "link_id": "links", "computer_id": "devices", "codec_id": "devices",
           "display_id": "devices", "ups_id": "devices"}  # fmt: skip
MOST_AT_ONCE = 1000
PHONE = re.compile(r"\+?\d[\d .]{6,}\d\s*$")


def add_to(blueprint: Blueprint) -> None:
    """Hang the routes on the endpoints' blueprint."""
    for rule, view, methods in (
        ("/bulk", bulk, ["GET"]), ("/bulk", make_many, ["POST"]),
        ("/from-room/<int:room_id>", from_room, ["POST"]),
        ("/<int:endpoint_id>/edit", edit, ["GET"]), ("/<int:endpoint_id>/edit", save, ["POST"]),
        ("/<int:endpoint_id>/code", code, ["POST"]), ("/<int:endpoint_id>/unpair", unpair, ["POST"]),
    ):  # fmt: skip
        blueprint.add_url_rule(rule, endpoint=view.__name__, view_func=view, methods=methods)


def free_code(wanted: str, taken: set[str]) -> str:
    """A code that nobody has yet: DC-TH-012, then DC-TH-012-2 ..."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in wanted).strip("-._")[:58] or "DC"
    found, number = plain, 2
    while found in taken:
        found, number = f"{plain}-{number}", number + 1
    return found


def phone_in(contact: str) -> str:
    """The telephone number at the end of a site's contact, "Cán bộ CNTT, 0219 3866 123"; "" when none stands there."""
    found = PHONE.search(contact)
    return " ".join(found[0].split()) if found else ""


def make_of(session: Session, candidate: store.Candidate, taken: set[str], is_only: bool, link_id: int | None = None,
            ) -> Endpoint:  # fmt: skip
    """An endpoint for a room or a site, with a code and a name of its own; whom to call is the site's contact.

    Raises InvalidInput.
    """
    site, room = candidate.site, candidate.room
    wanted = f"DC-{site.code}" if is_only or room is None else f"DC-{site.code}-{room.code}"
    new = free_code(wanted, taken)
    name = _("Endpoint %(unit)s", unit=candidate.unit_name)
    name = name if is_only or room is None else f"{name} · {room.name}"
    raw: dict[str, Any] = {"code": new, "name": name[:200], "site_id": site.id}
    raw |= {"room_id": room.id, "seats": room.seats} if room is not None else {}
    phone = phone_in(site.contact)
    raw |= {"contact": site.contact.replace(phone, "").strip(" ,;:-–()")[:200], "phone": phone, "link_id": link_id}
    endpoint = create_record(session, g.scope, Endpoint, raw)
    taken.add(new)
    return endpoint


def _candidates(mode: str, unit: str) -> tuple[list[store.Candidate], list[tuple[int, str, str]]]:
    units = store.units_above(g.session, g.scope)
    path = next((path for one, _name, path in units if str(one) == unit), "")
    choose = store.sites_without if mode == "sites" else store.rooms_without
    return choose(g.session, g.scope, path), units


@needs(Permission.MANAGE_MEETING_SYSTEMS)
def bulk() -> str:
    """Where endpoints could be made: meeting rooms, or schools, without one."""
    mode = "sites" if request.args.get("mode") == "sites" else "rooms"
    found, units = _candidates(mode, request.args.get("unit", ""))
    return render_template("endpoints/bulk.html", mode=mode, candidates=found[:MOST_AT_ONCE], total=len(found),
                           units=units, unit=request.args.get("unit", ""))


@needs(Permission.MANAGE_MEETING_SYSTEMS)
def make_many() -> Response:
    """Make the chosen ones."""
    mode = "sites" if request.form.get("mode") == "sites" else "rooms"
    wanted = set(request.form.getlist("place")[:MOST_AT_ONCE])
    found, _units = _candidates(mode, request.form.get("unit", ""))
    chosen = [one for one in found if str(one.room.id if one.room else one.site.id) in wanted]
    if not chosen:
        flash(_("Tick at least one place."), "warning")
        return redirect(url_for("endpoints.bulk", mode=mode, unit=request.form.get("unit") or None), 303)
    made = _make(chosen)
    deed = Deed(current_user.actor, "endpoint.create", "endpoint", None, ", ".join(one.code for one in made)[:200],
                {"count": len(made), "ids": [one.id for one in made]})
    append_audit(g.session, deed, services().clock())
    flash(_("%(n)d endpoints were made. Enter their contacts, then pair their computers.", n=len(made)), "success")
    return redirect(url_for("endpoints.index"), 303)


def _make(chosen: Sequence[store.Candidate]) -> list[Endpoint]:
    taken = store.taken_codes(g.session)
    of_site: dict[int, int] = {}
    for one in chosen:
        of_site[one.site.id] = of_site.get(one.site.id, 0) + 1
    links = store.only_links(g.session, of_site)
    return [make_of(g.session, one, taken, of_site[one.site.id] == 1, links.get(one.site.id)) for one in chosen]


@needs(Permission.MANAGE_MEETING_SYSTEMS)
def from_room(room_id: int) -> Response:
    """An endpoint out of a room, in one step."""
    room = get_record(g.session, g.scope, Room, room_id)
    site = get_record(g.session, g.scope, Site, room.site_id)
    unit = next((one.unit_name for one in store.rooms_without(g.session, g.scope) if one.site.id == site.id), site.name)
    link_id = store.only_links(g.session, [site.id]).get(site.id)
    endpoint = make_of(g.session, store.Candidate(site, unit, room), store.taken_codes(g.session), False, link_id)
    deed = Deed(current_user.actor, "endpoint.create", "endpoint", endpoint.id, endpoint.name, {"room": room.code})
    append_audit(g.session, deed, services().clock())
    flash(_("%(name)s was added.", name=endpoint.name), "success")
    return redirect(url_for("endpoints.show", endpoint_id=endpoint.id), 303)


def _endpoint(endpoint_id: int) -> Endpoint:
    try:
        return get_record(g.session, g.scope, Endpoint, endpoint_id)
    except NotFound:
        abort(404)


def _form(endpoint: Endpoint, texts: dict[str, str], errors: dict[str, str]) -> str:
    things = store.things_of(g.session, endpoint.site_id)
    return render_template(
        "endpoints/edit.html", endpoint=endpoint, texts=texts, errors=errors, subject=SUBJECTS["endpoint"],
        fields=FIELDS, choices={name: [("", "–"), *getattr(things, kind)] for name, kind in CHOICES.items()},
        kinds=[(word, _(label)) for word, label in ENDPOINT_KINDS.items()],
    )  # fmt: skip


@needs(Permission.MANAGE_MEETING_SYSTEMS)
def edit(endpoint_id: int) -> str:
    """The form of an endpoint; what it can point to is what its site has."""
    endpoint = _endpoint(endpoint_id)
    texts = {name: "" if (value := getattr(endpoint, name)) is None else str(value) for name in FIELDS}
    texts |= {name: "true" if getattr(endpoint, name) else "" for name in ("can_speak", "is_active")}
    return _form(endpoint, texts, {})


@needs(Permission.MANAGE_MEETING_SYSTEMS)
def save(endpoint_id: int) -> Response | tuple[str, int]:
    """Change the endpoint."""
    endpoint = _endpoint(endpoint_id)
    texts = {name: request.form.get(name, "")[:4000] for name in FIELDS}
    raw: dict[str, Any] = texts | {name: texts[name] or "false" for name in ("can_speak", "is_active")}
    before = {name: getattr(endpoint, name) for name in FIELDS}
    try:
        update_record(g.session, g.scope, Endpoint, endpoint_id, raw)
    except InvalidInput as problem:
        return _form(endpoint, texts, {one.column: one.message for one in problem.problems}), 422
    changed = {name: getattr(endpoint, name) for name in FIELDS if before[name] != getattr(endpoint, name)}
    if changed:
        detail = {"before": {name: before[name] for name in changed}, "after": changed}
        deed = Deed(current_user.actor, "endpoint.update", "endpoint", endpoint.id, endpoint.name, detail)
        append_audit(g.session, deed, services().clock())
    flash(_("Saved.") if changed else _("Nothing was changed."), "success")
    return redirect(url_for("endpoints.show", endpoint_id=endpoint_id), 303)


@needs(Permission.MANAGE_MEETING_SYSTEMS)
def code(endpoint_id: int) -> str:
    """Make a pairing code; it is shown this once."""
    endpoint, moment = _endpoint(endpoint_id), services().clock()
    made = kiosk.make_code(g.session, endpoint, current_user.actor, moment)
    return render_template("endpoints/code.html", endpoint=endpoint, code=made, until=moment + kiosk.CODE_LASTS,
                           address=url_for("kiosk.show", _external=True))


@needs(Permission.MANAGE_MEETING_SYSTEMS)
def unpair(endpoint_id: int) -> Response:
    """Take the pairing back."""
    endpoint = _endpoint(endpoint_id)
    if kiosk.unpair(g.session, endpoint, current_user.actor, services().clock()):
        flash(_("The computer of %(name)s is not paired any more.", name=endpoint.name), "success")
    else:
        flash(_("No computer was paired."), "info")
    return redirect(url_for("endpoints.show", endpoint_id=endpoint_id), 303)
