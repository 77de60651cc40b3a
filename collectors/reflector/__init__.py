"""The other end of a UDP train: beside the bridges, it sends back what a check sent there."""

from collectors.reflector.answering import Reflector, ReflectorLimits, serve_reflector
from collectors.reflector.form import CAR, ECHO, HEAD, HELLO, MAGIC, TAIL, TICKET

__all__ = ["CAR", "ECHO", "HEAD", "HELLO", "MAGIC", "TAIL", "TICKET", "Reflector", "ReflectorLimits",
           "serve_reflector"]
