"""What we change: commands to projectors; later Ansible content, switch and router changes, configuration backup.

Beside collectors, and never importing them: code that reads must not be able to reach code that changes.
"""

from playbooks import projectors
from playbooks.projectors import ProjectorOrder, ProjectorSchedule, ProjectorTask
from playbooks.settings import PlaybooksSettings
from playbooks.worker import Worker

__all__ = ["PlaybooksSettings", "ProjectorOrder", "ProjectorSchedule", "ProjectorTask", "Worker", "projectors"]
