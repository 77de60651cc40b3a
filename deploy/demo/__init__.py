"""The demonstration province: everything in it is invented or replayed, and says so."""

from deploy.demo.demonstration import Demonstration, demo_environment

__all__ = ["Demonstration", "demo_environment"]
