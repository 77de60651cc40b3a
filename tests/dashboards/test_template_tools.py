"""What templates call: texts that hold markup, and texts that must not become any."""

from __future__ import annotations

from markupsafe import Markup

from dashboards.template_tools import template_gettext, template_ngettext


def test_a_time_stays_a_time_and_a_reason_stays_text() -> None:
    shown = template_gettext("Closed %(when)s: %(why)s.", when=Markup("<time>05:21</time>"), why="<b>x</b>")
    assert "<time>05:21</time>" in shown and "&lt;b&gt;x&lt;/b&gt;" in shown and isinstance(shown, Markup)


def test_plain_texts_are_left_to_the_template() -> None:
    shown = template_gettext("Closed %(when)s: %(why)s.", when="<b>", why="")
    assert "<b>" in shown and not isinstance(shown, Markup)
    assert template_gettext("Save") == "Lưu"
    assert template_ngettext("%(num)d device", "%(num)d devices", 3).startswith("3 ")
