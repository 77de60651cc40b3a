"""A certificate authority of the tests' own: server certificates that are right, and wrong in every usual way."""

import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(slots=True)
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


class Authority:
    """Root, a certificate in between, and what they sign. Times are round `now`."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self.folder, self.now = folder, now
        self.root = self._sign("Test root", None, is_ca=True)
        self.between = self._sign("Test between", self.root, is_ca=True)
        self.ca_file = folder / "root.pem"
        self.ca_file.write_bytes(self.root.certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, kind: str = "good", name: str = "localhost") -> ssl.SSLContext:
        """A server's context. `kind`: good, expired, early, self_signed, no_chain or soon (10 days left)."""
        ends = {"expired": self.now - timedelta(days=1), "soon": self.now + timedelta(days=10)}.get(
            kind, self.now + timedelta(days=90))
        begins = self.now + timedelta(days=2) if kind == "early" else self.now - timedelta(days=200)
        signer = None if kind == "self_signed" else self.between
        pair = self._sign(name, signer, (begins, ends))
        chain = pair.certificate.public_bytes(serialization.Encoding.PEM)
        if kind not in ("self_signed", "no_chain"):
            chain += self.between.certificate.public_bytes(serialization.Encoding.PEM)
        file = self.folder / f"{kind}-{name}.pem"
        file.write_bytes(chain + pair.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _sign(
        self, name: str, signer: Pair | None, span: tuple[datetime, datetime] | None = None, is_ca: bool = False
    ) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        begins, ends = span or (self.now - timedelta(days=1000), self.now + timedelta(days=1000))
        made = (
            x509.CertificateBuilder().subject_name(subject)
            .issuer_name(signer.certificate.subject if signer else subject)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(begins).not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(
                (signer.key if signer else key).public_key()), False)
        )
        if not is_ca:
            names: list[x509.GeneralName] = [x509.DNSName(name)]
            if name == "localhost":
                names.append(x509.IPAddress(ip_address("127.0.0.1")))
            made = made.add_extension(x509.SubjectAlternativeName(names), False)
        return Pair(made.sign(signer.key if signer else key, hashes.SHA256()), key)
