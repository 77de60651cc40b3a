"""Secrets at rest and in memory: sealed with a key file, printed as ***.

The key file is made with mode 0600 on first start. The database remembers the key's fingerprint, so that a lost or
exchanged key file is told at start and not at the first failed log-in on a device.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import stat
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from core.failure import StartError


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
        return isinstance(other, Secret) and hmac.compare_digest(other._text.encode(), self._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __html__(self) -> str:
        return "***"  # what templates and Flask's JSON show

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict) -> Secret:
        return self  # dataclasses.asdict copies deeply; a Secret does not change

    def __reduce__(self):
        raise TypeError("a Secret is not pickled")


class SealError(StartError):
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
        try:
            if not path.exists():
                _create_key_file(path)
            _keep_private(path)
            return cls(path.read_bytes().strip())
        except OSError as error:
            raise SealError(
                f"The key file {path} cannot be used: {error.strerror}. Give EduNOC's user the right to read and write"
                " it."
            ) from error
        except ValueError as error:
            raise SealError(
                f"The key file {path} is damaged. Put back the copy from your backup; without it the saved passwords"
                " and communities must be entered again (`app.py secrets forget`)."
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


def _create_key_file(path: Path) -> None:
    """Write the key beside its place and link it there whole: of two starting processes one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
    finally:
        os.unlink(name)


def _keep_private(path: Path) -> None:
    """Take away everybody else's rights that a copy or a restored backup left on the key file."""
    mode = path.stat().st_mode
    if stat.S_IMODE(mode) & 0o077:
        with contextlib.suppress(PermissionError):  # somebody else's file, lent to our group on purpose
            path.chmod(0o600)
