"""Reads new mails of a mailbox by IMAP (RFC 3501), without marking or moving any: what was read is remembered by UID.

Knows nothing of calendars. A mail larger than the limit is told by its size and never fetched.
"""

from __future__ import annotations

import base64
import contextlib
import imaplib
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from conference.invitations.post.account import Account, tls_context
from core import GiveUp, OutsideFailure, TryLater

LARGEST = 512 * 1024  # bytes; an answer has some thousand
MOST_AT_ONCE = 200
_SIZE = re.compile(rb"UID (\d+) RFC822\.SIZE (\d+)|RFC822\.SIZE (\d+) UID (\d+)")


@dataclass(frozen=True, slots=True)
class Place:
    """How far a mailbox was read: its UIDVALIDITY and the last UID. A new validity means: from the beginning."""

    validity: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A mail; `content` None when it is too large to be one of ours."""

    uid: int
    size: int
    content: bytes | None


def read_new(
    account: Account, folder: str, since: Place, take: Callable[[Fetched], None], most: int = MOST_AT_ONCE
) -> Place:
    """Hand every mail after `since` to `take`, oldest first, at most `most`; the place that was reached.

    Raises TryLater or GiveUp. What `take` raises goes through: the place is then not moved on.
    """
    mailbox = _signed_in(account)
    try:
        return _read(mailbox, folder, since, take, most)
    except ssl.SSLError:
        raise TryLater("unreachable") from None
    except imaplib.IMAP4.abort:
        raise TryLater("unreachable") from None
    except imaplib.IMAP4.error as error:
        raise TryLater("server_error", type(error).__name__) from None
    except TimeoutError:
        raise TryLater("timeout") from None
    except OSError:
        raise TryLater("unreachable") from None
    finally:
        with contextlib.suppress(imaplib.IMAP4.error, OSError):
            mailbox.logout()


def _signed_in(account: Account) -> imaplib.IMAP4:
    context = tls_context(account)
    try:
        mailbox: imaplib.IMAP4
        if account.security == "tls":
            mailbox = imaplib.IMAP4_SSL(
                account.server, account.port, ssl_context=context, timeout=account.timeout_s)
        else:
            mailbox = imaplib.IMAP4(account.server, account.port, timeout=account.timeout_s)
    except (imaplib.IMAP4.error, OSError) as error:
        raise _failure(error) from None
    try:
        if account.security == "starttls":
            if "STARTTLS" not in mailbox.capabilities:
                raise GiveUp("no_encryption")
            mailbox.starttls(ssl_context=context)
        mailbox.login(account.user, account.password.get_secret_value())
    except imaplib.IMAP4.abort as error:
        _leave(mailbox)
        raise _failure(error) from None
    except imaplib.IMAP4.error:
        _leave(mailbox)
        raise GiveUp("wrong_credential") from None
    except (OSError, GiveUp) as error:
        _leave(mailbox)
        raise (error if isinstance(error, GiveUp) else _failure(error)) from None
    return mailbox


def _leave(mailbox: imaplib.IMAP4) -> None:
    with contextlib.suppress(imaplib.IMAP4.error, OSError):
        mailbox.shutdown()


def _failure(error: Exception) -> OutsideFailure:
    if isinstance(error, ssl.SSLCertVerificationError):
        return GiveUp("untrusted")
    if isinstance(error, TimeoutError):
        return TryLater("timeout")
    return TryLater("unreachable")


def _read(
    mailbox: imaplib.IMAP4, folder: str, since: Place, take: Callable[[Fetched], None], most: int
) -> Place:
    name = '"' + folder_name(folder).replace("\\", "\\\\").replace('"', '\\"') + '"'
    answer, _count = mailbox.select(name, readonly=True)
    if answer != "OK":
        raise GiveUp("no_folder")
    validity = int((mailbox.untagged_responses.get("UIDVALIDITY") or mailbox.response("UIDVALIDITY")[1] or [b"0"])[0]
                   or 0)
    last = since.last if since.validity == validity else 0
    place = Place(validity, last)
    sizes = _sizes(mailbox, last)
    for uid, size in sorted(sizes.items())[:most]:
        content = _content(mailbox, uid) if size <= LARGEST else None
        if content is not None or size > LARGEST:  # a mail that somebody deleted meanwhile is nobody's failure
            take(Fetched(uid, size, content))
        place = Place(validity, uid)
    return place


def folder_name(name: str) -> str:
    """A folder's name in modified UTF-7 (RFC 3501 section 5.1.3): "Trả lời" is Tr&HqM- l&Ht0-i."""
    parts = re.split(r"([^\x20-\x7e]+)", name)
    return "".join(
        "&" + base64.b64encode(part.encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"
        if place % 2 else part.replace("&", "&-")
        for place, part in enumerate(parts)
    )


def _sizes(mailbox: imaplib.IMAP4, last: int) -> dict[int, int]:
    """UID -> size of what came after. `n:*` names the last mail even when its UID is smaller (RFC 3501 6.4.8)."""
    _answer, lines = mailbox.uid("FETCH", f"{last + 1}:*", "(UID RFC822.SIZE)")
    found = {}
    for line in lines:
        match = _SIZE.search(line) if isinstance(line, bytes) else None
        if match:
            uid, size = (match[1], match[2]) if match[1] else (match[4], match[3])
            found[int(uid)] = int(size)
    return {uid: size for uid, size in found.items() if uid > last}


def _content(mailbox: imaplib.IMAP4, uid: int) -> bytes | None:
    _answer, parts = mailbox.uid("FETCH", str(uid), "(BODY.PEEK[])")
    return next((part[1] for part in parts if isinstance(part, tuple)), None)
