"""The worker as the application runs it: real threads, real mail server, a clock that stands still where it may."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from alerts import AlertsSettings, Worker
from core import CoreSettings, Settings
from inventory import InventorySettings
from tests.alerts.doors import mail_door
from tests.alerts.province import DOWN, EMAIL, add_channel
from tests.waiting import wait_until_async


@pytest.fixture
def settings() -> Settings:
    alerts = AlertsSettings(tick_s=0.5, settle_s=0, allow_private_webhooks=True)
    return Settings({AlertsSettings: alerts, CoreSettings: CoreSettings(), InventorySettings: InventorySettings()}, {})


@asynccontextmanager
async def running(worker: Worker):
    """The worker, until the block ends."""
    task = asyncio.create_task(worker.run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_dark_school_reaches_a_mailbox_while_the_worker_runs(province, vault, settings):
    with mail_door() as door:
        add_channel(province.database, vault, province.at, "email", {**EMAIL, "port": door.port})
        worker = Worker(province.database, vault, province.registry, province.live, province.plane, settings,
                        lambda: province.at)
        async with running(worker) as task:
            province.ping(DOWN, "a.*")
            province.at += timedelta(seconds=30)
            await wait_until_async(lambda: door.mails, what="mail")
            assert not task.done()
    assert "Trường a" in door.mails[0]["Subject"]
    assert REGISTRY.get_sample_value("edunoc_alerts_last_tick_timestamp_seconds") == province.at.timestamp()


async def test_a_failing_tick_is_logged_once_and_tried_again(province, vault, settings, capsys):
    worker = Worker(province.database, vault, province.registry, province.live, province.plane, settings,
                    lambda: province.at)
    worker.watch.start(province.at)
    good, worker.watch.reachability = worker.watch.reachability, None
    await worker.judge_once()
    await worker.judge_once()
    worker.watch.reachability = good
    await worker.judge_once()
    told = capsys.readouterr()
    text = told.out + told.err
    assert text.count("judging failed") == 1
    assert text.count("judging works again") == 1


async def test_a_write_that_fails_loses_nothing(province, vault, settings, monkeypatch):
    """The database refuses once; the next tick compares again and writes."""
    add_channel(province.database, vault, province.at, "email", EMAIL)
    worker = Worker(province.database, vault, province.registry, province.live, province.plane, settings,
                    lambda: province.at)
    worker.watch.start(province.at)
    province.ping(DOWN, "a.*")
    province.at += timedelta(seconds=30)
    with monkeypatch.context() as patched:
        patched.setattr(type(worker.watch), "_write", _refuse)
        await worker.judge_once()
    assert province.incidents() == []
    await worker.judge_once()
    assert len(province.incidents()) == 1
    assert len(province.messages()) == 1


def _refuse(*_arguments: object) -> None:
    raise OSError("disk full")
