"""A device is recorded over the wire; the scrubbed recording, replayed, is read as its golden file says."""

import io
import json
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from collectors.profiles import load_profiles
from collectors.recording import Walked, make_bundle, walk_device
from collectors.recording.cli import mount
from collectors.recording.replayed import golden
from collectors.recording.variable import Variable
from collectors.snmp import DeviceState, Patience, Poller, Target, community, read_device, wire
from core import Context, CoreSettings, load_settings
from deploy.demo.replay import ReplayAgent, ReplayServer, in_order, parse_snmprec, read_recording
from inventory.settings import InventorySettings
from telemetry import TelemetrySettings
from tests.collectors.snmp.agents import RECORDINGS

PRIVATE_ROWS = (
    "1.3.6.1.2.1.1.1.0|4|Example\n1.3.6.1.2.1.1.5.0|4|sw-bi-mat\n1.3.6.1.2.1.4.21.1.1.10.0.0.0|64x|0a000000\n"
    "1.3.6.1.2.1.25.4.2.1.5.1|4|--password=bi-mat-lam\n1.3.6.1.2.1.25.6.3.1.2.1|4|Phan mem\n"
    "1.3.6.1.4.1.99999.1.0|2|5\n1.3.6.1.6.3.15.1.2.2.1.3.1|4|nguoi-dung\n1.3.6.1.6.3.18.1.1.1.2.1|4|cong-dong\n"
)


async def walked(agent: ReplayAgent, version: str = "2c") -> Walked:
    with ReplayServer({("127.0.0.1", 0): agent}) as server:
        host, port = server.addresses[0]
        session = await Poller(lambda: 0.0).open_session(
            Target(host, port), community("public", version), DeviceState(), Patience(timeout_s=0.5)
        )
        try:
            return await walk_device(session, Patience(timeout_s=0.5))
        finally:
            session.close()


def agent_of(text: str) -> ReplayAgent:
    return ReplayAgent(in_order(parse_snmprec(text.encode())))


@pytest.mark.parametrize("version", ["1", "2c"])
async def test_private_tables_are_not_even_asked(version: str):
    found = await walked(agent_of(PRIVATE_ROWS), version)
    assert found.reason == "ok"
    oids = [".".join(map(str, one.oid)) for one in found.variables]
    assert oids == ["1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.5.0", "1.3.6.1.4.1.99999.1.0"]


@pytest.mark.parametrize("name", [
    "snmpsimdata__switch-ruijie-s5750-24gt12sfp", "thola__routeros-CHR_1", "centreon__network-aruba-instant-ap-usage",
    "snmpsimdata__switch-metel-poe-box",
])  # fmt: skip
async def test_replayed_recording_is_read_as_its_golden_file(name: str, tmp_path: Path):
    [path] = [one for one in RECORDINGS.iterdir() if one.stem == name]
    raw = await walked(ReplayAgent(read_recording(path)))
    bundle = await make_bundle(raw, load_profiles(), community(), ["bi mat"])
    written = tmp_path / "again.snmprec"
    written.write_text(bundle.recording, encoding="utf-8")
    with ReplayServer({("127.0.0.1", 0): ReplayAgent(read_recording(written))}) as server:
        host, port = server.addresses[0]
        again = await read_device(Target(host, port), community(), Patience(), load_profiles())
    assert golden(again) == json.loads(bundle.golden)
    assert bundle.variables == len(raw.variables)
    first = await make_bundle(raw, load_profiles())
    assert first.golden == bundle.golden


async def test_a_loop_ends_with_its_reason():
    class Turning:
        has_bulk = True

        def cursor(self, root: str):
            class Cursor:
                async def more(self, repetitions: int, timeout_s: float):
                    return [("1.0.8802.5", 1), ("1.0.8802.4", 2)]

            return Cursor()

    found = await walk_device(Turning(), Patience())  # type: ignore[arg-type]
    assert (found.reason, found.detail) == ("loop", "1.0.8802.4")
    assert found.variables[0] == Variable((1, 0, 8802, 5), wire.INTEGER, b"\x01")


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Callable[..., Result]]:
    """The command alone: the whole program would set up logs that outlive the test."""
    sections = (CoreSettings, TelemetrySettings, InventorySettings)
    context = Context(load_settings(sections, None, {"EDUNOC_DATA_DIR": str(tmp_path / "data")}))
    app = typer.Typer()

    @app.callback()
    def main(typed: typer.Context) -> None:
        typed.obj = context

    mount(app)
    yield lambda *words: CliRunner().invoke(app, ["record", *words])
    context.close()


def test_command_writes_three_files(record: Callable[..., Result], snmpd: int, tmp_path: Path):
    out = tmp_path / "out"
    out.mkdir()
    done = record(f"127.0.0.1:{snmpd}", "--community", "school", "--output", str(out))
    assert done.exit_code == 0, done.output
    names = sorted(one.name.partition(".")[2] for one in out.iterdir())
    assert names == ["json", "review.txt", "snmprec"]
    text = next(out.glob("*.snmprec")).read_text("utf-8")
    assert "sw-phong-may" not in text
    hostname = subprocess.run(["hostname"], capture_output=True, text=True, timeout=5, check=True).stdout.strip()
    assert f" {hostname} " not in text
    refused = record(f"127.0.0.1:{snmpd}", "--community", "school", "--output", "/nowhere")
    assert refused.exit_code == 2
    silent = record(f"127.0.0.1:{snmpd}", "--community", "wrong")
    assert silent.exit_code == 1


async def test_bundle_is_one_file_without_the_hour():
    bundle = await make_bundle(await walked(agent_of(PRIVATE_ROWS)), load_profiles())
    with zipfile.ZipFile(io.BytesIO(bundle.zipped())) as archive:
        assert sorted(archive.namelist()) == ["REVIEW.txt", f"{bundle.name}.json", f"{bundle.name}.snmprec"]
        assert {one.date_time[0] for one in archive.infolist()} == {2000}
