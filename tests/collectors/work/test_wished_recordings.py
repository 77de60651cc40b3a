"""Recordings wished for on a page, as the worker makes them from a real snmpd."""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime

from collectors import Worker, get_recording, request_recording
from core import Database
from tests.waiting import wait_until_async

Start = Callable[..., Worker]
AddDevice = Callable[..., int]


async def test_a_recording_wished_for_is_made_and_kept(
    start: Start, database: Database, add_device: AddDevice, credential_id: int, snmpd: int, now: datetime
):
    device_id = add_device("sw", "127.0.0.1", snmp_port=snmpd, credential_id=credential_id, interval_s=3600)
    alone = add_device("ping alone", "127.0.0.2")
    start()
    with database.session() as session:
        wishes = [request_recording(session, one, "an", now).id for one in (device_id, alone)]

    def found(wish_id: int):
        with database.reading() as session:
            return get_recording(session, wish_id)

    await wait_until_async(lambda: all(found(one).done_at for one in wishes), 40)
    made, refused = map(found, wishes)
    assert made.reason == "ok", made.detail
    assert made.variables > 100
    with zipfile.ZipFile(io.BytesIO(made.body)) as archive:
        text = archive.read(f"{made.name}.snmprec").decode()
    assert "sw-phong-may" not in text
    assert (refused.reason, refused.body) == ("no_credential", None)
