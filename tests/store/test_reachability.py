"""Whose address takes no mail from us, from the bounce of a notice until they write again."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from store import people, reachability
from store.database import Database
from tests.store.commons_case import NOW, open_database

INES, OMAR = "ines@example.com", "omar@example.com"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    with database.write() as session:
        people.meet(session, INES, at=NOW)
        people.meet(session, OMAR, at=NOW)
    yield database
    database.close()


def test_who_is_lost_is_among_the_lost_until_they_are_back(database: Database) -> None:
    with database.write() as session:
        reachability.lost(session, "Ines@example.com", at=NOW, why="550\n unknown")
    with database.read() as session:
        assert reachability.among(session, ["INES@example.com", OMAR]) == {INES}
        (lost,) = reachability.everybody(session)
    assert (lost.email, lost.since, lost.why) == (INES, NOW, "550 unknown")

    with database.write() as session:
        reachability.back(session, "Ines@Example.com")
    with database.read() as session:
        assert reachability.among(session, [INES, OMAR]) == frozenset()


def test_the_first_bounce_and_its_reason_count(database: Database) -> None:
    with database.write() as session:
        reachability.lost(session, INES, at=NOW, why="unknown")
        reachability.lost(session, INES, at=NOW + timedelta(days=1), why="another")
    with database.read() as session:
        assert [(each.since, each.why) for each in reachability.everybody(session)] == [(NOW, "unknown")]


def test_people_we_never_wrote_to_are_not_kept(database: Database) -> None:
    with database.write() as session:
        reachability.lost(session, "stranger@example.net", at=NOW, why="unknown")
    with database.read() as session:
        assert reachability.everybody(session) == []


def test_choices_stay_as_they_are(database: Database) -> None:
    with database.write() as session:
        people.choose_language(session, INES, "fr", at=NOW)
        reachability.lost(session, INES, at=NOW, why="unknown")
        reachability.back(session, INES)
    with database.read() as session:
        assert people.person(session, INES).language == "fr"
