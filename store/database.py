"""Opening the database and its two kinds of transaction: `write` and `read`.

SQLite runs in WAL mode with synchronous=FULL: a commit is on disk when it returns. A write transaction
begins IMMEDIATE, so that two processes never fail half-way for a lock that could not be upgraded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlmodel import Session

from domain.errors import StoreError

BUSY_TIMEOUT_MS = 30_000


class Database:
    """One database, opened once in each process and shared by its threads."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _open(url)
        self._writing = self.engine.execution_options(immediate=True)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that commits when the block ends and rolls back when it raises."""
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that sees one moment and never writes."""
        with Session(self.engine) as session:
            yield session

    def has_tables(self) -> bool:
        """Whether it was ever migrated."""
        return bool(inspect(self.engine).get_table_names())

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _open(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError(f"store.url {url!r} is not a database URL; write sqlite:///var/unchain.db") from None
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise StoreError(f"store.url begins with {parsed.drivername}; write sqlite:/// and the file's path")
    folder = Path(parsed.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the folder {folder} cannot be made: {error.strerror}") from None
    engine = create_engine(parsed, hide_parameters=True)  # errors go to logs, and the values are mail text
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin)
    try:
        with engine.connect():
            pass
    except DatabaseError as error:
        raise StoreError(
            f"the database {parsed.database} cannot be opened: {error.orig}; "
            "check that the folder may be written and that the file is an Unchain database"
        ) from None
    return engine


def _configure_sqlite(connection: Any, _record: object) -> None:  # the driver's connection has no type
    connection.isolation_level = None  # the driver must not begin transactions on its own
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
