"""All migrations together equal the tables."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from domain.errors import StoreError
from store.database import Database
from store.metadata import metadata
from store.migrate import upgrade


def test_all_migrations_together_equal_the_tables(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/unchain.db")
    upgrade(database)
    with database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert differences == []


def test_upgrading_twice_changes_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/unchain.db")
    upgrade(database)
    upgrade(database)


def test_several_processes_at_once_do_it_once(tmp_path: Path) -> None:
    program = (
        "from store.database import Database\nfrom store.migrate import upgrade\n"
        f"upgrade(Database('sqlite:///{tmp_path}/unchain.db'))"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(4)]
    assert [process.wait() for process in processes] == [0, 0, 0, 0]


def test_a_file_that_is_no_database_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "unchain.db").write_text("Dear diary, this is not a database at all." * 20)
    with pytest.raises(StoreError, match="cannot be opened"):
        upgrade(Database(f"sqlite:///{tmp_path}/unchain.db"))
