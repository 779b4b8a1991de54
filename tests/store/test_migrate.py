"""All migrations together equal the tables."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from domain.errors import StoreError
from store import mails
from store.database import Database
from store.metadata import metadata
from store.migrate import FOLDER, upgrade


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


def test_mails_of_before_keep_the_subject_by_which_their_thread_was_found(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/unchain.db")
    _upgrade_to(database, "0001")
    thread = "'t', 'Re: Tea', 'tea', '2026-03-02 09:00', '2026-03-02 09:00', 1, 'smtp'"
    with database.engine.connect() as connection:
        connection.exec_driver_sql(
            "INSERT INTO thread (id, subject, base_subject, first_at, last_at, message_count, origin) "
            f"VALUES ({thread})"
        )
        connection.exec_driver_sql(
            "INSERT INTO message (digest, message_id, thread_id, joined, sender, date, body) "
            "VALUES ('d', '1@x', 't', 'first', 'ana@example.com', '2026-03-02 09:00', '{}')"
        )
        connection.commit()
    upgrade(database)
    with database.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT base_subject, thread_id FROM message").all()
    assert [tuple(row) for row in found] == [("tea", "t")]


def test_mails_of_before_are_counted_with_all_their_recipients(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/unchain.db")
    _upgrade_to(database, "0003")
    with database.engine.connect() as connection:
        for source, recipients in (("smtp", '["a@x", "b@x"]'), ("lmtp", '["a@x"]'), ("mbox", "[]")):
            connection.exec_driver_sql(
                "INSERT INTO raw_mail (digest, content, size, mail_from, recipients, source, received_at, "
                "peer, protocol) VALUES ('d', x'00', 1, '', ?, ?, '2026-03-02 09:00', '', 'SMTP')",
                (recipients, source),
            )
        connection.commit()
    upgrade(database)
    with database.read() as session:
        balance = mails.balance(session)
    assert (balance.mails, balance.accepted) == (2, 3)


def _upgrade_to(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    with database.engine.execution_options(immediate=True).connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()
