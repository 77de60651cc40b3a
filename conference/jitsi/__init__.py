"""Jitsi Meet: tokens, keys, reservations, room events, behind the provider interface."""

from conference.jitsi.models import RoomEvent, RoomReservation

__all__ = ["RoomEvent", "RoomReservation"]
