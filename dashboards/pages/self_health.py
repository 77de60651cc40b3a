"""How EduNOC itself is: taking in samples, keeping them, reading devices, sending messages, room on the disk."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, render_template
from prometheus_client import REGISTRY

from collectors import explain, reason_counts
from core import Permission
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import services
from dashboards.registry import MenuItem, Page

blueprint = Blueprint("self_health", __name__, url_prefix="/admin/health")
DISK_ATTENTION, DISK_DOWN = 0.85, 0.95


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk of the data folder."""

    used_ratio: float
    free_bytes: int
    state: str


# reason of the sample store: (what happened, what to do next)
STORE_TROUBLE = {
    "disk_full": (
        _l("The disk is nearly full: new samples wait in memory and are lost when EduNOC ends."),
        _l("Free some space on the disk of the data folder. EduNOC goes on by itself; nothing need be started anew."),
    ),
}
OTHER_TROUBLE = (
    _l("The store does not take new samples; they wait in memory."),
    _l("Look into the log for the reason (samples_cannot_be_stored)."),
)
NO_SPACE = (
    _l("The disk is full: nothing can be saved, neither incidents nor changes."),
    _l("Free some space on the disk of the data folder now. EduNOC goes on by itself."),
)
LEAST_FREE = 1 << 20


@blueprint.get("")
@needs(Permission.VIEW_SETTINGS)
def index() -> str:
    """Everything on one page, refreshed by itself."""
    parts = services()
    ingest = parts.ingest.stats if parts.ingest is not None else None
    disk = disk_of(str(parts.settings.core.data_dir))
    reasons = sorted(reason_counts(g.session).items(), key=lambda pair: -pair[1])
    return render_template(
        "admin/health.html",
        ingest=ingest,
        series=len(parts.registry) if parts.registry is not None else None,
        store_bytes=parts.store.size_bytes() if parts.store is not None else None,
        disk=disk,
        troubles=troubles_of(disk, ingest.trouble if ingest is not None else ""),
        reasons=[(reason, explain(reason), count) for reason, count in reasons],
        own=own_metrics(),
    )


def troubles_of(disk: Disk, store_trouble: str) -> list[tuple[Any, Any]]:
    """(what is wrong with EduNOC itself, what to do next)."""
    found = [NO_SPACE] if disk.free_bytes < LEAST_FREE else []
    return found + ([STORE_TROUBLE.get(store_trouble, OTHER_TROUBLE)] if store_trouble else [])


def disk_of(folder: str) -> Disk:
    """How full the disk is."""
    usage = shutil.disk_usage(folder)
    ratio = usage.used / usage.total if usage.total else 0.0
    state = "down" if ratio >= DISK_DOWN else "attention" if ratio >= DISK_ATTENTION else "good"
    return Disk(ratio, usage.free, state)


def own_metrics() -> list[tuple[str, str, float]]:
    """(name with labels, meaning, value) of EduNOC's own metrics and the process's, as /metrics gives them."""
    lines = []
    for family in REGISTRY.collect():
        if not family.name.startswith(("edunoc_", "process_")) or family.name == "process_start_time_seconds":
            continue
        for sample in family.samples:
            if sample.name.endswith(("_bucket", "_created")):
                continue
            labels = ",".join(f"{name}={value}" for name, value in sample.labels.items())
            lines.append((f"{sample.name}{{{labels}}}" if labels else sample.name, family.documentation, sample.value))
    return lines


page = Page(
    blueprint,
    menu=(
        MenuItem(
            "administration",
            "self_health.index",
            _l("Health of EduNOC"),
            "heart-rate-monitor",
            Permission.VIEW_SETTINGS,
            30,
        ),
    ),
)
