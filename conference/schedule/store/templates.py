"""Templates: meetings of a usual shape, kept by name for a unit or for everybody. Audited."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select

from conference.schedule.drafts import MeetingDraft, ScheduleProblem
from conference.schedule.models import MeetingTemplate
from conference.schedule.writing import draft_content
from core import Deed, Scope, Session, append_audit
from core import gettext as _
from inventory import NotFound, Unit


def templates(session: Session, scope: Scope) -> list[MeetingTemplate]:
    """Those for everybody and those of the scope's units, by name."""
    chosen = select(MeetingTemplate).outerjoin(Unit, Unit.id == MeetingTemplate.unit_id)
    if scope.unit_path is not None:
        inside = Unit.path.startswith(scope.unit_path, autoescape=True)
        chosen = chosen.where(or_(MeetingTemplate.unit_id.is_(None), inside))
    return list(session.scalars(chosen.order_by(MeetingTemplate.name)))


def find_template(session: Session, scope: Scope, template_id: int) -> MeetingTemplate:
    """One of them. Raises NotFound."""
    found = next((one for one in templates(session, scope) if one.id == template_id), None)
    if found is None:
        raise NotFound(f"template {template_id}")
    return found


def save_template(
    session: Session, name: str, draft: MeetingDraft, actor: str, now: datetime, scope: Scope = Scope.everything()
) -> MeetingTemplate:
    """Keep a draft under a name; the same name again replaces it, if it is the scope's own. Raises ScheduleProblem."""
    plain = name.strip()
    if not plain or len(plain) > 200:
        raise ScheduleProblem.of("name", _("Give the template a name of at most 200 characters."))
    row = session.scalar(select(MeetingTemplate).where(MeetingTemplate.name == plain))
    if row is not None and not _is_own(session, scope, row):
        raise ScheduleProblem.of("name", _("Another unit keeps a template of this name; choose another."))
    unit_id = None if scope.unit_path is None else draft.unit_id
    if row is None:
        row = MeetingTemplate(name=plain, content="", updated_at=now)
        session.add(row)
    row.unit_id, row.content, row.updated_by, row.updated_at = unit_id, draft_content(draft), actor[:100], now
    session.flush()
    append_audit(session, Deed(actor, "meeting_template.save", "template", row.id, plain), now)
    return row


def delete_template(session: Session, template: MeetingTemplate, actor: str, now: datetime, scope: Scope) -> None:
    """Forget a template of the scope's own. Raises ScheduleProblem."""
    if not _is_own(session, scope, template):
        raise ScheduleProblem.of("name", _("This template belongs to everybody; an administrator deletes it."))
    append_audit(session, Deed(actor, "meeting_template.delete", "template", template.id, template.name), now)
    session.delete(template)
    session.flush()


def _is_own(session: Session, scope: Scope, row: MeetingTemplate) -> bool:
    if scope.unit_path is None:
        return True
    path = session.scalar(select(Unit.path).where(Unit.id == row.unit_id)) if row.unit_id is not None else None
    return path is not None and scope.includes(path)
