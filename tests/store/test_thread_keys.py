"""Finding the thread of a mail: by any id, however many are asked for, and by subject, people and time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Select
from sqlalchemy.dialects import sqlite
from sqlmodel import Session

from domain.mail import Address, Joined, Message
from store import corrections, thread_keys, threads
from store.database import Database
from store.migrate import upgrade

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ODD = ("it's", 'quo"ted', "back\\slash", "été@exemple.example", "[1, 2]", "")


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = Database(f"sqlite:///{tmp_path}/unchain.db")
    upgrade(opened)
    return opened


def message(digest: str, *, hours: int = 0, sender: str = "ana@acme.example") -> Message:
    return Message(
        message_id=f"{digest}@acme.example",
        digest=digest,
        subject="Coffee",
        sender=Address(email=sender),
        date=NOW + timedelta(hours=hours),
    )


def begin(session: Session, first: Message) -> str:
    thread_id = threads.begin(session, first, origin="smtp")
    add(session, thread_id, first)
    return thread_id


def add(session: Session, thread_id: str, added: Message, subject: str = "coffee") -> None:
    ids = [added.message_id or ""]
    threads.add(session, thread_id, added, Joined.REFERENCE, ids, base_subject=subject)


def near(session: Session) -> list[tuple[str, str]]:
    found = thread_keys.near(session, "coffee", NOW, timedelta(days=1))
    return [(thread_id, message.digest) for thread_id, message, _ in found]


@pytest.mark.parametrize("odd", ODD)
def test_an_id_of_odd_characters_is_found_as_it_is(database: Database, odd: str) -> None:
    with database.write() as session:
        thread_id = begin(session, message("1"))
        threads.mention(session, thread_id, [odd])
        assert thread_keys.of_mentions(session, [odd, "another"]) == {odd: thread_id}


def test_more_ids_than_a_statement_has_parameters_are_looked_up_at_once(database: Database) -> None:
    with database.write() as session:
        thread_id = begin(session, message("1"))
        asked = [str(number) for number in range(40_000)]
        assert thread_keys.of_digests(session, asked) == {"1": thread_id}


def test_mails_of_one_subject_are_found_with_their_threads_whatever_began_these(database: Database) -> None:
    with database.write() as session:
        one, other = begin(session, message("1")), begin(session, message("2", hours=2))
        add(session, other, message("3", hours=-2))
        add(session, other, message("4"), subject="tea")
        assert set(near(session)) == {(one, "1"), (other, "2"), (other, "3")}


def test_mails_of_another_time_are_not_near_and_merged_threads_are_found_as_one(database: Database) -> None:
    with database.write() as session:
        begin(session, message("1", hours=30))
        begin(session, message("2", hours=-30))
        kept, gone = begin(session, message("3")), begin(session, message("4"))
        threads.merge(session, kept, [gone])
        assert set(near(session)) == {(kept, "3"), (kept, "4")}


def test_of_very_many_mails_with_a_subject_the_nearest_on_both_sides_are_read(database: Database) -> None:
    with database.write() as session:
        thread_id = begin(session, message("0"))
        for minute in range(1, thread_keys.MOST + 50):
            for sign in (-1, 1):
                moment = NOW + sign * timedelta(minutes=minute)
                add(session, thread_id, replace(message(str(sign * minute)), date=moment))
        found = {int(digest) for _, digest in near(session)}
    assert found == set(range(-thread_keys.MOST, thread_keys.MOST))


def test_a_merge_adds_up_what_both_threads_were(database: Database) -> None:
    with database.write() as session:
        into, other = begin(session, message("1", hours=3)), begin(session, message("2", hours=-3))
        threads.veto(session, other, "bob@acme.example")
        threads.merge(session, into, [other])

        assert threads.size(session, into) == 2
        assert threads.is_vetoed(session, into)
        assert threads.current(session, other) == into
        assert thread_keys.of_message(session, "2@acme.example") == into
        (row,) = threads.of_person(session, "ana@acme.example")
    assert row == (into, "Coffee", NOW + timedelta(hours=3), 2)


def test_of_the_mails_that_share_an_id_only_those_of_one_moment_may_be_copies(database: Database) -> None:
    shared, other = message("1"), replace(message("2", hours=1), message_id="1@acme.example")
    with database.write() as session:
        thread_id = begin(session, shared)
        add(session, thread_id, other)
        found = thread_keys.same_id(session, "1@acme.example", NOW)
    assert found == [(thread_id, shared)]


@pytest.mark.parametrize(
    "statement",
    [*thread_keys._HOLDERS, *thread_keys._ABOUT, thread_keys._WITH_ID, corrections._OF_THREADS],
)
def test_what_is_asked_for_each_mail_is_found_by_an_index(
    database: Database, statement: Select[tuple[object, ...]]
) -> None:
    sql = str(statement.compile(dialect=sqlite.dialect()))
    with database.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", ("[]",) * sql.count("?")).all()
    scanned = [row[3] for row in plan if row[3].startswith("SCAN") and "VIRTUAL TABLE" not in row[3]]
    assert scanned == []
