"""What people say of threads is kept with who and when, goes where their mails go, and acts at once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from domain.classification import Kind
from domain.job import JobKind
from domain.lesson import Lesson, LessonSort, taught_by
from domain.mail import Address, Joined, Message
from domain.publication import Receipt
from store import lessons, publications, rethreading, threads
from store.database import Database
from store.migrate import upgrade
from store.tables import JobRow

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADA = "ada@acme.example"


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def said(minutes: int, **fields: object) -> Lesson:
    return Lesson(**{"sort": LessonSort.CORRECTION, "by": ADA, "at": at(minutes), **fields})  # type: ignore[arg-type]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    database = Database(f"sqlite:///{tmp_path}/unchain.db")
    upgrade(database)
    with database.write() as opened:
        yield opened
    database.close()


def new_thread(session: Session, *names: str) -> str:
    messages = [
        Message(
            message_id=f"{name}@acme.example",
            digest=name,
            subject=name,
            sender=Address(email="bob@acme.example"),
            date=NOW,
            own_words="Words",
        )
        for name in names
    ]
    thread_id = threads.begin(session, messages[0], origin="smtp")
    for message in messages:
        threads.add(session, thread_id, message, Joined.FIRST, [], base_subject="")
    return thread_id


def jobs(session: Session) -> set[tuple[str, str]]:
    return {(row.kind, row.subject) for row in session.exec(select(JobRow)).all()}


def show(session: Session, thread_id: str) -> str:
    publications.plan(session, thread_id=thread_id, space="wiki", rule=None, title="T", now=NOW)
    key = publications.key_of(thread_id, "wiki")
    receipt = Receipt(key=key, entry_id="1", url="http://x/1", published_at=NOW)
    publications.published(session, receipt, ["a"])
    return key


def test_a_lesson_is_kept_with_who_when_and_the_mails_it_was_said_of(session: Session) -> None:
    thread_id = new_thread(session, "a", "b")

    lessons.teach(session, thread_id, said(1, kind=Kind.QUESTION, moves=True))

    (kept,) = lessons.of_thread(session, thread_id)
    assert (kept.by, kept.at, kept.kind, kept.sensitive, kept.moves) == (ADA, at(1), "question", None, True)
    assert kept.seen == {"a", "b"}
    assert jobs(session) == {(JobKind.JUDGE, thread_id)}


def test_the_last_word_counts_and_the_earlier_ones_stay_on_record(session: Session) -> None:
    thread_id = new_thread(session, "a")

    lessons.teach(session, thread_id, said(1, sensitive=True, kind=Kind.UPDATE))
    lessons.teach(session, thread_id, said(2, sensitive=False))

    taught = lessons.taught(session, thread_id)
    assert (taught.sensitive, taught.kind, taught.cleared) == (False, Kind.UPDATE, {"a"})
    assert len(lessons.of_thread(session, thread_id)) == 2


@pytest.mark.parametrize("fields", [{"sensitive": True}, {"moves": False}])
def test_what_keeps_a_shown_thread_in_the_mail_takes_it_back_at_once(
    session: Session, fields: dict[str, object]
) -> None:
    thread_id = new_thread(session, "a")
    show(session, thread_id)

    assert lessons.teach(session, thread_id, said(1, **fields))

    assert jobs(session) == {(JobKind.RECALL, thread_id)}


def test_a_right_kind_takes_nothing_back(session: Session) -> None:
    thread_id = new_thread(session, "a")
    key = show(session, thread_id)

    assert not lessons.teach(session, thread_id, said(1, kind=Kind.KNOWLEDGE))

    assert jobs(session) == {(JobKind.APPEND, key)}


def test_a_veto_keeps_the_thread_and_is_evidence(session: Session) -> None:
    thread_id = new_thread(session, "a")

    lessons.veto(session, thread_id, "bob@acme.example", at(1))

    assert threads.is_vetoed(session, thread_id)
    taught = lessons.taught(session, thread_id)
    assert (taught.vetoed, taught.moves, taught.keeps) == (True, None, False)


def test_of_two_threads_that_become_one_the_careful_word_counts_until_the_whole_is_spoken_of(
    session: Session,
) -> None:
    one, other = new_thread(session, "a"), new_thread(session, "b")
    lessons.teach(session, one, said(1, sensitive=True))
    lessons.teach(session, other, said(2, sensitive=False))

    threads.merge(session, one, [other])
    assert lessons.taught(session, one).sensitive is True

    lessons.teach(session, one, said(3, sensitive=False))
    assert lessons.taught(session, one).sensitive is False
    assert set(lessons.everything(session)) == {one}


def test_what_was_said_of_a_thread_holds_for_both_parts_of_it(session: Session) -> None:
    whole = new_thread(session, "a", "b")
    lessons.teach(session, whole, said(1, sensitive=True))
    part = new_thread(session, "c")

    rethreading.move(session, ["b"], part, of=whole)
    rethreading.move(session, ["b"], part, of=whole)  # again changes nothing

    assert lessons.taught(session, part).sensitive is True
    assert lessons.taught(session, whole).sensitive is True
    assert len(lessons.of_thread(session, part)) == 1

    threads.merge(session, whole, [part])
    assert len(lessons.of_thread(session, whole)) == 1


def test_a_later_word_that_it_moves_outweighs_a_veto_as_evidence() -> None:
    veto = Lesson(sort=LessonSort.VETO, moves=False, by="bob@acme.example", at=at(1))

    assert taught_by([veto, said(0, moves=True)]).vetoed
    assert not taught_by([veto, said(2, moves=True)]).vetoed
