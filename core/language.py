"""Two languages: English texts in the code, Vietnamese in each package's `locale/vi.po` and `locale/vi/*.po`.

The catalogues are read once, straight from the .po files, and merged; there is no compiled file to forget. The
language of the moment is a context variable, so that a worker and a page can speak to different people at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from markupsafe import escape

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
DEFAULT_LANGUAGE = "vi"
ROOT = Path(__file__).parent.parent
PACKAGES = ("core", "inventory", "telemetry", "collectors", "playbooks", "alerts", "conference", "dashboards", "deploy")

_language: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)


class Catalogue:
    """All messages of one language, merged from every package. English needs none: its texts are the keys."""

    def __init__(self, messages: dict[tuple[str, str], str | tuple[str, ...]]) -> None:
        self._messages = messages

    def lookup(self, text: str, context: str = "") -> str:
        """The translation, or the text itself when there is none."""
        found = self._messages.get((context, text), text)
        return found if isinstance(found, str) else found[0]

    def plural(self, one: str, many: str, n: int) -> str:
        """The form for n things. Vietnamese has one form, English two."""
        found = self._messages.get(("", one))
        if found is None:
            return one if n == 1 else many
        return found if isinstance(found, str) else found[0]

    def __contains__(self, text: str) -> bool:
        return ("", text) in self._messages

    def __len__(self) -> int:
        return len(self._messages)


@cache
def catalogue(language: str) -> Catalogue:
    """The merged catalogue of a language."""
    messages: dict[tuple[str, str], str | tuple[str, ...]] = {}
    for package in PACKAGES:
        folder = ROOT / package / "locale"
        # A package with many pages has a file for each of them: locale/vi/discovery.po
        for file in (*folder.glob(f"{language}.po"), *sorted(folder.glob(f"{language}/*.po"))):
            messages.update(_messages(file, language))
    return Catalogue(messages)


def _messages(file: Path, language: str) -> Iterator[tuple[tuple[str, str], str | tuple[str, ...]]]:
    with file.open("rb") as stream:
        for message in read_po(stream, locale=language):
            if not message.id or message.fuzzy:
                continue
            key = message.id if isinstance(message.id, str) else message.id[0]
            text = message.string if isinstance(message.string, str) else tuple(message.string)
            if text and (isinstance(text, str) or text[0]):
                yield (message.context or "", key), text


def current_language() -> str:
    """The language of the moment: "vi" or "en"."""
    return _language.get()


def set_language(language: str) -> None:
    """Speak this language from here on in this thread or task; unknown ones become the default."""
    _language.set(language if language in LANGUAGES else DEFAULT_LANGUAGE)


@contextmanager
def use_language(language: str) -> Iterator[None]:
    """Speak this language inside the block."""
    token = _language.set(language if language in LANGUAGES else DEFAULT_LANGUAGE)
    try:
        yield
    finally:
        _language.reset(token)


def gettext(text: str, /, **values: Any) -> str:
    """The text in the language of the moment, with %(name)s filled in."""
    translated = catalogue(_language.get()).lookup(text)
    return translated % values if values else translated


def ngettext(one: str, many: str, n: int, /, **values: Any) -> str:
    """The text for n things; %(num)d is n."""
    return catalogue(_language.get()).plural(one, many, n) % {"num": n, **values}


def pgettext(context: str, text: str, /, **values: Any) -> str:
    """As gettext, for a word that means different things in different places."""
    translated = catalogue(_language.get()).lookup(text, context)
    return translated % values if values else translated


class LazyText:
    """A text that is translated each time it is shown: for tables that are built at import."""

    __slots__ = ("_text", "_values")

    def __init__(self, text: str, values: dict[str, Any]) -> None:
        self._text = text
        self._values = values

    def __str__(self) -> str:
        return gettext(self._text, **self._values)

    def __repr__(self) -> str:
        return f"LazyText({self._text!r})"

    def __html__(self) -> str:
        return str(escape(str(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LazyText) and (self._text, self._values) == (other._text, other._values)

    def __hash__(self) -> int:
        return hash(self._text)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def lazy_gettext(text: str, /, **values: Any) -> LazyText:
    """Translate later, when the text is shown."""
    return LazyText(text, values)


def N_(text: str) -> str:  # noqa: N802 - the usual name of the marker
    """Marks a text for translation without translating it here."""
    return text
