"""Putting a message into its thread, in the caller's transaction."""

from sqlmodel import Session

from domain.mail import Message
from ingest.copies import duplicate_of
from ingest.threading import assign, base_subject
from store import thread_keys, threads
from unchain.lookup import StoredThreads


def join(session: Session, message: Message, *, origin: str) -> str:
    """Put a message into its thread, making or merging threads as it proves; returns the thread's id.

    A further copy of a mail that is there already (another recipient's, a journal's) adds only its people.
    """
    if message.message_id is not None:
        for thread_id, known in thread_keys.same_id(session, message.message_id, message.date):
            if duplicate_of(known, message):
                threads.add_people(session, thread_id, threads.people_in(message))
                return thread_id
    assignment = assign(message, StoredThreads(session))
    thread_id = assignment.thread_id or threads.begin(
        session, message, base_subject(message.subject), origin=origin
    )
    threads.merge(session, thread_id, assignment.merges)
    threads.add(session, thread_id, message, assignment.joined, assignment.mentions)
    threads.revive(session, thread_id, origin)
    return thread_id
