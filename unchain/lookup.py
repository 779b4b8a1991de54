"""The stored threads as the threader wants to see them: fits ingest.threading.ThreadLookup."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from ingest.threading import Held
from store import thread_keys


class StoredThreads:
    """The threads of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def threads_of(self, keys: Collection[str]) -> dict[str, str]:
        """The thread of each id, ghost or mark that is known."""
        return thread_keys.of_mentions(self._session, keys)

    def holders(self, message_ids: Collection[str], around: datetime) -> Sequence[Held]:
        """The stored mails with one of these ids."""
        return [
            Held(thread_id=thread_id, message=message, mails=mails)
            for each in message_ids
            for thread_id, message, mails in thread_keys.holders(self._session, each, around)
        ]

    def near(self, subject: str, around: datetime, within: timedelta) -> Sequence[Held]:
        """The stored mails of a subject that are near in time."""
        return [
            Held(thread_id=thread_id, message=message, mails=mails)
            for thread_id, message, mails in thread_keys.near(self._session, subject, around, within)
        ]
