"""Does a directory answer: the root entry read without signing in, STARTTLS, certificate, and a bind if asked for.

RFC 4511. The messages are pyasn1's; a password goes over an encrypted connection with a certificate that holds, or not
at all.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable

from pyasn1.codec.ber import decoder, encoder
from pyasn1.error import PyAsn1Error
from pyasn1_modules import rfc2251

from collectors.checks.certificate import with_certificate
from collectors.checks.outcome import CheckTarget, Measured, Resolve, SignIn
from collectors.checks.place import begins_with_tls, wants_starttls
from collectors.checks.wire import Dialling, Wire, may_sign_in
from core import TryLater

TLS_PORTS = (636, 3269)
MESSAGE_LIMIT = 1 << 16
START_TLS = "1.3.6.1.4.1.1466.20037"
WANTED = ("namingContexts", "supportedExtension", "supportedLDAPVersion", "vendorName", "vendorVersion")
ANSWERS = 20  # messages that a read of one entry may take


async def probe(check: CheckTarget, resolve: Resolve, wall: Callable[[], float]) -> Measured:
    """Talk to the directory at `host:port`. Raises GiveUp and TryLater."""
    dialling = Dialling(check, resolve)
    facts: dict[str, str] = {}

    async def talk(wire: Wire, context: ssl.SSLContext) -> list[str]:
        return await _talk(wire, context, dialling, facts)

    contexts = await dialling.over_tls(talk)
    reason, detail, values = "ok", "", dict(dialling.values)
    if check.expect and check.expect.replace(" ", "").lower() not in {c.replace(" ", "").lower() for c in contexts}:
        reason, detail = "context_missing", check.expect[:100]
    return with_certificate(Measured(values, reason, detail, facts), dialling.seen, dialling.host, wall())


async def _talk(wire: Wire, context: ssl.SSLContext, dialling: Dialling, facts: dict[str, str]) -> list[str]:
    check = dialling.check
    if begins_with_tls(check, dialling.port, TLS_PORTS):
        await dialling.secure(wire, context)
    entry = await _root_entry(wire, 1)
    if not wire.is_secure:
        # A directory that hides its extensions from strangers is asked all the same when it must be encrypted
        is_offered = START_TLS in entry.get("supportedextension", [])
        dialling.values["starttls_offered"] = float(is_offered)
        if wants_starttls(check, is_offered):
            await _start_tls(wire)
            await dialling.secure(wire, context)
    facts["naming_contexts"] = "; ".join(entry.get("namingcontexts", []))[:200]
    facts["vendor"] = " ".join([*entry.get("vendorname", []), *entry.get("vendorversion", [])])[:120]
    if check.sign_in is not None:
        may_sign_in(wire, dialling.seen)
        await _bind(wire, check.sign_in)
        facts["sign_in"] = "ok"
    return entry.get("namingcontexts", [])


def _message(number: int) -> rfc2251.LDAPMessage:
    message = rfc2251.LDAPMessage()
    message["messageID"] = number
    return message


async def _root_entry(wire: Wire, number: int) -> dict[str, list[str]]:
    """Attribute (lower case) -> values of the root DSE."""
    message = _message(number)
    search = message["protocolOp"]["searchRequest"]
    search["baseObject"], search["scope"], search["derefAliases"] = "", "baseObject", "neverDerefAliases"
    search["sizeLimit"], search["timeLimit"], search["typesOnly"] = 1, 10, False
    search["filter"]["present"] = "objectClass"
    for place, name in enumerate(WANTED):
        search["attributes"].setComponentByPosition(place, name)
    await wire.say(encoder.encode(message))
    entry: dict[str, list[str]] = {}
    for _ in range(ANSWERS):
        operation, answer = await _answer(wire)
        if operation == "searchResEntry":
            entry.update(_attributes(answer))
        elif operation == "searchResDone":
            _expect_success(answer, "directory_refused")
            return entry
    raise TryLater("bad_reply", "an answer without an end")


def _attributes(answer: rfc2251.SearchResultEntry) -> dict[str, list[str]]:
    return {
        bytes(one["type"]).decode("utf-8", "replace").lower(): [
            bytes(value).decode("utf-8", "replace")[:200] for value in one["vals"]
        ]
        for one in answer["attributes"]
    }


async def _start_tls(wire: Wire) -> None:
    message = _message(2)
    message["protocolOp"]["extendedReq"]["requestName"] = START_TLS
    await wire.say(encoder.encode(message))
    _operation, answer = await _answer(wire)
    _expect_success(answer, "no_starttls")


async def _bind(wire: Wire, who: SignIn) -> None:
    message = _message(3)
    request = message["protocolOp"]["bindRequest"]
    request["version"], request["name"] = 3, who.user.encode()
    request["authentication"]["simple"] = who.password.reveal().encode()
    await wire.say(encoder.encode(message))
    _operation, answer = await _answer(wire)
    _expect_success(answer, "sign_in_refused")


def _expect_success(answer: object, reason: str) -> None:
    try:
        code = int(answer["resultCode"])  # type: ignore[index]
        said = bytes(answer["errorMessage"]).decode("utf-8", "replace")  # type: ignore[index]
    except (PyAsn1Error, KeyError, TypeError, ValueError):
        raise TryLater("bad_reply", "LDAP") from None
    if code != 0:
        raise TryLater(reason, f"{code} {said}"[:200])


async def _answer(wire: Wire) -> tuple[str, object]:
    """(kind, content) of the next message. X.690 section 8.1.3: the length in one octet, or in as many as it says."""
    tag, length = await wire.exactly(2)
    head = bytes((tag, length))
    if tag != 0x30 or length == 0x80 or length > 0x84:
        raise TryLater("bad_reply", head.hex())
    if length > 0x80:
        more = await wire.exactly(length & 0x7F)
        head, length = head + more, int.from_bytes(more, "big")
    if length > MESSAGE_LIMIT:
        raise TryLater("bad_reply", f"{length} bytes")
    try:
        message, rest = decoder.decode(head + await wire.exactly(length), asn1Spec=rfc2251.LDAPMessage())
        operation = message["protocolOp"]
        kind = operation.getName()
    except (PyAsn1Error, RecursionError):
        raise TryLater("bad_reply", "LDAP") from None
    if rest:
        raise TryLater("bad_reply", "LDAP")
    return kind, operation[kind]
