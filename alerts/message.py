"""Words for people: an incident as title, message and next step, and as a message with subject, text and HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from alerts.finding import Finding
from alerts.labels import Labels
from alerts.rule import Rule, fill
from alerts.words import SEVERITY_LABELS, STATUS_LABELS
from core import LANGUAGES, gettext, use_language
from inventory import DEVICE_KINDS, fold
from telemetry import METRICS

MAX_NAME = 120
# C0, C1, line separators and the marks that turn the direction of writing: none belongs into one line of a message
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")

_SEVERITY_COLOURS = {"critical": "#b42318", "major": "#b54708", "minor": "#175cd3", "info": "#475467"}
_RECOVERED_COLOUR = "#067647"


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message, ready to send in one language."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What a message says about an incident; times are aware."""

    incident_id: int
    kind: str  # a key of alerts.words.STATUS_LABELS
    severity: str
    titles: Mapping[str, str]
    messages: Mapping[str, str]
    next_steps: Mapping[str, str]
    site_name: str
    started_at: datetime
    ended_at: datetime | None = None


def one_line(text: str, limit: int = MAX_NAME) -> str:
    """Text of unknown origin as one harmless line."""
    clean = " ".join(_CONTROL.sub(" ", text).split())
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def duration_text(duration: timedelta) -> str:
    """"2 h 5 min" in the language of the moment."""
    minutes, seconds = divmod(max(int(duration.total_seconds()), 0), 60)
    if minutes == 0:
        return gettext("%(n)d s", n=seconds)
    hours, minutes = divmod(minutes, 60)
    if hours == 0:
        return gettext("%(n)d min", n=minutes)
    days, hours = divmod(hours, 24)
    if days == 0:
        return gettext("%(h)d h %(m)d min", h=hours, m=minutes)
    return gettext("%(d)d days %(h)d h", d=days, h=hours)


def value_text(value: float | None, unit: str) -> str:
    """A value with its unit as people say it; "?" when unknown."""
    if value is None or value != value:
        return "?"
    if unit == "ratio":
        return f"{value * 100:.0f} %"
    if unit == "seconds":
        return duration_text(timedelta(seconds=value)) if value >= 60 else f"{value:.3g} s"
    if unit == "celsius":
        return f"{value:.0f} °C"
    word = {"rpm": "rpm", "volts": "V", "packets": gettext("packets/s")}.get(unit, unit)
    return f"{value:.4g} {word}".strip()


def unit_of(rule: Rule) -> str:
    """The unit of the rule's first value."""
    if not rule.terms:
        return ""
    first = rule.terms[0]
    metric = METRICS.get(first.metric)
    return "ratio" if first.over else (metric.unit if metric else "")


def words_of(finding: Finding, labels: Labels) -> dict[str, dict[str, str]]:
    """language -> the values that templates may name."""
    return {language: _words(finding, labels, language) for language in LANGUAGES}


def _kind_word(name: str, kind: str) -> str:
    """What kind of thing it is, in the language of the moment; "" when its name says so: no "Switch Switch 2"."""
    said = [kind, DEVICE_KINDS[kind], gettext(DEVICE_KINDS[kind])]
    with use_language("vi"):
        said.append(gettext(DEVICE_KINDS[kind]))
    return "" if any(fold(name).startswith(fold(word)) for word in said) else gettext(DEVICE_KINDS[kind])


def _words(finding: Finding, labels: Labels, language: str) -> dict[str, str]:
    device = labels.named(finding.device_id)
    site = labels.sites.get(finding.site_id or 0)
    with use_language(language):
        unit = unit_of(finding.rule)
        first = finding.rule.terms[0] if finding.rule.terms else None
        return {
            "device": one_line(device.name) if device else "?",
            "kind": _kind_word(device.name, device.kind) if device and device.kind in DEVICE_KINDS else "",
            "address": one_line(device.address) if device else "",
            "site": one_line(site.name) if site else "?",
            "unit": one_line(labels.units.get(finding.unit_path, site.unit_name if site else "")),
            "part": _part_text(finding, labels),
            "value": value_text(finding.value, unit),
            "threshold": value_text(first.threshold, unit) if first else "",
            "count": str(len(finding.devices)),
            "sites": str(len(finding.sites)),
            "group": _group_text(finding.group, labels),
            "duration": "",
        }


def _part_text(finding: Finding, labels: Labels) -> str:
    named = labels.part_names.get((finding.device_id or 0, finding.part), finding.part.partition(":")[2])
    more = len(finding.parts) - 1
    text = one_line(named) or gettext("the device")
    return gettext("%(part)s and %(n)d more", part=text, n=more) if more > 0 else text


def _group_text(group: str, labels: Labels) -> str:
    kind, _, name = group.partition(":")
    return one_line(labels.units.get(name, name) if kind == "unit" else name)


def texts_of(finding: Finding, labels: Labels) -> dict[str, dict[str, str]]:
    """{"titles" | "messages" | "next_steps": {language: text}} of a finding."""
    words = words_of(finding, labels)
    sources = {"titles": finding.rule.titles, "messages": finding.rule.messages, "next_steps": finding.rule.next_steps}
    return {
        name: {language: fill(templates[language], words[language]).strip() for language in LANGUAGES}
        for name, templates in sources.items()
    }


def render(letter: Letter, language: str, public_url: str, timezone: str) -> Rendered:
    """The message of an incident in one language, with a link when EduNOC knows its own address."""
    with use_language(language):
        title = one_line(letter.titles.get(language, ""), 300)
        status, severity = gettext(STATUS_LABELS[letter.kind]), gettext(SEVERITY_LABELS[letter.severity])
        zone = ZoneInfo(timezone)
        rows = [
            (gettext("Severity"), severity),
            (gettext("Since"), letter.started_at.astimezone(zone).strftime("%H:%M:%S %d/%m/%Y")),
        ]
        if letter.ended_at is not None:
            rows.append((gettext("Ended"), letter.ended_at.astimezone(zone).strftime("%H:%M:%S %d/%m/%Y")))
            rows.append((gettext("Lasted"), duration_text(letter.ended_at - letter.started_at)))
        if letter.site_name:
            rows.append((gettext("Place"), one_line(letter.site_name, 255)))
        rows.append((gettext("Incident"), f"#{letter.incident_id}"))
        is_over = letter.kind == "recovered"
        body = gettext("The trouble is over.") if is_over else letter.messages.get(language, "")
        steps = "" if is_over else letter.next_steps.get(language, "")
        link = f"{public_url.rstrip('/')}/incidents/{letter.incident_id}" if public_url else ""
        subject = f"[{status}] {title}" if is_over else f"[{status} - {severity}] {title}"
        colour = _RECOVERED_COLOUR if is_over else _SEVERITY_COLOURS[letter.severity]
        return Rendered(
            subject=one_line(subject, 380), text=_text(title, body, steps, rows, link),
            html=_html((f"{status} - {title}", body, steps), rows, link, colour),
        )


def _text(title: str, body: str, steps: str, rows: Sequence[tuple[str, str]], link: str) -> str:
    parts = [title, body]
    if steps:
        parts.append(gettext("What to do: %(steps)s", steps=steps))
    parts.append("\n".join(f"{name}: {value}" for name, value in rows))
    parts.append(link)
    return "\n\n".join(part for part in parts if part)


def _html(words: tuple[str, str, str], rows: Sequence[tuple[str, str]], link: str, colour: str) -> str:
    heading, body, steps = words
    # Mail programs know no style sheets: the few styles stand on the elements.
    parts = [
        Markup('<h2 style="margin:0 0 12px;color:{}">{}</h2>').format(colour, heading),
        Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in body.splitlines())),
    ]
    if steps:
        parts.append(Markup("<p><strong>{}</strong> {}</p>").format(gettext("What to do:"), steps))
    # Lines, not a table: mail programs make the plain text of it, and cells would fall apart there.
    lines = (Markup('<span style="color:#475467">{}:</span> {}').format(name, value) for name, value in rows)
    parts.append(Markup("<p>{}</p>").format(Markup("<br>").join(lines)))
    if link:
        # The address itself is the link's text: the plain text is made of what can be read here.
        parts.append(Markup('<p>{} <a href="{}">{}</a></p>').format(gettext("Open in EduNOC:"), link, link))
    return str(Markup('<div style="font-family:sans-serif;font-size:15px">{}</div>').format(Markup("").join(parts)))


def render_digest(subjects: Sequence[str], count: int, language: str, public_url: str) -> Rendered:
    """Many waiting messages as one."""
    with use_language(language):
        title = gettext("%(n)d messages at once", n=count)
        rest = count - len(subjects)
        lines = [f"- {one_line(subject, 380)}" for subject in subjects]
        if rest > 0:
            lines.append(gettext("... and %(n)d more", n=rest))
        link = f"{public_url.rstrip('/')}/incidents" if public_url else ""
        subject = f"[{gettext(STATUS_LABELS['digest'])}] {title}"
        body = "\n".join(lines)
        return Rendered(subject, _text(title, body, "", (), link), _html((title, body, ""), (), link, "#b42318"))


def render_test(channel_name: str, language: str) -> Rendered:
    """The message behind the button "send a test"."""
    with use_language(language):
        title = gettext("EduNOC test message")
        body = gettext("This message shows that the channel %(name)s works.", name=one_line(channel_name))
        subject = f"[{gettext(STATUS_LABELS['test'])}] {title}"
        return Rendered(subject, _text(title, body, "", (), ""), _html((title, body, ""), (), "", "#175cd3"))
