"""The demonstration's last two months of meetings: planned, attended and counted, as a department's would be."""

from deploy.demo.past.filling import fill
from deploy.demo.past.plan import plan

__all__ = ["fill", "plan"]
