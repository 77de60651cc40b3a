"""Will an endpoint manage the meeting: findings, verdict, action; rehearsals."""

from conference.readiness.models import Readiness, ReadinessCall, RehearsalEntry

__all__ = ["Readiness", "ReadinessCall", "RehearsalEntry"]
