"""A commons on a real SQLite file, with a thread for each audience; for tests of the store and of the web."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import SQLModel

from domain.publication import Post, Publication
from store import commons_tables, people_tables  # noqa: F401
from store.database import Database

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


def open_database(folder: Path) -> Database:
    """An empty database with all tables."""
    database = Database(f"sqlite:///{folder}/unchain.db")
    SQLModel.metadata.create_all(database.engine)
    return database


def post(number: int, markdown: str) -> Post:
    """A mail of the chain, one hour after the one before."""
    return Post(
        key=f"post-{number}",
        author=("Inès Caron", "Paul Ashby")[number % 2],
        author_key=("ines@example.com", "paul@example.com")[number % 2],
        at=NOW - timedelta(hours=9 - number),
        markdown=markdown,
        trimmed="On Monday Paul <paul@example.com> wrote:\n> the old words" if number else "",
        attachments=("plan.pdf",) if number == 0 else (),
    )


def publication(
    audience: str = "everyone", *, title: str = "Heating in the annexe", key: str = "", space: str = "wiki"
) -> Publication:
    """A chain of Inès and Paul."""
    return Publication(
        key=key or f"thread-{audience}/{space}",
        thread_id=f"thread-{audience}",
        space=space,
        place="",
        title=title,
        posts=(post(0, "The annexe is **cold** until ten."), post(1, "Le réglage est fait à neuf heures.")),
        language="en",
        kind="question",
        tags=("heating",),
        audience=audience,
        readers=frozenset({"ines@example.com", "Paul@example.com"}),
    )
