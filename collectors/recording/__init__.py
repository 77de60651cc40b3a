"""Record a device: everything it tells, without what is private, with what is read of it; ready to become a test."""

from collectors.recording.bundle import Bundle, make_bundle
from collectors.recording.walk import Walked, walk_device

__all__ = ["Bundle", "Walked", "make_bundle", "walk_device"]
