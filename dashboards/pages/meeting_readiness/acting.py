"""What people do about readiness: note calls, write to schools, act from here on one endpoint or a whole group."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from conference import ConferenceSettings, Meeting, invitations, kiosk, readiness
from core import Permission
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import is_htmx, services
from dashboards.listing import Listing, ListQuery, export
from dashboards.pages.meeting_readiness.board import Tile, Wanted, load_tiles, make_board, sentence_of
from dashboards.pages.meeting_readiness.routes import blueprint, meeting_or_404, tile_or_404, wanted_now, words
from dashboards.projector_orders import ordering_now
from inventory import InvalidInput

CALL_HEADS = (
    _l("Endpoint"), _l("Site"), _l("Unit"), _l("State"), _l("Reason"), _l("What to say"), _l("Contact"),
    _l("Telephone"), _l("E-mail"), _l("Call so far"), _l("Note"),
)
MOST = 1000


@blueprint.get("/<int:meeting_id>/calls")
@needs(Permission.VIEW)
def calls(meeting_id: int) -> Any:
    """Whom to telephone, in order; printed, or as a table."""
    meeting, wanted = meeting_or_404(meeting_id), wanted_now()
    form = request.args.get("format", "")
    if form and not current_user.can(Permission.EXPORT):
        abort(403)
    now = services().clock()
    board = make_board(g.session, g.scope, meeting, wanted, now)
    rows = [tile for group in board.groups if group.state != "ready" for tile in group.tiles]
    # Who speaks first, then as the board has it; who was reached already stands at the end
    rows.sort(key=lambda tile: (_is_done(tile), not tile.is_speaker))
    if form in ("csv", "xlsx"):
        return export(f"calls-{meeting_id}", CALL_HEADS, [_row(tile, now) for tile in rows], form)
    if form == "print":
        return render_template("meeting_readiness/calls_print.html", meeting=meeting, wanted=wanted,
                               rows=[_row(tile, now) for tile in rows])  # fmt: skip
    listing = _paged(rows, wanted)
    return render_template(
        "meeting_readiness/calls.html", meeting=meeting, listing=listing, board=board, wanted=wanted,
        open_count=sum(not _is_done(tile) for tile in rows), is_done=_is_done,
        may_export=current_user.can(Permission.EXPORT), **words())


def _paged(rows: list[Tile], wanted: Wanted) -> Listing:
    """A screen's part of the list: 700 rows with their buttons would take a second to draw."""
    chosen = {"state": wanted.state, "reason": wanted.reason, "who": wanted.who}
    given = request.args.get("page", "1")
    size = ListQuery().per_page
    last = max(1, -(-len(rows) // size))
    page = min(max(int(given), 1), last) if given.isdecimal() and len(given) < 6 else 1
    query = ListQuery(page=page, per_page=size, filters={name: value for name, value in chosen.items() if value})
    return Listing("calls", (), rows[query.offset : query.offset + size], len(rows), query)


def _is_done(tile: Tile) -> bool:
    return tile.call is not None and tile.call.outcome in ("reached", "will_fix", "fixed")


def _row(tile: Tile, now: Any) -> tuple[Any, ...]:
    one = tile.called
    action = readiness.ACTIONS.get(tile.action)
    call = readiness.OUTCOMES.get(tile.call.outcome, "") if tile.call else ""
    return (one.name, one.site_name, one.unit_name, _(readiness.STATES[tile.state]), sentence_of(tile, now),
            _(action.label) if action else "", one.contact, one.phone, one.email, _(call) if call else "",
            tile.call.note if tile.call else "")  # fmt: skip


@blueprint.post("/<int:meeting_id>/endpoints/<int:endpoint_id>/calls")
@needs(Permission.CONTROL_MEETINGS)
def note_call(meeting_id: int, endpoint_id: int) -> str | AnyResponse:
    """One tap: reached, no answer, will put it right, put right."""
    meeting = meeting_or_404(meeting_id)
    tile_or_404(meeting, endpoint_id)
    said = (request.form.get("outcome", ""), request.form.get("note", ""))
    try:
        readiness.note_calls(g.session, meeting_id, [endpoint_id], said, current_user.actor, services().clock())
    except ValueError:
        abort(400)
    if is_htmx():
        tile = tile_or_404(meeting, endpoint_id)
        return render_template("meeting_readiness/call_row.html", meeting=meeting, tile=tile, is_done=_is_done,
                               **words())  # fmt: skip
    return redirect((request.form.get("back") == "calls" and url_for("meeting_readiness.calls", meeting_id=meeting_id))
                    or url_for("meeting_readiness.endpoint", meeting_id=meeting_id, endpoint_id=endpoint_id), 303)


@blueprint.post("/<int:meeting_id>/endpoints/<int:endpoint_id>/calls/undo")
@needs(Permission.CONTROL_MEETINGS)
def undo_call(meeting_id: int, endpoint_id: int) -> AnyResponse:
    """Take the last note of this person back."""
    tile_or_404(meeting_or_404(meeting_id), endpoint_id)
    if not readiness.undo_call(g.session, meeting_id, endpoint_id, current_user.actor, services().clock()):
        flash(_("Only your own last note can be taken back."), "warning")
    return redirect(url_for("meeting_readiness.endpoint", meeting_id=meeting_id, endpoint_id=endpoint_id), 303)


# ---- from here


@dataclass(frozen=True, slots=True)
class Preview:
    """What an action would do: to whom, who is left out with which reason."""

    action: str
    accepted: list[Tile]
    refused: list[tuple[Tile, str]]
    text: str = ""
    projectors: Any = None
    endpoint_ids: list[int] = field(default_factory=list)


def _chosen(meeting: Meeting) -> list[Tile]:
    ids = {int(one) for one in request.form.getlist("endpoint")[:MOST] if one.isdecimal() and len(one) < 10}
    return [tile for tile in load_tiles(g.session, g.scope, meeting) if tile.called.endpoint_id in ids]


@blueprint.post("/<int:meeting_id>/preview")
@needs(Permission.CONTROL_MEETINGS, writes=False)
def preview(meeting_id: int) -> str | tuple[str, int]:
    """What would be done to how many; nothing is done yet."""
    meeting = meeting_or_404(meeting_id)
    tiles = _chosen(meeting)
    action = request.form.get("action", "")
    if action not in readiness.ACTIONS or not readiness.ACTIONS[action].is_here or not tiles:
        return render_template("meeting_readiness/preview.html", meeting=meeting, preview=None, **words()), 422
    shown = _preview(action, tiles)
    return render_template("meeting_readiness/preview.html", meeting=meeting, preview=shown, **words())


def _preview(action: str, tiles: list[Tile]) -> Preview:
    kind, _colon, verb = readiness.ACTIONS[action].verb.partition(":")
    ids = [tile.called.endpoint_id for tile in tiles]
    if kind == "kiosk":
        now, states = services().clock(), kiosk.kiosk_states(g.session, ids)
        why = {one: _why_not(tile, states[one], now) for one, tile in zip(ids, tiles, strict=True)}
        return Preview(
            action, [tile for tile in tiles if not why[tile.called.endpoint_id]],
            [(tile, _(kiosk.WHY_NOT[word])) for tile in tiles if (word := why[tile.called.endpoint_id])],
            _(kiosk.KIOSK_VERBS[verb].preview), endpoint_ids=ids,
        )  # fmt: skip
    displays = {tile.called.display_id: tile for tile in tiles if tile.called.display_id is not None}
    refused = [(tile, _("No projector is entered for this endpoint.")) for tile in tiles
               if tile.called.display_id is None]  # fmt: skip
    own = ordering_now()
    try:
        ordered = own.preview(verb, "", list(displays))
    except InvalidInput as problem:
        text = " ".join(one.message for one in problem.problems)
        return Preview(action, [], [(tile, text) for tile in tiles], endpoint_ids=ids)
    taken = {target.device_id for target in ordered.accepted}
    refused += [(displays[target.device_id], own.say(why.reason, why.title, why.until).message)
                for target, why in ordered.refused if target.device_id in displays]
    return Preview(action, [tile for one, tile in displays.items() if one in taken], refused,
                   _("The projectors are switched on."), ordered, ids)  # fmt: skip


def _why_not(tile: Tile, state: Any, now: Any) -> str:
    if tile.called.kind == "codec":
        return "not_a_kiosk"
    if not state.is_paired:
        return "not_paired"
    return "" if state.is_there(now) else "not_there" if state.at is not None else "never_seen"


@blueprint.post("/<int:meeting_id>/act")
@needs(Permission.CONTROL_MEETINGS)
def act(meeting_id: int) -> AnyResponse | tuple[str, int]:
    """Do what was previewed; who is refused is judged again now."""
    meeting = meeting_or_404(meeting_id)
    tiles, action = _chosen(meeting), request.form.get("action", "")
    if action not in readiness.ACTIONS or not readiness.ACTIONS[action].is_here or not tiles:
        abort(400)
    kind, _colon, verb = readiness.ACTIONS[action].verb.partition(":")
    back = url_for("meeting_readiness.show", meeting_id=meeting_id)
    if kind == "projector":
        if not current_user.can(Permission.CONTROL_PROJECTORS):
            abort(403)
        shown = _preview(action, tiles)
        if shown.projectors is None:
            flash(_("No projector could be asked."), "warning")
            return redirect(back, 303)
        placed = ordering_now().place(shown.projectors)
        return redirect(url_for("projectors.show_order", order_id=placed.id), 303)
    text = request.form.get("text", "")
    try:
        ask = kiosk.Ask(verb, {"value": text} if text else {}, _("readiness of %(title)s", title=meeting.title)[:300])
        given = kiosk.command_kiosk(g.session, [one.called.endpoint_id for one in tiles], ask, current_user.actor,
                                    services().clock())  # fmt: skip
    except kiosk.VerbProblem as problem:
        return render_template("meeting_readiness/preview.html", meeting=meeting, preview=_preview(action, tiles),
                               problem=_(str(problem)), **words()), 422  # fmt: skip
    flash(_("Asked of %(number)s endpoints; %(refused)s could not be asked.", number=len(given.commands),
            refused=len(given.refused)), "success" if given.commands else "warning")  # fmt: skip
    return redirect(url_for("meeting_readiness.done", meeting_id=meeting_id,
                            first=given.commands[0].id, last=given.commands[-1].id) if given.commands else back, 303)


# ---- messages to schools


@blueprint.route("/<int:meeting_id>/message", methods=("GET", "POST"))
@needs(Permission.CONTROL_MEETINGS)
def message(meeting_id: int) -> str | AnyResponse | tuple[str, int]:
    """Write to the contacts: choose whom, see who gets what, send."""
    meeting = meeting_or_404(meeting_id)
    wanted = Wanted(state=request.values.get("state", ""), reason=request.values.get("reason", "")[:40],
                    who=request.values.get("who", ""))  # fmt: skip
    now = services().clock()
    board = make_board(g.session, g.scope, meeting, wanted, now)
    ids = [tile.called.endpoint_id for group in board.groups for tile in group.tiles
           if group.state != "ready" or wanted.state == "ready"]  # fmt: skip
    mailing = readiness.who_gets(g.session, meeting_id, ids)
    subject = request.form.get("subject", "") or _("About the meeting %(title)s", title=meeting.title)
    text = request.form.get("text", "") or _usual_text(meeting)
    can_send = invitations.sending_account(services().settings[ConferenceSettings]) is not None
    if request.method == "POST" and request.form.get("sure"):
        if mailing.reached and can_send:
            sent = readiness.send_message(g.session, meeting, ids, (subject, text), current_user.actor, now)
            flash(_("The message is on its way to %(number)s schools.", number=sent), "success")
            return redirect(url_for("meeting_readiness.show", meeting_id=meeting_id), 303)
        flash(_("Nobody was written to: no address, or no mail server is entered in the settings."), "warning")
    return render_template(
        "meeting_readiness/message.html", meeting=meeting, mailing=mailing, subject=subject, text=text, wanted=wanted,
        board=board, can_send=can_send, **words())


def _usual_text(meeting: Meeting) -> str:
    return _("The meeting \"%(title)s\" is near. Our measurements say that your endpoint is not ready yet. Please"
             " switch the computer on, open the endpoint's page and look at the camera, microphone and speaker.",
             title=meeting.title)
