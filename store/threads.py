"""Threads and their messages."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, col

from domain.mail import Joined, Message, Thread, ThreadMessage
from store.tables import (
    DecisionRow,
    MentionRow,
    MessageRow,
    NoticeRow,
    ParticipantRow,
    PublicationRow,
    ThreadRow,
)

ARCHIVES = ("mbox", "maildir", "eml")  # sources of imports
CHUNK = 500  # SQLite limits the number of values in one statement
ALIKE = 20  # threads of one subject and the same people; more only slow down what cannot be told apart
_MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)


def begin(session: Session, message: Message, base_subject: str, *, origin: str) -> str:
    """Make an empty thread that this message will start; returns its id, which nobody can guess."""
    thread_id = secrets.token_hex(8)
    session.add(
        ThreadRow(
            id=thread_id,
            subject=message.subject,
            base_subject=base_subject,
            first_at=message.date,
            last_at=message.date,
            origin=origin,
        )
    )
    session.flush()
    return thread_id


def add(
    session: Session, thread_id: str, message: Message, joined: Joined, mentions: Collection[str]
) -> None:
    """Put a message into a thread and register the ids that lead to it."""
    session.execute(
        insert(MessageRow).values(
            digest=message.digest,
            message_id=message.message_id,
            thread_id=thread_id,
            joined=joined,
            sender=message.sender.email,
            date=message.date,
            body=_MESSAGE.dump_json(message).decode(),
        )
    )
    mention(session, thread_id, mentions)
    people = {a.email for a in (message.sender, *message.to, *message.cc, *message.bcc) if a.email}
    add_people(session, thread_id, people)
    row = session.get_one(ThreadRow, thread_id)
    row.message_count += 1
    row.first_at, row.last_at = min(row.first_at, message.date), max(row.last_at, message.date)
    session.flush()


def mention(session: Session, thread_id: str, message_ids: Collection[str]) -> None:
    """Register Message-IDs as belonging to a thread; an id that is taken stays where it is."""
    rows = [{"message_id": message_id, "thread_id": thread_id} for message_id in message_ids]
    if rows:
        session.execute(insert(MentionRow).values(rows).on_conflict_do_nothing())


def add_people(session: Session, thread_id: str, emails: Collection[str]) -> None:
    """Register addresses as participants of a thread."""
    rows = [{"thread_id": thread_id, "email": email} for email in emails]
    if rows:
        session.execute(insert(ParticipantRow).values(rows).on_conflict_do_nothing())


def merge(session: Session, into: str, others: Sequence[str]) -> None:
    """Join threads that a mail proved to be one: everything of `others` goes to `into`."""
    for other in others:
        for table in (MessageRow, MentionRow, PublicationRow, DecisionRow):
            session.execute(update(table).where(col(table.thread_id) == other).values(thread_id=into))
        people = session.execute(
            select(col(ParticipantRow.email)).where(col(ParticipantRow.thread_id) == other)
        ).scalars()
        add_people(session, into, list(people))
        notices = session.execute(select(NoticeRow).where(col(NoticeRow.thread_id) == other)).scalars()
        for notice in notices.all():
            if session.get(NoticeRow, (into, notice.email, notice.sort)) is None:
                notice.thread_id = into  # of two of a sort to one person both are kept, and counted
        session.flush()
        old = session.get_one(ThreadRow, other)
        new = session.get_one(ThreadRow, into)
        new.message_count += old.message_count
        new.vetoed_by = new.vetoed_by or old.vetoed_by
        new.first_at, new.last_at = min(new.first_at, old.first_at), max(new.last_at, old.last_at)
        old.message_count, old.merged_into = 0, into
        session.flush()


def current(session: Session, thread_id: str) -> str | None:
    """The id under which a thread lives today, after merges; None where there is none."""
    row = session.get(ThreadRow, thread_id)
    while row is not None and row.merged_into is not None:
        row = session.get(ThreadRow, row.merged_into)
    return None if row is None else row.id


def load(session: Session, thread_id: str) -> Thread | None:
    """A thread with its messages by date; the conversation's order is the threader's affair."""
    living = current(session, thread_id)
    if living is None:
        return None
    row = session.get_one(ThreadRow, living)
    messages = session.execute(
        select(col(MessageRow.body), col(MessageRow.joined))
        .where(col(MessageRow.thread_id) == living)
        .order_by(col(MessageRow.date), col(MessageRow.digest))
    ).all()
    spaces = session.execute(
        select(col(PublicationRow.space)).where(
            col(PublicationRow.thread_id) == living, col(PublicationRow.state) == "published"
        )
    ).scalars()
    return Thread(
        id=living,
        subject=row.subject,
        messages=tuple(
            ThreadMessage(message=_MESSAGE.validate_json(body), joined=Joined(joined))
            for body, joined in messages
        ),
        moved_to=tuple(spaces),
    )


def size(session: Session, thread_id: str) -> int:
    """How many messages a thread has."""
    return session.get_one(ThreadRow, thread_id).message_count


def is_archived(session: Session, thread_id: str) -> bool:
    """Whether a thread came in by import, so that no mail may be sent about it."""
    return session.get_one(ThreadRow, thread_id).origin in ARCHIVES


def revive(session: Session, thread_id: str, origin: str) -> None:
    """A live mail has joined a thread that came in by import: the chain goes on, mail may be sent again."""
    session.execute(
        update(ThreadRow)
        .where(col(ThreadRow.id) == thread_id, col(ThreadRow.origin).in_(ARCHIVES))
        .values(origin=origin)
    )


def veto(session: Session, thread_id: str, email: str) -> None:
    """A participant wants the thread kept in the mail."""
    session.execute(update(ThreadRow).where(col(ThreadRow.id) == thread_id).values(vetoed_by=email))


def lift_veto(session: Session, thread_id: str) -> None:
    """Allow the rules to judge the thread again."""
    session.execute(update(ThreadRow).where(col(ThreadRow.id) == thread_id).values(vetoed_by=None))


def is_vetoed(session: Session, thread_id: str) -> bool:
    """Whether a participant wants the thread kept in the mail."""
    return session.get_one(ThreadRow, thread_id).vetoed_by is not None


def may_read(session: Session, thread_id: str, email: str) -> bool:
    """Whether an address wrote or received a message of the thread."""
    living = current(session, thread_id)
    return living is not None and session.get(ParticipantRow, (living, email.lower())) is not None


def of_message(session: Session, message_id: str) -> str | None:
    """The thread of a Message-ID (without brackets), ghosts and our own mails included."""
    row = session.get(MentionRow, message_id)
    return None if row is None else row.thread_id


def of_digest(session: Session, digest: str) -> str | None:
    """The thread that holds this very mail; None where it is new."""
    return session.execute(select(col(MessageRow.thread_id)).where(col(MessageRow.digest) == digest)).scalar()


def people_of(session: Session, thread_id: str) -> frozenset[str]:
    """Every address known to have written or got a mail of a thread, further envelopes' too."""
    return frozenset(
        session.execute(
            select(col(ParticipantRow.email)).where(col(ParticipantRow.thread_id) == thread_id)
        ).scalars()
    )


def same_id(session: Session, message_id: str) -> list[tuple[str, Message]]:
    """Messages that bear a Message-ID, with their threads: copies of one mail, or a shared id."""
    rows = session.execute(
        select(col(MessageRow.thread_id), col(MessageRow.body)).where(
            col(MessageRow.message_id) == message_id
        )
    ).all()
    return [(thread_id, _MESSAGE.validate_json(body)) for thread_id, body in rows]


def of_mentions(session: Session, keys: Collection[str]) -> dict[str, str]:
    """The thread of each of these keys (Message-IDs, ghosts too) that is known."""
    wanted = list(keys)
    found: dict[str, str] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = session.execute(
            select(col(MentionRow.message_id), col(MentionRow.thread_id)).where(
                col(MentionRow.message_id).in_(wanted[start : start + CHUNK])
            )
        )
        found.update(dict(tuple(row) for row in rows))
    return found


def alike(
    session: Session, base_subject: str, people: Collection[str], first: datetime, last: datetime
) -> list[Thread]:
    """Threads of this base subject with one of these people and a mail between two moments, newest first."""
    shared = select(col(ParticipantRow.thread_id)).where(col(ParticipantRow.email).in_(list(people)[:CHUNK]))
    ids = session.execute(
        select(col(ThreadRow.id))
        .where(
            col(ThreadRow.base_subject) == base_subject,
            col(ThreadRow.merged_into).is_(None),
            col(ThreadRow.first_at) <= last,
            col(ThreadRow.last_at) >= first,
            col(ThreadRow.id).in_(shared),
        )
        .order_by(col(ThreadRow.last_at).desc())
        .limit(ALIKE)
    ).scalars()
    return [thread for thread_id in ids.all() if (thread := load(session, thread_id)) is not None]


def of_person(session: Session, email: str, limit: int = 50) -> list[tuple[str, str, datetime, int]]:
    """A person's threads, newest first: id, subject, last mail, number of messages."""
    rows = session.execute(
        select(
            col(ThreadRow.id), col(ThreadRow.subject), col(ThreadRow.last_at), col(ThreadRow.message_count)
        )
        .join(ParticipantRow, col(ParticipantRow.thread_id) == col(ThreadRow.id))
        .where(col(ParticipantRow.email) == email.lower(), col(ThreadRow.merged_into).is_(None))
        .order_by(col(ThreadRow.last_at).desc())
        .limit(limit)
    ).all()
    return [(thread_id, subject, last, count) for thread_id, subject, last, count in rows]


def all_ids(session: Session) -> list[str]:
    """Every living thread, oldest first."""
    return list(
        session.execute(
            select(col(ThreadRow.id))
            .where(col(ThreadRow.merged_into).is_(None))
            .order_by(col(ThreadRow.first_at), col(ThreadRow.id))
        ).scalars()
    )
