"""A client of Prosody over BOSH (XEP-0124, XEP-0206), no more than is needed: token, SASL ANONYMOUS, bind, join."""

from __future__ import annotations

from itertools import count
from urllib.parse import quote
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

import httpx

_BIND = "http://jabber.org/protocol/httpbind"
_STANZAS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"
_SASL = "{urn:ietf:params:xml:ns:xmpp-sasl}"
_CLIENT = "{jabber:client}"


class Refused(Exception):
    """The server did not let us in; `where` is "login" or "room"."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where, self.why = where, why


class BoshClient:
    """One connection. Raises Refused."""

    def __init__(self, port: int, host: str, token: str | None) -> None:
        self.host = host
        query = f"?token={quote(token)}" if token is not None else ""
        self._url = f"http://127.0.0.1:{port}/http-bind{query}"
        self._http = httpx.Client(timeout=10, trust_env=False)
        self._rids = count(1_000_000)
        self._sid = ""
        self._waiting: list[ElementTree.Element] = []
        try:
            self._log_in()
        except Refused:
            self._http.close()
            raise

    def _log_in(self) -> None:
        opened = self._send("", f' to="{self.host}" wait="2" hold="1" ver="1.6" xml:lang="en" xmpp:version="1.0"')
        self._sid = opened.attrib["sid"]
        self._send('<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>')
        answer = self._until(lambda one: one.tag in (f"{_SASL}success", f"{_SASL}failure"))
        if answer.tag == f"{_SASL}failure":
            raise Refused("login", answer.findtext(f"{_SASL}text") or "")
        self._send("", f' to="{self.host}" xmpp:restart="true"')
        self._send('<iq xmlns="jabber:client" type="set" id="b"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>')
        bound = self._until(lambda one: one.get("id") == "b")
        self.jid = next(one.text or "" for one in bound.iter("{urn:ietf:params:xml:ns:xmpp-bind}jid"))

    def join(self, room: str, muc: str) -> str:
        """Enter a room under the first eight characters of our uuid, as Jitsi does; answers our affiliation."""
        place = f"{room}@{muc}/{self.jid[:8]}"
        self._send(f'<presence xmlns="jabber:client" to={quoteattr(place)}>'
                   '<x xmlns="http://jabber.org/protocol/muc"/></presence>')
        answer = self._until(lambda one: one.tag == f"{_CLIENT}presence" and (
            one.get("type") == "error" or any(s.get("code") == "110" for s in one.iter() if s.tag.endswith("status"))
        ))
        error = answer.find(f"{_CLIENT}error")
        if error is not None:
            raise Refused("room", error.findtext(f"{_STANZAS}text") or error[0].tag)
        self._place = place
        return next(one.get("affiliation") or "" for one in answer.iter() if one.tag.endswith("item"))

    def leave(self) -> None:
        """End the session; the server takes us out of every room."""
        self._send('<presence xmlns="jabber:client" type="unavailable"/>', ' type="terminate"')
        self._http.close()

    def _until(self, is_wanted) -> ElementTree.Element:
        for _try in range(20):
            for one in self._waiting:
                if is_wanted(one):
                    self._waiting.remove(one)
                    return one
            self._send("")
        raise AssertionError("the server did not answer")

    def _send(self, inner: str, attributes: str = "") -> ElementTree.Element:
        sid = f' sid="{self._sid}"' if self._sid else ""
        body = (f'<body xmlns="{_BIND}" xmlns:xmpp="urn:xmpp:xbosh" rid="{next(self._rids)}"{sid}{attributes}>'
                f"{inner}</body>")
        answer = ElementTree.fromstring(self._http.post(self._url, content=body.encode()).text)
        if answer.get("type") == "terminate" and 'type="terminate"' not in attributes:
            raise Refused("login", answer.get("condition") or "terminated")
        self._waiting.extend(answer)
        return answer
