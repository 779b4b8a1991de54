"""Putting a message into its thread, in the caller's transaction."""

from dataclasses import dataclass

from sqlmodel import Session

from domain.mail import Message
from ingest.copies import duplicate_of
from ingest.threading import Assignment, assign, base_subject
from store import corrections, thread_keys, threads
from store.corrections import Correction, CorrectionSort
from unchain.lookup import StoredThreads
from unchain.regrouping import regroup


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a message is."""

    thread_id: str
    changed: frozenset[str] = frozenset()  # other threads that have gained or lost mails by it


def join(session: Session, message: Message, *, origin: str) -> Place:
    """Put a message into its thread, making, merging or parting threads as it proves.

    A further copy of a mail that is there already (another recipient's, a journal's) adds only its people.
    """
    if message.message_id is not None:
        for thread_id, known in thread_keys.same_id(session, message.message_id, message.date):
            if duplicate_of(known, message):
                threads.add_people(session, thread_id, threads.people_in(message))
                return Place(thread_id=thread_id)
    assignment = assign(message, StoredThreads(session))
    touched = assignment.touched
    said = corrections.of_threads(session, touched) if touched else []
    if assignment.reopened or any(each.sort is CorrectionSort.SPLIT for each in said):
        place = _regrouped(session, message, assignment, said, origin)
    else:
        place = _joined(session, message, assignment, origin)
    threads.add(
        session,
        place.thread_id,
        message,
        assignment.joined,
        assignment.mentions,
        base_subject=base_subject(message.subject),
    )
    threads.revive(session, place.thread_id, origin)
    return place


def _joined(session: Session, message: Message, assignment: Assignment, origin: str) -> Place:
    thread_id = assignment.thread_id or threads.begin(session, message, origin=origin)
    threads.merge(session, thread_id, assignment.merges)
    return Place(thread_id=thread_id)


def _regrouped(
    session: Session, message: Message, assignment: Assignment, said: list[Correction], origin: str
) -> Place:
    """Where a mail is what others answer, or comes to threads that people have split."""
    family = {*assignment.touched, *(id_ for each in said for id_ in (each.thread_id, each.other_thread_id))}
    found = regroup(session, family, said, fresh=(message, origin))
    thread_id = found.homes[message.digest]
    return Place(thread_id=thread_id, changed=found.changed - {thread_id})
