"""Administration of people: who is there, which role and unit, new passwords. Only administrators come here."""

from __future__ import annotations

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import BooleanField, EmailField, SelectField, StringField, TelField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from core import (
    Deed,
    NewUser,
    Permission,
    Role,
    User,
    append_audit,
    create_user,
    end_sessions,
    get_user,
    is_last_administrator,
    list_users,
    new_one_time_code,
    set_password,
)
from core import gettext as _
from core import lazy_gettext as _l
from dashboards.access import needs
from dashboards.forms import Form, choices, refuse, strip
from dashboards.gate import services
from dashboards.listing import Column, Listing, page_of, read_list_query
from dashboards.registry import MenuItem, Page
from dashboards.units import unit_code_of, unit_names, unit_of_code
from dashboards.words import ROLES

blueprint = Blueprint("users", __name__, url_prefix="/admin/users")
USERNAME = r"^[A-Za-z0-9][A-Za-z0-9._@-]*$"
EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
COLUMNS = (
    Column(_l("Name"), "username"),
    Column(_l("Role"), "role"),
    Column(_l("Unit"), hide="md"),
    Column(_l("State")),
    Column(_l("Last signed in"), "last", hide="sm"),
)
_ORDER = {
    "username": lambda user: user.username.lower(),
    "role": lambda user: user.role,
    "last": lambda user: user.last_sign_in_at.timestamp() if user.last_sign_in_at else 0,
}


class ChangeForm(Form):
    """What may be changed of a person."""

    full_name = StringField(_l("Full name"), [Length(max=200)], filters=[strip])
    email = EmailField(
        _l("E-mail"),
        [Optional(), Length(max=254), Regexp(EMAIL, message=_l("This is not an e-mail address."))],
        filters=[strip],
    )
    phone = TelField(_l("Telephone"), [Length(max=40)], filters=[strip])
    role = SelectField(
        _l("Role"),
        choices=choices((role.value, label) for role, label in ROLES.items()),
        default=Role.SCHOOL_STAFF.value,
    )
    unit_code = StringField(_l("Unit code"), [Length(max=64)], filters=[strip])

    def validate_unit_code(self, field: StringField) -> None:
        """The unit exists; school staff have one."""
        if field.data and unit_of_code(g.session, field.data) is None:
            refuse(_("There is no unit with this code. Look for it under Units."))
        if not field.data and self.role.data == Role.SCHOOL_STAFF.value:
            refuse(_("School staff see one unit only: enter its code."))


class NewForm(ChangeForm):
    """A new person: the same, and the name to sign in with."""

    username = StringField(
        _l("User name"),
        [
            InputRequired(),
            Length(max=64),
            Regexp(USERNAME, message=_l("Letters without marks, digits, dot, dash and underscore.")),
        ],
        filters=[strip],
    )
    is_told = BooleanField(_l("Show me a first password to hand over"), default=True)


@blueprint.get("")
@needs(Permission.MANAGE_USERS)
def index() -> str:
    """Who is there."""
    query = read_list_query(request.args, COLUMNS, ("role", "state"), sort="username")
    found = [
        user
        for user in list_users(g.session, query.text)
        if query.filters.get("role", user.role) == user.role
        and query.filters.get("state", "on" if user.is_enabled else "off") == ("on" if user.is_enabled else "off")
    ]
    found.sort(key=_ORDER[query.sort], reverse=query.is_descending)
    rows, total = page_of(found, query)
    units = unit_names(g.session, (user.unit_id for user in rows))
    return render_template("admin/users.html", listing=Listing("users", COLUMNS, rows, total, query), units=units)


@blueprint.get("/new")
@needs(Permission.MANAGE_USERS)
def new() -> str:
    """The form of a new person."""
    return render_template("admin/user_new.html", form=NewForm())


@blueprint.post("/new")
@needs(Permission.MANAGE_USERS)
def create() -> tuple[str, int] | str:
    """Make the person with a first password, shown once."""
    form = NewForm()
    if not form.validate():
        return render_template("admin/user_new.html", form=form), 422
    password = new_one_time_code()
    wanted = NewUser(
        form.username.data,
        password,
        Role(form.role.data),
        full_name=form.full_name.data or "",
        email=form.email.data or "",
        unit_id=unit_of_code(g.session, form.unit_code.data),
        must_change_password=True,
    )
    try:
        user = create_user(g.session, wanted, services().clock())
    except ValueError as error:
        form.username.errors = [str(error)]
        return render_template("admin/user_new.html", form=form), 422
    user.phone = form.phone.data or ""
    _audit("create", user, {"role": user.role, "unit_id": user.unit_id})
    return render_template("admin/user_password.html", user=user, password=password, is_new=True)


@blueprint.get("/<int:user_id>")
@needs(Permission.MANAGE_USERS)
def edit(user_id: int) -> str:
    """One person."""
    user = _found(user_id)
    form = ChangeForm(obj=user)
    form.unit_code.data = unit_code_of(g.session, user.unit_id)
    return _edit_page(user, form)


@blueprint.post("/<int:user_id>")
@needs(Permission.MANAGE_USERS)
def change(user_id: int) -> tuple[str, int] | Response:
    """Change name, role and unit."""
    user, form = _found(user_id), ChangeForm()
    is_valid = form.validate()
    if form.role.data != user.role and is_last_administrator(g.session, user):
        form.role.errors = [*form.role.errors, _("Somebody must stay administrator. Make another one first.")]
        is_valid = False
    if not is_valid:
        return _edit_page(user, form), 422
    before = {"role": user.role, "unit_id": user.unit_id}
    user.full_name, user.email, user.phone = form.full_name.data or "", form.email.data or "", form.phone.data or ""
    user.role, user.unit_id = form.role.data, unit_of_code(g.session, form.unit_code.data)
    _audit("update", user, {"before": before, "after": {"role": user.role, "unit_id": user.unit_id}})
    flash(_("Saved."), "success")
    return redirect(url_for("users.index"))


@blueprint.post("/<int:user_id>/password")
@needs(Permission.MANAGE_USERS)
def reset_password(user_id: int) -> str:
    """A new first password; the person's sessions end."""
    user, password = _found(user_id), new_one_time_code()
    set_password(user, password, must_change=True)
    _audit("reset_password", user, {})
    return render_template("admin/user_password.html", user=user, password=password, is_new=False)


@blueprint.post("/<int:user_id>/enabled")
@needs(Permission.MANAGE_USERS)
def set_enabled(user_id: int) -> Response:
    """Let the person in again, or lock the person out at once."""
    user, is_enabled = _found(user_id), request.form.get("is_enabled") == "1"
    if not is_enabled and (is_last_administrator(g.session, user) or user.id == current_user.id):
        flash(_("This would lock out the last administrator or yourself."), "danger")
        return redirect(url_for("users.edit", user_id=user_id))
    user.is_enabled = is_enabled
    end_sessions(user)
    _audit("enable" if is_enabled else "disable", user, {})
    flash(
        _("%(name)s may sign in again.", name=user.username)
        if is_enabled
        else _("%(name)s is locked out.", name=user.username),
        "success",
    )
    return redirect(url_for("users.edit", user_id=user_id))


def _found(user_id: int) -> User:
    user = get_user(g.session, user_id)
    if user is None:
        abort(404)
    return user


def _edit_page(user: User, form: ChangeForm) -> str:
    return render_template("admin/user.html", user=user, form=form, is_last=is_last_administrator(g.session, user))


def _audit(verb: str, user: User, detail: dict[str, object]) -> None:
    deed = Deed(current_user.actor, f"user.{verb}", "user", user.id, user.username, detail)
    append_audit(g.session, deed, services().clock())


page = Page(
    blueprint, menu=(MenuItem("administration", "users.index", _l("Users"), "users", Permission.MANAGE_USERS, 10),)
)
