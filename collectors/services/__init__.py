"""Services at work: whether each is up, its outages, and what its checks were told."""

from collectors.services.models import CheckAnswer, ServiceOutage, ServiceRequest, ServiceState
from collectors.services.standing import Services, Standing, Verdict, judge
from collectors.services.store import (
    check_answers,
    finish_service_requests,
    latest_service_request,
    open_service_requests,
    outages_between,
    request_checks,
    save_answers,
    save_verdict,
    service_states,
)

__all__ = [
    "CheckAnswer",
    "ServiceOutage",
    "ServiceRequest",
    "ServiceState",
    "Services",
    "Standing",
    "Verdict",
    "check_answers",
    "finish_service_requests",
    "judge",
    "latest_service_request",
    "open_service_requests",
    "outages_between",
    "request_checks",
    "save_answers",
    "save_verdict",
    "service_states",
]
