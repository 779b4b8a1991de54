"""Which thread a mail belongs to: found by its digest, its Message-ID, the ids it names, or its subject."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, exists, select
from sqlmodel import Session

from domain.mail import Message
from store.listed import listed
from store.tables import MENTIONS, MESSAGES, PARTICIPANTS, THREADS
from store.threads import MESSAGE

ALIKE = 20  # threads of one subject and the same people; more only slow down what cannot be told apart

_MENTIONS = select(MENTIONS.c.message_id, MENTIONS.c.thread_id).where(
    MENTIONS.c.message_id.in_(listed("message_ids"))
)
_DIGESTS = select(MESSAGES.c.digest, MESSAGES.c.thread_id).where(MESSAGES.c.digest.in_(listed("digests")))
_SAME_ID = select(MESSAGES.c.thread_id, MESSAGES.c.body).where(
    MESSAGES.c.message_id == bindparam("message_id"),
    MESSAGES.c.date == bindparam("at", type_=MESSAGES.c.date.type),
)
_ALIKE = (
    select(THREADS.c.id)
    .where(
        THREADS.c.base_subject == bindparam("subject"),
        THREADS.c.merged_into.is_(None),
        THREADS.c.first_at <= bindparam("last"),
        THREADS.c.last_at >= bindparam("first"),
        exists().where(PARTICIPANTS.c.thread_id == THREADS.c.id, PARTICIPANTS.c.email.in_(listed("people"))),
    )
    .order_by(THREADS.c.last_at.desc())
    .limit(ALIKE)
)
_MESSAGES = (
    select(MESSAGES.c.thread_id, MESSAGES.c.body)
    .where(MESSAGES.c.thread_id.in_(listed("threads")))
    .order_by(MESSAGES.c.date, MESSAGES.c.digest)
)


def of_message(session: Session, message_id: str) -> str | None:
    """The thread of a Message-ID (without brackets), ghosts and our own mails included."""
    return of_mentions(session, [message_id]).get(message_id)


def of_mentions(session: Session, keys: Collection[str]) -> dict[str, str]:
    """The thread of each of these keys (Message-IDs, ghosts too) that is known."""
    rows = session.execute(_MENTIONS, {"message_ids": list(keys)})
    return {row.message_id: row.thread_id for row in rows}


def of_digest(session: Session, digest: str) -> str | None:
    """The thread that holds this very mail; None where it is new."""
    return of_digests(session, [digest]).get(digest)


def of_digests(session: Session, digests: Collection[str]) -> dict[str, str]:
    """The thread of each of these mails that is held."""
    rows = session.execute(_DIGESTS, {"digests": list(digests)})
    return {row.digest: row.thread_id for row in rows}


def same_id(session: Session, message_id: str, at: datetime) -> list[tuple[str, Message]]:
    """Messages of one moment that bear a Message-ID, with their threads: copies of one mail, or a shared id.

    Not of any moment: some devices give all their mails one id, and reading them all takes longer each time.
    """
    rows = session.execute(_SAME_ID, {"message_id": message_id, "at": at})
    return [(thread_id, MESSAGE.validate_json(body)) for thread_id, body in rows]


def alike(
    session: Session, base_subject: str, people: Collection[str], first: datetime, last: datetime
) -> dict[str, list[Message]]:
    """Threads of this base subject with one of these people and a mail between two moments.

    The newest thread comes first, with its messages by date.
    """
    near = {"subject": base_subject, "people": list(people), "first": first, "last": last}
    found: dict[str, list[Message]] = {thread_id: [] for thread_id in session.execute(_ALIKE, near).scalars()}
    if found:
        for thread_id, body in session.execute(_MESSAGES, {"threads": list(found)}):
            found[thread_id].append(MESSAGE.validate_json(body))
    return found
