"""A migrated database for each test, copied from one: migrating takes longer than most tests."""

import shutil
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from store.database import Database
from tests.fakes import FakeClassifier
from tests.unchain.terminal import Ended, Run
from tests.unchain.workshop import CONFIG, Workshop, migrated, rule
from unchain.cli import main


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


@pytest.fixture
def unchain(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs a command in a folder of its own, in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("unchain.wiring.load_classifier", FakeClassifier)

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["unchain", *map(str, arguments)])
        code: object = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        said = capsys.readouterr()
        assert isinstance(code, int)
        return Ended(code=code, out=said.out, err=said.err)

    return run


@pytest.fixture
def config(tmp_path: Path, shop: Workshop) -> Path:
    """A config on the workshop's database."""
    store = '[store]\nurl = "sqlite:///unchain.db"\n'
    path = tmp_path / "config.toml"
    path.write_text(CONFIG.format(rules=rule(), budget=store))
    return path
