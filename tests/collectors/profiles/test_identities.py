"""Devices of the families as makers describe them: from sysDescr, sysObjectID, ENTITY-MIB to profile, kind, model."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from collectors.profiles import load_profiles
from collectors.snmp.collect import SYS_DESCR, SYS_OBJECT_ID, Collected
from collectors.snmp.facts import facts_of, identify

with (Path(__file__).parent / "identities.csv").open(encoding="utf-8", newline="") as stream:
    ROWS = list(csv.DictReader(stream))


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['sysdescr'][:40]} {row['entity_model']}".strip() for row in ROWS])
def test_who_it_is(row: dict[str, str]) -> None:
    """`enterprise` is the sysObjectID without 1.3.6.1.4.1, `entity_model` the model of ENTITY-MIB's chassis."""
    scalars: dict[str, int | float | str | bytes] = {SYS_DESCR: row["sysdescr"].replace("\\n", "\r\n").encode()}
    if row["enterprise"]:
        scalars[SYS_OBJECT_ID] = f"1.3.6.1.4.1.{row['enterprise']}"
    known = Collected(scalars=scalars)
    if row["entity_model"]:
        known.columns = {
            "1.3.6.1.2.1.47.1.1.1.1.13": {"1": row["entity_model"].encode()}, "1.3.6.1.2.1.47.1.1.1.1.5": {"1": 3},
        }  # fmt: skip
    profiles = load_profiles()
    profile = identify(profiles, scalars).profile
    facts = facts_of(profiles, profile, known)
    found = {"profile": profile.name, **{name: facts[name] for name in ("vendor", "kind", "model", "version")}}
    assert found == {name: row[name] for name in found}
