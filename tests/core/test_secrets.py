"""Secrets never show themselves, and a lost or exchanged key file is told in plain words."""

from __future__ import annotations

import copy
import dataclasses
import io
import json
import logging
import threading
from pathlib import Path
from traceback import format_exception

import pytest
from flask import Flask, render_template_string
from hypothesis import given
from hypothesis import strategies as st

from core import Context, Database, SealError, Secret, StartError, Vault, load_settings, sqlite_url
from core.store import bind_key, check_key_file, get_mark, rebind_key

WORD = "th3-real-w0rd"


@dataclasses.dataclass(frozen=True, slots=True)
class Login:
    """Something that carries a secret along."""

    user: str
    password: Secret


SHOWN = {
    "repr": lambda s: repr(s),
    "str": lambda s: str(s),
    "format": lambda s: f"{s} {s!r} {s:>20} {s!s:.3}",
    "percent": lambda s: "%s %r" % (s, s),  # noqa: UP031 - as logging does
    "json": lambda s: json.dumps({"password": s}, default=str),
    "list": lambda s: str([s, {s: s}, (s,)]),
    "dataclass": lambda s: repr(Login("a", s)),
    "asdict": lambda s: repr(dataclasses.asdict(Login("a", s))),
    "copy": lambda s: repr([copy.copy(s), copy.deepcopy(s)]),
    "dir": lambda s: str([getattr(s, name) for name in ("__doc__", "__slots__", "__hash__")]),
}


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN)
def test_secret_never_shows_itself(show) -> None:
    shown = show(Secret(WORD))
    assert WORD not in shown and WORD[:3] not in shown


def test_secret_in_a_log_line() -> None:
    stream = io.StringIO()
    logger = logging.getLogger("tests.secret")
    handler = logging.StreamHandler(stream)
    logger.addHandler(handler)
    logger.warning("sign in with %s %r", Secret(WORD), {"password": Secret(WORD)})
    logger.removeHandler(handler)
    assert "***" in stream.getvalue() and WORD not in stream.getvalue()


def test_secret_on_a_page_and_in_flask_json() -> None:
    app = Flask(__name__)
    with app.app_context():
        assert render_template_string("{{ s }}", s=Secret(WORD)) == "***"
        assert json.loads(app.json.dumps({"s": Secret(WORD)})) == {"s": "***"}


def test_secret_in_a_traceback() -> None:
    try:
        raise ValueError("refused", Secret(WORD))
    except ValueError as error:
        assert WORD not in "".join(format_exception(error))


def test_secret_is_not_pickled() -> None:
    with pytest.raises(TypeError, match="not pickled"):
        Secret(WORD).__reduce_ex__(4)


def test_secrets_compare_without_showing() -> None:
    assert Secret("á") == Secret("á") and Secret("a") != Secret("b") and Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1 and not Secret("") and Secret("x")


@given(st.text())
def test_what_is_sealed_comes_back(text: str) -> None:
    vault = VAULT
    try:
        sealed = vault.seal(Secret(text))
    except UnicodeEncodeError:
        assert any("\ud800" <= letter <= "\udfff" for letter in text)
        return
    assert vault.unseal(sealed).reveal() == text and vault.unseal(vault.seal(text)) == Secret(text)


VAULT = Vault(b"0" * 43 + b"=")


def test_sealing_twice_looks_different(vault: Vault) -> None:
    assert vault.seal("public") != vault.seal("public")


@pytest.mark.parametrize("damage", [
    lambda s: s[:-1], lambda s: "", lambda s: "ữ" + s, lambda s: s[:20] + ("A" if s[20] != "A" else "B") + s[21:],
])
def test_damaged_sealed_value_is_told(vault: Vault, damage) -> None:
    with pytest.raises(SealError, match="enter the secret again"):
        vault.unseal(damage(vault.seal(WORD)))


def test_other_key_does_not_unseal(vault: Vault, tmp_path: Path) -> None:
    other = Vault.open_or_create(tmp_path / "other.key")
    with pytest.raises(SealError, match="another key file") as caught:
        other.unseal(vault.seal(WORD))
    assert WORD not in str(caught.value)


def test_key_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "secret.key"
    first = Vault.open_or_create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Vault.open_or_create(path).fingerprint == first.fingerprint
    assert [file.name for file in path.parent.iterdir()] == ["secret.key"]


def test_key_file_that_others_may_read_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    Vault.open_or_create(path)
    path.chmod(0o644)
    Vault.open_or_create(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    found: list[str] = []
    gate = threading.Barrier(8)

    def start() -> None:
        gate.wait(10)
        found.append(Vault.open_or_create(tmp_path / "secret.key").fingerprint)

    threads = [threading.Thread(target=start) for _thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(found) == 8 and len(set(found)) == 1


@pytest.mark.parametrize("content", [
    b"", b"short", b"\xff" * 44, b"A" * 43, b"not base64, but forty-four bytes long !!!!!!"])
def test_damaged_key_file_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(content)
    with pytest.raises(SealError, match=r"damaged.*backup") as caught:
        Vault.open_or_create(path)
    assert path.read_bytes() == content and str(path) in str(caught.value)


def test_folder_in_place_of_the_key_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "secret.key").mkdir()
    with pytest.raises(SealError, match="cannot be used"):
        Vault.open_or_create(tmp_path / "secret.key")


def test_key_file_in_a_file_instead_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(SealError, match="cannot be used"):
        Vault.open_or_create(tmp_path / "data" / "secret.key")


def test_database_remembers_its_key(either: Database, tmp_path: Path) -> None:
    first = Vault.open_or_create(tmp_path / "a.key")
    second = Vault.open_or_create(tmp_path / "b.key")
    with either.session() as session:
        bind_key(session, first)
        bind_key(session, first)
        with pytest.raises(SealError, match=r"does not belong to this database.*secrets forget"):
            bind_key(session, second)
        assert get_mark(session, "key_fingerprint") == first.fingerprint
        rebind_key(session, second)
        bind_key(session, second)


def context_in(folder: Path) -> Context:
    """A command's context, with the tables of a fresh database."""
    context = Context(load_settings((), environ={"EDUNOC_DATA_DIR": str(folder)}))
    database = Database(sqlite_url(context.data_dir))
    database.create_all()
    database.close()
    return context


def test_lost_key_file_is_told_and_not_made_anew(tmp_path: Path) -> None:
    first = context_in(tmp_path)
    assert first.vault.fingerprint
    first.close()
    first.key_file.unlink()
    second = context_in(tmp_path)
    with pytest.raises(SealError, match=r"is missing.*backup.*secrets forget"):
        _ = second.vault
    assert not second.key_file.exists()
    second.close()


def test_exchanged_key_file_is_told(tmp_path: Path) -> None:
    first = context_in(tmp_path)
    assert first.vault.fingerprint
    first.close()
    first.key_file.unlink()
    Vault.open_or_create(first.key_file)
    second = context_in(tmp_path)
    with pytest.raises(SealError, match="does not belong to this database"):
        _ = second.vault
    second.close()


def test_fresh_database_has_no_key_to_miss(either: Database, tmp_path: Path) -> None:
    with either.session() as session:
        check_key_file(session, tmp_path / "secret.key")


def test_data_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    context = Context(load_settings((), environ={"EDUNOC_DATA_DIR": str(tmp_path / "file" / "data")}))
    with pytest.raises(StartError, match="EDUNOC_DATA_DIR"):
        _ = context.database
