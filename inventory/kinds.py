"""The closed lists of words in inventory, each with the text that pages and spreadsheets show for it."""

from __future__ import annotations

from core import N_

UNIT_KINDS: dict[str, str] = {
    "department": N_("Department"),
    "office": N_("Office"),
    "commune": N_("Commune"),
    "kindergarten": N_("Kindergarten"),
    "primary": N_("Primary school"),
    "lower_secondary": N_("Lower secondary school"),
    "upper_secondary": N_("Upper secondary school"),
    "combined": N_("School of several levels"),
    "centre": N_("Education centre"),
    "college": N_("College"),
    "other": N_("Other"),
}

ROOM_KINDS: dict[str, str] = {
    "lab": N_("Computer lab"),
    "classroom": N_("Classroom"),
    "meeting": N_("Meeting room"),
    "server": N_("Server room"),
    "office": N_("Office"),
    "library": N_("Library"),
    "other": N_("Other"),
}

DEVICE_KINDS: dict[str, str] = {
    "router": N_("Router"),
    "switch": N_("Switch"),
    "firewall": N_("Firewall"),
    "ap": N_("Wi-Fi access point"),
    "wlan_controller": N_("Wi-Fi controller"),
    "server": N_("Server"),
    "computer": N_("Computer"),
    "ups": N_("UPS"),
    "printer": N_("Printer"),
    "projector": N_("Projector"),
    "camera": N_("Camera"),
    "nvr": N_("Video recorder"),
    "nas": N_("Network storage"),
    "sensor": N_("Sensor"),
    "codec": N_("Meeting codec"),
    "other": N_("Other"),
}

CREDENTIAL_KINDS: dict[str, str] = {
    "snmp_v1": "SNMP v1",
    "snmp_v2c": "SNMP v2c",
    "snmp_v3": "SNMP v3",
    "ssh": "SSH",
    "pjlink": "PJLink",
    "http": "HTTP",
}

# RFC 3414, RFC 7860
AUTH_KINDS: dict[str, str] = {
    "none": N_("None"),
    "md5": "MD5",
    "sha": "SHA-1",
    "sha224": "SHA-224",
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
}

# RFC 3414, RFC 3826. 3DES and AES-192/256 were never standardised: makers follow the drafts of Reeder (3DES, and the
# key extension that Cisco uses) and of Blumenthal.
PRIV_KINDS: dict[str, str] = {
    "none": N_("None"),
    "des": "DES",
    "3des": "3DES",
    "aes128": "AES-128",
    "aes192": "AES-192",
    "aes256": "AES-256",
    "aes192_cisco": "AES-192 (Cisco)",
    "aes256_cisco": "AES-256 (Cisco)",
}

CHECK_KINDS: dict[str, str] = {
    "http": N_("Web page (HTTP, HTTPS)"),
    "tls": N_("Certificate (TLS)"),
    "dns": N_("Name (DNS)"),
    "smtp": N_("Mail transport (SMTP)"),
    "imap": N_("Mailboxes (IMAP)"),
    "ldap": N_("Directory (LDAP)"),
    "tcp": N_("Port (TCP)"),
    "stun": N_("Way for media (STUN)"),
    "turn": N_("Media relay (TURN)"),
    "udp": N_("UDP train to a reflector"),
    "sip": N_("Meeting codec (SIP)"),
}

# How a mail or directory server is encrypted. RFC 8314: from the first byte; RFC 3207 and 2595: by STARTTLS
CHECK_SECURITIES: dict[str, str] = {
    "auto": N_("As the port says"),
    "tls": N_("TLS from the start"),
    "starttls": N_("STARTTLS"),
    "none": N_("Not encrypted"),
}

# The information systems of the sector, as the provinces' plans list them
SERVICE_KINDS: dict[str, str] = {
    "portal": N_("Portal"),
    "eoffice": N_("E-office"),
    "mail": N_("E-mail"),
    "training": N_("Training management"),
    "elearning": N_("E-learning store"),
    "emis": N_("Sector database (EMIS)"),
    "vemis": N_("School management (VEMIS)"),
    "exams": N_("Examinations"),
    "literacy": N_("Universal education and literacy"),
    "staff": N_("Staff management"),
    "records": N_("Electronic school records"),
    "library": N_("Library"),
    "questions": N_("Question bank"),
    "connected": N_("Connected school"),
    "enrolment": N_("Enrolment"),
    "disaster": N_("Disaster-risk management"),
    "meetings": N_("Online meetings"),
    "other": N_("Other"),
}
SERVICE_IMPORTANCES: dict[str, str] = {
    "critical": N_("Critical"),
    "normal": N_("Normal"),
    "low": N_("Low"),
}
SERVICE_HOURS: dict[str, str] = {"always": N_("Day and night"), "teaching": N_("During teaching hours")}
SERVICE_NEEDED: dict[str, str] = {"all": N_("All checks must be well"), "any": N_("One well check is enough")}

CALENDAR_KINDS: dict[str, str] = {
    "term": N_("Term"),
    "holiday": N_("Holiday"),
    "teaching": N_("Teaching hours"),
    "exam": N_("Examination"),
}

# What an endpoint of meetings is: a browser that EduNOC's kiosk page runs in, or a codec of its own
ENDPOINT_KINDS: dict[str, str] = {
    "kiosk": N_("Computer with the kiosk page"),
    "codec": N_("Hardware codec"),
    "manual": N_("Computer handled by people"),
}

# 0 = Monday, as datetime.weekday()
WEEKDAYS: dict[int, str] = {
    0: N_("Monday"),
    1: N_("Tuesday"),
    2: N_("Wednesday"),
    3: N_("Thursday"),
    4: N_("Friday"),
    5: N_("Saturday"),
    6: N_("Sunday"),
}

ASSET_KINDS: dict[str, str] = {
    "computer": N_("Computer"),
    "network": N_("Network equipment"),
    "projector": N_("Projector"),
    "display": N_("Interactive display"),
    "printer": N_("Printer"),
    "meeting": N_("Meeting equipment"),
    "server": N_("Server"),
    "ups": N_("UPS"),
    "software": N_("Software"),
    "other": N_("Other"),
}
