"""All pages of the control panel. A new page is a module here and one line in PAGES."""

from dashboards.pages import (
    account,
    audit,
    channels,
    credentials,
    devices,
    discovery,
    frame,
    health,
    home,
    incidents,
    overview,
    preferences,
    rules,
    self_health,
    settings,
    sign_in,
    start,
    tokens,
    users,
    windows,
)

PAGES = (
    account.page,
    audit.page,
    channels.page,
    credentials.page,
    devices.page,
    discovery.page,
    frame.page,
    health.page,
    home.page,
    incidents.page,
    overview.page,
    preferences.page,
    rules.page,
    self_health.page,
    settings.page,
    sign_in.page,
    start.page,
    tokens.page,
    users.page,
    windows.page,
)

__all__ = ["PAGES"]
