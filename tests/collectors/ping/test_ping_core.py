"""The ping plane's decisions, played through by a simulated network: time is an argument, nothing is sent."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.ping import core
from collectors.ping.core import DOWN, NEVER, SUSPECT, UNKNOWN, UP, Connection, PingRules, PingTable, Transition

RULES = PingRules()
TICK = 0.05


class Simulation:
    """Targets answer in 5 ms while `answers(row, now)` says so; else the packet is lost after the timeout."""

    def __init__(
        self, size: int, answers: Callable[[int, float], bool], gateway: Callable[[float], bool] | None = None
    ) -> None:
        self.table = PingTable.empty(size, 0.0)
        self.table.due_at[:] = core.spread_slots(size, 0.0, RULES)
        self.answers, self.gateway, self.now = answers, gateway, 0.0
        self.gateway_answer = NEVER
        self.flying: list[tuple[float, int, float]] = []
        self.changes: list[Transition] = []
        self.sent: list[tuple[float, int]] = []

    def run(self, until: float) -> "Simulation":
        while self.now < until:
            self.step()
        return self

    def step(self) -> None:
        now = self.now
        rows = core.due(self.table, now, 10_000)
        for row in rows.tolist():
            is_answer = self.answers(row, now)
            self.flying.append((now + (0.005 if is_answer else RULES.timeout), row, 0.005 if is_answer else np.nan))
            self.sent.append((now, row))
        core.mark_sent(self.table, rows, now, RULES)
        done = [one for one in self.flying if one[0] <= now]
        self.flying = [one for one in self.flying if one[0] > now]
        core.record(
            self.table, np.array([d[1] for d in done], np.intp), np.array([d[2] for d in done], float), now, RULES
        )
        if self.gateway is not None and self.gateway(now):
            self.gateway_answer = now
        link = core.connection_of(self.table, self.gateway_answer, 0.0)
        self.changes += core.judge(self.table, link, now, RULES)
        self.now += TICK

    def path(self, row: int) -> list[str]:
        return [core.STATES[one.after] for one in self.changes if one.row == row]

    def when(self, row: int, state: int) -> float:
        return next(one.at for one in self.changes if one.row == row and one.after == state)


def test_everybody_answers_everybody_is_up_within_one_round():
    world = Simulation(40, lambda row, now: True).run(11)
    assert (world.table.state == UP).all()
    assert len(world.changes) == 40
    assert core.loss_ratio(world.table).max() == 0


@pytest.mark.parametrize("fails_at", [20.0, 21.7, 24.4, 27.3, 29.95])
def test_dead_target_is_down_within_twenty_seconds_wherever_in_the_round_it_dies(fails_at):
    world = Simulation(40, lambda row, now: row != 7 or now < fails_at).run(60)
    assert world.path(7) == ["up", "suspect", "down"]
    assert world.when(7, DOWN) - fails_at <= 20.0
    assert (np.delete(world.table.state, 7) == UP).all()


def test_two_lost_packets_make_a_suspect_and_an_answer_clears_it():
    world = Simulation(20, lambda row, now: row != 3 or not 20 <= now < 28).run(50)
    assert world.path(3) == ["up", "suspect", "up"]


def test_one_lost_packet_changes_no_state():
    lost = []

    def answers(row: int, now: float) -> bool:
        if row == 3 and now >= 20 and not lost:
            lost.append(now)
            return False
        return True

    world = Simulation(20, answers).run(50)
    assert world.path(3) == ["up"]
    assert core.loss_ratio(world.table)[3] > 0


def test_dead_target_needs_two_answers_to_be_up_and_gets_them_one_second_apart():
    world = Simulation(20, lambda row, now: row != 3 or not 20 <= now < 60).run(90)
    assert world.path(3) == ["up", "suspect", "down", "up"]
    answers = [at for at, row in world.sent if row == 3 and at >= 60]
    assert world.when(3, DOWN) < 40
    back = next(one.at for one in world.changes if one.row == 3 and one.after == UP and one.at > 50)
    assert back - 60 <= 12
    assert answers[1] - answers[0] == pytest.approx(1.0, abs=0.1)


def test_our_own_line_gone_is_unknown_for_all_and_down_for_none():
    world = Simulation(200, lambda row, now: now < 30, gateway=lambda now: now < 30).run(80)
    assert (world.table.state == UNKNOWN).all()
    assert (world.table.reason == core.COLLECTOR_CUT_OFF).all()
    assert not [one for one in world.changes if one.after == DOWN]


def test_after_our_own_line_is_back_the_living_are_up_and_the_dead_are_down():
    def answers(row: int, now: float) -> bool:
        return (now < 30 or now >= 90) and not (row == 5 and now >= 30)

    world = Simulation(50, answers, gateway=lambda now: now < 30 or now >= 90).run(130)
    assert world.table.state[5] == DOWN
    assert (np.delete(world.table.state, 5) == UP).all()
    assert [one.at >= 90 for one in world.changes if one.after == DOWN] == [True]


def test_gateway_that_answers_proves_that_the_others_are_down():
    world = Simulation(60, lambda row, now: now < 30, gateway=lambda now: True).run(60)
    assert (world.table.state == DOWN).all()
    assert max(one.at for one in world.changes if one.after == DOWN) - 30 <= 20


def test_gateways_that_never_answer_are_no_witnesses():
    world = Simulation(3, lambda row, now: False)
    world.table.is_gateway[1:] = True
    world.run(60)
    assert world.table.state[0] == DOWN


def test_watched_gateway_is_down_while_those_behind_it_are_unknown():
    world = Simulation(20, lambda row, now: now < 30, gateway=lambda now: now < 30)
    world.table.is_gateway[4] = True
    world.run(80)
    assert world.table.state[4] == DOWN
    assert (np.delete(world.table.state, 4) == UNKNOWN).all()


def test_a_target_alone_proves_nothing_about_us_and_is_down():
    world = Simulation(1, lambda row, now: now < 30).run(60)
    assert world.path(0) == ["up", "suspect", "down"]
    assert world.when(0, DOWN) - 30 <= 20


def test_loopback_is_no_witness_of_our_line():
    world = Simulation(2, lambda row, now: row == 1 or now < 30)
    world.table.is_witness[1] = False
    world.run(60)
    assert world.table.state.tolist() == [DOWN, UP]


def test_start_without_a_network_calls_nobody_down():
    world = Simulation(30, lambda row, now: False).run(60)
    assert (world.table.state == UNKNOWN).all()


def test_target_that_never_answered_is_down_when_others_answer():
    world = Simulation(10, lambda row, now: row != 2).run(40)
    assert world.path(2) == ["suspect", "down"]


def test_no_route_and_never_an_answer_is_unknown_with_its_own_reason():
    world = Simulation(10, lambda row, now: row != 2)
    world.table.has_no_route[2] = True
    world.run(40)
    assert (world.table.state[2], world.table.reason[2]) == (UNKNOWN, core.NO_ROUTE)


def test_packets_stay_spread_and_keep_their_phase_without_drift():
    world = Simulation(100, lambda row, now: True).run(101)
    times = [at for at, row in world.sent if row == 42]
    assert np.allclose(np.diff(times), 10.0, atol=2 * TICK)
    assert abs(times[-1] - times[0] - 10 * (len(times) - 1)) <= 2 * TICK
    per_second = np.bincount([int(at) for at, _ in world.sent if 10 <= at < 100], minlength=100)[10:]
    assert per_second.max() <= 16


def test_due_gives_suspects_first_when_the_allowance_is_short():
    table = PingTable.empty(10, 0.0)
    table.quick_left[7] = 3
    assert core.due(table, 1.0, 1).tolist() == [7]


def test_jitter_is_the_mean_difference_of_neighbouring_answers():
    table = PingTable.empty(1, 0.0)
    rtts = [0.010, 0.014, np.nan, 0.011]
    for at, rtt in enumerate(rtts):
        core.record(table, np.array([0]), np.array([rtt]), float(at), RULES)
    assert core.jitter(table)[0] == pytest.approx((0.004 + 0.003) / 2)
    assert core.loss_ratio(table)[0] == pytest.approx(0.25)


def test_no_packet_yet_is_no_loss_and_no_jitter():
    table = PingTable.empty(1, 0.0)
    assert np.isnan(core.loss_ratio(table)[0])
    assert np.isnan(core.jitter(table)[0])


def test_a_late_answer_proves_life_but_stays_lost_in_the_ratio():
    table = PingTable.empty(1, 0.0)
    core.record(table, np.array([0, 0]), np.array([0.1, np.nan]), 1.0, RULES)
    core.revive(table, np.array([0]), 3.0, RULES)
    assert table.lost[0] == 0
    assert core.loss_ratio(table)[0] == 0.5


def test_same_target_twice_in_one_record_is_booked_in_order():
    table = PingTable.empty(2, 0.0)
    core.record(table, np.array([0, 1, 0, 0]), np.array([np.nan, 0.2, np.nan, 0.1]), 1.0, RULES)
    assert table.count.tolist() == [3, 1]
    assert table.lost.tolist() == [0, 0]
    assert table.lost_ring[0, :3].tolist() == [True, True, False]


@given(
    st.lists(st.lists(st.booleans(), min_size=60, max_size=60), min_size=2, max_size=5),
    st.lists(st.booleans(), min_size=60, max_size=60),
)
@settings(max_examples=30, deadline=None)
def test_whatever_is_lost_down_is_said_only_after_seven_losses_in_a_row(seconds, gateway):
    world = Simulation(len(seconds), lambda row, now: seconds[row][int(now) % 60], lambda now: gateway[int(now) % 60])
    streak = np.zeros(len(seconds), int)
    while world.now < 60:
        before = len(world.changes)
        world.step()
        streak = world.table.lost
        for one in world.changes[before:]:
            assert one.before != one.after
            if one.after == DOWN:
                assert one.before == SUSPECT
                assert streak[one.row] >= RULES.lost_to_down
            if one.after == UP:
                assert streak[one.row] == 0


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (Connection(90.0, NEVER, 1), core.CONNECTED),
        (Connection(95.0, 95.0, 5), core.UNCLEAR),
        (Connection(88.0, 88.0, 5), core.CUT_OFF),
        (Connection(88.0, NEVER, 5), core.CUT_OFF),
        (Connection(88.0, NEVER, 2), core.CONNECTED),
        (Connection(97.0, 97.0, 5), core.CONNECTED),
    ],
)
def test_evidence_about_our_own_line(link, expected):
    assert core.evidence(np.array([96.0]), link, 100.0, RULES).tolist() == [expected]
