"""The page that stands in an endpoint's room: pairing, heartbeats, commands."""

from conference.kiosk.models import Kiosk, KioskCommand, KioskSpell, KioskState

__all__ = ["Kiosk", "KioskCommand", "KioskSpell", "KioskState"]
