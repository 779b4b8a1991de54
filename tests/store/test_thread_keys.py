"""Finding the thread of a mail: by any id, however many are asked for, and by subject, people and time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from domain.mail import Address, Joined, Message
from store import thread_keys, threads
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
    thread_id = threads.begin(session, first, "coffee", origin="smtp")
    threads.add(session, thread_id, first, Joined.FIRST, [first.message_id or ""])
    return thread_id


def alike(session: Session, *people: str) -> dict[str, list[Message]]:
    near = timedelta(days=1)
    return thread_keys.alike(session, "coffee", people, NOW - near, NOW + near)


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


def test_threads_of_one_subject_come_newest_first_with_their_mails_by_date(database: Database) -> None:
    with database.write() as session:
        older = begin(session, message("2", hours=1))
        threads.add(session, older, message("1"), Joined.REFERENCE, [])
        newer = begin(session, message("3", hours=2))
        found = alike(session, "ana@acme.example", "nobody@acme.example")
    assert list(found) == [newer, older]
    assert [each.digest for each in found[older]] == ["1", "2"]


def test_a_thread_of_other_people_another_time_or_merged_away_is_not_alike(database: Database) -> None:
    with database.write() as session:
        begin(session, message("1", hours=100))
        begin(session, message("2", sender="bob@acme.example"))
        kept, gone = begin(session, message("3")), begin(session, message("4"))
        threads.merge(session, kept, [gone])
        found = alike(session, "ana@acme.example")
    assert [each.digest for each in found[kept]] == ["3", "4"]
    assert list(found) == [kept]


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
        threads.add(session, thread_id, other, Joined.REFERENCE, [])
        found = thread_keys.same_id(session, "1@acme.example", NOW)
    assert found == [(thread_id, shared)]
