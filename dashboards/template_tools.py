"""What templates can call: translations, icons' addresses, times, numbers, words of states, links of the menu."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from flask import Flask, g, request, url_for
from flask_login import current_user
from markupsafe import Markup, escape

from core import LANGUAGES, Permission, catalogue, current_language, gettext, pgettext
from dashboards import language as words_of
from dashboards.assets import Assets
from dashboards.gate import frame, services
from dashboards.words import INCIDENT_STATE, PERMISSIONS, ROLES, SEVERITY, STATUS, status_word

# What a device sends may hold characters that turn the text around or hide (bidirectional controls, zero width)
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)


def _zone() -> str:
    return services().settings.core.timezone


def _marked(text: str, values: dict[str, Any]) -> str:
    """The text filled in. Markup among the values stays markup, everything else is escaped where there is any."""
    if not any(isinstance(value, Markup) for value in values.values()):
        return text % values if values else text
    return escape(text) % values


def template_gettext(text: str, /, **values: Any) -> str:
    """gettext for templates: a value may be a `<time>`."""
    return _marked(gettext(text), values)


def template_ngettext(one: str, many: str, n: int, /, **values: Any) -> str:
    """ngettext for templates: the number is grouped as the language groups thousands."""
    found = catalogue(current_language()).plural(one, many, n).replace("%(num)d", "%(num)s")
    return _marked(found, {"num": words_of.number(n, 0, current_language()), **values})


def time_tag(moment: datetime | None, form: str = "relative") -> Markup:
    """`<time>` with the exact moment on hover: "relative" ticks in the browser, "short" and "exact" stand still."""
    if moment is None:
        return Markup('<span class="text-secondary">{}</span>').format(words_of.relative_time(None, services().clock()))
    now, exact = services().clock(), words_of.exact_time(moment, _zone(), g.language)
    shown = {
        "relative": lambda: words_of.relative_time(moment, now),
        "short": lambda: words_of.short_time(moment, now, _zone(), g.language),
        "exact": lambda: exact,
    }[form]()
    mark = " data-relative" if form == "relative" else ""
    return Markup('<time datetime="{}" title="{}"{}>{}</time>').format(moment.isoformat(), exact, Markup(mark), shown)


def seen(text: object, limit: int = 0) -> str:
    """Text of unknown origin, safe to read: no unseen or turning characters, cut when a limit is given."""
    plain = _UNSEEN.sub("\ufffd", str(text if text is not None else ""))
    return plain if not limit or len(plain) <= limit else plain[: limit - 1] + "…"


def wall_name(name: object) -> str:
    """A school's name for a wall: without the "Trường" that most begin with, so that what differs is read."""
    plain = seen(name, 60).strip()
    short = plain.removeprefix("Trường ").strip()
    return short[:1].upper() + short[1:] if short else plain


def _filters() -> dict[str, Any]:
    return {
        "relative": lambda moment: time_tag(moment),
        "short": lambda moment: time_tag(moment, "short"),
        "exact": lambda moment: time_tag(moment, "exact"),
        "duration": words_of.duration,
        "number": lambda value, digits=0: words_of.number(value, digits, g.language),
        "percent": lambda ratio, digits=0: words_of.percent(ratio, digits, g.language),
        "bytes": lambda value: words_of.byte_size(value, g.language),
        "bits": lambda value: words_of.bit_rate(value, g.language),
        "from_epoch": words_of.from_epoch,
        "seen": seen,
        "wall_name": wall_name,
    }


def install_template_tools(app: Flask, assets: Assets) -> None:
    """Give the templates their globals and filters."""
    app.jinja_env.filters.update(_filters())
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.globals.update(
        _=template_gettext,
        ngettext=template_ngettext,
        pgettext=pgettext,
        asset=assets.url,
        Permission=Permission,
        STATUS=STATUS,
        SEVERITY=SEVERITY,
        INCIDENT_STATE=INCIDENT_STATE,
        ROLES=ROLES,
        PERMISSIONS=PERMISSIONS,
        LANGUAGES=LANGUAGES,
        status_word=status_word,
        time_tag=time_tag,
        id=id,
    )

    @app.context_processor
    def _frame() -> dict[str, Any]:
        is_inside = current_user.is_authenticated and not g.get("is_first_start")
        return {
            "menu": frame().menu(current_user) if is_inside else (),
            "is_demo": services().settings.core.is_demo,
            "theme": current_user.theme or request.cookies.get("theme", "auto"),
            "here": request.endpoint or "",
            "menu_endpoint": frame().menu_endpoint,
            "zone": _zone(),
            "now": services().clock(),
            "can": current_user.can,
            "this_url": request.full_path.rstrip("?"),
            "home_url": url_for("home.index"),
        }
