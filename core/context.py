"""What every command of app.py gets: the settings, and the database and the key file opened on first use."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from core.clock import Clock, utc_now
from core.database import Database, sqlite_url
from core.secrets import Vault
from core.settings import Settings
from core.store import bind_key


class Context:
    """Hung on typer's `ctx.obj` by app.py; a command takes from it what it needs and opens nothing it does not."""

    def __init__(self, settings: Settings, clock: Clock = utc_now) -> None:
        self.settings = settings
        self.clock = clock

    @property
    def data_dir(self) -> Path:
        """The data folder, made when it is missing, for its owner alone."""
        folder = self.settings.core.data_dir
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    @cached_property
    def database(self) -> Database:
        """The database with its tables at the newest revision."""
        url = self.settings.core.database_url.get_secret_value() or sqlite_url(self.data_dir)
        database = Database(url)
        database.migrate()
        return database

    @cached_property
    def vault(self) -> Vault:
        """The vault, proven to belong to this database. Raises SealError."""
        vault = Vault.open_or_create(self.data_dir / "secret.key")
        with self.database.session() as session:
            bind_key(session, vault)
        return vault

    def close(self) -> None:
        """Close what was opened."""
        if "database" in self.__dict__:
            self.database.close()
