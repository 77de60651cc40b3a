"""Credentials: checked, sealed, opened, and never shown."""

from __future__ import annotations

import json
import logging
from dataclasses import fields

import pytest

from core import SealError, Secret, Vault
from inventory import (
    AUTH_KINDS,
    CREDENTIAL_FIELDS,
    CREDENTIAL_KINDS,
    CREDENTIAL_TITLES,
    PRIV_KINDS,
    Credential,
    Device,
    HttpCredential,
    InvalidInput,
    NotFound,
    PjlinkCredential,
    SnmpCredential,
    SshCredential,
    check_credential,
    create_credential,
    credential_uses,
    delete_record,
    describe_credential,
    find_credential,
    forget_secrets,
    inventory_version,
    open_credential,
    open_credentials,
    preview_delete,
    update_credential,
    update_record,
)

WORD = "Bí-mật-9876"
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n"
FORMS = {
    "snmp_v1": {"community": WORD},
    "snmp_v2c": {"community": WORD},
    "snmp_v3": {"user": "edunoc", "auth_kind": "sha256", "auth_secret": WORD, "priv_kind": "aes128",
                "priv_secret": WORD, "context": "vlan-1"},
    "ssh": {"user": "admin", "password": WORD, "private_key": KEY, "enable_password": WORD, "port": "2222"},
    "pjlink": {"password": WORD},
    "http": {"user": "admin", "password": WORD},
}


def make(session, vault, kind, **more):
    return create_credential(session, vault, {"name": f"c {kind}", "kind": kind, **FORMS[kind], **more})


@pytest.mark.parametrize("kind", CREDENTIAL_KINDS)
def test_what_is_sealed_is_what_comes_out(session, vault, kind):
    made = make(session, vault, kind)
    opened = open_credential(session, vault, made.id)
    assert isinstance(opened, (SnmpCredential, SshCredential, PjlinkCredential, HttpCredential))
    for name, value in FORMS[kind].items():
        found = getattr(opened, name)
        assert (found.reveal() if isinstance(found, Secret) else str(found)) == value
    assert open_credentials(session, vault) == {made.id: opened}
    assert find_credential(session, f"c {kind}").id == made.id


@pytest.mark.parametrize("kind", CREDENTIAL_KINDS)
def test_a_secret_shows_nowhere(session, vault, kind, caplog):
    made = make(session, vault, kind)
    opened = open_credential(session, vault, made.id)
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").warning("%s %r %s", opened, made, {"credential": opened})
    described = describe_credential(session, vault, made.id)
    everything = [repr(opened), str(opened), f"{opened}", repr(made), made.sealed, repr(described),
                  json.dumps(described), caplog.text]
    assert all(WORD not in text and "abc" not in text for text in everything)
    assert described["name"] == f"c {kind}"
    secrets = {starred.rstrip("*") for starred in CREDENTIAL_FIELDS[kind] if starred.endswith("*")}
    assert all(isinstance(described[name], bool) for name in secrets)


@pytest.mark.parametrize("auth", AUTH_KINDS)
@pytest.mark.parametrize("priv", PRIV_KINDS)
def test_every_kind_of_authentication_and_privacy(auth, priv):
    raw = {"user": "u", "auth_kind": auth, "auth_secret": "12345678", "priv_kind": priv, "priv_secret": "12345678"}
    if auth == "none" and priv != "none":
        with pytest.raises(InvalidInput, match="no privacy without authentication"):
            check_credential("snmp_v3", raw)
    else:
        made = check_credential("snmp_v3", raw)
        assert (made.version, made.auth_kind, made.priv_kind) == ("3", auth, priv)


@pytest.mark.parametrize(("kind", "raw", "columns"), [
    ("snmp_v2c", {}, {"community"}),
    ("snmp_v2c", {"community": "a\nb"}, {"community"}),
    ("snmp_v2c", {"community": "x" * 201}, {"community"}),
    ("snmp_v3", {"auth_kind": "sha", "auth_secret": "short"}, {"user", "auth_secret"}),
    ("snmp_v3", {"user": "u", "auth_kind": "rot13"}, {"auth_kind"}),
    ("snmp_v3", {"user": "x" * 65}, {"user"}),
    ("ssh", {"user": "u"}, {"password"}),
    ("ssh", {"user": "u", "private_key": "my key", "port": "0"}, {"password", "private_key", "port"}),
    ("pjlink", {"password": "x" * 33}, {"password"}),
    ("http", {}, {"user"}),
    ("telnet", {}, {"kind"}),
])
def test_what_is_wrong_is_told_without_the_secret(kind, raw, columns):
    with pytest.raises(InvalidInput) as caught:
        check_credential(kind, raw)
    assert {problem.column for problem in caught.value.problems} == columns
    assert all(value not in str(caught.value) for value in raw.values() if len(value) > 4 and value not in ("rot13",))


def test_a_projector_may_have_no_password():
    assert check_credential("pjlink", {}) == PjlinkCredential(None)


def test_an_empty_secret_keeps_the_old_one(session, vault):
    made = make(session, vault, "snmp_v3")
    raw = {"name": "new name", "user": "other", "auth_secret": "", "priv_secret": None}
    update_credential(session, vault, made.id, raw)
    opened = open_credential(session, vault, made.id)
    assert (opened.user, opened.auth_secret, opened.priv_secret) == ("other", Secret(WORD), Secret(WORD))
    assert made.name == "new name"
    before = inventory_version(session)
    update_credential(session, vault, made.id, {"auth_secret": "another-one"})
    assert open_credential(session, vault, made.id).auth_secret == Secret("another-one")
    assert inventory_version(session) > before


def test_names_are_unique_and_not_empty(session, vault):
    make(session, vault, "snmp_v2c", name="x")
    other = make(session, vault, "snmp_v2c", name="y")
    for name in ("", "x", "\x1b[1m", "n" * 101):
        with pytest.raises(InvalidInput) as caught:
            make(session, vault, "snmp_v2c", name=name)
        assert caught.value.problems[0].column == "name"
    with pytest.raises(InvalidInput, match="already"):
        update_credential(session, vault, other.id, {"name": "x"})
    with pytest.raises(InvalidInput) as caught:
        create_credential(session, vault, {"name": "", "kind": "snmp_v1"})
    assert {problem.column for problem in caught.value.problems} == {"name", "community"}


def test_uses_and_deletion(session, everything, vault, province):
    made = make(session, vault, "snmp_v2c")
    update_record(session, everything, Device, province.switch.id, {"credential_id": made.id})
    assert credential_uses(session) == {made.id: 1}
    assert preview_delete(session, everything, Credential, made.id).unlinked == {"device": 1}
    delete_record(session, everything, Credential, made.id)
    session.refresh(province.switch)
    assert province.switch.credential_id is None
    with pytest.raises(NotFound):
        open_credential(session, vault, made.id)


def test_another_key_file_is_told(session, vault, tmp_path):
    made = make(session, vault, "ssh")
    other = Vault.open_or_create(tmp_path / "other.key")
    with pytest.raises(SealError, match="another key file"):
        open_credential(session, other, made.id)
    assert forget_secrets(session) == 1
    with pytest.raises(NotFound, match="emptied"):
        open_credential(session, other, made.id)
    assert open_credentials(session, other) == {}
    assert describe_credential(session, other, made.id)["name"] == "c ssh"
    update_credential(session, other, made.id, FORMS["ssh"])
    assert open_credential(session, other, made.id).user == "admin"


def test_every_field_has_a_title_and_every_secret_is_starred():
    for kind, starred in CREDENTIAL_FIELDS.items():
        made = check_credential(kind, FORMS[kind])
        names = {name.rstrip("*") for name in starred}
        assert names <= set(CREDENTIAL_TITLES)
        assert names <= {field.name for field in fields(made)}
        assert {name.rstrip("*") for name in starred if name.endswith("*")} <= set(made.SECRETS)


def test_a_device_has_a_second_credential_for_pjlink(session, vault, everything, province):
    snmp, pj = (create_credential(session, vault, {"name": kind, "kind": kind, **FORMS[kind]}).id
                for kind in ("snmp_v2c", "pjlink"))  # fmt: skip
    with pytest.raises(InvalidInput, match="another kind"):
        update_record(session, everything, Device, province.switch.id, {"pjlink_credential_id": snmp})
    update_record(session, everything, Device, province.switch.id, {"credential_id": snmp, "pjlink_credential_id": pj})
    update_record(session, everything, Device, province.router.id, {"credential_id": pj, "pjlink_credential_id": pj})
    assert credential_uses(session) == {snmp: 1, pj: 2}
    gone = preview_delete(session, everything, Credential, pj)
    assert gone.unlinked["device"] == 2
    delete_record(session, everything, Credential, pj)
    session.expire_all()
    assert session.get_one(Device, province.switch.id).pjlink_credential_id is None
    assert session.get_one(Device, province.switch.id).credential_id == snmp
