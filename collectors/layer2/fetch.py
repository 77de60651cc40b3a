"""Fetches the layer-2 tables of one device and puts the report together. Never raises for what the device does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from collectors.layer2 import arp, bridge, cisco, stations, vlans
from collectors.layer2.cdp import CDP, MNDP, cdp_neighbours, mndp_neighbours
from collectors.layer2.identity import mac_in
from collectors.layer2.lldp import LLDP, LLDP_V2, Heard, LldpMib, lldp_neighbours
from collectors.layer2.ports import Port, Ports
from collectors.layer2.reading import Gathered, Layer2Reading, slices
from collectors.layer2.walk import Asker, Column, TableRead, read_table
from collectors.profiles import Profile, ProfileSet
from collectors.snmp import Failure, Patience, Poller, Target
from collectors.snmp.collect import SYS_DESCR, SYS_OBJECT_ID
from collectors.snmp.facts import identify, sysobjectid_of
from collectors.snmp.oids import is_under
from collectors.snmp.reasons import OK, TIMEOUT, TOO_SLOW
from collectors.snmp.session import Session, of_vlan
from collectors.snmp.target import DeviceState
from collectors.snmp.walk import Pace, get_all
from collectors.snmp.wire import Value
from inventory import Layer2Report, SnmpCredential

TABLES = ("neighbours", "fdb", "arp", "stations", "vlans")
SKIPPED = "skipped"
_SILENT_TABLES = 2  # so many in a row without any answer, and the device is taken to be gone
_MOST_NEIGHBOURS = 1000
_SCALARS = (SYS_DESCR, SYS_OBJECT_ID, bridge.BASE_MAC, bridge.STP_ROOT_PORT,
            LLDP.chassis_subtype, LLDP.chassis_id, LLDP_V2.chassis_id)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layer2Limits:
    """How much one reading may take: rows a table, seconds a table and altogether, VLANs with a table of their own."""

    most_rows: int = 50_000
    table_s: float = 120.0
    total_s: float = 300.0
    most_vlans: int = 64


@dataclass(frozen=True, slots=True)
class Layer2Order:
    """Which device, who asks, how patiently, and the ports that its survey found."""

    target: Target
    credential: SnmpCredential
    patience: Patience
    ports: tuple[Port, ...]
    limits: Layer2Limits = Layer2Limits()
    profile: str = ""  # chosen by a person; else the device's own words decide


async def read_layer2(
    poller: Poller, profiles: ProfileSet, order: Layer2Order, wait_turn: Callable[[], Awaitable[None]] | None = None
) -> Layer2Reading:
    """Everything that a device tells of the network around it. `wait_turn` is awaited before each question."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    work = _Fetch(poller, profiles, order, wait_turn)
    reason, detail = OK, ""
    try:
        async with asyncio.timeout(order.limits.total_s):
            await work.read()
    except Failure as failure:
        reason, detail = failure.reason, failure.detail
    except TimeoutError:
        reason, detail = (TOO_SLOW, f"more than {order.limits.total_s:g} s") if work.is_begun else (TIMEOUT, "")
    finally:
        work.close()
    return work.conclude(reason, detail, loop.time() - started)


class _Fetch:
    """One reading of one device."""

    def __init__(
        self, poller: Poller, profiles: ProfileSet, order: Layer2Order,
        wait_turn: Callable[[], Awaitable[None]] | None,
    ) -> None:  # fmt: skip
        self._poller, self._profiles, self._order, self._wait_turn = poller, profiles, order, wait_turn
        self._asker: Asker | None = None
        self._counted: list[Session] = []
        self._profile: Profile = profiles.generic
        self._scalars: dict[str, Value] = {}
        self._done: set[str] = set()
        self._silent = 0
        self._found = Gathered(Ports.of(order.ports))

    @property
    def is_begun(self) -> bool:
        """Whether the device has answered at all."""
        return bool(self._scalars)

    async def read(self) -> None:
        order, limits = self._order, self._order.limits
        session = await self._open(order.credential)
        asker = Asker(session, order.patience, Pace(), limits.most_rows, limits.table_s, self._wait_turn)
        self._asker = asker
        self._scalars = await get_all(session, _SCALARS, order.patience)
        chosen = self._profiles.profiles.get(order.profile)
        self._profile = chosen or identify(self._profiles, self._scalars)[0]
        self._know_own()
        asker.pace.repetitions = self._profile.quirks.repetitions or asker.pace.repetitions
        await self._base_ports()
        steps = (self._vlans, self._forwarding, self._neighbours, self._arp, self._stations)
        for name, step in zip(("vlans", "fdb", "neighbours", "arp", "stations"), steps, strict=True):
            await step()
            self._done.add(name)

    def _know_own(self) -> None:
        """The device's own addresses, as far as its scalars and ports tell them."""
        found, scalars = self._found, self._scalars
        base = bridge.bridge_mac(scalars.get(bridge.BASE_MAC))
        found.chassis_mac = mac_in(scalars.get(LLDP.chassis_id)) or mac_in(scalars.get(LLDP_V2.chassis_id)) or base
        found.own = {base, found.chassis_mac, *found.ports.own_macs()} - {""}

    async def _open(self, credential: SnmpCredential) -> Session:
        session = await self._poller.open_session(
            self._order.target, credential, DeviceState(), self._order.patience
        )
        self._counted.append(session)
        return session

    async def _table(self, name: str, oids: Sequence[str], asker: Asker | None = None) -> TableRead:
        """The columns; what is lacking of them is noted under the report's `name` ("" notes nothing)."""
        asker = asker or self._asker
        assert asker is not None
        if any(is_under(oids[0], root) for root in self._profile.quirks.skip):
            read = TableRead(reason=SKIPPED, detail=oids[0])
        else:
            read = await read_table(asker, oids)
            is_silent = read.reason in (TIMEOUT, TOO_SLOW) and not any(read.columns.values())
            self._silent = self._silent + 1 if is_silent else 0
        if read.reason and name:
            self._found.lacks(name, read.reason, read.detail)
        if self._silent >= _SILENT_TABLES:
            raise Failure(TIMEOUT, f"no more answers from {oids[0]} on")
        return read

    async def _base_ports(self) -> None:
        read = await self._table("fdb", (bridge.BASE_PORTS,))
        self._found.ports = replace(self._found.ports, bridge=bridge.base_ports(read.column(bridge.BASE_PORTS)))

    async def _vlans(self) -> None:
        names = await self._table("vlans", (vlans.STATIC_NAME,))
        of_fid = await self._table("vlans", (bridge.VLAN_FDB,))
        self._found.fid_vlans = bridge.fid_vlans(of_fid.column(bridge.VLAN_FDB))
        others = sorted({vlan for found in self._found.fid_vlans.values() for vlan in found})
        self._found.vlans = vlans.static_vlans(names.column(vlans.STATIC_NAME), others)
        if not self._found.vlans and self._is_of("1.3.6.1.4.1.2011"):
            own = await self._table("vlans", tuple(vlans.HUAWEI.values()))
            self._found.vlans = vlans.huawei_vlans(own.columns)
        if not self._found.vlans:
            vtp = await self._table("vlans", tuple(vlans.VTP.values()))
            self._found.vlans = self._found.vtp = vlans.vtp_vlans(vtp.columns)

    async def _forwarding(self) -> None:
        await self._rows_of_bridge()
        found = self._found
        async for rows in slices(found.forwarding):
            found.own |= bridge.own_macs(rows)
        own = frozenset(found.own)
        async for rows in slices(found.forwarding):
            bridge.add_places(found.places, rows, found.ports, own)

    async def _rows_of_bridge(self) -> None:
        found = self._found
        read = await self._table("fdb", (bridge.Q_FDB_PORT, bridge.Q_FDB_STATUS))
        if column := read.column(bridge.Q_FDB_PORT):
            known = frozenset(vlan.id for vlan in found.vlans)
            of_vlan = bridge.VlanMap(found.fid_vlans, {}, known)
            if not of_vlan.is_certain({index[0] for index in column if index}):
                untagged = await self._table("", (bridge.PVID,))
                of_vlan = bridge.VlanMap(found.fid_vlans, bridge.port_vlans(untagged.column(bridge.PVID)), known)
            status = read.column(bridge.Q_FDB_STATUS)
            async for rows in slices(column.items()):
                found.forwarding += bridge.q_rows(rows, status, found.ports, of_vlan)
            return
        read = await self._table("fdb", (bridge.FDB_PORT, bridge.FDB_STATUS))
        async for rows in slices(read.column(bridge.FDB_PORT).items()):
            found.forwarding += bridge.bridge_rows(rows, read.column(bridge.FDB_STATUS), found.ports)
        if found.vtp:
            await self._each_vlan(read)

    async def _each_vlan(self, first: TableRead) -> None:
        """Cisco keeps a forwarding table for each VLAN behind a community of its own."""
        found, order, limits = self._found, self._order, self._order.limits
        if order.credential.version == "3":
            found.limits.append(cisco.NO_CONTEXTS)
            return
        access = await self._table("", (cisco.ACCESS_VLAN,))
        wanted = cisco.most_used(found.vtp, access.column(cisco.ACCESS_VLAN))
        if len(wanted) > limits.most_vlans:
            found.limits.append(f"{cisco.TOO_MANY_VLANS} {len(wanted)}, the first {limits.most_vlans} are read")
        collected: list[bridge.Forwarding] = []
        for number, vlan in enumerate(wanted[: limits.most_vlans]):
            rows = await self._one_vlan(vlan, first, is_first=number == 0)
            if rows is None:
                return
            collected += rows
        found.forwarding = cisco.joined(found.forwarding, collected)

    async def _one_vlan(self, vlan: int, first: TableRead, is_first: bool) -> list[bridge.Forwarding] | None:
        """The rows of one VLAN's table; None where asking for VLANs is of no use."""
        found, order, limits = self._found, self._order, self._order.limits
        patience = replace(order.patience, retries=min(order.patience.retries, 1)) if is_first else order.patience
        session = await self._open(of_vlan(order.credential, vlan))
        asker = Asker(session, patience, Pace(), limits.most_rows, limits.table_s, self._wait_turn)
        read = await read_table(asker, (bridge.FDB_PORT, bridge.FDB_STATUS))
        if read.reason == TIMEOUT and is_first:
            found.limits.append(f"{cisco.SILENT} {vlan}")  # the device keeps its tables to itself
            return None
        if read.reason:
            found.lacks("fdb", read.reason, f"VLAN {vlan}")
        column, ports = read.column(bridge.FDB_PORT), found.ports
        if vlan != 1 and column and column == first.column(bridge.FDB_PORT):
            found.limits.append(f"{cisco.SAME_FOR_ALL} {vlan}")  # not a table of this VLAN: the suffix is ignored
            return None
        if column:
            base = await read_table(asker, (bridge.BASE_PORTS,))
            ports = replace(ports, bridge=bridge.base_ports(base.column(bridge.BASE_PORTS)) or ports.bridge)
        rows: list[bridge.Forwarding] = []
        async for some in slices(column.items()):
            rows += bridge.bridge_rows(some, read.column(bridge.FDB_STATUS), ports, vlan)
        session.close()
        return rows

    async def _neighbours(self) -> None:
        found = self._found
        found.heard += await self._lldp(LLDP)
        if not found.heard and LLDP_V2.chassis_id in self._scalars:  # who speaks both tells the same twice
            found.heard += await self._lldp(LLDP_V2)
        cdp = await self._table("neighbours", tuple(CDP.values()))
        found.heard += cdp_neighbours(cdp.columns, found.ports)
        if self._is_of("1.3.6.1.4.1.14988"):
            mndp = await self._table("neighbours", tuple(MNDP.values()))
            found.heard += mndp_neighbours(mndp.columns, found.ports)

    async def _lldp(self, mib: LldpMib) -> list[Heard]:
        remote = await self._table("neighbours", tuple(mib.remote.values()))
        if not any(remote.columns.values()):
            return []
        columns = dict(remote.columns)
        if not mib.numbers_are_indexes:
            columns |= await self._local_ports(mib, columns)
        columns |= (await self._table("", (mib.addresses,))).columns
        return lldp_neighbours(mib, columns, self._found.ports)

    async def _local_ports(self, mib: LldpMib, remote: Mapping[str, Column]) -> dict[str, Column]:
        """The rows of the local port table that remote rows speak of: few of a switch's ports have a neighbour."""
        assert self._asker is not None
        numbers = sorted({index[1] for column in remote.values() for index in column if len(index) == mib.index_size})
        oids = {f"{oid}.{number}": (oid, number) for number in numbers[:_MOST_NEIGHBOURS] for oid in mib.local.values()}
        columns: dict[str, Column] = {oid: {} for oid in mib.local.values()}
        try:
            values = await get_all(self._asker.session, oids, self._order.patience)
        except Failure:
            return columns  # the numbers alone must do
        for oid, value in values.items():
            if oid in oids:
                column, number = oids[oid]
                columns[column][number,] = value
        return columns

    async def _arp(self) -> None:
        found = self._found
        old = await self._table("arp", (arp.OLD_MAC, arp.OLD_TYPE))
        new = await self._table("arp", (arp.NEW_MAC, arp.NEW_TYPE, arp.NEW_STATE))
        own = await self._table("", (arp.OWN_OLD,))
        found.own_addresses = arp.own_addresses(own.column(arp.OWN_OLD))
        async for some in slices(new.column(arp.NEW_MAC).items()):
            rows = arp.new_rows(some, new.column(arp.NEW_TYPE), new.column(arp.NEW_STATE))
            arp.add_rows(found.arp, rows, found.ports)
        async for some in slices(old.column(arp.OLD_MAC).items()):
            arp.add_rows(found.arp, arp.old_rows(some, old.column(arp.OLD_TYPE)), found.ports)

    async def _stations(self) -> None:
        for family in stations.FAMILIES:
            if not self._is_of(*family.enterprises):
                continue
            columns: dict[str, Column] = {}
            for oids in family.tables:
                read = await self._table("stations", oids)
                columns |= read.columns
                if not any(read.columns.values()):
                    break
            self._found.stations += family.stations(columns, self._found.ports)

    def _is_of(self, *enterprises: str) -> bool:
        own = sysobjectid_of(self._scalars)
        return any(own == one or own.startswith(one + ".") for one in enterprises)

    def close(self) -> None:
        for session in self._counted:
            session.close()

    def conclude(self, reason: str, detail: str, seconds: float) -> Layer2Reading:
        """The report of what has come, and what is missing of it."""
        found, scalars = self._found, self._scalars
        missing = [name for name in TABLES if name not in self._done or name in found.missing]
        troubles = [*found.missing.items(), *(("", one) for one in found.limits)]
        if reason == OK and troubles:
            reason, _, detail = troubles[0][1].partition(" ")
        root = bridge.root_port(scalars.get(bridge.STP_ROOT_PORT), found.ports)
        return Layer2Reading(
            report=Layer2Report(
                neighbours=tuple(one.seen for one in found.heard),
                fdb=tuple(found.places.values()), arp=tuple(found.arp.values()),
                stations=tuple(found.stations), vlans=tuple(found.vlans), own_macs=tuple(sorted(found.own)),
                chassis_mac=found.chassis_mac, root_part=found.ports.part(root),
                own_addresses=found.own_addresses, missing=tuple(missing), reason=reason, detail=detail,
            ),
            ports=found.ports, heard=tuple(found.heard), forwarding=tuple(found.forwarding),
            troubles=tuple(troubles),
            requests=sum(one.counts.requests for one in self._counted),
            timeouts=sum(one.counts.timeouts for one in self._counted), seconds=seconds,
        )  # fmt: skip
