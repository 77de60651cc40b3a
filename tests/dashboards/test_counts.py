"""Counts in the sentences of pages."""

from __future__ import annotations

import pytest
from flask import Flask

from core import use_language


@pytest.mark.parametrize(("language", "shown"), [("vi", "6.165 "), ("en", "6,165 ")])
def test_counts_are_grouped_as_the_language_groups_thousands(app: Flask, language: str, shown: str) -> None:
    template = app.jinja_env.from_string('{{ ngettext("%(num)d device", "%(num)d devices", 6165) }}')
    with app.test_request_context(), use_language(language):
        assert template.render().startswith(shown)
