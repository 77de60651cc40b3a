"""What the schools' devices of the demonstration tell of the network around them. Invented, and the same in every run.

A school: the router on top, switches on its LAN ports, access points and projectors on their ports, the computers of a
lab behind an unmanaged switch on one port. Pure: devices come in, layer-2 reports go out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inventory import (
    AddressSeen,
    Device,
    Layer2Report,
    MacSeen,
    NeighbourSeen,
    StationSeen,
    VlanSeen,
)

# IANA's own block (RFC 9542): no maker builds devices with these addresses
_BLOCK, _GUESTS, _PHONES = 0x00005E100000, 0x00005EA00000, 0x06ED00000000
UPLINK, LAB_PORT, STRANGE_PORT, DESK_PORT, OTHER_DESK_PORT = "Gi0/24", "Gi0/22", "Gi0/20", "Gi0/18", "Gi0/17"
SPARE_PORTS = ("ether5", "sfp1", "ether6", "ether7")
OFFICE, PUPILS, WIFI = 10, 20, 30
VLANS = (VlanSeen(1, "default"), VlanSeen(OFFICE, "van-phong"), VlanSeen(PUPILS, "hoc-sinh"), VlanSeen(WIFI, "wifi"))
STRANGERS_EACH, NEWCOMERS_EACH, MOVERS_EACH = 6, 5, 9  # every so manieth school has one
PHONES_A_POINT = 4


def mac_text(number: int) -> str:
    """48 bits as aa:bb:cc:dd:ee:ff."""
    bare = f"{number:012x}"
    return ":".join(bare[i : i + 2] for i in range(0, 12, 2))


def mac_of(device: Device) -> str:
    """The address of a device of the demonstration."""
    return mac_text(_BLOCK + device.id)


@dataclass(frozen=True, slots=True)
class School:
    """The devices of one school, sorted out. `number` counts the schools; `is_later`: the second telling, in which
    something has come and something has moved."""

    number: int
    router: Device
    switches: Sequence[Device]
    others: Sequence[Device]
    is_later: bool

    def below(self, switch: Device) -> list[Device]:
        """What hangs on a port of a switch by itself."""
        return [one for one in self.others if one.parent_device_id == switch.id]

    def visible(self) -> list[Device]:
        """What shows its address in the school's network; cameras on a recorder's own ports do not."""
        near = {self.router.id, *(switch.id for switch in self.switches)}
        return [one for one in self.others if one.parent_device_id in near or one.kind == "computer"]

    def lab(self, switch: Device) -> list[Device]:
        """The computers behind the unmanaged switch on one port of this switch: a lab hangs on one floor's switch."""
        rooms = sorted({one.room_id or 0 for one in self.others if one.kind == "computer"})
        mine = {room for place, room in enumerate(rooms) if place % len(self.switches) == self.switches.index(switch)}
        return [one for one in self.others if one.kind == "computer" and (one.room_id or 0) in mine]

    def desks(self, switch: Device) -> dict[str, str]:
        """Machines that are in no inventory: MAC to port. One moves to another switch, one comes, in some schools."""
        place, found = self.switches.index(switch), {}
        moves = self.number % MOVERS_EACH == 1
        is_here = place == (1 if moves and self.is_later and len(self.switches) > 1 else 0)
        if is_here:
            found[mac_text(_GUESTS + self.number * 8)] = OTHER_DESK_PORT if moves and self.is_later else DESK_PORT
        if self.is_later and place == 0 and self.number % NEWCOMERS_EACH == 1:
            found[mac_text(_GUESTS + self.number * 8 + 1)] = "Gi0/19"
        return found


def sort_out(devices: Sequence[Device], number: int, *, is_later: bool) -> School | None:
    """The school of these devices; None without a router or a switch. What has no address, such as an unmanaged switch
    that somebody entered, tells nothing."""
    talking = [one for one in devices if one.address]
    router = next((one for one in talking if one.kind == "router"), None)
    switches = [one for one in talking if one.kind == "switch"]
    others = [one for one in talking if one is not router and one.kind != "switch"]
    return School(number, router, switches, others, is_later) if router is not None and switches else None


def reports_of(school: School) -> Iterator[tuple[int, Layer2Report]]:
    """(device id, what it tells) for the router, each switch and each access point."""
    yield school.router.id, _router(school)
    for number, switch in enumerate(school.switches):
        yield switch.id, _switch(school, switch, f"ether{number + 2}")
        for place, one in enumerate(school.below(switch), start=1):
            if one.kind == "ap":
                yield one.id, _access_point(school, one, switch, f"Gi0/{place}")


def _seen(of: Device, port: str, other: Device, remote_port: str) -> NeighbourSeen:
    words = {"router": ("bridge", "router"), "switch": ("bridge",), "ap": ("bridge", "wlan_access_point")}
    return NeighbourSeen(
        "lldp", f"if:{port}", None, other.name, remote_port, mac_of(other), other.address,
        f"{other.vendor} {other.model}".strip(), words.get(other.kind, ()),
    )


def _machines(school: School, switch: Device) -> list[tuple[str, str, int]]:
    """(MAC, port, VLAN) of everything behind a switch."""
    found = [(mac_of(one), f"Gi0/{place}", WIFI if one.kind == "ap" else OFFICE)
             for place, one in enumerate(school.below(switch), start=1)]
    for place, one in enumerate(school.below(switch), start=1):
        if one.kind == "ap":
            found += [(mac, f"Gi0/{place}", WIFI) for mac in _phones(one)]
    found += [(mac_of(one), LAB_PORT, PUPILS) for one in school.lab(switch)]
    return found + [(mac, port, OFFICE) for mac, port in school.desks(switch).items()]


def _phones(point: Device) -> list[str]:
    return [mac_text(_PHONES + point.id * 16 + number) for number in range(PHONES_A_POINT)]


def _switch(school: School, switch: Device, router_port: str) -> Layer2Report:
    neighbours = [_seen(switch, UPLINK, school.router, router_port)]
    neighbours += [
        _seen(switch, f"Gi0/{place}", one, "eth0")
        for place, one in enumerate(school.below(switch), start=1) if one.kind == "ap"
    ]
    own = _machines(school, switch)
    if school.number % STRANGERS_EACH == 1 and switch is school.switches[0]:
        mac = mac_text(_GUESTS + school.number * 8 + 2)
        neighbours.append(NeighbourSeen(
            "lldp", f"if:{STRANGE_PORT}", None, "sw-phong-hoi-dong", "1", mac, "", "8-port managed switch", ("bridge",)
        ))
        own.append((mac, STRANGE_PORT, OFFICE))
    fdb = [MacSeen(mac, f"if:{port}", None, vlan) for mac, port, vlan in own]
    fdb.append(MacSeen(mac_of(school.router), f"if:{UPLINK}", None, OFFICE))
    for other in school.switches:
        if other is not switch:
            beyond = [(mac_of(other), OFFICE), *((mac, vlan) for mac, _port, vlan in _machines(school, other))]
            fdb += [MacSeen(mac, f"if:{UPLINK}", None, vlan) for mac, vlan in beyond]
    return Layer2Report(
        tuple(neighbours), tuple(fdb), vlans=VLANS, own_macs=(mac_of(switch),), chassis_mac=mac_of(switch),
        root_part=f"if:{UPLINK}", own_addresses=(switch.address,), missing=("arp", "stations"),
    )


def _router(school: School) -> Layer2Report:
    neighbours, fdb, arp = [], [], []
    for number, switch in enumerate(school.switches):
        port = f"ether{number + 2}"
        neighbours.append(_seen(school.router, port, switch, UPLINK))
        machines = [(mac_of(switch), OFFICE), *((mac, vlan) for mac, _port, vlan in _machines(school, switch))]
        fdb += [MacSeen(mac, f"if:{port}", None, vlan) for mac, vlan in machines]
    beside = [one for one in school.others if one.parent_device_id == school.router.id]
    for one, port in zip(beside, SPARE_PORTS, strict=False):
        fdb.append(MacSeen(mac_of(one), f"if:{port}", None, OFFICE))
    net = school.router.address.rpartition(".")[0]
    for one in (*school.switches, *school.visible()):
        arp.append(AddressSeen(one.address, mac_of(one), "if:bridge", None))
    for switch in school.switches:
        guests = enumerate(school.desks(switch), start=200)
        arp += [AddressSeen(f"{net}.{host}", mac, "if:bridge", None) for host, mac in guests]
    return Layer2Report(
        tuple(neighbours), tuple(fdb), tuple(arp), own_macs=(mac_of(school.router),),
        chassis_mac=mac_of(school.router), own_addresses=(school.router.address,), missing=("stations", "vlans"),
    )


def _access_point(school: School, point: Device, switch: Device, port: str) -> Layer2Report:
    names = ("Truong-GV", "Truong-HS")
    stations = tuple(
        StationSeen(mac, "radio:5G" if place % 2 else "radio:2.4G", names[place % 2], point.name)
        for place, mac in enumerate(_phones(point))
    )
    return Layer2Report(
        (_seen(point, "eth0", switch, port),), stations=stations, own_macs=(mac_of(point),),
        chassis_mac=mac_of(point), own_addresses=(point.address,), missing=("fdb", "arp", "vlans"),
    )
