"""Orders carry the key of the installation: they go to no metadata service, whatever a server's address says."""

from __future__ import annotations

import pytest

from inventory import MeetingServer


@pytest.mark.parametrize("url", [
    "http://169.254.169.254", "http://[fe80::1]:8080", "http://[::ffff:169.254.169.254]", "http://0.0.0.0:8080",
    "http://100.100.100.200", "http://2852039166", "http://0xa9fea9fe",
])
async def test_an_order_to_a_forbidden_address_is_never_sent(desk, work, url: str) -> None:
    desk.write(lambda session: session.query(MeetingServer).update({"url": url}))
    work()
    found = await desk.until(desk.order("end_meeting"), "failed")
    assert found.failure == "forbidden_address"
