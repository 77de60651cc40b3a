"""Passwords: what is good enough, and their Argon2id hashes. One-time codes and tokens."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from core.language import gettext as _

MIN_LENGTH = 10
MAX_LENGTH = 200  # hashing a megabyte is a way to keep the server busy

# The beginnings of what people type first; compared without case and without the digits and signs at the end.
_COMMON = frozenset((
    "password", "passw0rd", "matkhau", "admin", "administrator", "quantri", "qwerty", "qwertyuiop", "asdfghjkl",
    "zxcvbnm", "iloveyou", "welcome", "letmein", "edunoc", "sogiaoduc", "giaoduc", "truonghoc", "vietnam", "hanoi",
    "abc", "abcdef", "abcd1234", "monkey", "dragon",
))


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # the library's defaults are RFC 9106's low-memory profile


def password_problem(password: str, username: str = "") -> str | None:
    """Why this password is not good enough, in words for the form; None when it is."""
    if len(password) < MIN_LENGTH:
        return _("The password needs at least %(n)d characters; a short sentence is easy to remember.", n=MIN_LENGTH)
    if len(password) > MAX_LENGTH:
        return _("The password may have at most %(n)d characters.", n=MAX_LENGTH)
    plain = password.casefold()
    if len(set(plain)) < 5:
        return _("The password repeats too few different characters.")
    if username and username.casefold() in plain:
        return _("The password must not contain the user name.")
    if plain.rstrip("0123456789!@#$%^&*._-") in _COMMON or plain.isdecimal():
        return _("This password is among the first that attackers try. Choose a short sentence instead.")
    return None


def _bytes(password: str) -> bytes:
    # NIST SP 800-63B 5.1.1.2: one normal form, or "mật khẩu" typed on a phone is another password than on a computer
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def hash_password(password: str) -> str:
    """The Argon2id hash to store."""
    return _hasher().hash(_bytes(password))


def check_password(hashed: str, password: str) -> bool:
    """True when the password belongs to the hash. Takes the same time for an unusable hash."""
    try:
        return len(password) <= MAX_LENGTH and _hasher().verify(hashed, _bytes(password))
    except VerifyMismatchError:
        return False
    except (InvalidHashError, VerificationError):
        _hasher().hash(_bytes(password[:MAX_LENGTH]))
        return False


@cache
def _nobody() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))


def check_nobody(password: str) -> bool:
    """Always False, in the time of a real check: an unknown user name must not answer faster than a known one."""
    check_password(_nobody(), password)
    return False


def new_stamp() -> str:
    """A fresh session stamp."""
    return secrets.token_hex(16)


def new_token() -> tuple[str, str]:
    """(token to show once, its digest to keep)."""
    token = "edunoc_" + secrets.token_urlsafe(32)
    return token, token_digest(token)


def token_digest(token: str) -> str:
    """SHA-256 of a token in hex. No salt: a token has 256 random bits of its own."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_one_time_code() -> str:
    """Twelve characters in three groups, without those that are misread (0 O 1 I L)."""
    alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
    return "-".join("".join(secrets.choice(alphabet) for _i in range(4)) for _g in range(3))
