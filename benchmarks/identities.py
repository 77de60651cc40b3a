"""Who the recorded devices are: maker and kind as MANIFEST.csv says, the model where the recording names it. Pure."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.disagreements import IDENTITY_REASONS, NO_MODEL
from benchmarks.expectations import Told

# MANIFEST.csv's word for a kind -> ours
KINDS = {
    "router": {"router"}, "switch": {"switch"}, "firewall": {"firewall"}, "server": {"server"}, "nas": {"nas"},
    "ups": {"ups"}, "wlan-controller": {"wlan_controller"}, "wifi": {"ap"}, "camera": {"camera", "nvr"},
    "pdu": {"other"}, "olt": {"other"}, "environment": {"sensor"},
}  # fmt: skip

# The model as the device writes it, for every recording that holds it in whatever object.
MODELS = {
    "centreon__hardware-pdu-cyberpower-CyberPower": "PDU44005",
    "centreon__hardware-sensors-messpc-ethernetbox-ethernetbox": "ethernetbox",
    "centreon__network-aruba-instant-ap-usage": "225",
    "centreon__network-cisco-smallbusiness-stack": "Anonymized 129",
    "centreon__network-hp-procurve-slim_procurve_stack": "Anonymized 000",
    "centreon__network-nortel-standard-4950gts-pwr": "Anonymized 041",
    "centreon__network-mikrotik-mikrotik-chateau-lte6": "D53G-5HacD2HnD&FG621-EA",
    "snmpsimdata__UPS-eaton-93e-80": "EATON 93E 80",
    "snmpsimdata__UPS-huawei-gse200m": "UPS5000-E",
    "snmpsimdata__UPS-vertiv-power": "Liebert PEX",
    "snmpsimdata__bmc-hp-onboard-administrator": "BladeSystem c7000 Enclosure G2",
    "snmpsimdata__camera-hikvision-network-video-recorder": "NVR",
    "snmpsimdata__firewall-paloalto-pa-5000": "PA-5050",
    "snmpsimdata__firewall-topsec-ngfw4000-uf": "NGFW4000-UF(TG-72282)",
    "snmpsimdata__router-cisco-unmarked-0": "WS-C3550-24",
    "snmpsimdata__router-huawei-s5720": "S5720-36C-EI-AC",
    "snmpsimdata__switch-cisco-c3750": "WS-C3750G-12S-S",
    "snmpsimdata__switch-dcs-3726c": "DCS-3726S",
    "snmpsimdata__switch-h3c-comware-lsq1wcmd0": "LSQ1WCMD0",
    "snmpsimdata__switch-hpe-procurve-516733-b21": "516733-B21",
    "snmpsimdata__switch-metel-poe-box": "2G-2S.0.2.F-BOX-PoE",
    "snmpsimdata__switch-ruijie-s5750-24gt12sfp": "S5750-24GT/12SFP",
    "snmpsimdata__wifi-aruba-7020": "7010",
    "snmpsimdata__wifi-sangfor-wac-2": "WAC m5800",
    "thola__comware-VSR1000": "VSR1000",
    "thola__ios-7206VXR": "7206VXR",
    "thola__routeros-CHR_1": "CHR",
}


@dataclass(frozen=True, slots=True)
class Identified:
    """One aspect (vendor, model, kind) of one recording: what it is, what was found, why they differ."""

    recording: str
    aspect: str
    wanted: str
    found: str
    is_right: bool
    why: str = ""


def manifest(folder: Path) -> list[dict[str, str]]:
    """The rows of MANIFEST.csv."""
    with (folder / "MANIFEST.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def identified(rows: Iterable[Mapping[str, str]], told: Mapping[str, Told]) -> list[Identified]:
    """Vendor, model and kind of every recording."""
    found = []
    for row in rows:
        name = row["name"]
        facts = told[name].reading.facts
        wanted = {"vendor": row["vendor"], "model": MODELS.get(name, ""), "kind": row["kind"]}
        for aspect, text in wanted.items():
            said = facts.get(aspect, "")
            is_right = _is_right(aspect, text, said)
            lacking = NO_MODEL if aspect == "model" and not text and not said else ""
            why = "" if is_right else IDENTITY_REASONS.get((name, aspect), lacking)
            found.append(Identified(name, aspect, text, said, is_right, why))
    return found


def _is_right(aspect: str, wanted: str, said: str) -> bool:
    if aspect == "kind":
        return said in KINDS[wanted]
    if aspect == "model":
        return bool(wanted) and wanted.lower() in said.lower()
    return any(word.lower() in said.lower() for word in wanted.split("/"))
