"""Two languages: merged catalogues, one and many, texts translated late, English when nothing else is known."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

import core.language as language
from core import (
    LANGUAGES,
    N_,
    current_language,
    gettext,
    lazy_gettext,
    ngettext,
    pgettext,
    set_language,
    use_language,
)

CORE = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Site"
msgstr "Điểm trường"

msgid "%(n)d minutes"
msgstr "%(n)d phút"

msgid "One device"
msgid_plural "%(num)d devices"
msgstr[0] "%(num)d thiết bị"

msgctxt "of a meeting"
msgid "Room"
msgstr "Phòng họp"

#, fuzzy
msgid "Guess"
msgstr "Đoán"

msgid "Empty"
msgstr ""
"""
ALERTS = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Incident"
msgstr "Sự cố"
"""


@pytest.fixture(autouse=True)
def _catalogues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for package, text in (("core", CORE), ("alerts", ALERTS)):
        folder = tmp_path / package / "locale"
        folder.mkdir(parents=True)
        (folder / "vi.po").write_text(text, encoding="utf-8")
    monkeypatch.setattr(language, "ROOT", tmp_path)
    language.catalogue.cache_clear()
    yield
    monkeypatch.undo()
    language.catalogue.cache_clear()


def test_catalogues_of_all_packages_are_one() -> None:
    assert gettext("Site") == "Điểm trường" and gettext("Incident") == "Sự cố"


def test_english_is_the_text_itself() -> None:
    with use_language("en"):
        assert gettext("Site") == "Site" and len(language.catalogue("en")) == 0


@pytest.mark.parametrize("text", ["Never heard of", "Guess", "Empty", "", "100 %"])
def test_unknown_guessed_and_empty_texts_fall_back(text: str) -> None:
    assert gettext(text) == text


def test_values_are_filled_in() -> None:
    assert gettext("%(n)d minutes", n=5) == "5 phút"
    with use_language("en"):
        assert gettext("%(n)d minutes", n=5) == "5 minutes"


@pytest.mark.parametrize(("n", "vietnamese", "english"), [
    (0, "0 thiết bị", "0 devices"), (1, "1 thiết bị", "One device"), (2, "2 thiết bị", "2 devices"),
])
def test_one_and_many(n: int, vietnamese: str, english: str) -> None:
    assert ngettext("One device", "%(num)d devices", n) == vietnamese
    with use_language("en"):
        assert ngettext("One device", "%(num)d devices", n) == english


def test_untranslated_plural() -> None:
    assert [ngettext("one port", "%(num)d ports", n) for n in (1, 3)] == ["one port", "3 ports"]


def test_context_tells_words_apart() -> None:
    assert pgettext("of a meeting", "Room") == "Phòng họp" and gettext("Room") == "Room"


def test_lazy_text_speaks_when_it_is_shown() -> None:
    text = lazy_gettext("Site")
    with use_language("en"):
        assert f"{text}" == "Site" and f"{text:>6}" == "  Site"
    assert str(text) == "Điểm trường"
    three, four = (lazy_gettext("%(n)d minutes", n=n) for n in (3, 4))
    assert three == lazy_gettext("%(n)d minutes", n=3) and three != four
    assert len({lazy_gettext("Site"), lazy_gettext("Site")}) == 1


def test_lazy_text_escapes_itself_in_templates() -> None:
    assert lazy_gettext("<b>%(name)s", name="<script>").__html__() == "&lt;b&gt;&lt;script&gt;"


def test_unknown_language_is_the_default() -> None:
    set_language("xx")
    assert current_language() == "vi"
    with use_language("en"), use_language("klingon"):
        assert current_language() == "vi"


def test_language_comes_back_after_an_error() -> None:
    with pytest.raises(RuntimeError), use_language("en"):
        raise RuntimeError
    assert current_language() == "vi"


def test_threads_speak_for_themselves() -> None:
    heard: list[str] = []

    def speak() -> None:
        set_language("en")
        heard.append(gettext("Site"))

    thread = threading.Thread(target=speak)
    thread.start()
    thread.join(10)
    assert heard == ["Site"] and gettext("Site") == "Điểm trường"


def test_marked_text_is_itself() -> None:
    assert N_("Site") == "Site" and set(LANGUAGES) == {"vi", "en"}
