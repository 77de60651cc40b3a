"""From a form to an order: which projectors, which command; preview, order and undo. Used by pages and the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import g
from flask_login import current_user

from core import CoreSettings, Scope, Session
from core import gettext as _
from dashboards.gate import services
from dashboards.services import Services
from inventory import FieldProblem, InvalidInput
from playbooks import PlaybooksSettings, ProjectorOrder, projectors

MOST_DEVICES = 5000
SHOWN_DEFAULT = ("on", "off", "picture_mute", "picture_show", "freeze", "unfreeze", "input", "sound_mute", "sound_on",
                 "volume_up", "volume_down")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ordering:
    """Who orders, in which scope, when."""

    session: Session
    scope: Scope
    services: Services
    actor: str
    now: datetime

    @property
    def timezone(self) -> str:
        """The schools' time zone."""
        return self.services.settings[CoreSettings].timezone

    @property
    def settings(self) -> PlaybooksSettings:
        """How commands are paced."""
        return self.services.settings[PlaybooksSettings]

    def rules(self, word: str) -> projectors.Rules:
        """What holds for a command of a person."""
        return projectors.Rules(word, False, timedelta(minutes=self.settings.projector_lead_minutes))

    def preview(self, word: str, argument: str, device_ids: Sequence[int]) -> projectors.Preview:
        """What would happen to how many. Raises InvalidInput."""
        command = projectors.COMMANDS.get(word)
        if command is None:
            raise InvalidInput([FieldProblem(None, "command", _("Choose what to do."))])
        if not projectors.is_argument_right(command, argument):
            message = _("Choose an input, such as 31 for the first digital one.")
            raise InvalidInput([FieldProblem(None, "input", message)])
        targets = projectors.targets_of(self.session, self.scope, list(dict.fromkeys(device_ids))[:MOST_DEVICES])
        if not targets:
            raise InvalidInput([FieldProblem(None, "device", _("Tick at least one projector first."))])
        return projectors.preview_order(
            self.session, targets, (word, argument), self.rules(word), (self.now, self.timezone)
        )

    def wish(self, source: str = "person", undoes_id: int | None = None) -> projectors.Wish:
        """Who wants it, and for how long it is tried."""
        patience = timedelta(minutes=self.settings.projector_patience_minutes)
        return projectors.Wish(self.actor, patience, source, undoes_id=undoes_id)

    def place(self, preview: projectors.Preview) -> ProjectorOrder:
        """Order it."""
        return projectors.place_order(self.session, preview, self.wish(), self.now)

    def undo(self, order: ProjectorOrder) -> ProjectorOrder | None:
        """Order the way back for what this order did; None when nothing can be taken back."""
        lines = projectors.lines_of_order(self.session, self.scope, order.id)
        tasks = projectors.undoable(order, lines)
        if not tasks:
            return None
        word = projectors.COMMANDS[order.command].undo
        targets = projectors.targets_of(self.session, self.scope, [task.device_id for task in tasks])
        preview = projectors.preview_order(
            self.session, targets, (word, ""), self.rules(word), (self.now, self.timezone)
        )
        return projectors.undo_order(self.session, tasks, preview, self.wish("undo", order.id), self.now)

    def say(self, reason: str, title: str = "", until: datetime | None = None) -> projectors.Said:
        """The sentences of a task's reason."""
        return projectors.say(reason, title, until, self.timezone)


def ordering_now() -> Ordering:
    """Whoever asks, ready to order."""
    return Ordering(g.session, g.scope, services(), current_user.actor, services().clock())


def command_of(form: Mapping[str, str]) -> tuple[str, str]:
    """(command, argument) of a form: the argument is the input, where the command wants one."""
    word = form.get("command", "")
    return word, form.get("input", "").strip().upper()[:2] if word == "input" else ""


def ids_of(values: Sequence[str]) -> list[int]:
    """Device numbers out of a form's fields; anything else is left out."""
    return [int(value) for value in values[:MOST_DEVICES] if value.isdecimal() and len(value) < 10]
