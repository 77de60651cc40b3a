"""Administration of API tokens: made once, shown once, revoked at once."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, flash, g, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from core import Deed, NewToken, Permission, append_audit, create_token, list_tokens, revoke_token
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.forms import Form, choices, refuse, strip
from dashboards.gate import services
from dashboards.registry import MenuItem, Page
from dashboards.units import unit_names, unit_of_code
from dashboards.words import PERMISSIONS

blueprint = Blueprint("tokens", __name__, url_prefix="/admin/tokens")
# What a program has no use for, or must not do behind a person's back
_NOT_FOR_PROGRAMS = frozenset({Permission.OWN_ACCOUNT, Permission.MANAGE_USERS, Permission.MANAGE_TOKENS})
LIFETIMES = ((30, _l("30 days")), (90, _l("90 days")), (365, _l("1 year")), (1826, _l("5 years")), (0, _l("never")))


class TokenForm(Form):
    """What the token is for and what it may do."""

    name = StringField(_l("What is it for?"), [InputRequired(), Length(max=100)], filters=[strip])
    permissions = SelectMultipleField(
        _l("What may it do?"),
        choices=choices((p.value, label) for p, label in PERMISSIONS.items() if p not in _NOT_FOR_PROGRAMS),
        widget=ListWidget(),
        option_widget=CheckboxInput(),
        default=[Permission.VIEW.value],
    )
    days = SelectField(_l("Ends after"), choices=choices(LIFETIMES), coerce=int, default=365)
    unit_code = StringField(_l("Unit code"), [Length(max=64)], filters=[strip])

    def validate_permissions(self, field: SelectMultipleField) -> None:
        """At least one, and none that the maker does not have."""
        if not field.data:
            refuse(_("Choose at least one."))
        if any(not current_user.can(Permission(word)) for word in field.data):
            refuse(_("A token cannot do more than you may do yourself."))

    def validate_unit_code(self, field: StringField) -> None:
        """The unit exists."""
        if field.data and unit_of_code(g.session, field.data) is None:
            refuse(_("There is no unit with this code. Look for it under Units."))


@blueprint.get("")
@needs(Permission.MANAGE_TOKENS)
def index() -> str:
    """All tokens, newest first."""
    tokens = list_tokens(g.session)
    return render_template("admin/tokens.html", tokens=tokens, units=unit_names(g.session, (t.unit_id for t in tokens)))


@blueprint.get("/new")
@needs(Permission.MANAGE_TOKENS)
def new() -> str:
    """The form."""
    return render_template("admin/token_new.html", form=TokenForm())


@blueprint.post("/new")
@needs(Permission.MANAGE_TOKENS)
def create() -> tuple[str, int] | str:
    """Make it and show it, this once."""
    form, now = TokenForm(), services().clock()
    if not form.validate():
        return render_template("admin/token_new.html", form=form), 422
    wanted = NewToken(
        form.name.data,
        frozenset(Permission(word) for word in form.permissions.data),
        unit_id=unit_of_code(g.session, form.unit_code.data),
        created_by=current_user.id,
        expires_at=now + timedelta(days=form.days.data) if form.days.data else None,
    )
    token, shown = create_token(g.session, wanted, now)
    detail = {"permissions": sorted(form.permissions.data), "unit_id": token.unit_id, "days": form.days.data}
    append_audit(g.session, Deed(current_user.actor, "token.create", "token", token.id, token.name, detail), now)
    return render_template("admin/token_shown.html", token=token, shown=shown)


@blueprint.post("/<int:token_id>/revoke")
@needs(Permission.MANAGE_TOKENS)
def revoke(token_id: int) -> Response:
    """Make it useless at once."""
    token = revoke_token(g.session, token_id, services().clock())
    if token is None:
        abort(404)
    append_audit(g.session, Deed(current_user.actor, "token.revoke", "token", token_id, token.name), services().clock())
    flash(_("The token “%(name)s” no longer works.", name=token.name), "success")
    return redirect(url_for("tokens.index"))


page = Page(
    blueprint, menu=(MenuItem("administration", "tokens.index", _l("API tokens"), "key", Permission.MANAGE_TOKENS, 20),)
)
