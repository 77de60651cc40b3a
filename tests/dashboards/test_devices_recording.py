"""The page that records a device: asked once, audited, watched, looked through, taken home; nobody else's device."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest

from collectors import DeviceRecording, request_recording
from collectors.store.recordings import RecordingResult, claim_recording, finish_recording, note_recording
from core import AuditEntry, Role

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def admin(as_role):
    return as_role(Role.ADMINISTRATOR)


def finished(database, device_id: int, now, result: RecordingResult) -> int:
    with database.session() as session:
        request_recording(session, device_id, "admin", now)
        wish_id, _ = claim_recording(session, now)
        finish_recording(session, wish_id, result, now)
        return wish_id


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.snmprec", "1.3.6.1.2.1.1.1.0|4|x\n")
    return buffer.getvalue()


def test_a_recording_is_asked_once_and_audited(admin, database, places) -> None:
    for _ in range(2):
        answer = admin.post(f"/devices/{places.device1}/recording")
        assert answer.status_code == 303
    with database.reading() as session:
        assert session.query(DeviceRecording).count() == 1
        assert session.query(AuditEntry).filter_by(action="device.record").count() == 2
    page = admin.get(f"/devices/{places.device1}/recording").text
    assert "hx-get" in page


def test_progress_is_shown_and_an_untaken_wish_says_so(admin, database, places, now) -> None:
    with database.session() as session:
        wish = request_recording(session, places.device1, "admin", now)
        claim_recording(session, now)
        note_recording(session, wish.id, 1234)
        wish_id = wish.id
    part = admin.get(f"/devices/{places.device1}/recording/{wish_id}").text
    assert "1.234" in part or "1234" in part or "1 234" in part
    with database.session() as session:
        session.get(DeviceRecording, wish_id).requested_at = now - timedelta(hours=1)
    late = admin.get(f"/devices/{places.device1}/recording").text
    assert "<form" in late
    assert f"recording/{wish_id}\" hx-trigger" not in late


def test_what_remained_is_listed_and_the_file_is_given(admin, database, places, now) -> None:
    result = RecordingResult("ok", "", "maker-model", [HOSTILE, "GigabitEthernet0/1"], 500, 40, zipped())
    wish_id = finished(database, places.device1, now, result)
    page = admin.get(f"/devices/{places.device1}/recording").text
    assert "GigabitEthernet0/1" in page
    assert HOSTILE not in page
    file = admin.get(f"/devices/{places.device1}/recording/{wish_id}.zip")
    assert file.headers["Content-Disposition"] == 'attachment; filename="maker-model.zip"'
    assert zipfile.ZipFile(io.BytesIO(file.data)).namelist() == ["a.snmprec"]
    assert admin.get(f"/devices/{places.device2}/recording/{wish_id}.zip").status_code == 404


def test_failure_is_explained_and_has_no_file(admin, database, places, now) -> None:
    wish_id = finished(database, places.device1, now, RecordingResult("timeout"))
    page = admin.get(f"/devices/{places.device1}/recording").text
    assert ".zip" not in page
    assert admin.get(f"/devices/{places.device1}/recording/{wish_id}.zip").status_code == 404


def test_others_neither_record_nor_see(as_role, database, places, now) -> None:
    wish_id = finished(database, places.device2, now, RecordingResult("ok", "", "x", [], 1, 0, zipped()))
    staff = as_role(Role.SCHOOL_STAFF)
    for path in ("", f"/{wish_id}", f"/{wish_id}.zip"):
        assert staff.get(f"/devices/{places.device2}/recording{path}").status_code in (403, 404)
    viewer = as_role(Role.VIEWER)
    assert viewer.post(f"/devices/{places.device1}/recording").status_code == 403
