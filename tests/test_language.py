"""No text that a person sees stays untranslated: every marked text of every package has its Vietnamese."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from bs4 import BeautifulSoup

from core import catalogue

ROOT = Path(__file__).parent.parent
PACKAGES = ("core", "inventory", "telemetry", "collectors", "playbooks", "alerts", "conference", "dashboards", "deploy")
KEYWORDS = {
    "_": None,
    "_l": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"silent": "false", "extensions": "jinja2.ext.do"}}
PLACE = re.compile(r"%\((\w+)\)|\{(\w+)\}")
# Words that are the same in every language
_SAME = frozenset(["EduNOC", "Ctrl", "Esc", "Enter", "Authorization", "Bearer", "SHA", "SNMP", "MAC", "OID", "CPU",
                   "CSV", "XLSX", "VLAN", "IPv"])


@cache
def marked(package: str) -> dict[tuple[str, ...], str]:
    """Marked text (one, or one and many) to its first place, of one package."""
    found: dict[tuple[str, ...], str] = {}
    folder = ROOT / package
    rows = extract_from_dir(folder, METHODS, OPTIONS, KEYWORDS, directory_filter=_is_ours) if folder.is_dir() else ()
    for file, line, text, *_rest in rows:
        found.setdefault((text,) if isinstance(text, str) else tuple(text), f"{package}/{file}:{line}")
    return found


def _is_ours(folder: str | Path) -> bool:
    return Path(folder).name not in ("node_modules", "migrations", "__pycache__", "frontend")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_marked_text_has_its_vietnamese(package: str) -> None:
    words = catalogue("vi")
    missing = [
        f"{place}: {texts[0]!r}" for texts, place in marked(package).items() if texts[0] and texts[0] not in words
    ]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_translation_fills_in_the_same_places(package: str) -> None:
    words = catalogue("vi")
    wrong = []
    for texts, place in marked(package).items():
        wanted = {name for pair in PLACE.findall(texts[-1]) for name in pair if name}
        translated = words.lookup(texts[0]) if len(texts) == 1 else words.plural(*texts, 2)
        if {name for pair in PLACE.findall(translated) for name in pair if name} - wanted:
            wrong.append(f"{place}: {texts[0]!r} -> {translated!r}")
    assert not wrong, "\n".join(wrong)


def bare_texts(template: str) -> Iterator[str]:
    """Words between tags and in spoken attributes of a template that no `_()` marks."""
    plain = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", template, flags=re.DOTALL)
    soup = BeautifulSoup(plain, "html.parser")
    for tag in soup.find_all(["script", "style", "code"]):
        tag.decompose()
    yield from soup.stripped_strings
    for tag in soup.find_all(True):
        for name in ("placeholder", "title", "aria-label", "alt"):
            yield from str(tag.get(name, "")).split("\n")


@pytest.mark.parametrize(
    "path", sorted((ROOT / "dashboards" / "templates").rglob("*.html")), ids=lambda path: path.name
)
def test_a_template_holds_no_bare_words(path: Path) -> None:
    texts = bare_texts(path.read_text(encoding="utf-8"))
    bare = [text for text in texts if any(word not in _SAME for word in re.findall(r"[A-Za-z]{3,}", text))]
    assert not bare, bare
