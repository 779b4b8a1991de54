"""Lessons: what people have said of threads against the classifier, written, read and acted upon.

Rows are only added, so that it can be told who said what and when. A lesson that keeps a thread in the mail
asks in the same transaction for what is shown of it to be taken back.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session

from domain.classification import Kind
from domain.job import JobKind
from domain.lesson import Lesson, LessonSort, Taught, taught_by
from store import publications, queue, rethreading, threads
from store.publications import PublicationState
from store.tables import LESSONS, MESSAGES, THREADS

_ADD = insert(LESSONS).on_conflict_do_nothing()
_ONE_THREAD_NOW = (
    update(LESSONS)
    .prefix_with("OR IGNORE")
    .where(LESSONS.c.thread_id == bindparam("thread"))
    .values(about=bindparam("thread"))
)
_OF_THREAD = select(LESSONS).where(LESSONS.c.thread_id == bindparam("thread")).order_by(LESSONS.c.id)
_ALL = (
    select(LESSONS)
    .join(THREADS, THREADS.c.id == LESSONS.c.thread_id)
    .where(THREADS.c.merged_into.is_(None))
    .order_by(LESSONS.c.id)
)
_MAILS = select(MESSAGES.c.digest).where(MESSAGES.c.thread_id == bindparam("thread"))


def add(session: Session, thread_id: str, lesson: Lesson) -> None:
    """Remember what was said of a living thread as it stands now; said twice it counts once."""
    session.execute(_ONE_THREAD_NOW, {"thread": thread_id})
    session.execute(
        _ADD,
        {
            "thread_id": thread_id,
            "about": thread_id,
            "sort": lesson.sort,
            "kind": lesson.kind,
            "sensitive": lesson.sensitive,
            "moves": lesson.moves,
            "by": lesson.by,
            "at": lesson.at,
            "seen": sorted(session.execute(_MAILS, {"thread": thread_id}).scalars()),
        },
    )


def veto(session: Session, thread_id: str, by: str, now: datetime) -> None:
    """Somebody wants the thread kept in the mail: it is, and counts as one that should not have moved."""
    threads.veto(session, thread_id, by)
    note_veto(session, thread_id, by, now)


def note_veto(session: Session, thread_id: str, by: str, now: datetime) -> None:
    """Remember a wish that is kept elsewhere, in the thread's own mails say."""
    add(session, thread_id, Lesson(sort=LessonSort.VETO, moves=False, by=by, at=now))


def teach(session: Session, thread_id: str, lesson: Lesson) -> bool:
    """Remember a correction and have the thread judged with it; answers whether it is being taken back."""
    add(session, thread_id, lesson)
    if taught(session, thread_id).keeps and rethreading.standing(session, [thread_id]):
        queue.add(session, JobKind.RECALL, thread_id, lesson.at)
        return True
    published = [
        planned
        for planned in publications.of_thread(session, thread_id)
        if planned.state is PublicationState.PUBLISHED
    ]
    for planned in published:
        queue.add(session, JobKind.APPEND, planned.key, lesson.at)
    if not published:
        queue.add(session, JobKind.JUDGE, thread_id, lesson.at)
    return False


def of_thread(session: Session, thread_id: str) -> list[Lesson]:
    """What was said of a living thread, oldest first."""
    return [_lesson(row) for row in session.execute(_OF_THREAD, {"thread": thread_id})]


def taught(session: Session, thread_id: str) -> Taught:
    """What the lessons about a living thread come to."""
    return taught_by(of_thread(session, thread_id))


def everything(session: Session) -> dict[str, list[Lesson]]:
    """All lessons by living thread, each thread's oldest first."""
    return _by_thread(session.execute(_ALL))


def _by_thread(rows: Iterable[Row[Any]]) -> dict[str, list[Lesson]]:
    found: dict[str, list[Lesson]] = {}
    for row in rows:
        found.setdefault(str(row.thread_id), []).append(_lesson(row))
    return found


def _lesson(row: Row[Any]) -> Lesson:  # its columns are of many types
    said = Lesson(sort=LessonSort(row.sort), sensitive=row.sensitive, moves=row.moves, by=row.by, at=row.at)
    kind = None if row.kind is None else Kind(row.kind)
    return replace(said, kind=kind, about=row.about, seen=frozenset(row.seen))
