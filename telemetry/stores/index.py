"""The small DuckDB file of the embedded store: unsorted newest samples, and the list of sample files.

It knows tables and transactions; what to seal or merge is decided elsewhere. One writer at a time; any number of
readers beside it, each on a cursor of its own.
"""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np

from core import GiveUp, TryLater
from telemetry.settings import TelemetrySettings
from telemetry.stores.segments import Catalogue, Segment

_LAYOUT = 1
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS layout (version INTEGER)",
    """CREATE TABLE IF NOT EXISTS segment (
        id BIGINT, tier VARCHAR, partition_ms BIGINT, run BIGINT, level INTEGER, low INTEGER, high INTEGER,
        start_ms BIGINT, end_ms BIGINT, rows BIGINT, bytes BIGINT)""",
)


class View(NamedTuple):
    """What a reader sees: files, and tables of unsorted samples, the last of which is being written to."""

    catalogue: Catalogue
    recents: tuple[str, ...]


class SegmentIndex:
    """Opens, writes and, after a failure of the disk, reopens the index file."""

    def __init__(self, folder: Path, settings: TelemetrySettings) -> None:
        self.folder = folder
        self._file = folder / "index.duckdb"
        self._settings = settings
        self._lock = threading.RLock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._view = View(Catalogue(()), ())
        self.recent_rows = 0
        self.next_id = 1
        folder.mkdir(parents=True, exist_ok=True)
        self._open()

    @property
    def view(self) -> View:
        """The files and tables of this moment."""
        return self._view

    def append(self, series: np.ndarray, ts_ms: np.ndarray, value: np.ndarray) -> None:
        """Add samples in one transaction; on return they survive a crash. Raises TryLater, then none was added."""
        rows = {
            "series": np.ascontiguousarray(series, np.int32),
            "ts": np.ascontiguousarray(ts_ms, np.int64),
            "value": np.ascontiguousarray(value, np.float64),
        }
        with self._lock, self._writing() as connection:
            connection.register("arriving", rows)
            try:
                table = self._view.recents[-1]
                connection.execute(f"INSERT INTO {table} SELECT series, ts, value FROM arriving").fetchall()
            finally:
                connection.unregister("arriving")
            self.recent_rows += len(series)

    def rotate(self) -> tuple[str, ...]:
        """Begin a new table for what arrives; returns the tables that now wait to be sealed."""
        with self._lock, self._writing() as connection:
            waiting = self._view.recents
            table = f"recent_{int(waiting[-1].rpartition('_')[2]) + 1}"
            connection.execute(f"CREATE TABLE {table} (series INTEGER, ts BIGINT, value DOUBLE)")
            self._view = View(self._view.catalogue, (*waiting, table))
            self.recent_rows = 0
        return waiting

    def replace(self, added: Sequence[Segment], removed: Sequence[Segment], tables: Sequence[str] = ()) -> None:
        """Name new files and forget what they replace, files or tables, in one transaction."""
        with self._lock, self._writing() as connection:
            connection.execute("BEGIN")
            if added:
                marks = ",".join("?" * len(Segment._fields))
                connection.executemany(f"INSERT INTO segment VALUES ({marks})", [list(segment) for segment in added])
            if removed:
                gone = ",".join(str(segment.id) for segment in removed)
                connection.execute(f"DELETE FROM segment WHERE id IN ({gone})")
            for table in tables:
                connection.execute(f"DROP TABLE {table}")
            connection.execute("COMMIT")
            ids = {segment.id for segment in removed}
            kept = (segment for segment in self._view.catalogue.segments if segment.id not in ids)
            recents = tuple(table for table in self._view.recents if table not in tables)
            self._view = View(Catalogue((*kept, *added)), recents)

    def settle(self) -> None:
        """Wait until a change that is under way has become the view; takes a few milliseconds at most."""
        with self._lock:
            return

    def take_ids(self, count: int) -> int:
        """Reserve numbers for files; returns the first."""
        with self._lock:
            first, self.next_id = self.next_id, self.next_id + count
        return first

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of one's own. Waits for nobody."""
        cursor = self._living().cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def size_bytes(self) -> int:
        """Bytes of the index file and its log."""
        files = (self._file, self._file.with_name(f"{self._file.name}.wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def close(self) -> None:
        """Write the log into the file and let go of it."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _living(self) -> duckdb.DuckDBPyConnection:
        connection = self._connection
        if connection is None:
            with self._lock:
                if self._connection is None:
                    self._open()
                connection = self._connection
        assert connection is not None
        return connection

    @contextmanager
    def _writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The one connection that writes. A failure of the disk can leave it unusable: it is opened anew next time."""
        connection = self._living()
        try:
            yield connection
        except (duckdb.Error, OSError) as error:
            with suppress(duckdb.Error):  # no transaction was open, or the database refuses everything by now
                connection.execute("ROLLBACK")
            try:
                connection.execute("SELECT 1").fetchall()
            except duckdb.Error:
                self._drop_connection(connection)
            raise as_failure(error) from error

    def _drop_connection(self, connection: duckdb.DuckDBPyConnection) -> None:
        with suppress(duckdb.Error):  # closing tries to write the log once more, and fails as the write before it
            connection.close()
        self._connection = None

    def _open(self) -> None:
        config = {
            "threads": self._settings.threads,
            "memory_limit": f"{self._settings.memory_mb}MiB",
            "temp_directory": str(self.folder / "spill"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "enable_external_file_cache": False,
            "python_enable_replacements": False,
            "checkpoint_threshold": "64MiB",
        }
        try:
            connection = duckdb.connect(str(self._file), config=config)
        except duckdb.Error as error:
            failure = as_failure(error)
            if failure.reason == "disk_full":
                raise failure from error
            if "lock" in str(error).lower():
                raise GiveUp(
                    "store_in_use", f"another EduNOC works with {self.folder}; stop it, then start this one again"
                ) from error
            raise GiveUp(
                "store_unreadable",
                f"{self._file} cannot be read ({str(error)[:200]}); put the folder back from a backup, or move it away "
                "to begin with empty charts",
            ) from error
        try:
            self._prepare(connection)
        except (duckdb.Error, OSError) as error:
            self._drop_connection(connection)
            raise as_failure(error) from error
        self._connection = connection

    def _prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        for statement in _SCHEMA:
            connection.execute(statement)
        version = connection.execute("SELECT max(version) FROM layout").fetchall()[0][0]
        if version is None:
            connection.execute("INSERT INTO layout VALUES (?)", [_LAYOUT])
        elif version > _LAYOUT:
            raise GiveUp("store_too_new", f"{self.folder} was written by a newer EduNOC; use that version")
        names = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'recent\\_%' ESCAPE '\\'"
        ).fetchall()
        recents = sorted((name for (name,) in names), key=lambda name: int(name.rpartition("_")[2]))
        if not recents:
            recents = ["recent_1"]
            connection.execute("CREATE TABLE recent_1 (series INTEGER, ts BIGINT, value DOUBLE)")
        segments = [Segment(*row) for row in connection.execute("SELECT * FROM segment").fetchall()]
        self.recent_rows = sum(
            connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in recents
        )
        self.next_id = max([self.next_id, *(segment.id + 1 for segment in segments)])
        self._view = View(Catalogue(segments), tuple(recents))


def as_failure(error: Exception) -> TryLater:
    """A failure of DuckDB or of the disk as one that may pass."""
    text = str(error)
    if (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)) or any(
        sign in text for sign in ("No space left", "not enough free disk", "Disk quota", "File too large")
    ):
        return TryLater("disk_full", "the disk is full; free some space, samples wait in memory until then")
    return TryLater("store_failed", text[:300])
