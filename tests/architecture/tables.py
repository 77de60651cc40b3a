"""The exceptions from the rules, each with its reason. Keep them short: an entry is a debt that somebody can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Registry:
    """A folder of variants and the literal that must name each of them."""

    folder: str
    file: str          # where the literal stands
    literal: str       # its name
    suffix: str = ".py"
    besides: tuple[str, ...] = ()  # files of the folder that are no variants
    # words that the package's tests hold because their contract tests run over the registry (rule 28)
    contract: tuple[str, ...] = ()


# Rule 3: who may read the clock, chance or the environment.
SHELLS: Mapping[str, str] = {
    "core/clock.py": "the one place that reads the clock",
    "core/passwords.py": "stamps, tokens and one-time codes must come from the operating system's randomness",
    "dashboards/cookie_key.py": "the key that signs cookies must come from the operating system's randomness",
    "conference/invitations/chance.py": "addresses of calendars must be unguessable: the operating system's randomness",
    "conference/schedule/codes.py": "rooms and invitations must be unguessable: the operating system's randomness",
    "core/pjlink/session.py": "our half of the PJLink authentication must come from the operating system's randomness",
    "conference/kiosk/chance.py": "pairing codes, cookies and signing secrets come from the operating system",
    "app.py": "composition root: hands environment and clock down",
    "*/cli.py": "a command is a shell: it hands `now` down",
}

# Rule 14: who may see a secret in clear.
REVEALERS: Mapping[str, str] = {
    "core/secrets.py": "seals it",
    "core/context.py": "hands the database URL to the engine that connects",
    "core/pjlink/session.py": "hashes the projector's password for the connection it opens",
    "dashboards/cookie_key.py": "hands the key that signs cookies to the web framework",
    "dashboards/pages/meetings/joining.py": "sends an invited person's browser into the room with its token",
    "collectors/snmp/session.py": "puts the community into the message",
    "collectors/snmp/usm.py": "hands the SNMPv3 passwords to the library that opens the socket",
    "alerts/channels/": "each way of sending hands address and password to what sends",
    "alerts/store/channels.py": "writes a channel's settings as JSON that is sealed at once, and reads it back",
    "collectors/recording/bundle.py": "looks for the community in a recording in order to take it out",
    "collectors/checks/imap.py": "signs in on the connection that it holds",
    "collectors/checks/ldap.py": "signs in on the connection that it holds",
    "collectors/checks/media/turn.py": "makes a short-lived password out of the relay's secret and signs requests",
    "inventory/credentials.py": "checks the length of what is to be sealed, writes it as JSON that is sealed at once",
    "inventory/meeting_secrets.py": "writes a system's secrets as JSON that is sealed at once; signs control tokens",
    "conference/kiosk/signing.py": "computes the signature that a heartbeat must have",
    "conference/invitations/post/": "signs in at the mail server and at the mailbox on the connection that it holds",
    "conference/invitations/store/feeds.py": "puts the secret of a calendar into its owner's address",
    "conference/jitsi/tokens.py": "hands the key to the library that signs; puts the token into its owner's address",
    "conference/jitsi/turn.py": "signs with the relay's secret; hands the password to the browser that relays",
    "dashboards/pages/kiosk/answering.py": "tells the paired browser its secret once, and its token when it joins",
    "playbooks/meetings/sending.py": "puts control token, recorder's password and stream key into the request",
    "telemetry/stores/linewriter.py": "hands the token to the HTTP client",
    "telemetry/stores/victoria.py": "hands the token to the HTTP client",
}

# Rule 24: inner modules that may be imported from outside their package: importing module -> inner modules' names
INNER_IMPORTS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "app.py": (("cli",), "the composition root mounts each package's commands"),
    "deploy/new_migration.py": (("database",), "the developer's tool needs the folder of the migrations"),
}

# Rule 16: tools that write migrations.
TABLE_TOOLS: Mapping[str, str] = {
    "deploy/new_migration.py": "asks Alembic to write a revision; never runs in the product",
}

# Rule 29: tests that may ask a monotonic clock; none of them judges how long something took.
TIMERS: Mapping[str, str] = {
    "tests/waiting.py": "a deadline of waiting",
    "tests/journey/hostile.py": "a deadline of reading from a terminal",
    "tests/journey/bridge_agent.py": "a fake that keeps its table for two seconds",
    "tests/journey/test_cut_in_the_middle.py": "lets the loops run with a full disk for eight seconds",
    "tests/core/pjlink/test_session.py": "the fake projector's clock",
    "tests/core/pjlink/test_transcript.py": "the fake projector's clock",
    "tests/collectors/work/test_projecting.py": "the fake projector's clock",
    "tests/collectors/jitsi/test_asking.py": "the clock that asking a server takes as an argument",
}

# Rule 22: path or path:function -> reason.
SIZES: Mapping[str, str] = {}

# Rule 7: registries of variants.
REGISTRIES: tuple[Registry, ...] = (
    Registry("alerts/channels/", "alerts/channels/__init__.py", "CHANNELS",
             besides=("kind", "address_guard", "through_apprise"), contract=("CHANNELS",)),
    Registry("collectors/checks/", "collectors/checks/shell.py", "PROBES",
             besides=("certificate", "guard", "outcome", "place", "reasons", "wire"),
             contract=("PROBES",)),
    Registry("telemetry/stores/", "telemetry/stores/choice.py", "STORES",
             besides=("protocol", "linewriter", "buckets", "columns", "compaction", "index", "segments"),
             contract=("embedded", "victoria", "fake-influx")),
    Registry("dashboards/pages/", "dashboards/pages/__init__.py", "PAGES", contract=("url_map",)),
    Registry("dashboards/api/", "dashboards/api/__init__.py", "BLUEPRINTS", besides=("lines", "paging", "shapes"),
             contract=("url_map",)),
)

# Where printing is the purpose.
PRINTERS: Mapping[str, str] = {
    "*/cli.py": "commands talk to a person",
    "app.py": "commands talk to a person",
    "benchmarks/": "prints its figures",
    "deploy/": "scripts talk to a person",
}
