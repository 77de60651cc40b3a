"""How EduNOC measures: SNMP, ping, checks, the poll schedule, discovery. All of it ends in telemetry's one Batch."""
