"""How many bits per second a room receives and sends at a quality. Pure; the figures are an argument."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from babel.numbers import format_decimal

from conference.capacity.figures import Figures
from core import current_language

THUMBNAIL = "180p"
SIZES = ("180p", "360p", "720p", "1080p")  # the layers below a size are sent with it


@dataclass(frozen=True, slots=True)
class Quality:
    """What a room receives: one picture of `stage` size and `last_n` - 1 thumbnails, in `codec`."""

    codec: str = "vp9"
    stage: str = "720p"
    last_n: int = 5

    @property
    def lines(self) -> int:
        """The height of the stage's picture: 720."""
        return int(self.stage.rstrip("p"))


STANDARD = Quality()


@dataclass(frozen=True, slots=True)
class PlannedQuality:
    """The quality of a meeting, and of single endpoints whose lines carry less. What `Meeting.plan` keeps."""

    standard: Quality = STANDARD
    by_endpoint: Mapping[int, Quality] | None = None

    def of(self, endpoint_id: int | None) -> Quality:
        """The quality that is planned for an endpoint."""
        if self.by_endpoint is None or endpoint_id is None:
            return self.standard
        return self.by_endpoint.get(endpoint_id, self.standard)


STANDARD_PLAN = PlannedQuality()


def down_bps(quality: Quality, figures: Figures) -> int:
    """Bits per second a room receives, without overhead: stage, thumbnails and the loudest voices."""
    sizes = figures.max_bps[quality.codec]
    pictures = sizes[quality.stage] + (quality.last_n - 1) * sizes[THUMBNAIL] if quality.last_n else 0
    return pictures + figures.audio_streams * figures.audio_bps


def up_bps(quality: Quality, figures: Figures) -> int:
    """Bits per second a room sends that speaks, without overhead. Simulcast sends every smaller size beside it."""
    sizes = figures.max_bps[quality.codec]
    if quality.codec in figures.layered_codecs:
        picture = sizes[quality.stage]
    else:
        picture = sum(sizes[size] for size in SIZES[: SIZES.index(quality.stage) + 1])
    return min(picture, figures.uplink_cap_bps) + figures.audio_bps


def with_overhead(bits: float, figures: Figures) -> int:
    """The same on the wire."""
    return round(bits * (1.0 + figures.overhead))


def plan_text(planned: PlannedQuality) -> str:
    """JSON for `Meeting.plan`."""
    by_quality: dict[Quality, list[int]] = {}
    for endpoint_id, quality in sorted((planned.by_endpoint or {}).items()):
        by_quality.setdefault(quality, []).append(endpoint_id)
    classes = [{**_plain(quality), "endpoints": ids} for quality, ids in by_quality.items()]
    return json.dumps({"standard": _plain(planned.standard), "classes": classes}, ensure_ascii=False)


def read_plan(text: str, figures: Figures) -> PlannedQuality:
    """`Meeting.plan` as values. What it does not say or says wrongly is the standard: a plan never stops a meeting."""
    try:
        raw = json.loads(text or "{}")
        standard = _quality(raw.get("standard"), figures)
        by_endpoint = {
            int(endpoint_id): _quality(entry, figures)
            for entry in raw.get("classes", ()) for endpoint_id in entry["endpoints"]
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return STANDARD_PLAN
    return PlannedQuality(standard, by_endpoint or None)


def _plain(quality: Quality) -> dict[str, Any]:
    return {"codec": quality.codec, "stage": quality.stage, "last_n": quality.last_n}


def _quality(raw: Any, figures: Figures) -> Quality:
    if raw is None:
        return STANDARD
    made = Quality(str(raw["codec"]), str(raw["stage"]), min(max(int(raw["last_n"]), 0), 100))
    if made.stage not in figures.max_bps.get(made.codec, ()):
        raise ValueError(made.stage)
    return made


def speed_text(bits: float) -> str:
    """A speed as lines are sold: 1,72 Mbit/s."""
    for unit, size in (("Gbit/s", 1e9), ("Mbit/s", 1e6)):
        if bits >= size:
            return f"{format_decimal(bits / size, format='#,##0.##', locale=current_language())} {unit}"
    return f"{format_decimal(bits / 1e3, format='#,##0', locale=current_language())} kbit/s"
