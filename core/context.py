"""What every command of app.py gets: the settings, and the database and the key file opened on first use."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from core.clock import Clock, utc_now
from core.database import Database, Session, sqlite_file, sqlite_url
from core.failure import StartError
from core.secrets import Vault
from core.settings import Settings
from core.store import bind_key, check_key_file

# Empties the sealed values of one package and answers how many there were.
ForgetSealed = Callable[[Session], int]


class Context:
    """Hung on typer's `ctx.obj` by app.py; a command takes from it what it needs and opens nothing it does not.

    `forget_sealed`: one function for each package that keeps sealed values, for `app.py secrets forget`.
    """

    def __init__(
        self, settings: Settings, clock: Clock = utc_now, forget_sealed: Sequence[ForgetSealed] = ()
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.forget_sealed = tuple(forget_sealed)
        self._claim: int | None = None

    @property
    def data_dir(self) -> Path:
        """The data folder, made when it is missing, for its owner alone. Raises StartError."""
        folder = self.settings.core.data_dir
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StartError(
                f"The data folder {folder} cannot be made: {error.strerror}. Name another folder in EDUNOC_DATA_DIR, or"
                " give EduNOC's user the right to write there."
            ) from error
        return folder

    @property
    def key_file(self) -> Path:
        """Where the key file stands."""
        return self.data_dir / "secret.key"

    def claim_data_dir(self) -> None:
        """Keep the data folder for this process until close(); the lock ends with the process, however it ends.

        For the roles that watch: two of them would store samples, judge and send side by side. Raises StartError.
        """
        file = self.data_dir / "running.lock"
        try:
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StartError(
                f"The file {file} cannot be made: {error.strerror}. Free some space on that disk, and see that"
                " EduNOC's user may write there."
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip() or "?"
            os.close(descriptor)
            raise StartError(
                f"EduNOC is running on the data folder {self.data_dir} already (process {holder}). Stop that one first,"
                " or give this one a folder of its own in EDUNOC_DATA_DIR."
            ) from None
        self._claim = descriptor
        with contextlib.suppress(OSError):  # a full disk: the number is only for the message above
            os.ftruncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())

    @cached_property
    def unmigrated_database(self) -> Database:
        """The database as it is, whatever its revision."""
        url = self.settings.core.database_url.get_secret_value()
        if not url:
            url = sqlite_url(self.data_dir)
            with contextlib.suppress(OSError):  # told in words when it is opened
                # Password hashes are nobody else's business; SQLite gives the files beside it the same rights.
                sqlite_file(self.data_dir).touch(mode=0o600)
        return Database(url)

    @cached_property
    def database(self) -> Database:
        """The database with its tables at the newest revision. Raises StartError."""
        self.unmigrated_database.migrate()
        return self.unmigrated_database

    @cached_property
    def vault(self) -> Vault:
        """The vault, proven to belong to this database. Raises SealError."""
        with self.database.session() as session:
            check_key_file(session, self.key_file)
            vault = Vault.open_or_create(self.key_file)
            bind_key(session, vault)
        return vault

    def close(self) -> None:
        """Close what was opened."""
        if "unmigrated_database" in self.__dict__:
            self.unmigrated_database.close()
        if self._claim is not None:
            os.close(self._claim)
            self._claim = None
