"""The fields of a room's use, as people enter and import it."""

from __future__ import annotations

from core import N_
from core import gettext as _
from inventory.fields import Field, Subject, Trouble, Values
from inventory.occupation import ROOM_PURPOSES
from inventory.parsing import choice, line, moment, whole

_NUMBER = whole(1, 2**31 - 1)


def _in_order(values: Values) -> list[Trouble]:
    start, end = values.get("starts_at"), values.get("ends_at")
    if start is None or end is None or start < end:
        return []
    return [("ends_at", _("This ends before it begins. Check both ends."))]


ROOM_USE = Subject(
    "room_use", "uses", N_("Uses of rooms"),
    (
        Field("site_id", N_("Site code"), _NUMBER, required=True, default=None, refers="site", example="TH-012",
              help=N_("The code of a site that exists already.")),
        Field("room_id", N_("Room code"), _NUMBER, default=None, refers="room", example="P101",
              help=N_("Empty: the whole site.")),
        Field("name", N_("Title"), line(200), required=True, example="Thi học kỳ I, khối 9"),
        Field("purpose", N_("Purpose"), choice(ROOM_PURPOSES), required=True, choices=ROOM_PURPOSES,
              help=N_("In an examination or a meeting nobody switches the room's projector; lessons only hold up"
                      " schedules.")),
        Field("starts_at", N_("Begins"), moment, required=True, default=None, example="21/12/2026 07:00",
              shape="moment"),
        Field("ends_at", N_("Ends"), moment, required=True, default=None, example="21/12/2026 10:30", shape="moment"),
    ),
    rules=(_in_order,),
    key_help=N_("A use is recognised by its site, room, beginning and title."),
)  # fmt: skip
