"""A pretended installation for orders: the control routes of Prosody, Jicofo, a bridge and Jibri, over real HTTP.

It answers in the shapes of the payload files beside the project and keeps every request that it got.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    body: dict
    headers: dict[str, str]


@dataclass
class Installation:
    """The state behind all routes. `faults` is a list of (path, status, body) that the next requests get instead."""

    public_key: str = ""
    room: str = "giaoban-tinh-20261121"
    jid: str = "giaoban-tinh-20261121@muc.meet.example.edu.vn"
    people: set[str] = field(default_factory=lambda: {"14f01c40", "a3b2c1d0"})
    bridges: set[str] = field(default_factory=lambda: {"jvb-1", "jvb-2"})
    is_draining: bool = False
    is_recording: bool = False
    joins_late: bool = False
    pins: dict[str, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    faults: list[tuple[str, int, str]] = field(default_factory=list)
    refused_tokens: int = 0

    def answer(self, asked: Asked) -> tuple[int, object]:
        self.asked.append(asked)
        for fault in self.faults:
            if asked.path.startswith(fault[0]):
                self.faults.remove(fault)
                return fault[1], fault[2]
        return getattr(self, "_" + asked.path.strip("/").replace("/", "_").replace("-", "_").replace(".", "_"))(asked)

    def _is_let_in(self, asked: Asked) -> bool:
        try:
            token = asked.headers.get("authorization", "").removeprefix("Bearer ")
            timeless = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}  # the tests' clock stands still
            claims = jwt.decode(token, self.public_key, algorithms=["RS256"], audience="jitsi", options=timeless)
        except jwt.InvalidTokenError:
            self.refused_tokens += 1
            return False
        return claims["iss"] == "edunoc" and claims["room"] == self.room

    def _end_meeting(self, asked):
        if not self._is_let_in(asked):
            return 401, ""
        if asked.query.get("conference") != self.jid or not self.people:
            return (400, "") if "conference" not in asked.query else (404, "")
        self.people.clear()
        return 200, ""

    def _kick_participant(self, asked):
        if not self._is_let_in(asked):
            return 401, {"error_code": "unauthorized"}
        if set(asked.body) != {"participantId"}:
            return 400, ""
        if asked.query.get("room") != self.room or asked.body["participantId"] not in self.people:
            return 404, ""
        self.people.discard(asked.body["participantId"])
        return 200, ""

    def _colibri_drain(self, asked):
        return 200, {"drain": self.is_draining}

    def _colibri_drain_enable(self, asked):
        self.is_draining = True
        return 200, ""

    def _colibri_drain_disable(self, asked):
        self.is_draining = False
        return 200, ""

    def _move_endpoints_move_endpoint(self, asked):
        if asked.query["conference"] != self.jid:
            return 500, "Conference not found"
        return 200, {"movedEndpoints": int(asked.query["endpoint"] in self.people), "conferences": 1}

    def _move_endpoints_move_endpoints(self, asked):
        if asked.query["bridge"] not in self.bridges:
            return 500, "Bridge not found"
        return 200, {"movedEndpoints": int(asked.query["numEndpoints"]), "conferences": 1}

    def _move_endpoints_move_fraction(self, asked):
        if asked.query["bridge"] not in self.bridges:
            return 500, "Bridge not found"
        return 200, {"movedEndpoints": round(200 * float(asked.query["fraction"])), "conferences": 1}

    def _pin(self, asked):
        self.pins[asked.body["conferenceId"]] = asked.body["jvbVersion"]
        return 200, ""

    def _pin_remove(self, asked):
        return (200, "") if self.pins.pop(asked.body["conferenceId"], None) else (500, "Conference not found")

    def _jibri_api_v1_0_startService(self, asked):  # noqa: N802 - Jibri's own word
        if self.is_recording or not asked.body.get("callLoginParams", {}).get("password"):
            return 412, ""
        self.is_recording = not self.joins_late
        return 200, ""

    def _jibri_api_v1_0_stopService(self, asked):  # noqa: N802 - Jibri's own word
        self.is_recording = False
        return 200, ""

    def _jibri_api_v1_0_health(self, asked):
        return 200, {"status": {"busyStatus": "BUSY" if self.is_recording else "IDLE",
                                "health": {"healthStatus": "HEALTHY", "details": {}}}}  # fmt: skip


class Served:
    """An installation on a loopback port of its own, until closed."""

    def __init__(self, installation: Installation) -> None:
        class Handler(BaseHTTPRequestHandler):
            def _do(self) -> None:
                parts = urlsplit(self.path)
                text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked = Asked(
                    self.command, parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()},
                    json.loads(text) if text else {}, {name.lower(): value for name, value in self.headers.items()},
                )  # fmt: skip
                status, body = installation.answer(asked)
                sent = (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            do_GET = do_POST = do_PUT = _do  # noqa: N815 - the library's names

            def log_message(self, *args) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
