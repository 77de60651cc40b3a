"""What we change: commands to projectors and meeting servers; later Ansible content, switches, routers, backups.

Beside collectors, and never importing them: code that reads must not be able to reach code that changes.
"""

from playbooks import meetings, projectors
from playbooks.meetings import MeetingOrder
from playbooks.projectors import ProjectorOrder, ProjectorSchedule, ProjectorTask
from playbooks.settings import PlaybooksSettings
from playbooks.worker import Worker

__all__ = [
    "MeetingOrder", "PlaybooksSettings", "ProjectorOrder", "ProjectorSchedule", "ProjectorTask", "Worker", "meetings",
    "projectors",
]
