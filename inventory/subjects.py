"""The kinds of records that people edit and exchange as spreadsheets, field by field, in one place."""

from __future__ import annotations

from typing import Any

from core import N_
from core import gettext as _
from inventory.addresses import parse_address, parse_mac
from inventory.fields import Field, Subject, Trouble, Values
from inventory.kinds import (
    ASSET_KINDS,
    CALENDAR_KINDS,
    DEVICE_KINDS,
    ROOM_KINDS,
    UNIT_KINDS,
    WEEKDAYS,
)
from inventory.meeting_subjects import ENDPOINT
from inventory.parsing import (
    choice,
    clean_line,
    clock_time,
    day,
    decimal,
    email,
    latitude,
    line,
    longitude,
    money,
    notes,
    phone,
    speed,
    weekday,
    whole,
    yes_no,
)
from inventory.service_subjects import CHECK, SERVICE, SERVICE_CHECK
from inventory.use_subjects import ROOM_USE

NOTES_LIMIT = 4000


def _address(raw: Any) -> str:
    return parse_address(clean_line(raw, 253))


def _mac(raw: Any) -> str:
    return parse_mac(clean_line(raw, 40))


_reference = whole(1, 2**31 - 1)
_CODE = line(64)
_NAME = Field("name", N_("Name"), line(200), required=True, example="Trường THCS số 12")
_NOTES = Field("notes", N_("Notes"), notes(NOTES_LIMIT))


def _kind(words: dict[str, str], default: str = "other") -> Field:
    return Field("kind", N_("Kind"), choice(words), default=default, choices=words)


def _link_to(name: str, title: str, refers: str, **options: Any) -> Field:
    return Field(name, title, _reference, default=None, refers=refers, **options)


_SITE = _link_to(
    "site_id", N_("Site code"), "site", required=True, example="TH-012",
    help=N_("The code of a site that exists already, or stands in the sites' file imported before this one."),
)
_ROOM = _link_to("room_id", N_("Room code"), "room", example="P101", help=N_("The code of a room of the same site."))


def _both_places(values: Values) -> list[Trouble]:
    if (values.get("latitude") is None) == (values.get("longitude") is None):
        return []
    missing = "latitude" if values.get("latitude") is None else "longitude"
    return [(missing, _("Latitude and longitude belong together: enter both, or leave both empty."))]


def _in_order(first: str, last: str, message: str) -> Any:
    def rule(values: Values) -> list[Trouble]:
        start, end = values.get(first), values.get(last)
        return [(last, _(message))] if start is not None and end is not None and end < start else []

    return rule


UNIT = Subject(
    "unit", "units", N_("Units"),
    (
        Field("code", N_("Unit code"), _CODE, required=True, example="THCS-012",
              help=N_("Written on no other unit. The same code in a later file changes this unit.")),
        _NAME,
        _kind(UNIT_KINDS),
        _link_to("parent_id", N_("Code of the unit above"), "unit", example="SO-GDDT",
                 help=N_("Empty for the topmost unit. It may stand anywhere in the same file.")),
        Field("phone", N_("Telephone"), phone, example="0219 3866 123"),
        Field("email", N_("E-mail"), email, example="thcs12@example.edu.vn"),
        _NOTES,
    ),
    key_help=N_("A unit is recognised by its code."),
)

SITE = Subject(
    "site", "sites", N_("Sites"),
    (
        Field("code", N_("Site code"), _CODE, required=True, example="TH-012",
              help=N_("Written on no other site. The same code in a later file changes this site.")),
        _NAME,
        _link_to("unit_id", N_("Unit code"), "unit", required=True, example="THCS-012",
                 help=N_("The code of the school or office the site belongs to.")),
        Field("address", N_("Postal address"), line(300), example="Tổ 5, phường Nguyễn Trãi"),
        Field("latitude", N_("Latitude"), latitude, default=None, example="22.8233",
              help=N_("Degrees, as maps on a telephone show them: 22.8233")),
        Field("longitude", N_("Longitude"), longitude, default=None, example="104.9836",
              help=N_("Degrees, as maps on a telephone show them: 104.9836")),
        Field("contact", N_("Contact"), line(200), example="Cán bộ CNTT, 0219 3866 123",
              help=N_("Who to call, and the number.")),
        _NOTES,
    ),
    rules=(_both_places,),
    key_help=N_("A site is recognised by its code."),
)

ROOM = Subject(
    "room", "rooms", N_("Rooms"),
    (
        _SITE,
        Field("code", N_("Room code"), _CODE, required=True, example="P101",
              help=N_("Written on no other room of the site.")),
        Field("name", N_("Name"), line(200), required=True, example="Phòng máy 1"),
        _kind(ROOM_KINDS),
        Field("floor", N_("Floor"), line(32), example="2"),
        Field("seats", N_("Seats"), whole(0, 5000), default=None, example="40"),
        _NOTES,
    ),
    key_help=N_("A room is recognised by its site and its code."),
)

DEVICE = Subject(
    "device", "devices", N_("Devices"),
    (
        Field("code", N_("Device code"), _CODE, default=None, example="SW-012-01",
              help=N_("Optional. Written on no other device; lets a later file rename or move the device.")),
        _SITE,
        Field("name", N_("Name"), line(200), required=True, example="Switch tầng 1",
              help=N_("Unique within the site.")),
        _kind(DEVICE_KINDS),
        _ROOM,
        Field("address", N_("Network address"), _address, example="192.168.1.2",
              help=N_("IPv4, IPv6 or host name, without http:// and without a port.")),
        Field("mac", N_("MAC address"), _mac, default=None, example="00:1A:2B:3C:4D:5E"),
        Field("vendor", N_("Maker"), line(100), example="Cisco"),
        Field("model", N_("Model"), line(200), example="C1000-24T"),
        Field("serial", N_("Serial number"), line(100), example="FOC1234X5YZ"),
        Field("firmware", N_("Firmware"), line(200)),
        _link_to("credential_id", N_("Credential"), "credential", example="SNMP các trường",
                 help=N_("The name of a credential made in EduNOC. Passwords never stand in a spreadsheet.")),
        Field("snmp_port", N_("SNMP port"), whole(1, 65535), default=161, example="161"),
        Field("pjlink_port", N_("PJLink port"), whole(1, 65535), default=None, example="4352",
              help=N_("For projectors and displays: usually 4352. Empty: not read over PJLink, unless a PJLink"
                      " credential is chosen.")),
        _link_to("pjlink_credential_id", N_("PJLink credential"), "credential", example="PJLink các trường",
                 help=N_("For a projector that has an SNMP credential too: the name of the credential with its PJLink"
                         " password.")),
        Field("profile", N_("Profile"), line(100), help=N_("Usually empty: EduNOC finds out how to read the device.")),
        Field("is_monitored", N_("Monitored"), yes_no, default=True, choices={True: N_("Yes"), False: N_("No")}),
        Field("interval_s", N_("Interval (seconds)"), whole(10, 86400), default=60, example="60"),
        Field("timeout_s", N_("Patience (seconds)"), decimal(0.1, 60), default=2.0, example="2"),
        Field("retries", N_("Retries"), whole(0, 10), default=2, example="2"),
        Field("spacing_s", N_("Pause between requests (seconds)"), decimal(0, 10), default=0.0, example="0"),
        _link_to("parent_device_id", N_("Hangs on device"), "device", example="Router chính",
                 help=N_("The device through which this one is reached: its name in the same site, or site code/name,"
                         " or its code.")),
        _NOTES,
    ),
    key_help=N_("A device is recognised by its code, then by site and name, then by its address within the site."),
)

LINK = Subject(
    "link", "links", N_("Internet lines"),
    (
        _SITE,
        Field("name", N_("Name"), line(200), required=True, example="Cáp quang chính",
              help=N_("Unique within the site.")),
        Field("isp", N_("Provider"), line(100), example="VNPT"),
        Field("contract_number", N_("Contract number"), line(100), example="HD-2026-0147"),
        Field("committed_down_bps", N_("Download speed (Mbit/s)"), speed, default=None, example="300",
              help=N_("As in the contract. Mbit/s, or with its unit: 1 Gbps.")),
        Field("committed_up_bps", N_("Upload speed (Mbit/s)"), speed, default=None, example="300"),
        Field("monthly_cost", N_("Monthly cost (đồng)"), money, default=None, example="880000"),
        Field("starts_on", N_("Contract from"), day, default=None, example="01/01/2026"),
        Field("ends_on", N_("Contract until"), day, default=None, example="31/12/2026"),
        _link_to("device_id", N_("Measured on device"), "device", example="Router chính",
                 help=N_("The device whose port carries the line: its name in the same site, or its code.")),
        Field("part_key", N_("Port"), line(255), default=None, example="ether1"),
        Field("address", N_("Address of the line"), _address, default=None, example="113.160.0.10",
              help=N_("Fixed public address, if the contract has one.")),
        _NOTES,
    ),
    rules=(_in_order("starts_on", "ends_on", N_("The contract ends before it begins. Exchange the two dates.")),),
    key_help=N_("A line is recognised by its site and its name."),
)

ASSET = Subject(
    "asset", "assets", N_("Assets"),
    (
        Field("code", N_("Asset code"), _CODE, required=True, example="TS-2026-0001",
              help=N_("The number on the label.")),
        Field("name", N_("Name"), line(200), required=True, example="Máy tính học sinh"),
        _kind(ASSET_KINDS),
        _SITE,
        _ROOM,
        _link_to("device_id", N_("Device"), "device",
                 help=N_("The device this is, if EduNOC watches it: name or code.")),
        Field("model", N_("Model"), line(200)),
        Field("serial", N_("Serial number"), line(100)),
        Field("purchased_on", N_("Purchased on"), day, default=None, example="15/08/2024"),
        Field("cost", N_("Cost (đồng)"), money, default=None, example="12500000"),
        Field("funding_source", N_("Funding source"), line(200), example="Ngân sách tỉnh"),
        Field("warranty_until", N_("Warranty until"), day, default=None, example="15/08/2027"),
        Field("depreciation_years", N_("Years of depreciation"), whole(1, 50), default=None, example="5"),
        _NOTES,
    ),
    rules=(
        _in_order("purchased_on", "warranty_until", N_("The warranty ends before the purchase. Check both dates.")),
    ),
    key_help=N_("An asset is recognised by its code."),
)


def _calendar_rules(values: Values) -> list[Trouble]:
    kind = values.get("kind")
    if kind is None:
        return []
    wanted = {"teaching": ("weekday", "starts_at", "ends_at")}.get(str(kind), ("starts_on", "ends_on"))
    empty = (None, -1)
    troubles = [(n, _("This kind of line needs this field.")) for n in wanted if values.get(n, 0) in empty]
    unwanted = {
        "teaching": ("starts_on", "ends_on"), "exam": ("weekday",),
    }.get(str(kind), ("weekday", "starts_at", "ends_at"))
    troubles += [(n, _("Leave this empty for this kind of line.")) for n in unwanted if values.get(n) not in empty]
    if kind == "exam" and (values.get("starts_at") is None) != (values.get("ends_at") is None):
        troubles.append(("ends_at", _("Enter both times of the examination, or neither for whole days.")))
    if not troubles and _ends_too_early(values):
        last = "ends_at" if kind == "teaching" else "ends_on"
        troubles.append((last, _("This ends before it begins. Check both ends.")))
    return troubles


def _ends_too_early(values: Values) -> bool:
    start, end = (
        tuple(values[name] for name in names if values.get(name) is not None)
        for names in (("starts_on", "starts_at"), ("ends_on", "ends_at"))
    )
    has_times = values.get("starts_at") is not None
    return len(start) == len(end) and (end < start or (has_times and end == start))


CALENDAR = Subject(
    "calendar", "calendar", N_("School calendar"),
    (
        _link_to("unit_id", N_("Unit code"), "unit", required=True, example="SO-GDDT",
                 help=N_("The calendar of a unit holds for all units below it, until one of them has its own.")),
        Field("kind", N_("Kind"), choice(CALENDAR_KINDS), required=True, choices=CALENDAR_KINDS),
        Field("name", N_("Name"), line(200), required=True, example="Học kỳ I 2026-2027"),
        Field("weekday", N_("Weekday"), weekday(WEEKDAYS), default=-1, choices=WEEKDAYS,
              help=N_("For teaching hours only.")),
        Field("starts_on", N_("First day"), day, default=None, example="05/09/2026"),
        Field("ends_on", N_("Last day"), day, default=None, example="15/01/2027"),
        Field("starts_at", N_("From (time)"), clock_time, default=None, example="07:00"),
        Field("ends_at", N_("Until (time)"), clock_time, default=None, example="11:30"),
    ),
    rules=(_calendar_rules,),
    key_help=N_("A line is recognised by its unit, kind, weekday and name."),
)


SUBJECTS: dict[str, Subject] = {
    s.word: s for s in (UNIT, SITE, ROOM, DEVICE, LINK, ASSET, CALENDAR, SERVICE, CHECK, ROOM_USE, ENDPOINT)
}

# What is exchanged as spreadsheets, in the order in which files are imported: what is pointed to comes first
EXCHANGED: dict[str, Subject] = {
    s.plural: s for s in (UNIT, SITE, ROOM, DEVICE, LINK, ASSET, CALENDAR, SERVICE, SERVICE_CHECK, ROOM_USE, ENDPOINT)
}
