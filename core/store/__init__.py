"""Reading and writing core's tables: people, tokens, the audit chain, the database's marks."""

from core.store.audit_log import AuditFilter, Deed, append_audit, list_audit, read_audit, verify_audit
from core.store.marks import KEY_MARK, bind_key, check_key_file, get_mark, rebind_key, set_mark
from core.store.people import (
    NewUser,
    create_user,
    end_sessions,
    find_user,
    get_user,
    has_administrator,
    is_last_administrator,
    list_users,
    set_password,
    set_preferences,
    sign_in,
    username_problem,
)
from core.store.tokens import NewToken, create_token, find_token, list_tokens, revoke_token, touch_token

__all__ = [
    "KEY_MARK", "AuditFilter", "Deed", "NewToken", "NewUser", "append_audit", "bind_key", "check_key_file",
    "create_token", "create_user", "end_sessions", "find_token", "find_user", "get_mark", "get_user",
    "has_administrator", "is_last_administrator", "list_audit", "list_tokens", "list_users", "read_audit",
    "rebind_key", "revoke_token", "set_mark", "set_password", "set_preferences", "sign_in", "touch_token",
    "username_problem", "verify_audit",
]
