"""Answers watchdogs, proxies and the pages' own connection light."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from dashboards.access import public
from dashboards.registry import Page

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def alive() -> Response:
    """200 while the process answers and its database opens (the gate opened it before)."""
    return jsonify(status="ok")


page = Page(blueprint)
