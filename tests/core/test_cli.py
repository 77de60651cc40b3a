"""Core's commands, run as a person runs them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
import typer
from click.testing import Result
from pydantic import Field, SecretStr
from sqlalchemy import text
from typer.testing import CliRunner

from core import (
    AuditFilter,
    Context,
    Deed,
    Role,
    Section,
    append_audit,
    find_user,
    get_mark,
    list_audit,
    load_settings,
    set_mark,
    sign_in,
)
from core.cli import mount

PASSWORD = "truong em nhieu cay xanh"


class GardenSettings(Section):
    """Settings of a package that only this test has."""

    section = "garden"
    trees: int = Field(3, description="How many trees [tall]")
    token: SecretStr = Field(SecretStr(""), description="Opens the gate")
    season: Literal["dry", "rain"] = Field("dry", description="What to wear")


@pytest.fixture
def context(tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    """A context as app.py makes it, with tables made directly."""
    environ = {"EDUNOC_DATA_DIR": str(tmp_path / "data"), "EDUNOC_GARDEN_TOKEN": "th3-real-w0rd"}
    context = Context(load_settings((GardenSettings,), environ=environ), clock, (forget_marks,))
    context.unmigrated_database.create_all()
    yield context
    context.close()


def forget_marks(session: Any) -> int:
    set_mark(session, "sealed", "")
    return 2


@pytest.fixture
def run(context: Context) -> Callable[..., Result]:
    """Runs a command line; exceptions other than exits fail the test."""
    app = typer.Typer()
    mount(app)

    def run(*words: str, typed: str = "") -> Result:
        result = CliRunner().invoke(app, list(words), obj=context, input=typed)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def test_empty_audit_is_told(run) -> None:
    assert run("audit", "verify").output == "The audit is empty.\n"


def test_forget_in_a_new_database_has_nothing_to_forget(context: Context, run) -> None:
    result = run("secrets", "forget", "--yes")
    assert result.exit_code == 0 and "No key is lost" in result.output and not context.key_file.exists()


def test_files_of_the_database_are_for_their_owner_alone(context: Context) -> None:
    with context.database.session() as session:
        set_mark(session, "x", "1")
        modes = {file.name: file.stat().st_mode & 0o777 for file in context.data_dir.glob("edunoc.db*")}
    assert len(modes) == 3 and set(modes.values()) == {0o600}


def fill(context: Context, count: int = 3) -> list[str]:
    with context.database.session() as session:
        return [append_audit(session, Deed("e", "device.update", "device", n, f"\x1b[2J{n}"), context.clock()).digest
                for n in range(count)]


def test_verify_tells_the_digest_to_note(context: Context, run) -> None:
    digests = fill(context)
    result = run("audit", "verify")
    assert result.exit_code == 0 and digests[-1] in result.output and "3 entries" in result.output
    assert run("audit", "verify", "--expect", digests[0].upper()).exit_code == 0


def test_verify_names_the_broken_entry(context: Context, run) -> None:
    fill(context)
    with context.database.session() as session:
        session.execute(text("UPDATE core_audit SET summary = 'x' WHERE id = 2"))
    result = run("audit", "verify")
    assert result.exit_code == 1 and "entry 2 was changed" in result.output and "1 entries before it" in result.output


def test_verify_names_the_gap_and_the_missing_end(context: Context, run) -> None:
    digests = fill(context)
    with context.database.session() as session:
        session.execute(text("DELETE FROM core_audit WHERE id = 3"))
    result = run("audit", "verify", "--expect", digests[2])
    assert result.exit_code == 1 and "cut off" in result.output
    with context.database.session() as session:
        session.execute(text("DELETE FROM core_audit WHERE id = 1"))
    result = run("audit", "verify")
    assert result.exit_code == 1 and "before entry 2 is missing" in result.output


def test_export_is_one_line_an_entry_and_harmless(context: Context, run, tmp_path: Path) -> None:
    digests = fill(context)
    result = run("audit", "export")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["digest"] for line in lines] == digests and "\x1b" not in result.stdout
    assert lines[0]["at"] == "2026-11-23T00:45:00.000000+00:00" and digests[-1] in result.stderr
    file = tmp_path / "audit.jsonl"
    assert run("audit", "export", "--output", str(file)).exit_code == 0 and len(file.read_text().splitlines()) == 3


def test_export_overwrites_nothing(context: Context, run, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    result = run("audit", "export", "--output", str(tmp_path / "mine.txt"))
    assert result.exit_code == 2 and "exists already" in result.output and (tmp_path / "mine.txt").read_text() == "mine"
    assert run("audit", "export", "--output", str(tmp_path / "no" / "x")).exit_code == 2


def test_forget_with_the_right_key_changes_nothing(context: Context, run) -> None:
    before = context.vault.fingerprint
    result = run("secrets", "forget", "--yes")
    assert result.exit_code == 0 and "nothing was changed" in result.output
    with context.database.reading() as session:
        assert get_mark(session, "key_fingerprint") == before and get_mark(session, "sealed") is None


@pytest.mark.parametrize("loss", ["missing", "exchanged", "damaged"])
def test_forget_after_a_loss_begins_anew(context: Context, run, loss: str, tmp_path: Path) -> None:
    before = context.vault.fingerprint
    context.key_file.unlink()
    if loss == "damaged":
        context.key_file.write_text("half of it")
    elif loss == "exchanged":
        other = Context(load_settings((), environ={"EDUNOC_DATA_DIR": str(tmp_path / "other")}))
        other.unmigrated_database.create_all()
        context.key_file.write_bytes(other.vault and other.key_file.read_bytes())
        other.close()
    refused = run("secrets", "forget", typed="n\n")
    assert refused.exit_code == 1
    result = run("secrets", "forget", typed="y\n")
    assert result.exit_code == 0 and "2 saved values were emptied" in result.output
    del context.__dict__["vault"]
    assert context.vault.fingerprint != before
    with context.database.reading() as session:
        entries, _total = list_audit(session, AuditFilter(action="secrets.forget"))
        assert len(entries) == 1 and get_mark(session, "sealed") == ""
    if loss == "damaged":
        (kept,) = context.data_dir.glob("secret.key.damaged-*")
        assert kept.read_text() == "half of it"


def test_adding_a_person(context: Context, run) -> None:
    result = run("users", "add", "--username", "admin2", "--role", "administrator", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0 and PASSWORD not in result.output
    with context.database.session() as session:
        user = sign_in(session, "admin2", PASSWORD, context.clock())
        assert user is not None and user.role == Role.ADMINISTRATOR
        (entry,), _total = list_audit(session, AuditFilter(action="user.create"))
        assert entry.actor == "terminal" and "admin2" in entry.summary and PASSWORD not in entry.summary + entry.detail


@pytest.mark.parametrize(("words", "typed", "told"), [
    (("--username", "thầy", "--role", "viewer"), "", "no accents"),
    (("--username", "staff", "--role", "school_staff"), "", "--unit NUMBER"),
    (("--username", "staff", "--role", "viewer"), "short\nshort\n", "at least 10"),
    (("--username", "staff", "--role", "boss"), "", "administrator"),
])
def test_bad_person_is_told_and_nothing_made(context: Context, run, words, typed: str, told: str) -> None:
    result = run("users", "add", *words, typed=typed)
    assert result.exit_code == 2 and told in result.output
    with context.database.reading() as session:
        assert find_user(session, "staff") is None


def test_name_that_is_taken(context: Context, run) -> None:
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    assert run("users", "add", "--username", "staff", "--role", "viewer", typed=typed).exit_code == 0
    result = run("users", "add", "--username", "STAFF", "--role", "viewer", typed=typed)
    assert result.exit_code == 2 and "already" in result.output


def test_resetting_a_password(context: Context, run) -> None:
    run("users", "add", "--username", "staff", "--role", "viewer", typed=f"{PASSWORD}\n{PASSWORD}\n")
    with context.database.session() as session:
        user = find_user(session, "staff")
        assert user is not None
        user.is_enabled, stamp = False, user.session_stamp
    result = run("users", "reset-password", "--username", "Staff", typed="another good sentence\n" * 2)
    assert result.exit_code == 0
    with context.database.session() as session:
        user = sign_in(session, "staff", "another good sentence", context.clock())
        assert user is not None and user.session_stamp != stamp
    missing = run("users", "reset-password", "--username", "\x1b[2Jnobody")
    assert missing.exit_code == 2 and "no user named" in missing.output and "\x1b" not in missing.output


def test_settings_are_listed_with_origin_and_without_secrets(run) -> None:
    shown = run("settings").output
    assert "garden.trees" in shown and "How many trees [tall]" in shown and "EDUNOC_GARDEN_TOKEN" in shown
    assert "th3-real-w0rd" not in shown and "***" in shown
    rows = {row["setting"]: row for row in json.loads(run("settings", "--json").output)}
    assert rows["garden.trees"] == {
        "setting": "garden.trees", "environment": "EDUNOC_GARDEN_TREES", "value": "3", "origin": "default",
        "meaning": "How many trees [tall]",
    }
    assert rows["garden.token"]["value"] == "***" and rows["database_url"]["value"] == ""
    assert rows["data_dir"]["origin"] == "EDUNOC_DATA_DIR"


def test_migrate_tells_where_it_went(run) -> None:
    assert run("migrate").exit_code == 0
    assert "nothing was to do" in run("migrate").output


def test_database_that_cannot_be_opened_is_told(tmp_path: Path, run, context: Context) -> None:
    context.close()
    del context.__dict__["unmigrated_database"]
    for file in context.data_dir.glob("edunoc.db*"):
        file.unlink()
    (context.data_dir / "edunoc.db").write_text("not a database at all" * 100)
    for words in (("audit", "verify"), ("migrate",), ("users", "reset-password", "--username", "x")):
        context.__dict__.pop("database", None)
        result = run(*words)
        assert result.exit_code == 2 and "cannot be opened" in result.output
