"""What every package stands on: settings, database, secrets, clock, access rights, audit, language, logs."""

from core import pjlink
from core.access import ROLE_PERMISSIONS, Permission, Role, Scope, permissions_of
from core.audit import ChainReport
from core.clock import Clock, utc_now
from core.context import Context
from core.database import Base, Database, DatabaseProblem, Session, UTCDateTime, insert_missing, refusal_of, sqlite_url
from core.failure import GiveUp, OutsideFailure, StartError, TryLater
from core.guard import allowed_address, forbidden_reason
from core.language import (
    LANGUAGES,
    N_,
    Catalogue,
    LazyText,
    catalogue,
    current_language,
    gettext,
    lazy_gettext,
    ngettext,
    pgettext,
    set_language,
    use_language,
)
from core.logs import configure_logs
from core.models import ApiToken, AuditEntry, User
from core.passwords import new_one_time_code, password_problem
from core.secrets import SealError, Secret, Vault
from core.settings import CoreSettings, Section, Settings, SettingsError, load_settings
from core.store import (
    AuditFilter,
    Deed,
    NewToken,
    NewUser,
    append_audit,
    bind_key,
    check_key_file,
    create_token,
    create_user,
    end_sessions,
    find_token,
    find_user,
    get_mark,
    get_user,
    has_administrator,
    is_last_administrator,
    list_audit,
    list_tokens,
    list_users,
    read_audit,
    rebind_key,
    revoke_token,
    set_mark,
    set_password,
    set_preferences,
    sign_in,
    touch_token,
    username_problem,
    verify_audit,
)

__all__ = [
    "LANGUAGES", "N_", "ROLE_PERMISSIONS", "ApiToken", "AuditEntry", "AuditFilter", "Base", "Catalogue",
    "ChainReport", "Clock", "Context", "CoreSettings", "Database", "DatabaseProblem", "Deed", "GiveUp", "LazyText",
    "NewToken", "NewUser", "OutsideFailure", "Permission", "Role", "Scope", "SealError", "Secret", "Section",
    "Session", "Settings", "SettingsError", "StartError", "TryLater", "UTCDateTime", "User", "Vault",
    "allowed_address", "append_audit", "bind_key", "catalogue", "check_key_file", "configure_logs", "create_token",
    "create_user",
    "current_language", "end_sessions", "find_token", "find_user", "forbidden_reason", "get_mark", "get_user",
    "gettext",
    "has_administrator", "insert_missing", "is_last_administrator", "lazy_gettext", "list_audit", "list_tokens",
    "list_users", "load_settings", "new_one_time_code", "ngettext", "password_problem", "permissions_of", "pgettext",
    "pjlink",
    "read_audit", "rebind_key", "refusal_of", "revoke_token", "set_language", "set_mark", "set_password",
    "set_preferences", "sign_in", "sqlite_url", "touch_token", "use_language", "username_problem", "utc_now",
    "verify_audit",
]
