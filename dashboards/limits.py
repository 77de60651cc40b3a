"""Rate limits of the doors that strangers can knock at. Counted in this process's memory."""

from __future__ import annotations

from flask import current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from dashboards.settings import DashboardsSettings

limiter = Limiter(key_func=get_remote_address)


def sign_in_rate() -> str:
    """Attempts for one name from one address."""
    attempts = current_app.extensions["edunoc"].settings[DashboardsSettings].sign_in_attempts
    return f"{attempts} per 5 minutes"


def address_rate() -> str:
    """Attempts from one address for any names: a school sits behind one address, so it is ten times as many."""
    attempts = current_app.extensions["edunoc"].settings[DashboardsSettings].sign_in_attempts
    return f"{attempts * 10} per 5 minutes"


def address_and_name() -> str:
    """Whom the first rate counts."""
    return f"{get_remote_address()}|{request.form.get('username', '').strip().lower()[:64]}"
