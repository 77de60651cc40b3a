"""Sites with a drawn network for the tests of the map: small, crowded, hostile."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace

from core import Scope, Session
from inventory import Device, SavedEdge, SavedNode, TopologyState, create_record

HOSTILE = "<img src=x onerror=alert(1)>\u202e</script>"


@dataclass
class Drawing:
    """Adds devices, other nodes and lines to one site."""

    session: Session
    site_id: int
    now: datetime
    ids: dict[str, int] = field(default_factory=dict)

    def device(self, name: str, kind: str = "switch", **values) -> str:
        """A device; answers its key on the map."""
        address = f"10.{self.site_id}.{len(self.ids) // 250}.{len(self.ids) % 250 + 1}"
        raw = {"site_id": self.site_id, "name": name, "kind": kind, "address": address, **values}
        self.ids[name] = create_record(self.session, Scope.everything(), Device, raw).id
        return f"device:{self.ids[name]}"

    def other(self, key: str, kind: str, **values) -> str:
        """An unmanaged switch (hub) or a neighbour that is not in the inventory (found)."""
        self.session.add(SavedNode(site_id=self.site_id, key=key, kind=kind, **values))
        return key

    def join(self, upper: str, lower: str, ports: tuple[str, str] = ("", ""), how: str = "lldp", **values) -> None:
        """A line."""
        self.session.add(SavedEdge(
            site_id=self.site_id, upper_key=upper, lower_key=lower, upper_device_id=_number(upper),
            lower_device_id=_number(lower), upper_part=ports[0], lower_part=ports[1], how=how,
            **{"first_seen": self.now, "last_seen": self.now, **values},
        ))

    def entry(self, *keys: str) -> None:
        """Say through which devices the site is reached."""
        entries = ",".join(key.removeprefix("device:") for key in keys)
        self.session.add(TopologyState(site_id=self.site_id, built_at=self.now, entries=entries))
        self.session.flush()


def _number(key: str) -> int | None:
    return int(key.removeprefix("device:")) if key.startswith("device:") else None


def draw_small(session: Session, site_id: int, now: datetime) -> SimpleNamespace:
    """A router, two switches in a ring with it, an access point, a hub with a printer, an unknown neighbour and six
    computers on one switch."""
    site = Drawing(session, site_id, now)
    router = site.device("Router", "router")
    first, second = site.device("Switch A"), site.device("Switch B")
    site.join(router, first, ("if:ether3", "if:Gi1/0/48"))
    site.join(router, second, ("if:ether4", "if:Gi1/0/48"))
    site.join(first, second, ("if:Gi1/0/47", "if:Gi1/0/47"), is_redundant=True)
    point = site.device("AP 1", "ap")
    site.join(first, point, ("if:Gi1/0/1", "if:eth0"), "lldp,fdb")
    hub = site.other("hub:A:5", "hub", mac_count=7)
    site.join(first, hub, ("if:Gi1/0/5", ""), "inferred")
    printer = site.device("Printer", "printer")
    site.join(hub, printer, how="fdb")
    found = site.other("found:020000000099", "found", name=HOSTILE, mac=0x020000000099, address="10.7.0.99",
                       description=HOSTILE, capabilities="bridge")
    site.join(second, found, ("if:Gi1/0/9", HOSTILE), "lldp")
    computers = [site.device(f"PC-{number:02d}", "computer", is_monitored=False) for number in range(1, 7)]
    for number, computer in enumerate(computers, start=10):
        site.join(second, computer, (f"if:Gi1/0/{number}", ""), "fdb")
    loose = site.device("Loose box", "nas")
    site.entry(router)
    return SimpleNamespace(
        router=router, first=first, second=second, point=point, hub=hub, printer=printer, found=found,
        computers=computers, loose=loose, group=f"group:{second}:computer", ids=site.ids,
    )


def draw_crowd(session: Session, site_id: int, now: datetime, switches: int = 14) -> SimpleNamespace:
    """A core switch with many floor switches, each with access points, projectors and computers: 150 nodes and more."""
    site = Drawing(session, site_id, now)
    router, core = site.device("Bộ định tuyến", "router"), site.device("Switch lõi")
    site.join(router, core, ("if:ether3", "if:Te1/0/1"))
    count = 2
    for floor in range(1, switches + 1):
        switch = site.device(f"Switch tầng {floor}")
        site.join(core, switch, (f"if:Gi1/0/{floor}", "if:Gi1/0/48"))
        for number in range(1, 11):
            kind = "ap" if number <= 6 else "computer"
            device = site.device(f"{kind.upper()} {floor}.{number}", kind)
            site.join(switch, device, (f"if:Gi1/0/{number}", ""), "lldp" if kind == "ap" else "fdb")
        count += 11
    site.entry(router)
    return SimpleNamespace(router=router, core=core, count=count, ids=site.ids)
