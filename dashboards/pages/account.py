"""The own account: name, language, theme, password, sessions."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from core import Deed, Permission, append_audit, password_problem, set_password
from core import gettext as _
from core import lazy_gettext as _l
from core import sign_in as check_sign_in
from dashboards.access import account_of_user, needs
from dashboards.forms import Form, refuse
from dashboards.gate import services, sign_in_account
from dashboards.limits import limiter
from dashboards.registry import Page

blueprint = Blueprint("account", __name__)


class PasswordForm(Form):
    """The old password proves the person; the new one is typed twice."""

    old = PasswordField(_l("Present password"), [InputRequired(), Length(max=200)])
    new = PasswordField(_l("New password"), [InputRequired()])
    again = PasswordField(_l("New password once more"), [InputRequired()])

    def validate_new(self, field: PasswordField) -> None:
        """Good enough, and not the old one."""
        trouble = password_problem(field.data, current_user.name)
        if trouble:
            refuse(trouble)
        if field.data == self.old.data:
            refuse(_("The new password must differ from the present one."))

    def validate_again(self, field: PasswordField) -> None:
        """Typed the same."""
        if field.data != self.new.data:
            refuse(_("The two passwords differ."))


@blueprint.get("/account")
@needs(Permission.OWN_ACCOUNT)
def profile() -> str:
    """Who I am here."""
    return render_template("account/profile.html")


@blueprint.get("/account/password")
@needs(Permission.OWN_ACCOUNT)
def password() -> str:
    """The form of a new password."""
    return render_template("account/password.html", form=PasswordForm())


@blueprint.post("/account/password")
@needs(Permission.OWN_ACCOUNT)
@limiter.limit("10 per 5 minutes")
def change_password() -> tuple[str, int] | Response:
    """Change it; other sessions of the person end."""
    form = PasswordForm()
    if not form.validate():
        return render_template("account/password.html", form=form), 422
    now = services().clock()
    user = check_sign_in(g.session, current_user.name, form.old.data, now)
    if user is None:
        form.old.errors = [_("This is not your present password.")]
        return render_template("account/password.html", form=form), 422
    set_password(user, form.new.data)
    append_audit(g.session, Deed(user.username, "user.change_password", "user", user.id), now)
    sign_in_account(account_of_user(g.session, user))
    flash(_("Your password is changed. Other sessions of yours have ended."), "success")
    return redirect(url_for("account.profile"))


page = Page(blueprint)
