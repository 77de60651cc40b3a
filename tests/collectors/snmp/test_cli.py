"""`app.py poll`: exit codes, the JSON, words for people, bad usage, credentials of the inventory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from collectors.snmp.cli import mount, split_target
from core import Context, CoreSettings, load_settings
from inventory import create_credential
from inventory.settings import InventorySettings
from telemetry import TelemetrySettings
from tests.collectors.snmp.agents import Faults, agent_of, serve, switch, target_of


@pytest.fixture
def run(tmp_path: Path):
    settings = load_settings((CoreSettings, TelemetrySettings, InventorySettings), None,
                             {"EDUNOC_DATA_DIR": str(tmp_path / "data"), "EDUNOC_LANGUAGE": "en"})  # fmt: skip
    context = Context(settings)
    app = typer.Typer()

    @app.callback()
    def main(typed: typer.Context) -> None:
        typed.obj = context

    mount(app)
    runner = CliRunner()

    def invoke(*arguments: str):
        return runner.invoke(app, ["poll", *arguments])

    invoke.context = context
    yield invoke
    context.close()


def test_a_device_as_json(run) -> None:
    with serve(agent_of(switch())) as server:
        result = run(str(target_of(server)), "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["target"] == str(target_of(server)) and len(found["interfaces"]) == 4


def test_a_device_for_people(run) -> None:
    with serve(agent_of(switch())) as server:
        result = run(str(target_of(server)), "--version", "1")
    assert result.exit_code == 0
    for words in ("answers", "Any SNMP device", "sw-1", "Gi0/1", "1 Gbit/s", "requests"):
        assert words in result.stdout


def test_no_answer(run) -> None:
    with serve(agent_of(switch(), faults=Faults(is_silent=True))) as server:
        result = run(str(target_of(server)), "--timeout", "0.05", "--retries", "0", "--json")
    assert result.exit_code == 1 and "community" in result.stderr
    assert json.loads(result.stdout)["timing"]["timeouts"] == 1


def test_nothing_listens(run) -> None:
    result = run("127.0.0.1:1")
    assert result.exit_code == 1 and "nothing listens" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["http://x/"], "HOST:PORT"),
        (["host:99999"], "HOST:PORT"),
        (["127.0.0.1", "--version", "3"], "--credential"),
        (["127.0.0.1", "--credential", "nobody"], "no credential called"),
        (["127.0.0.1", "--timeout", "abc"], ""),
        ([], ""),
    ],
)
def test_bad_usage(run, arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2 and words in result.stderr


def test_a_credential_of_the_inventory(run) -> None:
    context = run.context
    with context.database.session() as session:
        create_credential(session, context.vault, {"name": "schools", "kind": "snmp_v2c", "community": "s3cret"})
        create_credential(session, context.vault, {"name": "shell", "kind": "ssh", "user": "u", "password": "pw"})
    del context.vault  # as in a process of its own, which opens it while it asks
    with serve(agent_of(switch(), community="s3cret")) as server:
        result = run(str(target_of(server)), "--credential", "schools", "--json")
    assert result.exit_code == 0 and "s3cret" not in result.output
    refused = run("127.0.0.1", "--credential", "shell")
    assert refused.exit_code == 2 and "not for SNMP" in refused.stderr


@pytest.mark.parametrize(
    ("text", "target"),
    [("10.0.0.1", ("10.0.0.1", 161)), ("sw.school:1161", ("sw.school", 1161)), ("[::1]:1161", ("::1", 1161)),
     ("::1", ("::1", 161)), ("fe80::1%eth0", ("fe80::1%eth0", 161))],
)  # fmt: skip
def test_targets(text: str, target: tuple[str, int]) -> None:
    assert split_target(text) == target


@pytest.mark.parametrize("text", ["", ":161", "a:b", "a:0", "[::1", "a b", "host:"])
def test_no_targets(text: str) -> None:
    with pytest.raises(ValueError):
        split_target(text)
