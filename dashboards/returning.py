"""Where to go back to after a form: only ever inside EduNOC."""

from __future__ import annotations

from urllib.parse import urlsplit


def safe_return(target: str | None) -> str | None:
    """The target when it is a path of ours; None otherwise, so that no link can lead a person elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or any(c < " " for c in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc or "\\" in target else target
