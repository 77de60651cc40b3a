"""What makes a record sortable and findable: two columns computed from the record's own texts when it is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import String, Text, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from inventory.folding import mac_search_words, search_text, sort_key


class Searchable:
    """Columns `name_key` (sorting) and `search_text` (search); `SEARCHED` names the texts that go into the latter."""

    SEARCHED: ClassVar[tuple[str, ...]] = ("name",)

    name_key: Mapped[str] = mapped_column(String(255), default="", index=True)
    search_text: Mapped[str] = mapped_column(Text, default="")

    @classmethod
    def derived(cls, values: Mapping[str, Any]) -> dict[str, str]:
        """Both columns for a record with these values. Rows written without the ORM must be given them."""
        words: list[str] = []
        for name in cls.SEARCHED:
            value = values.get(name)
            if value:
                words.extend(mac_search_words(value) if name == "mac" else (str(value),))
        return {"name_key": sort_key(values.get("name") or ""), "search_text": search_text(*words)}


def _fill(_mapper: Mapper[Any], _connection: Connection, record: Searchable) -> None:
    names = {"name", *record.SEARCHED}
    for column, value in record.derived({name: getattr(record, name) for name in names}).items():
        if getattr(record, column) != value:
            setattr(record, column, value)


event.listen(Searchable, "before_insert", _fill, propagate=True)
event.listen(Searchable, "before_update", _fill, propagate=True)
