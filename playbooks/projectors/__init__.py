"""Commands to projectors: on, off, input, mute, freeze, volume; to one or many, by a person or by the calendar."""

from playbooks.projectors.commands import COMMANDS, Command, is_argument_right
from playbooks.projectors.models import ProjectorOrder, ProjectorSchedule, ProjectorTask
from playbooks.projectors.refusing import Refusal, Rules, Target
from playbooks.projectors.scheduling import DAYS
from playbooks.projectors.store.orders import (
    TaskLine,
    Wish,
    get_order,
    latest_tasks,
    lines_of_order,
    place_order,
    recent_orders,
    undo_order,
    undoable,
)
from playbooks.projectors.store.queue import open_tasks
from playbooks.projectors.store.schedules import (
    SCHEDULED,
    delete_schedule,
    get_schedule,
    list_schedules,
    run_due_schedules,
    save_schedule,
)
from playbooks.projectors.store.targets import Group, Preview, preview_order, targets_in, targets_of
from playbooks.projectors.words import REASONS, STATES, Said, say

__all__ = [
    "COMMANDS", "DAYS", "REASONS", "SCHEDULED", "STATES", "Command", "Group", "Preview", "ProjectorOrder",
    "ProjectorSchedule", "ProjectorTask", "Refusal", "Rules", "Said", "Target", "TaskLine", "Wish", "delete_schedule",
    "get_order", "get_schedule", "is_argument_right", "latest_tasks", "lines_of_order", "list_schedules", "open_tasks",
    "place_order", "preview_order", "recent_orders", "run_due_schedules", "save_schedule", "say", "targets_in",
    "targets_of", "undo_order", "undoable",
]
