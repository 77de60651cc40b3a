"""Makes of a walk what can be given away: a scrubbed recording, its golden file, the list of texts that remained."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

from collectors.profiles import Profile, ProfileSet
from collectors.recording.replayed import golden, read_recorded
from collectors.recording.scrub import Scrubbed, Scrubber
from collectors.recording.variable import Variable, snmprec
from collectors.recording.walk import Walked
from collectors.snmp import DeviceReading
from core import gettext as _
from inventory import SnmpCredential

_NOT_A_NAME = re.compile(r"[^a-z0-9]+")
_ZIP_TIME = (2000, 1, 1, 0, 0, 0)  # a recording tells nothing of the hour it was made


@dataclass(frozen=True, slots=True)
class Bundle:
    """`name` is a file name without suffix. `kept` are the texts that a person looks through before giving it away."""

    name: str
    recording: str
    golden: str
    kept: tuple[str, ...]
    variables: int
    replaced: int
    reading: DeviceReading

    def review(self) -> str:
        """The list for the person who gives it away, in the language of the moment."""
        head = _(
            "Look through these texts before you give the recording away: they were left because they look like names"
            " of hardware, versions or states. Where one names a person, a place or an organisation, replace it in the"
            " .snmprec file."
        )
        return "\n".join([head, "", *self.kept, ""])

    def zipped(self) -> bytes:
        """The three files as one."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in (
                (f"{self.name}.snmprec", self.recording),
                (f"{self.name}.json", self.golden),
                ("REVIEW.txt", self.review()),
            ):
                archive.writestr(zipfile.ZipInfo(name, _ZIP_TIME), text, zipfile.ZIP_DEFLATED)
        return buffer.getvalue()


async def make_bundle(
    walked: Walked, profiles: ProfileSet, asker: SnmpCredential | None = None, words: Iterable[str] = ()
) -> Bundle:
    """Scrub, then read the scrubbed recording as the device would be read: that is the golden file.

    Neither `words` nor the community or user of `asker` appear in it.
    """
    secrets = [*words, *_words_of(asker)]
    raw = sorted(walked.variables, key=lambda one: one.oid)
    first = await read_recorded(raw, profiles)
    scrubbed = scrub(raw, first, secrets)
    reading = await read_recorded(scrubbed.variables, profiles)
    text = json.dumps(golden(reading), indent=1, ensure_ascii=False) + "\n"
    lead = "# Recorded from a device and scrubbed by EduNOC: addresses, names, serials and secrets are invented.\n"
    return Bundle(
        _name_of(reading), lead + snmprec(scrubbed.variables), text, scrubbed.kept, len(scrubbed.variables),
        scrubbed.replaced, reading,
    )  # fmt: skip


def scrub(variables: list[Variable], reading: DeviceReading, secrets: Iterable[str] = ()) -> Scrubbed:
    """Scrub by what the device's own profile says of serials, models and versions."""
    profile = reading.survey.profile if reading.survey else None
    serials, plain = _sources(profile, ("serial",)), _sources(profile, ("model", "version", "hardware", "os", "vendor"))
    own = [reading.facts.get("serial", ""), reading.facts.get("sysname", "")]
    return Scrubber([*secrets, *own], serials, plain).scrub(variables)


def _words_of(asker: SnmpCredential | None) -> list[str]:
    if asker is None:
        return []
    return [asker.user, asker.community.reveal() if asker.community else ""]


def _sources(profile: Profile | None, names: Iterable[str]) -> list[str]:
    if profile is None:
        return []
    sources = [source for name in names for source in profile.facts.get(name, ())]
    scalars = [source.oid for source in sources if source.oid]
    return scalars + [f"{source.column}.0" for source in sources if source.column]


def _name_of(reading: DeviceReading) -> str:
    words = " ".join(filter(None, (reading.facts.get("vendor"), reading.facts.get("model")))) or reading.profile
    return _NOT_A_NAME.sub("-", words.lower()).strip("-")[:60] or "device"
