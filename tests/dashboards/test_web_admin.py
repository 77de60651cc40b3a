"""The administration: people, tokens, credentials, channels, windows, rules, audit. All changes are audited."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from web_person import PASSWORD, Person

from alerts import Silence, list_channels, list_routes, list_windows
from core import AuditFilter, Role, catalogue, find_token, find_user, list_audit, list_tokens, verify_audit
from dashboards.store import list_overrides
from inventory import find_credential


@pytest.fixture
def admin(as_role) -> Person:
    return as_role(Role.ADMINISTRATOR)


def actions(database) -> list[str]:
    """What the audit holds, newest first; the chain must be whole."""
    with database.reading() as session:
        assert verify_audit(session).reason == "ok"
        return [entry.action for entry in list_audit(session, AuditFilter())[0]]


def shown_once(text: str) -> str:
    """The secret of a page that shows one to copy."""
    return BeautifulSoup(text, "html.parser").find(attrs={"data-copy": True})["data-copy"]


# -- people --


def test_a_new_person_gets_a_first_password_and_must_change_it(admin: Person, app, database, places) -> None:
    form = {"username": "cntt.th1", "full_name": "Cán bộ CNTT", "role": "school_staff", "unit_code": "TH1"}
    page = admin.post("/admin/users/new", form)
    password = shown_once(page.text)
    with database.reading() as session:
        user = find_user(session, "cntt.th1")
        assert (user.unit_id, user.must_change_password) == (places.unit1, True)
    assert password not in admin.get("/admin/users").text
    person = Person(app.test_client())
    person.sign_in("cntt.th1", password)
    assert person.get("/devices").location == "/account/password"
    assert actions(database)[1] == "user.create"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"unit_code": ""}, "unit_code"),
        ({"unit_code": "NOWHERE"}, "unit_code"),
        ({"username": "admin istrator"}, "username"),
        ({"username": "Viewer"}, "username"),
        ({"email": "no address"}, "email"),
        ({"role": "emperor"}, "role"),
    ],
)
def test_what_is_wrong_with_a_person_is_told_at_the_field(admin: Person, change: dict, field: str) -> None:
    form = {"username": "somebody", "full_name": "Ai đó", "role": "school_staff", "unit_code": "TH1", **change}
    answer = admin.post("/admin/users/new", form)
    assert answer.status_code == 422
    soup = BeautifulSoup(answer.text, "html.parser")
    assert soup.find(id=f"{field}-error") is not None
    assert soup.find("input", {"name": "full_name"})["value"] == "Ai đó"


def test_the_last_administrator_stays(admin: Person, database) -> None:
    with database.reading() as session:
        own = find_user(session, "administrator").id
    assert admin.post(f"/admin/users/{own}", {"full_name": "x", "role": "viewer"}).status_code == 422
    admin.post(f"/admin/users/{own}/enabled", {"is_enabled": "0"})
    with database.reading() as session:
        user = find_user(session, "administrator")
        assert (user.role, user.is_enabled) == ("administrator", True)


def test_locking_out_and_a_new_password_end_sessions(admin: Person, as_role, app, database) -> None:
    viewer = as_role(Role.VIEWER)
    with database.reading() as session:
        number = find_user(session, "viewer").id
    admin.post(f"/admin/users/{number}/enabled", {"is_enabled": "0"})
    assert viewer.get("/account").status_code == 302
    admin.post(f"/admin/users/{number}/enabled", {"is_enabled": "1"})
    password = shown_once(admin.post(f"/admin/users/{number}/password").text)
    again = Person(app.test_client())
    assert again.sign_in("viewer").status_code == 422
    assert again.sign_in("viewer", password).status_code == 302
    assert PASSWORD not in str(actions(database))


# -- tokens --


def test_a_token_is_shown_once_and_works_until_it_is_revoked(admin: Person, app, database, now) -> None:
    page = admin.post("/admin/tokens/new", {"name": "Telegraf", "permissions": ["view", "write_samples"], "days": "30"})
    token = shown_once(page.text)
    header = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get("/api/v1/units", headers=header).status_code == 200
    assert token not in admin.get("/admin/tokens").text
    with database.reading() as session:
        row = find_token(session, token, now)
        assert (row.expires_at - now).days == 30
        number = list_tokens(session)[0].id
    admin.post(f"/admin/tokens/{number}/revoke")
    assert app.test_client().get("/api/v1/units", headers=header).status_code == 401
    assert actions(database)[:2] == ["token.revoke", "token.create"]


def test_a_token_without_rights_or_for_nowhere_is_refused(admin: Person) -> None:
    for change in ({"permissions": []}, {"unit_code": "NOWHERE"}, {"name": ""}, {"permissions": ["manage_users"]}):
        form = {"name": "x", "permissions": ["view"], "days": "30", **change}
        assert admin.post("/admin/tokens/new", form).status_code == 422, change


# -- credentials --


def test_a_secret_is_never_shown_again(admin: Person, database, vault) -> None:
    form = {"kind": "snmp_v3", "name": "Lõi", "user": "noc", "auth_kind": "sha256", "auth_secret": "very-secret-1"}
    assert admin.post("/admin/credentials/new", form).status_code == 302
    with database.reading() as session:
        number = find_credential(session, "Lõi").id
    page = admin.get(f"/admin/credentials/{number}").text
    assert "very-secret-1" not in page
    assert 'value="noc"' in page
    assert (
        admin.post(f"/admin/credentials/{number}", {"name": "Lõi 2", "user": "noc", "auth_kind": "sha256"}).status_code
        == 302
    )
    assert "very-secret-1" not in str(admin.get("/admin/audit").text)
    assert admin.post(f"/admin/credentials/{number}/delete").status_code == 302
    assert actions(database)[:3] == ["credential.delete", "credential.update", "credential.create"]


def test_a_wrong_credential_is_told_at_the_field(admin: Person) -> None:
    answer = admin.post("/admin/credentials/new", {"kind": "snmp_v2c", "name": "Chung", "community": ""})
    assert answer.status_code == 422
    assert BeautifulSoup(answer.text, "html.parser").find(id="community-error") is not None


# -- channels --

MAIL = {
    "kind": "email",
    "name": "Thư",
    "server": "127.0.0.1",
    "port": "9",
    "security": "none",
    "sender": "noc@example.edu.vn",
    "user": "noc",
    "password": "mail-secret",
    "is_enabled": "true",
    "per_minute": "20",
}


def test_a_channel_is_made_and_its_secret_stays_sealed(admin: Person, database) -> None:
    assert admin.post("/admin/channels/new", MAIL).status_code == 302
    with database.reading() as session:
        channel = list_channels(session)[0]
        assert "mail-secret" not in channel.sealed
    page = admin.get(f"/admin/channels/{channel.id}").text
    assert "mail-secret" not in page
    assert "noc@example.edu.vn" in page
    assert admin.post(f"/admin/channels/{channel.id}", {**MAIL, "password": "", "name": "Thư 2"}).status_code == 302
    assert admin.post("/admin/channels/new", {**MAIL, "name": "Thư 2"}).status_code == 422
    assert admin.post("/admin/channels/new", {**MAIL, "name": "x", "server": ""}).status_code == 422


def test_a_test_message_that_fails_says_why(admin: Person, database) -> None:
    admin.post("/admin/channels/new", MAIL)
    with database.reading() as session:
        number = list_channels(session)[0].id
    admin.post(f"/admin/channels/{number}/test", {"recipient": "a@example.edu.vn"})
    assert "note-danger" in admin.get("/admin/channels").text


def test_a_recipient_gets_what_its_unit_has(admin: Person, database, places) -> None:
    admin.post("/admin/channels/new", MAIL)
    with database.reading() as session:
        number = list_channels(session)[0].id
    form = {
        "recipient": "th1@example.edu.vn",
        "min_severity": "major",
        "hours": "always",
        "language": "vi",
        "unit_code": "TH1",
    }
    assert admin.post(f"/admin/channels/{number}/routes/new", form).status_code == 302
    with database.reading() as session:
        route = list_routes(session)[0]
    assert route.unit_path == f"/{places.top}/{places.unit1}/"
    assert admin.post(f"/admin/channels/routes/{route.id}", {**form, "recipient": "no address"}).status_code == 422
    assert admin.post(f"/admin/channels/{number}/routes/new", {**form, "unit_code": "NOWHERE"}).status_code == 422
    assert admin.post(f"/admin/channels/routes/{route.id}/delete").status_code == 302
    assert admin.post(f"/admin/channels/{number}/delete").status_code == 302
    with database.reading() as session:
        assert not list_channels(session)


# -- silences, rules --


def test_a_silence_is_made_and_ended(admin: Person, database, places) -> None:
    form = {
        "kind": "silence",
        "target": "site",
        "code": "D1",
        "starts_at": "2026-11-23T07:00",
        "ends_at": "2026-11-23T17:00",
        "reason": "thay tủ mạng",
    }
    assert admin.post("/silences/new", form).status_code == 302
    with database.reading() as session:
        window = list_windows(session, Silence)[0]
    assert (window.site_id, window.starts_at.hour) == (places.site1, 0)  # 07:00 in Viet Nam
    assert "thay tủ mạng" in admin.get("/silences").text
    admin.post(f"/silences/silence/{window.id}/end")
    with database.reading() as session:
        assert list_windows(session, Silence)[0].cancelled_at is not None
    for change in ({"code": "NOWHERE"}, {"ends_at": ""}, {"reason": ""}, {"ends_at": "2026-11-22T17:00"}):
        answer = admin.post("/silences/new", {**form, **change})
        assert answer.status_code == 422, change
        assert "note-danger" in answer.text


def test_a_rule_gets_other_numbers_and_its_own_back(admin: Person, database) -> None:
    assert (
        admin.post("/admin/rules/cpu_busy", {"is_enabled": "true", "threshold": "0,97", "reason": "máy cũ"}).status_code
        == 302
    )
    assert admin.post("/admin/rules/cpu_busy", {"is_enabled": "true", "threshold": "0.98"}).status_code == 302
    with database.reading() as session:
        assert [(one.rule_id, one.threshold) for one in list_overrides(session)] == [("cpu_busy", 0.98)]
    assert admin.post("/admin/rules/cpu_busy", {"threshold": "many"}).status_code == 422
    assert admin.post("/admin/rules/nonsense").status_code == 404
    admin.post("/admin/rules/cpu_busy/reset")
    with database.reading() as session:
        assert not list_overrides(session)


# -- audit, settings, health --


def test_the_audit_is_filtered_verified_and_exported(admin: Person, database) -> None:
    admin.post("/admin/credentials/new", {"kind": "snmp_v2c", "name": "<script>x</script>", "community": "c"})
    page = admin.get("/admin/audit?action=credential.create").text
    assert "<script>x" not in page
    assert "credential.create" in page
    assert "session.begin" not in page
    assert "note-success" in admin.get("/admin/audit/verify").text
    assert "note-danger" in admin.get("/admin/audit/verify?expect=abc").text
    assert admin.get("/admin/audit?format=csv").mimetype == "text/csv"


def test_settings_show_origin_and_no_secret(admin: Person) -> None:
    page = admin.get("/admin/settings").text
    assert "EDUNOC_DASHBOARDS_THREADS" in page
    assert "EDUNOC_DATA_DIR" in page
    assert not re.search(r"SecretStr", page)


def test_the_meaning_of_every_setting_is_translated(services) -> None:
    words = catalogue("vi")
    sections = [type(section) for section in services.settings]
    meanings = [field.description for section in sections for field in section.model_fields.values()]
    assert [text for text in meanings if text not in words] == []


def test_the_own_health_page_opens_with_and_without_measuring_parts(admin: Person, services) -> None:
    assert admin.get("/admin/health").status_code == 200
    for name in ("registry", "live", "store", "ingest"):
        object.__setattr__(services, name, None)
    assert admin.get("/admin/health").status_code == 200
    assert admin.get("/api/v1/window?series=1").status_code == 503
