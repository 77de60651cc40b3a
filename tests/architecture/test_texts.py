"""What people read is translated: over the real tree, and proven by small violations."""
# ruff: noqa: E501 - a case is easier to read on one line

from __future__ import annotations

from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest

from tests.architecture import text_rules
from tests.architecture.rules import PACKAGES, Module, Violation, project_files, read_modules, report, run

ROOT = Path(__file__).parents[2]
SPEAKING = PACKAGES | {"deploy"}


@cache
def templates() -> tuple[tuple[str, str], ...]:
    return tuple(
        (path, file.read_text(encoding="utf-8")) for path, file in project_files(ROOT) if text_rules.is_template(path)
    )


@cache
def catalogues() -> tuple[tuple[str, str], ...]:
    return tuple(
        (path, file.read_text(encoding="utf-8"))
        for path, file in project_files(ROOT) if "/locale/vi" in path and path.endswith(".po")
    )


def test_every_text_has_its_vietnamese() -> None:
    known: dict[tuple[str, str], tuple[str, ...]] = {}
    for path, text in catalogues():
        known |= text_rules.read_catalogue(path, text)[0]
    messages = [
        message for module in read_modules(ROOT) if module.package in SPEAKING
        for message in text_rules.python_messages(module)
    ]
    messages += [message for path, source in templates() for message in text_rules.template_messages(path, source)]
    assert messages and known
    found = {(v.file.split("/")[0], v.message): v for m in messages for v in text_rules.untranslated(m, known)}
    assert not found, report(found.values())


def test_translations_are_whole() -> None:
    found = [problem for path, text in catalogues() for problem in text_rules.read_catalogue(path, text)[1]]
    assert not found, report(found)


def test_templates_hold_no_text_outside_gettext() -> None:
    found = [problem for path, text in templates() for problem in text_rules.untranslated_template_text(path, text)]
    assert not found, report(found)


def test_templates_parse() -> None:
    found = [problem for path, text in templates() for problem in text_rules.parses(path, text)]
    assert not found, report(found)


def test_flashed_texts_are_translated() -> None:
    found = run(text_rules.plain_messages, read_modules(ROOT))
    assert not found, report(found)


def texts_of(source: str) -> list[tuple[str, str, str]]:
    module = Module("alerts/x.py", dedent(source))
    return [(message.context, message.text, message.plural) for message in text_rules.python_messages(module)]


def test_texts_are_found_under_any_name() -> None:
    assert sorted(texts_of("""
        from core import N_, gettext as _, lazy_gettext as _l, ngettext as _n, pgettext
        import core
        a = _("one")
        b = _l("two %(n)d", n=1)
        c = _n("a port", "%(num)d ports", 3)
        d = pgettext("of a meeting", "Room")
        e = N_("four")
        f = core.gettext("five")
        g = _(variable)
        def h(gettext):
            gettext("not ours")
    """)) == sorted([
        ("", "one", ""), ("", "two %(n)d", ""), ("", "a port", "%(num)d ports"), ("of a meeting", "Room", ""),
        ("", "four", ""), ("", "five", ""),
    ])


def test_texts_of_a_template_are_found() -> None:
    source = """<p title="{{ _('one') }}">{% trans %}two{% endtrans %} {{ ngettext("a port", "%(num)d ports", n) }}</p>"""
    found = {(message.text, message.plural) for message in text_rules.template_messages("dashboards/templates/x.html", source)}
    assert found == {("one", ""), ("two", ""), ("a port", "%(num)d ports")}


def test_text_without_vietnamese_is_flagged() -> None:
    message = text_rules.Message("alerts/x.py", 3, "Site dark")
    assert "no Vietnamese for 'Site dark'" in report(text_rules.untranslated(message, {}))
    assert not text_rules.untranslated(message, {("", "Site dark"): ("Mất kết nối",)})
    assert text_rules.untranslated(message, {("other", "Site dark"): ("Mất kết nối",)})


HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.mark.parametrize(("entry", "words"), [
    ('#, fuzzy\nmsgid "a"\nmsgstr "b"', "guessed or empty"), ('msgid "a"\nmsgstr ""', "guessed or empty"),
    ('msgid "%(n)d a"\nmsgstr "%(m)d b"', "placeholders"), ('msgid "%(n)d a"\nmsgstr "b"', "placeholders"),
    ('msgid "a"\nmsgid_plural "%(num)d a"\nmsgstr[0] "%(number)d b"', "placeholders"),
])
def test_broken_translation_is_flagged(entry: str, words: str) -> None:
    assert words in report(text_rules.read_catalogue("alerts/locale/vi.po", HEAD + entry + "\n")[1])


def test_good_translation_passes() -> None:
    entry = 'msgid "%(n)d a, 5 %"\nmsgstr "5 %, %(n)d b"\n\nmsgid "x"\nmsgid_plural "%(num)d x"\nmsgstr[0] "%(num)d y"\n'
    messages, problems = text_rules.read_catalogue("alerts/locale/vi.po", HEAD + entry)
    assert not problems and messages[("", "x")] == ("%(num)d y",)


@pytest.mark.parametrize("source", [
    "<p>Hello world</p>", '<input placeholder="Search here">', '<a title="Open it">{{ x }}</a>',
    '<input type="submit" value="Save">', "<p>{{ x }} minutes</p>", "{% if x %}<b>Down</b>{% endif %}",
])
def test_plain_words_in_a_template_are_flagged(source: str) -> None:
    assert text_rules.untranslated_template_text("dashboards/templates/x.html", source)


@pytest.mark.parametrize("source", [
    "<p>{{ _('Hello world') }}</p>", "<p>EduNOC · {{ x }} ms</p>", "{# a comment in words #}",
    "<script>var words = 'in a script';</script>", '<a class="long words here" href="/x">→</a>',
    "{% trans %}Hello world{% endtrans %}", "<td>{{ 'a' if x > 1 else 'b' }}</td>", "<kbd>Ctrl K</kbd>",
])
def test_translated_template_passes(source: str) -> None:
    assert not text_rules.untranslated_template_text("dashboards/templates/x.html", source)


def test_broken_template_is_flagged() -> None:
    assert text_rules.parses("dashboards/templates/x.html", "{% if x %}")
    assert not text_rules.parses("dashboards/templates/x.html", "{% if x %}{% endif %}")


@pytest.mark.parametrize(("source", "is_broken"), [
    ("from flask import flash\nflash('Saved')", True), ("from flask import flash\nflash(f'Saved {x}')", True),
    ("from flask import flash\nfrom core import gettext as _\nflash(_('Saved'))", False),
])
def test_flashed_text(source: str, is_broken: bool) -> None:
    found: list[Violation] = text_rules.plain_messages(Module("dashboards/pages/x.py", source))
    assert bool(found) is is_broken
