"""Sign in and out."""

from __future__ import annotations

import structlog
from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from core import Deed, Permission, append_audit, end_sessions
from core import gettext as _
from core import lazy_gettext as _l
from core import sign_in as check_sign_in
from dashboards.access import account_of_user, needs, public
from dashboards.forms import Form, strip
from dashboards.gate import services, sign_in_account
from dashboards.limits import address_and_name, address_rate, limiter, sign_in_rate
from dashboards.registry import Page
from dashboards.returning import safe_return

blueprint = Blueprint("sign_in", __name__)
log = structlog.get_logger("web")


class SignInForm(Form):
    """Name and password."""

    username = StringField(_l("User name"), [InputRequired(), Length(max=64)], filters=[strip])
    password = PasswordField(_l("Password"), [InputRequired(), Length(max=200)])


@blueprint.get("/sign-in")
@public
def form() -> str | Response:
    """The form; whoever is signed in already goes on."""
    if current_user.is_authenticated:
        return redirect(url_for("home.index"))
    return render_template("sign_in.html", form=SignInForm(), next=safe_return(request.args.get("next")) or "")


@blueprint.post("/sign-in")
@public
@limiter.limit(address_rate)
@limiter.limit(sign_in_rate, key_func=address_and_name)
def enter() -> tuple[str, int] | Response:
    """Check and begin a session. The answer never tells whether the name exists."""
    form, target = SignInForm(), safe_return(request.form.get("next"))
    if not form.validate():
        return render_template("sign_in.html", form=form, next=target or ""), 422
    user = check_sign_in(g.session, form.username.data, form.password.data, services().clock())
    if user is None:
        log.warning("sign_in_refused", username=form.username.data, address=request.remote_addr)
        form.password.errors = [
            _("User name and password do not fit together. Look at Caps Lock and the Vietnamese keyboard.")
        ]
        return render_template("sign_in.html", form=form, next=target or ""), 422
    append_audit(
        g.session,
        Deed(user.username, "session.begin", "user", user.id, detail={"address": request.remote_addr}),
        services().clock(),
    )
    sign_in_account(account_of_user(g.session, user))
    return redirect(target or url_for("home.index"))


@blueprint.post("/sign-out")
@needs(Permission.OWN_ACCOUNT)
def leave() -> Response:
    """End this session, or all sessions of the person."""
    if request.form.get("everywhere") and current_user.user is not None:
        end_sessions(current_user.user)
        append_audit(
            g.session, Deed(current_user.actor, "session.end_all", "user", current_user.id or ""), services().clock()
        )
    session.clear()
    return redirect(url_for("sign_in.form"))


page = Page(blueprint)
