"""Projectors for programs: order a command, see how it goes, take it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apiflask import APIBlueprint
from flask import abort, g, url_for
from pydantic import BaseModel, Field

from core import Permission
from dashboards.access import needs
from dashboards.projector_orders import Ordering, ordering_now
from playbooks import ProjectorOrder, projectors

blueprint = APIBlueprint(
    "api_projectors",
    __name__,
    url_prefix="/api/v1",
    tag={"name": "projectors", "description": "Switch and steer projectors."},
)


class ProjectorCommandShape(BaseModel):
    """A command for projectors."""

    command: str = Field(max_length=16, description=f"One of: {', '.join(projectors.COMMANDS)}")
    input: str = Field("", max_length=2, description="For the command input: its code, such as 31")
    devices: list[int] = Field(min_length=1, max_length=5000, description="Numbers of devices")


class ProjectorTaskShape(BaseModel):
    """The command on one projector. A refused one says whose examination or meeting, and until when."""

    device_id: int
    device: str
    state: str = Field(description=f"One of: {', '.join(projectors.STATES)}")
    reason: str
    message: str
    until: datetime | None = None
    done_at: datetime | None = None


class ProjectorOrderShape(BaseModel):
    """A command and how it goes on each projector."""

    id: int
    command: str
    input: str
    requested_by: str
    requested_at: datetime
    tasks: list[ProjectorTaskShape]


@blueprint.post("/projectors/orders")
@needs(Permission.CONTROL_PROJECTORS)
@blueprint.input(ProjectorCommandShape, location="json", arg_name="body")
@blueprint.output(ProjectorOrderShape, status_code=202)
@blueprint.doc(
    summary="Order a command to projectors",
    description="Answers at once; follow Location until no task waits or runs. During an examination or a meeting a"
    " projector is refused, with the reason in its task.",
    responses=[401, 403, 404, 422],
)
def order(body: ProjectorCommandShape) -> Any:
    """Put the command into the queue."""
    own = ordering_now()
    placed = own.place(own.preview(body.command, body.input.upper(), body.devices))
    return _shape(own, placed), 202, {"Location": url_for("api_projectors.progress", order_id=placed.id)}


@blueprint.get("/projectors/orders/<int:order_id>")
@needs(Permission.VIEW)
@blueprint.output(ProjectorOrderShape)
@blueprint.doc(summary="See how a command goes", responses=[401, 403, 404])
def progress(order_id: int) -> Any:
    """How it goes on each projector that one may see."""
    return _shape(ordering_now(), _found(order_id))


@blueprint.post("/projectors/orders/<int:order_id>/undo")
@needs(Permission.CONTROL_PROJECTORS)
@blueprint.output(ProjectorOrderShape, status_code=202)
@blueprint.doc(summary="Take a command back", responses=[401, 403, 404, 409])
def undo(order_id: int) -> Any:
    """Mute, freeze, input and volume go back where the command was carried out."""
    own = ordering_now()
    placed = own.undo(_found(order_id))
    if placed is None:
        abort(409)
    return _shape(own, placed), 202, {"Location": url_for("api_projectors.progress", order_id=placed.id)}


def _found(order_id: int) -> ProjectorOrder:
    found = projectors.get_order(g.session, g.scope, order_id)
    if found is None:
        abort(404)
    return found


def _shape(own: Ordering, found: ProjectorOrder) -> dict[str, Any]:
    lines = projectors.lines_of_order(own.session, own.scope, found.id)
    return {
        "id": found.id, "command": found.command, "input": found.argument, "requested_by": found.requested_by,
        "requested_at": found.requested_at,
        "tasks": [
            {
                "device_id": line.task.device_id, "device": line.device_name, "state": line.task.state,
                "reason": line.task.reason, "until": line.task.until, "done_at": line.task.done_at,
                "message": own.say(line.task.reason, line.task.detail, line.task.until).message
                if line.task.reason else "",
            }
            for line in lines
        ],
    }  # fmt: skip
