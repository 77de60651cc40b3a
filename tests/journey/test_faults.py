"""Breaking the whole running product on real parts: each trouble is named, told once, and disturbs nothing else."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.collectors.snmp.agents import Faults, agent_of, switch
from tests.journey.parts import free_port
from tests.journey.watched import Folder, logged, plain, served, started
from tests.waiting import wait_until

# What stands on the device page: what happened, and what to do next
SAID = {
    "timeout": ("Không có trả lời.", "Kiểm tra community"),
    "unreachable": ("không có dịch vụ nào ở đó", "Kiểm tra địa chỉ và cổng"),
    "malformed": ("Trả lời bị hỏng", "Tìm bản firmware mới hơn"),
    "loop": ("chạy vòng", "Tìm bản firmware mới hơn"),
    "too_late": ("quá thời gian cho phép", "Tăng thời gian chờ"),
    "renamed": ("tự xưng bằng tên khác", "sửa danh mục"),
    "renumbered": ("đánh số lại các cổng", "giữ lịch sử"),
    "clock_jump": ("Đồng hồ bị nhảy", "Kiểm tra đồng bộ thời gian"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A data folder with an administrator and a school."""
    folder = Folder(tmp_path / "data")
    folder.settle()
    return folder


def test_each_bad_answer_is_named_once_and_disturbs_nobody(folder: Folder) -> None:
    agents = {name: agent_of(switch(name=f"sw-{name}")) for name in ("good", "cut", "bad", "loop", "late", "name",
                                                                    "index", "jump")}  # fmt: skip
    agents["wrong"] = agent_of(switch(), community="another")
    agents["cut"].faults = Faults(truncate_to=40)
    agents["bad"].faults = Faults(is_malformed=True)
    agents["loop"].faults = Faults(loops_at=30)
    agents["late"].faults = Faults(late_s=1.2)
    ports = {name: free_port(socket.SOCK_DGRAM) for name in (*agents, "nobody")}
    ids = {name: folder.add_device(f"sw-{name}", port) for name, port in ports.items()}
    expected = {"wrong": "timeout", "nobody": "unreachable", "cut": "malformed", "bad": "malformed", "loop": "loop",
                "late": "too_late", "name": "renamed", "index": "renumbered", "jump": "clock_jump"}  # fmt: skip
    with served({ports[name]: agent for name, agent in agents.items()}), started(folder) as (running, reader):
        for name in ("good", "name", "index", "jump"):
            wait_until(lambda name=name: folder.reason(ids[name]) == "ok", 20, f"{name} is read")
        before = reader.latest(ids["good"])
        agents["name"].load(agent_of(switch(name="sw-other"))._variables)
        agents["index"].load(agent_of(switch(name="sw-index", first_index=101))._variables)
        agents["jump"].load(agent_of(switch(name="sw-jump", uptime=50_000_000))._variables)
        for name, reason in expected.items():
            wait_until(lambda n=name, r=reason: folder.reason(ids[n]) == r, 20, f"{name} is {reason}", every=0.2)
        wait_until(lambda: reader.latest(ids["good"]) > before + 4, 15, "the good one is read all the while", every=0.2)
        for name, reason in expected.items():
            page = plain(reader.get(f"/devices/{ids[name]}"))
            assert all(words in page for words in SAID[reason]), (name, page[:700])
            assert len(logged(running, "device has trouble", id=ids[name], reason=reason)) == 1, name
        assert folder.reason(ids["good"]) == "ok"
        assert not logged(running, "device has trouble", id=ids["good"])
        assert not [line for line in running.lines if "Traceback" in line or '"error"' in line]
    assert not folder.rows("SELECT count(*) FROM alerts_incident WHERE device_id = ?", ids["good"])[0][0]



