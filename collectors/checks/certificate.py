"""Judges a server's certificate: age, name, who vouches for it, and the TLS version that was agreed on.

It opens no connection. OpenSSL says whether it trusts the chain; what is wrong with it is said here in our words.
"""

from __future__ import annotations

import ssl
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from ipaddress import ip_address

from cryptography import x509
from cryptography.x509.oid import NameOID

from collectors.checks.outcome import Measured
from core import GiveUp

# X509_V_ERR_* of OpenSSL's x509_vfy.h
_SELF_SIGNED = (18, 19)
_NO_ISSUER = (2, 20, 21)
_WRONG_NAME = (62, 64)
_VERSIONS = {"TLSv1": 10.0, "TLSv1.1": 11.0, "TLSv1.2": 12.0, "TLSv1.3": 13.0}
_SHOWN = 120


@dataclass(slots=True)
class Seen:
    """What connecting showed. `code` and `message` are OpenSSL's verdict when it does not trust the chain."""

    certificate: bytes = b""
    version: str = ""
    is_trusted: bool = True
    code: int = 0
    message: str = ""

    def take(self, secured: ssl.SSLObject | None) -> None:
        """Note certificate and version of a finished handshake."""
        if secured is not None and not self.certificate:
            self.certificate = secured.getpeercert(binary_form=True) or b""
            self.version = secured.version() or ""

    def distrust(self, error: ssl.SSLCertVerificationError) -> None:
        """Note why OpenSSL refuses the chain."""
        self.is_trusted, self.code, self.message = False, int(error.verify_code or 0), str(error.verify_message)[:200]


@dataclass(frozen=True, slots=True)
class CertificateVerdict:
    """`reason` is "ok" or a word of collectors.REASONS; `values` are metrics, `facts` texts for a person."""

    reason: str
    detail: str
    values: dict[str, float]
    facts: dict[str, str]


def judge(seen: Seen, host: str, now: float) -> CertificateVerdict | None:
    """What to say of the certificate for this host at `now` (epoch seconds); None without one that can be read."""
    try:
        leaf = x509.load_der_x509_certificate(seen.certificate)
        names = _names(leaf)
    except ValueError:
        return None
    remaining = (leaf.not_valid_after_utc - datetime.fromtimestamp(now, UTC)).total_seconds()
    is_early = leaf.not_valid_before_utc.timestamp() > now
    fits = seen.code not in _WRONG_NAME and (seen.is_trusted or _matches(host, names))
    reason, detail = _trouble(seen, remaining, is_early, fits)
    if reason == "certificate_wrong_name":
        detail = f"{host}: {', '.join(names[:5])}"[:300]
    vouched = seen.is_trusted or seen.code in _WRONG_NAME
    values = {
        "certificate_remaining_seconds": remaining,
        "certificate_valid": float(reason == "ok"),
        "certificate_trusted": float(vouched),
        "certificate_name_matches": float(fits),
    }
    if seen.version in _VERSIONS:
        values["tls_version"] = _VERSIONS[seen.version]
    facts = {
        "certificate_for": ", ".join(names[:5])[:_SHOWN],
        "certificate_issuer": _issuer(leaf)[:_SHOWN],
        "certificate_until": leaf.not_valid_after_utc.isoformat(),
        "tls_version": seen.version,
    }
    if reason != "ok":
        facts["certificate_trouble"] = reason
    return CertificateVerdict(reason, detail, values, facts)


def _trouble(seen: Seen, remaining: float, is_early: bool, fits: bool) -> tuple[str, str]:
    if remaining <= 0:
        return "certificate_expired", ""
    if is_early:
        return "certificate_not_yet", ""
    if not fits:
        return "certificate_wrong_name", ""
    if seen.is_trusted:
        return "ok", ""
    if seen.code in _SELF_SIGNED:
        return "certificate_self_signed", seen.message
    if seen.code in _NO_ISSUER:
        return "certificate_chain", seen.message
    return "certificate_refused", seen.message


def _names(leaf: x509.Certificate) -> list[str]:
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []  # RFC 6125 and browsers: a common name alone counts no more
    names = found.get_values_for_type(x509.DNSName)
    return [*names, *map(str, found.get_values_for_type(x509.IPAddress))]


def _matches(host: str, names: list[str]) -> bool:
    """RFC 6125: a star stands for the whole leftmost label; addresses match addresses."""
    try:
        return str(ip_address(host)) in names
    except ValueError:
        pass
    asked = host.lower().rstrip(".")
    _first, _dot, rest = asked.partition(".")
    return any(asked == name.lower() or (name.startswith("*.") and rest == name[2:].lower()) for name in names)


def _issuer(leaf: x509.Certificate) -> str:
    for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        for one in leaf.issuer.get_attributes_for_oid(oid):
            return str(one.value)
    return leaf.issuer.rfc4514_string()


@cache
def verifying(ca_file: str = "") -> ssl.SSLContext:
    """A context that trusts the system's certificates and those of the file. Raises GiveUp when it cannot be read."""
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError) as error:
            raise GiveUp("bad_ca_file", f"{ca_file}: {error.strerror or error}"[:300]) from None
    return context


@cache
def trusting() -> ssl.SSLContext:
    """A context that takes any certificate, to look at it; nothing secret goes over such a connection."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@cache
def old_only() -> ssl.SSLContext:
    """A context that speaks TLS 1.0 and 1.1 alone, to see whether a server still takes them (RFC 8996: it must not)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python warns of these versions, rightly
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def with_certificate(measured: Measured, seen: Seen, host: str, now: float) -> Measured:
    """The outcome of a mail or directory check with what its certificate told; only an expired one fails it.

    Schools' mail servers often show certificates of their own making, and mail goes through all the same.
    """
    verdict = judge(seen, host, now) if seen.certificate else None
    if verdict is None:
        return measured
    is_expired = verdict.reason == "certificate_expired"
    return Measured(
        {**measured.values, **verdict.values},
        verdict.reason if is_expired else measured.reason,
        verdict.detail if is_expired else measured.detail,
        {**measured.facts, **verdict.facts},
    )
