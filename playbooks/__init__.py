"""What we change: Ansible content, runs, switch and router changes, configuration backup.

So far this is only the room's place in the order of imports: beside collectors, and never importing them.
"""

__all__: list[str] = []
