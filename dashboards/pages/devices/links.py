"""Addresses of the pages of places and of inventory editing, which a small build may lack."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for

from inventory import endpoint_of_number, meeting_server_of_number, service_of_number


def page_url(endpoint: str, **values: Any) -> str:
    """The address of a page; empty in a build without it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


def site_url(site_id: int) -> str:
    """The page of a site; without one, its devices."""
    return page_url("sites.show", site_id=site_id) or url_for("devices.index", site=site_id)


def unit_url(unit_id: int) -> str:
    """The page of a unit; without one, its devices."""
    return page_url("units.show", unit_id=unit_id) or url_for("devices.index", unit=unit_id)


def page_of_number(number: int) -> str:
    """The page of what has a number among devices without being one: a service, a meeting server, an endpoint; ""."""
    service_id, server_id = service_of_number(number), meeting_server_of_number(number)
    endpoint_id = endpoint_of_number(number)
    if service_id is not None:
        return page_url("services.show", service_id=service_id)
    if server_id is not None:
        return page_url("meeting_servers.show", server_id=server_id)
    if endpoint_id is not None:
        return page_url("endpoints.show", endpoint_id=endpoint_id) or page_url(
            "inventory.edit", word="endpoint", record_id=endpoint_id)
    return ""
