"""A person at a browser, without the browser: signs in, remembers the anti-forgery token, sends forms."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from alerts import AlertsSettings
from collectors import CollectorSettings
from conference import ConferenceSettings
from dashboards import DashboardsSettings
from inventory import InventorySettings
from playbooks import PlaybooksSettings
from telemetry import TelemetrySettings

SECTIONS = (AlertsSettings, CollectorSettings, ConferenceSettings, DashboardsSettings, InventorySettings,
            PlaybooksSettings, TelemetrySettings)
PASSWORD = "mot cau ngan de nho"
CODE = "AAAA-BBBB-CCCC"
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


class Person:
    """A browser that remembers the anti-forgery token of the page it saw last."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self._token = ""

    def get(self, path: str, **options):
        """Open a page."""
        answer = self.client.get(path, **options)
        found = TOKEN.search(answer.text) if answer.mimetype == "text/html" else None
        self._token = found.group(1) if found else self._token
        return answer

    def post(self, path: str, data: dict | None = None, **options):
        """Send a form with the token."""
        return self.client.post(path, data={**(data or {}), "csrf_token": self._token}, **options)

    def sign_in(self, username: str, password: str = PASSWORD):
        """Sign in by the form."""
        self.get("/sign-in")
        answer = self.post("/sign-in", {"username": username, "password": password})
        self.get("/account")
        return answer
