"""Which thread a mail belongs to: found by its digest, its Message-ID, the ids it names, or its subject."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, bindparam, select
from sqlmodel import Session

from domain.mail import Message
from store.listed import listed
from store.tables import MENTIONS, MESSAGES, THREADS
from store.threads import MESSAGE

MOST = 200  # mails before and behind a moment; more of one subject only slow down what cannot be told apart
WHENEVER = timedelta(days=365 * 4_000)
_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)

_MENTIONS = select(MENTIONS.c.message_id, MENTIONS.c.thread_id).where(
    MENTIONS.c.message_id.in_(listed("message_ids"))
)
_DIGESTS = select(MESSAGES.c.digest, MESSAGES.c.thread_id).where(MESSAGES.c.digest.in_(listed("digests")))
_SAME_ID = select(MESSAGES.c.thread_id, MESSAGES.c.body).where(
    MESSAGES.c.message_id == bindparam("message_id"),
    MESSAGES.c.date == bindparam("at", type_=MESSAGES.c.date.type),
)
_WITH_ID = select(MESSAGES.c.body).where(MESSAGES.c.message_id == bindparam("message_id")).limit(20)
_FOUND = select(MESSAGES.c.thread_id, MESSAGES.c.body, THREADS.c.message_count).join(
    THREADS, THREADS.c.id == MESSAGES.c.thread_id
)
_SINCE = MESSAGES.c.date >= bindparam("since", type_=MESSAGES.c.date.type)
_BEFORE = MESSAGES.c.date < bindparam("before", type_=MESSAGES.c.date.type)


def _nearest(
    found: Select[tuple[str, str, int]],
) -> tuple[Select[tuple[str, str, int]], Select[tuple[str, str, int]]]:
    """The newest before a moment and the oldest from it on: each a walk along an index."""
    older = found.where(_SINCE, _BEFORE).order_by(MESSAGES.c.date.desc()).limit(MOST)
    return older, found.where(_SINCE, _BEFORE).order_by(MESSAGES.c.date).limit(MOST)


_HOLDERS = _nearest(_FOUND.where(MESSAGES.c.message_id == bindparam("wanted")))
_ABOUT = _nearest(_FOUND.where(MESSAGES.c.base_subject == bindparam("wanted")))


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


def with_id(session: Session, message_id: str) -> list[Message]:
    """Messages that bear a Message-ID: several where a client gave one id to different mails."""
    rows = session.execute(_WITH_ID, {"message_id": message_id})
    return [MESSAGE.validate_json(body) for body in rows.scalars()]


def same_id(session: Session, message_id: str, at: datetime) -> list[tuple[str, Message]]:
    """Messages of one moment that bear a Message-ID, with their threads: copies of one mail, or a shared id.

    Not of any moment: some devices give all their mails one id, and reading them all takes longer each time.
    """
    rows = session.execute(_SAME_ID, {"message_id": message_id, "at": at})
    return [(thread_id, MESSAGE.validate_json(body)) for thread_id, body in rows]


def holders(session: Session, message_id: str, around: datetime) -> list[tuple[str, Message, int]]:
    """The messages that bear an id, their threads and these threads' sizes; of very many the nearest."""
    return _read(session, _HOLDERS, message_id, around, WHENEVER)


def near(
    session: Session, base_subject: str, around: datetime, within: timedelta
) -> list[tuple[str, Message, int]]:
    """The messages with a base subject, their threads and these threads' sizes; of very many the nearest."""
    return _read(session, _ABOUT, base_subject, around, within)


def _read(
    session: Session,
    statements: tuple[Select[tuple[str, str, int]], Select[tuple[str, str, int]]],
    wanted: str,
    around: datetime,
    within: timedelta,
) -> list[tuple[str, Message, int]]:
    first, last = max(around, _FIRST + within) - within, min(around, _LAST - within) + within
    older, younger = statements
    rows = [
        *session.execute(older, {"wanted": wanted, "since": first, "before": around}),
        *session.execute(younger, {"wanted": wanted, "since": around, "before": last}),
    ]
    return [(thread_id, MESSAGE.validate_json(body), mails) for thread_id, body, mails in rows]
