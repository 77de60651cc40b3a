"""POST /api/v2/write: InfluxDB's write API, so that Telegraf and influxdb-client deliver unchanged.

https://docs.influxdata.com/influxdb/v2/api/v2/#operation/PostWrite: 204 taken, 400 bad lines (the good ones are in),
401 no token, 413 too large. `org` and `bucket` are taken and ignored: there is one of each.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping

from apiflask import APIBlueprint
from flask import Response, abort, g, json, request

from core import Permission, Scope, Session
from dashboards.access import needs
from dashboards.gate import services
from inventory import Device, ListQuery, NotFound, get_record, list_records
from telemetry import write_lines

blueprint = APIBlueprint(
    "api_write",
    __name__,
    url_prefix="/api/v2",
    tag={"name": "write", "description": "InfluxDB's write API, for Telegraf and influxdb-client."},
)
PRECISIONS = ("ns", "us", "ms", "s")
INFLATED_LIMIT = 64 * 1024 * 1024  # a few kilobytes of gzip can hold gigabytes of blanks
# Which tags name a device how; the first that finds one counts
_BY_NAME, _BY_ADDRESS = ("host", "device"), ("agent_host", "source", "host", "device")


@blueprint.post("/write")
@needs(Permission.WRITE_SAMPLES, writes=False)
@blueprint.doc(
    summary="Write samples by line protocol",
    description="Body: InfluxDB line protocol, gzip or plain. A line's device is found by its tag device_id, host,"
    " device, agent_host or source: number, code, name or address. Arguments: precision ns (default), us, ms or s.",
    responses={
        204: "All taken",
        400: "Some lines are wrong; the good ones were taken",
        401: "No valid token",
        413: "Too large",
    },
)
def write() -> Response:
    """Take in lines."""
    parts = services()
    if parts.ingest is None or parts.registry is None:
        abort(503)
    precision = request.args.get("precision", "ns")
    if precision not in PRECISIONS:
        return _refusal(400, "invalid", f"precision is one of: {', '.join(PRECISIONS)}")
    try:
        body = _body()
    except zlib.error:
        return _refusal(400, "invalid", "the body says gzip and is none")
    now = parts.clock().timestamp()
    report = write_lines(body, precision, device_finder(g.session, g.scope), parts.registry, parts.ingest, now)
    if report.error_count:
        return _refusal(400, "invalid", report.message())
    return Response(status=204)


def _body() -> bytes:
    raw = request.get_data(cache=False)
    if request.headers.get("Content-Encoding", "").lower() != "gzip":
        return raw
    inflater = zlib.decompressobj(wbits=31)
    body = inflater.decompress(raw, INFLATED_LIMIT)
    if inflater.unconsumed_tail:
        abort(413)
    if not inflater.eof:
        raise zlib.error("cut off")
    return body


def _refusal(status: int, code: str, message: str) -> Response:
    """The shape of InfluxDB's errors, which its clients read."""
    return Response(json.dumps({"code": code, "message": message}), status=status, mimetype="application/json")


def device_finder(session: Session, scope: Scope) -> Callable[[Mapping[str, str]], int | None]:
    """Finds the device of a line's tags within the scope, each tag's value once a request."""
    known: dict[tuple[str, str], int | None] = {}

    def one(column: str, value: str) -> int | None:
        if (column, value) not in known:
            wanted = ListQuery(text=value) if column == "name" else ListQuery(filters={column: value}, page_size=2)
            rows = list_records(session, scope, Device, wanted).rows
            same = [row.id for row in rows if getattr(row, column).casefold() == value.casefold()]
            # Two devices of one name: guessing would write a school's samples to another's device
            known[column, value] = same[0] if len(same) == 1 else None
        return known[column, value]

    def find(tags: Mapping[str, str]) -> int | None:
        number = tags.get("device_id", "")
        if number.isdecimal() and len(number) < 10:
            return number_in_scope(int(number))
        for column, names in (("code", _BY_NAME), ("name", _BY_NAME), ("address", _BY_ADDRESS)):
            for name in names:
                if tags.get(name):
                    device_id = one(column, tags[name])
                    if device_id is not None:
                        return device_id
        return None

    def number_in_scope(number: int) -> int | None:
        try:
            return get_record(session, scope, Device, number).id
        except NotFound:
            return None

    return find
