"""Secrets at rest and in memory: sealed with a key file, printed as ***.

The key file is made with mode 0600 on first start. The database remembers the key's fingerprint, so that a lost or
exchanged key file is told at start and not at the first failed log-in on a device.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken


class Secret:
    """A text that shows itself as ***. `reveal()` is for the module that opens the socket."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __reduce__(self):
        raise TypeError("a Secret is not pickled")


class SealError(Exception):
    """A sealed value cannot be opened, or the key file cannot be used. The text says what to do next."""


class Vault:
    """Seals and unseals with the key of one key file (Fernet: AES-128-CBC and HMAC-SHA256)."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(key)
        self.fingerprint = hashlib.sha256(b"edunoc-key:" + key).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"Vault(fingerprint={self.fingerprint})"

    @classmethod
    def open_or_create(cls, path: Path) -> Vault:
        """Open the key file, or make one readable by its owner alone. Raises SealError."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(Fernet.generate_key() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        try:
            return cls(path.read_bytes().strip())
        except OSError as error:
            raise SealError(
                f"The key file {path} cannot be read: {error.strerror}. Give EduNOC's user the right to read it."
            ) from error
        except ValueError as error:
            raise SealError(
                f"The key file {path} is damaged. Put back the copy from your backup; without it the saved passwords"
                " and communities must be entered again."
            ) from error

    def seal(self, secret: Secret | str) -> str:
        """The sealed form, safe to store: URL-safe base64 text."""
        text = secret.reveal() if isinstance(secret, Secret) else secret
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def unseal(self, sealed: str) -> Secret:
        """The secret again. Raises SealError when this key did not seal it."""
        try:
            return Secret(self._fernet.decrypt(sealed.encode("ascii")).decode())
        except (InvalidToken, UnicodeError) as error:
            raise SealError(
                "This secret was sealed with another key file. Put back the key file that belongs to this database,"
                " or enter the secret again."
            ) from error
