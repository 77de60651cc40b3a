"""Does DNS give the right answer: one question to one server, and every way in which it can go wrong by its name."""

from __future__ import annotations

import asyncio

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver

from collectors.checks.outcome import CheckTarget, Measured, Resolve
from core import GiveUp, TryLater, allowed_address
from inventory import DnsTarget, dns_target

TRIES = 2
PAYLOAD = 1232  # DNS flag day 2020: larger answers are broken up on their way, so they come over TCP
SHOWN = 8
_RCODES = {"SERVFAIL": "dns_servfail", "NXDOMAIN": "dns_nxdomain", "REFUSED": "dns_refused"}


async def probe(check: CheckTarget, resolve: Resolve) -> Measured:
    """Ask `name TYPE [@server]`. `expect`: answers that must be there, a comma between. Raises GiveUp, TryLater."""
    try:
        target = dns_target(check.target)
    except ValueError:
        raise GiveUp("bad_target", check.target[:100]) from None
    server = target.server or _own_server()
    address = allowed_address(server, await resolve(server))
    reply = await _ask(target, address, check.timeout_s)
    facts = {"server": server, "question": f"{target.name} {target.type}"}
    word = dns.rcode.to_text(reply.rcode())
    if word != "NOERROR":
        values = {"dns_answers": 0.0} if word == "NXDOMAIN" else {}
        return Measured(values, _RCODES.get(word, "dns_error"), f"{server}: {word}", facts)
    answers = answers_of(reply, target.type)
    facts["answers"] = "; ".join(answers[:SHOWN])[:300]
    facts["is_authoritative"] = str(bool(reply.flags & dns.flags.AA))
    return judge(answers, check.expect, facts)


def judge(answers: list[str], expect: str, facts: dict[str, str]) -> Measured:
    """What to say of these answers."""
    values = {"dns_answers": float(len(answers))}
    if not answers:
        return Measured(values, "dns_no_answer", facts.get("question", ""), facts)
    missing = [one for one in (part.strip() for part in expect.split(",")) if one and not _is_among(one, answers)]
    if expect.strip():
        values["dns_answer_expected"] = float(not missing)
    if missing:
        return Measured(values, "dns_wrong_answer", f"{', '.join(missing)} ≠ {facts.get('answers', '')}"[:300], facts)
    return Measured(values, "ok", "", facts)


def answers_of(reply: dns.message.Message, kind: str) -> list[str]:
    """The records of the asked type as text, in a steady order; names on the way (CNAME) are left out."""
    wanted = dns.rdatatype.from_text(kind)
    records = (record for rrset in reply.answer if rrset.rdtype == wanted for record in rrset)
    return sorted(_text(record) for record in records)


def _text(record: dns.rdata.Rdata) -> str:
    if record.rdtype == dns.rdatatype.TXT:
        return b"".join(record.strings).decode("utf-8", "replace")[:500]
    return record.to_text()[:500]


def _is_among(expected: str, answers: list[str]) -> bool:
    """The whole answer, or its last word (the host of "10 mail.example.edu.vn."), or a part of a text record."""
    wanted = expected.lower().rstrip(".")
    for answer in answers:
        plain = answer.lower().rstrip(".")
        if wanted in (plain, plain.split(" ")[-1]) or ((" " in wanted or "=" in wanted) and wanted in plain):
            return True
    return False


async def _ask(target: DnsTarget, address: str, timeout_s: float) -> dns.message.Message:
    query = dns.message.make_query(target.name, target.type, use_edns=0, payload=PAYLOAD)
    each = timeout_s * 0.9 / TRIES
    for attempt in range(TRIES):
        try:
            reply, _is_tcp = await dns.asyncquery.udp_with_fallback(
                query, address, each, port=target.port, ignore_unexpected=True, ignore_errors=True)
            return reply
        except dns.exception.Timeout:
            if attempt == TRIES - 1:
                raise TryLater("dns_timeout", f"{address}:{target.port}") from None
        except ConnectionRefusedError:
            raise TryLater("refused", f"{address}:{target.port}") from None
        except (OSError, EOFError, dns.exception.DNSException, asyncio.IncompleteReadError) as error:
            raise TryLater("dns_error", f"{address}: {type(error).__name__}") from None
    raise TryLater("dns_timeout", address)


def _own_server() -> str:
    """The first DNS server of this machine."""
    try:
        servers = dns.resolver.Resolver().nameservers
    except dns.exception.DNSException:
        servers = []
    if not servers:
        raise GiveUp("no_dns_server")
    return str(servers[0])
