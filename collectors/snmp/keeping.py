"""Compiled plans as bytes and back, so that a restart need not walk every device again. Pure.

What like devices share (a template, a list of port names) is a piece of its own, named by its digest and kept once.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from collectors.snmp.plan import PollPlan, Ports, TemplateCache
from collectors.snmp.template import Output, Row, Template

T = TypeVar("T")

# A plan of another form is not understood; the device is surveyed again.
FORM = json.dumps([1, Row._fields, Output._fields])
MOST_BYTES = 32 << 20  # unpacked; a chassis of 500 ports has 2 MiB


class UnknownForm(ValueError):
    """The bytes are not a plan that this version can read."""


@dataclass(frozen=True, slots=True)
class PackedPlan:
    """One plan: `body` is its own, `pieces` what it shares, by digest (hex SHA-256)."""

    body: bytes
    pieces: Mapping[str, bytes]


class PlanKeeper:
    """Packs and unpacks. It remembers the pieces it has seen, so that like devices cost one piece."""

    def __init__(self, cache: TemplateCache) -> None:
        self._cache = cache
        # By id(); the object is held so that its id stays its own
        self._packed: dict[int, tuple[object, str, bytes]] = {}
        self._templates: dict[str, Template] = {}
        self._ports: dict[str, Ports] = {}

    def pack(self, plan: PollPlan) -> PackedPlan:
        """The plan as bytes."""
        template, template_bytes = self._piece(plan.template, lambda: [plan.template.rows, plan.template.outputs])
        ports, ports_bytes = self._piece(plan.ports, lambda: [plan.ports.oids, plan.ports.names])
        head = {
            "form": FORM, "template": template, "ports": ports, "outputs": len(plan.series), "profile": plan.profile,
            "sysname": plan.sysname, "has_uptime": plan.has_uptime, "watched": plan.watched,
        }  # fmt: skip
        arrays = plan.series.astype("<i4").tobytes() + np.packbits(plan.is_port).tobytes()
        body = json.dumps(head).encode() + b"\n" + arrays
        return PackedPlan(zlib.compress(body, 1), {template: template_bytes, ports: ports_bytes})

    def unpack(self, packed: PackedPlan) -> PollPlan:
        """The plan again. Raises UnknownForm for anything else than what `pack` of this version made."""
        try:
            return self._unpack(packed)
        except (ValueError, KeyError, TypeError, IndexError, zlib.error) as error:
            raise UnknownForm(str(error)) from error

    def _unpack(self, packed: PackedPlan) -> PollPlan:
        head_bytes, _, arrays = _inflate(packed.body).partition(b"\n")
        head = json.loads(head_bytes)
        if head["form"] != FORM:
            raise UnknownForm("made by another version")
        size = head["outputs"]
        if len(arrays) != 4 * size + (size + 7) // 8:
            raise UnknownForm("cut short")
        flags = np.unpackbits(np.frombuffer(arrays, np.uint8, offset=4 * size), count=size).astype(bool)
        template = self._shared(self._templates, packed, head["template"], self._template_of)
        if len(template.outputs) != size:
            raise UnknownForm("template of another plan")
        return PollPlan(
            template=template,
            series=np.frombuffer(arrays, "<i4", count=size).astype(np.int32),
            is_port=self._cache.flags(tuple(flags.tolist())),
            profile=head["profile"],
            sysname=head["sysname"],
            has_uptime=head["has_uptime"],
            watched=tuple(head["watched"]),
            ports=self._shared(self._ports, packed, head["ports"], self._ports_of),
        )

    def _piece(self, owner: object, content: Callable[[], Any]) -> tuple[str, bytes]:
        known = self._packed.get(id(owner))
        if known is None:
            raw = json.dumps(content()).encode()
            known = self._packed[id(owner)] = (owner, hashlib.sha256(raw).hexdigest(), zlib.compress(raw, 1))
        return known[1], known[2]

    def _shared(self, known: dict[str, T], packed: PackedPlan, key: str, make: Callable[[Any], T]) -> T:
        found = known.get(key)
        if found is None:
            raw = _inflate(packed.pieces[key])
            if hashlib.sha256(raw).hexdigest() != key:
                raise UnknownForm("damaged")
            found = known[key] = make(json.loads(raw))
            self._packed[id(found)] = (found, key, packed.pieces[key])
        return found

    def _template_of(self, content: Any) -> Template:
        rows, outputs = content
        return self._cache.template(
            tuple(Row(*map(_frozen, row)) for row in rows), tuple(Output(*map(_frozen, output)) for output in outputs)
        )

    def _ports_of(self, content: Any) -> Ports:
        oids, names = content
        return self._cache.share(Ports(tuple(oids), tuple(names)))


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _inflate(data: bytes) -> bytes:
    engine = zlib.decompressobj()
    raw = engine.decompress(data, MOST_BYTES)
    if engine.unconsumed_tail or not engine.eof:
        raise UnknownForm("too large or cut short")
    return raw
