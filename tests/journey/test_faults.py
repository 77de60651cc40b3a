"""Breaking the whole running product on real parts: each trouble is named, told once, and disturbs nothing else."""

from __future__ import annotations

import csv
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import openpyxl
import psycopg
import pytest

from tests.collectors.snmp.agents import Faults, agent_of, switch
from tests.core.postgresql import running_postgresql
from tests.journey.hostile import FORMULA, SCRIPT, controls_in, hostile_agent, on_terminal
from tests.journey.parts import Browser, Post, Running, free_port, virtual_host
from tests.journey.watched import (
    PASSWORD,
    USER,
    Folder,
    Reader,
    command,
    fill,
    form_of,
    last_stored,
    logged,
    plain,
    served,
    small_disk,
    started,
)
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
# So that a test need not wait for what a school may well wait for
QUICK = {"EDUNOC_COLLECTORS_PING_INTERVAL_S": "1", "EDUNOC_COLLECTORS_PING_QUICK_PACKETS": "2",
         "EDUNOC_ALERTS_SETTLE_S": "0", "EDUNOC_ALERTS_TICK_S": "0.5"}  # fmt: skip
JUDGING_WAITS = "judging cannot be written down; it is tried again at each tick"


@pytest.fixture
def post() -> Iterator[Post]:
    """A mail server."""
    post = Post()
    post.start()
    yield post
    post.stop()


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





def test_one_process_a_data_folder_and_an_end_without_loss(folder: Folder, tmp_path: Path) -> None:
    """SIGTERM: exit code 0, everything that was read stands in the store."""
    port = free_port(socket.SOCK_DGRAM)
    device = folder.add_device("sw", port)
    with served({port: agent_of(switch())}), started(folder) as (running, reader):
        second = command({**folder.environ, "EDUNOC_PORT": str(free_port())}, "run")
        assert second.returncode == 2 and "is running on the data folder" in second.stderr
        wait_until(lambda: folder.reason(device) == "ok", 20, "the device is read")
        newest = wait_until(lambda: reader.latest(device), 10, "the device has values")
        assert running.stop() == 0
        assert not [line for line in running.lines if "Traceback" in line]
    assert last_stored(folder.path, tmp_path / "copy").newest_ms >= int(newest * 1000)


def test_a_power_cut_loses_a_second_at_most_and_doubles_nothing(tmp_path: Path, post: Post) -> None:
    folder = Folder(tmp_path / "data", QUICK)
    folder.settle()
    folder.add_channel(post.port)
    port = free_port(socket.SOCK_DGRAM)
    device = folder.add_device("sw", port, interval_s=1)
    with virtual_host() as (address, cable), served({port: agent_of(switch())}):
        dead = folder.add_device("máy chủ", 161, address=address, credential_id=None)
        cable("down")
        for cut in range(3):
            with started(folder) as (running, reader):
                wait_until(lambda reader=reader: reader.latest(device), 15, "the device has values")
                # The first cut falls into quiet work; the others soon after the start, while it is taking up its work
                wait_until(lambda: _count(folder, "state = 'sent'") == 1, 20, "the message is booked as sent")
                newest = wait_until(lambda reader=reader: reader.latest(device), 10, "a value to be kept")
                running.kill()
                stored = last_stored(folder.path, tmp_path / f"copy{cut}")
                assert stored.newest_ms >= int(newest * 1000) - 1000 and stored.copies == 1
                assert folder.rows("PRAGMA integrity_check") == [("ok",)]
        with started(folder) as (running, reader):
            wait_until(lambda: reader.latest(device), 15, "it is read again")
            assert "sw" in plain(reader.get(f"/devices/{device}"))
            cable("up")
            wait_until(lambda: len(post.messages) == 2, 20, "the message of recovery")
            assert running.stop() == 0
        assert not [line for line in running.lines if "Traceback" in line]
    assert folder.rows("SELECT device_id, state FROM alerts_incident") == [(dead, "closed")]
    assert len(post.messages) == len({message["message-id"] for message in post.messages}) == 2


def test_a_full_disk_is_told_and_survived(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 48) as disk, virtual_host() as (address, cable):
        folder = Folder(disk / "data", {**QUICK, "EDUNOC_TELEMETRY_MIN_FREE_MB": "8"})
        folder.settle()
        port = free_port(socket.SOCK_DGRAM)
        device = folder.add_device("sw", port, interval_s=1)
        dead = folder.add_device("máy chủ", 161, address=address, credential_id=None)
        with served({port: agent_of(switch())}), started(folder) as (running, reader):
            wait_until(lambda: folder.reason(device) == "ok", 20, "the device is read")
            fill(disk, leave=4 << 20)
            wait_until(lambda: logged(running, "samples_cannot_be_stored", reason="disk_full"), 10, "the store refuses")
            assert "Ổ đĩa sắp đầy" in plain(reader.get("/admin/health"))
            fill(disk, leave=0)
            cable("down")
            wait_until(lambda: logged(running, "device is down"), 20, "the dead host is noticed all the same")
            wait_until(lambda: logged(running, JUDGING_WAITS, reason="disk_full"), 10, "judging goes on")
            assert "Ổ đĩa đã đầy" in plain(reader.get("/admin/health"))
            before = reader.latest(device)
            for path in ("/overview", "/devices", f"/devices/{device}", "/incidents", "/sites"):
                assert reader.get(path).status_code == 200
            reader.get("/admin/credentials/new?kind=snmp_v2c")
            refused = reader.post("/admin/credentials/new", name="x", kind="snmp_v2c", community="y")
            assert refused.status_code == 507 and "Giải phóng" in refused.text.replace("giải", "Giải")
            assert "niêm phong" not in refused.text
            wait_until(lambda: reader.latest(device) > before + 2, 10, "live values go on")
            (disk / "ballast").unlink()
            wait_until(lambda: logged(running, "samples_are_stored_again"), 10, "samples are stored again")
            wait_until(lambda: folder.rows("SELECT 1 FROM alerts_incident WHERE device_id = ?", dead), 15, "written")
            assert "alert-danger" not in reader.get("/admin/health").text
            for event in ("samples_cannot_be_stored", JUDGING_WAITS, "judging works again"):
                assert len(logged(running, event)) == 1, event
            assert not [line for line in running.lines if "Traceback" in line]
            assert logged(running, "samples_are_stored_again")[0]["lost_since_start"] == 0
            assert running.stop() == 0
        assert folder.rows("PRAGMA integrity_check") == [("ok",)]


def _count(folder: Folder, condition: str) -> int:
    return folder.rows(f"SELECT count(*) FROM alerts_notification WHERE {condition}")[0][0]


def test_the_whole_way_on_postgresql(tmp_path: Path) -> None:
    """First start, credential, spreadsheets by the command, polling, an incident, its end: no SQLite in the way."""
    sheets = {
        "units": "Mã đơn vị,Tên\nTH1,Trường số 1\n",
        "sites": "Mã điểm trường,Tên,Mã đơn vị\nD1,Điểm 1,TH1\n",
    }
    port = free_port(socket.SOCK_DGRAM)
    with running_postgresql() as url, virtual_host() as (address, cable), served({port: agent_of(switch())}):
        folder = Folder(tmp_path / "data", {**QUICK, "EDUNOC_DATABASE_URL": url})
        sheets["devices"] = (
            "Mã điểm trường,Tên,Địa chỉ mạng,Cổng SNMP,Thông tin đăng nhập,Chu kỳ (giây)\n"
            f"D1,sw,127.0.0.1,{port},đọc,10\nD1,máy chủ,{address},,,\n"
        )
        running = folder.run()
        try:
            with closing(Reader(running.url)) as reader:
                _begin(reader, running.code())
                for kind, text in sheets.items():
                    (tmp_path / f"{kind}.csv").write_text(text)
                    done = folder.command("import", str(tmp_path / f"{kind}.csv"), "--kind", kind)
                    assert done.returncode == 0, done.stderr
                devices = {one["name"]: one["id"] for one in reader.get("/api/v1/devices").json()["items"]}
                wait_until(lambda: "Gi0/1" in plain(reader.get(f"/devices/{devices['sw']}")), 30, "ports", every=0.3)
                wait_until(lambda: reader.latest(devices["máy chủ"]), 10, "the host answers ping", every=0.3)
                cable("down")
                wait_until(lambda: _incidents(reader, devices["máy chủ"]) == ["open"], 20, "an incident", every=0.3)
                for path in ("/overview", "/incidents/1", "/devices", "/sites", "/admin/health", "/admin/audit"):
                    assert reader.get(path).status_code == 200, path
                cable("up")
                wait_until(lambda: _incidents(reader, devices["máy chủ"]) == ["closed"], 20, "its end", every=0.3)
                assert not [line for line in running.lines if "Traceback" in line or '"error"' in line]
                _away_and_back(reader, running, url)
            assert running.stop() == 0
        finally:
            running.stop()
        assert not (folder.path / "edunoc.db").exists()
        verified = folder.command("audit", "verify")
        assert verified.returncode == 0, verified.stderr


def _away_and_back(reader: Reader, running: Running, url: str) -> None:
    """PostgreSQL refuses everybody for a while: pages say so, nothing ends, and all goes on by itself."""
    with psycopg.connect(url.replace("+psycopg", "").replace("/postgres", "/template1"), autocommit=True) as other:
        other.execute("ALTER DATABASE postgres ALLOW_CONNECTIONS false")
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres'")
        wait_until(lambda: logged(running, JUDGING_WAITS, reason="database_away"), 10, "judging says so")
        page = reader.get("/overview")
        assert page.status_code == 503 and "Cơ sở dữ liệu không trả lời" in page.text
        assert running.is_alive
        other.execute("ALTER DATABASE postgres ALLOW_CONNECTIONS true")
    wait_until(lambda: logged(running, "judging works again"), 10, "judging works again")
    assert reader.get("/overview").status_code == 200
    assert not logged(running, "device has trouble", reason="internal_error")


def _begin(reader: Reader, code: str) -> None:
    """The first start as a browser sends it."""
    reader.get("/start")
    made = reader.post("/start", code=code, full_name="Quản trị", username=USER, password=PASSWORD, again=PASSWORD)
    assert made.headers["location"].endswith("/welcome"), made.text[:500]
    reader.get("/admin/credentials/new?kind=snmp_v2c")
    made = reader.post("/admin/credentials/new?kind=snmp_v2c", name="đọc", kind="snmp_v2c", community="public")
    assert made.status_code == 302, plain(made)


def _incidents(reader: Reader, device_id: int) -> list[str]:
    found = reader.get("/api/v1/incidents?state=open,acknowledged,closed").json()["items"]
    return [one["state"] for one in found if one["device_id"] == device_id]


def test_hostile_text_is_shown_harmlessly_everywhere(tmp_path: Path, post: Post) -> None:
    folder = Folder(tmp_path / "data", QUICK)
    folder.settle()
    folder.add_channel(post.port)
    port = free_port(socket.SOCK_DGRAM)
    device = folder.add_device("sw", port)
    sheet, exported = tmp_path / "in.csv", tmp_path / "out"
    with virtual_host() as (address, cable), served({port: hostile_agent()}):
        cable("down")
        with sheet.open("w", newline="") as file:
            csv.writer(file).writerows([("Mã điểm trường", "Tên", "Địa chỉ mạng", "Ghi chú"),
                                        ("D1", SCRIPT, address, FORMULA), ("D1", FORMULA, "", "@SUM(A1)")])  # fmt: skip
        assert folder.command("import", str(sheet), "--kind", "devices").returncode == 0
        sheet.write_bytes("Mã điểm trường,Tên\nD1,".encode() + b"\x1b[31mred\nD1," + b"A" * 10_240 + b"\n")
        refused = folder.command("import", str(sheet), "--kind", "devices")
        assert refused.returncode == 2 and "dòng 2" in refused.stderr and "dòng 3" in refused.stderr
        assert not controls_in(refused.stderr)

        polled = on_terminal(folder.environ, "poll", f"127.0.0.1:{port}").decode()
        assert "owned" in polled and not controls_in(polled)
        found = folder.command("poll", f"127.0.0.1:{port}", "--json")
        assert found.returncode == 0 and not controls_in(found.stdout)
        assert len(json.loads(found.stdout)["facts"]["sysdescr"]) <= 10_240

        with started(folder) as (running, reader):
            wait_until(lambda: folder.reason(device) == "ok", 20, "the device is read")
            wait_until(lambda: post.messages, 20, "the message about a dead host with a hostile name")
            pages = ["/devices", f"/devices/{device}", f"/devices/{device + 1}", "/overview", "/incidents",
                     "/incidents/1", "/sites/1", "/admin/audit", "/search?q=script"]  # fmt: skip
            for path in pages:
                page = reader.get(path)
                assert page.status_code == 200, path
                assert "<script>window.hurt" not in page.text and "<img src=x" not in page.text, path
                assert not controls_in(page.text), path
                assert "&lt;script&gt;" in page.text or path == "/admin/audit", path
            _see_unhurt(running.url, pages, tmp_path)
            lines = list(running.lines)
        assert not [line for line in lines if controls_in(line)]
        assert all(json.loads(line) for line in lines if line.startswith("{"))
    html = post.messages[0].get_body(("html",)).get_content()
    assert "<script" not in html and "<img" not in html and "hurt" in html
    assert "\n" not in str(post.messages[0]["subject"])
    for form in ("csv", "xlsx"):
        assert folder.command("export", f"{exported}.{form}", "--kind", "devices").returncode == 0
    with Path(f"{exported}.csv").open(newline="", encoding="utf-8-sig") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert "'" + FORMULA in cells and not [cell for cell in cells if cell[:1] in "=@" and cell]
    book = openpyxl.load_workbook(f"{exported}.xlsx")
    assert not [cell for row in book.active.iter_rows() for cell in row if cell.data_type == "f"]


def _see_unhurt(url: str, pages: list[str], tmp_path: Path) -> None:
    """The pages in a real browser: no script of the texts ran, nothing to complain about."""
    browser = Browser(url, tmp_path / "browser")
    try:
        browser.go("/sign-in")
        browser.fill(username=USER, password=PASSWORD)
        browser.press()
        for path in pages:
            browser.go(path)
            assert browser.driver.execute_script("return window.hurt") is None, path
        assert browser.trouble() == []
    finally:
        browser.close()


def test_two_people_edit_and_many_read_at_once(folder: Folder) -> None:
    ports = [free_port(socket.SOCK_DGRAM) for _ in range(3)]
    # The first as a form takes it, to be edited; the others to be read every second meanwhile
    devices = [folder.add_device(f"sw-{at}", port, interval_s=1 if at else 10) for at, port in enumerate(ports)]
    with served({port: agent_of(switch()) for port in ports}), started(folder) as (running, first):
        with closing(Reader(running.url)) as second:
            second.sign_in()
            _edit_side_by_side(first, second, devices[0])
            wait_until(lambda: folder.reason(devices[0]) == "ok", 20, "a device is read")
            cookies_only = first.post_without_token(f"/inventory/device/{devices[0]}", name="stolen")
            assert cookies_only.status_code == 400
            before = first.latest(devices[1])
            paths = ["/overview", "/devices", f"/devices/{devices[0]}", "/incidents", "/sites", "/sites/1",
                     "/admin/health", "/admin/audit", "/api/v1/devices", "/api/v1/incidents"] * 5  # fmt: skip
            with ThreadPoolExecutor(25) as threads:
                answers = list(threads.map(lambda path: first.get(path).status_code, paths))
            assert answers == [200] * 50
            wait_until(lambda: first.latest(devices[1]) > before + 1, 10, "polling goes on")
            assert not [line for line in running.lines if "Traceback" in line or '"error"' in line]
    assert folder.rows("SELECT name FROM inventory_device WHERE id = ?", devices[0]) == [("hai",)]


def _edit_side_by_side(first: Reader, second: Reader, device: int) -> None:
    """Whoever saves later is told, keeps what was entered, and decides."""
    path = f"/inventory/device/{device}"
    one, two = form_of(first.get(path)), form_of(second.get(path))
    assert first.post(path, **{**one, "name": "một"}).status_code == 302
    told = second.post(path, **{**two, "name": "hai"})
    assert told.status_code == 422 and "Người khác đã sửa" in told.text and 'value="hai"' in told.text
    assert second.post(path, **{**form_of(told), "name": "hai"}).status_code == 302
