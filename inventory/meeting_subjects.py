"""The fields of endpoints (rooms made ready to meet), as forms, the API and spreadsheets know them."""

from __future__ import annotations

import re
from typing import Any

from core import N_
from core import gettext as _
from inventory.fields import Field, Subject, Trouble, Values
from inventory.kinds import ENDPOINT_KINDS
from inventory.parsing import choice, email, line, notes, phone, whole, yes_no
from inventory.problems import BadValue

_reference = whole(1, 2**31 - 1)
_YES_NO = {True: N_("Yes"), False: N_("No")}
# A code stands in addresses, tokens (context.user.id) and signatures
_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
# RFC 3261 section 19.1: only what a watched codec needs
_SIP = re.compile(r"sips?:(?:[A-Za-z0-9_.!~*'()&=+$,;?/-]+@)?(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def _code(raw: Any) -> str:
    text = line(64)(raw)
    if text and not _CODE.fullmatch(text):
        raise BadValue(_("A code of an endpoint has letters without accents, digits, and . _ - between them."))
    return text


def _sip(raw: Any) -> str:
    text = line(195)(raw)
    if text and not text.lower().startswith(("sip:", "sips:")):
        text = f"sip:{text}"
    if text and not _SIP.fullmatch(text):
        raise BadValue(_("Enter an address such as sip:room@10.1.2.3 or sip:10.1.2.3:5060."))
    return text


def _device(name: str, title: str, example: str) -> Field:
    return Field(name, title, _reference, default=None, refers="device", example=example,
                 help=N_("Only when EduNOC watches it: its name in the same site, or its code."))


def _codec_rules(values: Values) -> list[Trouble]:
    if values.get("kind") != "codec" or values.get("sip_uri") or values.get("codec_id"):
        return []
    return [("sip_uri", _("A meeting codec is watched by its SIP address or as a device: enter one of both."))]


ENDPOINT = Subject(
    "endpoint", "endpoints", N_("Endpoints"),
    (
        Field("code", N_("Endpoint code"), _code, required=True, example="DC-TH-012",
              help=N_("Written on no other endpoint; names it in meetings and at the kiosk.")),
        Field("name", N_("Name"), line(200), required=True, example="Điểm cầu THCS số 12",
              help=N_("As everybody sees it in the meeting.")),
        Field("site_id", N_("Site code"), _reference, required=True, default=None, refers="site", example="TH-012",
              help=N_("The code of a site that exists already.")),
        Field("room_id", N_("Room code"), _reference, default=None, refers="room", example="P101",
              help=N_("The code of a room of the same site.")),
        Field("kind", N_("Kind"), choice(ENDPOINT_KINDS), default="kiosk", choices=ENDPOINT_KINDS),
        Field("seats", N_("Seats"), whole(0, 5000), default=None, example="40"),
        Field("can_speak", N_("May speak"), yes_no, default=True, choices=_YES_NO,
              help=N_("No: fit to listen only.")),
        Field("camera", N_("Meeting camera"), line(200), example="Logitech Rally",
              help=N_("The model, or the name that the browser shows.")),
        Field("microphone", N_("Microphone"), line(200), example="Jabra Speak 750"),
        Field("speaker", N_("Speaker"), line(200), example="Loa phòng họp"),
        Field("contact", N_("Contact"), line(200), example="Cán bộ CNTT"),
        Field("phone", N_("Telephone"), phone, example="0219 3866 123"),
        Field("email", N_("E-mail"), email, example="thcs12@example.edu.vn"),
        Field("link_id", N_("Internet line"), _reference, default=None, refers="link", example="Cáp quang chính",
              help=N_("The line it meets over: its name at the same site.")),
        _device("computer_id", N_("Meeting computer"), "PC phòng họp"),
        _device("codec_id", N_("Meeting codec"), "Codec phòng họp"),
        _device("display_id", N_("Screen or projector"), "Máy chiếu P101"),
        _device("ups_id", N_("UPS"), "UPS phòng họp"),
        Field("sip_uri", N_("SIP address"), _sip, example="sip:10.1.2.3",
              help=N_("Meeting codecs only: where it answers SIP.")),
        Field("is_active", N_("Is used"), yes_no, default=True, choices=_YES_NO),
        Field("notes", N_("Notes"), notes(4000)),
    ),
    rules=(_codec_rules,),
    key_help=N_("An endpoint is recognised by its code."),
)
