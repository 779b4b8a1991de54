"""The database as such: what its errors tell."""

from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from store.database import Database
from store.migrate import upgrade
from store.tables import THREADS


def test_errors_tell_nothing_of_the_mail(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/unchain.db")
    upgrade(database)
    thread = {"id": "t", "subject": "Cleo must not know", "message_count": 0}
    with pytest.raises(IntegrityError) as caught, database.write() as session:
        session.execute(insert(THREADS), thread)
    assert "Cleo" not in str(caught.value)
