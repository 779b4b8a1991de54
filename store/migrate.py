"""Bringing a database to the newest migration. Of several processes at once one does it, the others wait."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DatabaseError

from domain.errors import StoreError
from store.database import Database

FOLDER = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> None:
    """Run the migrations that this database has not seen; raises StoreError where it cannot be written."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    newest = ScriptDirectory.from_config(config).get_current_head()
    try:
        with database.engine.connect() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
        if present == newest:
            return
        # One transaction for all of them: between two, another process would begin where this one stands.
        with database.engine.execution_options(immediate=True).begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except DatabaseError as error:
        raise StoreError(
            f"the database {database.url} cannot be brought up to date: {error.orig}; "
            "check that its folder may be written and that the disk is not full"
        ) from None
