"""Commands to meeting servers: end a meeting, remove somebody, drain a bridge, record, stream; queued and audited."""

from playbooks.meetings.models import MeetingOrder
from playbooks.meetings.store import (
    Command,
    OrderProblem,
    check,
    forget_secrets,
    get_order,
    is_undoable,
    order,
    orders_of,
    preview_of,
    undo_order,
)
from playbooks.meetings.verbs import VERBS, Verb
from playbooks.meetings.words import REASONS, STATES, say

__all__ = [
    "REASONS", "STATES", "VERBS", "Command", "MeetingOrder", "OrderProblem", "Verb", "check", "forget_secrets",
    "get_order", "is_undoable", "order", "orders_of", "preview_of", "say", "undo_order",
]
