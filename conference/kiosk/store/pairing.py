"""Pairing a browser with an endpoint: a code once, a cookie and a signing secret from then on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from conference.kiosk import chance
from conference.kiosk.models import Kiosk, KioskState
from conference.kiosk.signing import digest
from core import Deed, Secret, Session, Vault, append_audit
from inventory import Endpoint

CODE_LASTS = timedelta(minutes=30)
MOST_TRIES = 5


@dataclass(frozen=True, slots=True)
class Paired:
    """What a browser is given once."""

    endpoint: Endpoint
    cookie: str
    secret: Secret


@dataclass(frozen=True, slots=True)
class KioskKey:
    """What a heartbeat is proven with. `sealed_secret` is "" when no browser is paired."""

    endpoint_id: int
    sealed_secret: str
    sequence: int


def plain_code(text: str) -> str:
    """A code as people type it: with blanks, hyphens and small letters."""
    return "".join(letter for letter in text.upper() if letter.isalnum())[:32]


def make_code(session: Session, endpoint: Endpoint, actor: str, now: datetime) -> str:
    """A new pairing code for an endpoint; an older one that was not used is void. The pairing that is there stays
    until the new code is used."""
    kiosk = session.get(Kiosk, endpoint.id) or Kiosk(endpoint_id=endpoint.id)
    code = chance.new_code()
    kiosk.code_hash, kiosk.code_until, kiosk.code_tries, kiosk.paired_by = digest(code), now + CODE_LASTS, 0, actor
    session.add(kiosk)
    session.flush()
    deed = Deed(actor, "kiosk.code", "endpoint", endpoint.id, endpoint.name)
    append_audit(session, deed, now)
    return code


def redeem(
    session: Session, vault: Vault, text: str, browser: str, now: datetime, endpoint_code: str = ""
) -> Paired | str:
    """Pair the browser that shows a code. Otherwise why not: wrong_code, code_expired or too_many_tries.

    Where the page was opened for one endpoint, wrong codes are counted against that endpoint's code and spoil it.
    """
    code = plain_code(text)
    kiosk = session.scalar(select(Kiosk).where(Kiosk.code_hash == digest(code))) if code else None
    named = _kiosk_of_code(session, endpoint_code) if endpoint_code else None
    if named is not None and named.code_tries >= MOST_TRIES:
        return "too_many_tries"
    if kiosk is None or (named is not None and kiosk.endpoint_id != named.endpoint_id):
        if named is not None and named.code_hash:
            named.code_tries += 1
        return "wrong_code"
    if kiosk.code_until is None or kiosk.code_until < now:
        return "code_expired"
    endpoint = session.get(Endpoint, kiosk.endpoint_id)
    if endpoint is None:
        return "wrong_code"
    cookie, secret = chance.new_cookie(), chance.new_signing_secret()
    kiosk.code_hash, kiosk.code_until, kiosk.code_tries = "", None, 0
    kiosk.cookie_hash, kiosk.sealed_secret = digest(cookie), vault.seal(secret)
    kiosk.paired_at, kiosk.browser = now, browser[:300]
    state = session.get(KioskState, endpoint.id)
    if state is not None:
        state.sequence = 0  # a new secret begins to count anew; old numbers cannot be signed with it
    deed = Deed(kiosk.paired_by or "kiosk", "kiosk.pair", "endpoint", endpoint.id, endpoint.name,
                {"browser": browser[:100]})
    append_audit(session, deed, now)
    session.flush()
    return Paired(endpoint, cookie, secret)


def _kiosk_of_code(session: Session, endpoint_code: str) -> Kiosk | None:
    return session.scalar(
        select(Kiosk).join(Endpoint, Endpoint.id == Kiosk.endpoint_id).where(Endpoint.code == endpoint_code[:64]))


def unpair(session: Session, endpoint: Endpoint, actor: str, now: datetime) -> bool:
    """Take the pairing back: cookie, secret and an unused code are void at once. False when there was none."""
    kiosk = session.get(Kiosk, endpoint.id)
    if kiosk is None or not (kiosk.cookie_hash or kiosk.code_hash):
        return False
    kiosk.cookie_hash, kiosk.sealed_secret, kiosk.code_hash = "", "", ""
    kiosk.paired_at, kiosk.code_until, kiosk.browser = None, None, ""
    append_audit(session, Deed(actor, "kiosk.unpair", "endpoint", endpoint.id, endpoint.name), now)
    session.flush()
    return True


def forget_secrets(session: Session) -> int:
    """Take every pairing back whose secret a lost key sealed: such a page shows the pairing form. How many there were.
    """
    lost = update(Kiosk).where(Kiosk.sealed_secret != "")
    emptied = session.execute(
        lost.values(sealed_secret="", cookie_hash="", paired_at=None, browser=""),
        execution_options={"synchronize_session": False},
    )
    session.expire_all()
    return emptied.rowcount


def endpoint_of_cookie(session: Session, cookie: str) -> Endpoint | None:
    """The endpoint that a paired browser stands for; endpoints out of use have no kiosk."""
    if not 20 <= len(cookie) <= 100:
        return None
    chosen = select(Endpoint).join(Kiosk, Kiosk.endpoint_id == Endpoint.id)
    return session.scalar(chosen.where(Kiosk.cookie_hash == digest(cookie), Endpoint.is_active))


def key_of(session: Session, endpoint_code: str) -> KioskKey | None:
    """What the heartbeats of an endpoint are proven with; None for an unknown endpoint."""
    row = session.execute(
        select(Endpoint.id, Kiosk.sealed_secret, KioskState.sequence)
        .outerjoin(Kiosk, Kiosk.endpoint_id == Endpoint.id)
        .outerjoin(KioskState, KioskState.endpoint_id == Endpoint.id)
        .where(Endpoint.code == endpoint_code)
    ).first()  # fmt: skip
    return None if row is None else KioskKey(row[0], row[1] or "", row[2] or 0)
