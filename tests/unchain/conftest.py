"""A migrated database for each test, copied from one: migrating takes longer than most tests."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from store.database import Database
from tests.unchain.workshop import Workshop, migrated


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("blank")
    database = migrated(folder)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return folder / "unchain.db"


def _without_waiting_for_the_disk(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture
def database(blank: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copy(blank, tmp_path / "unchain.db")
    opened = Database(f"sqlite:///{tmp_path}/unchain.db")
    event.listen(opened.engine, "connect", _without_waiting_for_the_disk)
    opened.engine.dispose()  # the connection that it was tried with waits still
    yield opened
    opened.close()


@pytest.fixture
def shop(database: Database) -> Workshop:
    return Workshop(database)
