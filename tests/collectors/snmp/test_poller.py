"""Polls over real UDP against an agent that does each wrong thing: a named reason, and nothing else disturbed."""

from __future__ import annotations

import asyncio

import pytest

from collectors.snmp import DeviceState, Patience, Poller, PollPlan, Survey, Target, community
from collectors.snmp.reasons import REASONS
from tests.collectors.snmp.agents import (
    PUBLIC,
    QUICK,
    Faults,
    agent_of,
    plan_of,
    serve,
    survey_of,
    switch,
    target_of,
    values_of,
)
from tests.waiting import wait_until_async

PORT_1_IN = ("if_in_octets_total", "if:Gi0/1")
PATIENT = Patience(timeout_s=1.0)  # this machine may be busy
VERSIONS = pytest.mark.parametrize("version", ["1", "2c"])


class Device:
    """A fake switch, surveyed while it was well, and its poller."""

    def __init__(self, version: str = "2c", text: str = "") -> None:
        self.agent = agent_of(text or switch())
        self.credential = community(version=version)
        self.state = DeviceState()
        self.now = 1_000_000.0
        self.poller = Poller(lambda: self.now)
        self.found: Survey
        self.plan: PollPlan

    async def __aenter__(self) -> Device:
        self.server = serve(self.agent).start()
        self.target = target_of(self.server)
        try:
            self.found = await survey_of(self.target, self.credential, PATIENT)
        except BaseException:
            self.server.stop()
            raise
        self.plan = plan_of(self.found)
        return self

    async def __aexit__(self, *error: object) -> None:
        self.poller.close()
        self.server.stop()

    async def poll(self, patience: Patience | None = None):
        chosen = patience or (QUICK if self.agent.faults.is_silent else PATIENT)
        result = await self.poller.poll(self.target, self.credential, self.plan, self.state, chosen)
        assert result.reason in REASONS
        return result

    def values(self, result) -> dict[tuple[str, str], float]:
        return values_of(self.found, result)


@VERSIONS
async def test_a_healthy_switch(version: str) -> None:
    async with Device(version) as device:
        result = await device.poll()
        values = device.values(result)
        assert result.reason == "ok" and result.is_answered and not result.dropped
        assert values[PORT_1_IN] == 10**12
        assert values["if_oper_up", "if:Gi0/1"] == 0 and values["if_oper_up", "if:Gi0/2"] == 1
        assert values["if_speed_bits_per_second", "if:Gi0/3"] == 1e9
        assert result.batch.uptime == 5_000.0 and len(device.plan.series) == len(values)
        assert result.timing.requests >= 1 and result.timing.timeouts == 0 and result.timing.seconds > 0


async def test_the_chunk_grows_and_is_remembered() -> None:
    async with Device() as device:
        first = await device.poll()
        second = await device.poll()
        assert second.timing.requests < first.timing.requests or first.timing.requests == 1
        assert second.chunk >= first.chunk > 16


@VERSIONS
@pytest.mark.parametrize(
    ("faults", "reason", "words"),
    [
        (Faults(is_silent=True), "timeout", ""),
        (Faults(truncate_to=60), "malformed", "cut off"),
        (Faults(is_garbage=True), "malformed", ""),
        (Faults(wrong_request_id=True), "malformed", "other numbers"),
    ],
)
async def test_nothing_usable(version: str, faults: Faults, reason: str, words: str) -> None:
    async with Device(version) as device:
        device.agent.faults = faults
        result = await device.poll(QUICK)
        assert (result.reason, result.is_answered) == (reason, False) and words in result.detail
        device.agent.faults = Faults()
        again = await device.poll()
        assert again.reason == "ok" and again.timing.requests <= 2  # trouble of a dead device teaches nothing of sizes


@VERSIONS
@pytest.mark.parametrize(
    "faults", [Faults(truncate_to=300), Faults(max_varbinds=5), Faults(max_bytes=150), Faults(max_varbinds=1)]
)
async def test_small_answers_only(version: str, faults: Faults) -> None:
    """Truncation, tooBig: the question shrinks until it fits, and the size is remembered."""
    async with Device(version) as device:
        device.agent.faults = faults
        first, second = await device.poll(), await device.poll()
        assert first.reason == second.reason == "ok"
        assert device.values(first) == device.values(second) and len(device.values(second)) == len(device.plan.series)
        assert second.timing.requests < first.timing.requests and second.timing.timeouts == 0


async def test_larger_questions_are_tried_again_later() -> None:
    async with Device() as device:
        device.agent.faults = Faults(max_varbinds=5)
        await device.poll()
        small = device.state.ceiling
        device.agent.faults = Faults()
        for _ in range(25):
            await device.poll()
        assert device.state.ceiling > small


async def test_a_damaged_reply_costs_only_its_own_values() -> None:
    async with Device() as device:
        whole = device.values(await device.poll())
        device.state = DeviceState()
        device.agent.faults = Faults(is_malformed=True)
        result = await device.poll()
        assert result.reason == "malformed"
        assert all(whole[key] == value for key, value in device.values(result).items() if "octets" not in key[0])


async def test_text_instead_of_numbers() -> None:
    async with Device() as device:
        device.agent.faults = Faults(wrong_type=True)
        first, second = await device.poll(), await device.poll()
        assert PORT_1_IN not in device.values(first)
        assert {one.reason for one in first.dropped} == {"wrong_type"} and not second.dropped  # told once


async def test_lost_datagrams_are_asked_again() -> None:
    async with Device() as device:
        device.agent.faults = Faults(drop_ratio=0.3)
        results = [await device.poll(Patience(timeout_s=0.08, retries=6)) for _ in range(5)]
        assert {result.reason for result in results} == {"ok"}
        assert sum(result.timing.timeouts for result in results) > 0


async def test_an_answer_to_an_earlier_try_counts() -> None:
    """A device that takes longer than the first wait is read, and its pace is learned."""
    async with Device() as device:
        device.agent.faults = Faults(late_s=0.4)
        first, second = [await device.poll(Patience(timeout_s=0.25, retries=2)) for _ in range(2)]
        assert first.reason == second.reason == "ok" and len(device.values(first)) == len(device.plan.series)
        assert first.timing.timeouts > 0 and second.timing.timeouts == 0


async def test_an_answer_after_the_end_is_too_late() -> None:
    async with Device() as device:
        device.agent.faults = Faults(late_s=0.8)
        first = await device.poll(QUICK)
        assert first.reason == "timeout"
        await wait_until_async(lambda: device.state.late_s > 0, 5, "the late answer is noticed")
        second = await device.poll(QUICK)
        assert second.reason == "too_late" and "answer came" in second.detail


async def test_nothing_listens() -> None:
    async with Device() as device:
        device.server.stop()
        device.server = serve(device.agent).start()
        result = await device.poll()
        assert result.reason == "unreachable" and "refused" in result.detail
        assert result.timing.timeouts == 0


async def test_a_wrong_community_looks_like_silence_and_says_so() -> None:
    async with Device() as device:
        device.credential = community("secret-community")
        result = await device.poll(QUICK)
        assert result.reason == "timeout" and "community" in REASONS["timeout"][0]
        assert "secret-community" not in repr(result) + repr(device.credential)


async def test_a_slow_device_keeps_what_arrived() -> None:
    async with Device(text=switch(40)) as device:
        device.agent.faults = Faults(late_s=0.1)
        result = await device.poll(Patience(timeout_s=1.0, retries=1, budget_s=0.25, max_reply_bytes=400))
        assert result.reason == "too_slow" and 0 < len(device.values(result)) < len(device.plan.series)
        assert "of" in result.detail


async def test_a_device_that_falls_silent_in_the_middle() -> None:
    async with Device(text=switch(40)) as device:
        original = device.agent.answer
        count = iter(range(100))
        device.agent.answer = lambda data: original(data) if next(count) < 2 else None
        result = await device.poll(QUICK)
        assert result.reason == "too_slow" and "no more answers" in result.detail and result.is_answered


async def test_renaming_is_told_once_and_asks_for_a_survey() -> None:
    async with Device() as device:
        await device.poll()
        device.agent.load(agent_of(switch(name="sw-2"))._variables)
        renamed, after = await device.poll(), await device.poll()
        assert (renamed.reason, renamed.detail, renamed.needs_survey) == ("renamed", "sw-1 -> sw-2", True)
        assert renamed.is_answered and renamed.sysname == "sw-2"
        assert after.reason == "ok" and not after.needs_survey


async def test_renumbering_gives_no_wrong_sample_and_keeps_the_series() -> None:
    async with Device() as device:
        await device.poll()
        keys = [port.key for port in device.found.interfaces]
        lines = switch(uptime=100).replace("|Gi0/", "|Gj0/")  # names change places: Gi0/1 now stands at index 2...
        for old, new in ((1, 4), (2, 3), (3, 2), (4, 1)):
            lines = lines.replace(f"|Gj0/{old}", f"|Gi0/{new}")
        device.agent.load(agent_of(lines)._variables)
        result = await device.poll()
        assert (result.reason, result.needs_survey) == ("renumbered", True) and "Gi0/1 -> Gi0/4" in result.detail
        assert not any(part.startswith("if:") for _, part in device.values(result))
        again = await survey_of(device.target)
        assert sorted(port.key for port in again.interfaces) == sorted(keys)
        assert {port.key: port.index for port in again.interfaces}["Gi0/4"] == 1


async def test_ports_that_are_all_gone_stand_elsewhere() -> None:
    """Without ifTableLastChange, with as many ports as before and without a restart: the values alone tell it."""
    async with Device() as device:
        await device.poll()
        device.agent.load(agent_of(switch(first_index=10_001))._variables)
        result = await device.poll()
        assert (result.reason, result.needs_survey) == ("renumbered", True) and "Gi0/1 -> -" in result.detail


async def test_a_port_that_is_gone_asks_for_a_survey_only() -> None:
    async with Device() as device:
        await device.poll()
        lines = [line for line in switch().splitlines() if line.startswith("1.3.6.1.2.1.2.1.0")
                 or not line.split("|")[0].endswith(".4")]  # fmt: skip
        device.agent.load(agent_of("\n".join(lines))._variables)
        result = await device.poll()
        assert (result.reason, result.needs_survey) == ("ok", True)


async def test_a_restart_resets_the_counters() -> None:
    async with Device() as device:
        await device.poll()
        device.agent.load(agent_of(switch(uptime=100))._variables)
        result = await device.poll()
        assert result.reason == "rebooted" and result.batch.is_reset and result.batch.uptime == 1.0


async def test_our_clock_jumps() -> None:
    async with Device() as device:
        await device.poll()
        device.now += 7_200
        result = await device.poll()
        assert result.reason == "clock_jump" and "+7200 s" in result.detail
        assert (await device.poll()).reason == "ok"


async def test_a_v1_agent_that_lost_a_port() -> None:
    """noSuchName names one variable of the request: it is left out from then on, everything else is read."""
    async with Device("1") as device:
        gone = [v for v in agent_of(switch())._variables if not (len(v.oid) == 11 and v.oid[-1] == 3)]
        device.agent.load(gone)
        first, second = await device.poll(), await device.poll()
        values = device.values(second)
        assert ("if_in_errors_total", "if:Gi0/3") not in values and PORT_1_IN in values
        assert second.timing.requests < first.timing.requests


async def test_a_device_without_uptime_is_read() -> None:
    lines = "\n".join(line for line in switch().splitlines() if not line.startswith("1.3.6.1.2.1.1."))
    async with Device(text=lines) as device:
        assert not device.plan.has_uptime
        result = await device.poll()
        assert result.reason == "ok" and result.batch.uptime is None and device.values(result)[PORT_1_IN] == 10**12


async def test_cancellation_is_not_swallowed_and_leaves_nothing_open() -> None:
    async with Device() as device:
        device.agent.faults = Faults(is_silent=True)
        task = asyncio.ensure_future(device.poll(Patience(timeout_s=30)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_one_dead_device_does_not_hold_up_others() -> None:
    async with Device() as dead, Device() as alive:
        dead.agent.faults = Faults(is_silent=True)
        slow = asyncio.ensure_future(dead.poll(Patience(timeout_s=2.0, retries=2)))
        quick = await asyncio.gather(*(alive.poll() for _ in range(5)))
        assert {result.reason for result in quick} == {"ok"} and not slow.done()
        slow.cancel()


async def test_many_results_of_one_poll_share_arrays_and_templates() -> None:
    async with Device() as device:
        assert device.plan.template is plan_of(device.found).template or len(device.plan.template) == len(device.plan)
        first, second = await device.poll(), await device.poll()
        assert first.batch.series is second.batch.series is device.plan.series


async def test_an_address_that_cannot_be_reached() -> None:
    poller = Poller(lambda: 0.0)
    async with Device() as device:
        result = await poller.poll(Target("127.0.0.1", 1), PUBLIC, device.plan, DeviceState(), QUICK)
        assert result.reason == "unreachable"
