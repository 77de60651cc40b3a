"""Checks against Debian's own slapd and dovecot."""

from collections.abc import Iterator

import pytest

from collectors.checks import SignIn
from core import Secret
from tests.collectors.checks import daemons
from tests.collectors.checks.authority import Authority
from tests.collectors.checks.daemons import PASSWORD, Ports

ADMIN = SignIn("cn=admin,dc=example,dc=test", Secret(PASSWORD))
TEACHER = SignIn("gv01", Secret(PASSWORD))


@pytest.fixture(scope="module")
def directory(authority: Authority) -> Iterator[Ports]:
    with daemons.slapd(authority) as ports:
        yield ports


@pytest.fixture(scope="module")
def mailboxes(authority: Authority) -> Iterator[Ports]:
    with daemons.dovecot(authority) as ports:
        yield ports


async def test_slapd_over_starttls_and_tls(ask, directory: Ports):
    reading = await ask("ldap", f"localhost:{directory.plain}", expect="dc=example,dc=test", sign_in=ADMIN)
    assert reading.is_ok, reading
    assert reading.values["starttls_offered"] == 1
    assert reading.values["certificate_valid"] == 1
    assert reading.facts["sign_in"] == "ok"
    reading = await ask("ldap", f"localhost:{directory.tls}", security="tls", sign_in=ADMIN)
    assert reading.is_ok, reading
    wrong = SignIn(ADMIN.user, Secret("x"))
    reading = await ask("ldap", f"localhost:{directory.tls}", security="tls", sign_in=wrong)
    assert reading.reason == "sign_in_refused"
    assert (await ask("ldap", f"localhost:{directory.plain}", security="none", sign_in=ADMIN)).reason == (
        "sign_in_in_clear")
    assert (await ask("ldap", f"localhost:{directory.plain}", expect="dc=other")).reason == "context_missing"


async def test_dovecot_over_starttls_and_tls(ask, mailboxes: Ports):
    reading = await ask("imap", f"localhost:{mailboxes.plain}", sign_in=TEACHER, expect="IDLE")
    assert reading.is_ok, reading
    assert reading.values["starttls_offered"] == 1
    assert reading.values["certificate_valid"] == 1
    reading = await ask("imap", f"localhost:{mailboxes.tls}", security="tls", sign_in=TEACHER)
    assert reading.is_ok, reading
    wrong = SignIn("gv01", Secret("x"))
    reading = await ask("imap", f"localhost:{mailboxes.tls}", security="tls", sign_in=wrong, timeout_s=10.0)
    assert reading.reason == "sign_in_refused"
    assert (await ask("imap", f"localhost:{mailboxes.plain}", sign_in=TEACHER, ca_file="")).reason == (
        "sign_in_untrusted")
