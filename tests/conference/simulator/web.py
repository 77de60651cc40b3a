"""`fake_jitsi`: one Flask app with the routes of all servers of an installation, each under its name (/jvb-1/...).

It answers from the day's state at its `now`. Control routes verify what Jitsi verifies (RS256 system tokens) and change
the day. Served on loopback by `serve`; a fake, for tests only.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import jwt
from flask import Flask, Response, abort, request
from werkzeug.serving import make_server

from tests.conference.simulator import telling
from tests.conference.simulator.day import Day
from tests.conference.simulator.plan import BridgeRestart, Outage

PublicKey = Callable[[str], str]  # kid -> PEM; raises LookupError


def fake_jitsi(day: Day, system_key: PublicKey | None = None) -> Flask:
    """The app. `system_key` finds the public key of a control token, as Prosody does in its key directory."""
    app = Flask("fake_jitsi")
    app.config["asked"] = asked = []

    @app.before_request
    def _before() -> Response | None:
        server, _slash, path = request.path.lstrip("/").partition("/")
        asked.append((server, f"{request.method} /{path}"))
        fault = day.fault_at(Outage, server)
        if isinstance(fault, Outage):
            return Response("the program behind the proxy is down", fault.status)
        if day.fault_at(BridgeRestart, server) is not None:
            return Response("", 502)
        return None

    _bridge_routes(app, day)
    _focus_routes(app, day)
    _focus_control(app, day)
    _prosody_routes(app, day)
    _prosody_control(app, day, system_key)
    _other_routes(app, day)
    return app


def _json(value: object, status: int = 200) -> Response:
    return Response(json.dumps(value, ensure_ascii=False), status, mimetype="application/json")


def _text(value: str) -> Response:
    return Response(value, content_type="text/plain; version=0.0.4")


def _told(day: Day, tell: Callable[[], Response]) -> Response:
    with day.lock:
        return tell()


def _bridge_routes(app: Flask, day: Day) -> None:
    names = ",".join(f"'{one}'" for one in day.installation.bridges)
    own = f"/<any({names}):bridge>"

    @app.get(f"{own}/colibri/stats")
    def stats(bridge: str) -> Response:
        return _told(day, lambda: _json(telling.bridge_stats(day, bridge)))

    @app.get(f"{own}/metrics")
    def metrics(bridge: str) -> Response:
        return _told(day, lambda: _text(telling.bridge_metrics(day, bridge)))

    @app.get(f"{own}/about/health")
    def health(bridge: str) -> Response:
        return Response("", 200)

    @app.get(f"{own}/about/version")
    def version(bridge: str) -> Response:
        return _json({"name": "JVB", "version": telling.bridge_version(day, bridge), "os": "Linux"})

    @app.get(f"{own}/debug")
    def debug(bridge: str) -> Response:
        return _told(day, lambda: _json(telling.bridge_debug(day, bridge)))

    @app.get(f"{own}/debug/<conference>/<endpoint>")
    def endpoint(bridge: str, conference: str, endpoint: str) -> Response:
        return _told(day, lambda: _json(telling.endpoint_debug(day, bridge, conference, endpoint)))

    @app.get(f"{own}/colibri/drain")
    def draining(bridge: str) -> Response:
        return _json({"drain": bridge in day.drained})

    @app.post(f"{own}/colibri/drain/<any(enable,disable):word>")
    def drain(bridge: str, word: str) -> Response:
        (day.drained.add if word == "enable" else day.drained.discard)(bridge)
        day.ordered.append((f"drain_{word}", bridge))
        return Response("", 200)


def _focus_routes(app: Flask, day: Day) -> None:
    @app.get("/jicofo/stats")
    def focus_stats() -> Response:
        return _told(day, lambda: _json(telling.focus_stats(day)))

    @app.get("/jicofo/metrics")
    def focus_metrics() -> Response:
        return _told(day, lambda: _text(telling.focus_metrics(day)))

    @app.get("/jicofo/about/health")
    def focus_health() -> Response:
        return Response("", 200)

    @app.get("/jicofo/about/version")
    def focus_version() -> Response:
        return _json({"name": "JiCoFo", "version": "1.1.0-1200", "os": "Linux"})

    @app.get("/jicofo/debug/conferences")
    def focus_conferences() -> Response:
        return _json([day.installation.room_jid(one.room.node) for one in day.open.values()])

    @app.get("/jicofo/debug/conference/<room>")
    def focus_conference(room: str) -> Response:
        found = day.open.get(room.partition("@")[0].lower())
        if found is None:
            return Response("Conference not found", 500)
        return _told(day, lambda: _json(telling.conference(day, found)))


def _focus_control(app: Flask, day: Day) -> None:
    @app.get("/jicofo/move-endpoints/<any('move-endpoint','move-endpoints','move-fraction'):verb>")
    def move(verb: str) -> Response:
        given = request.args
        source, target = given.get("bridge", ""), given.get("bridge", "")
        room = day.open.get(given.get("conference", "").partition("@")[0].lower())
        stays = room.stays if room else day.on_bridge(source.rpartition("/")[2])
        if verb == "move-endpoint":
            moved = [one for one in stays if one.endpoint == given.get("endpoint")]
        else:
            target = ""
            here = [one for one in stays if one.bridge == source.rpartition("/")[2]]
            share = int(given.get("numEndpoints", 10)) if verb == "move-endpoints" else round(
                float(given.get("fraction", 0.1)) * len(here))
            moved = here[:share]
        known = target.rpartition("/")[2] or None
        if not moved or (known is not None and known not in day.installation.bridges):
            return Response("Bridge not found", 500)  # as Jicofo says it
        left = source.rpartition("/")[2]
        others = [one for one in day.installation.bridges if one != left and one not in day.drained]
        with day.lock:
            for number, stay in enumerate(moved):
                stay.bridge = known or others[number % len(others)]
        day.ordered.append((verb, ",".join(one.endpoint for one in moved)))
        return _json({"movedEndpoints": len(moved), "conferences": len({one.seat.room.node for one in moved})})

    @app.get("/jicofo/pin")
    def pins() -> Response:
        return _json(list(day.pins.values()))

    @app.post("/jicofo/pin")
    def pin() -> Response:
        body = request.get_json()
        day.pins[body["conferenceId"]] = {"conferenceId": body["conferenceId"], "jvbVersion": body["jvbVersion"],
                                          "expiresAt": "2026-11-21T05:00:00Z"}
        day.ordered.append(("pin", body["conferenceId"]))
        return Response("", 200)

    @app.post("/jicofo/pin/remove")
    def unpin() -> Response:
        day.pins.pop(request.get_json()["conferenceId"], None)
        day.ordered.append(("unpin", request.get_json()["conferenceId"]))
        return Response("", 200)


def _prosody_routes(app: Flask, day: Day) -> None:
    @app.get("/prosody/room-census")
    def room_census() -> Response:
        return _told(day, lambda: _json(telling.census(day)))

    @app.get("/prosody/health")
    def prosody_health() -> Response:
        return Response("OK", 200)

    @app.get("/prosody/metrics")
    def prosody_metrics() -> Response:
        return _text(f"# TYPE process_cpu_seconds counter\nprocess_cpu_seconds_total {round(day.now) % 86400 / 50}\n"
                     "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes 61341696\n# EOF\n")

    @app.get("/prosody/room-size")
    def room_size() -> Response:
        return _json({"participants": len(_room().mains)})

    @app.get("/prosody/room")
    def room_people() -> Response:
        jid = day.installation.room_jid(request.args["room"])
        return _json([{"jid": f"{jid}/{one.endpoint}", "email": one.seat.email, "display_name": one.seat.name}
                      for one in _room().mains])

    @app.get("/prosody/sessions")
    def sessions() -> Response:
        return Response(str(sum(len(one.stays) for one in day.open.values())))

    def _room():
        if not request.args.get("room"):
            abort(400)
        found = day.open.get(day.installation.node(request.args["room"]))
        return found if found is not None else abort(404)


def _prosody_control(app: Flask, day: Day, system_key: PublicKey | None) -> None:
    def verify() -> None:
        kind, _space, token = request.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or system_key is None:
            abort(401)
        try:
            kid = str(jwt.get_unverified_header(token).get("kid", ""))
            jwt.decode(token, system_key(kid), algorithms=["RS256"], options={"verify_aud": False})
        except (jwt.PyJWTError, LookupError):
            abort(401)

    @app.post("/prosody/end-meeting")
    def end_meeting() -> Response:
        verify()
        conference = request.args.get("conference", "")
        if not conference:
            abort(400)
        if not day.end_room(conference.partition("@")[0].lower()):
            abort(404)
        day.ordered.append(("end_meeting", conference))
        return Response("", 200)

    @app.put("/prosody/kick-participant")
    def kick() -> Response:
        verify()
        body = request.get_json(silent=True) or {}
        if ("participantId" in body) == ("number" in body):
            abort(400)
        prefix = request.args.get("prefix", "")
        node = request.args.get("room", "").lower()
        if not day.kick(f"[{prefix}]{node}" if prefix else node, str(body.get("participantId", ""))):
            abort(404)
        day.ordered.append(("kick", str(body["participantId"])))
        return Response("", 200)


def _other_routes(app: Flask, day: Day) -> None:
    names = ",".join(f"'{one}'" for one in (*day.installation.recorders, "-"))
    own = f"/<any({names}):name>"

    @app.get(f"{own}/jibri/api/v1.0/health")
    def recorder_health(name: str) -> Response:
        return _json(telling.recorder(day, name))

    @app.post(f"{own}/jibri/api/v1.0/startService")
    def start(name: str) -> Response:
        body = request.get_json(silent=True) or {}
        needs = body.get("sinkType") in ("file", "stream")
        if name in day.recording or not body.get("sessionId") or (needs and "callLoginParams" not in body):
            return Response("", 412)
        day.recording[name] = str(body["sessionId"])
        day.ordered.append((f"start_{body['sinkType']}", name))
        return Response("", 200)

    @app.post(f"{own}/jibri/api/v1.0/stopService")
    def stop(name: str) -> Response:
        day.recording.pop(name, None)
        day.ordered.append(("stop", name))
        return Response("", 200)

    @app.get("/jigasi/about/stats")
    def gateway_stats() -> Response:
        return _json(telling.gateway_stats())

    @app.get("/jigasi/about/health")
    def gateway_health() -> Response:
        return Response("", 200)

    @app.get("/coturn/metrics")
    def turn_metrics() -> Response:
        return _told(day, lambda: _text(telling.turn_metrics(day)))


@contextmanager
def serve(app: Flask) -> Iterator[str]:
    """Serve the app on a free port of loopback; gives its address, http://127.0.0.1:<port>."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="fake_jitsi", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def server_rows(day: Day, base: str) -> list[dict[str, object]]:
    """What to enter as MeetingServer rows: kind, name, url."""
    found = [{"kind": "jvb", "name": one, "url": f"{base}/{one}"} for one in day.installation.bridges]
    found += [{"kind": "jibri", "name": one, "url": f"{base}/{one}"} for one in day.installation.recorders]
    return found + [{"kind": one, "name": one, "url": f"{base}/{one}"}
                    for one in ("jicofo", "prosody", "jigasi", "coturn")]
