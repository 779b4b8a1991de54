"""The stored threads as the threader wants to see them: fits ingest.threading.ThreadLookup."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from domain.mail import Message
from ingest.threading import Candidate, is_orphan
from store import thread_keys


class StoredThreads:
    """The threads of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def threads_of(self, message_ids: Collection[str]) -> dict[str, str]:
        """The thread of each id or ghost that is known."""
        return thread_keys.of_mentions(self._session, message_ids)

    def candidates(
        self, subject: str, people: frozenset[str], around: datetime, within: timedelta
    ) -> Sequence[Candidate]:
        """Threads that a reply without references may belong to."""
        found = thread_keys.alike(self._session, subject, people, around - within, around + within)
        return [_candidate(thread_id, messages) for thread_id, messages in found.items() if messages]


def _candidate(thread_id: str, messages: Sequence[Message]) -> Candidate:
    return Candidate(
        thread_id=thread_id,
        started=messages[0].date,
        latest=messages[-1].date,
        authors=frozenset(message.sender.email for message in messages),
        recipients=frozenset(address.email for message in messages for address in (*message.to, *message.cc)),
        orphan=is_orphan(messages[0]),
    )
