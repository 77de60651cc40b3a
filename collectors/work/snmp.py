"""The SNMP engine as a Reader: keeps what each device taught (chunk sizes, engine ids), compiles plans off the loop."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from typing import Any

from collectors.profiles import ProfileSet
from collectors.recording import make_bundle, walk_device
from collectors.snmp import (
    DeviceState,
    Failure,
    PackedPlan,
    Patience,
    PlanKeeper,
    Poller,
    PollPlan,
    Survey,
    Target,
    TemplateCache,
    UnknownForm,
    compile_plan,
    read_device,
    survey,
)
from collectors.store.recordings import RecordingResult
from collectors.work.reader import Packed, Polled, Subject, Surveyed
from collectors.work.setting import WorkSetting
from inventory import MonitoredDevice

SURVEY_SLACK_S = 30.0
# Of one table, but worth telling for as long as the survey's plan is used.
DEFECTS = frozenset({"loop", "malformed"})
LEAST_BUDGET_S, MOST_BUDGET_S = 5.0, 60.0


class SnmpReader:
    """One for a worker's loop."""

    def __init__(self, setting: WorkSetting, profiles: ProfileSet) -> None:
        self._setting, self._profiles = setting, profiles
        self._poller = Poller(wall=setting.wall)
        self._cache = TemplateCache()
        self._keeper = PlanKeeper(self._cache)
        self.fingerprint = hashlib.sha256(repr(sorted(profiles.profiles.items())).encode()).hexdigest()
        self._states: dict[int, DeviceState] = {}

    async def survey(self, subject: Subject) -> Surveyed:
        """Walk the device; what it has becomes facts, parts and a plan."""
        device, patience = subject.device, patience_of(subject.device)
        state = self._unread(device.id)
        try:
            async with asyncio.timeout(patience.survey_s + SURVEY_SLACK_S):
                session = await self._poller.open_session(_target(subject), subject.credential, state, patience)
                try:
                    found = await survey(session, self._profiles, patience, device.profile)
                except Failure as failure:
                    raise self._poller.judge_silence(session, state, failure) from None
                finally:
                    session.close()
        except Failure as failure:
            return Surveyed(failure.reason, failure.detail)
        except TimeoutError:
            return Surveyed("timeout")
        if found.reason == "no_access":
            return Surveyed(found.reason, found.detail)
        plan, kept = await self._setting.in_thread(lambda: self._compiled(found, device.id))
        parts = found.parts()
        facts = {**found.inventory_facts, "profile": found.profile.name}
        # An incomplete survey must not mark the parts as vanished that it did not reach.
        kinds = frozenset(part.kind for part in parts) if found.reason == "ok" else frozenset()
        defect = next((one for one in found.dropped if one.reason in DEFECTS), None)
        reason, detail = (defect.reason, f"{defect.oid} {defect.value}") if defect else (found.reason, found.detail)
        # What a survey could not reach is looked for again at the next start
        return Surveyed(reason, detail, plan, kept if found.reason == "ok" else None, facts, parts, kinds)

    def _compiled(self, found: Survey, device_id: int) -> tuple[PollPlan, Packed]:
        plan = compile_plan(found, device_id, self._setting.registry, self._cache)
        packed = self._keeper.pack(plan)
        return plan, Packed(packed.body, packed.pieces)

    def unpack(self, device_id: int, packed: Packed) -> PollPlan | None:
        """The plan, unless its form is of another version or its series are no longer this device's."""
        try:
            plan = self._keeper.unpack(PackedPlan(packed.body, packed.pieces))
        except UnknownForm:
            return None
        registry = self._setting.registry
        series = plan.series
        if len(series) and (series.min() < 0 or series.max() >= len(registry)):
            return None
        return plan if bool((registry.device[series] == device_id).all()) else None

    def _unread(self, device_id: int) -> DeviceState:
        """Nothing is known of the device, but that an answer came too late to the surveys that failed before."""
        state = self._states.get(device_id)
        if state is None or state.seen_mono:
            state = self._states[device_id] = DeviceState()
        state.engine_id = b""
        return state

    async def poll(self, subject: Subject, plan: Any) -> Polled:
        """One reading by plan."""
        device = subject.device
        state = self._states.setdefault(device.id, DeviceState())
        result = await self._poller.poll(_target(subject), subject.credential, plan, state, patience_of(device))
        return Polled(
            result.reason,
            result.detail,
            result.batches,
            result.timing.requests,
            result.timing.seconds,
            result.timing.timeouts,
            result.chunk,
            result.needs_survey,
        )

    async def explain(self, subject: Subject) -> tuple[str, str, str]:
        """A full reading apart from the schedule, as JSON."""
        patience = patience_of(subject.device)
        reading = await read_device(_target(subject), subject.credential, patience, self._profiles, self._poller)
        shown = {**reading.as_json(), "reason": reading.reason, "explanation": reading.explanation}
        return reading.reason, reading.detail, json.dumps(shown, ensure_ascii=False)

    async def record(self, subject: Subject, told: Callable[[int], None]) -> RecordingResult:
        """Walk the whole device slowly, scrub it, and read the scrubbed recording once."""
        device, patience = subject.device, patience_of(subject.device)
        try:
            session = await self._poller.open_session(_target(subject), subject.credential, DeviceState(), patience)
            try:
                walked = await walk_device(session, patience, told)
            finally:
                session.close()
        except Failure as failure:
            return RecordingResult(failure.reason, failure.detail)
        except TimeoutError:
            return RecordingResult("timeout")
        if not walked.variables:
            return RecordingResult(walked.reason if walked.reason != "ok" else "empty", walked.detail)
        bundle = await make_bundle(walked, self._profiles, subject.credential, [device.name, device.address])
        return RecordingResult(
            walked.reason, walked.detail, bundle.name, bundle.kept, bundle.variables, bundle.replaced, bundle.zipped()
        )

    def close(self) -> None:
        """Give up sockets that still listen for late answers."""
        self._poller.close()


def patience_of(device: MonitoredDevice) -> Patience:
    """A device's patience; a whole poll may take half its interval (devices.md section 5)."""
    budget = min(max(device.interval_s / 2, LEAST_BUDGET_S), MOST_BUDGET_S)
    return Patience(
        timeout_s=float(device.timeout_s), retries=device.retries, spacing_s=float(device.spacing_s), budget_s=budget
    )


def _target(subject: Subject) -> Target:
    return Target(subject.address, subject.device.snmp_port)
