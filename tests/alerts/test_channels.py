"""Every channel, against the same contract: hands over, maps failures, keeps its secrets, times out."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import logging
import socket
import threading
from contextlib import suppress

import pytest

from alerts.channels import CHANNELS, Delivery, Environment
from alerts.channels.address_guard import check_url, is_public
from alerts.channels.through_apprise import failure_of
from core import GiveUp, OutsideFailure, TryLater
from tests.alerts.doors import mail_door, web_door

TOKEN = "123456789:" + "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"
SECRETS = ("s3cret-password", TOKEN, "s3cret-path", "s3cret-signature", "s3cret-bearer")
NEAR = Environment(timeout_s=2.0, allow_private_webhooks=True)


def settings_of(key: str, port: int) -> dict[str, object]:
    """Settings of a channel that talks to a port of this machine, full of secrets."""
    return {
        "email": {"server": "127.0.0.1", "port": port, "security": "none", "sender": "edunoc@school.example",
                  "password": "s3cret-password", "user": ""},
        "telegram": {"token": TOKEN, "api_url": f"http://127.0.0.1:{port}"},
        "webhook": {"url": f"http://127.0.0.1:{port}/hook/s3cret-path", "secret": "s3cret-signature",
                    "bearer_token": "s3cret-bearer"},
    }[key]


RECIPIENTS = {"email": "truc@school.example", "telegram": "-100123", "webhook": ""}


def delivery(key: str = "email", **values: object) -> Delivery:
    given = {
        "id": "edunoc-1", "recipient": RECIPIENTS[key], "subject": "[SỰ CỐ] Trường Nguyễn Huệ: mất kết nối",
        "text": "Không liên lạc được với Trường Nguyễn Huệ.",
        "html": "<p>Không liên lạc được với Trường Nguyễn Huệ.</p>", "severity": "critical", "kind": "opened",
        "data": {"id": 1, "titles": {"vi": "Mất kết nối"}}, **values,
    }
    return Delivery(**given)


def hand_over(key: str, port: int, message: Delivery | None = None, environment: Environment = NEAR) -> None:
    kind = CHANNELS[key]
    kind.hand_over(kind.read_settings(settings_of(key, port)), message or delivery(key), environment)


@pytest.fixture
def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_an_email_arrives_with_its_diacritics_as_text_and_html():
    with mail_door() as door:
        hand_over("email", door.port)
    [mail] = door.mails
    assert mail["Subject"] == "[SỰ CỐ] Trường Nguyễn Huệ: mất kết nối"
    assert mail["From"] == "EduNOC <edunoc@school.example>"
    assert door.recipients == [["truc@school.example"]]
    bodies = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
    assert set(bodies) == {"text/plain", "text/html"}
    assert all("Trường Nguyễn Huệ" in body for body in bodies.values())
    assert mail["X-EduNOC-Message"] == "edunoc-1"
    assert mail["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("evil", ["a\r\nBcc: thief@evil.example", "a\nX-Evil: 1", "a\r\n\r\nbody"])
def test_no_header_can_be_smuggled_in(evil):
    with mail_door() as door:
        try:
            hand_over("email", door.port, delivery(subject=evil))
        except OutsideFailure:
            return
    [mail] = door.mails
    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None
    assert door.recipients == [["truc@school.example"]]


@pytest.mark.parametrize(
    "recipient", ["", "a", "a@b.example\r\nBcc: c@d.example", "a@b.example,c@d.example", "x <a@b.example>", "a@b c"])
def test_bad_addresses_are_refused_before_anything_is_sent(recipient):
    assert CHANNELS["email"].recipient_problem(recipient) is not None
    with pytest.raises(GiveUp):
        hand_over("email", 1, delivery(recipient=recipient))


@pytest.mark.parametrize(
    ("answer", "failure", "reason"),
    [
        ("451 later please", TryLater, "busy"),
        ("421 too busy", TryLater, "busy"),
        ("550 no such user", GiveUp, "refused"),
        ("535 wrong password", GiveUp, "wrong_credential"),
    ],
)
def test_what_a_mail_server_says(answer, failure, reason):
    with mail_door() as door:
        door.answer = answer
        with pytest.raises(failure) as caught:
            hand_over("email", door.port)
    assert caught.value.reason == reason


def test_telegram_speaks_to_the_bot_api():
    with web_door() as door:
        hand_over("telegram", door.port)
    [(path, _headers, sent)] = door.requests
    assert path == f"/bot{TOKEN}/sendMessage"
    assert "Trường Nguyễn Huệ" in sent["text"]
    assert str(sent["chat_id"]) == "-100123"


def test_a_webhook_is_signed_and_can_be_told_from_its_repetition():
    with web_door() as door:
        hand_over("webhook", door.port)
    [(path, headers, sent)] = door.requests
    assert path == "/hook/s3cret-path"
    assert sent["incident"] == {"id": 1, "titles": {"vi": "Mất kết nối"}}
    assert headers["Idempotency-Key"] == "edunoc-1"
    assert headers["Authorization"] == "Bearer s3cret-bearer"
    digest = hmac.new(b"s3cret-signature", door.bodies[0], hashlib.sha256).hexdigest()
    assert headers["X-EduNOC-Signature"] == f"sha256={digest}"


@pytest.mark.parametrize("key", ["telegram", "webhook"])
@pytest.mark.parametrize(
    ("status", "failure", "reason"),
    [
        (429, TryLater, "busy"), (500, TryLater, "server_error"), (503, TryLater, "server_error"),
        (401, GiveUp, "wrong_credential"), (400, GiveUp, "refused"),
    ],
)
def test_what_a_web_server_says(key, status, failure, reason):
    with web_door() as door:
        door.status, door.answer = status, {"ok": False, "error_code": status, "description": "no"}
        with pytest.raises(failure) as caught:
            hand_over(key, door.port)
    assert caught.value.reason == reason


@pytest.mark.parametrize("key", ["telegram", "webhook"])
def test_redirects_are_not_followed(key):
    with web_door() as door, web_door() as inside:
        door.status, door.location = 307, inside.url
        with pytest.raises(OutsideFailure):
            hand_over(key, door.port)
        assert inside.requests == []


@pytest.mark.parametrize("key", sorted(CHANNELS))
def test_nobody_there_is_try_later(key, closed_port):
    with pytest.raises(TryLater) as caught:
        hand_over(key, closed_port)
    assert caught.value.reason == "unreachable"


@pytest.mark.parametrize("key", ["telegram", "webhook"])
def test_a_silent_server_is_a_timeout(key):
    with web_door() as door:
        door.hold = threading.Event()
        with pytest.raises(TryLater) as caught:
            hand_over(key, door.port, environment=Environment(0.2, True))
    assert caught.value.reason in ("timeout", "unreachable")


def test_a_silent_mail_server_is_a_timeout():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with pytest.raises(TryLater) as caught:
            hand_over("email", silent.getsockname()[1], environment=Environment(0.2))
    assert caught.value.reason in ("timeout", "unreachable")


@pytest.mark.parametrize("key", sorted(CHANNELS))
def test_no_channel_leaks_a_secret(key, closed_port, caplog, capfd):
    """Settings, errors, logs at the finest level and standard output: none shows what was given as a secret."""
    caplog.set_level(logging.DEBUG)
    kind = CHANNELS[key]
    shown = [repr(kind.read_settings(settings_of(key, closed_port)))]
    shown.append(str(kind.read_settings(settings_of(key, closed_port)).model_dump()))
    with pytest.raises(OutsideFailure) as caught:
        hand_over(key, closed_port)
    error: BaseException | None = caught.value
    while error is not None:
        shown += [str(error), repr(error)]
        error = error.__cause__
    for status in (200, 500):
        with web_door() as door:
            door.status, door.answer = status, {"ok": status == 200, "result": {}, "description": "s3cret-not"}
            with suppress(OutsideFailure):
                hand_over(key, door.port)
    for field in kind.secret_fields():
        with pytest.raises(GiveUp) as refused:
            kind.read_settings({**settings_of(key, closed_port), field: ["s3cret-password"]})
        shown += [str(refused.value), repr(refused.value.__cause__)]
    shown += [caplog.text, *capfd.readouterr()]
    for secret in SECRETS:
        assert all(secret not in text for text in shown), (key, secret)


@pytest.mark.parametrize("key", sorted(CHANNELS))
def test_every_channel_is_complete(key):
    kind = CHANNELS[key]
    assert kind.key == key
    assert kind.secret_fields()
    assert str(kind.label)
    assert all(field.title for field in kind.settings.model_fields.values())
    json.dumps(kind.settings.model_json_schema())


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x", "http://localhost/x", "http://[::1]/", "http://10.1.2.3/", "http://192.168.1.1/",
        "http://172.16.0.1/", "http://169.254.169.254/latest/meta-data", "http://[fe80::1]/", "http://[fd00::1]/",
        "http://0.0.0.0/", "http://[::ffff:127.0.0.1]/", "http://100.64.0.1/", "http://2130706433/", "http://0x7f.1/",
        "http://[2002:7f00:1::]/", "http://224.0.0.1/",
    ],
)
def test_addresses_inside_our_own_network_are_forbidden(url):
    with pytest.raises(GiveUp) as caught:
        check_url(url, allows_private=False)
    assert caught.value.reason == "forbidden_address"


@pytest.mark.parametrize("url", ["ftp://a.example/", "file:///etc/passwd", "http://", "http://user:pw@1.1.1.1/", "x",
                                 "http://1.1.1.1:99999/"])
def test_addresses_that_are_none(url):
    with pytest.raises(GiveUp) as caught:
        check_url(url, allows_private=True)
    assert caught.value.reason == "bad_settings"


def test_a_public_address_passes_and_is_pinned():
    assert check_url("https://1.1.1.1/x", allows_private=False) == ("1.1.1.1", 443, "1.1.1.1")
    assert is_public(ipaddress.ip_address("2606:4700::1111"))


def test_what_apprise_says_is_read_without_its_addresses():
    said = "Telegram POST URL: https://api.telegram.org/bot401:x/sendMessage\nFailed: error=500"
    assert failure_of(said).reason == "server_error"
