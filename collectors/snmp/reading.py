"""Reads one device whole: what `app.py poll`, "Poll now" and discovery show. `as_json` is a contract."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from collectors.profiles import ProfileSet
from collectors.snmp.counting import tally
from collectors.snmp.decode import readings_of
from collectors.snmp.facts import FACT_NAMES
from collectors.snmp.interfaces import Interface
from collectors.snmp.plan import Dropped, Timing
from collectors.snmp.poller import Poller
from collectors.snmp.reasons import NO_ACCESS, OK, TIMEOUT, Failure, explain
from collectors.snmp.survey import Survey, compile_rows, known_facts, survey
from collectors.snmp.target import DeviceState, Patience, Target
from collectors.snmp.template import Output, build_template, evaluate
from collectors.snmp.text import clean_line
from inventory import SnmpCredential
from telemetry import METRICS

_JSON_PORT = ("index", "name", "description", "alias", "type", "admin_up", "oper_up", "speed_bps", "in_octets",
              "out_octets", "mac")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """One value. Counters are the device's running totals. `label` is for people, `unit` as in telemetry's table."""

    metric: str
    part: str
    value: float
    unit: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class DeviceReading:
    """All that one device told. `reason` is a word of REASONS; `survey` is None when nothing was told."""

    target: str
    reason: str
    detail: str = ""
    profile: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    interfaces: tuple[Interface, ...] = ()
    samples: tuple[Sample, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    timing: Timing = field(default_factory=Timing)
    survey: Survey | None = None

    @property
    def is_read(self) -> bool:
        """Whether the device told anything."""
        return self.survey is not None

    @property
    def explanation(self) -> str:
        """What happened and what to do next, for people."""
        return explain(self.reason)

    def as_json(self) -> dict[str, Any]:
        """The contract of `app.py poll --json`."""
        return {
            "target": self.target,
            "profile": self.profile,
            "facts": self.facts,
            "kind": self.facts.get("kind", ""),
            "interfaces": [{name: getattr(port, name) for name in _JSON_PORT} for port in self.interfaces],
            "samples": [
                {"metric": s.metric, "part": s.part, "value": _plain(s.value), "unit": s.unit} for s in self.samples
            ],
            "neighbours": [],
            "dropped": [asdict(one) for one in self.dropped],
            "timing": {
                "requests": self.timing.requests,
                "seconds": round(self.timing.seconds, 4),
                "timeouts": self.timing.timeouts,
            },
        }


def _plain(value: float) -> float | int:
    """Whole numbers without a decimal point; ten significant digits are more than any sensor has."""
    return int(value) if value == int(value) else float(f"{value:.10g}")


async def read_device(
    target: Target, credential: SnmpCredential, patience: Patience, profiles: ProfileSet, poller: Poller | None = None
) -> DeviceReading:
    """Identify and read one device. Never raises for anything the device or the network does."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    poller = poller or Poller(loop.time)
    requests = timeouts = 0
    session = None
    found: Survey | None = None
    reason, detail = OK, ""
    try:
        session = await poller.open_session(target, credential, DeviceState(), patience)
        found = await survey(session, profiles, patience)
        reason, detail = found.reason, found.detail
    except Failure as failure:
        reason, detail = failure.reason, failure.detail
    except TimeoutError:
        reason = TIMEOUT
        timeouts = patience.retries + 1
    finally:
        if session is not None:
            requests, timeouts = session.counts.requests, session.counts.timeouts
            session.close()
    timing = Timing(requests, loop.time() - started, timeouts)
    if found is None or reason == NO_ACCESS:
        return DeviceReading(str(target), reason, detail, facts=dict.fromkeys(FACT_NAMES, ""), timing=timing)
    samples, dropped = samples_of(found)
    return DeviceReading(
        target=str(target), reason=reason, detail=detail, profile=found.profile.name, facts=known_facts(found),
        interfaces=found.interfaces, samples=samples, dropped=(*found.dropped, *dropped), timing=timing, survey=found,
    )  # fmt: skip


def samples_of(found: Survey) -> tuple[tuple[Sample, ...], tuple[Dropped, ...]]:
    """The survey's own readings as samples, by the same arithmetic as a poll, and what gave none with the reason."""
    if not found.rows:
        return (), ()
    rows, outputs = compile_rows(found.rows)
    template = build_template(rows, outputs)
    values = _values(found, template.names.oids)
    raw, wrong = readings_of(template, values)
    results = evaluate(template, raw.copy())
    results[template.count_out] = _numbers(found, [outputs[i] for i in template.count_out])
    samples, dropped = [], [Dropped(rows[w.row].oid, clean_line(w.value), "wrong_type") for w in wrong]
    for planned, output, value in zip(found.rows, outputs, results, strict=True):
        if not math.isnan(value):
            unit = METRICS[planned.metric].unit
            samples.append(Sample(planned.metric, planned.part, float(value), unit, planned.label))
            continue
        if not output.terms or output.is_delta:
            continue
        reading = raw[output.terms[0][0]]
        if not np.isnan(reading) and not output.mean_of:
            dropped.append(Dropped(rows[output.terms[0][0]].oid, _plain(float(reading)), why_dropped(output, reading)))
    return tuple(samples), tuple(dropped)


def _numbers(found: Survey, counted: Sequence[Output]) -> np.ndarray:
    """How many rows there are; unknown where the survey did not see them all."""
    cut = {trouble.oid for trouble in found.known.troubles}
    columns = {output.count[0]: output.count[0] for output in counted if output.count}
    return tally(counted, {one: None if one in cut else found.known.column(one) for one in columns})


def why_dropped(output: Output, reading: float) -> str:
    """One word: sentinel, unknown_code, no_size or out_of_range."""
    if reading in output.sentinels:
        return "sentinel"
    if output.enum:
        return "unknown_code"
    return "no_size" if output.over else "out_of_range"


def _values(found: Survey, oids: Sequence[str]) -> dict[str, object]:
    known = found.known
    values: dict[str, object] = {}
    for oid in oids:
        if oid in known.scalars:
            values[oid] = known.scalars[oid]
            continue
        column, index = oid, ""
        while "." in column and column not in known.columns:
            column, _, arc = column.rpartition(".")
            index = f"{arc}.{index}" if index else arc
        values[oid] = known.columns.get(column, {}).get(index)
    return values
