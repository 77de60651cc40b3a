"""All pages of the control panel. A new page is a module here and one line in PAGES."""

from dashboards.pages import (
    account,
    audit,
    credentials,
    devices,
    frame,
    health,
    home,
    incidents,
    overview,
    preferences,
    settings,
    sign_in,
    start,
    tokens,
    users,
)

PAGES = (
    account.page,
    audit.page,
    credentials.page,
    devices.page,
    frame.page,
    health.page,
    home.page,
    incidents.page,
    overview.page,
    preferences.page,
    settings.page,
    sign_in.page,
    start.page,
    tokens.page,
    users.page,
)

__all__ = ["PAGES"]
