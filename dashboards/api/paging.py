"""Pages of lists in the API: `page` and `per_page` in, Link headers (RFC 8288) and totals out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from flask import request
from pydantic import BaseModel, ConfigDict, Field

PER_PAGE_LIMIT = 500
Shape = TypeVar("Shape")


class PageQuery(BaseModel):
    """What every list takes. `sort` names a column, with "-" before it for downwards."""

    model_config = ConfigDict(extra="allow")

    q: str = Field("", max_length=200, description="Words that must occur, without regard to accents and case")
    sort: str = Field("", max_length=64, description="Column to sort by; a leading - sorts downwards")
    page: int = Field(1, ge=1, le=1_000_000, description="Page, from 1")
    per_page: int = Field(50, ge=1, le=PER_PAGE_LIMIT, description="Rows a page")


class PageOf(BaseModel, Generic[Shape]):
    """One page of a list."""

    items: list[Shape]
    total: int = Field(description="Rows on all pages")
    page: int
    per_page: int


def paged(rows: Sequence[Any], total: int, page: int, per_page: int) -> tuple[dict[str, Any], int, dict[str, str]]:
    """The answer of a list route, with links to the pages around."""
    last = max(1, -(-total // per_page))
    wanted = {"first": 1, "last": last}
    if page > 1:
        wanted["prev"] = min(page - 1, last)
    if page < last:
        wanted["next"] = page + 1
    links = ", ".join(f'<{_address(number, per_page)}>; rel="{name}"' for name, number in wanted.items())
    body = {"items": list(rows), "total": total, "page": page, "per_page": per_page}
    return body, 200, {"Link": links, "X-Total-Count": str(total)}


def _address(page: int, per_page: int) -> str:
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in ("page", "per_page")]
    return f"{request.base_url}?{urlencode([*kept, ('page', page), ('per_page', per_page)])}"
