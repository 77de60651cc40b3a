"""Wi-Fi clients by access point, from makers' tables. Account names that stand beside them are never asked. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from collectors.layer2.identity import address_in, mac_from_arcs
from collectors.layer2.ports import Ports
from collectors.layer2.walk import Column
from collectors.snmp.text import clean_line, mac_of
from inventory import StationSeen

Columns = Mapping[str, Column]


@dataclass(frozen=True, slots=True)
class Family:
    """Devices whose sysObjectID lies under `enterprises`. `tables` are groups of columns that are walked together, the
    stations' own first: when it is empty, the others are not asked."""

    enterprises: tuple[str, ...]
    tables: tuple[tuple[str, ...], ...]
    stations: Callable[[Columns, Ports], list[StationSeen]]


def _seen(mac: str, point: str, ssid: str = "", radio: str = "") -> StationSeen:
    part = f"ap:{point}" if point else ""
    return StationSeen(mac, f"{part}/radio:{radio}" if part and radio else part, ssid, point)


# Aruba Instant (AI-AP-MIB): clients by MAC; access points by MAC; networks by access point and number
_IAP = "1.3.6.1.4.1.14823.2.3.3.1.2"
_IAP_CLIENT_BSSID, _IAP_CLIENT_POINT = f"{_IAP}.4.1.2", f"{_IAP}.4.1.4"
_IAP_NAME, _IAP_ADDRESS = f"{_IAP}.1.1.2", f"{_IAP}.1.1.3"
_IAP_SSID, _IAP_BSSID = f"{_IAP}.3.1.3", f"{_IAP}.3.1.4"


def _instant(columns: Columns, ports: Ports) -> list[StationSeen]:
    names = columns.get(_IAP_NAME, {})
    points = {
        address_in(value): clean_line(names.get(index)) or mac_from_arcs(index)
        for index, value in columns.get(_IAP_ADDRESS, {}).items()
    }
    ssids = columns.get(_IAP_SSID, {})
    networks = {mac_of(value): clean_line(ssids.get(index)) for index, value in columns.get(_IAP_BSSID, {}).items()}
    bssids = columns.get(_IAP_CLIENT_BSSID, {})
    found = []
    for index, value in columns.get(_IAP_CLIENT_POINT, {}).items():
        if mac := mac_from_arcs(index):
            point = points.get(address_in(value), "")
            found.append(_seen(mac, point, networks.get(mac_of(bssids.get(index)), "")))
    return found


# ArubaOS controller (WLSX-WLAN-MIB): stations by MAC; BSSIDs by access point, radio and BSSID
_WLSX = "1.3.6.1.4.1.14823.2.2.1.5.2"
_WLSX_BSSID, _WLSX_ASSOCIATED = f"{_WLSX}.2.1.1.2", f"{_WLSX}.2.1.1.5"
_WLSX_NAME, _WLSX_SSID = f"{_WLSX}.1.4.1.3", f"{_WLSX}.1.7.1.2"
_TRUE = 1


def _controller(columns: Columns, ports: Ports) -> list[StationSeen]:
    names = {mac_from_arcs(index): clean_line(value) for index, value in columns.get(_WLSX_NAME, {}).items()}
    radios = {
        mac_from_arcs(index[7:]): (mac_from_arcs(index[:6]), str(index[6]), clean_line(value))
        for index, value in columns.get(_WLSX_SSID, {}).items() if len(index) == 13
    }  # fmt: skip
    bssids, associated = columns.get(_WLSX_BSSID, {}), columns.get(_WLSX_ASSOCIATED, {})
    found = []
    for index in {**associated, **bssids}:
        mac = mac_from_arcs(index)
        if mac and associated.get(index, _TRUE) == _TRUE:
            point, radio, ssid = radios.get(mac_of(bssids.get(index)), ("", "", ""))
            found.append(_seen(mac, names.get(point) or point, ssid, radio))
    return found


# H3C and Comware controllers (HH3C-DOT11-STATION, -APMT); old ones answer under Huawei's number
def _h3c(root: str, columns: Columns, ports: Ports) -> list[StationSeen]:
    names = {bytes(arc & 0xFF for arc in index[1:]).decode("latin-1"): clean_line(value)
             for index, value in columns.get(f"{root}.75.2.1.1.1.5", {}).items()}  # fmt: skip
    radios, ssids = columns.get(f"{root}.75.3.1.2.1.2", {}), columns.get(f"{root}.75.3.1.1.1.12", {})
    found = []
    for index, value in columns.get(f"{root}.75.3.1.2.1.1", {}).items():
        if mac := mac_from_arcs(index):
            serial, radio = clean_line(value), radios.get(index)
            point = names.get(serial) or serial
            found.append(_seen(mac, point, clean_line(ssids.get(index)), str(radio) if isinstance(radio, int) else ""))
    return found


def _h3c_family(root: str) -> Family:
    tables = (
        (f"{root}.75.3.1.2.1.1", f"{root}.75.3.1.2.1.2"), (f"{root}.75.3.1.1.1.12",), (f"{root}.75.2.1.1.1.5",),
    )  # fmt: skip
    return Family(("1.3.6.1.4.1.25506", "1.3.6.1.4.1.2011.10"), tables, partial(_h3c, root))


# Cisco AireOS (AIRESPACE-WIRELESS-MIB): stations and access points by MAC
_BSN = "1.3.6.1.4.1.14179.2"
_BSN_POINT, _BSN_SLOT, _BSN_SSID, _BSN_NAME = f"{_BSN}.1.4.1.4", f"{_BSN}.1.4.1.5", f"{_BSN}.1.4.1.7", f"{_BSN}.2.1.1.3"


def _aireos(columns: Columns, ports: Ports) -> list[StationSeen]:
    names = {mac_from_arcs(index): clean_line(value) for index, value in columns.get(_BSN_NAME, {}).items()}
    slots, ssids = columns.get(_BSN_SLOT, {}), columns.get(_BSN_SSID, {})
    found = []
    for index, value in columns.get(_BSN_POINT, {}).items():
        if mac := mac_from_arcs(index):
            point, slot = mac_of(value), slots.get(index)
            radio = str(slot) if isinstance(slot, int) else ""
            found.append(_seen(mac, names.get(point) or point, clean_line(ssids.get(index)), radio))
    return found


# TP-Link Omada points: the clients' addresses as text, and nothing else
_EAP = "1.3.6.1.4.1.11863.10.1.1.2.1.2"


def _omada(columns: Columns, ports: Ports) -> list[StationSeen]:
    found = dict.fromkeys(mac_of(value) for value in columns.get(_EAP, {}).values())
    return [StationSeen(mac, "") for mac in found if mac]


# MikroTik (MIKROTIK-MIB): registration tables, index MAC and interface; the second is CAPsMAN's
_REGISTERED = "1.3.6.1.4.1.14988.1.1.1.2.1.3"
_CAPSMAN = "1.3.6.1.4.1.14988.1.1.1.5.1.3"


def _mikrotik(column: str, columns: Columns, ports: Ports) -> list[StationSeen]:
    found = []
    for index in columns.get(column, {}):
        if len(index) == 7 and (mac := mac_from_arcs(index[:6])):
            name = ports.label(index[6]) or str(index[6])
            found.append(_seen(mac, name) if column == _CAPSMAN else StationSeen(mac, f"radio:{name}"))
    return found


# Ruckus ZoneDirector and Unleashed (RUCKUS-ZD-WLAN-MIB): stations and access points by MAC
_ZD = "1.3.6.1.4.1.25053.1.2.2.1.1"
_ZD_POINT, _ZD_SSID, _ZD_NAME = f"{_ZD}.3.1.1.2", f"{_ZD}.3.1.1.4", f"{_ZD}.2.1.1.2"


def _ruckus(columns: Columns, ports: Ports) -> list[StationSeen]:
    names = {mac_from_arcs(index): clean_line(value) for index, value in columns.get(_ZD_NAME, {}).items()}
    ssids = columns.get(_ZD_SSID, {})
    found = []
    for index, value in columns.get(_ZD_POINT, {}).items():
        if mac := mac_from_arcs(index):
            point = mac_of(value)
            found.append(_seen(mac, names.get(point) or point, clean_line(ssids.get(index))))
    return found


FAMILIES: tuple[Family, ...] = (
    Family(
        ("1.3.6.1.4.1.14823.1.2", ""),
        ((_IAP_CLIENT_POINT, _IAP_CLIENT_BSSID), (_IAP_NAME, _IAP_ADDRESS), (_IAP_SSID, _IAP_BSSID)), _instant,
    ),
    Family(
        ("1.3.6.1.4.1.14823.1.1",),
        ((_WLSX_BSSID, _WLSX_ASSOCIATED), (_WLSX_NAME,), (_WLSX_SSID,)), _controller,
    ),
    _h3c_family("1.3.6.1.4.1.25506.2"),
    _h3c_family("1.3.6.1.4.1.2011.10.2"),
    Family(("1.3.6.1.4.1.14988",), ((_REGISTERED,),), partial(_mikrotik, _REGISTERED)),
    Family(("1.3.6.1.4.1.14988",), ((_CAPSMAN,),), partial(_mikrotik, _CAPSMAN)),
    Family(
        ("1.3.6.1.4.1.14179", "1.3.6.1.4.1.9.1"), ((_BSN_POINT, _BSN_SLOT, _BSN_SSID), (_BSN_NAME,)), _aireos,
    ),
    Family(("1.3.6.1.4.1.11863",), ((_EAP,),), _omada),
    Family(("1.3.6.1.4.1.25053",), ((_ZD_POINT, _ZD_SSID), (_ZD_NAME,)), _ruckus),
)  # fmt: skip
