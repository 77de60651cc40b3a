"""Silences, maintenance windows and rule overrides."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import numpy as np
from sqlalchemy import func, select

from alerts.models import Maintenance, RuleMemory, RuleOverride, Silence
from alerts.override import Override
from alerts.pipeline import WindowView
from alerts.rule import SEVERITY_RANK, Rule
from core import Session, gettext

W = TypeVar("W", Silence, Maintenance)


class WindowProblem(ValueError):
    """A silence, maintenance or override cannot be saved; the text says why."""


def add_window(session: Session, window: W) -> W:
    """Keep a silence or maintenance. Raises WindowProblem."""
    targets = [window.device_id is not None, window.site_id is not None, bool(window.unit_path)]
    if sum(targets) != 1:
        raise WindowProblem(gettext("Choose exactly one device, site or unit."))
    if window.ends_at <= window.starts_at:
        raise WindowProblem(gettext("The end must come after the beginning."))
    if not window.reason.strip():
        raise WindowProblem(gettext("Write the reason, so that others understand the quiet."))
    session.add(window)
    session.flush()
    return window


def cancel_window(session: Session, window: W, now: datetime) -> W:
    """End a window now. What still stands inside is announced at the next tick."""
    if window.cancelled_at is None:
        window.cancelled_at = now
        window.ends_at = min(window.ends_at, now) if window.starts_at <= now else window.ends_at
    return window


def list_windows(session: Session, model: type[W], now: datetime | None = None) -> list[W]:
    """All windows, newest first; with `now` only those that are in force or to come."""
    chosen = select(model).order_by(model.starts_at.desc(), model.id.desc())
    if now is not None:
        chosen = chosen.where(model.ends_at > now, model.cancelled_at.is_(None))
    return list(session.scalars(chosen.limit(1000)))


def windows_in_force(session: Session, model: type[W], now: datetime) -> tuple[WindowView, ...]:
    """The windows that cover this moment."""
    chosen = select(model).where(model.starts_at <= now, model.ends_at > now, model.cancelled_at.is_(None))
    return tuple(
        WindowView(one.id, one.reason, one.device_id, one.site_id, one.unit_path, one.rule_id)
        for one in session.scalars(chosen.order_by(model.id))
    )


def save_override(session: Session, override: RuleOverride, rules: dict[str, Rule]) -> RuleOverride:
    """Check and keep other numbers for a rule. Raises WindowProblem."""
    rule = rules.get(override.rule_id)
    if rule is None:
        raise WindowProblem(gettext("There is no such rule."))
    if override.severity is not None and override.severity not in SEVERITY_RANK:
        raise WindowProblem(gettext("Choose a severity."))
    numbers = (override.threshold, override.clear, override.for_s)
    if any(number is not None and not np.isfinite(number) for number in numbers) or (override.for_s or 0) < 0:
        raise WindowProblem(gettext("Write a number."))
    if rule.terms and override.clear is not None:
        first = rule.terms[0]
        threshold = first.threshold if override.threshold is None else override.threshold
        wrong = {"above": override.clear > threshold, "below": override.clear < threshold}
        if wrong.get(first.comparison, False):
            raise WindowProblem(gettext("With this end value the alert could never end."))
    session.add(override)
    session.flush()
    return override


def load_overrides(session: Session) -> tuple[Override, ...]:
    """All overrides as values."""
    return tuple(
        Override(one.rule_id, one.device_id, one.site_id, one.unit_path, one.is_enabled, one.threshold, one.clear,
                 one.for_s, one.severity)
        for one in session.scalars(select(RuleOverride).order_by(RuleOverride.id))
    )


def overrides_stamp(session: Session) -> tuple[object, ...]:
    """Changes when an override is added or removed. Overrides are replaced, never edited; ids may be used again."""
    chosen = select(func.max(RuleOverride.id), func.count(RuleOverride.id), func.max(RuleOverride.created_at))
    return tuple(session.execute(chosen).one())


def save_memory(session: Session, bits: dict[str, np.ndarray], now: datetime) -> None:
    """Keep which series of "was up" rules have been seen good: bool arrays by series id."""
    for rule_id, seen in bits.items():
        session.merge(RuleMemory(rule_id=rule_id, bits=np.packbits(seen).tobytes(), saved_at=now))


def load_memory(session: Session) -> dict[str, np.ndarray]:
    """rule id -> bool array by series id."""
    return {
        row.rule_id: np.unpackbits(np.frombuffer(row.bits, np.uint8)).astype(bool)
        for row in session.scalars(select(RuleMemory))
    }
