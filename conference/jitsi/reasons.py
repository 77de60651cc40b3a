"""Why a token, a reservation or an event was refused: each reason with what to tell people and what they do next."""

from __future__ import annotations

from core import N_
from core import gettext as _

REASONS: dict[str, str] = {
    "ok": N_("Good."),
    # Tokens
    "malformed": N_("This is no token. Open the meeting again from its own join page."),
    "wrong_type": N_("The token's type is not JWT. Open the meeting again from its own join page."),
    "unsigned": N_("The token is not signed. Somebody may have made it by hand."),
    "wrong_algorithm": N_("The token is signed in another way than the server expects. Compare signature_algorithm in"
                          " prosody.cfg with the meeting system's page."),
    "unknown_key": N_("The key of this token is not known. Open the meeting again from its own join page."),
    "forged": N_("The signature is wrong. Somebody may have changed the token, or the server has another secret."),
    "missing_claim": N_("The token lacks a part that the server asks for."),
    "wrong_claim": N_("A part of the token has a form that the server does not take."),
    "not_yet": N_("The token is not good yet. Come back an hour before the meeting, and check the clock of the"
                  " server."),
    "expired": N_("The token has run out. Open the meeting again from its own join page, and check the clock of the"
                  " server."),
    "wrong_issuer": N_("The token comes from another issuer. Compare asap_accepted_issuers in prosody.cfg with the"
                       " meeting system's page."),
    "wrong_audience": N_("The token is meant for somebody else. Compare asap_accepted_audiences in prosody.cfg with the"
                         " meeting system's page."),
    "wildcard_room": N_("A token for any room is refused: it must name one room."),
    "wrong_room": N_("The token is for another room. Open the meeting again from its own join page."),
    "wrong_tenant": N_("The room belongs to another part of this server."),
    # Giving tokens
    "not_scheduled": N_("This meeting is a draft. The organiser has to put it into the schedule first."),
    "not_approved": N_("This meeting has not been approved. Ask the organiser."),
    "cancelled": N_("This meeting was cancelled. Ask the organiser for the new time."),
    "no_system": N_("This meeting has no meeting system that is in use. Ask the organiser to choose one."),
    "not_invited": N_("This participant does not belong to this meeting."),
    "no_key": N_("The meeting system has no key for tokens yet. Make one on the page of the meeting system."),
    # Reservations
    "unknown_room": N_("This room is not in the schedule. Come in by the link of your invitation, or ask the organiser"
                       " to book the meeting in EduNOC."),
    "too_early": N_("The room of this meeting is not open yet."),
    "over": N_("This meeting is over. For more time the organiser has to book a new one."),
    "no_schedule": N_("EduNOC does not know the schedule yet. Try again in a minute."),
    "no_space": N_("EduNOC can keep nothing more: its disk is full. Free some space there."),
    "no_reservation": N_("There is no open room with this number."),
    # Machines
    "no_secret": N_("No secret was given. Enter it in the header lines of the module in prosody.cfg."),
    "wrong_secret": N_("The secret is wrong. Enter the same one in prosody.cfg and on the page of the meeting system."),
    "wrong_address": N_("This address is not among those of the meeting system's servers. Add it on the page of the"
                        " meeting system."),
    "no_such_key": N_("There is no key of this name."),
    "unknown_recorder": N_("No recorder of this address stands on the page of a meeting system. Add it there."),
    "too_large": N_("The message is too large."),
    "no_json": N_("The message is no JSON object."),
    "no_form": N_("A form with name, start_time and mail_owner is expected."),
    "no_room": N_("The message names no room."),
    "no_occupant": N_("The message names no occupant."),
    "no_time": N_("The message has no usable time."),
    "unknown_path": N_("There is nothing at this address."),
    "wrong_method": N_("This address is asked in another way."),
}


def explain(reason: str) -> str:
    """The reason in the language of the moment; an unknown word is shown as it is."""
    return _(REASONS[reason]) if reason in REASONS else reason
