"""The rules in force: what each watches, from when, and how often it fires now. Other numbers for one school or all."""

from __future__ import annotations

import re
from collections import Counter

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from alerts import (
    SEVERITIES,
    AlertsSettings,
    IncidentFilter,
    Rule,
    RuleOverride,
    WindowProblem,
    load_rules,
    open_incidents,
    save_override,
)
from core import Deed, Permission, append_audit
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.gate import services
from dashboards.registry import MenuItem, Page
from dashboards.store import delete_row, list_overrides
from dashboards.words import SEVERITY

blueprint = Blueprint("rules", __name__, url_prefix="/admin/rules")


@blueprint.get("")
@needs(Permission.VIEW_SETTINGS)
def index() -> str:
    """All rules, those that fire first."""
    firing = Counter(one.rule_id for one in open_incidents(g.session, g.scope, IncidentFilter(has_folded=True), 500))
    overrides = {one.rule_id: one for one in list_overrides(g.session) if _is_general(one)}
    rules = sorted(_rules().values(), key=lambda rule: (-firing[rule.id], SEVERITIES.index(rule.severity), rule.id))
    return render_template("admin/rules.html", rules=rules, firing=firing, overrides=overrides, title_of=title_of)


@blueprint.get("/<rule_id>")
@needs(Permission.VIEW_SETTINGS)
def one(rule_id: str) -> str:
    """One rule in words, and the form of other numbers."""
    return _page(_found(rule_id), request.args.to_dict(), "")


@blueprint.post("/<rule_id>")
@needs(Permission.MANAGE_RULES)
def change(rule_id: str) -> tuple[str, int] | Response:
    """Other numbers for everywhere; the shipped file stays as it is."""
    rule, form = _found(rule_id), request.form.to_dict()
    old = _override_of(rule)
    try:
        override = save_override(g.session, _override(rule, form), _rules())
    except WindowProblem as error:
        return _page(rule, form, str(error)), 422
    if old is not None:
        delete_row(g.session, old)
    deed = Deed(
        current_user.actor,
        "rule.override",
        "rule",
        rule.id,
        override.reason,
        {k: v for k, v in form.items() if k != "csrf_token"},
    )
    append_audit(g.session, deed, services().clock())
    flash(_("Saved. It counts from the next judging on."), "success")
    return redirect(url_for("rules.index"))


@blueprint.post("/<rule_id>/reset")
@needs(Permission.MANAGE_RULES)
def reset(rule_id: str) -> Response:
    """Back to the numbers of the file."""
    rule = _found(rule_id)
    old = _override_of(rule)
    if old is not None:
        delete_row(g.session, old)
        append_audit(g.session, Deed(current_user.actor, "rule.reset", "rule", rule.id), services().clock())
    flash(_("The rule is as it was shipped."), "success")
    return redirect(url_for("rules.index"))


def title_of(rule: Rule) -> str:
    """The rule's title as a heading: what a message fills in stands as a word."""
    words = {"site": _("site"), "device": _("device"), "part": _("part"), "kind": "", "value": "…"}
    plain = rule.titles.get(g.language, rule.id).removeprefix("{site}: ")
    filled = re.sub(r"\{(\w+)\}", lambda found: words.get(found.group(1), "…"), plain)
    tidy = " ".join(filled.replace("(…)", "").split())
    return tidy[:1].upper() + tidy[1:]


def _rules() -> dict[str, Rule]:
    return {rule.id: rule for rule in load_rules(services().settings[AlertsSettings].rules_dir)}


def _found(rule_id: str) -> Rule:
    rule = _rules().get(rule_id)
    if rule is None:
        abort(404)
    return rule


def _is_general(override: RuleOverride) -> bool:
    return override.device_id is None and override.site_id is None and override.unit_path is None


def _override_of(rule: Rule) -> RuleOverride | None:
    return next((one for one in list_overrides(g.session) if one.rule_id == rule.id and _is_general(one)), None)


def _override(rule: Rule, form: dict[str, str]) -> RuleOverride:
    return RuleOverride(
        rule_id=rule.id,
        is_enabled=form.get("is_enabled") == "true",
        threshold=_number(form.get("threshold")),
        clear=_number(form.get("clear")),
        for_s=_number(form.get("for_s")),
        severity=form.get("severity") or None,
        reason=form.get("reason", "").strip()[:400],
        created_by=current_user.full_name[:120],
        created_at=services().clock(),
    )


def _number(text: str | None) -> float | None:
    if not text or not text.strip():
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise WindowProblem(_("Write a number.")) from None


def _page(rule: Rule, values: dict[str, str], problem: str) -> str:
    choices = [("", _("as shipped")), *((word, SEVERITY[word].label) for word in SEVERITIES)]
    return render_template(
        "admin/rule.html",
        rule=rule,
        override=_override_of(rule),
        values=values,
        problem=problem,
        severities=choices,
        title=title_of(rule),
    )


page = Page(blueprint, menu=(MenuItem("alerting", "rules.index", _l("Rules"), "ruler", Permission.VIEW_SETTINGS, 20),))
