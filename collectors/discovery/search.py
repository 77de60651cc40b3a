"""A whole search: ping sweep, then SNMP to whatever answered (and to addresses named one by one), with progress."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from collectors.discovery.identify import Identified, identify_address
from collectors.discovery.targets import Place
from collectors.names import Names, is_address
from collectors.ping import PingRefused, sweep
from collectors.profiles import ProfileSet
from collectors.snmp import Poller, Target
from collectors.store import Found, Progress
from core import OutsideFailure
from inventory import SnmpCredential

log = structlog.get_logger(__name__)

NAME_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Candidate:
    """A credential to try: an id of the inventory, or sealed because it was typed in."""

    credential: SnmpCredential
    credential_id: int | None = None
    sealed: str = ""


@dataclass(slots=True)
class SearchTools:
    """What a search works with; all its limits."""

    profiles: ProfileSet
    poller: Poller
    names: Names
    at_once: int = 64
    packets_per_second: float = 500.0  # gentle: a sweep meets small routers' ARP tables


@dataclass(slots=True)
class SearchState:
    """Where a search stands; `stop` makes it end at its next step with what it has."""

    progress: Progress
    stop: bool = False
    note: str = ""


Report = Callable[[SearchState, Sequence[Found]], None]


async def search(
    places: Sequence[Place], candidates: Sequence[Candidate], tools: SearchTools, report: Report
) -> SearchState:
    """Search the places; `report` gets progress and new finds as they come and may set `stop`.

    Without the right to ping, every address is asked over SNMP instead (`note` "no_permission").
    """
    state = SearchState(Progress(total=len(places)))
    rtts = await _sweep(places, tools, state, report)
    alone = [place for place in places if not place.is_sweepable or place.address in rtts or state.note]
    state.progress = Progress(len(places), len(places) - len(alone), len(rtts), 0)
    report(state, ())
    waiting = iter(alone)

    async def work() -> None:
        for place in waiting:
            if state.stop:
                return
            found = await _look(place, candidates, tools, rtts.get(place.address))
            done = state.progress
            is_new = found is not None and found.rtt_s is None
            state.progress = Progress(
                done.total,
                done.asked + 1,
                done.answered + is_new,
                done.identified + (found is not None and found.reason == "ok"),
            )
            report(state, () if found is None else (found,))

    async with asyncio.TaskGroup() as group:
        for _ in range(min(tools.at_once, len(alone))):
            group.create_task(work())
    return state


async def _sweep(places: Sequence[Place], tools: SearchTools, state: SearchState, report: Report) -> dict[str, float]:
    addresses = list(dict.fromkeys(place.address for place in places if is_address(place.address)))
    loop = asyncio.get_running_loop()
    is_over = False

    def told(asked: int) -> None:
        loop.call_soon_threadsafe(step, asked)

    def step(asked: int) -> None:
        # Half of the bar is the sweep's, and its second try asks the silent again.
        if not is_over:
            done = min(asked, len(addresses)) // 2
            state.progress = Progress(state.progress.total, done, 0, 0)
            report(state, ())

    try:
        return await asyncio.to_thread(
            sweep,
            addresses,
            packets_a_second=tools.packets_per_second,
            on_progress=told,
            is_cancelled=lambda: state.stop,
        )
    except PingRefused as refusal:
        state.note = refusal.reason
        return {}
    except asyncio.CancelledError:
        state.stop = True
        raise
    finally:
        is_over = True


async def _look(place: Place, candidates: Sequence[Candidate], tools: SearchTools, rtt_s: float | None) -> Found | None:
    """One address: what it is, or that only ping answers; None when nothing does."""
    try:
        address = (await tools.names.resolve(place.address))[0]
    except OutsideFailure as failure:
        return Found(place.address, place.port, failure.reason) if not place.is_sweepable else None
    try:
        said = await identify_address(
            Target(address, place.port), [one.credential for one in candidates], tools.profiles, tools.poller
        )
    except Exception:
        log.exception("identifying an address failed inside EduNOC", address=place.address)
        said = Identified("internal_error")
    if not said.is_ok:
        reason = "no_snmp_answer" if said.reason in ("timeout", "unreachable") else said.reason
        is_there = rtt_s is not None or reason != "no_snmp_answer"
        return Found(place.address, place.port, reason, rtt_s, place.address) if is_there else None
    chosen = candidates[said.credential or 0]
    facts = said.facts
    return Found(
        place.address,
        place.port,
        "ok",
        rtt_s,
        name=(facts.get("sysname") or place.address)[:NAME_LIMIT],
        kind=said.kind,
        vendor=facts.get("vendor", ""),
        model=facts.get("model", ""),
        profile=said.profile,
        facts=facts,
        credential_id=chosen.credential_id,
        sealed=chosen.sealed,
    )
