"""Input that cannot be used, at the command line: every problem is told, exit code 2, and nothing is half-done."""

from __future__ import annotations

import socket
from pathlib import Path

from cryptography.fernet import Fernet

from tests.journey.parts import free_port
from tests.journey.watched import Folder, command


def test_every_problem_of_settings_is_told_and_nothing_is_begun(tmp_path: Path) -> None:
    file = tmp_path / "edunoc.toml"
    file.write_text('port = "x"\nnonsense = 1\n[telemetry]\nraw_days = 0\nstore = "mysql"\n')
    environ = {"EDUNOC_DATA_DIR": str(tmp_path / "data"), "EDUNOC_SETTINGS": str(file), "EDUNOC_ALERTS_TICK_S": "-1"}
    refused = command(environ, "run")
    assert refused.returncode == 2 and "Traceback" not in refused.stderr
    for word in ("port", "nonsense", "telemetry.raw_days", "telemetry.store", "EDUNOC_ALERTS_TICK_S"):
        assert word in refused.stderr
    assert not (tmp_path / "data").exists()


def test_what_cannot_be_served_or_opened_is_told_in_words(folder: Folder, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "a.yaml").write_text("rules:\n  - id: x\n    severity: huge\n  - id: y_1\n    nonsense: 1\n")
    (rules / "b.yaml").write_text("rules: [\n")
    key, samples = folder.path / "secret.key", folder.path / "samples"
    whole = key.read_bytes()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        free, taken = str(free_port()), str(other.getsockname()[1])
        wishes = {
            "EDUNOC_PORT": ({"EDUNOC_PORT": taken}, b"", ["Address already in use"]),
            "EDUNOC_HOST": ({"EDUNOC_HOST": "no-such-host.invalid"}, b"", ["no address here"]),
            "EDUNOC_ALERTS_RULES_DIR": ({"EDUNOC_ALERTS_RULES_DIR": str(rules)}, b"",
                                        ["a.yaml:3: rules[0].severity", "rules[1].nonsense", "b.yaml:2"]),
            "no such folder": ({"EDUNOC_ALERTS_RULES_DIR": str(rules / "none")}, b"", ["there is no such folder"]),
            "damaged samples": ({}, b"", ["index.duckdb cannot be read", "from a backup"]),
            "another key": ({}, Fernet.generate_key(), ["does not belong to this database", "secrets forget"]),
            "damaged key": ({}, b"x", ["secrets forget"]),
        }  # fmt: skip
        for what, (more, new_key, words) in wishes.items():
            key.write_bytes(new_key or whole)
            if what == "damaged samples":
                samples.mkdir(exist_ok=True)
                (samples / "index.duckdb").write_bytes(b"garbage" * 1000)
            refused = command({**folder.environ, "EDUNOC_PORT": free, **more}, "run")
            assert refused.returncode == 2 and "Traceback" not in refused.stderr, (what, refused.stderr)
            assert all(word in refused.stderr for word in words), (what, refused.stderr)
            (samples / "index.duckdb").unlink(missing_ok=True)
    key.unlink()
    lost = command({**folder.environ, "EDUNOC_PORT": free}, "run")
    assert lost.returncode == 2 and "is missing" in lost.stderr and not key.exists()


def test_a_spreadsheet_is_taken_whole_or_not_at_all(folder: Folder, tmp_path: Path) -> None:
    sheet = tmp_path / "thiet-bi.csv"
    sheet.write_text("Mã điểm trường,Tên,Loại,Địa chỉ mạng\nD1,sw1,toaster,999.1.1.1\nNOPE,sw2,switch,10.0.0.1\n"
                     "D1,sw3,switch,10.0.0.2\nD1,sw3,switch,10.0.0.3\n")  # fmt: skip
    refused = folder.command("import", str(sheet), "--kind", "devices")
    assert refused.returncode == 2 and "Traceback" not in refused.stderr
    assert [line.split(",")[0] for line in refused.stderr.splitlines()[:4]] == ["dòng 2", "dòng 2", "dòng 3", "dòng 5"]
    assert folder.rows("SELECT count(*) FROM inventory_device") == [(0,)]
