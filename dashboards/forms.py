"""The form class of all pages: WTForms with our catalogue, and field helpers that keep what was entered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import ValidationError
from wtforms.fields.choices import SelectChoice

from core import catalogue, current_language, gettext


class _Words:
    """WTForms' own messages in the language of the moment."""

    def gettext(self, text: str) -> str:
        """The translation of a message."""
        return gettext(text)

    def ngettext(self, one: str, many: str, n: int) -> str:
        """The translation of a counted message; WTForms fills in the number itself."""
        return catalogue(current_language()).plural(one, many, n)


class Form(FlaskForm):
    """Mother of all forms. Every form posts with the anti-forgery token that `ui.form` writes."""

    class Meta:
        """Translations through our catalogue; the token is checked by the gate, once, for every request."""

        csrf = False

        def get_translations(self, _form: Any) -> _Words:
            """Our words."""
            return _Words()


def choices(pairs: Iterable[tuple[Any, object]]) -> list[SelectChoice]:
    """(value, label) pairs as WTForms wants them."""
    return [SelectChoice(value, label) for value, label in pairs]


def strip(value: object) -> object:
    """Filter: text without blanks around it."""
    return value.strip() if isinstance(value, str) else value


def none_if_empty(value: object) -> object:
    """Filter: an empty text is no value."""
    return None if value in ("", None) else value


def refuse(text: str) -> None:
    """Say at the field what is wrong."""
    raise ValidationError(text)
