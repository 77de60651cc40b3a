"""The command `discover` against a real snmpd, and what a person makes of its finds."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from collectors import (
    CollectorSettings,
    DiscoveryOrder,
    accept_all,
    accept_find,
    discovery_runs,
    finds_of,
    forget_secrets,
    get_discovery,
    ignore_find,
    restore_find,
    seal_communities,
    start_discovery,
)
from collectors.cli import mount
from collectors.discovery.accept import candidates_of, typed_candidate
from collectors.snmp.kinds import kind_by_words
from collectors.store import Found, add_finds
from core import Context, Database, Scope, Secret, Vault, load_settings, use_language
from inventory import Credential, Device, InvalidInput, NotFound, Site, SnmpCredential, Unit, facts_of, open_credential

Discover = Callable[..., Result]
ALL = Scope.everything()


@pytest.fixture
def own(tmp_path: Path, database: Database) -> Iterator[Context]:
    environ = {"EDUNOC_DATA_DIR": str(tmp_path / "data"), "EDUNOC_LANGUAGE": "en"}
    context = Context(load_settings((CollectorSettings,), None, environ), lambda: datetime(2026, 11, 23, tzinfo=UTC))
    context.database = database
    yield context


@pytest.fixture
def discover(own: Context) -> Discover:
    app = typer.Typer()
    mount(app)

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["discover", *words], obj=own)

    return run


@pytest.fixture
def site(own: Context) -> int:
    with own.database.session() as session:
        return make_site(session)


def make_site(session) -> int:
    unit = Unit(name="Sở", kind="department", code="SO", path="/1/")
    session.add(unit)
    session.flush()
    site = Site(unit_id=unit.id, name="THPT Lê Lợi", code="LL")
    session.add(site)
    session.flush()
    return site.id


def test_agent_is_found_named_accepted_and_its_community_becomes_a_credential(
    discover: Discover, own: Context, site: int, snmpd: int
):
    done = discover(
        f"127.0.0.1:{snmpd}", "127.0.8.0/30", "--community", "wrong", "--community", "school",
        "--json", "--site", "LL", "--accept",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    shown = json.loads(done.stdout)
    assert (shown["total"], shown["answered"], shown["identified"]) == (3, 3, 1)
    assert shown["accepted"] == ["127.0.0.1"]
    by_address = {one["address"]: one for one in shown["finds"]}
    assert by_address["127.0.0.1"]["name"] == "sw-phong-may"
    assert by_address["127.0.0.1"]["facts"]["sysname"] == "sw-phong-may"
    assert by_address["127.0.8.1"]["reason"] == "no_snmp_answer"
    with own.database.reading() as session:
        device = session.query(Device).one()
        assert (device.address, device.snmp_port, device.kind) == ("127.0.0.1", snmpd, "server")
        credential = open_credential(session, own.vault, device.credential_id)
        assert credential == SnmpCredential(version="2c", community=Secret("school"))
        facts = {fact.name: fact.value for fact in facts_of(session, ALL, device.id)}
        assert facts["sysname"] == "sw-phong-may"
    again = discover(f"127.0.0.1:{snmpd}", "--community", "school", "--json", "--site", "LL", "--accept")
    assert json.loads(again.stdout)["accepted"] == []
    assert json.loads(again.stdout)["finds"][0]["device_id"] == device.id
    assert "school" not in done.output + again.output.replace("sw-phong-may", "")


def test_finds_are_shown_as_a_table_and_kept_for_the_pages(discover: Discover, own: Context, snmpd: int):
    done = discover("127.0.0.1", "--port", str(snmpd), "--community", "school")
    assert done.exit_code == 0
    assert "sw-phong-may" in done.stdout
    assert "1 addresses, 1 answer, 1 identified." in done.stdout
    with own.database.reading() as session:
        (run,) = discovery_runs(session)
        assert (run.state, run.identified, run.sealed) == ("done", 1, "")
        assert [find.state for find in finds_of(session, run.id)] == ["found"]


def test_nothing_there_is_exit_code_1(discover: Discover):
    done = discover("192.0.2.77:9", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["finds"] == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["10.0.0.0/8"], "one search asks at most"),
        (["nonsense/x"], "is not a network"),
        (["127.0.0.1", "--credential", "none"], "no credential called"),
        (["127.0.0.1", "--accept"], "--site CODE"),
        (["127.0.0.1", "--accept", "--site", "XX"], "no site with the code"),
    ],
)
def test_wrong_usage_is_exit_code_2_with_what_to_do(discover: Discover, words, message):
    done = discover(*words)
    assert done.exit_code == 2
    assert message in done.stderr


@pytest.fixture
def finds(database: Database, vault: Vault, now: datetime) -> list[int]:
    with database.session() as session:
        make_site(session)
        run = start_discovery(session, DiscoveryOrder("10.0.0.0/24"), "an", now)
        sealed = typed_candidate(vault, Secret("school")).sealed
        rows = [
            Found("10.0.0.1", 161, "ok", name="<b>sw\x1b[31m", vendor="V" * 300, facts={"serial": "S1"}, sealed=sealed),
            Found("10.0.0.2", 161, "ok", name="<b>sw\x1b[31m", sealed=sealed),
            Found("10.0.0.3", 161, "no_snmp_answer", name="10.0.0.3"),
        ]
        return [row.id for row in add_finds(session, run.id, rows, now)]


def test_accepted_finds_share_one_credential_and_get_names_of_their_own(
    database: Database, vault: Vault, finds: list[int], now: datetime
):
    with database.session() as session:
        first, second = (accept_find(session, vault, ALL, find_id, 1, now) for find_id in finds[:2])
        assert first.credential_id == second.credential_id
        assert first.name != second.name
        assert "\x1b" not in first.name
        assert (first.serial, len(first.vendor)) == ("S1", 100)
        assert session.query(Credential).count() == 1
        session.expire_all()
        assert [find.state for find in finds_of(session, 1)] == ["accepted", "accepted", "found"]
        assert {find.sealed for find in finds_of(session, 1)} == {""}


def test_find_that_only_answers_ping_is_watched_by_ping(
    database: Database, vault: Vault, finds: list[int], now: datetime
):
    with database.session() as session:
        assert accept_find(session, vault, ALL, finds[2], 1, now).credential_id is None


def test_find_is_accepted_once_and_only_where_one_may(
    database: Database, vault: Vault, finds: list[int], now: datetime
):
    with database.session() as session:
        accept_find(session, vault, ALL, finds[0], 1, now)
        with pytest.raises(InvalidInput):
            accept_find(session, vault, ALL, finds[0], 1, now)
        with pytest.raises(NotFound):
            accept_find(session, vault, ALL, 999, 1, now)
        with pytest.raises(InvalidInput):
            accept_find(session, vault, Scope("/9/"), finds[1], 1, now)


def test_accept_all_takes_what_was_identified(database: Database, vault: Vault, finds: list[int], now: datetime):
    with database.session() as session:
        made = accept_all(session, vault, ALL, finds_of(session, 1), 1, now)
        assert [device.address for device in made] == ["10.0.0.1", "10.0.0.2"]


def test_ignored_find_can_be_taken_back(database: Database, finds: list[int]):
    with database.session() as session:
        assert ignore_find(session, finds[0])
        assert not ignore_find(session, finds[0])
        assert restore_find(session, finds[0])


def test_typed_communities_are_sealed_and_forgotten_with_the_key(database: Database, vault: Vault, now: datetime):
    sealed = seal_communities(vault, [Secret("one"), Secret("two"), Secret("one"), Secret("")])
    assert "one" not in sealed
    assert seal_communities(vault, []) == ""
    with database.session() as session:
        run = start_discovery(session, DiscoveryOrder("10.0.0.1", sealed=sealed), "an", now)
        candidates = candidates_of(session, vault, run)
        assert [one.credential.community for one in candidates] == [Secret("one"), Secret("two")]
        assert forget_secrets(session) == 1
        session.expire_all()
        assert get_discovery(session, run.id).sealed == ""


@pytest.mark.parametrize(
    ("sysdescr", "kind"),
    [("HP ETHERNET MULTI-ENVIRONMENT, JETDIRECT", "printer"), ("Linux box 6.1", "server"), ("", "other"),
     ("RouterOS CCR1009", "router"), ("H3C Comware Platform Software", "switch")],
)  # fmt: skip
def test_kind_is_guessed_from_sysdescr(sysdescr, kind):
    assert kind_by_words(sysdescr) == kind


def test_messages_speak_the_language_of_the_person(database: Database, vault: Vault, now: datetime):
    with database.session() as session:
        for language, word in (("en", "Search again"), ("vi", "lại")):
            with use_language(language), pytest.raises(NotFound, match=word):
                accept_find(session, vault, ALL, 5, 1, now)
