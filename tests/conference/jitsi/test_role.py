"""`app.py reservations` as a process of its own: answers at once, with the main database gone, and ends when told."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx

from tests.conference.jitsi.conftest import RESERVATION_SECRET
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]


def test_the_role_answers_with_the_database_gone(desk, database, world, tmp_path) -> None:
    desk.close()
    database.close()
    (tmp_path / "edunoc.db").write_bytes(b"this is no database any more" * 100)
    before = (tmp_path / "edunoc.db").read_bytes()
    environ = {**os.environ, "EDUNOC_DATA_DIR": str(tmp_path)}
    output = tmp_path / "output.txt"
    with output.open("wb") as file:
        process = subprocess.Popen([sys.executable, "app.py", "reservations", "--port", "0"], cwd=ROOT, env=environ,
                                   stdout=file, stderr=file)
    try:
        wait_until(lambda: "http://" in output.read_text() or process.poll() is not None)
        address = re.search(r"http://127\.0\.0\.1:\d+/jitsi", output.read_text())
        assert address, output.read_text()
        with httpx.Client(trust_env=False, headers={"Authorization": f"Bearer {RESERVATION_SECRET}"}) as client:
            for _turn in range(20):
                answer = client.post(f"{address[0]}/conference", data={"name": "nobody-booked-me"})
                assert (answer.status_code, answer.json()["reason"]) == (403, "unknown_room")
        wait_until(lambda: "main database is away" in output.read_text())
        assert (tmp_path / "edunoc.db").read_bytes() == before
    finally:
        process.terminate()
        assert process.wait(10) == 0
    assert not (tmp_path / "running.lock").exists()  # it claims no data folder
    assert not list(tmp_path.glob("secret.key.*"))
