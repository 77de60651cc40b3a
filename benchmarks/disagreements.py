"""Why an expectation about a recording is not met, one entry for each."""

from __future__ import annotations

# Kinds that belong to later work: topology, Wi-Fi, and naming the family of a device.
LATER = frozenset({"wifi_clients", "kind", "os", "hardware"})

_MAKER = "stands in the maker's own objects; the profile of this family comes later"
_UNKNOWN = "-1 means \"unknown\" (RFC 1628): there is no sample, the reading stands among those not used"
_TENTHS = "the card gives tenths of a volt against RFC 1628; the profile makes 219.9 V of 2199"
_BOOKKEEPING = (
    "buffers, caches and CD-ROMs are no storage that fills up: hrStorageOther and hrStorageCompactDisc are left out"
)

# (source, recording, kind) -> why; the kind may be "*"
REASONS: dict[tuple[str, str, str], str] = {
    ("derived", "snmpsimdata__UPS-huawei-gse200m", "ups_charge_percent"): _UNKNOWN,
    ("derived", "snmpsimdata__UPS-huawei-gse200m", "voltage"): _TENTHS,
    ("expected", "centreon__hardware-devices-camera-avigilon-hardware-camera-avigilon", "*"): _MAKER,
    ("expected", "centreon__hardware-pdu-cyberpower-CyberPower", "*"): _MAKER,
    ("expected", "centreon__hardware-sensors-messpc-ethernetbox-ethernetbox", "*"): _MAKER,
    ("expected", "centreon__hardware-ups-apc-ups-apc-battery-low", "*"): _MAKER,
    ("expected", "centreon__hardware-ups-apc-ups-apc-battery-ok", "*"): _MAKER,
    ("expected", "centreon__hardware-ups-phoenixtec-outputlines", "*"): _MAKER,
    ("expected", "centreon__hardware-ups-socomec-netvision-netvision5", "*"): _MAKER,
    ("expected", "centreon__network-aruba-aoscx-slim_aoscx-spanning-tree", "temperature_c"): _MAKER,
    ("expected", "centreon__network-aruba-instant-ap-usage", "*"): _MAKER,
    ("expected", "centreon__network-cyberoam-slim_sophos", "memory_used_percent"): _MAKER,
    ("expected", "centreon__network-extreme-x435-8p-4s", "*"): _MAKER,
    ("expected", "centreon__network-nortel-standard-4950gts-pwr", "*"): _MAKER,
    ("expected", "centreon__storage-qnap-qnap", "*"): _MAKER,
    ("expected", "thola__ios-7206VXR", "cpu_percent"): _MAKER,
    ("expected", "thola__routeros-CHR_1", "version"): _MAKER,
    ("expected", "centreon__os-linux-linux", "storage_used_percent"): _BOOKKEEPING,
    ("expected", "centreon__os-windows-windows_anon", "storage_used_percent"): _BOOKKEEPING,
}


def explained(source: str, recording: str, kind: str) -> str:
    """The explanation, "" when there is none."""
    return REASONS.get((source, recording, kind)) or REASONS.get((source, recording, "*"), "")
