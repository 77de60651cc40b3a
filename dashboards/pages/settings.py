"""The settings in effect: value, meaning, where it came from. Changed in the file or the environment, not here."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from pydantic import SecretStr

from core import Permission, Section
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import services
from dashboards.registry import MenuItem, Page

blueprint = Blueprint("settings", __name__, url_prefix="/admin/settings")


@dataclass(frozen=True, slots=True)
class Line:
    """One setting as shown. A secret shows only whether it is set."""

    name: str
    variable: str
    value: str
    origin: str
    meaning: str
    is_secret: bool


def lines_of(section: Section) -> list[Line]:
    """The settings of one section."""
    settings = services().settings
    lines = []
    for name, info in type(section).model_fields.items():
        value = getattr(section, name)
        is_secret = isinstance(value, SecretStr)
        shown = (
            ("***" if len(value) else "")
            if is_secret
            else str(value).lower()
            if isinstance(value, bool)
            else str(value)
        )
        origin = settings.origin(type(section), name)
        lines.append(Line(name, type(section).env_name(name), shown, origin, info.description or "", is_secret))
    return lines


@blueprint.get("")
@needs(Permission.VIEW_SETTINGS)
def index() -> str:
    """All sections."""
    sections = [(section.section, lines_of(section)) for section in services().settings]
    return render_template("admin/settings.html", sections=sections)


page = Page(
    blueprint,
    menu=(MenuItem("administration", "settings.index", _l("Settings"), "settings", Permission.VIEW_SETTINGS, 40),),
)
