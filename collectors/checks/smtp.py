"""Does a mail server take mail: greeting, EHLO, STARTTLS, certificate, and whether it knows a mailbox.

It never sends a message: after RCPT TO comes RSET. RFC 5321, RFC 3207.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable

from collectors.checks.certificate import with_certificate
from collectors.checks.outcome import CheckTarget, Measured, Resolve
from collectors.checks.place import begins_with_tls, wants_starttls
from collectors.checks.wire import Dialling, Wire
from core import GiveUp, TryLater

TLS_PORTS = (465,)
REPLY_LINES = 100


async def probe(check: CheckTarget, resolve: Resolve, wall: Callable[[], float]) -> Measured:
    """Talk to the mail server at `host:port`. Raises GiveUp and TryLater."""
    dialling = Dialling(check, resolve)
    facts: dict[str, str] = {}

    async def talk(wire: Wire, context: ssl.SSLContext) -> str:
        return await _talk(wire, context, dialling, facts)

    detail = await dialling.over_tls(talk)
    reason, values = "ok", dict(dialling.values)
    return with_certificate(Measured(values, reason, detail, facts), dialling.seen, dialling.host, wall())


async def _talk(wire: Wire, context: ssl.SSLContext, dialling: Dialling, facts: dict[str, str]) -> str:
    check = dialling.check
    if begins_with_tls(check, dialling.port, TLS_PORTS):
        await dialling.secure(wire, context)
    code, lines = await _reply(wire)
    facts["greeting"] = lines[-1][:120]
    if code != 220:
        raise TryLater("mail_not_ready", f"{code} {lines[-1]}"[:200])
    offers = await _hello(wire)
    if not wire.is_secure:
        dialling.values["starttls_offered"] = float("STARTTLS" in offers)
        if wants_starttls(check, "STARTTLS" in offers):
            await _ask(wire, "STARTTLS", 220)
            await dialling.secure(wire, context)
            offers = await _hello(wire)
    facts["offers"] = ", ".join(sorted(offers))[:200]
    return await _try_mailbox(wire, check.expect) if check.expect else ""


async def _hello(wire: Wire) -> set[str]:
    own = wire.writer.get_extra_info("sockname")[0]
    name = f"[IPv6:{own}]" if ":" in own else f"[{own}]"
    lines = await _ask(wire, f"EHLO {name}", 250)
    return {line.split(" ")[0].upper()[:40] for line in lines[1:] if line}


async def _try_mailbox(wire: Wire, address: str) -> str:
    """Ask whether mail to the address would be taken, and take it back. A "later" (greylisting) is no fault."""
    if any(c in address for c in "\r\n<> "):
        raise GiveUp("bad_target", address[:100])
    await _ask(wire, "MAIL FROM:<>", 250)
    await wire.say(f"RCPT TO:<{address}>")
    code, lines = await _reply(wire)
    await wire.say("RSET")
    await _reply(wire)
    await wire.say("QUIT")
    said = f"{code} {lines[-1]}"[:200]
    if code >= 500:
        raise TryLater("mailbox_refused", said)
    return "" if code < 400 else said


async def _ask(wire: Wire, command: str, wanted: int) -> list[str]:
    await wire.say(command)
    code, lines = await _reply(wire)
    if code != wanted:
        raise TryLater("mail_refused", f"{command.split(':')[0]}: {code} {lines[-1]}"[:200])
    return lines


async def _reply(wire: Wire) -> tuple[int, list[str]]:
    """(code, texts of the lines): RFC 5321 section 4.2, "250-" goes on and "250 " ends."""
    lines: list[str] = []
    while len(lines) < REPLY_LINES:
        line = await wire.line()
        if not (line[:3].isascii() and line[:3].isdigit()) or line[3:4] not in ("", " ", "-"):
            raise TryLater("bad_reply", line[:80])
        lines.append(line[4:])
        if line[3:4] != "-":
            return int(line[:3]), lines
    raise TryLater("bad_reply", "an answer without an end")
