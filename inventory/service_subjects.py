"""The fields of services and of the checks made on them, as forms, the API and spreadsheets know them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from core import N_
from core import gettext as _
from inventory.check_targets import check_target
from inventory.fields import Field, Subject, Trouble, Values
from inventory.kinds import (
    CHECK_KINDS,
    CHECK_SECURITIES,
    SERVICE_HOURS,
    SERVICE_IMPORTANCES,
    SERVICE_KINDS,
    SERVICE_NEEDED,
)
from inventory.parsing import choice, decimal, email, line, notes, whole, yes_no
from inventory.problems import BadValue

_reference = whole(1, 2**31 - 1)
_STATUS = re.compile(r"[1-5][0-9]{2}(?:[ ,;]+[1-5][0-9]{2})*")

SERVICE = Subject(
    "service", "services", N_("Services"),
    (
        Field("unit_id", N_("Unit code"), _reference, required=True, default=None, refers="unit", example="SO-GDDT",
              help=N_("The code of the office that answers for the service.")),
        Field("name", N_("Name"), line(200), required=True, example="Cổng thông tin điện tử",
              help=N_("Unique within the unit.")),
        Field("kind", N_("Kind"), choice(SERVICE_KINDS), default="other", choices=SERVICE_KINDS),
        Field("importance", N_("Importance"), choice(SERVICE_IMPORTANCES), default="normal",
              choices=SERVICE_IMPORTANCES),
        Field("hours", N_("Must be there"), choice(SERVICE_HOURS), default="always", choices=SERVICE_HOURS,
              help=N_("Availability is counted within these hours only.")),
        Field("target_percent", N_("Promised availability (%)"), decimal(1, 100), default=99.0, example="99.5",
              help=N_("Share of the hours above in which the service must work; 99 % of a month leave 7 hours.")),
        Field("needed", N_("The service works when"), choice(SERVICE_NEEDED), default="all", choices=SERVICE_NEEDED,
              help=N_("One of several servers that stand in for each other: one well check is enough.")),
        Field("down_after", N_("Failures in a row"), whole(1, 20), default=3, example="3",
              help=N_("The service is called down after so many failures of a check, one after the other.")),
        Field("notes", N_("Notes"), notes(4000)),
    ),
    key_help=N_("A service is recognised by its unit and its name."),
)


def _status(raw: Any) -> str:
    text = line(40)(raw)
    if not _STATUS.fullmatch(text):
        raise BadValue(_("Enter HTTP status codes, such as 200 or 200 302."))
    return " ".join(re.split("[ ,;]+", text))


def _check_rules(values: Values) -> list[Trouble]:
    troubles: list[Trouble] = []
    kind = values.get("kind")
    if not values.get("device_id") and not values.get("service_id"):
        troubles.append(("service_id", _("Choose the service that this check belongs to, or the device.")))
    if "target" in values and kind in CHECK_KINDS:
        try:
            values["target"] = check_target(kind, values["target"])
        except BadValue as problem:
            troubles.append(("target", str(problem)))
    if str(values.get("target", "")).startswith(":") and not values.get("device_id"):
        troubles.append(("target", _("A port alone needs a device: write host:port, or choose the device.")))
    if kind == "smtp" and values.get("expect"):
        try:
            email(values["expect"])
        except BadValue as problem:
            troubles.append(("expect", str(problem)))
    if values.get("expect_status") and kind != "http":
        troubles.append(("expect_status", _("Only web pages have a status. Leave this empty.")))
    if values.get("credential_id") and kind not in ("imap", "ldap", "turn"):
        troubles.append(("credential_id", _("Only checks of mailboxes, directories and relays sign in. Choose none.")))
    if float(values.get("timeout_s") or 0) > float(values.get("interval_s") or 0):
        troubles.append(("timeout_s", _("Wait for an answer no longer than the interval between two checks.")))
    return troubles


CHECK = Subject(
    "check", "checks", N_("Checks"),
    (
        Field("service_id", N_("Service"), _reference, default=None, refers="service",
              help=N_("The service that this check speaks for.")),
        Field("device_id", N_("Device"), _reference, default=None, refers="device",
              help=N_("The server, when the target is only a port; or the device that is checked on its own.")),
        Field("name", N_("Name"), line(100), example="Trang đăng nhập",
              help=N_("What people call it; empty: the target says it.")),
        Field("kind", N_("Kind"), choice(CHECK_KINDS), required=True, choices=CHECK_KINDS),
        Field("target", N_("Target"), line(500), required=True, example="https://example.edu.vn/",
              help=N_("Web page: its address. Name: example.edu.vn MX @server. All others: host:port, or :port of the"
                      " device. Relay: turn:host:3478, turns:host:5349; codec: sip:codec@host.")),
        Field("expect", N_("Expected"), line(200),
              help=N_("Web page: a text on it. Name: the answer that must be among those given. Mail transport: an"
                      " address whose mail must be accepted (nothing is sent). Mailboxes: a capability. Directory: a"
                      " naming context. Port: a text in the greeting. Relay: static, when the credential is a user with"
                      " a fixed password; empty: its password is the secret of short-lived ones. Train: seconds, 1 to"
                      " 20.")),
        Field("expect_status", N_("Expected status"), _status, example="200",
              help=N_("Web page only; empty: 200 to 399.")),
        Field("security", N_("Encryption"), choice(CHECK_SECURITIES), default="auto", choices=CHECK_SECURITIES,
              help=N_("Mail and directory only. As the port says: 465, 636 and 993 from the start, otherwise STARTTLS"
                      " when the server offers it.")),
        Field("credential_id", N_("Credential"), _reference, default=None, refers="credential",
              help=N_("Mailboxes, directory and relay only: the HTTP credential with the user name and password to sign"
                      " in with.")),
        Field("interval_s", N_("Interval (seconds)"), whole(10, 86400), default=60),
        Field("timeout_s", N_("Patience (seconds)"), decimal(0.5, 60), default=10.0),
        Field("is_enabled", N_("Enabled"), yes_no, default=True, choices={True: N_("Yes"), False: N_("No")}),
    ),
    rules=(_check_rules,),
    key_help=N_("A check is recognised by its service, kind and target."),
)

# As spreadsheets hold checks: those of services, since a device's own is entered on its page
SERVICE_CHECK = replace(
    CHECK,
    fields=tuple(
        replace(field, required=field.name == "service_id" or field.required)
        for field in CHECK.fields if field.name != "device_id"
    ),
)
