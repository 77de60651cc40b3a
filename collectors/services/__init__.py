"""Services at work: whether each is up, its outages, and what its checks were told."""

from collectors.services.availability import (
    HOUR_MS,
    Availability,
    Hours,
    availability,
    covered,
    slots_between,
)
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
    "HOUR_MS",
    "Availability",
    "CheckAnswer",
    "Hours",
    "ServiceOutage",
    "ServiceRequest",
    "ServiceState",
    "Services",
    "Standing",
    "Verdict",
    "availability",
    "check_answers",
    "covered",
    "finish_service_requests",
    "judge",
    "latest_service_request",
    "open_service_requests",
    "outages_between",
    "request_checks",
    "save_answers",
    "save_verdict",
    "service_states",
    "slots_between",
]
