"""Writes the next migration from the difference between the models and a freshly migrated database."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

import alerts
import collectors
import conference
import inventory
import playbooks
import telemetry
from core import Database, sqlite_url
from core.database import MIGRATIONS

# Importing them fills the metadata
WITH_TABLES = (inventory, telemetry, collectors, playbooks, alerts, conference)


def main(message: str) -> None:
    """Make `core/migrations/versions/<revision>_<message>.py`; look at it before committing."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(sqlite_url(Path(folder)))
        database.migrate()
        with database.engine.begin() as connection:
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
            config.attributes["connection"] = connection
            number = len(list((MIGRATIONS / "versions").glob("*.py"))) + 1
            command.revision(config, message=message, autogenerate=True, rev_id=f"{number:04d}")
        database.close()


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].strip():
        sys.exit('say what changed: make migrations MESSAGE="add a column"')
    main(sys.argv[1])
