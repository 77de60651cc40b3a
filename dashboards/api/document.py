"""The OpenAPI 3.1 document at /api/openapi.json, made from the routes themselves."""

from __future__ import annotations

import json
import re
from typing import Any

from apiflask import APIFlask
from flask import Blueprint, Response, current_app

from dashboards.access import public
from dashboards.api.shapes import Problem

blueprint = Blueprint("api_document", __name__)
ABOUT = (
    "Everything that EduNOC knows, for programs of the department. Send `Authorization: Bearer TOKEN`; tokens are made"
    " under Administration. Errors are problem+json (RFC 9457). Lists take page and per_page and answer with Link"
    " headers."
)
_INFLUX_ERROR = {"type": "object", "properties": {"code": {"type": "string"}, "message": {"type": "string"}}}
_PROBLEM = {"$ref": "#/components/schemas/Problem"}


@blueprint.get("/api/openapi.json")
@public
def openapi() -> Response:
    """The document; made once, as routes do not change while we run."""
    state = current_app.extensions["edunoc_state"]
    if "openapi" not in state:
        state["openapi"] = current_app.spec
    return current_app.json.response(state["openapi"])


def describe(app: APIFlask) -> None:
    """Set what stands above the routes."""
    app.config.update(
        OPENAPI_VERSION="3.1.0",
        AUTO_OPERATION_ID=True,
        AUTO_404_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        DESCRIPTION=ABOUT,
        SYNC_LOCAL_SPEC=False,
        LICENSE={"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        SERVERS=[{"url": "/", "description": "This EduNOC"}],
        SECURITY_SCHEMES={
            "token": {"type": "http", "scheme": "bearer", "description": "An API token"},
            "session": {"type": "apiKey", "in": "cookie", "name": app.config["SESSION_COOKIE_NAME"]},
        },
    )
    app.spec_processor(_finish)


def _finish(document: dict[str, Any]) -> dict[str, Any]:
    """What every route shares: who may ask, and the shape of errors; and names without brackets, as OpenAPI wants."""
    document = json.loads(re.sub(r"PageOf\[(\w+)\]", r"\1Page", json.dumps(document)))
    shape = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(shape.pop("$defs", {}))
    schemas["Problem"] = shape
    schemas.pop("HTTPError", None)
    for path, methods in document.get("paths", {}).items():
        for operation in methods.values():
            operation["security"] = [{"token": []}, {"session": []}]
            _name_errors(operation, is_influx=path == "/api/v2/write")
    return document


def _name_errors(operation: dict[str, Any], is_influx: bool) -> None:
    for status, answer in operation.get("responses", {}).items():
        if status == "400" and is_influx:
            answer["content"] = {"application/json": {"schema": _INFLUX_ERROR}}
        elif status.startswith("4"):
            answer["content"] = {"application/problem+json": {"schema": _PROBLEM}}
