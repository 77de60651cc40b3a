"""The routes of projectors: fleet, one projector, commands with their preview and progress, the replacement list."""

from __future__ import annotations

from typing import Any

import numpy as np
from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from core import Permission, pjlink
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import services
from dashboards.listing import Listing, export, page_of, read_list_query
from dashboards.pages.projectors.fleet import STATES
from dashboards.pages.projectors.listing import (
    COLUMNS,
    DUE_HEADS,
    EXPORT_HEADS,
    FILTERS,
    REPLACEMENT_COLUMNS,
    Row,
    Sight,
    due_rows,
    export_rows,
    find_due,
    find_projectors,
    look,
    part_name,
    row_of,
)
from dashboards.pages.projectors.store import facts_by_name, find_line, part_numbers
from dashboards.projector_orders import SHOWN_DEFAULT, command_of, ids_of, ordering_now
from dashboards.status import board_now
from dashboards.words import Word
from inventory import ROOM_KINDS, InvalidInput, rated_lives
from playbooks import ProjectorOrder, projectors

blueprint = Blueprint("projectors", __name__, url_prefix="/projectors")

TASK_WORDS: dict[str, Word] = {
    "waiting": Word("info", "clock", _l("waiting")),
    "running": Word("info", "refresh", _l("under way")),
    "done": Word("good", "circle-check", _l("done")),
    "failed": Word("down", "circle-x", _l("failed")),
    "refused": Word("attention", "alert-triangle", _l("refused")),
}
INPUT_KINDS = {"1": "RGB", "2": "Video", "3": "HDMI/DVI", "4": "USB", "5": "LAN", "6": "…"}


def sight_now() -> Sight:
    """All projectors now."""
    return look(g.session, board_now(), services(), services().clock())


# What every template of projectors may name
def words() -> dict[str, Any]:
    """Tables of words, and tools."""
    return {
        "states": STATES,
        "task_words": TASK_WORDS,
        "commands": [projectors.COMMANDS[word] for word in SHOWN_DEFAULT],
        "command_of": projectors.COMMANDS,
        "part_name": part_name,
        "say": ordering_now().say,
        "input_name": input_name,
        "may_control": current_user.can(Permission.CONTROL_PROJECTORS),
    }


def input_name(code: str) -> str:
    """What people call an input whose name the projector does not tell: "HDMI/DVI 1"."""
    return f"{INPUT_KINDS.get(code[:1], '?')} {code[1:]}"


@blueprint.get("")
@needs(Permission.VIEW)
def index() -> str | Response:
    """The fleet by state."""
    query = read_list_query(request.args, COLUMNS, FILTERS, "state")
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    sight = sight_now()
    found = find_projectors(g.session, g.scope, board_now(), sight, query)
    if query.format:
        return export("projectors", EXPORT_HEADS, export_rows(found), query.format)
    return render_template(
        "projectors/index.html",
        listing=Listing("projectors", COLUMNS, found.rows, found.total, query),
        found=found,
        state_choices=[(word, str(entry.label)) for word, entry in STATES.items()],
        room_kinds=[(word, _(label)) for word, label in ROOM_KINDS.items()],
        **words(),
    )


@blueprint.post("/preview")
@needs(Permission.CONTROL_PROJECTORS, writes=False)
def preview() -> tuple[str, int] | str:
    """What a command would do to how many, and who is refused with which reason; nothing is done yet."""
    order, form = ordering_now(), request.form
    word, argument = command_of(form)
    device_ids = _chosen()
    try:
        shown = order.preview(word, argument, device_ids)
    except InvalidInput as problem:
        text = " ".join(one.message for one in problem.problems)
        return render_template("projectors/preview.html", problem=text, back=_back(), **words()), 422
    return render_template("projectors/preview.html", preview=shown, command=projectors.COMMANDS[word],
                           argument=argument, back=_back(), **words())  # fmt: skip


def _chosen() -> list[int]:
    """The ticked projectors; with "all" every one of the list as it was filtered."""
    if request.form.get("which") != "all":
        return ids_of(request.form.getlist("device"))
    filters = {name: request.form.get(f"list_{name}", "") for name in ("q", *FILTERS)}
    query = read_list_query(filters, COLUMNS, FILTERS, "state")
    return find_projectors(g.session, g.scope, board_now(), sight_now(), query).device_ids


def _back() -> str:
    back = request.form.get("back", "")
    return back if back.startswith(("/projectors", "/devices/")) else url_for("projectors.index")


@blueprint.post("/orders")
@needs(Permission.CONTROL_PROJECTORS)
def order() -> AnyResponse | tuple[str, int]:
    """Order what was previewed; refused projectors are judged again now."""
    own = ordering_now()
    word, argument = command_of(request.form)
    try:
        placed = own.place(own.preview(word, argument, ids_of(request.form.getlist("device"))))
    except InvalidInput as problem:
        text = " ".join(one.message for one in problem.problems)
        return render_template("projectors/preview.html", problem=text, back=_back(), **words()), 422
    return redirect(url_for("projectors.show_order", order_id=placed.id), 303)


@blueprint.get("/orders")
@needs(Permission.VIEW)
def orders() -> str:
    """The last commands, by people and schedules."""
    return render_template("projectors/orders.html", orders=projectors.recent_orders(g.session, g.scope, 50), **words())


def _order(order_id: int) -> ProjectorOrder:
    found = projectors.get_order(g.session, g.scope, order_id)
    if found is None:
        abort(404)
    return found


@blueprint.get("/orders/<int:order_id>")
@needs(Permission.VIEW)
def show_order(order_id: int) -> str:
    """One command: how it goes on each projector."""
    return render_template("projectors/order.html", **_progress(_order(order_id)), **words())


@blueprint.get("/orders/<int:order_id>/part")
@needs(Permission.VIEW)
def order_part(order_id: int) -> str:
    """Its progress, for the refresh while it runs."""
    return render_template("projectors/progress.html", **_progress(_order(order_id)), **words())


def _progress(found: ProjectorOrder) -> dict[str, Any]:
    lines = projectors.lines_of_order(g.session, g.scope, found.id)
    ended = sum(line.task.done_at is not None for line in lines)
    return {
        "order": found, "lines": lines, "ended": ended, "is_running": ended < len(lines),
        "undoable": projectors.undoable(found, lines), "command": projectors.COMMANDS[found.command],
    }  # fmt: skip


@blueprint.post("/orders/<int:order_id>/undo")
@needs(Permission.CONTROL_PROJECTORS)
def undo(order_id: int) -> AnyResponse:
    """Take a command back where it was carried out."""
    placed = ordering_now().undo(_order(order_id))
    if placed is None:
        flash(_("Nothing of this command can be taken back."), "warning")
        return redirect(url_for("projectors.show_order", order_id=order_id), 303)
    return redirect(url_for("projectors.show_order", order_id=placed.id), 303)


@blueprint.get("/<int:device_id>")
@needs(Permission.VIEW)
def show(device_id: int) -> str:
    """One projector with its buttons, made for a phone."""
    return render_template("projectors/show.html", **_one(device_id), **words())


@blueprint.get("/<int:device_id>/section")
@needs(Permission.VIEW)
def section(device_id: int) -> str:
    """The same as a section of the device page, and for its refresh."""
    return render_template("projectors/section.html", **_one(device_id), **words())


def _one(device_id: int) -> dict[str, Any]:
    line = find_line(g.session, g.scope, device_id)
    sight = sight_now()
    place = sight.projectors.at(device_id) if line is not None else None
    if line is None or place is None:
        abort(404)
    row: Row = row_of(line, sight, place)
    facts = facts_by_name(g.session, device_id)
    inputs = [(code, name or input_name(code)) for code, name in _inputs(facts.get("inputs", ""))]
    wanted = (row.values["projector_input"], row.values["projector_power"])
    return {
        "row": row, "facts": facts, "inputs": inputs,
        "wear": [one for one in sight.wear if one.device_id == device_id],
        "input": pjlink.values.input_code(int(wanted[0])) if wanted[0] is not None and wanted[1] == 1 else "",
        "latest": projectors.latest_tasks(g.session, device_id),
        "errors": _errors(device_id),
    }  # fmt: skip


def _inputs(text: str) -> list[tuple[str, str]]:
    """(code, name) out of the fact "31 HDMI 1, 32 HDMI 2"."""
    pairs = [part.strip().partition(" ") for part in text.split(", ")]
    return [(code, name) for code, _mark, name in pairs if pjlink.values.parse_input(code) == code]


def _errors(device_id: int) -> list[tuple[str, int]]:
    """(part, 1 warning or 2 error) of what the projector complains of now."""
    registry, live = services().registry, services().live
    if registry is None or live is None:
        return []
    found = []
    for part in pjlink.values.ERROR_PARTS:
        series = registry.find(device_id, f"error:{part}", "projector_error")
        level = float(live.value[series]) if series is not None and series < len(live) else 0.0
        if level in (1.0, 2.0):
            found.append((part, int(level)))
    return found


@blueprint.get("/replacements")
@needs(Permission.VIEW)
def replacements() -> str | Response:
    """Which lamps and filters to buy, by date."""
    query = read_list_query(request.args, REPLACEMENT_COLUMNS, ("unit",))
    if query.format and not current_user.can(Permission.EXPORT):
        abort(403)
    sight, board = sight_now(), board_now()
    mask = board.fleet.in_scope(g.scope.unit_path)[sight.projectors.row]
    due = find_due(g.session, sight, mask, part_numbers(g.session), services().clock())
    if query.text:
        due = [one for one in due if query.text.lower() in f"{one.line.device.name} {one.line.site.name}".lower()]
    if query.format:
        return export("lamps", DUE_HEADS, due_rows(due), query.format)
    rows, total = page_of(due, query)
    known = sorted({model for model in _models(sight, mask) if model})
    return render_template(
        "projectors/replacements.html",
        listing=Listing("replacements", REPLACEMENT_COLUMNS, rows, total, query),
        models=known[:200], lives=list(rated_lives(g.session).values()),
        may_edit=current_user.can(Permission.EDIT_INVENTORY), **words(),
    )  # fmt: skip


def _models(sight: Sight, mask: np.ndarray) -> set[str]:
    fleet = board_now().fleet
    return {fleet.model.texts[number] for number in np.unique(fleet.model.number[sight.projectors.row[mask]]).tolist()}
