"""The real net-snmp agent that tests of collecting use, for journeys too."""

from tests.collectors.conftest import snmpd

__all__ = ["snmpd"]
