"""Who asks a device: the kinds of credential, their check, and the JSON that the vault seals. Opens no connection.

A secret is a `core.Secret` from the moment it is read; what is wrong is told without repeating what was entered.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from core import N_, Secret
from core import gettext as _
from inventory.kinds import AUTH_KINDS, CREDENTIAL_KINDS, PRIV_KINDS
from inventory.problems import FieldProblem, InvalidInput

SECRET_LIMIT = 200
KEY_LIMIT = 16_000
V3_LEAST = 8  # RFC 3414 section 11.2: a password has at least 8 octets


@dataclass(frozen=True, slots=True)
class SnmpCredential:
    """SNMP v1 and v2c need a community; v3 a user, and as its kinds say the two secrets. `version`: "1", "2c", "3"."""

    SECRETS: ClassVar[tuple[str, ...]] = ("community", "auth_secret", "priv_secret")

    version: str
    community: Secret | None = None
    user: str = ""
    auth_kind: str = "none"
    auth_secret: Secret | None = None
    priv_kind: str = "none"
    priv_secret: Secret | None = None
    context: str = ""


@dataclass(frozen=True, slots=True)
class SshCredential:
    """A log-in on a device or machine: password or private key (OpenSSH or PEM text), or both."""

    SECRETS: ClassVar[tuple[str, ...]] = ("password", "private_key", "enable_password")

    user: str
    password: Secret | None = None
    private_key: Secret | None = None
    enable_password: Secret | None = None
    port: int = 22


@dataclass(frozen=True, slots=True)
class PjlinkCredential:
    """The password of a projector; None when it asks for none."""

    SECRETS: ClassVar[tuple[str, ...]] = ("password",)

    password: Secret | None = None


@dataclass(frozen=True, slots=True)
class HttpCredential:
    """Basic log-in, or a bearer token."""

    SECRETS: ClassVar[tuple[str, ...]] = ("password", "token")

    user: str = ""
    password: Secret | None = None
    token: Secret | None = None


AnyCredential = SnmpCredential | SshCredential | PjlinkCredential | HttpCredential

_VERSIONS = {"snmp_v1": "1", "snmp_v2c": "2c", "snmp_v3": "3"}
_CLASSES: dict[str, type[Any]] = {
    "snmp_v1": SnmpCredential, "snmp_v2c": SnmpCredential, "snmp_v3": SnmpCredential,
    "ssh": SshCredential, "pjlink": PjlinkCredential, "http": HttpCredential,
}

# The fields of each kind, in the order of the form. Those ending in a star are secret: write only.
CREDENTIAL_FIELDS: dict[str, tuple[str, ...]] = {
    "snmp_v1": ("community*",),
    "snmp_v2c": ("community*",),
    "snmp_v3": ("user", "auth_kind", "auth_secret*", "priv_kind", "priv_secret*", "context"),
    "ssh": ("user", "password*", "private_key*", "enable_password*", "port"),
    "pjlink": ("password*",),
    "http": ("user", "password*", "token*"),
}

CREDENTIAL_TITLES: dict[str, str] = {
    "community": N_("Community"),
    "user": N_("User name"),
    "auth_kind": N_("Authentication"),
    "auth_secret": N_("Authentication password"),
    "priv_kind": N_("Privacy (encryption)"),
    "priv_secret": N_("Privacy password"),
    "context": N_("Context"),
    "password": N_("Password"),
    "private_key": N_("Private key"),
    "enable_password": N_("Enable password"),
    "port": N_("Port"),
    "token": N_("Token"),
}


def check_credential(kind: str, raw: Mapping[str, Any], known: AnyCredential | None = None) -> AnyCredential:
    """A credential from a form. A secret left empty keeps the one in `known`. Raises InvalidInput with all problems."""
    if kind not in CREDENTIAL_KINDS:
        shown = ", ".join(CREDENTIAL_KINDS.values())
        raise InvalidInput([FieldProblem(None, "kind", _("Choose one of: %(values)s.", values=shown))])
    problems: list[FieldProblem] = []
    values: dict[str, Any] = {}
    for starred in CREDENTIAL_FIELDS[kind]:
        name = starred.rstrip("*")
        if starred.endswith("*"):
            values[name] = _secret(name, raw.get(name), problems) or getattr(known, name, None)
        else:
            values[name] = _plain(name, raw.get(name, getattr(known, name, None)), problems)
    problems.extend(FieldProblem(None, *trouble) for trouble in _RULES[kind](values))
    if problems:
        raise InvalidInput(problems)
    if kind in _VERSIONS:
        values["version"] = _VERSIONS[kind]
    return _CLASSES[kind](**values)


def credential_to_json(credential: AnyCredential) -> Secret:
    """The whole credential as JSON text, to be sealed at once."""
    shown = {
        name: value.reveal() if isinstance(value, Secret) else value
        for name, value in ((field.name, getattr(credential, field.name)) for field in fields(credential))
    }
    return Secret(json.dumps(shown, ensure_ascii=False, sort_keys=True))


def credential_from_json(kind: str, text: Secret) -> AnyCredential:
    """The credential that credential_to_json wrote; names this version does not know are left out."""
    made = _CLASSES[kind]
    known = {field.name for field in fields(made)}
    values = {name: value for name, value in json.loads(text.reveal()).items() if name in known}
    for name in made.SECRETS:
        if values.get(name) is not None:
            values[name] = Secret(values[name])
    return made(**values)


def shown_fields(credential: AnyCredential) -> dict[str, Any]:
    """What a form may show of a credential: its open fields, and for each secret only whether there is one."""
    values = {field.name: getattr(credential, field.name) for field in fields(credential)}
    return {name: bool(value) if name in credential.SECRETS else value for name, value in values.items()}


def _secret(name: str, raw: Any, problems: list[FieldProblem]) -> Secret | None:
    text = raw.reveal() if isinstance(raw, Secret) else "" if raw is None else str(raw)
    is_key = name == "private_key"
    if is_key and text:
        text = text.replace("\r\n", "\n").strip() + "\n"
    if len(text) > (KEY_LIMIT if is_key else SECRET_LIMIT):
        problems.append(FieldProblem(None, name, _("This secret is too long. Check that only the secret was pasted.")))
    elif not is_key and text and not text.isprintable():
        problems.append(FieldProblem(
            None, name, _("This secret holds characters that cannot be typed. Enter it by hand.")))
    elif is_key and text and "PRIVATE KEY-----" not in text:
        problems.append(FieldProblem(
            None, name, _("This is not a private key. Paste the whole file, from -----BEGIN to -----END.")))
    else:
        return Secret(text) if text else None
    return None


def _plain(name: str, raw: Any, problems: list[FieldProblem]) -> Any:
    text = "" if raw is None else str(raw).strip()
    if name == "port":
        if not text:
            return 22
        if text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 65535:
            return int(text[:6])
        problems.append(FieldProblem(None, name, _("Enter a port from 1 to 65535.")))
        return 22
    words = {"auth_kind": AUTH_KINDS, "priv_kind": PRIV_KINDS}.get(name)
    if words is not None:
        if text in words or not text:
            return text or "none"
        shown = ", ".join(_(label) for label in words.values())
        problems.append(FieldProblem(None, name, _("Choose one of: %(values)s.", values=shown)))
        return "none"
    if len(text) > 64 or not text.isprintable():
        problems.append(FieldProblem(None, name, _("At most 64 characters, all of them printable.")))
        return ""
    return text


def _needs_community(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    if values["community"]:
        return []
    return [("community", _("Enter the community, as set on the device. Many devices come with: public."))]


def _v3_rules(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    troubles = [] if values["user"] else [("user", _("Enter the SNMPv3 user name, as set on the device."))]
    if values["priv_kind"] != "none" and values["auth_kind"] == "none":
        troubles.append(("auth_kind", _("SNMPv3 has no privacy without authentication. Choose an authentication.")))
    for side in ("auth", "priv"):
        name, secret = f"{side}_secret", values[f"{side}_secret"]
        if values[f"{side}_kind"] != "none" and len(secret.reveal() if secret else "") < V3_LEAST:
            troubles.append((name, _("An SNMPv3 password has at least 8 characters. Enter the one set on the device.")))
    return troubles


def _ssh_rules(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    troubles = [] if values["user"] else [("user", _("Enter the user name."))]
    if not values["password"] and not values["private_key"]:
        troubles.append(("password", _("Enter a password or a private key.")))
    return troubles


def _pjlink_rules(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    secret = values["password"]
    if secret and len(secret.reveal()) > 32:  # PJLink class 1: at most 32 alphanumeric characters
        return [("password", _("A projector's password has at most 32 characters."))]
    return []


def _http_rules(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    if values["token"] or values["user"]:
        return []
    return [("user", _("Enter a user name and password, or a token."))]


_RULES = {
    "snmp_v1": _needs_community, "snmp_v2c": _needs_community, "snmp_v3": _v3_rules, "ssh": _ssh_rules,
    "pjlink": _pjlink_rules, "http": _http_rules,
}
