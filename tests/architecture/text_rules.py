"""Every text that people see goes through gettext and has its Vietnamese; templates hold no English outside of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from io import StringIO

from babel.messages.pofile import read_po
from jinja2 import Environment
from jinja2.ext import babel_extract

from tests.architecture.rules import Module, Violation

# core's functions -> how many of the first arguments are texts; pgettext's first is the context
_GETTEXT = {"gettext": 1, "lazy_gettext": 1, "N_": 1, "ngettext": 2, "pgettext": 2}
PLACEHOLDER = re.compile(r"%\((\w+)\)[#0\- +]*[\d.]*[diouxXeEfFgGcrsa]")


@dataclass(frozen=True, slots=True)
class Message:
    """One text in the code: (context, text) is its key in the catalogue."""

    file: str
    line: int
    text: str
    context: str = ""
    plural: str = ""


def python_messages(module: Module) -> Iterator[Message]:
    """The texts that a module hands to core's gettext functions, whatever it calls them."""
    for name, call in module.calls():
        word = name.rsplit(".", 1)[-1]
        if word not in _GETTEXT or not name.startswith("core."):
            continue
        given = call.args[: _GETTEXT[word]]
        texts = [arg.value for arg in given if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if len(texts) < _GETTEXT[word]:
            continue  # a text from elsewhere, marked there with N_
        if word == "pgettext":
            yield Message(module.path, call.lineno, texts[1], texts[0])
        else:
            yield Message(module.path, call.lineno, texts[0], "", texts[1] if word == "ngettext" else "")


def template_messages(path: str, source: str) -> Iterator[Message]:
    """The texts of a Jinja template."""
    keywords = ("_", "gettext", "ngettext", "pgettext", "_n")
    for line, function, texts, _comments in babel_extract(_Bytes(source), keywords, (), {"silent": "true"}):
        found = [text for text in texts if isinstance(text, str)] if isinstance(texts, tuple) else [texts]
        if function == "pgettext" and len(found) > 1:
            yield Message(path, line, found[1], found[0])
        elif found and isinstance(found[0], str):
            yield Message(path, line, found[0], "", found[1] if len(found) > 1 else "")


class _Bytes:
    """What babel_extract reads from."""

    def __init__(self, text: str) -> None:
        self._raw = text.encode()

    def read(self) -> bytes:
        return self._raw


def untranslated(message: Message, catalogue: Mapping[tuple[str, str], object]) -> list[Violation]:
    """A text without its Vietnamese."""
    if not message.text or (message.context, message.text) in catalogue:
        return []
    return [Violation(message.file, message.line, "translation", f"no Vietnamese for {message.text!r} in a vi.po")]


def read_catalogue(path: str, text: str) -> tuple[dict[tuple[str, str], tuple[str, ...]], list[Violation]]:
    """(messages, problems) of one vi.po: guessed and empty translations, placeholders that do not agree."""
    messages: dict[tuple[str, str], tuple[str, ...]] = {}
    found = []
    for entry in read_po(StringIO(text), locale="vi", abort_invalid=True):
        if not entry.id:
            continue
        ids = (entry.id,) if isinstance(entry.id, str) else tuple(entry.id)
        strings = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string)
        line = entry.lineno or 1
        if entry.fuzzy or not all(strings):
            found.append(Violation(path, line, "translation", f"{ids[0]!r} is guessed or empty"))
            continue
        messages[(entry.context or "", ids[0])] = strings
        allowed = {name for one in ids for name in PLACEHOLDER.findall(one)}
        for string in strings:
            given = set(PLACEHOLDER.findall(string))
            if given - allowed or (len(ids) == 1 and given != allowed):
                told = f"{ids[0]!r}: placeholders do not agree with {string!r}"
                found.append(Violation(path, line, "translation", told))
    return messages, found


_JINJA = re.compile(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_TRANS = re.compile(r"\{%-?\s*trans\b.*?\{%-?\s*endtrans\s*-?%\}", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{2,}")
_SHOWN_ATTRIBUTES = frozenset({"title", "placeholder", "aria-label", "alt", "aria-description", "data-confirm"})
_NOT_TEXT = frozenset({"script", "style", "code", "kbd", "pre", "svg"})
# Names and units that are the same in both languages
SAME_IN_BOTH = frozenset({
    "EduNOC", "OpenAPI", "API", "CSV", "XLSX", "JSON", "TOML", "YAML", "SNMP", "SNMPv", "SSH", "HTTP", "HTTPS", "TCP",
    "UDP", "IP", "IPv", "MAC", "ICMP", "RTT", "LLDP", "VLAN", "PoE", "DNS", "TLS", "PJLink", "OpenStreetMap", "UTC",
    "Zalo", "Telegram", "SMTP", "Telegraf", "InfluxDB", "VictoriaMetrics", "Grafana", "Prometheus", "Mbit", "Kbit",
    "Gbit", "bit", "ms", "kB", "MB", "GB", "TB", "rpm", "UPS", "USB", "OID", "MIB", "URL", "CPU", "RAM", "QR",
    "Authorization", "Bearer",
})


def untranslated_template_text(path: str, source: str) -> list[Violation]:
    """Words in a template that stand outside of gettext: in the text or in an attribute that people see."""
    blank = _TRANS.sub(_keep_lines, source)
    blank = _JINJA.sub(_keep_lines, blank)
    reader = _Reader()
    reader.feed(blank)
    return [
        Violation(path, line, "translation", f"{' '.join(text.split())[:60]!r} is not translated: put it in _()")
        for line, text in reader.found
        if set(_WORD.findall(text)) - SAME_IN_BOTH
    ]


def _keep_lines(match: re.Match[str]) -> str:
    is_tag_name = match.string[: match.start()].endswith(("<", "</"))  # <{{ tag }} class="...">
    return ("x" if is_tag_name else "") + "\n" * match[0].count("\n")


class _Reader(HTMLParser):
    """Collects (line, text) that a person would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _NOT_TEXT:
            self._inside.append(tag)
        values = dict(attrs)
        shown = [values.get(name) for name in _SHOWN_ATTRIBUTES]
        if tag == "input" and values.get("type") in ("submit", "button", "reset"):
            shown.append(values.get("value"))
        self.found += [(self.getpos()[0], value) for value in shown if value]

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside and data.strip():
            self.found.append((self.getpos()[0], data))


def is_template(path: str) -> bool:
    """True for the pages' templates."""
    return "/templates/" in path and path.endswith((".html", ".txt", ".xml"))


def parses(path: str, source: str) -> list[Violation]:
    """A template that Jinja cannot read would pass every other rule unseen."""
    try:
        Environment(autoescape=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do"]).parse(source)
    except Exception as error:
        return [Violation(path, getattr(error, "lineno", 1) or 1, "template", str(error))]
    return []


def plain_messages(module: Module) -> list[Violation]:
    """A text that is flashed to a person without gettext."""
    return [
        module.violation("translation", call.lineno, "flash a text that went through gettext")
        for name, call in module.calls()
        if name.rsplit(".", 1)[-1] == "flash" and call.args and isinstance(call.args[0], ast.Constant | ast.JoinedStr)
    ]
