"""From the first release's tables with rows in them to today's, on both databases: what was there keeps working."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime

from alembic import command
from sqlalchemy import DateTime, MetaData

from collectors.store import check_states
from core import Database, Scope
from core.database import _alembic
from inventory import Check, Device, create_record, get_record, monitored_checks


def test_old_rows_keep_working(empty_url: str) -> None:
    with closing(Database(empty_url)) as database:
        with database._migrating() as connection:
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, "0001")
        old = MetaData()
        old.reflect(database.engine)
        rows = {
            "inventory_unit": {"name": "Sở", "kind": "department", "code": "SO", "path": "/1/"},
            "inventory_site": {"unit_id": 1, "name": "Trường", "code": "T1"},
            "inventory_device": {"site_id": 1, "name": "sw1", "kind": "switch", "address": "10.0.0.1"},
            "inventory_part": {"device_id": 1, "kind": "port", "key": "if:1"},
            "inventory_check": {"device_id": 1, "kind": "http", "target": "/", "is_enabled": True},
            "collectors_check_state": {"check_id": 1, "reason": "ok"},
        }
        with database.engine.begin() as connection:
            for name, values in rows.items():
                connection.execute(old.tables[name].insert(), _whole(old.tables[name], values))
        database.migrate()
        with database.session() as session:
            device = get_record(session, Scope.everything(), Device, 1)
            assert (device.name, device.parent_device_id) == ("sw1", None)
            (check,) = monitored_checks(session)
            assert (check.device_id, check.kind, check.service_id, check.vantage) == (1, "http", None, "department")
            assert [state.reason for state in check_states(session).values()] == ["ok"]  # a child of what was copied
            made = create_record(session, Scope.everything(), Device, {"site_id": 1, "name": "sw2"})
            assert made.id == 2 and session.get(Check, 1).security == "auto"


def _whole(table, values: dict) -> dict:
    """The row with something in every column that must not be empty: the old release's defaults were in its code."""
    empty = {"INTEGER": 1, "FLOAT": 1.0, "DOUBLE PRECISION": 1.0, "BOOLEAN": True, "SMALLINT": 1, "BIGINT": 1}
    for column in table.columns:
        if not column.nullable and column.name not in (*values, "id"):
            is_moment = isinstance(column.type, DateTime)
            values[column.name] = datetime(2026, 9, 5) if is_moment else empty.get(str(column.type).split("(")[0], "")
    return values
