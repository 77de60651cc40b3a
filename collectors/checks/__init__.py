"""Plain looks at services: does a page answer, is a port open. A probe measures; the shell names the outcome."""

from collectors.checks.outcome import CheckReading, CheckTarget, Measured, SignIn
from collectors.checks.shell import PROBES, part_of, run_check, service_part
from core import forbidden_reason

__all__ = ["PROBES", "CheckReading", "CheckTarget", "Measured", "SignIn", "forbidden_reason", "part_of", "run_check",
           "service_part"]
