"""The database as such: what its errors tell."""

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from store.database import Database
from store.tables import THREADS


def test_errors_tell_nothing_of_the_mail(database: Database) -> None:
    thread = {"id": "t", "base_subject": "x", "message_count": 0, "origin": "smtp"}
    with pytest.raises(IntegrityError) as caught, database.write() as session:
        session.execute(insert(THREADS), {**thread, "subject": "Cleo must not know"})
    assert "Cleo" not in str(caught.value)
