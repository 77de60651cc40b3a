"""All pages of the control panel. A new page is a module here and one line in PAGES."""

from dashboards.pages import account, frame, health, home, preferences, sign_in, start

PAGES = (
    account.page,
    frame.page,
    health.page,
    home.page,
    preferences.page,
    sign_in.page,
    start.page,
)
