"""First start: the code of the terminal makes the first administrator; then three ways to get going."""

from __future__ import annotations

import hmac

from flask import Blueprint, abort, current_app, g, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from core import Deed, NewUser, Permission, Role, append_audit, create_user, password_problem
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import account_of_user, needs, public
from dashboards.forms import Form, refuse, strip
from dashboards.gate import services, sign_in_account
from dashboards.limits import limiter
from dashboards.registry import Page

blueprint = Blueprint("start", __name__)
USERNAME = r"^[A-Za-z0-9][A-Za-z0-9._@-]*$"


class StartForm(Form):
    """The one-time code and the first administrator."""

    code = StringField(_l("One-time code"), [InputRequired(), Length(max=40)], filters=[strip])
    full_name = StringField(_l("Full name"), [InputRequired(), Length(max=200)], filters=[strip])
    username = StringField(
        _l("User name"),
        [
            InputRequired(),
            Length(max=64),
            Regexp(USERNAME, message=_l("Letters without marks, digits, dot, dash and underscore.")),
        ],
        filters=[strip],
    )
    password = PasswordField(_l("Password"), [InputRequired()])
    again = PasswordField(_l("Password once more"), [InputRequired()])

    def validate_code(self, field: StringField) -> None:
        """Compared in constant time, without dashes and case."""
        given, right = (_plain(text) for text in (field.data, services().first_start_code))
        if not right or not hmac.compare_digest(given, right):
            refuse(_("This is not the code. It stands in the terminal where EduNOC was started."))

    def validate_password(self, field: PasswordField) -> None:
        """Good enough."""
        trouble = password_problem(field.data, self.username.data or "")
        if trouble:
            refuse(trouble)

    def validate_again(self, field: PasswordField) -> None:
        """Typed the same."""
        if field.data != self.password.data:
            refuse(_("The two passwords differ."))


def _plain(code: str) -> bytes:
    return code.replace("-", "").replace(" ", "").upper().encode()


def _only_first() -> None:
    if not g.is_first_start:
        abort(404)


@blueprint.get("/start")
@public
def code() -> str:
    """The form."""
    _only_first()
    return render_template("start/code.html", form=StartForm())


@blueprint.post("/start")
@public
@limiter.limit("10 per 5 minutes")
def make_administrator() -> tuple[str, int] | Response:
    """Make the administrator and sign in."""
    _only_first()
    form = StartForm()
    if not form.validate():
        return render_template("start/code.html", form=form), 422
    now = services().clock()
    new = NewUser(form.username.data, form.password.data, Role.ADMINISTRATOR, full_name=form.full_name.data)
    try:
        user = create_user(g.session, new, now)
    except ValueError as error:
        form.username.errors = [str(error)]
        return render_template("start/code.html", form=form), 422
    append_audit(g.session, Deed(user.username, "user.create", "user", user.id, _("First administrator")), now)
    sign_in_account(account_of_user(g.session, user))
    return redirect(url_for("start.ways"))


@blueprint.get("/welcome")
@needs(Permission.EDIT_INVENTORY)
def ways() -> str:
    """Three ways to get going. The pages they lead to may not be there yet in a small build."""
    known = current_app.view_functions
    links = {name: url_for(endpoint) if endpoint in known else "" for name, endpoint in WAYS.items()}
    return render_template("start/ways.html", links=links)


WAYS = {"discover": "discovery.start", "import": "inventory.import_file", "overview": "home.index"}
page = Page(blueprint)
