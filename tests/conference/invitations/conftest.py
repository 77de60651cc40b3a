"""A mail server and a mailbox server, real and on loopback, and the bench that works with them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from conference import Bench, ConferenceSettings
from core import CoreSettings, Database, Settings, Vault
from telemetry import LiveTable, SeriesRegistry
from tests.collectors.checks import daemons
from tests.collectors.checks.authority import Authority
from tests.collectors.checks.daemons import Ports
from tests.conference.invitations.mail_server import MailServer, mail_server

MakeBench = Callable[..., Bench]


@pytest.fixture(scope="package")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Certificates are checked against the real clock by the TLS library."""
    return Authority(tmp_path_factory.mktemp("authority"), datetime.now(UTC))


@pytest.fixture(scope="package")
def servers(authority: Authority) -> Iterator[MailServer]:
    with mail_server(authority) as server:
        yield server


@pytest.fixture
def server(servers: MailServer) -> MailServer:
    """The mail server without the mails and the moods of the test before."""
    servers.calm_down()
    return servers


@pytest.fixture(scope="package")
def dovecot(authority: Authority) -> Iterator[Ports]:
    with daemons.dovecot(authority) as ports:
        yield ports


@pytest.fixture
def make_bench(database: Database, vault: Vault, server: MailServer, authority: Authority) -> MakeBench:
    """A bench whose settings send over the mail server; more settings of [conference] by name."""

    def make(**values) -> Bench:
        given = {
            "mail_server": "localhost", "mail_port": server.port, "mail_security": "starttls", "mail_user": "lichhop",
            "mail_password": server.password, "mail_sender": "lichhop@example.edu.vn", "mail_timeout_s": 5,
            "mail_ca_file": str(authority.ca_file), "invitation_delay_s": 60, **values,
        }
        core = CoreSettings(public_url="https://edunoc.example.edu.vn")
        settings = Settings({CoreSettings: core, ConferenceSettings: ConferenceSettings(**given)}, {})
        return Bench(database, vault, settings, lambda: datetime(2026, 11, 21, tzinfo=UTC), SeriesRegistry(database),
                     LiveTable(), None, lambda _batch: None)

    return make
