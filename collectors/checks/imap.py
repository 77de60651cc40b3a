"""Can people read their mail: greeting, capabilities, STARTTLS, certificate, and signing in if a credential is given.

RFC 9051. A password goes over an encrypted connection with a certificate that holds, or not at all.
"""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable

from collectors.checks.certificate import with_certificate
from collectors.checks.outcome import CheckTarget, Measured, Resolve, SignIn
from collectors.checks.place import begins_with_tls, wants_starttls
from collectors.checks.wire import Dialling, Wire, may_sign_in
from core import GiveUp, TryLater

TLS_PORTS = (993,)
REPLY_LINES = 100


async def probe(check: CheckTarget, resolve: Resolve, wall: Callable[[], float]) -> Measured:
    """Talk to the mailbox server at `host:port`. Raises GiveUp and TryLater."""
    dialling = Dialling(check, resolve)
    facts: dict[str, str] = {}

    async def talk(wire: Wire, context: ssl.SSLContext) -> set[str]:
        return await _talk(wire, context, dialling, facts)

    offers = await dialling.over_tls(talk)
    reason, detail, values = "ok", "", dict(dialling.values)
    if check.expect and check.expect.upper() not in offers:
        reason, detail = "capability_missing", check.expect[:100]
    return with_certificate(Measured(values, reason, detail, facts), dialling.seen, dialling.host, wall())


async def _talk(wire: Wire, context: ssl.SSLContext, dialling: Dialling, facts: dict[str, str]) -> set[str]:
    check = dialling.check
    if begins_with_tls(check, dialling.port, TLS_PORTS):
        await dialling.secure(wire, context)
    greeting = await wire.line()
    facts["greeting"] = greeting[:120]
    if not greeting.upper().startswith(("* OK", "* PREAUTH")):
        word = "mail_not_ready" if greeting.upper().startswith("* BYE") else "bad_reply"
        raise TryLater(word, greeting[:200])
    offers = await _capabilities(wire, "a1")
    if not wire.is_secure:
        dialling.values["starttls_offered"] = float("STARTTLS" in offers)
        if wants_starttls(check, "STARTTLS" in offers):
            await _ask(wire, "a2", "STARTTLS")
            await dialling.secure(wire, context)
            offers = await _capabilities(wire, "a3")
    facts["offers"] = ", ".join(sorted(offers))[:200]
    if check.sign_in is not None:
        may_sign_in(wire, dialling.seen)
        await _sign_in(wire, check.sign_in, offers)
        facts["sign_in"] = "ok"
    await wire.say("a9 LOGOUT")
    return offers


async def _capabilities(wire: Wire, tag: str) -> set[str]:
    lines = await _ask(wire, tag, "CAPABILITY")
    said = (line.split()[2:] for line in lines if line.upper().startswith("* CAPABILITY"))
    return {word.upper()[:60] for words in said for word in words}


async def _sign_in(wire: Wire, who: SignIn, offers: set[str]) -> None:
    if "AUTH=PLAIN" in offers:
        secret = base64.b64encode(f"\0{who.user}\0{who.password.reveal()}".encode())
        await wire.say("a4 AUTHENTICATE PLAIN")
        line = await wire.line()
        if not line.startswith("+"):
            raise TryLater("sign_in_refused", line[:120])
        await wire.say(secret + b"\r\n")
        _lines, said = await _until(wire, "a4")
    else:
        if "LOGINDISABLED" in offers:
            raise GiveUp("sign_in_refused", "LOGINDISABLED")
        await wire.say(f"a4 LOGIN {_quoted(who.user)} {_quoted(who.password.reveal())}")
        _lines, said = await _until(wire, "a4")
    if not said.upper().startswith("OK"):
        raise TryLater("sign_in_refused", said[:120])


def _quoted(text: str) -> str:
    if not text.isprintable() or not text.isascii():
        raise GiveUp("no_sign_in", "only ASCII without AUTH=PLAIN")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


async def _ask(wire: Wire, tag: str, command: str) -> list[str]:
    await wire.say(f"{tag} {command}")
    lines, said = await _until(wire, tag)
    if not said.upper().startswith("OK"):
        raise TryLater("mail_refused", f"{command}: {said}"[:200])
    return lines


async def _until(wire: Wire, tag: str) -> tuple[list[str], str]:
    """(lines before, what the tagged line says)."""
    lines: list[str] = []
    while len(lines) < REPLY_LINES:
        line = await wire.line()
        if line.startswith(f"{tag} "):
            return lines, line[len(tag) + 1 :]
        lines.append(line)
    raise TryLater("bad_reply", "an answer without an end")
