"""Jitsi's servers: what bridges, Jicofo, Prosody, Jibri, Jigasi and coturn tell about themselves and their rooms."""

from collectors.jitsi.models import RoomSighting, WatchedRoom

__all__ = ["RoomSighting", "WatchedRoom"]
