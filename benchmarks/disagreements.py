"""Why an expectation about a recording is not met, one entry for each."""

from __future__ import annotations

_UNKNOWN = "-1 means \"unknown\" (RFC 1628): there is no sample, the reading stands among those not used"
_TENTHS = "the card gives tenths of a volt against RFC 1628; the profile makes 219.9 V of 2199"

# (source, recording, kind, key) -> why; the key may be "*"
REASONS: dict[tuple[str, str, str, str], str] = {
    ("derived", "snmpsimdata__UPS-huawei-gse200m", "ups_charge_percent", ""): _UNKNOWN,
    ("derived", "snmpsimdata__UPS-huawei-gse200m", "voltage", "ups-out/1"): _TENTHS,
}

NO_MODEL = "no object of this recording names the model"
_NO_MAKER = "the recording holds twelve readings of UPS-MIB and nothing that names its maker"

# (recording, vendor | model | kind) -> why
IDENTITY_REASONS: dict[tuple[str, str], str] = {
    ("centreon__hardware-ups-standard-ups-standard", "vendor"): _NO_MAKER,
    ("centreon__hardware-ups-standard-ups-standard-null-val", "vendor"): _NO_MAKER,
}


def explained(source: str, recording: str, kind: str, key: str) -> str:
    """The explanation, "" when there is none."""
    return REASONS.get((source, recording, kind, key)) or REASONS.get((source, recording, kind, "*"), "")
