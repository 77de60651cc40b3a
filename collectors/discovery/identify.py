"""Asks one address over SNMP who it is, with several credentials in order: a few scalars, no walks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from collectors.profiles import Profile, ProfileSet
from collectors.snmp import DeviceState, Failure, Patience, Poller, Target
from collectors.snmp.collect import SYSTEM, Collected, wanted_scalars
from collectors.snmp.facts import facts_of, identify
from collectors.snmp.walk import get_all
from inventory import SnmpCredential

DEADLINE_S = 20.0
# A wrong community is answered by silence: each one costs its timeouts, so they are short.
PATIENCE = Patience(timeout_s=1.0, retries=1, budget_s=10.0)


@dataclass(frozen=True, slots=True)
class Identified:
    """What an address said. `credential` is the number of the one that worked; None: see `reason`."""

    reason: str
    credential: int | None = None
    profile: str = ""
    kind: str = "other"
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_ok(self) -> bool:
        """Whether the device told who it is."""
        return self.credential is not None


async def identify_address(
    target: Target, credentials: Sequence[SnmpCredential], profiles: ProfileSet, poller: Poller,
    patience: Patience = PATIENCE,
) -> Identified:  # fmt: skip
    """Try the credentials in order until one is answered. Never raises for anything the device or the network does.

    An unreachable port ends the search at once; of several failures the most telling one is given.
    """
    worst = Identified("timeout")
    for number, credential in enumerate(credentials):
        try:
            async with asyncio.timeout(DEADLINE_S):
                found = await _ask(target, credential, profiles, poller, patience)
        except Failure as failure:
            if failure.reason == "unreachable":
                return Identified(failure.reason)
            if failure.reason != "timeout":
                worst = Identified(failure.reason)
            continue
        except TimeoutError:
            continue
        if found is not None:
            profile, facts = found
            return Identified("ok", number, profile.name, facts.pop("kind"), facts)
        worst = Identified("no_access")
    return worst


async def _ask(
    target: Target, credential: SnmpCredential, profiles: ProfileSet, poller: Poller, patience: Patience
) -> tuple[Profile, dict[str, str]] | None:
    session = await poller.open_session(target, credential, DeviceState(), patience)
    try:
        scalars = await get_all(session, SYSTEM, patience)
        if not scalars:
            return None
        profile, _ = identify(profiles, scalars)
        more = [oid for oid in wanted_scalars(profile) if oid not in scalars]
        with suppress(Failure):  # the device is known well enough; its first survey asks again
            scalars.update(await get_all(session, more, patience) if more else {})
        facts = facts_of(profiles, profile, Collected(scalars=scalars))
        return profile, {name: text for name, text in facts.items() if text}
    finally:
        session.close()

