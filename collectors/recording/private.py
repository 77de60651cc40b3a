"""What of a device is private and what is safe to keep, by the meaning of the standards' objects."""

from __future__ import annotations

import re
from pathlib import Path

# Never asked: secrets, users, connections, software, and tables that tell of people rather than of the device.
SKIPPED = (
    "1.3.6.1.2.1.4.21",  # routes, RFC 1213
    "1.3.6.1.2.1.4.24",  # routes, RFC 4292
    "1.3.6.1.2.1.6",  # TCP connections
    "1.3.6.1.2.1.7",  # UDP listeners
    "1.3.6.1.2.1.16",  # RMON
    "1.3.6.1.2.1.25.4",  # running software, with its parameters
    "1.3.6.1.2.1.25.5",
    "1.3.6.1.2.1.25.6",  # installed software
    "1.3.6.1.2.1.80",  # ping tests with their targets
    "1.3.6.1.2.1.88",  # events
    "1.3.6.1.2.1.92",  # logged notifications
    "1.3.6.1.6.3.12",  # notification targets, RFC 3413
    "1.3.6.1.6.3.13",
    "1.3.6.1.6.3.15",  # users, RFC 3414
    "1.3.6.1.6.3.16",  # access rights, RFC 3415
    "1.3.6.1.6.3.18",  # communities, RFC 3584
    "1.3.6.1.4.1.9.9.96",  # Cisco configuration copies, with passwords
    "1.3.6.1.4.1.77",  # LanManager users and sessions
    "1.3.6.1.4.1.14823.2.2.1.4.1.2",  # Aruba user table
)

# Text of these columns is replaced by a neutral one that stays equal where it was equal.
PRIVATE_COLUMNS = {
    "1.3.6.1.2.1.1.4": "contact",
    "1.3.6.1.2.1.1.5": "device",
    "1.3.6.1.2.1.1.6": "place",
    "1.3.6.1.2.1.31.1.1.1.18": "alias",
    "1.3.6.1.2.1.47.1.1.1.1.11": "SERIAL",
    "1.3.6.1.2.1.47.1.1.1.1.14": "alias",
    "1.3.6.1.2.1.47.1.1.1.1.15": "asset",
    "1.3.6.1.2.1.43.5.1.1.16": "printer",
    "1.3.6.1.2.1.43.5.1.1.17": "SERIAL",
    "1.3.6.1.2.1.17.7.1.4.3.1.1": "vlan",
    "1.3.6.1.4.1.9.9.46.1.3.1.1.4": "vlan",
    "1.3.6.1.4.1.9.9.23.1.2.1.1.6": "device",
    "1.0.8802.1.1.2.1.3.3": "device",
    "1.0.8802.1.1.2.1.4.1.1.9": "device",
    "1.0.8802.1.1.2.1.4.1.1.8": "port",
    "1.3.6.1.2.1.33.1.1.5": "ups",
}

# Text of these columns is kept, but for private words inside.
KEPT_COLUMNS = frozenset({
    "1.3.6.1.2.1.1.1",  # sysDescr
    "1.3.6.1.2.1.2.2.1.2",  # ifDescr
    "1.3.6.1.2.1.31.1.1.1.1",  # ifName
    "1.3.6.1.2.1.25.2.3.1.3",  # hrStorageDescr
    "1.3.6.1.2.1.25.3.2.1.3",  # hrDeviceDescr
    "1.3.6.1.2.1.47.1.1.1.1.2",  # entPhysicalDescr
    "1.3.6.1.2.1.47.1.1.1.1.7",  # entPhysicalName
    "1.3.6.1.2.1.47.1.1.1.1.8",
    "1.3.6.1.2.1.47.1.1.1.1.9",
    "1.3.6.1.2.1.47.1.1.1.1.10",
    "1.3.6.1.2.1.47.1.1.1.1.12",
    "1.3.6.1.2.1.47.1.1.1.1.13",
    "1.3.6.1.2.1.99.1.1.1.6",  # units
    "1.3.6.1.2.1.33.1.1.1",
    "1.3.6.1.2.1.33.1.1.2",
    "1.3.6.1.2.1.33.1.1.3",
    "1.3.6.1.2.1.33.1.1.4",
    "1.3.6.1.2.1.43.11.1.1.6",  # supplies
    "1.3.6.1.2.1.43.8.2.1.13",  # trays
    "1.3.6.1.2.1.43.12.1.1.4",  # colours
})  # fmt: skip

# Words that say nothing of anybody.
PLAIN_WORDS = frozenset((Path(__file__).parent / "plain_words.txt").read_text("utf-8").split())

ADDRESS = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
MAC_TEXT = re.compile(r"(?i)(?<![0-9a-f])(?:[0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}(?![0-9a-f])")
MAC_DOTTED = re.compile(r"(?i)(?<![0-9a-f])[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}(?![0-9a-f])")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
URL = re.compile(r"(?i)\b(?:https?|ftp|snmp|udp|tcp)://\S+")
HOST_NAME = re.compile(r"(?i)\b(?:[a-z0-9-]+\.)+(?:vn|com|net|org|edu|gov|local|lan|internal|info|io|asia)\b\S*")
LONG_NUMBER = re.compile(r"\d{9,}")  # telephone numbers, IMEI, IMSI
UNAME = re.compile(r"(?:Linux|FreeBSD|OpenBSD|NetBSD|Darwin|SunOS|AIX|HP-UX) (\S+) ")  # the word behind is the host's
LETTERS = re.compile(r"[^\W\d_]+")
MODEL_CODE = re.compile(r"[A-Z]{1,5}")  # the letters of a model's name, beside its figures
MODEL_NAME = re.compile(r"(?=.*\d)[A-Z0-9-]{4,}")
SERIAL = re.compile(r"(?=(?:.*\d){3})[A-Z0-9]{9,}")
