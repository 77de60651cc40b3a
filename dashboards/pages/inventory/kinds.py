"""Each kind of record as its pages show it: its table, words, and columns of its list. Inventory checks the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from core import LazyText, Permission, Session
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.language import bit_rate, number
from inventory import (
    SUBJECTS,
    Asset,
    CalendarEntry,
    Check,
    Credential,
    Device,
    Endpoint,
    Field,
    Link,
    Room,
    RoomUse,
    Service,
    Site,
    Subject,
    Unit,
    local_moment,
    names_of,
)

MODELS: dict[str, type[Any]] = {
    "unit": Unit, "site": Site, "room": Room, "device": Device, "link": Link, "asset": Asset, "calendar": CalendarEntry,
    "service": Service, "check": Check, "credential": Credential,
    "room_use": RoomUse, "endpoint": Endpoint,
}
# What a pointer is called where its record is shown by name
POINTER_LABELS: dict[str, LazyText] = {
    "site_id": _l("Site"), "unit_id": _l("Unit"), "parent_id": _l("Unit above"), "room_id": _l("Room"),
    "device_id": _l("Device"), "parent_device_id": _l("Hangs on device"), "credential_id": _l("Credential"),
    "service_id": _l("Service"), "computer_id": _l("Meeting computer"), "codec_id": _l("Meeting codec"),
    "display_id": _l("Screen or projector"), "ups_id": _l("UPS"), "link_id": _l("Internet line"),
}
# What goes when something is deleted, as the question before it counts it
COUNTED: dict[str, LazyText] = {
    "unit": _l("units"),
    "site": _l("sites"),
    "room": _l("rooms"),
    "device": _l("devices"),
    "link": _l("lines"),
    "asset": _l("assets"),
    "calendar": _l("calendar lines"),
    "service": _l("services"),
    "check": _l("checks"),
    "room_use": _l("uses of rooms"),
    "endpoint": _l("endpoints"),
    "part": _l("ports and other parts"),
    "fact": _l("facts"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record. `columns` are names of fields; `sorts` those that the list can be sorted by; columns from
    `wide_from` on are left out on narrow screens; `filters` are fields with choices."""

    word: str
    icon: str
    new_label: LazyText
    empty: LazyText
    columns: tuple[str, ...]
    sorts: frozenset[str]
    filters: tuple[str, ...] = ("kind",)
    permission: Permission = Permission.EDIT_INVENTORY
    advanced: tuple[str, ...] = ()

    @property
    def subject(self) -> Subject:
        """Its fields."""
        return SUBJECTS[self.word]

    @property
    def model(self) -> type[Any]:
        """Its table."""
        return MODELS[self.word]

    @property
    def title(self) -> str:
        """Its plural, for headings."""
        return _(self.subject.title)


KINDS: dict[str, Kind] = {kind.word: kind for kind in (
    Kind("unit", "sitemap", _l("New unit"), _l("The department, communes and schools, in a tree."),
         ("name", "code", "kind", "parent_id", "phone"), frozenset({"name", "code", "kind"})),
    Kind("site", "school", _l("New site"), _l("Places with an address, where a unit's equipment stands."),
         ("name", "code", "unit_id", "address", "contact"), frozenset({"name", "code", "address"}), ()),
    Kind("room", "door", _l("New room"), _l("Computer labs, meeting rooms, classrooms of the sites."),
         ("name", "code", "kind", "site_id", "floor", "seats"), frozenset({"name", "code", "kind", "floor", "seats"})),
    Kind("device", "server-2", _l("New device"),
         _l("Switches, access points, routers, projectors: all that can be watched."),
         ("name", "kind", "site_id", "address", "vendor", "model", "is_monitored"),
         frozenset({"name", "kind", "address", "vendor", "model"}), ("kind", "is_monitored"),
         advanced=("snmp_port", "profile", "interval_s", "timeout_s", "retries", "spacing_s")),
    Kind("link", "world", _l("New line"), _l("Internet lines with provider, contract, speed and cost."),
         ("name", "site_id", "isp", "contract_number", "committed_down_bps", "monthly_cost", "ends_on"),
         frozenset({"name", "isp", "contract_number", "committed_down_bps", "monthly_cost", "ends_on"}), ()),
    Kind("asset", "tag", _l("New asset"), _l("What is in the books: cost, funding, warranty, years of depreciation."),
         ("name", "code", "kind", "site_id", "purchased_on", "cost", "warranty_until"),
         frozenset({"name", "code", "kind", "purchased_on", "cost", "warranty_until"})),
    Kind("calendar", "calendar", _l("New calendar line"), _l("Terms, holidays, teaching hours and examinations."),
         ("name", "kind", "unit_id", "weekday", "starts_on", "ends_on", "starts_at", "ends_at"),
         frozenset({"name", "kind", "weekday", "starts_on"}), ("kind", "weekday"), Permission.MANAGE_CALENDAR),
    Kind("service", "apps", _l("New service"), _l("Portal, mail, e-office: what people use, and what it must reach."),
         ("name", "kind", "unit_id", "importance", "hours", "target_percent"),
         frozenset({"name", "kind", "importance", "target_percent"}), ("kind", "importance"),
         advanced=("needed", "down_after")),
    Kind("check", "activity-heartbeat", _l("New check"), _l("Looks at a page, a name or a port every minute."),
         ("target", "kind", "service_id", "device_id", "is_enabled"), frozenset({"target", "kind"}),
         ("kind", "is_enabled"),
         advanced=("expect_status", "security", "credential_id", "interval_s", "timeout_s")),
    Kind("room_use", "calendar-event", _l("New use of a room"),
         _l("Examinations, meetings, lessons: when somebody needs a room undisturbed."),
         ("name", "purpose", "site_id", "room_id", "starts_at", "ends_at"),
         frozenset({"name", "purpose", "starts_at", "ends_at"}), ("purpose",)),
    Kind("endpoint", "video", _l("New endpoint"), _l("Rooms made ready to meet: computer, camera, line, contact."),
         ("name", "code", "kind", "site_id", "seats", "contact"),
         frozenset({"name", "code", "kind", "seats", "contact"}), ("kind", "can_speak", "is_active"),
         advanced=("computer_id", "codec_id", "display_id", "ups_id", "sip_uri")),
)}


def label_of(field: Field) -> str:
    """What a field is called on pages."""
    own = POINTER_LABELS.get(field.name)
    return str(own) if own is not None else _(field.title)


def pointer_names(session: Session, kind: Kind, records: list[Any]) -> dict[tuple[str, int], str]:
    """(field, id) -> name of what the records of a list point to, one question a field."""
    found: dict[tuple[str, int], str] = {}
    for name in kind.columns:
        refers = kind.subject.field(name).refers
        if refers:
            names = names_of(session, MODELS[refers], {getattr(record, name) for record in records})
            found.update({(name, record_id): text for record_id, text in names.items()})
    return found


def cell(field: Field, value: Any, names: Mapping[tuple[str, int], str], language: str) -> str:
    """A value as a list shows it."""
    if value is None or value == "" or (field.name == "weekday" and value == -1):
        return ""
    if field.refers:
        return names.get((field.name, value), "")
    if field.choices is not None:
        return _(field.choices[value]) if value in field.choices else str(value)
    if field.name.endswith("_bps"):
        return bit_rate(value, language)
    if isinstance(value, datetime):
        return local_moment(value).strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return (
        number(value, 0, language)
        if isinstance(value, int) and field.name in ("monthly_cost", "cost", "seats")
        else str(value)
    )
