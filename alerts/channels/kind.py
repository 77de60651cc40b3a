"""What every way of sending is made of: a settings class, a recipient's form, and one function that hands over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from core import GiveUp, LazyText, lazy_gettext


class ChannelSettings(BaseModel):
    """The settings of one channel. Secret fields are SecretStr: they print as ***."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one recipient. `id` is stable over attempts, so that the other side can tell a repetition."""

    id: str
    recipient: str
    subject: str
    text: str
    html: str
    severity: str
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Environment:
    """What the settings of EduNOC say about sending."""

    timeout_s: float = 15.0
    allow_private_webhooks: bool = False


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """A way of sending. `hand_over` returns when the other side took the message, else raises TryLater or GiveUp."""

    key: str
    label: LazyText
    settings: type[ChannelSettings]
    hand_over: Callable[[ChannelSettings, Delivery, Environment], None]
    recipient_label: LazyText | None = None  # None: the channel itself knows the recipient
    recipient_problem: Callable[[str], LazyText | None] = lambda _recipient: None

    def read_settings(self, values: dict[str, Any]) -> ChannelSettings:
        """Checked settings. Raises GiveUp("bad_settings") whose detail names the fields, never their values."""
        try:
            return self.settings.model_validate(values)
        except ValidationError as error:
            fields = ", ".join(sorted({".".join(map(str, item["loc"])) or "settings" for item in error.errors()}))
            raise GiveUp("bad_settings", str(lazy_gettext("check: %(fields)s", fields=fields))) from None

    def secret_fields(self) -> tuple[str, ...]:
        """Fields that are sealed and never shown."""
        return tuple(name for name, field in self.settings.model_fields.items() if _is_secret(field.annotation))


def _is_secret(annotation: Any) -> bool:
    return annotation is SecretStr or SecretStr in getattr(annotation, "__args__", ())


def by_key(*kinds: ChannelKind) -> dict[str, ChannelKind]:
    """The kinds by their key."""
    return {kind.key: kind for kind in kinds}
